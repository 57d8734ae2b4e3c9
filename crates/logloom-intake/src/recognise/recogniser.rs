//! The format of one source, found by itself.
//!
//! Takes the lines of a source in their order, gives a record for each at once: nothing is held
//! back until the format is known. Until then each line is read by the format that fits it best,
//! patterns of one's own first; a format that fits 8 of 10 lines is locked in, the most telling one
//! of several, and alone is asked from then on. A line that it does not fit is taken as JSON or
//! plain text. After 50 such lines in a row the question is open again. JSON lines are one of the
//! formats; beside them, lines of any other are still read.

use std::cmp::Reverse;
use std::fmt;

use logloom_record::Record;

use super::{Defaults, form_of, plain, recognise_json, recognise_line, recognise_many};
use crate::agents::AgentReader;
use crate::formats::{self, FORMATS, Format};
use crate::patterns::{Patterns, nearest};
use crate::{LINE_BYTES_MAX, Line};

/// How many lines one round looks at.
const LINES_LOOKED_AT: u32 = 10;

/// How many of them have to fit.
const LINES_FITTING: u8 = 8;

/// How many lines in a row may miss before the question is opened again.
const MISSES_MAX: u32 = 50;

/// A format that can be locked in.
#[derive(Clone, Copy, Debug)]
enum Known {
    /// The place of a pattern of one's own.
    Pattern(usize),
    /// The place in [`FORMATS`].
    Built(usize),
    /// JSON, with the name of the logger that writes it.
    Json(&'static str),
}

/// Which formats are asked.
#[derive(Clone, Copy, Debug)]
enum Choice {
    Open,
    Locked(Known),
    Fixed(Known),
    Plain,
}

/// What a record was made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakenAs {
    Format,
    Json,
    Plain,
}

/// How many of the lines looked at fit each format.
#[derive(Clone, Debug, Default)]
struct Round {
    looked_at: u32,
    /// Patterns, then built-in formats; empty until the first line. Bytes, since a round is short
    /// and each source has a list.
    fitting: Vec<u8>,
    json: u8,
}

/// Finds and keeps the format of one source. Costs no memory beyond a few counters.
#[derive(Clone, Debug)]
pub struct Recogniser {
    patterns: Patterns,
    choice: Choice,
    round: Round,
    misses: u32,
    /// What the last line was taken as.
    last: Option<Known>,
    /// The same, kept where the last line fits none.
    recent: Option<Known>,
    /// Reads the session files of an agent, whose lines are JSON. Few sources are such, hence the box.
    agent: Option<Box<AgentReader>>,
}

/// A name that is no format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat {
    /// The name as given.
    pub given: String,
    /// The known name that was probably meant, if one is near.
    pub nearest: Option<String>,
    /// The names of the patterns that were there.
    pub patterns: Vec<String>,
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown format {:?}", self.given)?;
        if let Some(nearest) = &self.nearest {
            write!(f, "; did you mean {nearest:?}?")?;
        }
        let names = with_built_in(self.patterns.iter().map(String::as_str));
        write!(f, " Leave it out to have the format found, or use one of {}", names.join(", "))
    }
}

impl std::error::Error for UnknownFormat {}

