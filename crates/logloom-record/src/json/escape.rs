//! Text as the inside of a JSON string. Bytes that may be anything come in, valid JSON goes out:
//! what is no UTF-8 becomes U+FFFD, control characters (DEL and U+0080 to U+009F as well) and
//! the line separators U+2028 and U+2029 are escaped, so that no line of a file holds a break and
//! no terminal obeys what it shows.

use crate::wire::{cut_mark, without_mark};

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Bytes that need a look, as high bits: below 0x20, quote, backslash, DEL, not ASCII. Bits above
/// the first one set may be wrong.
#[inline(always)]
const fn suspicious(word: u64) -> u64 {
    let control = word.wrapping_sub(ONES * 0x20);
    let quote = (word ^ (ONES * 0x22)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * 0x5C)).wrapping_sub(ONES);
    let delete = (word ^ (ONES * 0x7F)).wrapping_sub(ONES);
    // The inversions cancel the borrow of bytes that had their high bit set before.
    ((control | quote | backslash | delete) & !word | word) & HIGH
}

/// Number of bytes at the front that need no escape and are ASCII.
#[inline(always)]
fn clean_len(bytes: &[u8]) -> usize {
    let mut at = 0;
    // Without a way out in between, so that the compiler looks at many bytes at once.
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<32>()) {
        if !chunk.iter().fold(true, |all, byte| all & is_clean(*byte)) {
            break;
        }
        at += 32;
    }
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let found = suspicious(u64::from_le_bytes(*chunk));
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    if bytes.last_chunk().is_some_and(|last| suspicious(u64::from_le_bytes(*last)) == 0) {
        return bytes.len();
    }
    while at < bytes.len() && is_clean(bytes[at]) {
        at += 1;
    }
    at
}

/// Whether text needs no escape and is ASCII.
#[inline]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    clean_len(bytes) == bytes.len()
}

/// Appends bytes, of which there mostly are few: up to 32 of them are copied without a call.
#[inline(always)]
pub(crate) fn append(bytes: &[u8], out: &mut Vec<u8>) {
    match bytes.len() {
        16..=32 => append_ends::<16>(bytes, out),
        8..=15 => append_ends::<8>(bytes, out),
        4..=7 => append_ends::<4>(bytes, out),
        _ => out.extend_from_slice(bytes),
    }
}

/// Appends the first and the last `N` bytes, which overlap and are all that there are.
#[inline(always)]
fn append_ends<const N: usize>(bytes: &[u8], out: &mut Vec<u8>) {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<N>(), bytes.last_chunk::<N>()) {
        let end = out.len() + bytes.len();
        out.extend_from_slice(first);
        out.truncate(end - N);
        out.extend_from_slice(last);
    }
}

#[inline(always)]
const fn is_clean(byte: u8) -> bool {
    (byte >= 0x20) & (byte < 0x7F) & (byte != b'"') & (byte != b'\\')
}

/// Appends text as the inside of a JSON string.
#[inline]
pub fn escape_into(text: &str, out: &mut Vec<u8>) {
    escape_bytes_into(text.as_bytes(), out);
}

/// The same for bytes that may be no UTF-8.
#[inline]
pub fn escape_bytes_into(bytes: &[u8], out: &mut Vec<u8>) {
    let clean = clean_len(bytes);
    append(&bytes[..clean], out);
    if clean < bytes.len() {
        escape_rest(&bytes[clean..], out);
    }
}

#[inline(never)]
fn escape_rest(bytes: &[u8], out: &mut Vec<u8>) {
    for chunk in bytes.utf8_chunks() {
        escape_text(chunk.valid(), out);
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{FFFD}".as_bytes());
        }
    }
}

fn escape_text(text: &str, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let clean = clean_len(rest.as_bytes());
        out.extend_from_slice(&rest.as_bytes()[..clean]);
        rest = &rest[clean..];
        if clean == 0 {
            push_char(first, out);
            rest = &rest[first.len_utf8()..];
        }
    }
}

fn push_char(character: char, out: &mut Vec<u8>) {
    let short = match character {
        '"' => b"\\\"",
        '\\' => b"\\\\",
        '\n' => b"\\n",
        '\r' => b"\\r",
        '\t' => b"\\t",
        '\u{8}' => b"\\b",
        '\u{C}' => b"\\f",
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{2028}' | '\u{2029}' => {
            let code = character as u32;
            out.extend_from_slice(b"\\u");
            for shift in [12, 8, 4, 0] {
                out.push(b"0123456789abcdef"[(code >> shift & 15) as usize]);
            }
            return;
        }
        _ => {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            return;
        }
    };
    out.extend_from_slice(short);
}

/// Appends text of at most `limit` bytes as written; what is longer ends in a mark. Returns
/// whether it was cut.
#[inline]
pub(crate) fn push_text(bytes: &[u8], limit: usize, out: &mut Vec<u8>) -> bool {
    let start = out.len();
    // An escape takes at most six bytes for one.
    if bytes.len() <= limit / 6 {
        escape_bytes_into(bytes, out);
        return false;
    }
    push_long_text(bytes, limit, start, out)
}

#[inline(never)]
fn push_long_text(bytes: &[u8], limit: usize, start: usize, out: &mut Vec<u8>) -> bool {
    if limit == usize::MAX {
        escape_bytes_into(bytes, out);
        return false;
    }
    let text = String::from_utf8_lossy(bytes);
    let end = start.saturating_add(limit);
    for (at, character) in text.char_indices() {
        let before = out.len();
        push_char(character, out);
        if out.len() > end {
            out.truncate(before);
            // What was cut before counts as well.
            let (rest, earlier) = without_mark(&text[at..]);
            let mark = cut_mark(rest.chars().count() + earlier, "chars");
            out.extend_from_slice(mark.as_bytes());
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        escape_bytes_into(bytes, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn every_byte_at_every_place_of_a_word_is_judged() {
        for byte in 0..=255_u8 {
            for place in 0..75 {
                let mut bytes = [b'a'; 75];
                bytes[place] = byte;
                let expected = if is_clean(byte) { 75 } else { place };
                assert_eq!(clean_len(&bytes), expected, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn bytes_are_appended_whole_however_many_there_are() {
        let bytes: Vec<u8> = (0..75).collect();
        for length in 0..=bytes.len() {
            let mut out = b"before".to_vec();
            append(&bytes[..length], &mut out);
            assert_eq!(out, [b"before", &bytes[..length]].concat(), "{length}");
        }
    }

    #[test]
    fn what_must_be_escaped_is() {
        for (bytes, expected) in [
            (&b"plain"[..], "plain"),
            (b"a\"b\\c\n\r\t\x08\x0C\x01", "a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0001"),
            ("\u{7F}\u{85}\u{2028}\u{2029}".as_bytes(), "\\u007f\\u0085\\u2028\\u2029"),
            ("é漢😀".as_bytes(), "é漢😀"),
            (b"a\xFFb\xC3", "a\u{FFFD}b\u{FFFD}"),
            (b"\xED\xA0\x80", "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ] {
            assert_eq!(escaped(bytes), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_escapes() {
        let mut out = Vec::new();
        assert!(push_text("\n".repeat(100).as_bytes(), 21, &mut out));
        assert_eq!(out, format!("{}[TRUNCATED 90 chars]", "\\n".repeat(10)).as_bytes());
        out.clear();
        assert!(!push_text(b"0123456789", 10, &mut out));
        assert_eq!(out, b"0123456789");
    }
}
