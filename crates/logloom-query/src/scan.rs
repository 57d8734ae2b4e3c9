//! Lines out of a file, forwards and backwards, by large reads.
//!
//! Takes something to read from and an end, gives each complete line with its offset. Bytes after
//! the last line feed are no line yet and are left out. Memory: one block and the longest line,
//! the latter at most [`LINE_BYTES_MAX`]; longer ones are passed over and counted.

use std::io;
use std::ops::ControlFlow;

use memchr::{memchr, memrchr};

use crate::ReadAt;

/// Bytes that are read at once.
pub(crate) const BLOCK_BYTES: usize = 256 * 1024;

/// Lines beyond this length (64 MiB) are passed over: nothing that writes a store makes them.
pub(crate) const LINE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What a scan went through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scanned {
    pub(crate) bytes: u64,
    pub(crate) too_long: u64,
    /// What could not be read.
    pub(crate) damage: Vec<String>,
}

/// What is done with a line and its offset; breaking ends the scan.
pub(crate) type EachLine<'a> = &'a mut dyn FnMut(u64, &[u8]) -> ControlFlow<()>;

/// Lines from the start of the file to `end`.
pub(crate) fn forward(file: &dyn ReadAt, end: u64, each: EachLine<'_>) -> io::Result<Scanned> {
    let scanned = scan_forward(file, end, each)?;
    Ok(Scanned { damage: file.damage(), ..scanned })
}

/// Lines from `end` back to the start of the file, the last one first.
pub(crate) fn backward(file: &dyn ReadAt, end: u64, each: EachLine<'_>) -> io::Result<Scanned> {
    let scanned = scan_backward(file, end, each)?;
    Ok(Scanned { damage: file.damage(), ..scanned })
}

fn scan_forward(file: &dyn ReadAt, end: u64, each: EachLine<'_>) -> io::Result<Scanned> {
    let mut scanned = Scanned::default();
    let mut pending = Vec::new();
    let mut position = 0;
    let mut skipping = false;
    while position < end {
        let kept = pending.len();
        let wanted = (end - position).min(BLOCK_BYTES as u64) as usize;
        pending.resize(kept + wanted, 0);
        let read = fill(file, &mut pending[kept..], position)?;
        pending.truncate(kept + read);
        if read == 0 {
            break;
        }
        let mut offset = position - kept as u64;
        position += read as u64;
        scanned.bytes += read as u64;
        let mut start = 0;
        let mut searched = kept;
        while let Some(feed) = memchr(b'\n', &pending[searched..]) {
            let line = &pending[start..searched + feed];
            let is_rest = std::mem::take(&mut skipping) || is_filled(file, offset, line);
            if !is_rest && each(offset, line).is_break() {
                return Ok(scanned);
            }
            offset += line.len() as u64 + 1;
            searched += feed + 1;
            start = searched;
        }
        pending.drain(..start);
        if pending.len() > LINE_BYTES_MAX {
            scanned.too_long += u64::from(!skipping);
            skipping = true;
            pending.clear();
        }
    }
    Ok(scanned)
}

fn scan_backward(file: &dyn ReadAt, end: u64, each: EachLine<'_>) -> io::Result<Scanned> {
    let mut scanned = Scanned::default();
    let mut tail = Tail::default();
    let mut block = Vec::new();
    let mut start = end;
    while start > 0 {
        // Blocks grow with the line they look for, so that a long one is not copied again and
        // again.
        let size = BLOCK_BYTES.max(tail.bytes.as_ref().map_or(0, Vec::len)) as u64;
        let from = start.saturating_sub(size);
        block.resize((start - from) as usize, 0);
        let read = fill(file, &mut block, from)?;
        if read < block.len() {
            let error = "the file is shorter than its catalogue says";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, error));
        }
        scanned.bytes += block.len() as u64;
        start = from;
        let mut each = |offset: u64, line: &[u8]| match is_filled(file, offset, line) {
            true => ControlFlow::Continue(()),
            false => each(offset, line),
        };
        if step_back(&mut block, from, &mut tail, &mut scanned, &mut each).is_break() {
            return Ok(scanned);
        }
    }
    if let Some(first) = tail.bytes.filter(|_| !tail.is_too_long)
        && !is_filled(file, 0, &first)
    {
        let _ = each(0, &first);
    }
    Ok(scanned)
}

/// Whether a line only stands for those that could not be read.
fn is_filled(file: &dyn ReadAt, offset: u64, line: &[u8]) -> bool {
    line.first() == Some(&0) && file.is_filled(offset)
}

/// The beginning of the bytes that were read: the end of a line that starts further ahead.
#[derive(Default)]
struct Tail {
    /// Unset until the last line feed was met.
    bytes: Option<Vec<u8>>,
    /// The line is passed over; what follows it in the file has been given.
    is_too_long: bool,
}

