//! Which of some lines stand in the day files already, and how often.
//!
//! In come the lines that are asked about; out go those that the files hold, each as often as they do.
//! A line is known by its text without the time, and by its time. Reads at least the last 4 MiB of each
//! file of the days asked about, and further back while the lines are not older than what is asked, at
//! most 256 MiB. Memory is needed for what is asked about, not for the files.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher;
use std::io;

use logloom_record::time;
use logloom_store::read::{FileReader, Order};
use logloom_store::{Day, Directory, FileState, StoreError};

use crate::writer::OtherSegments;

/// So much of each file is read in any case.
const LEAST_REACH: u64 = 4 << 20;
/// And so much at the most.
const MOST_REACH: u64 = 256 << 20;
/// Lines stand about in the order of time: so far back one may stand behind a later one.
const DISORDER_NS: i64 = 10_000_000_000;
const CHUNK: usize = 1 << 20;
const TIME_FIRST: &[u8] = b"{\"timestamp\":\"";

/// A line as it is compared: its time, 0 without one, and a hash of all else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    text: u64,
    /// Nanoseconds since 1970.
    pub(super) time: i64,
}

/// Lines by text and time, with how many of each stand in the log and are not accounted for.
#[derive(Default)]
pub(super) struct Standing {
    hasher: RandomState,
    lines: HashMap<u64, BTreeMap<i64, u32>>,
    days: BTreeSet<Day>,
    /// The least time asked about.
    since: Option<i64>,
}

impl Standing {
    /// Asks about a line of a day, with or without its newline.
    pub(super) fn ask(&mut self, day: Day, line: &[u8]) -> Mark {
        let mark = self.mark(line);
        self.lines.entry(mark.text).or_default();
        self.days.insert(day);
        self.since = Some(self.since.map_or(mark.time, |since| since.min(mark.time)));
        mark
    }

    fn mark(&self, line: &[u8]) -> Mark {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let (time, rest) = cut(line).unwrap_or((0, line));
        Mark { text: self.hasher.hash_one(rest), time }
    }

    /// One more line of this kind stands in the log.
    pub(super) fn add(&mut self, mark: Mark) {
        *self.lines.entry(mark.text).or_default().entry(mark.time).or_default() += 1;
    }

    /// Accounts for one line whose time differs by at most `tolerance` nanoseconds, the nearest.
    /// `false` when none is left.
    pub(super) fn take(&mut self, mark: Mark, tolerance: i64) -> bool {
        let Some(times) = self.lines.get_mut(&mark.text) else { return false };
        let before = times.range(..=mark.time).next_back().map(|(time, _)| *time);
        let after = times.range(mark.time..).next().map(|(time, _)| *time);
        let distance = |time: &i64| time.abs_diff(mark.time);
        let nearest = before.into_iter().chain(after).min_by_key(distance);
        let Some(time) = nearest.filter(|time| distance(time) <= tolerance.unsigned_abs()) else {
            return false;
        };
        if let Some(count) = times.get_mut(&time) {
            *count -= 1;
            if *count == 0 {
                times.remove(&time);
            }
        }
        true
    }

    /// Reads the files of the days asked about. What a dead writer left half written in them is
    /// settled before, so that no line is committed afterwards.
    ///
    /// # Errors
    /// A file cannot be settled or read: nothing can be said then.
    pub(super) fn read(&mut self, directory: &Directory) -> Result<(), StoreError> {
        for file in directory.snapshot(Order::OldestFirst)?.files {
            if file.state == FileState::Open && self.days.contains(&file.key.day) {
                directory.settle(file.key, &OtherSegments)?;
            }
        }
        let since = self.since.unwrap_or_default().saturating_sub(DISORDER_NS);
        for file in directory.snapshot(Order::OldestFirst)?.files {
            if self.days.contains(&file.key.day)
                && let Some(reader) = directory.open_file(&file)?
            {
                self.read_file(&reader, since).map_err(|source| StoreError::Invalid {
                    message: format!("cannot read {}: {source}", file.path.display()),
                })?;
            }
        }
        Ok(())
    }

    fn read_file(&mut self, reader: &FileReader, since: i64) -> io::Result<()> {
        let mut offset = begin(reader, since)?;
        // A line that began before is no line here: its text fits nothing that is asked about.
        let mut chunk = vec![0; CHUNK];
        loop {
            let length = reader.read_at(&mut chunk, offset)?;
            let Some(end) = memchr::memrchr(b'\n', &chunk[..length]) else {
                if length < chunk.len() {
                    return Ok(());
                }
                let doubled = chunk.len() * 2;
                chunk.resize(doubled, 0);
                continue;
            };
            for line in chunk[..end].split(|byte| *byte == b'\n') {
                let mark = self.mark(line);
                if self.lines.contains_key(&mark.text) {
                    self.add(mark);
                }
            }
            offset += end as u64 + 1;
        }
    }
}

/// Where the lines begin that may be as young as `since`.
fn begin(reader: &FileReader, since: i64) -> io::Result<u64> {
    let committed = reader.committed();
    let mut reach = LEAST_REACH;
    let mut chunk = vec![0; CHUNK];
    while reach < MOST_REACH.min(committed) {
        let length = reader.read_at(&mut chunk, committed - reach)?;
        // The first is cut.
        let whole = chunk[..length].split(|byte| *byte == b'\n').skip(1);
        if whole.filter_map(cut).next().is_some_and(|(time, _)| time < since) {
            break;
        }
        reach *= 2;
    }
    Ok(committed.saturating_sub(reach.min(MOST_REACH)))
}

/// The time of a line and what follows it.
fn cut(line: &[u8]) -> Option<(i64, &[u8])> {
    let line = line.strip_prefix(TIME_FIRST)?;
    let end = memchr::memchr(b'"', line)?;
    let text = std::str::from_utf8(&line[..end]).ok()?;
    Some((time::parse_timestamp(text)?, &line[end..]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn line(microseconds: i64, text: &str) -> String {
        let time = time::format_rfc3339(microseconds * 1000, 6);
        format!("{{\"timestamp\":\"{time}\",\"message\":\"{text}\"}}\n")
    }

    #[test]
    fn lines_are_taken_as_often_as_they_stand_and_the_nearest_first() {
        let mut standing = Standing::default();
        let day = Day::from_unix_ns(0);
        for (time, text) in [(100, "a"), (100, "a"), (103, "a"), (100, "b")] {
            let mark = standing.ask(day, line(time, text).as_bytes());
            standing.add(mark);
        }
        let mut take = |time, text, tolerance| {
            let mark = standing.ask(day, line(time, text).as_bytes());
            standing.take(mark, tolerance)
        };
        assert!(!take(101, "a", 0));
        assert!(take(102, "a", 2_000), "the one at 103");
        assert!(!take(103, "a", 2_000));
        assert!(take(100, "a", 0) && take(101, "a", 1_000) && !take(100, "a", 5_000));
        assert!(!take(100, "c", 5_000) && take(100, "b", 0));
    }

    #[test]
    fn a_line_without_a_time_is_compared_whole() {
        let standing = Standing::default();
        for text in ["", "{}", "{\"timestamp\":\"", "{\"timestamp\":\"yesterday\"}"] {
            assert_eq!(standing.mark(text.as_bytes()).time, 0, "{text}");
        }
        assert_eq!(standing.mark(line(7, "x").as_bytes()).time, 7_000);
    }
}
