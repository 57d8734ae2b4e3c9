//! Bytes in, lines out.
//!
//! Takes chunks of any size as they are read from a pipe or a file, gives whole lines with the
//! position after each. Memory is bounded: a line longer than [`LINE_BYTES_MAX`] is given in
//! numbered parts, cut between characters. Line feed and carriage return with line feed end a
//! line; a lone carriage return and NUL bytes stay in the text, where the renderer escapes them;
//! bytes that are no UTF-8 become U+FFFD. The last line needs no terminator.

use memchr::memchr;

/// The longest line that is given whole, in bytes without its terminator: 1 MiB.
pub const LINE_BYTES_MAX: usize = 1 << 20;

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

/// Cuts a stream of bytes into lines.
#[derive(Clone, Debug)]
pub struct LineAssembler {
    pending: Vec<u8>,
    parts_given: u32,
    position: u64,
}

impl LineAssembler {
    /// Starts at a position of the source: 0 for a pipe, the place to resume at for a file.
    #[must_use]
    pub fn new(position: u64) -> Self {
        Self { pending: Vec::new(), parts_given: 0, position }
    }

    /// The position after everything that was pushed.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether some bytes wait for the end of their line.
    #[must_use]
    pub fn has_pending(&self) -> bool {
        !self.pending.is_empty() || self.parts_given > 0
    }

    /// Takes the next bytes and gives each line that they complete.
    pub fn push(&mut self, bytes: &[u8], give: &mut dyn FnMut(Line)) {
        let mut rest = bytes;
        while let Some(feed) = memchr(b'\n', rest) {
            self.take(&rest[..feed], give);
            self.position += 1;
            give(self.complete(1));
            rest = &rest[feed + 1..];
        }
        self.take(rest, give);
    }

    /// Gives the last line when the source ended without a terminator.
    pub fn finish(&mut self) -> Option<Line> {
        self.has_pending().then(|| self.complete(0))
    }

    /// Adds bytes without a line feed to the pending line; gives parts when it grows too long.
    fn take(&mut self, mut bytes: &[u8], give: &mut dyn FnMut(Line)) {
        while self.pending.len() + bytes.len() > LINE_BYTES_MAX + 1 {
            // One byte more than a part, so that the terminator's carriage return never makes a
            // part of its own out of a line that fits.
            let (head, tail) = bytes.split_at(LINE_BYTES_MAX + 1 - self.pending.len());
            self.pending.extend_from_slice(head);
            self.position += head.len() as u64;
            bytes = tail;
            give(self.cut_part());
        }
        self.pending.extend_from_slice(bytes);
        self.position += bytes.len() as u64;
    }

    fn cut_part(&mut self) -> Line {
        let cut = character_boundary(&self.pending, LINE_BYTES_MAX);
        let kept = self.pending.split_off(cut);
        let text = into_text(std::mem::replace(&mut self.pending, kept));
        self.parts_given += 1;
        let end = self.position - self.pending.len() as u64;
        Line { text, part: Some(Part { number: self.parts_given, total: None }), end }
    }

    /// The pending bytes as the last or only part of their line.
    fn complete(&mut self, terminator: usize) -> Line {
        let mut bytes = std::mem::take(&mut self.pending);
        if terminator > 0 && bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        let given = std::mem::take(&mut self.parts_given);
        let total = given + 1;
        let part = (given > 0).then_some(Part { number: total, total: Some(total) });
        Line { text: into_text(bytes), part, end: self.position }
    }
}

