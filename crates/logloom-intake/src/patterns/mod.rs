//! Formats of one's own: regular expressions with named groups, read from YAML.
//!
//! Takes the text of a file ([`Patterns::parse`]), gives patterns that are asked before the formats
//! of [`crate::formats`]. Refuses a file with anything wrong in it, all problems at once, each with
//! line, column and key. Matching takes time linear in the length of the line and bounded memory:
//! expressions that would need more than a mebibyte are refused. Reads no file itself.

mod file;
mod nearest;
mod pattern;
mod problem;
#[cfg(test)]
mod tests;
mod yaml;

use std::sync::Arc;

pub(crate) use nearest::nearest;
pub(crate) use pattern::Pattern;
pub use problem::{PatternProblem, PatternProblems};

/// Formats of one's own, in the order in which they are asked. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Arc<[Pattern]>);

impl Patterns {
    /// Reads the text of a file of patterns; `file` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(file: &str, text: &str) -> Result<Self, PatternProblems> {
        file::read(text)
            .map(|patterns| Self(patterns.into()))
            .map_err(|problems| PatternProblems { file: file.to_owned(), problems })
    }

    /// Their names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Pattern::name)
    }

    pub(crate) fn all(&self) -> &[Pattern] {
        &self.0
    }
}
