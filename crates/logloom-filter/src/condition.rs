//! What may be asked of the text of a value.
//!
//! Values are text here, as in LogsQL; a field that is not there, and null, have an empty text.

use std::cmp::Ordering;
use std::fmt;
use std::net::Ipv4Addr;

use crate::Pattern;
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
    /// The text contains this one, wherever words begin and end. An empty one is in every text.
    Contains(String),
    /// Some part of the text matches this regular expression.
    Matches(Pattern),
    /// The text compares so with a bound. Where the bound is an amount (a number, duration, size,
    /// time or IPv4 address, or `inf`) as amounts, and texts that are none fail; else as texts,
    /// byte by byte.
    Compare {
        /// Which order is wanted.
        order: Comparison,
        /// The bound as a person writes it.
        bound: String,
    },
    /// The text is an amount in this range. A bound that is no amount lets nothing pass.
    Range {
        /// The least one.
        from: Bound,
        /// The greatest one.
        until: Bound,
    },
    /// The text is at or after the first bound, and before the second one, byte by byte.
    StringRange {
        /// The first text that counts.
        from: String,
        /// The first text that counts no more.
        until: String,
    },
    /// The text has this number of characters.
    Length {
        /// The least number.
        min: u64,
        /// The greatest number.
        max: u64,
    },
    /// The text is an IPv4 address in this range.
    Ipv4Range {
        /// The first address, as its 32 bits.
        first: u32,
        /// The last address, which counts too.
        last: u32,
    },
    /// The text contains each of these, as [`Test::Phrase`]; none are in every text.
    ContainsAll(Vec<String>),
    /// The text contains one of these, as [`Test::Phrase`].
    ContainsAny(Vec<String>),
    /// The text contains these one behind the other, as [`Test::Phrase`].
    Sequence(Vec<String>),
}

/// An order of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Before the bound.
    Less,
    /// At or before the bound.
    LessOrEqual,
    /// Behind the bound.
    Greater,
    /// At or behind the bound.
    GreaterOrEqual,
}

impl Comparison {
    /// The operator as a query has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }

    /// The operator of this text.
    #[must_use]
    pub fn parse(sign: &str) -> Option<Comparison> {
        match sign {
            "<" => Some(Comparison::Less),
            "<=" => Some(Comparison::LessOrEqual),
            ">" => Some(Comparison::Greater),
            ">=" => Some(Comparison::GreaterOrEqual),
            _ => None,
        }
    }

    /// Whether a value that is ordered so to the bound passes.
    #[must_use]
    pub fn accepts(self, order: Ordering) -> bool {
        match self {
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// How the values of two fields of a record compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldComparison {
    /// They are the same: numbers as numbers, all else as text.
    Equal,
    /// The first is less: as amounts where both are, else as texts.
    Less,
    /// The first is less or the same.
    LessOrEqual,
}

impl FieldComparison {
    /// The function of the language that compares so.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            FieldComparison::Equal => "eq_field",
            FieldComparison::Less => "lt_field",
            FieldComparison::LessOrEqual => "le_field",
        }
    }
}

/// One end of a range of amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The amount as a person writes it.
    pub text: String,
    /// Whether it belongs to the range.
    pub is_included: bool,
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
            Test::Contains(text) => write!(f, "~{}", Quoted(&escaped(text))),
            Test::Matches(pattern) => write!(f, "~{}", Quoted(pattern.as_str())),
            Test::Compare { order, bound } => write!(f, "{}{}", order.as_str(), Name(bound)),
            Test::Range { from, until } => write_range(f, from, until),
            Test::StringRange { from, until } => {
                write!(f, "string_range({}, {})", Name(from), Name(until))
            }
            Test::Length { min, max: u64::MAX } => write!(f, "len_range({min}, inf)"),
            Test::Length { min, max } => write!(f, "len_range({min}, {max})"),
            Test::Ipv4Range { first, last } => {
                let (first, last) = (Ipv4Addr::from(*first), Ipv4Addr::from(*last));
                write!(f, "ipv4_range({first}, {last})")
            }
            Test::ContainsAll(all) => write_call(f, "contains_all", all),
            Test::ContainsAny(all) => write_call(f, "contains_any", all),
            Test::Sequence(all) => write_call(f, "seq", all),
        }
    }
}

fn write_range(f: &mut fmt::Formatter<'_>, from: &Bound, until: &Bound) -> fmt::Result {
    let open = if from.is_included { '[' } else { '(' };
    let close = if until.is_included { ']' } else { ')' };
    write!(f, "range{open}{}, {}{close}", Name(&from.text), Name(&until.text))
}

fn write_call(f: &mut fmt::Formatter<'_>, name: &str, texts: &[String]) -> fmt::Result {
    write!(f, "{name}(")?;
    for (position, text) in texts.iter().enumerate() {
        let between = if position > 0 { "," } else { "" };
        write!(f, "{between}{}", Quoted(text))?;
    }
    f.write_str(")")
}

/// The regular expression that matches exactly this text.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}
