//! Characters as URLs have them: `%2F` for `/`. A key with `+`, `/` or `=` stands so in a query.
//!
//! Bytes come in, lengths and characters go out; what is no escape stands for itself.

use super::bytes::{Alphabet, HEX, is_in, run as plain_run};

/// The character that the escape at `at` stands for.
pub(super) fn escaped(bytes: &[u8], at: usize) -> Option<u8> {
    let Some([b'%', high, low, ..]) = bytes.get(at..) else { return None };
    let is_hex = is_in(*high, HEX) && is_in(*low, HEX);
    let value = |digit: u8| (char::from(digit).to_digit(16).unwrap_or(0)) as u8;
    is_hex.then(|| value(*high) << 4 | value(*low))
}

/// The character at `at`, and its bytes.
fn character(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    match escaped(bytes, at) {
        Some(byte) => Some((byte, 3)),
        None => bytes.get(at).map(|byte| (*byte, 1)),
    }
}

/// The characters of a text.
pub(super) fn characters(bytes: &[u8]) -> impl Iterator<Item = u8> {
    places(bytes).map(|(_, byte)| byte)
}

/// The characters of a text with their places.
pub(super) fn places(bytes: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (byte, length) = character(bytes, at)?;
        at += length;
        Some((at - length, byte))
    })
}

/// Bytes and characters of the alphabet from `from` on; at most `most` characters.
#[inline]
pub(super) fn run(bytes: &[u8], from: usize, alphabet: Alphabet, most: usize) -> (usize, usize) {
    let count = plain_run(bytes, from, alphabet, most);
    if count == most || bytes.get(from + count) != Some(&b'%') {
        return (count, count);
    }
    long_run(bytes, from, alphabet, most)
}

#[cold]
fn long_run(bytes: &[u8], from: usize, alphabet: Alphabet, most: usize) -> (usize, usize) {
    let (mut at, mut count) = (from, 0);
    while count < most
        && let Some((byte, length)) = character(bytes, at)
        && is_in(byte, alphabet)
    {
        (at, count) = (at + length, count + 1);
    }
    (at - from, count)
}

/// Bytes of this text at `at`. `None` when it does not stand there.
pub(super) fn text_len(bytes: &[u8], at: usize, text: &[u8]) -> Option<usize> {
    if bytes.get(at..)?.starts_with(text) {
        return Some(text.len());
    }
    let end = behind(bytes, at, text.len());
    let is_there = end - at > text.len() && characters(&bytes[at..end]).eq(text.iter().copied());
    is_there.then_some(end - at)
}

/// The place behind so many characters, or the end.
pub(super) fn behind(bytes: &[u8], at: usize, count: usize) -> usize {
    (0..count).fold(at, |at, _| at + character(bytes, at).map_or(0, |(_, length)| length))
}

/// Whether the byte may belong to one parameter of a URL.
fn is_of_parameter(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"'`\\<>&".contains(&byte)
}

/// Bytes at the front that may belong to one parameter of a URL; at most `most`.
pub(super) fn parameter_len(bytes: &[u8], most: usize) -> usize {
    bytes.iter().take(most).take_while(|byte| is_of_parameter(**byte)).count()
}

/// The same directly before `to`.
pub(super) fn parameter_len_back(bytes: &[u8], to: usize, most: usize) -> usize {
    bytes[..to].iter().rev().take(most).take_while(|byte| is_of_parameter(**byte)).count()
}

#[cfg(test)]
mod tests {
    use super::super::bytes::BASE64;
    use super::*;

    #[test]
    fn escapes_are_characters() {
        assert_eq!(run(b"ab%2Fcd%3d%26x", 0, BASE64, 99), (10, 6));
        assert_eq!(run(b"ab%2Fcd", 0, BASE64, 3), (5, 3));
        assert_eq!(run(b"ab%2Fcd", 0, BASE64, 2), (2, 2));
        assert_eq!(run(b"ab%2", 0, BASE64, 9), (2, 2));
        assert_eq!(run(b"ab%zz", 9, BASE64, 9), (0, 0));
    }

    #[test]
    fn a_text_is_known_with_and_without_escapes() {
        assert_eq!(text_len(b"x://y", 1, b"://"), Some(3));
        assert_eq!(text_len(b"x%3A%2f/y", 1, b"://"), Some(7));
        assert_eq!(text_len(b"x%3A%2f", 1, b"://"), None);
        assert_eq!(text_len(b"x", 2, b"://"), None);
        assert_eq!(behind(b"a%2Fb", 0, 2), 4);
        assert_eq!(behind(b"a%2Fb", 0, 9), 5);
    }
}
