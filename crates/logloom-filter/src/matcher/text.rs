//! Tests of texts, made ready for many lines.

use std::borrow::Cow;

use super::needle::Needle;
use crate::line::Number;
use crate::words::{Edged, fold};
use crate::{Kind, LineView, RawValue, Target, Test};

/// A [`Test`] with its target, ready for use.
#[derive(Clone, Debug)]
pub(super) struct TextNode {
    target: Target,
    test: TextTest,
    /// Texts of which one stands in every line that passes; empty where there is none that must.
    needles: Vec<Needle>,
}

#[derive(Clone, Debug)]
enum TextTest {
    IsEmpty,
    IsFilled,
    Edged(Edged),
    EdgedAnyCase(Edged),
    Equals(String),
    StartsWith(String),
}

impl TextNode {
    pub(super) fn new(target: &Target, test: &Test) -> Self {
        let needles = needle_text(test).map(Needle::new).into_iter().collect();
        Self { target: target.clone(), test: TextTest::new(test), needles }
    }

    /// The answer for a line that is believed to be well formed.
    pub(super) fn holds(&self, line: &LineView<'_>) -> bool {
        match &self.target {
            Target::Path(path) => match line.get(path) {
                Some(value) => self.holds_value(&value),
                None => self.test.holds(""),
            },
            Target::Any => self.holds_any(line),
        }
    }

    fn holds_any(&self, line: &LineView<'_>) -> bool {
        if !self.may_hold(line.raw()) {
            return false;
        }
        line.members().any(|(_, value)| self.holds_value(&value))
            || !line.is_well_formed() && self.test.holds(&String::from_utf8_lossy(line.raw()))
    }

    fn holds_value(&self, value: &RawValue<'_>) -> bool {
        match value.kind() {
            Kind::Null => self.test.holds(""),
            Kind::Object => value
                .members()
                .is_some_and(|mut all| all.any(|(_, inner)| self.holds_value(&inner))),
            Kind::Array => {
                value.elements().is_some_and(|mut all| all.any(|inner| self.holds_value(&inner)))
            }
            Kind::Number => self.test.holds_number(&value.text()),
            _ => self.test.holds(&value.text()),
        }
    }

    /// The answer that the raw text of a damaged line gives.
    pub(super) fn holds_raw(&self, line: &[u8]) -> Option<bool> {
        match self.target {
            Target::Path(_) => None,
            Target::Any => Some(self.test.holds(&String::from_utf8_lossy(line))),
        }
    }

    /// Whether one of these lines may pass; false is certain.
    pub(super) fn may_hold(&self, lines: &[u8]) -> bool {
        self.needles.is_empty() || self.needles.iter().any(|needle| needle.may_be_in(lines))
    }
}

impl TextTest {
    fn new(test: &Test) -> Self {
        match test {
            Test::Phrase(text) | Test::PhraseAnyCase(text) if text.is_empty() => Self::IsEmpty,
            Test::Prefix(text) | Test::PrefixAnyCase(text) if text.is_empty() => Self::IsFilled,
            Test::Phrase(text) => Self::Edged(Edged::phrase(text)),
            Test::Prefix(text) => Self::Edged(Edged::prefix(text)),
            Test::PhraseAnyCase(text) => Self::EdgedAnyCase(Edged::phrase(&fold(text))),
            Test::PrefixAnyCase(text) => Self::EdgedAnyCase(Edged::prefix(&fold(text))),
            Test::Equals(text) => Self::Equals(text.clone()),
            Test::StartsWith(text) => Self::StartsWith(text.clone()),
        }
    }

    fn holds(&self, text: &str) -> bool {
        match self {
            Self::IsEmpty => text.is_empty(),
            Self::IsFilled => !text.is_empty(),
            Self::Edged(edged) => edged.find(text).is_some(),
            Self::EdgedAnyCase(edged) => edged.find(&folded(text)).is_some(),
            Self::Equals(wanted) => text == wanted,
            Self::StartsWith(wanted) => text.starts_with(wanted.as_str()),
        }
    }

    /// The answer for a JSON number, which has many ways to be written.
    fn holds_number(&self, text: &str) -> bool {
        let Self::Equals(wanted) = self else { return self.holds(text) };
        text == wanted
            || Number::parse(wanted.as_bytes())
                .is_some_and(|wanted| Number::parse(text.as_bytes()) == Some(wanted))
    }
}

fn folded(text: &str) -> Cow<'_, str> {
    let is_folded = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    match text.bytes().all(is_folded) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(fold(text)),
    }
}

/// The text that stands in every line that passes.
fn needle_text(test: &Test) -> Option<&str> {
    let text = match test {
        Test::Phrase(text) | Test::Prefix(text) | Test::StartsWith(text) => text,
        // A number may be written in other ways.
        Test::Equals(text) if Number::parse(text.as_bytes()).is_none() => text,
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}
