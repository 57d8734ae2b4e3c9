//! The inside of JSON strings: decoding, and comparing without decoding where that is possible.
//!
//! Takes the bytes between the quotes. Lone surrogates and invalid UTF-8 become U+FFFD; a broken
//! escape stands for itself, so that nothing that was written is hidden from a search.

use std::borrow::Cow;

use memchr::memchr;

/// The text of a string body, borrowed when it holds no escape.
pub(crate) fn decode(body: &[u8]) -> Cow<'_, str> {
    let Some(first) = memchr(b'\\', body) else {
        return String::from_utf8_lossy(body);
    };
    let mut decoded = Vec::with_capacity(body.len());
    decoded.extend_from_slice(&body[..first]);
    let mut rest = &body[first..];
    while let Some(found) = memchr(b'\\', rest) {
        decoded.extend_from_slice(&rest[..found]);
        rest = decode_escape(&rest[found..], &mut decoded);
    }
    decoded.extend_from_slice(rest);
    Cow::Owned(into_text(decoded))
}

/// Is the text of this string body exactly `text`?
pub(crate) fn equals(body: &[u8], text: &str) -> bool {
    // An escape is never shorter than what it stands for, which settles most comparisons at once.
    if body.len() < text.len() {
        return false;
    }
    body == text.as_bytes() && memchr(b'\\', body).is_none()
        || memchr(b'\\', body).is_some() && decode(body) == text
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Decodes the escape at the head of `rest`, gives what follows it.
fn decode_escape<'a>(rest: &'a [u8], decoded: &mut Vec<u8>) -> &'a [u8] {
    let plain = match rest.get(1) {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'b') => 0x08,
        Some(b'f') => 0x0c,
        Some(byte @ (b'"' | b'\\' | b'/')) => *byte,
        Some(b'u') => return decode_unicode(rest, decoded),
        _ => {
            decoded.push(b'\\');
            return &rest[1..];
        }
    };
    decoded.push(plain);
    &rest[2..]
}

fn decode_unicode<'a>(rest: &'a [u8], decoded: &mut Vec<u8>) -> &'a [u8] {
    let Some(first) = unit(rest) else {
        decoded.push(b'\\');
        return &rest[1..];
    };
    let (character, used) = match (first, unit(&rest[6..])) {
        (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) => {
            (char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)), 12)
        }
        _ => (char::from_u32(first), 6),
    };
    let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
    decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    &rest[used..]
}

/// The code unit of a `\uXXXX` at the head of `text`.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
}

/// The text as this system writes it inside a JSON string: shortest escapes, all else verbatim.
pub fn escape(text: &str) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.extend_from_slice(b"\\\""),
            '\\' => escaped.extend_from_slice(b"\\\\"),
            _ => escaped.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{decode, equals};

    #[test]
    fn escapes_decode() {
        let check = |body: &str, expect: &str| {
            assert_eq!(decode(body.as_bytes()), expect, "{body}");
            assert!(equals(body.as_bytes(), expect), "{body}");
        };
        check("plain", "plain");
        check(r"a\nb\tc\r\b\f\/\\\q", "a\nb\tc\r\u{8}\u{c}/\\\\q");
        check(r#"say \"hi\""#, "say \"hi\"");
        check(r"\u0041\u00e9", "A\u{e9}");
        check(r"\ud83d\ude00!", "\u{1f600}!");
        check(r"\ud83dx\ude00", "\u{fffd}x\u{fffd}");
        check(r"\ud83d\u0041", "\u{fffd}A");
        check(r"\u12", r"\u12");
        check(r"end\", r"end\");
        assert!(!equals(br"a\n", r"a\n"));
        assert_eq!(decode(b"\xff\\n"), "\u{fffd}\n");
    }
}
