//! `extract` and `extract_regexp`: fields out of a text.

use std::fmt;

use regex::Regex;

use super::each::{Change, Outcome};
use super::pattern::{self, Step};
use super::store::Overwrite;
use super::text::Name;
use super::{Row, Value};
use logloom_filter::syntax::Quoted;

/// `extract`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extract {
    /// The field that is read.
    pub from: String,
    /// The pattern as it was written.
    pub pattern: String,
    /// The pattern taken apart.
    pub(crate) steps: Vec<Step>,
    /// What becomes of fields that are there.
    pub overwrite: Overwrite,
}

impl fmt::Display for Extract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {}{}", Quoted(&self.pattern), Name(&self.from), self.overwrite)
    }
}

impl Extract {
    /// Takes a pattern apart.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn new(from: String, pattern: String, overwrite: Overwrite) -> Result<Self, String> {
        let steps = pattern::steps(&pattern)?;
        if let Some(pair) = steps.windows(2).find(|pair| pair[1].text.is_empty()) {
            let (one, other) = (&pair[0].field, &pair[1].field);
            return Err(format!("there must be text between <{one}> and <{other}>"));
        }
        match steps.iter().any(|step| !step.field.is_empty()) {
            true => Ok(Self { from, pattern, steps, overwrite }),
            false => Err("the pattern names no field; write <name> for one".to_owned()),
        }
    }
}

impl Change for Extract {
    fn apply<'a>(&self, mut row: Row<'a>) -> Outcome<'a> {
        let text = row.text(&self.from).into_owned();
        let found = pattern::read(&self.steps, &text);
        for (step, value) in self.steps.iter().zip(found) {
            if !step.field.is_empty() {
                self.overwrite.set(&mut row, &step.field, Value::text_of(value.into_owned()));
            }
        }
        Outcome::Row(row)
    }
}

/// `extract_regexp`.
#[derive(Clone, Debug)]
pub struct ExtractRegexp {
    /// The field that is read.
    pub from: String,
    /// The expression, whose named groups are the fields.
    pub pattern: Regex,
    /// What becomes of fields that are there.
    pub overwrite: Overwrite,
}

impl PartialEq for ExtractRegexp {
    fn eq(&self, other: &Self) -> bool {
        self.from == other.from
            && self.pattern.as_str() == other.pattern.as_str()
            && self.overwrite == other.overwrite
    }
}

impl fmt::Display for ExtractRegexp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pattern = Quoted(self.pattern.as_str());
        write!(f, "{pattern} from {}{}", Name(&self.from), self.overwrite)
    }
}

impl Change for ExtractRegexp {
    fn apply<'a>(&self, mut row: Row<'a>) -> Outcome<'a> {
        let text = row.text(&self.from).into_owned();
        let found = self.pattern.captures(&text);
        for name in self.pattern.capture_names().flatten() {
            let value = found.as_ref().and_then(|found| found.name(name));
            let value = value.map_or("", |value| value.as_str()).to_owned();
            let field = logloom_filter::syntax::canonical_field(name);
            self.overwrite.set(&mut row, field, Value::text_of(value));
        }
        Outcome::Row(row)
    }
}
