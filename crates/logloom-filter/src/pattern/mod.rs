//! Regular expressions, and the texts that must stand where they match.
//!
//! Takes an expression once, within limits of size, and gives a program whose time is linear in
//! the text that it looks at. Look-around and references back are refused, as they allow no such
//! bound.

mod literals;

use std::fmt;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

pub(crate) use literals::{Inner, inner_words, required_texts, whole_words_inside};

/// The memory that the program of one expression may take, in bytes.
const PROGRAM_BYTES_MAX: usize = 4 << 20;

/// The memory that is kept for the states of one expression, for each thread, in bytes.
const STATES_BYTES_MAX: usize = 2 << 20;

/// How deep groups may be nested.
const NESTING_MAX: u32 = 100;

/// A regular expression that was found good. Two are equal when their texts are.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    regex: Regex,
    hir: Hir,
}

/// An expression that cannot be used; the text says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError(String);

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PatternError {}

impl Pattern {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is no expression of this kind, or needs a program beyond 4 MiB.
    pub fn new(text: &str) -> Result<Pattern, PatternError> {
        let mut parser =
            regex_syntax::ParserBuilder::new().utf8(false).nest_limit(NESTING_MAX).build();
        let hir = parser.parse(text).map_err(|error| PatternError(reason(&error)))?;
        let regex = RegexBuilder::new(text)
            .size_limit(PROGRAM_BYTES_MAX)
            .dfa_size_limit(STATES_BYTES_MAX)
            .nest_limit(NESTING_MAX)
            .build()
            .map_err(|_| PatternError("the expression needs too large a program".to_owned()))?;
        Ok(Pattern { text: text.to_owned(), regex, hir })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text that this expression stands for when it has no signs at all.
    #[must_use]
    pub fn plain_text(&self) -> Option<&str> {
        match self.hir.kind() {
            HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok(),
            _ => None,
        }
    }

    /// Whether some part of the text matches.
    #[must_use]
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }

    /// Whether what matches depends on nothing before or behind it, so that a match in a part of
    /// a text is one in the whole.
    pub(crate) fn is_free_of_edges(&self) -> bool {
        self.hir.properties().look_set().is_empty()
    }

    pub(crate) fn hir(&self) -> &Hir {
        &self.hir
    }
}

fn reason(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "the expression cannot be read".to_owned(),
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Pattern;

    #[test]
    fn expressions_match_parts() {
        let pattern = Pattern::new("err|warn").unwrap();
        assert!(pattern.is_match(b"2 warnings") && !pattern.is_match(b"ERROR"));
        assert_eq!(Pattern::new(r"a\.b \(c\)").unwrap().plain_text(), Some("a.b (c)"));
        assert_eq!(Pattern::new("a.b").unwrap().plain_text(), None);
        assert_eq!(Pattern::new("(?i)a").unwrap().plain_text(), None);
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let check = |text: &str, part: &str| {
            let error = Pattern::new(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        };
        check("a(b", "unclosed group");
        check("(?=a)", "look-around");
        check(r"(a)\1", "backreferences");
        check(r"\w{1000}{100}", "too large");
        check(&["(".repeat(200), ")".repeat(200)].concat(), "nest");
    }

    #[test]
    fn no_expression_takes_long() {
        let evil = Pattern::new("(a*)*(a+)+$").unwrap();
        assert!(!evil.is_match(&[b"a".repeat(50_000), b"b".to_vec()].concat()));
    }
}
