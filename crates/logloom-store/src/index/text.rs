//! Strings of JSON as bytes: where they end, and what they say where they hold escapes. In come bytes of whole lines;
//! what is no string is refused.

use super::hash::load;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// A string of JSON.
pub(super) struct Text {
    /// Where its closing quote stands.
    pub(super) end: usize,
    /// Whether it holds escapes.
    pub(super) is_escaped: bool,
}

/// The string whose opening quote stands in front of `start`; `None` where it does not end, or is none.
#[inline]
pub(super) fn string(bytes: &[u8], start: usize) -> Option<Text> {
    let mut at = start;
    loop {
        if at >= bytes.len() {
            return None;
        }
        let eight = load(bytes, at);
        let special = zeros(eight ^ (ONES * u64::from(b'"')))
            | zeros(eight ^ (ONES * u64::from(b'\\')))
            | (eight.wrapping_sub(ONES * 0x20) & !eight & HIGHS);
        if special == 0 {
            at += 8;
            continue;
        }
        at += special.trailing_zeros() as usize / 8;
        return match bytes.get(at)? {
            b'"' => Some(Text { end: at, is_escaped: false }),
            b'\\' => escaped(bytes, start - 1),
            _ => None,
        };
    }
}

/// The highest bit of each byte that is zero, and maybe of bytes behind the first of them.
#[inline]
fn zeros(eight: u64) -> u64 {
    eight.wrapping_sub(ONES) & !eight & HIGHS
}

fn escaped(bytes: &[u8], quote: usize) -> Option<Text> {
    let end = crate::json::string(bytes, quote)? - 1;
    Some(Text { end, is_escaped: true })
}

/// What the inside of a string says, escapes undone. Halves of a character that stand alone become U+FFFD.
pub(super) fn decode(inside: &str) -> String {
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((before, escape)) = rest.split_once('\\') {
        text.push_str(before);
        let mut after = escape.chars();
        match after.next() {
            Some('u') => {
                let (character, used) = unicode(escape);
                text.push(character);
                rest = escape.get(used..).unwrap_or_default();
                continue;
            }
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some(other) => text.push(other),
            None => {}
        }
        rest = after.as_str();
    }
    text.push_str(rest);
    text
}

/// The character of `uXXXX`, with a second half where there must be one, and how long that is.
fn unicode(escape: &str) -> (char, usize) {
    let half = |text: Option<&str>| u32::from_str_radix(text?.strip_prefix('u')?, 16).ok();
    let Some(first) = half(escape.get(..5)) else { return (char::REPLACEMENT_CHARACTER, 1) };
    let second = escape.get(5..11).and_then(|next| half(next.strip_prefix('\\')));
    match (first, second) {
        (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) => {
            let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11)
        }
        _ => (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 5),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn strings_end_at_their_quote() {
        let check = |text: &str, expect: Option<(usize, bool)>| {
            let found = string(text.as_bytes(), 1).map(|text| (text.end, text.is_escaped));
            assert_eq!(found, expect, "{text}");
        };
        check(r#""","#, Some((1, false)));
        check(r#""a long one, of many bytes" "#, Some((26, false)));
        check("\"größe 中文 😀 in it\"", Some(("größe 中文 😀 in it".len() + 1, false)));
        check(r#""a \" quote and \\ more" x"#, Some((23, true)));
        check(r#""bad \x""#, None);
        check("\"a\u{1}\"", None);
        check("\"a\nb\"", None);
        check("\"\u{7f}\"", Some((2, false)));
        check("\"never ends", None);
        check("\"", None);
    }

    #[test]
    fn escapes_are_undone() {
        for (inside, expect) in [
            (r"a\nb\tc\r\b\f\/\\\u0041\u00e9", "a\nb\tc\r\u{8}\u{c}/\\Aé"),
            (r"\ud83d\ude00!", "😀!"),
            (r"\ud83dx\ude00", "\u{fffd}x\u{fffd}"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r#"say \"hi\""#, "say \"hi\""),
        ] {
            assert_eq!(decode(inside), expect, "{inside}");
        }
    }
}
