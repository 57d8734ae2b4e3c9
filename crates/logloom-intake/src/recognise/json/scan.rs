//! The members of one JSON object, without a document in memory.
//!
//! Takes a line, gives names and raw values in their order, duplicates included. Strings, numbers
//! and words are checked here, nested values only for where they end: whoever takes one over
//! checks it. Refuses everything that is not exactly one object. Takes one pass and no recursion.

use std::borrow::Cow;

use logloom_record::Value;

use super::super::names::{self, Known, Meaning};
use super::super::value;
use crate::spare;

/// One member.
#[derive(Clone, Debug)]
pub(super) struct Member<'a> {
    pub(super) name: Cow<'a, str>,
    /// The value as written.
    pub(super) raw: &'a str,
    pub(super) known: Known,
    /// Whether it found its place, so that it is no field any more.
    pub(super) is_placed: bool,
    /// Whether the value is known to be a string that means what it is written as.
    pub(super) is_verbatim: bool,
}

impl<'a> Member<'a> {
    pub(super) fn new(name: Cow<'a, str>, raw: &'a str) -> Self {
        Self { known: names::known(&name), name, raw, is_placed: false, is_verbatim: false }
    }

    pub(super) fn means(&self, meaning: Meaning) -> bool {
        self.known.meaning == meaning && !self.is_placed
    }

    /// The text of a string that means what it is written as; `None` for all else.
    fn verbatim(&self) -> Option<&'a str> {
        let inside = || self.raw.get(1..self.raw.len() - 1);
        self.is_verbatim.then(inside).flatten()
    }

    /// The text of a string.
    pub(super) fn text(&self) -> Option<String> {
        if let Some(text) = self.verbatim() {
            return Some(spare::owned(text));
        }
        self.raw.starts_with('"').then(|| value::text(self.raw)).flatten()
    }

    /// The text of a string, a number, true or false.
    pub(super) fn words(&self) -> Option<Cow<'a, str>> {
        if let Some(text) = self.verbatim() {
            return Some(Cow::Borrowed(text));
        }
        match self.raw.as_bytes().first()? {
            b'"' => value::borrowed_text(self.raw),
            b'{' | b'[' | b'n' => None,
            _ => Some(Cow::Borrowed(self.raw)),
        }
    }

    pub(super) fn is_object(&self) -> bool {
        self.raw.starts_with('{')
    }

    /// The typed value; `None` where it is nested too deeply.
    pub(super) fn typed(&self) -> Option<Value> {
        match self.verbatim() {
            Some(text) => Some(Value::Text(spare::owned(text))),
            None => value::typed(self.raw),
        }
    }
}

/// The members of the object that the text is.
pub(super) fn members(text: &str) -> Option<Vec<Member<'_>>> {
    let mut scan = Scan { text, at: 0 };
    let mut members = Vec::with_capacity(16);
    scan.blanks();
    scan.exact(b'{')?;
    scan.blanks();
    if scan.exact(b'}').is_none() {
        loop {
            members.push(scan.member()?);
            match scan.next()? {
                b',' => scan.blanks(),
                b'}' => break,
                _ => return None,
            }
        }
    }
    scan.blanks();
    (scan.at == text.len()).then_some(members)
}

/// How a string is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    /// As what it means.
    Verbatim,
    /// With escapes in it.
    Escaped,
}

/// How many bytes at the front are neither a quote, a backslash nor a control character.
fn verbatim_length(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20);
        let quote = (word ^ (ONES * 0x22)).wrapping_sub(ONES);
        let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
        // The high bit of the first byte that was looked for; those above it may be wrong.
        let found = (control | quote | backslash) & !word & HIGH;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let is_verbatim = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
    at + bytes[at..].iter().take_while(|byte| is_verbatim(byte)).count()
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn exact(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// `"name": value` and the blanks behind it.
    fn member(&mut self) -> Option<Member<'a>> {
        let start = self.at;
        self.exact(b'"')?;
        let name = match self.string()? {
            Written::Verbatim => Cow::Borrowed(&self.text[start + 1..self.at - 1]),
            Written::Escaped => value::borrowed_text(&self.text[start..self.at])?,
        };
        self.blanks();
        self.exact(b':')?;
        self.blanks();
        let start = self.at;
        let is_verbatim = match self.peek()? {
            b'"' => {
                self.at += 1;
                self.string()? == Written::Verbatim
            }
            _ => self.value().map(|()| false)?,
        };
        let raw = &self.text[start..self.at];
        self.blanks();
        Some(Member { is_verbatim, ..Member::new(name, raw) })
    }

    /// Any value but a string.
    fn value(&mut self) -> Option<()> {
        match self.next()? {
            b'{' | b'[' => self.nested(),
            b't' => self.word("rue"),
            b'f' => self.word("alse"),
            b'n' => self.word("ull"),
            b'-' | b'0'..=b'9' => {
                self.at -= 1;
                self.number()
            }
            _ => None,
        }
    }

    fn word(&mut self, rest: &str) -> Option<()> {
        self.text[self.at..].starts_with(rest).then(|| self.at += rest.len())
    }

    /// The rest of a string behind its first quote.
    fn string(&mut self) -> Option<Written> {
        let mut written = Written::Verbatim;
        loop {
            self.at += verbatim_length(self.text.as_bytes().get(self.at..)?);
            match self.next()? {
                b'"' => return Some(written),
                b'\\' => self.escape()?,
                // Control characters have to be escaped.
                _ => return None,
            }
            written = Written::Escaped;
        }
    }

    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
                digits.iter().all(u8::is_ascii_hexdigit).then(|| self.at += 4)
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.exact(b'-');
        if self.exact(b'0').is_none() {
            self.digits()?;
        }
        if self.exact(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// The rest of an object or an array behind its first bracket.
    fn nested(&mut self) -> Option<()> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::verbatim_length;

    proptest! {
        #[test]
        fn bytes_are_looked_at_eight_at_a_time(text in "[a-z\u{e9}\u{10ffff} !#\\[\"\\\\\u{0}-\u{22}\u{7f}]{0,40}") {
            let bytes = text.as_bytes();
            let is_found = |byte: &u8| matches!(byte, 0..0x20 | b'"' | b'\\');
            let expect = bytes.iter().position(is_found).unwrap_or(bytes.len());
            prop_assert_eq!(verbatim_length(bytes), expect);
        }
    }
}