/// The names of patterns and all others.
fn with_built_in<'a>(patterns: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&'a str> = patterns.collect();
    let agents = formats::agents().map(|(name, _)| name);
    names.extend(formats::names().chain(agents).map(|name| -> &'a str { name }));
    names
}

impl Default for Recogniser {
    fn default() -> Self {
        Self::with(Choice::Open, Patterns::default())
    }
}

impl Recogniser {
    /// For lines of the format of this name: see [`Recogniser::with_patterns`].
    ///
    /// # Errors
    /// A name that is none of [`formats::names`].
    pub fn named(name: &str) -> Result<Self, UnknownFormat> {
        Self::with_patterns(name, &Patterns::default())
    }

    /// For lines of the format of this name: one of `patterns`, one of [`formats::names`], where
    /// `auto` has it found, or one of [`formats::agents`]. A line that the format does not fit is still kept, as JSON or plain
    /// text.
    ///
    /// # Errors
    /// Any other name.
    pub fn with_patterns(name: &str, patterns: &Patterns) -> Result<Self, UnknownFormat> {
        let pattern = patterns.names().position(|known| known == name).map(Known::Pattern);
        let built = || FORMATS.iter().position(|format| format.name == name).map(Known::Built);
        let json = || {
            let mut forms = formats::json_forms().map(|(name, _)| name).chain(["json"]);
            forms.find(|known| *known == name).map(Known::Json)
        };
        if let (None, Some(agent)) = (pattern, AgentReader::named(name)) {
            let json = Choice::Fixed(Known::Json(agent.name()));
            return Ok(Self { agent: Some(Box::new(agent)), ..Self::with(json, patterns.clone()) });
        }
        let choice = match name {
            "auto" => Some(Choice::Open),
            "plain" => Some(Choice::Plain),
            _ => pattern.or_else(built).or_else(json).map(Choice::Fixed),
        };
        match choice {
            Some(choice) => Ok(Self::with(choice, patterns.clone())),
            None => {
                let names = with_built_in(patterns.names());
                Err(UnknownFormat {
                    given: name.to_owned(),
                    nearest: nearest(name, names.into_iter()).map(str::to_owned),
                    patterns: patterns.names().map(str::to_owned).collect(),
                })
            }
        }
    }

    fn with(choice: Choice, patterns: Patterns) -> Self {
        let round = Round::default();
        Self { patterns, choice, round, misses: 0, last: None, recent: None, agent: None }
    }

    /// Whether what a line means depends on the lines before it, so that whoever goes on in the
    /// middle of a source must show them first.
    #[must_use]
    pub fn needs_history(&self) -> bool {
        self.agent.is_some()
    }

    /// The name of the format that is asked alone; `None` while the question is open.
    #[must_use]
    pub fn format(&self) -> Option<&str> {
        match self.choice {
            Choice::Open => None,
            Choice::Locked(known) | Choice::Fixed(known) => Some(self.name(known)),
            Choice::Plain => Some("plain"),
        }
    }

    /// The name of the format that the last line was read by; `None` where it is plain text.
    #[must_use]
    pub fn last_format(&self) -> Option<&str> {
        self.last.map(|known| self.name(known))
    }

    /// The name of the format that a line was read by most recently, as long as the question is
    /// open; `None` where all lines so far are plain text.
    #[must_use]
    pub fn recent_format(&self) -> Option<&str> {
        self.recent.map(|known| self.name(known))
    }

    fn note(&mut self, known: Known) {
        self.last = Some(known);
        self.recent = Some(known);
    }

    fn name(&self, known: Known) -> &str {
        match known {
            Known::Pattern(place) => self.patterns.all()[place].name(),
            Known::Built(place) => FORMATS[place].name,
            Known::Json(name) => name,
        }
    }

    /// Makes a record of the next line of the source. Never panics and never fails; parts of a
    /// long line are plain text.
    #[must_use]
    pub fn recognise_line(&mut self, line: &Line, defaults: &Defaults) -> Record {
        if line.part.is_some() || line.text.len() > LINE_BYTES_MAX {
            self.last = None;
            return recognise_line(line, defaults);
        }
        let text = line.text.as_str();
        *self.fit(text, defaults).unwrap_or_else(|| self.unfit(text, text, defaults).0)
    }

    /// The records of a line that holds any number of them; `None` for every other line.
    pub(crate) fn several(&mut self, text: &str, defaults: &Defaults) -> Option<Vec<Record>> {
        if matches!(self.choice, Choice::Plain) {
            return None;
        }
        if let Some(agent) = &mut self.agent {
            return agent.records(text, defaults);
        }
        let records = recognise_many(text, defaults)?;
        // The line counts as one of JSON while the format is looked for.
        let _ = self.fit(text, defaults);
        Some(records)
    }

    /// Whether a pattern with `multiline` says that the line goes on with the record before it.
    pub(crate) fn continues(&self, text: &str) -> bool {
        match self.choice {
            Choice::Locked(Known::Pattern(place)) | Choice::Fixed(Known::Pattern(place)) => {
                self.patterns.all()[place].continues(text)
            }
            _ => false,
        }
    }

    /// The record of a line that a format fits, which therefore begins a record. `None` says
    /// nothing yet: the line may go on with the one before. When it does not, the caller says so
    /// by [`Self::unfit`]; only then it counts as a miss.
    pub(crate) fn fit(&mut self, text: &str, defaults: &Defaults) -> Option<Box<Record>> {
        match self.choice {
            Choice::Plain => None,
            Choice::Fixed(known) => self.ask(known, text, defaults),
            Choice::Locked(known) => {
                let found = self.ask(known, text, defaults);
                if found.is_some() {
                    self.misses = 0;
                    return found;
                }
                let other = match known {
                    Known::Json(_) => self.best(text, defaults),
                    _ => self.ask(Known::Json("json"), text, defaults),
                };
                if other.is_some() {
                    self.miss();
                }
                other
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
    ) -> (Box<Record>, TakenAs) {
        self.last = None;
        match self.choice {
            Choice::Plain => return (Box::new(plain::recognise(text, defaults)), TakenAs::Plain),
            Choice::Fixed(_) => {}
            Choice::Open => self.conclude(),
            Choice::Locked(_) => {
                if self.miss()
                    && let Some(mut record) = self.fit_any(first, defaults)
                {
                    record.message.push_str(&text[first.len()..]);
                    return (record, TakenAs::Format);
                }
            }
        }
        match recognise_json(text, defaults) {
            Some(record) => {
                self.note(Known::Json("json"));
                (Box::new(record), TakenAs::Json)
            }
            None => (Box::new(plain::recognise(text, defaults)), TakenAs::Plain),
        }
    }

    fn ask(&mut self, known: Known, text: &str, defaults: &Defaults) -> Option<Box<Record>> {
        let found = match known {
            Known::Pattern(place) => self.patterns.all()[place].parse(text, defaults),
            Known::Built(place) => FORMATS[place].parse(text, defaults),
            Known::Json(_) if text.starts_with('{') => recognise_json(text, defaults),
            Known::Json(_) => None,
        };
        if found.is_some() {
            self.note(known);
        }
        found.map(Box::new)
    }

    /// Counts a line that the locked format does not fit; says whether the question is open again.
    fn miss(&mut self) -> bool {
        self.misses += 1;
        let is_open = self.misses >= MISSES_MAX;
        if is_open {
            self.choice = Choice::Open;
            self.round = Round::default();
            self.misses = 0;
        }
        is_open
    }

    /// Reads a line by the format that fits it best and counts all that fit.
    fn fit_any(&mut self, text: &str, defaults: &Defaults) -> Option<Box<Record>> {
        let own = self.patterns.all().len();
        self.round.fitting.resize(own + FORMATS.len(), 0);
        let mut best: Option<(u8, Known, Record)> = None;
        let mut found = |certainty: u8, known: Known, record: Record| {
            if best.as_ref().is_none_or(|(other, _, _)| *other < certainty) {
                best = Some((certainty, known, record));
            }
        };
        for (place, pattern) in self.patterns.all().iter().enumerate() {
            let Some(record) = pattern.parse(text, defaults) else { continue };
            self.round.fitting[place] += 1;
            found(Format::CERTAINTY_MAX, Known::Pattern(place), record);
        }
        if text.starts_with('{')
            && let Some(record) = recognise_json(text, defaults)
        {
            self.round.json += 1;
            found(Format::CERTAINTY_MAX, Known::Json("json"), record);
        }
        for place in formats::candidates(text) {
            let Some(record) = FORMATS[*place].parse(text, defaults) else { continue };
            self.round.fitting[own + place] += 1;
            found(FORMATS[*place].certainty, Known::Built(*place), record);
        }
        let (_, known, record) = best?;
        self.note(known);
        self.conclude();
        if matches!(self.choice, Choice::Locked(Known::Json(_))) {
            self.choice = Choice::Locked(Known::Json(form_of(text)));
        }
        Some(Box::new(record))
    }

    /// The record by the best format, where JSON is locked in.
    fn best(&mut self, text: &str, defaults: &Defaults) -> Option<Box<Record>> {
        let patterns = 0..self.patterns.all().len();
        let mut built = formats::candidates(text).to_vec();
        built.sort_by_key(|place| Reverse(FORMATS[*place].certainty));
        let all = patterns.map(Known::Pattern).chain(built.into_iter().map(Known::Built));
        all.collect::<Vec<_>>().into_iter().find_map(|known| self.ask(known, text, defaults))
    }

    /// Locks in what was found once enough lines were looked at, or begins another round.
    fn conclude(&mut self) {
        self.round.looked_at += 1;
        if self.round.looked_at < LINES_LOOKED_AT {
            return;
        }
        let round = std::mem::take(&mut self.round);
        let own = self.patterns.all().len();
        let fitting =
            round.fitting.iter().enumerate().filter(|(_, count)| **count >= LINES_FITTING);
        let ranked = fitting.map(|(place, count)| match place.checked_sub(own) {
            None => (Format::CERTAINTY_MAX, *count, Known::Pattern(place)),
            Some(place) => (FORMATS[place].certainty, *count, Known::Built(place)),
        });
        let json = (round.json >= LINES_FITTING).then_some((
            Format::CERTAINTY_MAX,
            round.json,
            Known::Json("json"),
        ));
        let mut found: Option<(u8, u8, Known)> = None;
        for (certainty, count, known) in ranked.chain(json) {
            // Of two that are the same the first one has it.
            if found.is_none_or(|(other, fitting, _)| (other, fitting) < (certainty, count)) {
                found = Some((certainty, count, known));
            }
        }
        if let Some((_, _, known)) = found {
            self.choice = Choice::Locked(known);
        }
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
