//! Blocks of whole lines out of a part of a file, for scans that share a file between threads.
//!
//! Takes something to read from and a part of it, gives the lines that begin in that part, many at
//! once, each block with the offset of its first byte. Parts that lie side by side give each line
//! once. Bytes after the last line feed of the file are no line yet and are left out. Memory: one
//! block and the longest line; lines beyond [`LINE_BYTES_MAX`] are passed over and counted.

use std::cell::Cell;
use std::io;
use std::ops::{ControlFlow, Range};

use memchr::{memchr, memrchr};

use crate::ReadAt;
use crate::scan::{LINE_BYTES_MAX, Scanned, fill};

/// Bytes that are read at once: few calls, and still in the processor's cache when looked at.
const BLOCK_BYTES: usize = 256 * 1024;

/// A buffer for blocks that grew beyond this with a long line is not kept for the next part.
const KEPT_BYTES_MAX: usize = 2 * BLOCK_BYTES;

thread_local! {
    /// The buffer of the part that this thread read last: a fresh one costs the kernel as much as reading into it.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Bytes behind a part that its last line rarely needs more of.
const LAST_LINE_BYTES: u64 = 8 * 1024;

/// What is done with a block of whole lines, the last line feed included, and its offset.
pub(crate) type EachBlock<'a> = &'a mut dyn FnMut(u64, &[u8]) -> ControlFlow<()>;

/// Gives the lines that begin in `part` of a file that ends at `end`.
pub(crate) fn blocks(
    file: &dyn ReadAt,
    part: Range<u64>,
    end: u64,
    each: EachBlock<'_>,
) -> io::Result<Scanned> {
    let mut window = Window::new(part);
    while !window.is_done && window.position < end {
        if window.read(file, end)? == 0 {
            break;
        }
        if window.give(each).is_break() {
            break;
        }
    }
    Ok(std::mem::take(&mut window.scanned))
}

impl Drop for Window {
    fn drop(&mut self) {
        if self.buffer.len() <= KEPT_BYTES_MAX {
            BUFFER.set(std::mem::take(&mut self.buffer));
        }
    }
}

struct Window {
    /// Where the part ends: no line is given that begins there or behind.
    until: u64,
    /// Room for what is read; it grows with the longest line and is never cleared, since what is
    /// pending says what of it counts.
    buffer: Vec<u8>,
    /// The bytes of the buffer that were read and not given yet; the first one begins a line.
    pending: Range<usize>,
    /// Pending bytes in which there is no line feed.
    searched: usize,
    /// The offset of the first pending byte.
    start: u64,
    /// The offset of the next byte to read.
    position: u64,
    /// The line under way is not given: it began before the part, or is too long.
    is_skipping: bool,
    is_done: bool,
    scanned: Scanned,
}

impl Window {
    fn new(part: Range<u64>) -> Self {
        // The byte before the part says whether a line begins with it.
        let position = part.start.saturating_sub(1);
        Self {
            until: part.end,
            buffer: BUFFER.take(),
            pending: 0..0,
            searched: 0,
            start: position,
            position,
            is_skipping: part.start > 0,
            is_done: part.is_empty(),
            scanned: Scanned::default(),
        }
    }

    fn read(&mut self, file: &dyn ReadAt, end: u64) -> io::Result<usize> {
        if self.pending.start > 0 {
            self.buffer.copy_within(self.pending.clone(), 0);
            self.pending = 0..self.pending.len();
        }
        let kept = self.pending.len();
        self.searched = kept;
        let rest = self.until.saturating_add(LAST_LINE_BYTES).saturating_sub(self.position);
        let wanted = if rest > 0 { rest } else { BLOCK_BYTES as u64 };
        let wanted = wanted.min(end - self.position).min(BLOCK_BYTES as u64) as usize;
        if self.buffer.len() < kept + wanted {
            self.buffer.resize(kept + BLOCK_BYTES, 0);
        }
        let read = fill(file, &mut self.buffer[kept..kept + wanted], self.position)?;
        self.pending.end += read;
        self.position += read as u64;
        self.scanned.bytes += read as u64;
        Ok(read)
    }

    fn bytes(&self) -> &[u8] {
        &self.buffer[self.pending.clone()]
    }

    /// Passes over pending bytes.
    fn advance(&mut self, length: usize) {
        self.pending.start += length;
        self.start += length as u64;
    }

    /// Gives what is complete, keeps the rest.
    fn give(&mut self, each: EachBlock<'_>) -> ControlFlow<()> {
        if self.is_skipping && !self.skip() {
            return ControlFlow::Continue(());
        }
        if self.start >= self.until {
            self.is_done = true;
            return ControlFlow::Continue(());
        }
        let length = match self.end_of_part() {
            Some(end) => {
                self.is_done = true;
                end
            }
            None => {
                let searched = self.searched;
                let feed = memrchr(b'\n', &self.bytes()[searched..]);
                feed.map_or(0, |feed| searched + feed + 1)
            }
        };
        if length > 0 {
            each(self.start, &self.bytes()[..length])?;
            self.advance(length);
        }
        if self.pending.len() > LINE_BYTES_MAX {
            self.scanned.too_long += 1;
            self.advance(self.pending.len());
            self.is_skipping = true;
        }
        ControlFlow::Continue(())
    }

    /// Drops the line that is passed over; whether its end was there.
    fn skip(&mut self) -> bool {
        let Some(feed) = memchr(b'\n', self.bytes()) else {
            self.advance(self.pending.len());
            self.is_done = self.start >= self.until;
            return false;
        };
        self.advance(feed + 1);
        self.searched = 0;
        self.is_skipping = false;
        true
    }

    /// The length up to the end of the last line that begins in the part, where it is there.
    fn end_of_part(&self) -> Option<usize> {
        // The last byte of the part belongs to its last line.
        let last = (self.until - 1 - self.start) as usize;
        let rest = self.bytes().get(last..)?;
        memchr(b'\n', rest).map(|feed| last + feed + 1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::ops::ControlFlow;

    use proptest::prelude::*;

    use super::{BLOCK_BYTES, blocks};
    use crate::ReadAt;
    use crate::scan::LINE_BYTES_MAX;

    struct Bytes(Vec<u8>);

    impl ReadAt for Bytes {
        fn read_at(&self, buffer: &mut [u8], position: u64) -> std::io::Result<usize> {
            let rest = self.0.get(position as usize..).unwrap_or_default();
            let count = rest.len().min(buffer.len()).min(100_000);
            buffer[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        }
    }

    /// The lines of all parts between these cuts, with their offsets.
    fn lines(file: &Bytes, cuts: &[u64]) -> Vec<(u64, Vec<u8>)> {
        let end = file.0.len() as u64;
        let mut found = Vec::new();
        let bounds: Vec<u64> = [&[0], cuts, &[end]].concat();
        for pair in bounds.windows(2) {
            blocks(file, pair[0]..pair[1], end, &mut |mut offset, block| {
                assert_eq!(block.last(), Some(&b'\n'));
                for line in block.split_inclusive(|byte| *byte == b'\n') {
                    found.push((offset, line.to_vec()));
                    offset += line.len() as u64;
                }
                ControlFlow::Continue(())
            })
            .unwrap();
        }
        found
    }

    fn check(bytes: Vec<u8>, cuts: &[u64]) {
        let mut offset = 0;
        let expect: Vec<(u64, Vec<u8>)> = bytes
            .split_inclusive(|byte| *byte == b'\n')
            .map(|line| {
                let start = offset;
                offset += line.len() as u64;
                (start, line.to_vec())
            })
            .filter(|(_, line)| line.ends_with(b"\n"))
            .collect();
        assert!(lines(&Bytes(bytes), cuts) == expect, "{cuts:?}");
    }

    #[test]
    fn lines_longer_than_a_block_and_than_a_part() {
        for length in [BLOCK_BYTES - 1, BLOCK_BYTES, 3 * BLOCK_BYTES + 7] {
            let mut bytes = b"first\n".to_vec();
            bytes.resize(bytes.len() + length, b'x');
            bytes.extend_from_slice(b"\nlast\nrest");
            for cut in [1, 6, 7, 100, length as u64 + 6, length as u64 + 7] {
                check(bytes.clone(), &[cut]);
            }
            check(bytes, &[100, 200, 300]);
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let long = vec![b'x'; LINE_BYTES_MAX + BLOCK_BYTES];
        let file = Bytes([b"a\n", &long[..], b"\nb\n"].concat());
        let found = lines(&file, &[]);
        let texts: Vec<&[u8]> = found.iter().map(|(_, line)| line.as_slice()).collect();
        assert_eq!(texts, [b"a\n", b"b\n"]);
    }

    proptest! {
        #[test]
        fn parts_give_each_line_once(
            bytes in prop::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..300),
            mut cuts in prop::collection::vec(0u64..300, 0..5),
        ) {
            cuts.sort_unstable();
            cuts.retain(|cut| *cut <= bytes.len() as u64);
            check(bytes, &cuts);
        }
    }
}
