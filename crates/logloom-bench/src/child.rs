//! Takes the command line of one run, hands on its report as one line of JSON and the exit status;
//! refuses options it does not know.
//!
//! Both binaries answer to the same line:
//! `NAME WORKLOAD --dir D [--shape fields|message|action] [--threads N] [--quick]`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::found;
use crate::report::{EXIT_VOID, RunReport};
use crate::workload::{Party, Scale, Setup, Shape, disabled, hotpath, idle, throughput};

/// Most threads a run may ask for.
pub const THREADS_MAX: usize = 64;

/// One run, as the command line wants it.
#[derive(Clone, Debug)]
pub struct Order {
    /// The logger's name.
    pub party: String,
    /// The workload's name.
    pub bench: String,
    /// Where and how large.
    pub setup: Setup,
}

impl Order {
    /// Reads the words after the program's name.
    ///
    /// # Errors
    /// What is wrong with them, and what is expected.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Order, String> {
        let party = words.next().ok_or("name a logger")?;
        let bench = words.next().ok_or("name a workload")?;
        let mut setup = Setup {
            directory: PathBuf::new(),
            threads: 1,
            shape: Shape::Fields,
            scale: Scale::Full,
        };
        while let Some(word) = words.next() {
            if word == "--quick" {
                setup.scale = Scale::Quick;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("`{word}` needs a value"))?;
            option(&mut setup, &word, &value)?;
        }
        if setup.directory.as_os_str().is_empty() {
            return Err("--dir is missing: an empty directory for the log".to_owned());
        }
        Ok(Order { party, bench, setup })
    }
}

fn option(setup: &mut Setup, word: &str, value: &str) -> Result<(), String> {
    match (word, value) {
        ("--dir", _) => setup.directory = PathBuf::from(value),
        ("--shape", _) => {
            let unknown = || format!("--shape {value}: expected fields, message or action");
            setup.shape = Shape::parse(value).ok_or_else(unknown)?;
        }
        ("--threads", _) => {
            setup.threads = value
                .parse()
                .ok()
                .filter(|count| (1..=THREADS_MAX).contains(count))
                .ok_or_else(|| format!("--threads {value}: expected 1 to {THREADS_MAX}"))?;
        }
        _ => return Err(format!("`{word} {value}` is not known")),
    }
    Ok(())
}

/// What a run brings before its files are read.
#[derive(Clone, Debug, Default)]
pub struct Raw {
    /// Figures by name.
    pub metrics: BTreeMap<String, f64>,
    /// Records by thread.
    pub records: Vec<u64>,
    /// Dropped by the logger's own count.
    pub dropped: Option<u64>,
}

/// Runs one workload on a logger that has been started.
///
/// # Errors
/// A workload that does not exist.
pub fn measure<P: Party>(party: P, order: &Order) -> Result<Raw, String> {
    let setup = &order.setup;
    let (metrics, records) = match order.bench.as_str() {
        "hotpath" => hotpath::run(&party, setup),
        "disabled" => disabled::run(&party, setup),
        "idle" => idle::run(&party, setup),
        "throughput" => {
            let (metrics, records, dropped) = throughput::run(party, setup);
            return Ok(Raw { metrics, records, dropped });
        }
        other => return Err(format!("there is no workload `{other}`")),
    };
    Ok(Raw { metrics, records, dropped: party.finish() })
}

/// Reads the files of a finished run and prints its report as one line on standard output.
///
/// The status is 0 when the run counts, 3 when it is void.
///
/// # Errors
/// Files that cannot be read.
pub fn conclude(order: &Order, version: &str, raw: Raw) -> Result<ExitCode, String> {
    let setup = &order.setup;
    let numbered = setup.shape != Shape::Message || order.bench == "idle";
    let read = if numbered { found::with_numbers } else { found::by_count };
    let found = read(&setup.directory, &raw.records, setup.shape.marker())
        .map_err(|error| format!("reading {}: {error}", setup.directory.display()))?;
    let report = RunReport {
        party: order.party.clone(),
        version: version.to_owned(),
        bench: order.bench.clone(),
        shape: setup.shape.name().to_owned(),
        threads: setup.threads,
        records: raw.records.iter().sum(),
        dropped: raw.dropped,
        found,
        void: None,
        metrics: raw.metrics,
    }
    .judged();
    print(&report)?;
    Ok(if report.void.is_some() { ExitCode::from(EXIT_VOID) } else { ExitCode::SUCCESS })
}

fn print(report: &RunReport) -> Result<(), String> {
    use std::io::Write;
    let line = serde_json::to_string(report).map_err(|error| error.to_string())?;
    writeln!(std::io::stdout(), "{line}").map_err(|error| format!("standard output: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Order, String> {
        Order::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_whole_line_is_understood() {
        let order = parse("raw hotpath --dir d --shape message --threads 4 --quick").unwrap();
        assert_eq!((order.party.as_str(), order.bench.as_str()), ("raw", "hotpath"));
        assert_eq!((order.setup.threads, order.setup.shape), (4, Shape::Message));
        assert_eq!(order.setup.scale, Scale::Quick);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for line in [
            "",
            "raw",
            "raw hotpath",
            "raw hotpath --dir",
            "raw hotpath --dir d --threads 0",
            "raw hotpath --dir d --shape square",
            "raw hotpath --dir d --fast yes",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
