//! Tests of one text, made ready for many.

use std::borrow::Cow;
use std::cmp::Ordering;

use memchr::memmem::Finder;

use crate::quantity::{Amount, ipv4};
use crate::words::{Edged, fold};
use crate::{Bound, Comparison, Pattern, Test};

/// A [`Test`], ready for use.
#[derive(Clone, Debug)]
pub(super) enum Ready {
    Never,
    IsEmpty,
    IsFilled,
    Edged(Edged),
    EdgedAnyCase(Edged),
    Equals(String),
    StartsWith(String),
    Contains(Box<Finder<'static>>),
    Matches(Box<Pattern>),
    CompareAmount(Comparison, Amount),
    CompareText(Comparison, String),
    Range { from: (Comparison, Amount), until: (Comparison, Amount) },
    StringRange { from: String, until: String },
    Length { min: u64, max: u64 },
    Ipv4Range { first: u32, last: u32 },
    All(Vec<Ready>),
    Any(Vec<Ready>),
    Sequence(Vec<Edged>),
}

impl Ready {
    pub(super) fn new(test: &Test) -> Self {
        match test {
            Test::Phrase(text) | Test::PhraseAnyCase(text) if text.is_empty() => Self::IsEmpty,
            Test::Prefix(text) | Test::PrefixAnyCase(text) if text.is_empty() => Self::IsFilled,
            Test::Phrase(text) => Self::Edged(Edged::phrase(text)),
            Test::Prefix(text) => Self::Edged(Edged::prefix(text)),
            Test::PhraseAnyCase(text) => Self::EdgedAnyCase(Edged::phrase(&fold(text))),
            Test::PrefixAnyCase(text) => Self::EdgedAnyCase(Edged::prefix(&fold(text))),
            Test::Equals(text) => Self::Equals(text.clone()),
            Test::StartsWith(text) => Self::StartsWith(text.clone()),
            Test::Contains(text) => Self::Contains(Box::new(Finder::new(text).into_owned())),
            Test::Matches(pattern) => Self::Matches(Box::new(pattern.clone())),
            Test::Compare { order, bound } => Self::compare(*order, bound),
            Test::Range { from, until } => Self::range(from, until),
            Test::StringRange { from, until } => {
                Self::StringRange { from: from.clone(), until: until.clone() }
            }
            Test::Length { min, max } => Self::Length { min: *min, max: *max },
            Test::Ipv4Range { first, last } => Self::Ipv4Range { first: *first, last: *last },
            Test::ContainsAll(texts) => Self::All(phrases(texts)),
            Test::ContainsAny(texts) => Self::Any(phrases(texts)),
            Test::Sequence(texts) => {
                let texts = texts.iter().filter(|text| !text.is_empty());
                Self::Sequence(texts.map(|text| Edged::phrase(text)).collect())
            }
        }
    }

    fn compare(order: Comparison, bound: &str) -> Self {
        match Amount::parse_bound(bound) {
            Some(amount) => Self::CompareAmount(order, amount),
            None => Self::CompareText(order, bound.to_owned()),
        }
    }

    fn range(from: &Bound, until: &Bound) -> Self {
        let bounds = (Amount::parse_bound(&from.text), Amount::parse_bound(&until.text));
        let (Some(least), Some(greatest)) = bounds else { return Self::Never };
        let (above, below) = match (from.is_included, until.is_included) {
            (true, true) => (Comparison::GreaterOrEqual, Comparison::LessOrEqual),
            (true, false) => (Comparison::GreaterOrEqual, Comparison::Less),
            (false, true) => (Comparison::Greater, Comparison::LessOrEqual),
            (false, false) => (Comparison::Greater, Comparison::Less),
        };
        Self::Range { from: (above, least), until: (below, greatest) }
    }

    /// Whether this text passes.
    pub(super) fn holds(&self, text: &str) -> bool {
        match self {
            Self::Never => false,
            Self::IsEmpty => text.is_empty(),
            Self::IsFilled => !text.is_empty(),
            Self::Edged(edged) => edged.find(text).is_some(),
            Self::EdgedAnyCase(edged) => edged.find(&folded(text)).is_some(),
            Self::Equals(wanted) => text == wanted,
            Self::StartsWith(wanted) => text.starts_with(wanted.as_str()),
            Self::Contains(finder) => finder.find(text.as_bytes()).is_some(),
            Self::Matches(pattern) => pattern.is_match(text.as_bytes()),
            Self::CompareAmount(order, bound) => {
                Amount::parse(text).is_some_and(|amount| order.accepts(amount.compare(bound)))
            }
            Self::CompareText(order, bound) => order.accepts(text.cmp(bound)),
            Self::Range { from, until } => is_between(text, from, until),
            Self::StringRange { from, until } => {
                from.as_str() <= text && text.cmp(until) == Ordering::Less
            }
            Self::Length { min, max } => {
                let length = text.chars().count() as u64;
                *min <= length && length <= *max
            }
            Self::Ipv4Range { first, last } => {
                ipv4(text).is_some_and(|address| *first <= address && address <= *last)
            }
            Self::All(tests) => tests.iter().all(|test| test.holds(text)),
            Self::Any(tests) => tests.iter().any(|test| test.holds(text)),
            Self::Sequence(texts) => is_sequence(text, texts),
        }
    }
}

fn phrases(texts: &[String]) -> Vec<Ready> {
    texts.iter().map(|text| Ready::new(&Test::Phrase(text.clone()))).collect()
}

fn is_between(text: &str, from: &(Comparison, Amount), until: &(Comparison, Amount)) -> bool {
    Amount::parse(text).is_some_and(|amount| {
        from.0.accepts(amount.compare(&from.1)) && until.0.accepts(amount.compare(&until.1))
    })
}

fn is_sequence(text: &str, wanted: &[Edged]) -> bool {
    let mut rest = text;
    wanted.iter().all(|edged| match edged.find(rest) {
        Some(found) => {
            rest = &rest[found.end..];
            true
        }
        None => false,
    })
}

fn folded(text: &str) -> Cow<'_, str> {
    let is_folded = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    match text.bytes().all(is_folded) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(fold(text)),
    }
}
