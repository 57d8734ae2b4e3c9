//! `replace` and `replace_regexp`: other text in a field.

use std::fmt;

use regex::Regex;

use super::each::{Change, Outcome};
use super::text::Name;
use super::{Row, Value};
use logloom_filter::syntax::Quoted;

/// What is looked for.
#[derive(Clone, Debug)]
pub enum Sought {
    /// This text.
    Text(String),
    /// What this expression matches; `$1` and `${name}` in the replacement stand for its groups.
    Regexp(Regex),
}

/// The pipes.
#[derive(Clone, Debug)]
pub struct Replace {
    /// The field.
    pub at: String,
    /// What is replaced.
    pub old: Sought,
    /// What stands there then.
    pub new: String,
    /// How many of them, from the start on; default all.
    pub limit: Option<u64>,
}

impl PartialEq for Replace {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl fmt::Display for Replace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old = match &self.old {
            Sought::Text(text) => text,
            Sought::Regexp(regexp) => regexp.as_str(),
        };
        write!(f, "({}, {}) at {}", Quoted(old), Quoted(&self.new), Name(&self.at))?;
        self.limit.map_or(Ok(()), |limit| write!(f, " limit {limit}"))
    }
}

impl Change for Replace {
    fn apply<'a>(&self, mut row: Row<'a>) -> Outcome<'a> {
        let limit = self.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let text = row.text(&self.at);
        if text.is_empty() {
            drop(text);
            return Outcome::Row(row);
        }
        let replaced = match (&self.old, limit) {
            (Sought::Text(old), _) if old.is_empty() => text.to_string(),
            (Sought::Text(old), None) => text.replace(old.as_str(), &self.new),
            (Sought::Text(old), Some(limit)) => text.replacen(old.as_str(), &self.new, limit),
            // To the expression 0 is all.
            (Sought::Regexp(_), Some(0)) => text.to_string(),
            (Sought::Regexp(regexp), limit) => {
                regexp.replacen(&text, limit.unwrap_or(0), self.new.as_str()).into_owned()
            }
        };
        if replaced != text {
            row.set(&self.at.clone(), Value::text_of(replaced));
        }
        Outcome::Row(row)
    }
}
