//! Questions to thirty days of logs, beside those tools that one would ask otherwise.
//!
//! Takes a size, makes the store once ([`generate`], [`store`]), and hands on JSON lines or lines for people: for
//! each question our time with an open engine, from opening with cold files and to the first row, and for each other
//! tool its time, the ratio, and on how much of the store it was measured. An answer that differs from ours ends the
//! bench. Beside that: what gzip and index take, what indexing costs, the memory of a query, and the fastest
//! questions again with an open day of 300 MB.

mod figures;
mod generate;
mod ours;
mod peers;
mod questions;
mod store;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use logloom_filter::Filter;
use serde::Serialize;

use crate::proof::{say, tell};
use ours::Found;
pub(crate) use peers::DuckDb;
use peers::{Peer, Said};
use questions::{Files, Question};
use store::Made;
pub(crate) use store::{open, pack};

/// Bytes of the days that are kept as plain files, too.
const PLAIN_BYTES: u64 = 1_000_000_000;

/// How it is run.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
    /// Bytes of all lines before they are compressed: 100MB, 1GB, 10GB.
    #[arg(long, default_value = "1GB", value_parser = size)]
    size: u64,
    /// Where the store is made and kept; one of an earlier run is used again [default: `bench` in the build
    /// folder, deleted at the end].
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Seconds that another tool may take for one answer; where it would take longer it is asked of fewer days.
    #[arg(long, default_value_t = 60.0)]
    peer_seconds: f64,
    /// Only these tools, separated by commas: rg, zcat|grep, jq, duckdb, lnav, or none.
    #[arg(long, value_delimiter = ',')]
    peers: Vec<String>,
    /// Only questions, and figures beside them, whose name contains this: sizes, rates, indexing, memory, open day.
    #[arg(long)]
    only: Option<String>,
    /// Only make the store.
    #[arg(long)]
    make_only: bool,
}

fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|end: char| end.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| format!("`{text}` is no size, as 1GB is"))?;
    let unit = match &text[digits.len()..] {
        "GB" => 1_000_000_000,
        "MB" => 1_000_000,
        _ => return Err(format!("`{text}` is no size: write 100MB or 1GB")),
    };
    number.checked_mul(unit).filter(|size| *size > 0).ok_or(format!("`{text}` is no size"))
}

/// Our figures for one question.
#[derive(Debug, Serialize)]
struct OurRow<'a> {
    bench: &'static str,
    question: &'a str,
    text: &'a str,
    answer: u64,
    warm_ms: f64,
    first_row_ms: f64,
    cold_ms: f64,
    goal_ms: Option<f64>,
    cold_goal_ms: Option<f64>,
    holds: bool,
    /// Bytes of lines that were looked at, of all.
    bytes: u64,
    bytes_all: u64,
}

/// Another tool's figures for one question.
#[derive(Debug, Serialize)]
struct PeerRow<'a> {
    bench: &'static str,
    question: &'a str,
    peer: &'a str,
    ours_ms: f64,
    theirs_ms: f64,
    /// How many times as long they take.
    ratio: f64,
    /// On which share of the bytes it was measured; below 1, their time is that of all bytes by proportion.
    share: f64,
}

/// One figure beside the questions.
#[derive(Debug, Serialize)]
struct Figure<'a> {
    bench: &'static str,
    metric: &'a str,
    value: f64,
    unit: &'a str,
    /// What it is to reach, from below or above.
    goal: Option<f64>,
    holds: bool,
}

