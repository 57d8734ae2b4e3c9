//! Lines of a file that nobody vouches for. In come an open file and an end; out go how far its lines reach,
//! what they hold, and which are damaged.
//!
//! A damaged line costs itself alone: the lines behind it count as those before it. Only a damaged line that is not
//! known to have been committed ends the search, where the caller asks for that. Memory: the longest line, 64 MiB
//! at most; what cannot become a line, as the zeros after a power loss, is passed over without being kept.

use std::fmt::Write;
use std::io;

use crate::head::slot::Tally;
use crate::json;
use crate::scan::{Bytes, tally_of};

const CHUNK: usize = 1 << 20;
/// No reader takes a longer line.
const LINE_MAX: usize = 64 << 20;
/// So many damaged lines are told by their numbers.
const TOLD_MAX: usize = 10;

/// What [`survey`] found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// Bytes from the start of the file to its last line end.
    pub(crate) whole: u64,
    /// What all lines up to there hold.
    pub(crate) tally: Tally,
    /// Bytes from the start of the file to the end of the last line that is a record.
    pub(crate) good: u64,
    /// What all lines up to there hold.
    pub(crate) good_tally: Tally,
    /// The damaged ones among the lines up to `whole`.
    pub(crate) damaged: DamagedLines,
    /// How many of them stand before the last record.
    damaged_before: u64,
    /// Number of the lines up to `whole`.
    pub(crate) lines: u64,
    /// Bytes behind `whole` that were read and have no line end.
    pub(crate) rest: u64,
}

impl Survey {
    /// The damaged ones among the lines up to the last record.
    pub(crate) fn damaged_between(&self) -> Option<DamagedLines> {
        let count = self.damaged_before;
        let first = self.damaged.first.iter().take(usize::try_from(count).unwrap_or(usize::MAX));
        (count > 0).then(|| DamagedLines { count, first: first.copied().collect() })
    }
}

/// Lines of a file that are no records: they stay in the file and are left out of every answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DamagedLines {
    /// How many there are.
    pub count: u64,
    /// The first ten: their numbers, counted from 1, and what is wrong with them.
    pub first: Vec<(u64, &'static str)>,
}

impl DamagedLines {
    fn add(&mut self, number: u64, what: &'static str) {
        self.count += 1;
        if self.first.len() < TOLD_MAX {
            self.first.push((number, what));
        }
    }
}

impl std::fmt::Display for DamagedLines {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        for (index, (number, what)) in self.first.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            let _ = write!(text, "{comma}line {number} {what}");
        }
        let more = self.count.saturating_sub(self.first.len() as u64);
        if more > 0 {
            let _ = write!(text, " and {more} more");
        }
        formatter.write_str(&text)
    }
}

/// What is wrong with a line; `None` for a record.
fn fault(line: &[u8]) -> Option<&'static str> {
    let trimmed = line.trim_ascii();
    if json::is_object(trimmed) {
        return None;
    }
    Some(match trimmed {
        [] => "is empty",
        _ if trimmed.contains(&0) => "holds zero bytes",
        _ if std::str::from_utf8(trimmed).is_err() => "is not UTF-8",
        _ => "is no JSON object",
    })
}

/// What makes the beginning of a line, whatever follows, no record's.
fn hopeless(begin: &[u8]) -> Option<&'static str> {
    let first = begin.iter().find(|byte| !byte.is_ascii_whitespace());
    match (begin.contains(&0), first) {
        (true, _) => Some("holds zero bytes"),
        (false, Some(byte)) if *byte != b'{' => Some("is no JSON object"),
        _ => None,
    }
}

/// Goes through the lines of `file` from its start to `end`. A damaged line that does not end at or before
/// `trusted` ends it.
pub(crate) fn survey(file: &impl Bytes, end: u64, trusted: u64) -> io::Result<Survey> {
    let mut walk = Walk { trusted, ..Walk::default() };
    let mut chunk = vec![0u8; CHUNK];
    let mut at = 0;
    while !walk.is_over && at < end {
        let wanted = (end - at).min(chunk.len() as u64) as usize;
        let length = file.read_at(&mut chunk[..wanted], at)?;
        let is_last = length < wanted || at + length as u64 >= end;
        let consumed = walk.take(&chunk[..length]);
        if is_last {
            walk.found.rest = at + length as u64 - walk.found.whole;
            break;
        }
        at += consumed as u64;
        if consumed == 0 {
            match chunk.len() >= LINE_MAX {
                true => walk.skipping = Some("is longer than 64 MiB"),
                false => chunk.resize(chunk.len() * 2, 0),
            }
        }
    }
    walk.found.tally = walk.found.good_tally;
    walk.found.tally.add(&walk.pending);
    Ok(walk.found)
}

#[derive(Default)]
struct Walk {
    found: Survey,
    /// What the damaged lines behind the last record hold.
    pending: Tally,
    trusted: u64,
    /// What is wrong with the line under way, of which the beginning is passed already.
    skipping: Option<&'static str>,
    /// Bytes of that beginning.
    skipped: u64,
    is_over: bool,
}

