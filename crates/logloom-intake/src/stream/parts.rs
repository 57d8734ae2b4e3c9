//! What one record can hold, and how longer text is cut.
//!
//! Takes a record and says whether it has room in the log as it will be written; takes text and
//! says how much of it makes one message. Sizes are upper bounds of the JSON that is written.

use logloom_record::{Exception, Record, Value};

/// The longest message of one record, in bytes as they are written; the rest of a record of 1 MiB
/// is room for the fields.
pub const MESSAGE_BYTES_MAX: usize = (1 << 20) - (64 << 10);

/// Bytes that the longest escape of one byte takes.
const ESCAPE_BYTES: usize = 6;

/// Bytes around a value and its name, and of a number.
const MEMBER_BYTES: usize = 48;

/// Bytes of a text as JSON; stops counting beyond the limit.
fn written(text: &str) -> usize {
    if text.len() > MESSAGE_BYTES_MAX {
        return text.len();
    }
    text.chars().map(written_character).sum()
}

fn written_character(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' => 2,
        '\u{0}'..='\u{1f}' | '\u{7f}' => ESCAPE_BYTES,
        _ => character.len_utf8(),
    }
}

/// How many bytes of the text make one message; at least one character.
pub(super) fn piece_bytes(text: &str) -> usize {
    if text.len() <= MESSAGE_BYTES_MAX / ESCAPE_BYTES {
        return text.len();
    }
    let mut bytes = 0;
    for (at, character) in text.char_indices() {
        bytes += written_character(character);
        if bytes > MESSAGE_BYTES_MAX {
            return at;
        }
    }
    text.len()
}

/// Whether the record can be written whole. `text_bytes` is the length of the text it was made of.
pub(super) fn fits(record: &Record, text_bytes: usize) -> bool {
    // Nothing in a record is longer than its text, but the error stands in it twice.
    text_bytes <= MESSAGE_BYTES_MAX / (2 * ESCAPE_BYTES)
        || record_bytes(record) <= MESSAGE_BYTES_MAX
}

fn record_bytes(record: &Record) -> usize {
    let heads = [&record.service, &record.trace_id, &record.span_id, &record.session_id];
    written(&record.message)
        + heads.into_iter().flatten().map(|text| written(text)).sum::<usize>()
        + written(&record.module)
        + members(&record.fields)
        + record.exception.as_ref().map_or(0, exception)
}

fn members(fields: &[(String, Value)]) -> usize {
    fields.iter().map(|(name, value)| written(name) + value_bytes(value)).sum()
}

fn value_bytes(value: &Value) -> usize {
    MEMBER_BYTES
        + match value {
            Value::Text(text) | Value::BigInteger(text) | Value::Decimal(text) => written(text),
            Value::Json(text) => text.len(),
            Value::Bytes(bytes) => bytes.len() * 2,
            Value::Array(values) => values.iter().map(value_bytes).sum(),
            Value::Object(fields) => members(fields),
            Value::Exception(found) => exception(found),
            _ => 0,
        }
}

fn exception(found: &Exception) -> usize {
    let mut bytes = 0;
    let mut next = Some(found);
    while let Some(link) = next {
        bytes += MEMBER_BYTES + written(&link.type_name) + written(&link.message);
        for frame in &link.frames {
            let texts = [&frame.function, &frame.module, &frame.file];
            bytes += 2 * MEMBER_BYTES + texts.into_iter().map(|text| written(text)).sum::<usize>();
        }
        next = link.cause.as_deref();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use logloom_record::Level;

    use super::*;

    #[test]
    fn pieces_are_cut_where_the_written_message_is_full() {
        assert_eq!(piece_bytes("short"), 5);
        let plain = "x".repeat(MESSAGE_BYTES_MAX + 1);
        assert_eq!(piece_bytes(&plain), MESSAGE_BYTES_MAX);
        let escaped = "\0".repeat(MESSAGE_BYTES_MAX);
        assert_eq!(piece_bytes(&escaped), MESSAGE_BYTES_MAX / ESCAPE_BYTES);
        let wide = "\u{1f600}".repeat(MESSAGE_BYTES_MAX / 4 + 1);
        assert_eq!(piece_bytes(&wide), MESSAGE_BYTES_MAX / 4 * 4);
    }

    #[test]
    fn everything_in_a_record_counts() {
        let half = "x".repeat(MESSAGE_BYTES_MAX / 2);
        let record = Record::new(Level::Info, "", half.as_str());
        let check = |record: &Record, expect: bool| {
            assert_eq!(fits(record, half.len() * 2), expect);
        };
        check(&record, true);
        check(&record.clone().with("field", half.as_str()), false);
        check(&record.clone().with("array", Value::Array(vec![half.as_str().into()])), false);
        let object = Value::Object(vec![(half.clone(), Value::Null)]);
        check(&record.clone().with("object", object), false);
        let cause = Exception { message: half.clone(), ..Exception::default() };
        let error = Exception { cause: Some(Box::new(cause)), ..Exception::default() };
        check(&Record { exception: Some(error), ..record.clone() }, false);
        check(&Record { module: "\0".repeat(half.len() / 5), ..record }, false);
    }
}
