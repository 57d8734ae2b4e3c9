//! What may be asked of the text of a value.
//!
//! Values are text here, as in LogsQL; a field that is not there, and null, have an empty text.

use std::fmt;

use crate::syntax::{Name, Quoted};

/// Whose text is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The field at this path. Where it is an object or a list, one of the values in it has to
    /// pass.
    Path(String),
    /// Every value of the record, however deep; one has to pass.
    Any,
}

impl Target {
    /// The field that is meant where none is named.
    #[must_use]
    pub fn message() -> Target {
        Target::Path("message".to_owned())
    }
}

/// A test of one text. Words are runs of letters, digits and `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Test {
    /// The text contains this one, and no word goes on beyond its ends; an empty one is found in
    /// an empty text only.
    Phrase(String),
    /// The text contains this one, and no word goes on before its beginning; an empty one is
    /// found in every text but an empty one.
    Prefix(String),
    /// As [`Test::Phrase`], in upper and lower case.
    PhraseAnyCase(String),
    /// As [`Test::Prefix`], in upper and lower case.
    PrefixAnyCase(String),
    /// The whole text is this one.
    Equals(String),
    /// The whole text begins with this one.
    StartsWith(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Path(path) if path == "message" => Ok(()),
            Target::Path(path) => write!(f, "{}:", Name(path)),
            Target::Any => f.write_str("*:"),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Phrase(text) => write!(f, "{}", Name(text)),
            Test::Prefix(text) => write!(f, "{}*", Name(text)),
            Test::PhraseAnyCase(text) => write!(f, "i({})", Name(text)),
            Test::PrefixAnyCase(text) => write!(f, "i({}*)", Name(text)),
            Test::Equals(text) => write!(f, "={}", Quoted(text)),
            Test::StartsWith(text) => write!(f, "={}*", Quoted(text)),
        }
    }
}
