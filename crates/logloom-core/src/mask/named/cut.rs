//! Values that end with the text they stand in: `{"password":"hunter2-ab`, because it was cut.
//!
//! Takes where the text, the line or the string around the value ends; gives where the value does.
//! Refuses what may as well be a quote without its other half.

use super::super::plausible::{Written, is_password, is_token};
use super::{Name, Sort};

/// What stands behind a text that was cut by the log itself.
const MARK: &[u8] = b"[TRUNCATED ";

/// The end of the value of a quoted name from `start` on, in a text that goes on to `end`.
pub(super) fn end(name: &Name<'_>, start: usize, end: usize) -> Option<usize> {
    let (bytes, is_json) = (name.place.bytes, name.place.is_json);
    let is_last = match bytes.get(end) {
        None => true,
        Some(byte) => is_json && matches!(byte, b'"' | b'\n'),
    };
    let end = before_mark(bytes, start, end);
    let value = &bytes[start..end];
    let looks_secret = || match name.sort() {
        Sort::Password => is_password(value, Written::Quoted),
        _ => is_token(value, Written::Quoted),
    };
    (is_last || looks_secret()).then_some(end)
}

/// The same of a value in running text, which has to be a single word.
pub(super) fn end_of_word(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    let end = before_mark(bytes, start, end);
    let is_word = bytes[start..end].iter().all(|byte| !byte.is_ascii_whitespace());
    is_word.then_some(end)
}

fn before_mark(bytes: &[u8], start: usize, end: usize) -> usize {
    memchr::memmem::find(&bytes[start..end], MARK).map_or(end, |at| start + at)
}
