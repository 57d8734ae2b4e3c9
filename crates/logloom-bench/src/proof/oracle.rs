//! The oracle: reads the day files of a directory with its own eyes, and compares them with the
//! acknowledgements.
//!
//! In come a directory and the runs that logged to it; out goes a [`Verdict`]. It knows nothing of
//! catalogue, cursors or rings: a day file is lines, a line is JSON.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use logloom_record::Level;

use super::board::Board;
use super::content::{self, Read};
use super::{Outcome, failed};

/// One process that logged.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Its number.
    pub(crate) number: u64,
    /// Its threads.
    pub(crate) threads: u64,
    /// Its acknowledgements.
    pub(crate) board: PathBuf,
}

/// What the oracle found. Everything but `acknowledged`, `found` and `told` is a fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Records whose calls had returned.
    pub(crate) acknowledged: u64,
    /// Records in the files.
    pub(crate) found: u64,
    /// Acknowledged and in no file.
    pub(crate) lost: u64,
    /// Of these, ERROR.
    pub(crate) lost_errors: u64,
    /// Lines beyond the first of the same record.
    pub(crate) duplicated: u64,
    /// Lines that are not whole, not as they were logged, in the file of another day than their
    /// own, or that nobody logged.
    pub(crate) torn: u64,
    /// Losses that the log itself tells.
    pub(crate) told: u64,
    /// Losses of an unknown number that the log tells, though its segments were there.
    pub(crate) false_losses: u64,
    /// The first faults, as sentences.
    pub(crate) examples: Vec<String>,
}

const EXAMPLES_MAX: usize = 8;

impl Verdict {
    pub(crate) fn is_clean(&self) -> bool {
        self.lost == 0 && self.duplicated == 0 && self.torn == 0 && self.false_losses == 0
    }

    pub(crate) fn add(&mut self, other: &Verdict) {
        self.acknowledged += other.acknowledged;
        self.found += other.found;
        self.lost += other.lost;
        self.lost_errors += other.lost_errors;
        self.duplicated += other.duplicated;
        self.torn += other.torn;
        self.told += other.told;
        self.false_losses += other.false_losses;
        other.examples.iter().for_each(|example| self.example(example.clone()));
    }

    fn example(&mut self, text: String) {
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(text);
        }
    }
}

/// All day files of a directory, those moved aside under another name included.
pub(crate) fn day_files(directory: &Path) -> Outcome<Vec<PathBuf>> {
    let doing = format!("list {}", directory.display());
    let entries = std::fs::read_dir(directory).map_err(failed(&doing))?;
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    files.sort();
    Ok(files)
}

/// Judges a directory in which every writer is dead or stopped, and recovered.
pub(crate) fn judge(directory: &Path, runs: &[Run]) -> Outcome<Verdict> {
    let mut verdict = Verdict::default();
    let mut counts: HashMap<(u64, u64), HashMap<u64, u32>> = HashMap::new();
    for path in day_files(directory)? {
        let doing = format!("read {}", path.display());
        let bytes = std::fs::read(&path).map_err(failed(&doing))?;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if let Some(mark) = take(&mut verdict, line, &path) {
                let thread = counts.entry((mark.run, mark.thread)).or_default();
                *thread.entry(mark.number).or_default() += 1;
            }
        }
    }
    for run in runs {
        let entries = Board::open(&run.board)?.read(run.threads);
        for (thread, entry) in (0..).zip(entries) {
            let found = counts.remove(&(run.number, thread)).unwrap_or_default();
            compare(&mut verdict, run.number, thread, entry, &found);
        }
    }
    for ((run, thread), found) in counts {
        verdict.torn += found.len() as u64;
        verdict.example(format!("run {run} thread {thread} never logged"));
    }
    Ok(verdict)
}

/// The record of a line; everything else is counted.
fn take(verdict: &mut Verdict, line: &[u8], path: &Path) -> Option<content::Mark> {
    match line.strip_suffix(b"\n").map_or(Read::Torn, content::read) {
        Read::Record(mark, day) => {
            if day_of(path).is_some_and(|of_file| of_file != day) {
                verdict.torn += 1;
                verdict.example(format!("of {day} in {}: {}", path.display(), start_of(line)));
            }
            return Some(mark);
        }
        Read::Loss(count) => verdict.told += count,
        Read::UnknownLoss => {
            verdict.false_losses += 1;
            verdict.example(format!("false loss in {}: {}", path.display(), start_of(line)));
        }
        Read::Torn => {
            verdict.torn += 1;
            verdict.example(format!("torn in {}: {}", path.display(), start_of(line)));
        }
    }
    None
}

/// The day in a day file's name; none where it was moved away under another one.
fn day_of(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    name.get(..10).filter(|day| day.starts_with(|first: char| first.is_ascii_digit()))
}

fn compare(
    verdict: &mut Verdict,
    run: u64,
    thread: u64,
    entry: super::board::Entry,
    found: &HashMap<u64, u32>,
) {
    verdict.acknowledged += entry.returned;
    verdict.found += found.len() as u64;
    for number in 1..=entry.returned {
        if !found.contains_key(&number) {
            let mark = content::Mark { run, thread, number };
            verdict.lost += 1;
            verdict.lost_errors += u64::from(mark.level() == Level::Error);
            verdict.example(format!("lost: run {run} thread {thread} record {number}"));
        }
    }
    for (&number, &times) in found {
        if times > 1 {
            verdict.duplicated += u64::from(times) - 1;
            verdict.example(format!("{times} times: run {run} thread {thread} record {number}"));
        }
        if number > entry.begun || number == 0 {
            verdict.torn += 1;
            verdict.example(format!("never begun: run {run} thread {thread} record {number}"));
        }
    }
}

fn start_of(line: &[u8]) -> String {
    String::from_utf8_lossy(&line[..line.len().min(160)]).into_owned()
}
