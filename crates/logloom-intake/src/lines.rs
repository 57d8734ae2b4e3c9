//! Bytes in, lines out.
//!
//! Takes chunks of any size as they are read from a pipe or a file, gives whole lines with the
//! position after each, always in bytes of the source. Memory is bounded: a line longer than
//! [`LINE_BYTES_MAX`] is given in numbered parts, cut between characters. The last line needs no
//! terminator.
//!
//! A line ends with a line feed, with or without carriage returns before it. A carriage return
//! alone ends a line too, unless what follows is written over it, as a progress bar is: then only
//! the last state is kept. More than 64 NUL bytes at the start of a line, as a truncated file leaves
//! them, are skipped; others stay in the text, where the renderer escapes them. Which bytes are which
//! characters, and what becomes of colours, is told in `text`.

use memchr::memchr2;

use crate::spare;
use crate::text::{Ansi, Encoding, Utf16, decoded, has_ansi, is_rewrite, without_ansi};

/// The longest line that is given whole, in bytes without its terminator: 1 MiB.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// NUL bytes at the start of a line that are kept; more of them are a hole in the file.
const NULS_KEPT_MAX: usize = 64;

/// One line, or one part of a very long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text without its terminator.
    pub text: String,
    /// Which part this is, when the line was longer than [`LINE_BYTES_MAX`].
    pub part: Option<Part>,
    /// The position after the last byte of this line, terminator included, counted from the start
    /// of the source.
    pub end: u64,
}

/// The place of a part within its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Counted from 1.
    pub number: u32,
    /// How many parts the line has; known with the last one only.
    pub total: Option<u32>,
}

/// Text before a carriage return alone, which what follows may be written over.
#[derive(Clone, Debug)]
struct Returned {
    bytes: Vec<u8>,
    end: u64,
}

/// Cuts a stream of bytes into lines.
#[derive(Clone, Debug)]
pub struct LineAssembler {
    /// Bytes of the line under way, in UTF-8 where the source is UTF-16.
    pending: Vec<u8>,
    /// Set while the last byte was a carriage return, of which it is not known what it ends.
    is_returning: bool,
    returned: Option<Returned>,
    /// NUL bytes at the start of the line under way.
    nuls: usize,
    parts_given: u32,
    /// Whether what comes next is the rest of a line that was given without its terminator.
    is_rest: bool,
    position: u64,
    /// The first bytes of the source, until they tell its encoding.
    head: Option<Vec<u8>>,
    utf16: Option<Utf16>,
    ansi: Ansi,
}

impl LineAssembler {
    /// Starts at a position of the source: 0 for a pipe, the place to resume at for a file.
    ///
    /// The encoding is found by the mark at position 0. From any other position on bytes are taken
    /// for UTF-8, unless [`Self::with_encoding`] says otherwise.
    #[must_use]
    pub fn new(position: u64) -> Self {
        Self {
            pending: Vec::new(),
            is_returning: false,
            returned: None,
            nuls: 0,
            parts_given: 0,
            is_rest: false,
            position,
            head: (position == 0).then(Vec::new),
            utf16: None,
            ansi: Ansi::default(),
        }
    }

