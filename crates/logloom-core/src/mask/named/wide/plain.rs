//! A piece of a text in the letters and signs of ASCII, as far as there are such: letters, digits, colons,
//! equals signs and blanks of full width, and the escapes that JSON has for all of them.
//!
//! Takes the place of an anchor, gives the piece around it, with the place of each byte in the text. It
//! does not go beyond the line, nor beyond the string of a line of JSON. What is no UTF-8 ends it.

use super::super::super::bytes::{HEX, backslashes_before, char_end, run};
use super::super::super::kinds::Place;
use super::super::super::percent;

/// Bytes before the anchor.
const BEFORE_BYTES: usize = 192;
/// Bytes behind it.
const BEHIND_BYTES: usize = 1024;
/// Backslashes before the `u` of an escape at a usual depth.
const BACKSLASHES_MAX: usize = 8;

/// The piece.
pub(super) struct Plain {
    text: String,
    /// Where each byte of it stands in the text, and the end.
    places: Vec<usize>,
    /// Where the anchor begins in it.
    pub(super) at: usize,
    /// Whether it is of a line of JSON.
    pub(super) is_json: bool,
    /// Whether it is encoded for a URL.
    pub(super) is_encoded: bool,
}

impl Plain {
    /// The piece around an anchor.
    pub(super) fn around(place: &Place<'_>) -> Plain {
        let (bytes, is_json) = (place.bytes, place.is_json);
        let is_encoded = place.anchor.contains(&b'%');
        let first = match place.anchor {
            _ if is_encoded => place.at.saturating_sub(1),
            [b'\\', ..] => place.at - backslashes_before(bytes, place.at),
            _ => place.at,
        };
        let is_end = |byte: &u8| *byte == b'\n' || is_json && *byte == b'"';
        let before =
            bytes[..first].iter().rev().take(BEFORE_BYTES).take_while(|byte| !is_end(byte));
        let from = char_end(bytes, first - before.count());
        let behind = bytes[first..].iter().take(BEHIND_BYTES).take_while(|byte| **byte != b'\n');
        let to = first + behind.count();
        let mut plain =
            Plain { text: String::new(), places: Vec::new(), at: 0, is_json, is_encoded };
        plain.read(bytes, from.min(first), to, first);
        plain
    }

    fn read(&mut self, bytes: &[u8], from: usize, to: usize, anchor: usize) {
        let mut at = from;
        while at < to {
            if at <= anchor {
                self.at = self.text.len();
            }
            // That is the end of a parameter.
            if self.is_encoded && at > anchor && matches!(bytes[at], b'&' | b' ' | b'"') {
                break;
            }
            let rest = &bytes[at..to];
            let encoded = if self.is_encoded { of_percent(rest) } else { None };
            let Some((character, length)) = encoded.or_else(|| character(rest)) else { break };
            self.text.push(character);
            self.places.resize(self.text.len(), at);
            at += length;
        }
        self.places.push(at);
    }

    /// What stands from `at` on.
    pub(super) fn behind(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default()
    }

    /// What stands before `at`.
    pub(super) fn before(&self, at: usize) -> &str {
        self.text.get(..at).unwrap_or_default()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Where a byte stands in the text.
    pub(super) fn outer(&self, at: usize) -> usize {
        let last = self.places.last().copied().unwrap_or(0);
        self.places.get(at).copied().unwrap_or(last)
    }
}

/// The character at the front, plain, and its bytes.
fn character(rest: &[u8]) -> Option<(char, usize)> {
    match rest.first()? {
        b'\\' | 0xE3 | 0xEF => wide(rest).or_else(|| of_text(rest)),
        byte if byte.is_ascii() => Some((char::from(*byte), 1)),
        _ => of_text(rest),
    }
}

/// The character at the front when it is one of full width or has an escape: plain, and its bytes.
pub(super) fn wide(rest: &[u8]) -> Option<(char, usize)> {
    let (character, length) = match rest.first()? {
        b'\\' => of_escape(rest)?,
        byte if byte.is_ascii() => return None,
        _ => of_text(rest)?,
    };
    let plain = match character {
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{fe55}' | '\u{fe30}' | '\u{ff1a}' => ':',
        '\u{fe66}' | '\u{ff1d}' => '=',
        '\u{ff10}'..='\u{ff19}'
        | '\u{ff21}'..='\u{ff3a}'
        | '\u{ff41}'..='\u{ff5a}'
        | '\u{ff0d}'
        | '\u{ff3f}' => char::from_u32(u32::from(character) - 0xFEE0)?,
        _ => character,
    };
    Some((plain, length))
}

/// The character at the front as a URL has it, plain.
fn of_percent(rest: &[u8]) -> Option<(char, usize)> {
    let mut bytes = [0; 4];
    for length in 1..=4 {
        bytes[length - 1] = percent::escaped(rest, 3 * (length - 1))?;
        if let Ok(text) = std::str::from_utf8(&bytes[..length]) {
            let character = text.chars().next()?;
            let plain = wide(text.as_bytes()).map_or(character, |(plain, _)| plain);
            return Some((plain, 3 * length));
        }
    }
    None
}

fn of_text(rest: &[u8]) -> Option<(char, usize)> {
    let length = match rest.first()? {
        ..0x80 => 1,
        ..0xE0 => 2,
        ..0xF0 => 3,
        _ => 4,
    };
    let text = std::str::from_utf8(rest.get(..length)?).ok()?;
    text.chars().next().map(|character| (character, length))
}

/// `\u5bc6`, behind as many backslashes as it takes; none that stands for a character of ASCII.
fn of_escape(rest: &[u8]) -> Option<(char, usize)> {
    let backslashes = rest.iter().take(BACKSLASHES_MAX).take_while(|byte| **byte == b'\\').count();
    let digits = backslashes + 1;
    if rest.get(backslashes) != Some(&b'u') || run(rest, digits, HEX, 4) < 4 {
        return None;
    }
    let text = std::str::from_utf8(&rest[digits..digits + 4]).ok()?;
    let character = char::from_u32(u32::from_str_radix(text, 16).ok()?)?;
    (!character.is_ascii()).then_some((character, digits + 4))
}
