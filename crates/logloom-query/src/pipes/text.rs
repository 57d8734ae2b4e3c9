//! Names and texts as the query language writes them, for printing pipes.

use std::fmt;

use logloom_filter::syntax::Quoted;

/// A field name, quoted unless it is a plain word with dots.
pub(crate) struct Name<'a>(pub(crate) &'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let is_word = !self.0.is_empty() && self.0.chars().all(is_plain);
        match is_word && !is_keyword(self.0) {
            true => f.write_str(self.0),
            false => write!(f, "{}", Quoted(self.0)),
        }
    }
}

/// Words that stand for themselves between names only in quotes.
fn is_keyword(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "and",
        "or",
        "not",
        "by",
        "as",
        "if",
        "from",
        "at",
        "with",
        "limit",
        "offset",
        "desc",
        "asc",
        "in",
        "fields",
        "partition",
        "rank",
        "hits",
        "default",
        "xor",
    ];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// A list with commas between.
pub(crate) struct List<'a, T>(pub(crate) &'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, item) in self.0.iter().enumerate() {
            let between = if position > 0 { ", " } else { "" };
            write!(f, "{between}{item}")?;
        }
        Ok(())
    }
}
