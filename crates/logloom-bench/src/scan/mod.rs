//! The action log searched and summed up, beside `rg FILE | jq` and its like.
//!
//! Takes a size, hands on JSON lines or lines for people: seconds, gigabytes scanned a second and
//! the most memory of `logloom log` over one plain day, with what the usual tools take for the same
//! answer. A run whose answer is not the one that the input was made for does not count and ends
//! the bench. The file is in memory when the clocks start, for all sides alike.

mod input;
mod side;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use logloom_bench::stats::median;
use serde::Serialize;

use input::{DAY, KEYWORD, Made};
use side::Side;

/// How it is run.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
    /// Runs of each side, in turns; the medians are told.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pairs: u32,
    /// Size of the day, in megabytes.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=20_000))]
    megabytes: u64,
    /// Where the day lies while it runs [default: `bench` in the build folder].
    #[arg(long)]
    dir: Option<PathBuf>,
    /// The command to measure [default: a release build of it].
    #[arg(long)]
    logloom: Option<PathBuf>,
}

/// One figure of both sides; without a peer where there is none here.
#[derive(Debug, Serialize)]
struct Row {
    bench: &'static str,
    metric: String,
    ours: f64,
    peer: Option<String>,
    theirs: Option<f64>,
    /// Ours divided by theirs.
    ratio: Option<f64>,
    unit: &'static str,
    better: &'static str,
    pairs: usize,
    bytes: u64,
    lines: u64,
}

/// A question with every way to answer it, ours first.
struct Question {
    name: &'static str,
    sides: Vec<Side>,
}

/// What one side took.
struct Taken {
    seconds: f64,
    memory_mib: f64,
}

/// Makes the day and asks every side.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    let target = crate::built::target()?;
    let logloom = match &options.logloom {
        Some(path) => path.clone(),
        None => crate::built::release("logloom-cli", "logloom", &target)?,
    };
    let base = options.dir.clone().unwrap_or_else(|| target.join("bench"));
    let folder = base.join(format!("scan-{}", std::process::id()));
    let outcome = input::make(&folder, options.megabytes).and_then(|made| {
        questions(&logloom, &folder, &made)
            .iter()
            .try_for_each(|question| ask(question, options, &made))
    });
    // What is left only takes space.
    let _ = std::fs::remove_dir_all(&folder);
    outcome.map(|()| ExitCode::SUCCESS)
}

fn ask(question: &Question, options: &Options, made: &Made) -> Result<(), String> {
    // The first round brings the file into memory, and is where memory is looked at.
    let memory: Result<Vec<f64>, String> = question.sides.iter().map(Side::memory_mib).collect();
    let mut seconds = vec![Vec::new(); question.sides.len()];
    for _ in 0..options.pairs {
        for (place, side) in question.sides.iter().enumerate() {
            seconds[place].push(side.seconds()?);
        }
    }
    let taken: Vec<Taken> = seconds
        .iter()
        .zip(memory?)
        .map(|(seconds, memory_mib)| Taken { seconds: median(seconds), memory_mib })
        .collect();
    let ours = &taken[0];
    for (side, theirs) in question.sides.iter().zip(&taken).skip(1) {
        tell(options, &rows(question.name, ours, Some((&side.name, theirs)), options, made))?;
    }
    match taken.len() {
        1 => tell(options, &rows(question.name, ours, None, options, made)),
        _ => Ok(()),
    }
}

fn rows(
    question: &str,
    ours: &Taken,
    peer: Option<(&String, &Taken)>,
    options: &Options,
    made: &Made,
) -> Vec<Row> {
    let speed = |taken: &Taken| made.bytes as f64 / 1e9 / taken.seconds;
    let row = |metric: &str, unit, better, figure: &dyn Fn(&Taken) -> f64| {
        let theirs = peer.map(|(_, taken)| figure(taken));
        Row {
            bench: "scan",
            metric: format!("{question}_{metric}"),
            ours: rounded(figure(ours)),
            peer: peer.map(|(name, _)| name.clone()),
            theirs: theirs.map(rounded),
            ratio: theirs.map(|theirs| rounded(figure(ours) / theirs)),
            unit,
            better,
            pairs: options.pairs as usize,
            bytes: made.bytes,
            lines: made.lines,
        }
    };
    vec![
        row("seconds", "s", "lower", &|taken| taken.seconds),
        row("gigabytes_per_second", "GB/s", "higher", &speed),
        row("memory_peak", "MiB", "lower", &|taken| taken.memory_mib),
    ]
}

