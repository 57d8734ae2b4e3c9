//! `logloom stats --sources`: what those who follow files right now have made of each.
//!
//! Takes the counts that every `logloom follow` keeps in the log directory, gives them for people, as
//! JSON, or as text for Prometheus. The counts of a process that was killed are shown as its last.

use std::fmt::Write;

use logloom_ring::clock;

use super::follow::tally::{SourceTally, Tally};
use crate::args::{Format, PlaceArguments};
use crate::exit::{Failure, Outcome};
use crate::output::{self, counted, grouped};
use crate::place;
use crate::terminal::safe_line;

/// How the counts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    As(Format),
    Prometheus,
}

pub(crate) fn run(arguments: &PlaceArguments, shown: Shown) -> Result<Outcome, Failure> {
    let directories = place::open_for_reading(arguments)?;
    let tallies: Vec<Tally> =
        directories.iter().flat_map(|directory| Tally::read_all(directory.path())).collect();
    let text = match shown {
        Shown::Prometheus => prometheus(&tallies),
        Shown::As(Format::Json) => json(&tallies, true)?,
        Shown::As(Format::Jsonl) => json(&tallies, false)?,
        Shown::As(Format::Pretty | Format::Table) => readable(&tallies),
    };
    output::write_all(text.as_bytes())?;
    Ok(if tallies.is_empty() { Outcome::Nothing } else { Outcome::Done })
}

/// One object a source.
fn json(tallies: &[Tally], is_array: bool) -> Result<String, Failure> {
    let mut lines = Vec::new();
    for tally in tallies {
        for source in &tally.sources {
            let mut object = serde_json::to_value(source)
                .map_err(|error| Failure::system("write the counts", error))?;
            object["pid"] = tally.pid.into();
            object["running"] = tally.is_running.into();
            lines.push(object.to_string());
        }
    }
    let text = lines.join(if is_array { ",\n" } else { "\n" });
    Ok(if is_array { format!("[\n{text}\n]\n") } else { text + "\n" })
}

fn readable(tallies: &[Tally]) -> String {
    if tallies.is_empty() {
        return "nobody follows files into this log directory\n".to_owned();
    }
    let mut text = String::new();
    for tally in tallies {
        let age_ns = clock::real_time().saturating_sub(tally.updated_ns).max(0);
        let state = if tally.is_running { "running" } else { "ended, its last counts" };
        let _ = writeln!(
            text,
            "follow, process {} ({state}), {}, as of {} s ago",
            tally.process(),
            counted(tally.files, "source"),
            age_ns / 1_000_000_000
        );
        let _ = writeln!(
            text,
            "{:>12} {:>8} {:>14} {:>12} {:>12} {:>8} {:>9}  {:<16} SOURCE",
            "LINES", "LINES/S", "BYTES", "RECORDS", "UNKNOWN", "PROBLEMS", "LAG MS", "FORMAT"
        );
        tally.sources.iter().for_each(|source| row(source, &mut text));
    }
    text
}

fn row(source: &SourceTally, text: &mut String) {
    let _ = writeln!(
        text,
        "{:>12} {:>8} {:>14} {:>12} {:>12} {:>8} {:>9}  {:<16} {}",
        grouped(source.lines),
        grouped(source.lines_per_second),
        grouped(source.bytes),
        grouped(source.records),
        grouped(source.unrecognised),
        grouped(source.problems),
        grouped(source.lag_ms),
        if source.format.is_empty() { "-" } else { &source.format },
        format_args!("{}{}", safe_line(&source.source), generation(source))
    );
}

/// Where another file has taken the name meanwhile, which file is meant.
fn generation(source: &SourceTally) -> String {
    let inode = source.renamed_inode;
    inode.map_or_else(String::new, |inode| format!(" (renamed, inode {inode})"))
}

/// A counter or gauge: its name, what it is, its kind, and its value of a source.
type Metric = (&'static str, &'static str, &'static str, fn(&SourceTally) -> f64);

const METRICS: &[Metric] = &[
    ("lines_total", "Lines read.", "counter", |source| source.lines as f64),
    ("bytes_total", "Bytes read.", "counter", |source| source.bytes as f64),
    ("records_total", "Records made.", "counter", |source| source.records as f64),
    ("unrecognised_total", "Records of no known format.", "counter", |source| {
        source.unrecognised as f64
    }),
    ("problems_total", "Times it could not be read.", "counter", |source| source.problems as f64),
    ("lag_seconds", "From the last write to its reading.", "gauge", |source| {
        source.lag_ms as f64 / 1_000.0
    }),
];

/// Of processes that run; as many sources as a tally lists.
fn prometheus(tallies: &[Tally]) -> String {
    let mut text = String::new();
    for (name, help, kind, value) in METRICS {
        let _ = writeln!(text, "# HELP logloom_source_{name} {help}");
        let _ = writeln!(text, "# TYPE logloom_source_{name} {kind}");
        for tally in tallies.iter().filter(|tally| tally.is_running) {
            for source in &tally.sources {
                let label = label(&source.source) + &generation(source);
                let (pid, value) = (tally.process(), value(source));
                let _ = writeln!(
                    text,
                    "logloom_source_{name}{{source=\"{label}\",pid=\"{pid}\"}} {value}"
                );
            }
        }
    }
    text
}

fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tallies() -> Vec<Tally> {
        let source = SourceTally {
            source: "/var/log/a \"b\".log".to_owned(),
            format: "syslog".to_owned(),
            lines: 12_345,
            lag_ms: 20,
            ..SourceTally::default()
        };
        let pid = std::process::id();
        let (list, is_running) = (format!("{pid}-0"), true);
        let sources = vec![source];
        vec![Tally { version: 1, pid, files: 1, sources, list, is_running, ..Tally::default() }]
    }

    #[test]
    fn counts_are_shown_in_each_form() {
        let text = prometheus(&tallies());
        let line = format!(
            "logloom_source_lines_total{{source=\"/var/log/a \\\"b\\\".log\",pid=\"{}\"}} 12345\n",
            std::process::id()
        );
        assert!(text.contains(&line), "{text}");
        assert!(text.contains("# TYPE logloom_source_lag_seconds gauge\n"));
        assert!(text.contains("} 0.02\n"));
        let text = readable(&tallies());
        assert!(text.contains("12,345") && text.contains("syslog"), "{text}");
        assert!(readable(&[]).contains("nobody"));
    }
}
