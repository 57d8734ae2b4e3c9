//! Owned values to bytes and back.

use super::DEPTH_LIMIT;
use super::decode::{KeyedIter, ValueIter, ValueView, WireError, text};
use super::encode::Encode;
use super::encoder::Encoder;
use super::tag::Tag;
use crate::Value;

/// What stands for an array or object nested deeper than [`DEPTH_LIMIT`].
const TOO_DEEP: &str = "[TOO DEEP]";

/// Length of one keyed value: number or name, then the value.
#[inline]
pub fn keyed_len(name: &str, number: u32, value_len: usize) -> usize {
    let name_len = if number == 0 { 2 + super::encoder::name_len(name) } else { 0 };
    4 + name_len + value_len
}

impl Encode for Value {
    fn encoded_len(&self) -> usize {
        nested_len(self, 0)
    }

    fn encode(&self, out: &mut Encoder<'_>) {
        encode_nested(self, 0, out);
    }

    fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    fn hidden_chars(&self) -> u32 {
        match self {
            Value::Text(text) => text.hidden_chars(),
            Value::Masked(hidden) => *hidden,
            _ => 0,
        }
    }
}

fn nested_len(value: &Value, depth: usize) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::I64(_) | Value::U64(_) | Value::F64(_) | Value::Time(_) => 9,
        Value::I128(_) | Value::U128(_) => 17,
        Value::F32(_) | Value::Masked(_) => 5,
        Value::BigInteger(digits) | Value::Decimal(digits) => {
            let wide = usize::from(digits.len() > usize::from(u16::MAX)) * 2;
            3 + wide + digits.len()
        }
        Value::Text(text) | Value::Json(text) => 5 + text.len(),
        Value::Bytes(bytes) => 5 + bytes.len(),
        Value::Array(_) | Value::Object(_) if depth >= DEPTH_LIMIT => TOO_DEEP.encoded_len(),
        Value::Array(values) => {
            9 + values.iter().map(|value| nested_len(value, depth + 1)).sum::<usize>()
        }
        Value::Object(entries) => {
            9 + entries
                .iter()
                .map(|(name, value)| keyed_len(name, 0, nested_len(value, depth + 1)))
                .sum::<usize>()
        }
        Value::Exception(exception) => exception.encoded_len(),
    }
}

fn encode_nested(value: &Value, depth: usize, out: &mut Encoder<'_>) {
    match value {
        Value::Null => out.tag(Tag::Null),
        Value::Bool(value) => value.encode(out),
        Value::I64(value) => value.encode(out),
        Value::U64(value) => value.encode(out),
        Value::I128(value) => value.encode(out),
        Value::U128(value) => value.encode(out),
        Value::BigInteger(digits) => out.digits(Tag::BigInteger, digits),
        Value::Decimal(digits) => out.digits(Tag::Decimal, digits),
        Value::F64(value) => value.encode(out),
        Value::F32(value) => value.encode(out),
        Value::Text(text) => out.text(text),
        Value::Bytes(bytes) => out.bytes(bytes),
        Value::Time(time_ns) => out.tagged_8(Tag::Time, time_ns.to_le_bytes()),
        Value::Array(_) | Value::Object(_) if depth >= DEPTH_LIMIT => out.text(TOO_DEEP),
        Value::Array(values) => encode_array(values, depth, out),
        Value::Object(entries) => encode_object(entries, depth, out),
        Value::Json(json) => out.json(json),
        Value::Exception(exception) => exception.encode(out),
        Value::Masked(hidden) => out.masked(*hidden),
    }
}

fn encode_array(values: &[Value], depth: usize, out: &mut Encoder<'_>) {
    let mut sequence = out.begin(Tag::Array);
    let mut left = values.len();
    for value in values {
        if !out.element(&mut sequence) {
            break;
        }
        encode_nested(value, depth + 1, out);
        left -= 1;
    }
    out.end(sequence, left);
}

fn encode_object(entries: &[(String, Value)], depth: usize, out: &mut Encoder<'_>) {
    let mut sequence = out.begin(Tag::Object);
    let mut left = entries.len();
    for (name, value) in entries {
        if !out.element(&mut sequence) {
            break;
        }
        out.key(&out.fitting_key(name), 0);
        encode_nested(value, depth + 1, out);
        left -= 1;
    }
    out.end(sequence, left);
}

/// The owned form of a value that was read; invalid UTF-8 becomes U+FFFD.
///
/// # Errors
/// Damage within an array, object or exception.
pub fn value_from_view(view: ValueView<'_>) -> Result<Value, WireError> {
    let owned = |bytes| text(bytes).into_owned();
    Ok(match view {
        ValueView::Null => Value::Null,
        ValueView::Bool(value) => Value::Bool(value),
        ValueView::I64(value) => Value::I64(value),
        ValueView::U64(value) => Value::U64(value),
        ValueView::I128(value) => Value::I128(value),
        ValueView::U128(value) => Value::U128(value),
        ValueView::F32(value) => Value::F32(value),
        ValueView::F64(value) => Value::F64(value),
        ValueView::Text(bytes) => Value::Text(owned(bytes)),
        ValueView::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
        ValueView::Time(time_ns) => Value::Time(time_ns),
        ValueView::BigInteger(bytes) => Value::BigInteger(owned(bytes)),
        ValueView::Decimal(bytes) => Value::Decimal(owned(bytes)),
        ValueView::Array(values) => Value::Array(array(values)?),
        ValueView::Object(entries) => Value::Object(object(entries)?),
        ValueView::Json(bytes) => Value::Json(owned(bytes)),
        ValueView::Exception(exception) => Value::Exception(exception.to_owned()?),
        ValueView::Masked(hidden) => Value::Masked(hidden),
    })
}

fn array(values: ValueIter<'_>) -> Result<Vec<Value>, WireError> {
    values.map(|value| value_from_view(value?)).collect()
}

fn object(entries: KeyedIter<'_>) -> Result<Vec<(String, Value)>, WireError> {
    entries
        .map(|entry| {
            let entry = entry?;
            let name = match entry.key {
                super::Key::Name(name) => text(name).into_owned(),
                super::Key::Number(number) => format!("key_{number}"),
            };
            Ok((name, value_from_view(entry.value)?))
        })
        .collect()
}
