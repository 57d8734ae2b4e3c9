//! Raw JSON text of one value, made a typed value without loss.
//!
//! Integers keep every digit, fractions keep theirs where a float would round them, nested values
//! stay JSON text. Refuses (with `None`) what is nested too deeply to be kept as JSON.

use std::borrow::Cow;

use logloom_record::{Value, json};
use memchr::memchr;
use serde::de::{Deserialize, Deserializer, Visitor};

/// A JSON string that may hold lone surrogates, which become U+FFFD.
struct AnyText(String);

impl<'de> Deserialize<'de> for AnyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = AnyText;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON string")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<AnyText, E> {
        Ok(AnyText(text_of(bytes)))
    }

    fn visit_str<E>(self, text: &str) -> Result<AnyText, E> {
        Ok(AnyText(text.to_owned()))
    }
}

/// Text of bytes that are UTF-8 but for surrogates, three bytes each.
fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        // A surrogate is reported byte by byte; its first byte stands for all three.
        if chunk.invalid().first().is_some_and(|byte| byte & 0xc0 != 0x80) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

/// The typed value of a JSON text that is known to be valid.
pub(super) fn typed(raw: &str) -> Option<Value> {
    match raw.as_bytes().first()? {
        b'"' => text(raw).map(Value::Text),
        b'{' | b'[' => {
            // Only what is refused is looked at again, so that other texts cost nothing.
            let again = || json::compact(&without_lone_surrogates(raw)?).ok();
            json::compact(raw).ok().or_else(again).map(Value::Json)
        }
        b't' => Some(Value::Bool(true)),
        b'f' => Some(Value::Bool(false)),
        b'n' => Some(Value::Null),
        _ => Some(number(raw)),
    }
}

/// The JSON text with `\ufffd` in the place of each escape that is half a character; `None` where it has
/// none. All texts of a record treat them so.
fn without_lone_surrogates(raw: &str) -> Option<String> {
    let mut out = String::with_capacity(raw.len());
    let (mut rest, mut has_lone) = (raw, false);
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let unit = surrogate(rest);
        let next = rest.get(6..).and_then(surrogate);
        let length = match (unit, next) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(_), _) => 6,
            // What is escaped is no beginning of an escape.
            (None, _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        let is_lone = unit.is_some() && length == 6;
        has_lone |= is_lone;
        out.push_str(if is_lone { "\\ufffd" } else { &rest[..length] });
        rest = &rest[length..];
    }
    out.push_str(rest);
    has_lone.then_some(out)
}

/// The surrogate that is escaped at the front.
fn surrogate(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let unit = u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    (0xD800..=0xDFFF).contains(&unit).then_some(unit)
}

/// The text of a JSON string; `None` for any other value.
pub(crate) fn text(raw: &str) -> Option<String> {
    borrowed_text(raw).map(Cow::into_owned)
}

/// The text of a JSON string that is known to be valid, borrowed where it has no escapes.
pub(super) fn borrowed_text(raw: &str) -> Option<Cow<'_, str>> {
    let inside = raw.strip_prefix('"')?.strip_suffix('"')?;
    if memchr(b'\\', inside.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inside));
    }
    serde_json::from_str::<AnyText>(raw).ok().map(|text| Cow::Owned(text.0))
}

fn number(raw: &str) -> Value {
    if raw.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) || raw == "-0" {
        return fraction(raw);
    }
    None.or_else(|| raw.parse().ok().map(Value::I64))
        .or_else(|| raw.parse().ok().map(Value::U64))
        .or_else(|| raw.parse().ok().map(Value::I128))
        .or_else(|| raw.parse().ok().map(Value::U128))
        .unwrap_or_else(|| Value::BigInteger(raw.to_owned()))
}

/// A float where it prints as it was written, else the text itself.
fn fraction(raw: &str) -> Value {
    let prints_alike =
        |float: f64| prints_alike(raw).unwrap_or_else(|| format!("{float:?}") == raw);
    match raw.parse::<f64>() {
        Ok(float) if prints_alike(float) => Value::F64(float),
        _ => Value::Json(raw.to_owned()),
    }
}

/// Whether the float of these digits prints as they stand here, where that is told without
/// printing it: up to 15 digits come back from a float as they were, without zeros at the end.
fn prints_alike(raw: &str) -> Option<bool> {
    const LENGTH_MAX: usize = 16;
    let (whole, fraction) = raw.strip_prefix('-').unwrap_or(raw).split_once('.')?;
    let is_short = whole.len() + 1 + fraction.len() <= LENGTH_MAX;
    // Floats below a hundred thousandth print with an exponent.
    let is_small = whole == "0" && fraction.starts_with("0000");
    if !is_short || is_small || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(fraction == "0" || !fraction.ends_with('0'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use logloom_record::Value;
    use proptest::prelude::*;

    use super::{prints_alike, typed};

    #[test]
    fn nothing_is_rounded() {
        let check = |raw: &str, expect: Value| {
            assert_eq!(format!("{:?}", typed(raw)), format!("{:?}", Some(expect)), "{raw}");
        };
        check("1", Value::I64(1));
        check("-9223372036854775808", Value::I64(i64::MIN));
        check("9223372036854775808", Value::U64(1 << 63));
        check("18446744073709551616", Value::I128(1 << 64));
        check("170141183460469231731687303715884105728", Value::U128(1 << 127));
        let big = "9".repeat(60);
        check(&big, Value::BigInteger(big.clone()));
        check("1.5", Value::F64(1.5));
        check("1.50", Value::Json("1.50".into()));
        check("0.12345678901234567890", Value::Json("0.12345678901234567890".into()));
        check("1e999", Value::Json("1e999".into()));
        check("-0", Value::Json("-0".into()));
        check("null", Value::Null);
        check("true", Value::Bool(true));
        check(r#""a\n\u00e9\ud83d\ude00""#, Value::Text("a\n\u{e9}\u{1f600}".into()));
        check(r#""x\ud83dy""#, Value::Text("x\u{fffd}y".into()));
        let lone = r#"{"a\udc00":["\ud83d x","\\ud83d","\ud83d\ude00","\ud83d\ud83d\ude00"]}"#;
        let whole = r#"{"a\ufffd":["\ufffd x","\\ud83d","\ud83d\ude00","\ufffd\ud83d\ude00"]}"#;
        check(lone, Value::Json(whole.into()));
        assert!(typed(r#"{"a":"\ud83d","b"}"#).is_none());
        check(r#"{"a":[1,2.50]}"#, Value::Json(r#"{"a":[1,2.50]}"#.into()));
    }

    proptest! {
        #[test]
        fn short_fractions_print_as_it_is_told(
            raw in "-?(0|[1-9][0-9]{0,8})\\.(0|[0-9]{1,9})(e-?[0-9])?"
        ) {
            let printed = format!("{:?}", raw.parse::<f64>().unwrap());
            if let Some(alike) = prints_alike(&raw) {
                prop_assert_eq!(alike, printed == raw, "{} {}", raw, printed);
            }
        }
    }
}
