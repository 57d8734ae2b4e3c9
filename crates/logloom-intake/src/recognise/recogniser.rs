//! The format of one source, found by itself.
//!
//! Takes the lines of a source in their order, gives a record for each at once: nothing is held
//! back until the format is known. Until then each line is read by the format that fits it best;
//! a format that fits 8 of 10 lines, and more of them than any other, is locked in and alone is
//! asked from then on. A line that it does not fit is taken as JSON or plain text. After 50 such
//! lines in a row the question is open again. Lines that are JSON objects have no say.

use std::fmt;

use logloom_record::Record;

use super::{Defaults, plain, recognise_json, recognise_line};
use crate::formats::{self, FORMATS, Format};
use crate::{LINE_BYTES_MAX, Line};

/// How many lines one round looks at.
const LINES_LOOKED_AT: u32 = 10;

/// How many of them have to fit.
const LINES_FITTING: u32 = 8;

/// How many lines in a row may miss before the question is opened again.
const MISSES_MAX: u32 = 50;

/// Which formats are asked.
#[derive(Clone, Copy, Debug)]
enum Choice {
    Open,
    Locked(&'static Format),
    Fixed(&'static Format),
    Json,
    Plain,
}

/// What a record was made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakenAs {
    Format,
    Json,
    Plain,
}

/// Finds and keeps the format of one source. Costs no memory beyond a few counters.
#[derive(Clone, Debug)]
pub struct Recogniser {
    choice: Choice,
    looked_at: u32,
    fitting: Vec<u32>,
    misses: u32,
}

/// A name that is no format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat {
    /// The name as given.
    pub given: String,
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        write!(
            f,
            "unknown format {:?}: leave it out to have the format found, or use one of auto, json, \
             plain, {}",
            self.given,
            names.join(", ")
        )
    }
}

impl std::error::Error for UnknownFormat {}

impl Default for Recogniser {
    fn default() -> Self {
        Self::with(Choice::Open)
    }
}

impl Recogniser {
    /// For lines of the format of this name: one of [`FORMATS`], `json`, `plain`, or `auto` to
    /// have it found. A line that the format does not fit is still kept, as JSON or plain text.
    ///
    /// # Errors
    /// Any other name.
    pub fn named(name: &str) -> Result<Self, UnknownFormat> {
        let choice = match name {
            "auto" => Choice::Open,
            "json" => Choice::Json,
            "plain" => Choice::Plain,
            _ => Choice::Fixed(
                formats::by_name(name).ok_or_else(|| UnknownFormat { given: name.to_owned() })?,
            ),
        };
        Ok(Self::with(choice))
    }

    fn with(choice: Choice) -> Self {
        Self { choice, looked_at: 0, fitting: vec![0; FORMATS.len()], misses: 0 }
    }

