//! Walks over JSON text: from the start of a value to its end.
//!
//! Takes bytes and a position, gives the position after the value, or `None` where the text is
//! damaged. Nothing is allocated and nothing is converted. [`Check::Shape`] believes what stands
//! inside strings, which is enough to find a field; [`Check::Grammar`] believes nothing.

/// Objects and arrays nested deeper than this count as damaged, so that no line can exhaust the
/// stack of the reader.
pub(crate) const DEPTH_MAX: usize = 256;

/// How closely a walk looks at the text it passes over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// Only where values begin and end.
    Shape,
    /// Also what stands inside strings.
    Grammar,
}

/// The first position at or after `position` that holds no white space.
pub fn skip_space(bytes: &[u8], mut position: usize) -> usize {
    while matches!(bytes.get(position), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        position += 1;
    }
    position
}

/// The position after the string whose opening quote stands at `open`.
pub(crate) fn skip_string(bytes: &[u8], open: usize, check: Check) -> Option<usize> {
    let mut position = open + 1;
    loop {
        position = find_special(bytes, position)?;
        position = match bytes[position] {
            b'"' => return Some(position + 1),
            b'\\' if check == Check::Grammar => skip_escape(bytes, position)?,
            b'\\' => position + 2,
            _ if check == Check::Grammar => return None,
            _ => position + 1,
        };
    }
}

/// The position of the first quote, backslash or control character at or after `position`. Eight
/// bytes are looked at together, which for the short strings of a log is faster than the search
/// for long texts.
fn find_special(bytes: &[u8], mut position: usize) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // The highest bit of each byte that is zero, and maybe of bytes behind the first of them.
    let zeros = |eight: u64| eight.wrapping_sub(ONES) & !eight & HIGHS;
    while let Some(eight) = bytes.get(position..position + 8) {
        let eight = u64::from_le_bytes(eight.try_into().unwrap_or_default());
        let controls = eight.wrapping_sub(ONES * 0x20) & !eight & HIGHS;
        let special = zeros(eight ^ (ONES * u64::from(b'"')))
            | zeros(eight ^ (ONES * u64::from(b'\\')))
            | controls;
        if special != 0 {
            return Some(position + special.trailing_zeros() as usize / 8);
        }
        position += 8;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    Some(position + bytes.get(position..)?.iter().position(is_special)?)
}

/// The position after the escape at `position`.
fn skip_escape(bytes: &[u8], position: usize) -> Option<usize> {
    match bytes.get(position + 1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(position + 2),
        b'u' if is_four_hex(bytes.get(position + 2..position + 6)) => Some(position + 6),
        _ => None,
    }
}

/// The position after the value that starts at `position`.
pub(crate) fn skip_value(bytes: &[u8], position: usize, check: Check) -> Option<usize> {
    skip_nested(bytes, position, check, 0)
}

fn skip_nested(bytes: &[u8], position: usize, check: Check, depth: usize) -> Option<usize> {
    match bytes.get(position)? {
        b'"' => skip_string(bytes, position, check),
        b'{' | b'[' if depth >= DEPTH_MAX => None,
        b'{' => skip_object(bytes, position, check, depth + 1),
        b'[' => skip_array(bytes, position, check, depth + 1),
        b't' => skip_word(bytes, position, b"true"),
        b'f' => skip_word(bytes, position, b"false"),
        b'n' => skip_word(bytes, position, b"null"),
        _ => skip_number(bytes, position),
    }
}

fn skip_word(bytes: &[u8], position: usize, word: &[u8]) -> Option<usize> {
    bytes[position..].starts_with(word).then_some(position + word.len())
}

fn skip_object(bytes: &[u8], open: usize, check: Check, depth: usize) -> Option<usize> {
    let mut position = skip_space(bytes, open + 1);
    if bytes.get(position) == Some(&b'}') {
        return Some(position + 1);
    }
    loop {
        let value = skip_key(bytes, position, check)?;
        position = skip_space(bytes, skip_nested(bytes, value, check, depth)?);
        match bytes.get(position)? {
            b',' => position = skip_space(bytes, position + 1),
            b'}' => return Some(position + 1),
            _ => return None,
        }
    }
}

/// The position of the value that belongs to the key at `position`.
fn skip_key(bytes: &[u8], position: usize, check: Check) -> Option<usize> {
    if bytes.get(position) != Some(&b'"') {
        return None;
    }
    let colon = skip_space(bytes, skip_string(bytes, position, check)?);
    (bytes.get(colon) == Some(&b':')).then(|| skip_space(bytes, colon + 1))
}

fn skip_array(bytes: &[u8], open: usize, check: Check, depth: usize) -> Option<usize> {
    let mut position = skip_space(bytes, open + 1);
    if bytes.get(position) == Some(&b']') {
        return Some(position + 1);
    }
    loop {
        position = skip_space(bytes, skip_nested(bytes, position, check, depth)?);
        match bytes.get(position)? {
            b',' => position = skip_space(bytes, position + 1),
            b']' => return Some(position + 1),
            _ => return None,
        }
    }
}

fn skip_number(bytes: &[u8], start: usize) -> Option<usize> {
    let mut position = start + usize::from(bytes[start] == b'-');
    position = match bytes.get(position)? {
        b'0' => position + 1,
        _ => skip_digits(bytes, position)?,
    };
    if bytes.get(position) == Some(&b'.') {
        position = skip_digits(bytes, position + 1)?;
    }
    if matches!(bytes.get(position), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(position + 1), Some(b'+' | b'-')));
        position = skip_digits(bytes, position + 1 + sign)?;
    }
    Some(position)
}

/// Past one digit or more.
fn skip_digits(bytes: &[u8], start: usize) -> Option<usize> {
    let count = bytes.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count > 0).then_some(start + count)
}

fn is_four_hex(digits: Option<&[u8]>) -> bool {
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Check, DEPTH_MAX, skip_value};

    #[test]
    fn ends_are_found_and_damage_is_seen() {
        let check = |text: &str, expect: Option<usize>| {
            assert_eq!(skip_value(text.as_bytes(), 0, Check::Grammar), expect, "{text}");
        };
        check("{}", Some(2));
        check("{ \"a\" : [ 1 , {} ] } x", Some(20));
        check("\"a\\\"b\" tail", Some(6));
        check("-0.5e+10,", Some(8));
        check("truex", Some(4));
        check("01", Some(1));
        for damaged in [
            "",
            "{",
            "{\"a\"",
            "{\"a\":}",
            "{\"a\":1,}",
            "[1,]",
            "[1 2]",
            "\"a",
            "-",
            "1.",
            "1e",
            "tru",
            "\"\\x\"",
            "\"\\u12G4\"",
            "\"\\u12\"",
            "\"\u{1}\"",
            "{1:2}",
            "nul",
        ] {
            check(damaged, None);
        }
    }

    #[test]
    fn depth_is_limited_and_never_exhausts_the_stack() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        let inside = nested(DEPTH_MAX);
        assert_eq!(skip_value(inside.as_bytes(), 0, Check::Shape), Some(2 * DEPTH_MAX));
        assert_eq!(skip_value(nested(100_000).as_bytes(), 0, Check::Shape), None);
    }
}
