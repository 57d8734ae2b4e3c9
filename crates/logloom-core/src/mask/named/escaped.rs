//! Names of JSON with escapes: `"pass\\u0077ord"`, `"\\u5bc6\\u7801"`, at whatever depth they stand.
//!
//! Takes the place of an escape, gives the name that it is part of, decoded. Refuses what is no quoted
//! name: running text has no such escapes.

use std::borrow::Cow;

use super::super::bytes::{BEYOND_ASCII, HEX, run};
use super::super::kinds::Place;
use super::super::quote::Quote;
use super::{NAME, NAME_BYTES_MAX, Name, is_in};

/// Bytes of a character with its escape, at a usual depth.
const ESCAPE_BYTES: usize = 9;

/// Whether an anchor holds an escape.
pub(super) fn is_escaped(anchor: &[u8]) -> bool {
    anchor.windows(2).any(|two| two == b"\\u")
}

/// The name that the anchor is part of.
pub(super) fn name<'t>(place: &Place<'t>) -> Option<Name<'t>> {
    let bytes = place.bytes;
    let before = bytes[..place.at].iter().rev().take(NAME_BYTES_MAX * ESCAPE_BYTES);
    let length = before.take_while(|byte| **byte == b'\\' || is_in(**byte, NAME | BEYOND_ASCII));
    let start = place.at - length.count();
    let quote = *bytes.get(start.checked_sub(1)?)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let mut decoded = Decoded::default();
    let (mut at, mut joined) = (start, 0);
    let most = start + 2 * NAME_BYTES_MAX * ESCAPE_BYTES;
    while at < most && Quote::at(bytes, at).is_none() {
        if at <= place.at {
            joined = decoded.name.len();
        }
        at = decoded.take(bytes, at)?;
    }
    let (closing, _) = Quote::at(bytes, at)?;
    let name = decoded.finish();
    let joined = (!name.is_ascii()).then_some(joined);
    let is_whole = closing.byte == quote && name.len() < 3 * NAME_BYTES_MAX;
    let name = Cow::Owned(name);
    is_whole.then_some(Name { place: *place, start, end: at, name, joined, decoded: 0 })
}

/// A name without its escapes, as far as it was read.
#[derive(Default)]
struct Decoded {
    name: Vec<u8>,
    /// The first half of a character that takes two escapes.
    high: Option<u16>,
}

impl Decoded {
    /// Takes the character at `at` and gives the place behind it; `None` where no name goes on so.
    fn take(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = bytes.get(at..)?;
        let backslashes = rest.iter().take(64).take_while(|byte| **byte == b'\\').count();
        if backslashes == 0 {
            let byte = *rest.first()?;
            self.high = None;
            self.name.push(byte);
            return is_in(byte, NAME | BEYOND_ASCII).then_some(at + 1);
        }
        let digits = at + backslashes + 1;
        if bytes.get(digits - 1) != Some(&b'u') || run(bytes, digits, HEX, 4) < 4 {
            return None;
        }
        let text = std::str::from_utf8(&bytes[digits..digits + 4]).ok()?;
        self.unit(u16::from_str_radix(text, 16).ok()?);
        Some(digits + 4)
    }

    fn unit(&mut self, unit: u16) {
        let units = self.high.take().into_iter().chain([unit]);
        for character in char::decode_utf16(units) {
            match character {
                Ok(character) => {
                    self.name.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Err(half) if half.unpaired_surrogate() == unit => self.high = Some(unit),
                Err(_) => {}
            }
        }
    }

    fn finish(self) -> Vec<u8> {
        self.name
    }
}