    /// The same for a source whose encoding is known, as by its first bytes.
    #[must_use]
    pub fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.utf16 = encoding.decoder();
        self
    }

    /// The same for a position within a line whose beginning was given already: where nothing is left
    /// of that line but its terminator, nothing is given.
    #[must_use]
    pub fn within_line(mut self, is_within: bool) -> Self {
        self.is_rest = is_within;
        self
    }

    /// The same with another treatment of escape sequences.
    #[must_use]
    pub fn with_ansi(mut self, ansi: Ansi) -> Self {
        self.ansi = ansi;
        self
    }

    /// The position after everything that was pushed.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether some bytes wait for the end of their line.
    #[must_use]
    pub fn has_pending(&self) -> bool {
        !self.pending.is_empty()
            || self.parts_given > 0
            || self.is_returning
            || self.nuls > 0
            || self.returned.is_some()
            || self.head.as_ref().is_some_and(|head| !head.is_empty())
    }

    /// Takes the next bytes and gives each line that they complete.
    pub fn push(&mut self, bytes: &[u8], give: &mut dyn FnMut(Line)) {
        let Some(mut head) = self.head.take() else { return self.push_body(bytes, give) };
        let missing = 3_usize.saturating_sub(head.len()).min(bytes.len());
        let (more, rest) = bytes.split_at(missing);
        head.extend_from_slice(more);
        if is_undecided(&head) {
            self.head = Some(head);
            return;
        }
        self.push_head(&head, give);
        self.push_body(rest, give);
    }

    /// Gives each line that is left when the source ended without a terminator: none, one, or two
    /// with a carriage return between.
    pub fn finish_each(&mut self, give: &mut dyn FnMut(Line)) {
        if let Some(head) = self.head.take() {
            self.push_head(&head, give);
        }
        if let Some(last) = self.utf16.as_mut().and_then(Utf16::finish) {
            self.push_character(last);
        }
        if self.has_pending() {
            self.end_line(give);
            self.is_rest = true;
        }
    }

    /// Takes the first bytes of the source, without their mark.
    fn push_head(&mut self, head: &[u8], give: &mut dyn FnMut(Line)) {
        let (encoding, mark) = Encoding::of_head(head);
        if self.utf16.is_none() {
            self.utf16 = encoding.decoder();
        }
        self.position += mark as u64;
        self.push_body(&head[mark..], give);
    }

    fn push_body(&mut self, bytes: &[u8], give: &mut dyn FnMut(Line)) {
        match self.utf16.take() {
            Some(utf16) => self.push_utf16(utf16, bytes, give),
            None => self.push_bytes(bytes, give),
        }
    }

    fn push_bytes(&mut self, bytes: &[u8], give: &mut dyn FnMut(Line)) {
        let mut rest = bytes;
        while let Some(at) = memchr2(b'\n', b'\r', rest) {
            let is_whole = at <= LINE_BYTES_MAX && rest[0] != 0 && !self.is_rest;
            if rest[at] == b'\n' && is_whole && !self.has_pending() {
                // A whole line, of which nothing has to be kept: the usual case.
                self.position += at as u64 + 1;
                give(self.whole_line(&rest[..at]));
                rest = &rest[at + 1..];
                continue;
            }
            self.take(&rest[..at], give);
            match rest[at] {
                b'\n' => {
                    self.position += 1;
                    self.end_line(give);
                }
                _ => {
                    self.settle_return(give);
                    self.position += 1;
                    self.is_returning = true;
                }
            }
            rest = &rest[at + 1..];
        }
        self.take(rest, give);
    }

    fn push_utf16(&mut self, mut utf16: Utf16, bytes: &[u8], give: &mut dyn FnMut(Line)) {
        for byte in bytes {
            let mut completed = [None; 2];
            let mut count = 0;
            utf16.push(*byte, &mut |character| {
                completed[count] = Some(character);
                count += 1;
            });
            self.position += 1;
            for character in completed.into_iter().flatten() {
                match character {
                    '\n' => self.end_line(give),
                    '\r' => {
                        self.settle_return(give);
                        self.is_returning = true;
                    }
                    other => {
                        self.settle_return(give);
                        self.push_character(other);
                        if self.pending.len() >= LINE_BYTES_MAX {
                            self.cut_part(self.pending.len(), give);
                        }
                    }
                }
            }
        }
        self.utf16 = Some(utf16);
    }

    fn push_character(&mut self, character: char) {
        self.pending.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// Adds bytes without a terminator to the pending line; gives parts when it grows too long.
    fn take(&mut self, mut bytes: &[u8], give: &mut dyn FnMut(Line)) {
        if bytes.is_empty() {
            return;
        }
        self.settle_return(give);
        if self.pending.is_empty() && self.parts_given == 0 {
            let nuls = bytes.iter().take_while(|byte| **byte == 0).count();
            self.nuls += nuls;
            self.position += nuls as u64;
            bytes = &bytes[nuls..];
        }
        if bytes.is_empty() {
            return;
        }
        self.settle_nuls();
        while self.pending.len() + bytes.len() > LINE_BYTES_MAX {
            let (head, tail) = bytes.split_at(LINE_BYTES_MAX - self.pending.len());
            self.pending.extend_from_slice(head);
            // One byte more tells whether the cut falls between two characters.
            self.pending.push(tail[0]);
            self.position += head.len() as u64 + 1;
            bytes = &tail[1..];
            self.cut_part(character_boundary(&self.pending, LINE_BYTES_MAX), give);
        }
        self.pending.extend_from_slice(bytes);
        self.position += bytes.len() as u64;
    }

    /// Something else follows on NUL bytes at the start of a line.
    fn settle_nuls(&mut self) {
        let nuls = std::mem::take(&mut self.nuls);
        if nuls <= NULS_KEPT_MAX {
            self.pending.resize(self.pending.len() + nuls, 0);
        }
    }

    /// More follows on a carriage return: what stands before it becomes something to write over.
    fn settle_return(&mut self, give: &mut dyn FnMut(Line)) {
        if !std::mem::take(&mut self.is_returning) {
            return;
        }
        self.settle_nuls();
        if self.parts_given > 0 {
            let line = self.complete();
            return give(line);
        }
        let bytes = std::mem::take(&mut self.pending);
        let end = self.position;
        match self.returned.take() {
            Some(before) if bytes.is_empty() => self.returned = Some(Returned { end, ..before }),
            Some(before) => {
                if !is_rewrite(&before.bytes, &bytes) {
                    give(self.line(before.bytes, before.end));
                }
                self.returned = Some(Returned { bytes, end });
            }
            None => self.returned = Some(Returned { bytes, end }),
        }
    }

    /// The terminator of the pending line was read, or the source has ended.
    fn end_line(&mut self, give: &mut dyn FnMut(Line)) {
        self.is_returning = false;
        self.settle_nuls();
        if let Some(before) = self.returned.take() {
            if self.pending.is_empty() && self.parts_given == 0 {
                self.pending = before.bytes;
            } else if !is_rewrite(&before.bytes, &self.pending) {
                give(self.line(before.bytes, before.end));
            }
        }
        let is_rest = std::mem::take(&mut self.is_rest);
        if is_rest && self.pending.is_empty() && self.parts_given == 0 {
            return;
        }
        let line = self.complete();
        give(line);
    }

    fn cut_part(&mut self, cut: usize, give: &mut dyn FnMut(Line)) {
        if let Some(before) = self.returned.take() {
            give(self.line(before.bytes, before.end));
        }
        let kept = self.pending.split_off(cut);
        let bytes = std::mem::replace(&mut self.pending, kept);
        self.parts_given += 1;
        let end = self.position - self.pending.len() as u64;
        let part = Some(Part { number: self.parts_given, total: None });
        give(Line { part, ..self.line(bytes, end) });
    }

    /// The pending bytes as the last or only part of their line.
    fn complete(&mut self) -> Line {
        let bytes = std::mem::take(&mut self.pending);
        let given = std::mem::take(&mut self.parts_given);
        let total = given + 1;
        let part = (given > 0).then_some(Part { number: total, total: Some(total) });
        Line { part, ..self.line(bytes, self.position) }
    }

    /// A line of which nothing was kept, up to the position.
    fn whole_line(&self, bytes: &[u8]) -> Line {
        match std::str::from_utf8(bytes) {
            Ok(text) if self.ansi == Ansi::Keep || !has_ansi(text) => {
                Line { text: spare::owned(text), part: None, end: self.position }
            }
            _ => self.line(bytes.to_vec(), self.position),
        }
    }

    fn line(&self, bytes: Vec<u8>, end: u64) -> Line {
        let text = decoded(bytes);
        let text = if self.ansi == Ansi::Strip { without_ansi(text) } else { text };
        Line { text, part: None, end }
    }
}

/// Whether more bytes may make a mark of these.
fn is_undecided(head: &[u8]) -> bool {
    matches!(head, [] | [0xef | 0xfe | 0xff] | [0xef, 0xbb])
}

/// The last place at or before `limit` that does not split a character.
fn character_boundary(bytes: &[u8], limit: usize) -> usize {
    let is_continuation = |position: usize| bytes.get(position).is_some_and(|b| b & 0xc0 == 0x80);
    let back = (0..4).find(|back| !is_continuation(limit - back)).unwrap_or(0);
    limit - back
}

#[cfg(test)]
mod tests;