/// Gives the lines of one block, which starts at `from`, and keeps its unfinished beginning.
fn step_back(
    block: &mut Vec<u8>,
    from: u64,
    tail: &mut Tail,
    scanned: &mut Scanned,
    each: EachLine<'_>,
) -> ControlFlow<()> {
    let mut end = match tail.bytes.take() {
        Some(tail) => {
            block.extend_from_slice(&tail);
            block.len()
        }
        None => match memrchr(b'\n', block) {
            Some(feed) => feed,
            None => return ControlFlow::Continue(()),
        },
    };
    while let Some(feed) = memrchr(b'\n', &block[..end]) {
        if !std::mem::take(&mut tail.is_too_long) {
            each(from + feed as u64 + 1, &block[feed + 1..end])?;
        }
        end = feed;
    }
    block.truncate(end);
    if block.len() > LINE_BYTES_MAX {
        scanned.too_long += u64::from(!tail.is_too_long);
        tail.is_too_long = true;
        block.clear();
    }
    tail.bytes = Some(std::mem::take(block));
    ControlFlow::Continue(())
}

/// Reads until the buffer is full or the file ends.
pub(crate) fn fill(file: &dyn ReadAt, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], position + filled as u64)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io;
    use std::ops::ControlFlow;

    use proptest::prelude::*;

    use super::{BLOCK_BYTES, LINE_BYTES_MAX, backward, forward};
    use crate::ReadAt;

    type Scan = fn(&dyn ReadAt, u64, super::EachLine<'_>) -> io::Result<super::Scanned>;

    struct Bytes(Vec<u8>);

    impl ReadAt for Bytes {
        fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
            let rest = self.0.get(position as usize..).unwrap_or_default();
            // Never more than asked for and often less, as real files do.
            let count = rest.len().min(buffer.len()).min(100_000);
            buffer[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        }
    }

    fn expected(bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
        let mut offset = 0;
        bytes
            .split_inclusive(|byte| *byte == b'\n')
            .filter_map(|line| {
                let start = offset;
                offset += line.len() as u64;
                Some((start, line.strip_suffix(b"\n")?.to_vec()))
            })
            .collect()
    }

    fn check(bytes: Vec<u8>) {
        let expect = expected(&bytes);
        let file = Bytes(bytes);
        let end = file.0.len() as u64;
        let (mut found, mut reversed) = (Vec::new(), Vec::new());
        forward(&file, end, &mut |offset, line| {
            found.push((offset, line.to_vec()));
            ControlFlow::Continue(())
        })
        .unwrap();
        backward(&file, end, &mut |offset, line| {
            reversed.push((offset, line.to_vec()));
            ControlFlow::Continue(())
        })
        .unwrap();
        reversed.reverse();
        assert!(found == expect, "forward");
        assert!(reversed == expect, "backward");
    }

    #[test]
    fn lines_across_blocks() {
        check(Vec::new());
        check(b"\n".to_vec());
        check(b"no feed".to_vec());
        check(b"a\n\nb\nunfinished".to_vec());
        for length in [BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES + 7] {
            let mut bytes = b"first\n".to_vec();
            bytes.resize(bytes.len() + length, b'x');
            bytes.extend_from_slice(b"\nlast\n");
            check(bytes);
        }
        let many: Vec<u8> = (0..60_000).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
        check(many);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_in_both_directions() {
        let long = vec![b'x'; 2 * LINE_BYTES_MAX + 7];
        for (head, tail) in [(&b"a\n"[..], &b"\nb\n"[..]), (b"", b"\na\nb\n")] {
            let file = Bytes([head, &long, tail].concat());
            for scan in [forward as Scan, backward] {
                let mut lines = Vec::new();
                let scanned = scan(&file, file.0.len() as u64, &mut |_, line| {
                    lines.push(line.to_vec());
                    ControlFlow::Continue(())
                });
                lines.sort();
                assert_eq!(lines, [b"a", b"b"]);
                assert_eq!(scanned.unwrap().too_long, 1);
            }
        }
    }

    #[test]
    fn a_break_ends_the_scan() {
        let file = Bytes(b"a\nb\nc\n".to_vec());
        for (scan, expect) in [(forward as Scan, 0), (backward, 4)] {
            let mut offsets = Vec::new();
            scan(&file, 6, &mut |offset, _| {
                offsets.push(offset);
                ControlFlow::Break(())
            })
            .unwrap();
            assert_eq!(offsets, [expect]);
        }
    }

    proptest! {
        #[test]
        fn both_directions_agree(bytes in prop::collection::vec(
            prop_oneof![Just(b'\n'), any::<u8>()], 0..300))
        {
            check(bytes);
        }
    }
}