    /// The name of the format that is asked alone; `None` while the question is open.
    #[must_use]
    pub fn format(&self) -> Option<&'static str> {
        match self.choice {
            Choice::Open => None,
            Choice::Locked(format) | Choice::Fixed(format) => Some(format.name),
            Choice::Json => Some("json"),
            Choice::Plain => Some("plain"),
        }
    }

    /// Makes a record of the next line of the source. Never panics and never fails; parts of a
    /// long line are plain text.
    #[must_use]
    pub fn recognise_line(&mut self, line: &Line, defaults: &Defaults) -> Record {
        if line.part.is_some() || line.text.len() > LINE_BYTES_MAX {
            return recognise_line(line, defaults);
        }
        let text = line.text.as_str();
        self.fit(text, defaults).unwrap_or_else(|| self.unfit(text, text, defaults).0)
    }

    /// The record of a line that a format fits, which therefore begins a record. `None` says
    /// nothing yet: the line may go on with the one before. When it does not, the caller says so
    /// by [`Self::unfit`]; only then it counts as a miss.
    pub(crate) fn fit(&mut self, text: &str, defaults: &Defaults) -> Option<Record> {
        match self.choice {
            Choice::Plain | Choice::Json => None,
            Choice::Fixed(format) => format.parse(text, defaults),
            Choice::Locked(format) => {
                let record = format.parse(text, defaults)?;
                self.misses = 0;
                Some(record)
            }
            Choice::Open => self.fit_any(text, defaults),
        }
    }

    /// The record of text whose first line fits no format so far, and what the text was taken as.
    pub(crate) fn unfit(
        &mut self,
        first: &str,
        text: &str,
        defaults: &Defaults,
    ) -> (Record, TakenAs) {
        match self.choice {
            Choice::Plain => return (plain::recognise(text, defaults), TakenAs::Plain),
            Choice::Json | Choice::Fixed(_) => {}
            Choice::Open => self.note_miss_while_open(first),
            Choice::Locked(_) => {
                self.misses += 1;
                if self.misses >= MISSES_MAX {
                    *self = Self::default();
                    if let Some(mut record) = self.fit_any(first, defaults) {
                        record.message.push_str(&text[first.len()..]);
                        return (record, TakenAs::Format);
                    }
                    self.note_miss_while_open(first);
                }
            }
        }
        match recognise_json(text, defaults) {
            Some(record) => (record, TakenAs::Json),
            None => (plain::recognise(text, defaults), TakenAs::Plain),
        }
    }

    fn fit_any(&mut self, text: &str, defaults: &Defaults) -> Option<Record> {
        if text.starts_with('{') {
            return None;
        }
        let mut best: Option<(u8, Record)> = None;
        for (format, fitting) in FORMATS.iter().zip(&mut self.fitting) {
            let Some(record) = format.parse(text, defaults) else { continue };
            *fitting += 1;
            if best.as_ref().is_none_or(|(certainty, _)| *certainty < format.certainty) {
                best = Some((format.certainty, record));
            }
        }
        let (_, record) = best?;
        self.looked_at += 1;
        self.conclude();
        Some(record)
    }

    /// Lines that are JSON objects have no say.
    fn note_miss_while_open(&mut self, first: &str) {
        if !first.starts_with('{') {
            self.looked_at += 1;
            self.conclude();
        }
    }

    /// Locks in what was found once enough lines were looked at, or begins another round.
    fn conclude(&mut self) {
        if self.looked_at < LINES_LOOKED_AT {
            return;
        }
        let ranked = FORMATS.iter().zip(&self.fitting);
        let found = ranked
            .filter(|(_, fitting)| **fitting >= LINES_FITTING)
            .max_by_key(|(format, fitting)| (**fitting, format.certainty));
        if let Some((format, _)) = found {
            self.choice = Choice::Locked(format);
        }
        self.looked_at = 0;
        self.fitting.fill(0);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Defaults, Recogniser};
    use crate::Line;

    const SPARK: &str = "17/06/09 20:10:40 INFO spark.SecurityManager: careful";
    const HDFS: &str = "081109 203615 148 INFO dfs.DataNode: careful";

    fn module(recogniser: &mut Recogniser, text: &str) -> String {
        let line = Line { text: text.to_owned(), part: None, end: 0 };
        recogniser.recognise_line(&line, &Defaults::default()).module
    }

    #[test]
    fn a_format_is_locked_in_by_eight_of_ten_lines() {
        let mut recogniser = Recogniser::default();
        for text in ["starting", SPARK, SPARK, "  at x", SPARK, SPARK, SPARK, SPARK, SPARK] {
            module(&mut recogniser, text);
            assert_eq!(recogniser.format(), None);
        }
        assert_eq!(module(&mut recogniser, SPARK), "spark.SecurityManager");
        assert_eq!(recogniser.format(), Some("spark"));
        assert_eq!(module(&mut recogniser, HDFS), "");
    }

    #[test]
    fn lines_are_read_before_a_format_is_locked_in() {
        let mut recogniser = Recogniser::default();
        for _ in 0..30 {
            assert_eq!(module(&mut recogniser, SPARK), "spark.SecurityManager");
            assert_eq!(module(&mut recogniser, HDFS), "dfs.DataNode");
        }
        assert_eq!(recogniser.format(), None);
    }

    #[test]
    fn fifty_misses_open_the_question_again() {
        let mut recogniser = Recogniser::default();
        (0..10).for_each(|_| drop(module(&mut recogniser, SPARK)));
        for _ in 0..49 {
            assert_eq!(module(&mut recogniser, HDFS), "");
        }
        assert_eq!(module(&mut recogniser, SPARK), "spark.SecurityManager");
        for _ in 0..49 {
            assert_eq!(module(&mut recogniser, HDFS), "");
        }
        assert_eq!(recogniser.format(), Some("spark"));
        (0..10).for_each(|_| assert_eq!(module(&mut recogniser, HDFS), "dfs.DataNode"));
        assert_eq!(recogniser.format(), Some("hdfs"));
    }

    #[test]
    fn a_name_settles_it() {
        let mut recogniser = Recogniser::named("hdfs").unwrap();
        (0..100).for_each(|_| assert_eq!(module(&mut recogniser, SPARK), ""));
        assert_eq!(module(&mut recogniser, HDFS), "dfs.DataNode");
        let mut plain = Recogniser::named("plain").unwrap();
        assert_eq!(module(&mut plain, r#"{"logger":"x"}"#), "");
        assert_eq!(module(&mut Recogniser::default(), r#"{"logger":"x"}"#), "x");
        let error = Recogniser::named("spork").unwrap_err().to_string();
        assert!(error.contains("\"spork\"") && error.contains("spark"), "{error}");
    }
}
