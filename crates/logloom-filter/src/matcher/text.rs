//! Tests of texts with the values that they look at.
//!
//! Takes a [`Test`] once and lines one after the other. Where some text must stand in every line
//! that passes, the raw line is searched for it first, and only a line that has it is taken apart.

use memchr::memchr;

use super::field::Field;
use super::needle::Needle;
use super::test::Ready;
use crate::pattern::required_texts;
use crate::{Kind, LineView, RawValue, Target, Test};
use logloom_record::line::Number;

/// A [`Test`] with its target, ready for use.
#[derive(Clone, Debug)]
pub(super) struct TextNode {
    /// The field, or none for every value.
    field: Option<Field>,
    test: Ready,
    /// Texts of which one stands in every line that passes; empty where there is none that must.
    needles: Vec<Needle>,
}

impl TextNode {
    pub(super) fn new(target: &Target, test: &Test) -> Self {
        let needles = needle_texts(test).iter().map(|text| Needle::new(text)).collect();
        let field = match target {
            Target::Path(path) => Some(Field::new(path)),
            Target::Any => None,
        };
        Self { field, test: Ready::new(test), needles }
    }

    /// The answer for a line that is believed to be well formed.
    pub(super) fn holds(&self, line: &LineView<'_>) -> bool {
        if !self.may_hold(line.raw()) {
            return false;
        }
        let Some(field) = &self.field else { return self.holds_any(line) };
        match field.value(line) {
            Some(value) => self.holds_value(&value),
            None => self.test.holds(""),
        }
    }

    fn holds_any(&self, line: &LineView<'_>) -> bool {
        // Without escapes every value stands in the line as it is: an expression that finds
        // nothing in the line finds nothing in its values.
        if let Ready::Matches(pattern) = &self.test
            && pattern.is_free_of_edges()
            && !pattern.is_match(line.raw())
            && memchr(b'\\', line.raw()).is_none()
        {
            return false;
        }
        line.members().any(|(_, value)| self.holds_value(&value))
            || !line.is_well_formed() && self.holds_raw(line.raw()) == Some(true)
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
            Kind::Number => self.holds_number(&value.text()),
            _ => self.test.holds(&value.text()),
        }
    }

    /// The answer for a JSON number, which has many ways to be written.
    fn holds_number(&self, text: &str) -> bool {
        let Ready::Equals(wanted) = &self.test else { return self.test.holds(text) };
        text == wanted
            || Number::parse(wanted.as_bytes())
                .is_some_and(|wanted| Number::parse(text.as_bytes()) == Some(wanted))
    }

    /// The answer that the raw text of a damaged line gives. A text is also found as JSON writes
    /// it.
    pub(super) fn holds_raw(&self, line: &[u8]) -> Option<bool> {
        if self.field.is_some() {
            return None;
        }
        match &self.test {
            Ready::Contains(_) => {
                let is_in = |needle: &Needle| needle.is_in(line);
                Some(self.needles.is_empty() || self.needles.iter().any(is_in))
            }
            Ready::Matches(pattern) => Some(pattern.is_match(line)),
            test => Some(test.holds(&String::from_utf8_lossy(line))),
        }
    }

    /// Whether one of these lines may pass; false is certain.
    pub(super) fn may_hold(&self, lines: &[u8]) -> bool {
        self.needles.is_empty() || self.needles.iter().any(|needle| needle.may_be_in(lines))
    }
}

/// Texts of which one stands in every line that passes; empty where there is none that must.
fn needle_texts(test: &Test) -> Vec<String> {
    let texts = match test {
        Test::Phrase(text) | Test::Prefix(text) | Test::StartsWith(text) => vec![text.clone()],
        Test::Contains(text) => vec![text.clone()],
        // A number may be written in other ways.
        Test::Equals(text) if Number::parse(text.as_bytes()).is_none() => vec![text.clone()],
        Test::Matches(pattern) => required_texts(pattern.hir()),
        Test::ContainsAny(texts) if texts.len() <= NEEDLES_MAX => texts.clone(),
        Test::ContainsAll(texts) | Test::Sequence(texts) => {
            texts.iter().max_by_key(|text| text.len()).cloned().into_iter().collect()
        }
        _ => Vec::new(),
    };
    match texts.iter().any(String::is_empty) {
        true => Vec::new(),
        false => texts,
    }
}

/// Of more texts each one would be looked for alone.
const NEEDLES_MAX: usize = 8;