impl Walk {
    /// Takes whole lines, and the beginning of one that cannot be a record's; returns the bytes taken.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let mut start = 0;
        for feed in memchr::memchr_iter(b'\n', bytes) {
            self.line(&bytes[start..feed]);
            if self.is_over {
                return start;
            }
            start = feed + 1;
        }
        let rest = &bytes[start..];
        self.skipping = self.skipping.or_else(|| hopeless(rest));
        if self.skipping.is_none() {
            return start;
        }
        self.skipped += rest.len() as u64;
        self.is_over = self.found.whole + self.skipped >= self.trusted;
        bytes.len()
    }

    fn line(&mut self, line: &[u8]) {
        let end = self.found.whole + std::mem::take(&mut self.skipped) + line.len() as u64 + 1;
        let fault = self.skipping.take().or_else(|| fault(line));
        if fault.is_some() && end > self.trusted {
            self.is_over = true;
            return;
        }
        self.found.whole = end;
        self.found.lines += 1;
        self.pending.add(&tally_of(line));
        match fault {
            Some(what) => self.found.damaged.add(self.found.lines, what),
            None => {
                self.found.good = end;
                self.found.damaged_before = self.found.damaged.count;
                self.found.good_tally.add(&std::mem::take(&mut self.pending));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    impl Bytes for Vec<u8> {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let rest = self.get(offset as usize..).unwrap_or_default();
            let length = rest.len().min(buffer.len());
            buffer[..length].copy_from_slice(&rest[..length]);
            Ok(length)
        }
    }

    fn whole(text: &[u8]) -> Survey {
        survey(&text.to_vec(), text.len() as u64, u64::MAX).unwrap()
    }

    #[test]
    fn a_damaged_line_costs_itself_alone() {
        for (line, what) in [
            (&b""[..], "is empty"),
            (b"  ", "is empty"),
            (b"{\"a\":\"\xff\"}", "is not UTF-8"),
            (b"{\"a\":", "is no JSON object"),
            (b"\0\0\0", "holds zero bytes"),
            (b"{\"a\":\"\0\"}", "holds zero bytes"),
            (b"[1]", "is no JSON object"),
        ] {
            let text = [b"{\"n\":1}\n", line, b"\n {\"n\":2}\r\n{}\n"].concat();
            let found = whole(&text);
            let damaged = DamagedLines { count: 1, first: vec![(2, what)] };
            assert_eq!((found.whole, found.good), (text.len() as u64, text.len() as u64));
            assert_eq!((found.lines, found.tally.lines, found.damaged), (4, 4, damaged));
            // Nothing is said of times where one line may have any.
            assert_eq!(found.tally.times, Some(Tally::ANY_TIME));
        }
    }

    #[test]
    fn a_last_line_without_an_end_is_no_line() {
        for rest in [&b"{\"a\":"[..], b"{}", b"x", b"\0\0"] {
            let found = whole(&[b"{}\nx\n", rest].concat());
            assert_eq!((found.whole, found.good, found.lines), (5, 3, 2));
            assert_eq!((found.rest, found.damaged_between()), (rest.len() as u64, None));
            assert_eq!((found.tally.lines, found.good_tally.lines), (2, 1));
        }
    }

    #[test]
    fn what_was_not_committed_ends_at_the_first_damaged_line() {
        let text = b"{}\nx\n{}\ny\n{}\n".to_vec();
        for (trusted, good, whole) in [(0, 3, 3), (4, 3, 3), (5, 8, 8), (9, 8, 8), (10, 13, 13)] {
            let found = survey(&text, text.len() as u64, trusted).unwrap();
            assert_eq!((found.good, found.whole), (good, whole), "{trusted}");
        }
    }

    #[test]
    fn long_lines_are_walked_over_and_good_ones_kept() {
        let long = |fill: u8, length: usize| vec![fill; length];
        let line = [b"{\"a\":\"", &long(b'a', 3 * CHUNK)[..], b"\"}\n"].concat();
        for damaged in [long(b'x', 5 * CHUNK + 3), long(0, 2 * CHUNK), long(b'{', LINE_MAX + 1)] {
            let text = [&line[..], &damaged, b"\n", &line, b"{}\n", &long(0, CHUNK)].concat();
            let found = whole(&text);
            assert_eq!((found.lines, found.damaged.count), (4, 1));
            assert_eq!(found.good, (text.len() - CHUNK) as u64);
            let stopped = survey(&text, text.len() as u64, line.len() as u64).unwrap();
            assert_eq!((stopped.whole, stopped.lines), (line.len() as u64, 1));
        }
    }

    #[test]
    fn ten_are_told_by_their_numbers() {
        let found = whole("x\n".repeat(12).as_bytes());
        let text = found.damaged.to_string();
        assert!(text.starts_with("line 1 is no JSON object, line 2 "), "{text}");
        assert!(text.ends_with("line 10 is no JSON object and 2 more"), "{text}");
    }
}
