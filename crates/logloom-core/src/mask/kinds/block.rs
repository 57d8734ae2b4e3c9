//! Private keys in PEM, on lines of their own, with escaped line breaks, or encoded for a URL.

use super::super::bytes::{BASE64, is_in};
use super::super::hit::{Form, Hit};
use super::super::percent;
use super::shape::Place;
use super::{Finder, Kind};

pub(super) const KINDS: &[Kind] = &[Kind {
    name: "private_key_block",
    group: "pem",
    looks: "`-----BEGIN ... PRIVATE KEY-----` (or `KEY BLOCK`) to `-----END ...-----`",
    anchors: &["--BEGIN ", "--BEGIN%20", "--BEGIN+", "--BEGIN%2520"],
    finder: Finder::Code(find),
}];

/// Bytes of the anchor, decoded.
const ANCHOR_BYTES: usize = "--BEGIN ".len();
/// Longest line above the key that says what it is, such as `Version: GnuPG v2.0 (GNU/Linux)`.
const HEADER_BYTES_MAX: usize = 256;
/// Longest title between the dashes.
const TITLE_BYTES_MAX: usize = 48;
/// Characters of base64 that a key has, at least.
const BODY_BYTES_MIN: usize = 16;
/// Longest text that is looked through for the end.
const BLOCK_BYTES_MAX: usize = 64 << 10;

fn find(place: &Place<'_>) -> Option<Hit> {
    let title = place.at + place.anchor.len();
    let (start, end) = match place.anchor.ends_with(b" ") {
        true => key(place.bytes, title)?,
        false => encoded_key(place)?,
    };
    Some(Hit { start, end, kind: "private_key_block", form: Form::Shape })
}

/// What is to be hidden of a key whose title begins at `title`.
fn key(bytes: &[u8], title: usize) -> Option<(usize, usize)> {
    let length = bytes[title..].iter().take(TITLE_BYTES_MAX).position(|byte| *byte == b'-')?;
    let name = &bytes[title..title + length];
    if !(name.ends_with(b"PRIVATE KEY") || name.ends_with(b"PRIVATE KEY BLOCK")) {
        return None;
    }
    let start = title + length + dashes(bytes, title + length);
    let (end, letters) = body_end(bytes, start);
    (letters >= BODY_BYTES_MIN).then_some((start, end))
}

/// The same of a key as a URL has it: `-----BEGIN%20...`.
fn encoded_key(place: &Place<'_>) -> Option<(usize, usize)> {
    let window = &place.bytes[place.at..];
    let window = &window[..percent::parameter_len(window, 3 * BLOCK_BYTES_MAX)];
    let (mut places, mut text): (Vec<usize>, Vec<u8>) = percent::places(window).unzip();
    if place.anchor.starts_with(b"--BEGIN%25") {
        let (outer, once) = (std::mem::take(&mut places), std::mem::take(&mut text));
        (places, text) = percent::places(&once).map(|(at, byte)| (outer[at], byte)).unzip();
    }
    // Forms have a plus for a blank; that of base64 is an escape there.
    if place.anchor.ends_with(b"+") {
        let pluses = (0..text.len()).filter(|at| window[places[*at]] == b'+');
        pluses.collect::<Vec<_>>().into_iter().for_each(|at| text[at] = b' ');
    }
    let (start, end) = key(&text, ANCHOR_BYTES)?;
    let outer = |at: usize| place.at + places.get(at).copied().unwrap_or(window.len());
    Some((outer(start), outer(end)))
}

fn dashes(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take(5).take_while(|byte| **byte == b'-').count()
}

/// The end of the key, its last line included where there is one, and its letters.
fn body_end(bytes: &[u8], start: usize) -> (usize, usize) {
    let (mut at, mut end, mut letters) = (start, start, 0);
    let mut first_word = None;
    while let Some(&byte) = bytes.get(at).filter(|_| at < start + BLOCK_BYTES_MAX) {
        match byte {
            b'-' if bytes[at..].starts_with(b"-----END ") => {
                return (end_of_last(bytes, at), letters);
            }
            b'\\' if is_line_break(bytes, at) => at += 2,
            // Header lines of an encrypted key, quotes of lines that are joined in a program.
            _ if is_in(byte, BASE64) => {
                (at, letters) = (at + 1, letters + 1);
                end = at;
            }
            b' ' if letters >= BODY_BYTES_MIN => {
                first_word.get_or_insert(end);
                at += 1;
            }
            b' ' | b'\n' | b'\r' | b'\t' | b'-' | b':' | b',' => at += 1,
            _ => match header_end(bytes, start, at) {
                Some(behind) => at = behind,
                None => break,
            },
        }
    }
    // Without a last line, words behind a blank may be anything.
    (first_word.unwrap_or(end), letters)
}

/// The end of the line of `Name: words` that `at` lies within, in what follows the title.
fn header_end(bytes: &[u8], start: usize, at: usize) -> Option<usize> {
    let before = &bytes[start.max(at.saturating_sub(HEADER_BYTES_MAX))..at];
    let is_break = |pair: &[u8]| matches!(pair, [b'\n', _] | [b'\\', b'n' | b'r']);
    let line = before.windows(2).rposition(is_break).map_or(before, |at| &before[at + 1..]);
    let line = line.strip_prefix(b"n").unwrap_or(line);
    let colon = line.windows(2).position(|pair| pair == b": ")?;
    let is_name = line[..colon].iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
    let rest = bytes[at..].iter().take(HEADER_BYTES_MAX);
    let is_within = |byte: &&u8| !byte.is_ascii_control() && !matches!(byte, b'\\' | b'"');
    let length = rest.take_while(is_within).count();
    let is_ended = matches!(bytes.get(at + length), Some(b'\n' | b'\r' | b'\\'));
    (is_name && is_ended && length > 0).then_some(at + length)
}

/// `\n`, `\r`, `\t`, behind as many backslashes as it takes.
fn is_line_break(bytes: &[u8], at: usize) -> bool {
    let next = bytes.get(at + 1);
    matches!(next, Some(b'n' | b'r' | b't' | b'\\'))
}

fn end_of_last(bytes: &[u8], at: usize) -> usize {
    let title = at + "-----END ".len();
    let rest = bytes.get(title..).unwrap_or_default();
    match rest.iter().take(TITLE_BYTES_MAX).position(|byte| *byte == b'-') {
        Some(length) => title + length + dashes(bytes, title + length),
        None => at,
    }
}
