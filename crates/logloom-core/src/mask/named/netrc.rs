//! `machine HOST login USER password PASSWORD`, as `.netrc` has it, on one line or several.
//!
//! Takes the word `password`, looks back for `login` and `machine`, or `default`. Refuses prose: what stands
//! behind the word there is no password.

use super::super::bytes::backslashes_before;
use super::super::hit::{Form, Hit};
use super::super::plausible::{is_masked, is_placeholder};
use super::Name;
use super::gap::gap;

/// Words that are looked at, from the word `password` back to the front.
const WORDS_MAX: usize = 7;
/// Longest of them.
const WORD_BYTES_MAX: usize = 256;

pub(super) fn find(name: &Name<'_>) -> Option<Hit> {
    let (bytes, is_json) = (name.place.bytes, name.place.is_json);
    let start = match &*name.name {
        b"password" => name.start,
        b"npassword" | b"tpassword" if name.joined == Some(1) => name.start + 1,
        _ => return None,
    };
    let behind = gap(bytes, name.end, is_json);
    let value_start = name.end + behind.length;
    let rest = bytes.get(value_start..).filter(|_| behind.length > 0)?.iter().take(WORD_BYTES_MAX);
    let end = value_start + rest.take_while(|byte| is_of_word(**byte)).count();
    let value = &bytes[value_start..end];
    if value.is_empty() || is_masked(value) || is_placeholder(value) {
        return None;
    }
    let hit = Hit { start: value_start, end, kind: "password", form: Form::Value };
    is_entry(bytes, start, is_json).then_some(hit)
}

/// Whether the words before `at` are the beginning of an entry.
fn is_entry(bytes: &[u8], mut at: usize, is_json: bool) -> bool {
    let mut last: &[u8] = b"";
    for number in 0..WORDS_MAX {
        let Some((start, end)) = word_before(bytes, at, is_json) else { return false };
        let word = &bytes[start..end];
        match number % 2 {
            _ if word == b"default" => return last == b"login" || last == b"account",
            0 => {}
            _ if word == b"machine" => return true,
            _ if word != b"login" && word != b"account" => return false,
            _ => {}
        }
        (at, last) = (start, word);
    }
    false
}

/// The word before the blanks before `at`, in which a line break may have an escape.
fn word_before(bytes: &[u8], at: usize, is_json: bool) -> Option<(usize, usize)> {
    let mut end = at;
    while let Some(before) = end.checked_sub(1).filter(|before| at - before < 64) {
        let escaped = matches!(bytes[before], b'n' | b'r' | b't');
        let backslashes = if escaped { backslashes_before(bytes, before) } else { 0 };
        end = match bytes[before] {
            b' ' | b'\t' => before,
            b'\n' | b'\r' if !is_json => before,
            _ if backslashes > 0 => before - backslashes,
            _ => break,
        };
    }
    let word = bytes[..end].iter().rev().take(WORD_BYTES_MAX).take_while(|byte| is_of_word(**byte));
    let start = end - word.count();
    // What stands behind `\\n` is a word of its own, however many backslashes that has.
    let is_escape = backslashes_before(bytes, start) > 0
        && matches!(bytes.get(start), Some(b'n' | b'r' | b't'));
    let start = start + usize::from(is_escape);
    (end < at && start < end).then_some((start, end))
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"'`\\".contains(&byte)
}
