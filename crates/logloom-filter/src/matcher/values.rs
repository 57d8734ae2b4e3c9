//! Many values that a field may have, looked up instead of compared one by one.

use std::collections::HashSet;

use crate::{Kind, RawValue};
use logloom_record::line::Number;

/// A set of values as a person writes them.
#[derive(Clone, Debug)]
pub(super) struct Values {
    texts: HashSet<String>,
    /// Those of the texts that are numbers, in the form that all spellings share.
    numbers: HashSet<String>,
}

impl Values {
    pub(super) fn new(values: &[String]) -> Self {
        let number = |value: &String| Some(Number::parse(value.as_bytes())?.key());
        Self {
            texts: values.iter().cloned().collect(),
            numbers: values.iter().filter_map(number).collect(),
        }
    }

    /// Whether the value equals one of these, as [`RawValue::equals_text`] compares.
    pub(super) fn contain(&self, value: &RawValue<'_>) -> bool {
        let text = value.text();
        match value.kind() {
            Kind::Null => self.contain_empty() || self.texts.contains("null"),
            Kind::Number => {
                self.texts.contains(text.as_ref())
                    || Number::parse(text.as_bytes())
                        .is_some_and(|number| self.numbers.contains(&number.key()))
            }
            _ => self.texts.contains(text.as_ref()),
        }
    }

    /// Whether a field that is not there is meant.
    pub(super) fn contain_empty(&self) -> bool {
        self.texts.contains("")
    }
}
