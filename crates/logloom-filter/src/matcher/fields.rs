//! Comparisons of two fields of a line.

use super::field::Field;
use crate::quantity::Amount;
use crate::{FieldComparison, Kind, LineView, RawValue};
use logloom_record::line::Number;

/// Two fields whose values are compared.
#[derive(Clone, Debug)]
pub(super) struct FieldPair {
    pub(super) field: Field,
    pub(super) order: FieldComparison,
    pub(super) other: Field,
}

impl FieldPair {
    pub(super) fn holds(&self, line: &LineView<'_>) -> bool {
        let (left, right) = (self.field.value(line), self.other.value(line));
        let (left_text, right_text) = (text(left.as_ref()), text(right.as_ref()));
        if self.order == FieldComparison::Equal {
            return left_text == right_text || are_equal_numbers(left.as_ref(), right.as_ref());
        }
        let sorted = match (Amount::parse(&left_text), Amount::parse(&right_text)) {
            (Some(left), Some(right)) => left.compare(&right),
            _ => left_text.cmp(&right_text),
        };
        sorted.is_lt() || self.order == FieldComparison::LessOrEqual && sorted.is_eq()
    }
}

fn text(value: Option<&RawValue<'_>>) -> String {
    match value {
        Some(value) if value.kind() != Kind::Null => value.text().into_owned(),
        _ => String::new(),
    }
}

fn are_equal_numbers(left: Option<&RawValue<'_>>, right: Option<&RawValue<'_>>) -> bool {
    let number = |value: Option<&RawValue<'_>>| {
        value.filter(|value| value.kind() == Kind::Number).map(|value| value.raw().to_vec())
    };
    match (number(left), number(right)) {
        (Some(left), Some(right)) => {
            Number::parse(&left).is_some_and(|left| Number::parse(&right) == Some(left))
        }
        _ => false,
    }
}