/// The last place at or before `limit` that does not split a character.
fn character_boundary(bytes: &[u8], limit: usize) -> usize {
    let is_continuation = |position: usize| bytes.get(position).is_some_and(|b| b & 0xc0 == 0x80);
    let back = (0..4).find(|back| !is_continuation(limit - back)).unwrap_or(0);
    limit - back
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::{LINE_BYTES_MAX, Line, LineAssembler};

    fn assemble(chunks: &[&[u8]]) -> Vec<Line> {
        let mut assembler = LineAssembler::new(0);
        let mut lines = Vec::new();
        for chunk in chunks {
            assembler.push(chunk, &mut |line| lines.push(line));
        }
        lines.extend(assembler.finish());
        lines
    }

    #[test]
    fn lines_and_positions() {
        let check = |chunks: &[&[u8]], expect: &[(&str, u64)]| {
            let lines = assemble(chunks);
            let given: Vec<_> = lines.iter().map(|line| (line.text.as_str(), line.end)).collect();
            assert_eq!(given, expect);
            assert!(lines.iter().all(|line| line.part.is_none()));
        };
        check(&[], &[]);
        check(&[b""], &[]);
        check(&[b"a\nb"], &[("a", 2), ("b", 3)]);
        check(&[b"a", b"b\r", b"\n", b"\n"], &[("ab", 4), ("", 5)]);
        check(&[b"a\rb\n\r\n"], &[("a\rb", 4), ("", 6)]);
        check(&[b"nul\0\n"], &[("nul\0", 5)]);
        check(&[b"bad\xff\xc3", b"\n"], &[("bad\u{fffd}\u{fffd}", 6)]);
        check(&[b"split \xc3", b"\xa9\n"], &[("split \u{e9}", 9)]);
        check(&[b"end\r"], &[("end\r", 4)]);
    }

    #[test]
    fn a_very_long_line_comes_in_numbered_parts() {
        type Shape = (usize, Option<(u32, Option<u32>)>);
        let parts = |bytes: &[u8]| -> Vec<Shape> {
            assemble(&bytes.chunks(65_537).collect::<Vec<_>>())
                .iter()
                .map(|line| (line.text.len(), line.part.map(|part| (part.number, part.total))))
                .collect()
        };
        let mut fits = vec![b'x'; LINE_BYTES_MAX];
        fits.extend_from_slice(b"\r\ny\n");
        assert_eq!(parts(&fits), [(LINE_BYTES_MAX, None), (1, None)]);
        let mut long = vec![b'x'; 2 * LINE_BYTES_MAX + 10];
        long.extend_from_slice(b"\ny\n");
        assert_eq!(
            parts(&long),
            [
                (LINE_BYTES_MAX, Some((1, None))),
                (LINE_BYTES_MAX, Some((2, None))),
                (10, Some((3, Some(3)))),
                (1, None)
            ]
        );
    }

    #[test]
    fn a_hundred_megabytes_stay_bounded() {
        let mut assembler = LineAssembler::new(0);
        let chunk = vec![b'a'; 1 << 18];
        let (mut bytes, mut longest) = (0, 0);
        for _ in 0..400 {
            assembler.push(&chunk, &mut |line| bytes += line.text.len());
            longest = longest.max(assembler.pending.capacity());
        }
        bytes += assembler.finish().unwrap().text.len();
        assert_eq!(bytes, 400 << 18);
        assert!(longest <= 3 * LINE_BYTES_MAX, "{longest}");
    }

    #[test]
    fn parts_are_cut_between_characters() {
        let text = "\u{1f600}".repeat(LINE_BYTES_MAX / 4 + 3);
        let shifted = format!("ab{text}\n");
        let lines = assemble(&[shifted.as_bytes()]);
        let whole: String = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(format!("{whole}\n"), shifted);
        assert_eq!(lines.last().unwrap().end, shifted.len() as u64);
    }

    proptest! {
        #[test]
        fn chunking_changes_nothing(bytes in prop::collection::vec(
            prop_oneof![Just(b'\n'), Just(b'\r'), Just(0u8), any::<u8>()], 0..200), size in 1usize..20)
        {
            let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
            let lines = assemble(&chunks);
            prop_assert_eq!(&lines, &assemble(&[&bytes]));
            prop_assert_eq!(lines.last().map_or(0, |line| line.end), bytes.len() as u64);
        }
    }
}
