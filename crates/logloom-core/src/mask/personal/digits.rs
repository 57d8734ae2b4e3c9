//! Runs of digits with single separators between them, which most numbers of people are.

use super::super::bytes::{is_before_mark, is_behind_mark};

/// Most digits of a run that is looked at; a longer one is no number of a person.
const DIGITS_MAX: usize = 24;

/// Digits as they stand in a text.
#[derive(Debug)]
pub(super) struct Number {
    pub(super) start: usize,
    pub(super) end: usize,
    digits: [u8; DIGITS_MAX],
    count: usize,
    /// Whether there are separators.
    pub(super) is_grouped: bool,
}

impl Number {
    /// The digits, each 0 to 9.
    pub(super) fn digits(&self) -> &[u8] {
        &self.digits[..self.count]
    }
}

/// Calls `take` with each run of 11 to 24 digits that are divided by single blanks or dashes, if at
/// all, and that nothing of a longer number or word stands beside.
pub(super) fn each(bytes: &[u8], mut take: impl FnMut(&Number)) {
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let number = read(bytes, at);
        if (11..DIGITS_MAX).contains(&number.count) && stands_alone(bytes, number.start, number.end)
        {
            take(&number);
        }
        at = number.end;
    }
}

fn read(bytes: &[u8], start: usize) -> Number {
    let mut number =
        Number { start, end: start, digits: [0; DIGITS_MAX], count: 0, is_grouped: false };
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        let is_digit = byte.is_ascii_digit();
        let divides =
            matches!(byte, b' ' | b'-') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !is_digit && !divides {
            break;
        }
        number.is_grouped |= divides;
        if is_digit {
            if let Some(slot) = number.digits.get_mut(number.count) {
                *slot = byte - b'0';
                number.count += 1;
            }
            number.end = at + 1;
        }
        at += 1;
    }
    number
}

/// Whether neither a word nor the rest of a number stands directly beside.
pub(super) fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let joins =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'+');
    let before = start.checked_sub(1).map(|before| bytes[before]);
    let is_first = super::super::bytes::escape_end(bytes, start.saturating_sub(1)) == Some(start);
    let is_free = before.is_none_or(|byte| !joins(byte) || is_first);
    let follows = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let is_decimal =
        bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
    let marked = is_behind_mark(bytes, start) || is_before_mark(bytes, end);
    is_free && !marked && !is_decimal && bytes.get(end).is_none_or(|byte| !follows(*byte))
}