/// Makes the store and asks every side.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    let target = crate::built::target()?;
    let folder = options.dir.clone().unwrap_or_else(|| target.join("bench").join("query"));
    let made = store::make(&folder, options.size, PLAIN_BYTES)?;
    let mut bench = Bench { options, made, has_missed: false };
    let outcome = if options.make_only { Ok(()) } else { bench.run(&target) };
    if options.dir.is_none() {
        // What is left only takes space.
        let _ = std::fs::remove_dir_all(&folder);
    }
    outcome?;
    Ok(if bench.has_missed { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

struct Bench<'a> {
    options: &'a Options,
    made: Made,
    has_missed: bool,
}

impl Bench<'_> {
    fn run(&mut self, target: &Path) -> Result<(), String> {
        let mut peers = peers::find(target, &self.options.peers);
        let is_wanted = |question: &Question| {
            self.options.only.as_ref().is_none_or(|only| question.name.contains(only.as_str()))
        };
        for question in questions::all(&self.made).iter().filter(|one| is_wanted(one)) {
            let found = self.ask(question)?;
            for peer in &mut peers {
                self.compare(question, &found, peer)?;
            }
        }
        figures::tell_all(self)
    }

    fn folder(&self, question: &Question) -> PathBuf {
        match question.files {
            Files::Packed => self.made.store(),
            Files::Plain => self.made.plain(),
        }
    }

    /// Our figures.
    fn ask(&mut self, question: &Question) -> Result<Found, String> {
        let found = ours::measure(&self.folder(question), question)?;
        let holds = |value: f64, goal: Option<f64>| goal.is_none_or(|goal| value <= goal);
        // An id that is somewhere is wanted to show soon; for all others the whole answer counts.
        let value = if question.name == "known id" { found.first_ms } else { found.warm_ms };
        let plan = &found.report.plan;
        let row = OurRow {
            bench: "query",
            question: question.name,
            text: &question.text,
            answer: found.answer,
            warm_ms: found.warm_ms,
            first_row_ms: found.first_ms,
            cold_ms: found.cold_ms,
            goal_ms: question.goal_ms,
            cold_goal_ms: question.cold_goal_ms,
            holds: holds(value, question.goal_ms) && holds(found.cold_ms, question.cold_goal_ms),
            bytes: found.report.stats.bytes,
            bytes_all: plan.bytes_all,
        };
        self.has_missed |= !row.holds;
        let missed = if row.holds { "" } else { " MISSED" };
        let goal = row.goal_ms.map_or(String::new(), |goal| format!(" (goal {goal})"));
        let text = format!(
            "{:<30} {:>10.2} ms{goal}{missed}, first row {:.2}, cold {:.2}; {} of {} MB looked at; answer {}",
            row.question,
            row.warm_ms,
            row.first_row_ms,
            row.cold_ms,
            row.bytes / 1_000_000,
            row.bytes_all / 1_000_000,
            row.answer
        );
        self.print(&row, &text)?;
        Ok(found)
    }

    /// Another tool's figures, if it has words for the question.
    fn compare(
        &mut self,
        question: &Question,
        found: &Found,
        peer: &mut Peer,
    ) -> Result<(), String> {
        let files = match question.files {
            Files::Packed => self.made.packed_files(),
            Files::Plain => self.made.plain_files(),
        };
        let Some((said, days)) = self.ask_peer(question, peer, &files)? else { return Ok(()) };
        let expected = match days == files.len() {
            true => found.answer,
            false => self.answer_of(question, files.len() - days)?,
        };
        if said.answer != expected {
            let name = peer.name();
            return Err(format!("{}: {name} says {}, we {expected}", question.name, said.answer));
        }
        let bytes = |days: usize| -> u64 {
            self.made.days.iter().rev().take(days).map(|day| day.bytes).sum()
        };
        let share = bytes(days) as f64 / bytes(files.len()) as f64;
        let theirs_ms = said.seconds * 1e3 / share;
        let row = PeerRow {
            bench: "query",
            question: question.name,
            peer: peer.name(),
            ours_ms: found.warm_ms,
            theirs_ms,
            ratio: theirs_ms / found.warm_ms.max(1e-6),
            share,
        };
        let measured = if share < 1.0 { format!(", by {share:.3} of it") } else { String::new() };
        let behind = if row.ratio < 1.0 { " THEY ARE AHEAD" } else { "" };
        let text = format!(
            "{:<30} {:>10.2} ms {}, {:.1} times ours{measured}{behind}",
            "", row.theirs_ms, row.peer, row.ratio
        );
        self.print(&row, &text)
    }

    /// What a tool says of the newest days, as many as it has time for.
    fn ask_peer(
        &self,
        question: &Question,
        peer: &mut Peer,
        files: &[PathBuf],
    ) -> Result<Option<(Said, usize)>, String> {
        let one = files.len() / 2..files.len() / 2 + 1;
        let Some(first) = peer.ask(question, &files[one])? else { return Ok(None) };
        let is_early = question.text.contains("limit");
        let fitting = (self.options.peer_seconds / first.seconds.max(1e-3)) as usize;
        let days = if is_early { files.len() } else { fitting.clamp(1, files.len()) };
        let said = peer.ask(question, &files[files.len() - days..])?;
        Ok(said.map(|said| (said, days)))
    }

    /// Our answer for the days from that of this number on.
    fn answer_of(&self, question: &Question, first: usize) -> Result<u64, String> {
        let days = match question.files {
            Files::Packed => self.made.days.iter().collect::<Vec<_>>(),
            Files::Plain => self.made.days.iter().filter(|day| day.is_plain_too).collect(),
        };
        let mut statement = ours::parse(&question.text)?;
        let key = logloom_store::FileKey::from_file_name(&days[first].name).ok_or("no day")?;
        let newer = Filter::TimeRange { from: Some(key.day.start_ns()), until: None };
        statement.filter = newer.and(statement.filter);
        let ours = ours::Ours::open(&self.folder(question))?;
        Ok(ours.ask(&statement, question.answer)?.answer)
    }

    /// A figure that has a goal from below (`AtLeast`) or above, or none.
    fn figure(&mut self, metric: &str, value: f64, unit: &str, goal: Goal) -> Result<(), String> {
        let (goal, holds) = match goal {
            Goal::None => (None, true),
            Goal::AtLeast(goal) => (Some(goal), value >= goal),
            Goal::AtMost(goal) => (Some(goal), value <= goal),
        };
        self.has_missed |= !holds;
        let row = Figure { bench: "query", metric, value, unit, goal, holds };
        let missed = if holds { "" } else { " MISSED" };
        let told = goal.map_or(String::new(), |goal| format!(" (goal {goal})"));
        self.print(&row, &format!("{metric:<30} {value:>10.2} {unit}{told}{missed}"))
    }

    fn print(&self, row: &impl Serialize, text: &str) -> Result<(), String> {
        match self.options.json {
            true => say(&serde_json::to_string(row).map_err(|error| error.to_string())?),
            false => say(&text),
        }
        Ok(())
    }
}

/// What a figure is to reach.
enum Goal {
    None,
    AtLeast(f64),
    AtMost(f64),
}

/// Says what is being done, for those who wait.
fn note(text: &str) {
    tell(&text);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!(size("10GB").unwrap(), 10_000_000_000);
        assert_eq!(size("100MB").unwrap(), 100_000_000);
        for bad in ["", "GB", "1", "0GB", "1TB", "99999999999999GB"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
