//! The members of one JSON object, without a document in memory.
//!
//! Takes a line, gives names and raw values in their order, duplicates included. Strings, numbers
//! and words are checked here, nested values only for where they end: whoever takes one over
//! checks it. Refuses everything that is not exactly one object. Takes one pass and no recursion.

use std::borrow::Cow;

use super::super::names::{self, Known, Meaning};
use super::super::value;

/// One member.
#[derive(Clone, Debug)]
pub(super) struct Member<'a> {
    pub(super) name: Cow<'a, str>,
    /// The value as written.
    pub(super) raw: &'a str,
    pub(super) known: Known,
    /// Whether it found its place, so that it is no field any more.
    pub(super) is_placed: bool,
}

impl<'a> Member<'a> {
    pub(super) fn new(name: Cow<'a, str>, raw: &'a str) -> Self {
        Self { known: names::known(&name), name, raw, is_placed: false }
    }

    pub(super) fn means(&self, meaning: Meaning) -> bool {
        self.known.meaning == meaning && !self.is_placed
    }

    /// The text of a string.
    pub(super) fn text(&self) -> Option<String> {
        self.raw.starts_with('"').then(|| value::text(self.raw)).flatten()
    }

    /// The text of a string, a number, true or false.
    pub(super) fn words(&self) -> Option<Cow<'a, str>> {
        match self.raw.as_bytes().first()? {
            b'"' => value::borrowed_text(self.raw),
            b'{' | b'[' | b'n' => None,
            _ => Some(Cow::Borrowed(self.raw)),
        }
    }

    pub(super) fn is_object(&self) -> bool {
        self.raw.starts_with('{')
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
        self.string()?;
        let name = value::borrowed_text(&self.text[start..self.at])?;
        self.blanks();
        self.exact(b':')?;
        self.blanks();
        let start = self.at;
        self.value()?;
        let raw = &self.text[start..self.at];
        self.blanks();
        Some(Member::new(name, raw))
    }

    fn value(&mut self) -> Option<()> {
        match self.next()? {
            b'"' => self.string(),
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
    fn string(&mut self) -> Option<()> {
        loop {
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                0..=0x1f => return None,
                _ => {}
            }
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
                b'"' => self.string()?,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
        }
        Some(())
    }
}
