//! The words of a command, as a shell divides them, or the members of a list of them in a program.
//!
//! Takes the place behind the command's name, gives the place of each word without its quotes. Ends with the
//! command: at `|`, `;`, `&`, a line break that has no backslash before it, the end of the list.

use std::ops::Range;

use super::super::super::quote::{Quote, ValueEnd, value_end};

/// Longest command.
const COMMAND_BYTES_MAX: usize = 4096;

/// The words from a place on.
pub(super) struct Words<'t> {
    bytes: &'t [u8],
    is_json: bool,
    at: usize,
    limit: usize,
    /// Whether the name was a member of a list.
    is_list: bool,
}

impl<'t> Words<'t> {
    /// `None` where no word follows the name.
    pub(super) fn new(bytes: &'t [u8], at: usize, is_json: bool) -> Option<Words<'t>> {
        let is_list = Quote::at(bytes, at).is_some();
        let is_blank = bytes.get(at).is_some_and(|byte| matches!(byte, b' ' | b'\t'));
        // `\\t` and a line that goes on.
        let is_other = matches!(bytes.get(at), Some(b'\\')) || at > 0 && bytes[at - 1] == b'=';
        let limit = bytes.len().min(at.saturating_add(COMMAND_BYTES_MAX));
        (is_list || is_blank || is_other).then_some(Words { bytes, is_json, at, limit, is_list })
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Option<Range<usize>> {
        if self.is_list { self.member() } else { self.word() }
    }

    fn word(&mut self) -> Option<Range<usize>> {
        self.skip_blanks()?;
        match Quote::at(self.bytes, self.at) {
            Some((open, _)) if self.is_json && open.is_of_the_line() => None,
            Some((open, inside)) => self.quoted(open, inside),
            None => self.bare(),
        }
    }

    fn skip_blanks(&mut self) -> Option<()> {
        while self.at < self.limit {
            let rest = &self.bytes[self.at..];
            let backslashes = rest.iter().take(16).take_while(|byte| **byte == b'\\').count();
            self.at += match (backslashes, rest.get(backslashes)?) {
                (0, b' ' | b'\t') => 1,
                (0, b'\n' | b'\r' | b'|' | b';' | b'&' | b')' | b']' | b'}' | b'<' | b'>') => {
                    return None;
                }
                (0, _) => return Some(()),
                (count, b't') => count + 1,
                // With its own backslash, a line break has so many before it.
                (1 | 3 | 6 | 12, b'\n') | (3 | 6 | 12, b'n' | b'r') => backslashes + 1,
                (_, b'n' | b'r') => return None,
                _ => return Some(()),
            };
        }
        None
    }

    fn bare(&mut self) -> Option<Range<usize>> {
        let rest = &self.bytes[self.at..self.limit];
        let is_end = |byte: &u8| {
            byte.is_ascii_whitespace() || byte.is_ascii_control() || b"\"'`\\|;&<>()".contains(byte)
        };
        let length = rest.iter().position(is_end).unwrap_or(rest.len());
        let start = self.at;
        self.at += length.max(1);
        Some(start..start + length)
    }

    fn quoted(&mut self, open: Quote, inside: usize) -> Option<Range<usize>> {
        match value_end(self.bytes, inside, open, self.is_json)? {
            ValueEnd::Closed(end) => {
                self.at = Quote::at(self.bytes, end).map_or(end, |(_, behind)| behind);
                Some(inside..end)
            }
            ValueEnd::Cut(_) => None,
        }
    }

    /// The member behind the quote and the comma at hand.
    fn member(&mut self) -> Option<Range<usize>> {
        let (_, behind) = Quote::at(self.bytes, self.at)?;
        let comma = behind + self.blanks(behind);
        if self.bytes.get(comma) != Some(&b',') {
            return None;
        }
        let next = comma + 1 + self.blanks(comma + 1);
        let (open, inside) = Quote::at(self.bytes, next)?;
        let ValueEnd::Closed(end) = value_end(self.bytes, inside, open, self.is_json)? else {
            return None;
        };
        let (_, behind) = Quote::at(self.bytes, end)?;
        // The name of a member of an object.
        if self.bytes.get(behind + self.blanks(behind)) == Some(&b':') || end > self.limit {
            return None;
        }
        self.at = end;
        Some(inside..end)
    }

    fn blanks(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let is_blank = |byte: &&u8| {
            matches!(byte, b' ' | b'\t') || !self.is_json && matches!(byte, b'\n' | b'\r')
        };
        rest.iter().take(64).take_while(is_blank).count()
    }
}
