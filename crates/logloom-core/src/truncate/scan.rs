//! What truncation has to know of texts: where a string of a line of JSON ends, how long a character is, how
//! a mark of an earlier cut looks, what the escapes stand for. Bytes of any content come in; nothing is
//! refused.

/// What tells that a text was cut, without the number.
const MARK: &[u8] = b"[TRUNCATED ";
const MARK_END: &[u8] = b" chars]";
/// What tells where the full text is, without the 64 digits and the bracket behind them.
const REFERENCE: &[u8] = b"[FULL ";
const REFERENCE_LEN: usize = REFERENCE.len() + 64 + 1;

/// A text whose mark of an earlier cut was taken off.
pub(super) struct Marked<'t> {
    pub(super) text: &'t [u8],
    /// Characters that the mark tells of; 0 without one.
    pub(super) cut: u64,
    /// What tells where the full text is, with its brackets.
    pub(super) reference: Option<&'t [u8]>,
}

/// The text without the mark of an earlier cut.
pub(super) fn without_mark(text: &[u8]) -> Marked<'_> {
    let unmarked = Marked { text, cut: 0, reference: None };
    let at = text.len().saturating_sub(REFERENCE_LEN);
    let (before, end) = text.split_at(at);
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let id = end.strip_prefix(REFERENCE).and_then(|end| end.strip_suffix(b"]"));
    let is_reference = id.is_some_and(|id| id.iter().all(is_digit));
    let (text, reference) = if is_reference { (before, Some(end)) } else { (text, None) };
    let marked = text.strip_suffix(MARK_END).and_then(|text| {
        let digits = text.iter().rev().take(20).take_while(|byte| byte.is_ascii_digit()).count();
        let (before, number) = text.split_at(text.len() - digits);
        let cut = std::str::from_utf8(number).ok()?.parse().ok()?;
        Some(Marked { text: before.strip_suffix(MARK)?, cut, reference })
    });
    marked.unwrap_or(unmarked)
}

/// Bytes up to the quote that ends a string.
pub(super) fn string_len(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) {
        if bytes[at + found] == b'"' {
            return at + found;
        }
        at = (at + found + 2).min(bytes.len());
    }
    bytes.len()
}

/// Bytes of the first character.
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    1 + bytes[1..].iter().take(3).take_while(|byte| matches!(byte, 0x80..=0xBF)).count()
}

/// Bytes of the first character of the inside of a JSON string: `\n`, `\u00e9`, `\ud83d\ude00`.
pub(super) fn escaped_len(bytes: &[u8]) -> usize {
    match bytes {
        [b'\\', b'u', ..] => {
            let is_high = bytes.len() >= 4
                && matches!(bytes[2], b'd' | b'D')
                && matches!(bytes[3], b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B');
            let is_pair = is_high && bytes.get(6..8) == Some(b"\\u");
            bytes.len().min(if is_pair { 12 } else { 6 })
        }
        [b'\\', _, ..] => 2,
        _ => plain_len(bytes),
    }
}

/// What the inside of a JSON string stands for; what stands for no character becomes U+FFFD.
pub(super) fn unescaped(mut inside: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(inside.len());
    while let Some(at) = memchr::memchr(b'\\', inside) {
        text.extend_from_slice(&inside[..at]);
        let (escape, rest) =
            inside[at..].split_at(escaped_len(&inside[at..]).min(inside.len() - at));
        let character = match escape {
            [_, b'n'] => '\n',
            [_, b'r'] => '\r',
            [_, b't'] => '\t',
            [_, b'b'] => '\u{8}',
            [_, b'f'] => '\u{c}',
            [_, b'u', digits @ ..] => numbered(digits),
            [_, other] if other.is_ascii() => char::from(*other),
            _ => char::REPLACEMENT_CHARACTER,
        };
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        inside = rest;
    }
    text.extend_from_slice(inside);
    text
}

/// The character of `00e9` or `d83d\\ude00`.
fn numbered(digits: &[u8]) -> char {
    let unit = |digits: Option<&[u8]>| {
        let digits = std::str::from_utf8(digits?).ok()?;
        u16::from_str_radix(digits, 16).ok()
    };
    let units = [unit(digits.get(..4)), unit(digits.get(6..10))].into_iter().flatten();
    match char::decode_utf16(units).next() {
        Some(Ok(character)) => character,
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_as_a_reader_of_json_does() {
        for inside in [
            "",
            "plain \u{fc}",
            r#"\n\r\t\b\f\/\\\""#,
            r"\u00e9\u4e2d\ud83d\ude00!",
            r"a\ud83d\ude00\n",
        ] {
            let expected: String = serde_json::from_str(&format!("\"{inside}\"")).unwrap();
            assert_eq!(String::from_utf8(unescaped(inside.as_bytes())).unwrap(), expected);
        }
        for (inside, expected) in [
            (r"\ud83dx", "\u{fffd}x"),
            (r"\ude00", "\u{fffd}"),
            (r"\ud83d\u0041", "\u{fffd}"),
            (r"\u00", "\u{fffd}"),
            ("\\", "\u{fffd}"),
        ] {
            let text = String::from_utf8(unescaped(inside.as_bytes())).unwrap();
            assert!(text.starts_with(expected), "{inside}: {text}");
        }
    }
}