fn tell(options: &Options, rows: &[Row]) -> Result<(), String> {
    for row in rows {
        let text = match options.json {
            true => serde_json::to_string(row).map_err(|error| error.to_string())?,
            false => line(row),
        };
        crate::proof::say(&text);
    }
    Ok(())
}

fn line(row: &Row) -> String {
    let head = format!("{:<30} {:>9.3} {:<4}", row.metric, row.ours, row.unit);
    match (&row.peer, row.theirs, row.ratio) {
        (Some(peer), Some(theirs), Some(ratio)) => {
            format!("{head}  {peer:<16} {theirs:>9.3}  ratio {ratio:.3}")
        }
        _ => format!("{head}  nothing to compare with is here"),
    }
}

/// Four decimals are more than any figure here is sure of.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// What is asked of whom.
fn questions(logloom: &Path, folder: &Path, made: &Made) -> Vec<Question> {
    let directory = folder.display().to_string();
    let file = made.path.display().to_string();
    let ours = |flags: &[&str], expected: String| {
        let head = [logloom.to_str().unwrap_or_default(), "log", "--dir", &directory];
        let day = ["--utc", "--date", DAY];
        let words = [&head[..], &day, flags].concat();
        let command = words.iter().map(|word| (*word).to_owned()).collect();
        Side { name: "logloom log".to_owned(), command, expected }
    };
    let shell = |name: &str, script: String, expected: String| Side {
        name: name.to_owned(),
        command: ["sh", "-c", &script].map(str::to_owned).to_vec(),
        expected,
    };
    let found = format!("\"{KEYWORD} {}", made.planted - 1);
    let select = format!("jq -c 'select(.action_type != null)' | tail -n {}", made.planted);
    let mut keyword =
        vec![ours(&["--keyword", KEYWORD, "--format", "json", "--tail", "1000"], found.clone())];
    let has_jq = has("jq");
    for tool in ["rg -F", "grep -F"] {
        if has_jq && has(tool.split(' ').next().unwrap_or_default()) {
            let script = format!("{tool} {KEYWORD} {file} | {select}");
            keyword.push(shell(&format!("{tool} | jq -c"), script, found.clone()));
        }
    }
    let total = format!("Total actions: {}", grouped(made.lines));
    let mut summary = vec![ours(&["--format", "summary"], total)];
    if has_jq {
        let script =
            format!("jq -rn 'reduce inputs as $a ({{}}; .[$a.action_type] += 1) | add' {file}");
        summary.push(shell("jq reduce", script, made.lines.to_string()));
    }
    vec![Question { name: "keyword", sides: keyword }, Question { name: "summary", sides: summary }]
}

/// Whether a program is here; one that is not is left out and told.
fn has(program: &str) -> bool {
    let found = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !found {
        crate::proof::tell(&format!(
            "{program} is not here: it is NOT compared with (scripts/needs.sh bench installs it)"
        ));
    }
    found
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let mut parts: Vec<&str> = Vec::new();
    if head > 0 {
        parts.push(&digits[..head]);
    }
    parts.extend((head..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        assert_eq!([7, 123, 1_234, 1_234_567].map(grouped), ["7", "123", "1,234", "1,234,567"]);
    }

    #[test]
    fn a_figure_without_a_peer_says_so() {
        let made = Made { path: PathBuf::new(), bytes: 2_000_000_000, lines: 1, planted: 1 };
        let options = Options { json: true, pairs: 1, megabytes: 1, dir: None, logloom: None };
        let taken = |seconds| Taken { seconds, memory_mib: 10.0 };
        let alone = rows("keyword", &taken(0.5), None, &options, &made);
        assert_eq!((alone[1].ours, alone[1].ratio), (4.0, None));
        let name = "rg".to_owned();
        let both = rows("keyword", &taken(0.5), Some((&name, &taken(1.0))), &options, &made);
        assert_eq!((both[0].metric.as_str(), both[0].ratio), ("keyword_seconds", Some(0.5)));
        assert_eq!((both[1].theirs, both[1].ratio), (Some(2.0), Some(2.0)));
    }
}
