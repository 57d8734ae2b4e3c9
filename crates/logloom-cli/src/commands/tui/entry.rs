//! A row as the viewer keeps it: its place among all rows, what the list shows of it, and its line.
//!
//! Made by the threads that read, so that the screen has no work with it. Every text in it is safe
//! for a terminal, on one line, and cut where no screen would show more of it.

use std::borrow::Cow;

use logloom_filter::LineView;
use logloom_query::Key;
use logloom_query::pipes::Row;
use logloom_record::Level;

use crate::output::{Shown, value_text};
use crate::terminal::safe_line;

/// Bytes of a text that are kept for the list.
const TEXT_BYTES_MAX: usize = 2_000;

/// Longer lines are not kept; the detail pane asks for them.
const LINE_BYTES_MAX: usize = 128 << 10;

/// Where a row stands among all rows, the same in each snapshot of the log; smaller is earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Nanoseconds since 1970; that of the file's day for a line without a time.
    pub(super) time: i64,
    /// Birth number of the file in its directory.
    pub(super) birth: u64,
    /// Number of the log directory.
    pub(super) directory: usize,
    /// The day file as one word.
    pub(super) file: u64,
    /// Offset of the line.
    pub(super) offset: u64,
}

impl Place {
    /// Behind everything that is older than this moment.
    pub(super) fn before_time(time: i64) -> Place {
        let max = u64::MAX;
        let time = time.saturating_sub(1);
        Place { time, birth: max, directory: usize::MAX, file: max, offset: max }
    }

    /// The place of a row that stands in no file, but in an answer.
    pub(super) fn of_answer(index: usize) -> Place {
        Place { time: 0, birth: 0, directory: 0, file: 0, offset: index as u64 }
    }
}

/// A row of the viewer.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) place: Place,
    /// The time that the row names.
    pub(super) time: Option<i64>,
    /// The time is that of the arrival.
    pub(super) is_arrival: bool,
    pub(super) level: Option<Level>,
    pub(super) level_text: Box<str>,
    pub(super) service: Box<str>,
    pub(super) module: Box<str>,
    pub(super) message: Box<str>,
    pub(super) fields: Box<str>,
    /// Whether the detail pane has more lines of text to show than the list does.
    pub(super) has_more: bool,
    /// The line as it stands in the log; `None` for one that is too long to be kept.
    pub(super) line: Option<Box<[u8]>>,
}

impl Entry {
    /// A record of the log, or what pipes have made of one.
    pub(super) fn record(place: Place, line: &[u8]) -> Entry {
        let kept = (line.len() <= LINE_BYTES_MAX).then(|| line.into());
        let Some(shown) = Shown::of(line) else {
            let text = String::from_utf8_lossy(&line[..line.len().min(TEXT_BYTES_MAX)]);
            return Entry { line: kept, ..Entry::text(place, format!("damaged line: {text}")) };
        };
        let first = shown.message.lines().next().unwrap_or_default();
        Entry {
            place,
            time: shown.time_ns,
            is_arrival: shown.is_arrival,
            level: Level::from_name(&shown.level),
            level_text: short(&shown.level),
            service: short(&shown.service),
            module: short(&shown.module),
            message: short(first),
            fields: fields(&shown),
            has_more: first.len() < shown.message.trim_end().len() || !shown.below.is_empty(),
            line: kept,
        }
    }

    /// A row of which only a text is known.
    pub(super) fn text(place: Place, text: String) -> Entry {
        Entry {
            place,
            time: None,
            is_arrival: false,
            level: None,
            level_text: "".into(),
            service: "".into(),
            module: "".into(),
            message: short(&text),
            fields: "".into(),
            has_more: false,
            line: None,
        }
    }

    /// A row of an answer that is no record.
    pub(super) fn answer(place: Place, text: String, line: &[u8]) -> Entry {
        let line = (line.len() <= LINE_BYTES_MAX).then(|| line.into());
        Entry { line, ..Entry::text(place, text) }
    }

    /// Bytes of memory that it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let texts = [&self.level_text, &self.service, &self.module, &self.message, &self.fields];
        let line = self.line.as_ref().map_or(0, |line| line.len());
        std::mem::size_of::<Entry>() + line + texts.iter().map(|text| text.len()).sum::<usize>()
    }

    /// Whether the record is at least this severe.
    pub(super) fn is_at_least(&self, level: Level) -> bool {
        self.level.is_some_and(|own| own >= level)
    }

    /// The names of all fields, those of objects by their paths.
    pub(super) fn names(&self) -> Vec<String> {
        let Some(line) = &self.line else { return Vec::new() };
        if !LineView::new(line).is_well_formed() {
            return Vec::new();
        }
        let row = Row::of_line(line, Key::default());
        row.leaves().into_iter().map(|leaf| leaf.name.into_owned()).collect()
    }
}

/// The fields that are no part of what every record has, on one line.
fn fields(shown: &Shown<'_>) -> Box<str> {
    let mut text = String::new();
    for (key, value) in &shown.fields {
        if text.len() >= TEXT_BYTES_MAX {
            break;
        }
        let between = if text.is_empty() { "" } else { " " };
        text += &format!("{between}{}={}", safe_line(cut(key)), cut(&value_text(value)));
    }
    short(&text)
}

fn short(text: &str) -> Box<str> {
    match safe_line(cut(text)) {
        Cow::Borrowed(text) => text.into(),
        Cow::Owned(text) => text.into(),
    }
}

/// The beginning of a text, in whole characters.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_a_row_is_short_and_harmless() {
        let line = format!(
            r#"{{"level":"warning","service":"s\u001b[2J","message":"one\ntwo{}","k":"\u202e","n":1}}"#,
            "x".repeat(9_000)
        );
        let entry = Entry::record(Place::of_answer(0), line.as_bytes());
        assert_eq!((&*entry.message, entry.has_more), ("one", true));
        assert_eq!((entry.level, &*entry.service), (Some(Level::Warn), "s\\u{1b}[2J"));
        assert_eq!(&*entry.fields, "k=\\u{202e} n=1");
        let long = format!(r#"{{"message":"{}"}}"#, "\u{4f60}".repeat(100_000));
        let entry = Entry::record(Place::of_answer(0), long.as_bytes());
        assert!(entry.message.len() <= TEXT_BYTES_MAX && entry.line.is_none());
        let entry = Entry::record(Place::of_answer(0), b"torn \x1b[2J");
        assert_eq!(&*entry.message, "damaged line: torn \\u{1b}[2J");
    }
}
