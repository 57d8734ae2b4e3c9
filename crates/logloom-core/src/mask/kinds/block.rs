//! Private keys in PEM, on lines of their own or with escaped line breaks.

use super::super::bytes::{BASE64, is_in};
use super::super::hit::{Form, Hit};
use super::shape::Place;
use super::{Finder, Kind};

pub(super) const KINDS: &[Kind] = &[Kind {
    name: "private_key_block",
    group: "pem",
    looks: "`-----BEGIN ... PRIVATE KEY-----` (or `KEY BLOCK`) to `-----END ...-----`",
    anchors: &["--BEGIN "],
    finder: Finder::Code(find),
}];

/// Longest title between the dashes.
const TITLE_BYTES_MAX: usize = 48;
/// Characters of base64 that a key has, at least.
const BODY_BYTES_MIN: usize = 16;
/// Longest text that is looked through for the end.
const BLOCK_BYTES_MAX: usize = 64 << 10;

fn find(place: &Place<'_>) -> Option<Hit> {
    let bytes = place.bytes;
    let title = place.at + place.anchor.len();
    let length = bytes[title..].iter().take(TITLE_BYTES_MAX).position(|byte| *byte == b'-')?;
    let name = &bytes[title..title + length];
    if !(name.ends_with(b"PRIVATE KEY") || name.ends_with(b"PRIVATE KEY BLOCK")) {
        return None;
    }
    let start = title + length + dashes(bytes, title + length);
    let (end, letters) = body_end(bytes, start);
    let is_key = letters >= BODY_BYTES_MIN;
    let hit = Hit { start, end, kind: "private_key_block", form: Form::Shape };
    is_key.then_some(hit)
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
            _ => break,
        }
    }
    // Without a last line, words behind a blank may be anything.
    (first_word.unwrap_or(end), letters)
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
