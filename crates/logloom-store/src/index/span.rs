//! Spans of numbers: the least and the greatest number of a field in each block. In come values as they stand, out go
//! spans that hold them for certain. What is no number, and may yet compare as one, makes a span unknown.

/// Least and greatest number; the least greater: none. Not a number: unknown.
type Span = (f64, f64);

const NONE: Span = (f64::INFINITY, f64::NEG_INFINITY);
const UNKNOWN: Span = (f64::NAN, f64::NAN);
/// Whole numbers up to here are floats exactly.
const EXACT_DIGITS: usize = 15;
/// Bytes of a span.
const SPAN: usize = 16;

/// What is known of the numbers that a field has in a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Numbers {
    /// No line has the field.
    None,
    /// All lines that have it have a number between these, both included.
    Between(f64, f64),
    /// Some line has another value, or the block is not regular.
    Unknown,
}

/// The spans of one field, block by block.
#[derive(Debug, Default)]
pub(super) struct Spans {
    spans: Vec<Span>,
    /// Number of blocks in which there was a number.
    pub(super) numbers: u32,
}

impl Spans {
    /// Notes a number of the block with this index.
    pub(super) fn note(&mut self, block: usize, text: &[u8]) {
        let span = self.at(block);
        let Some((low, high)) = bounds(text) else {
            *span = UNKNOWN;
            return;
        };
        if !span.0.is_nan() {
            let is_first = span.0 > span.1;
            *span = (span.0.min(low), span.1.max(high));
            self.numbers += u32::from(is_first);
        }
    }

    /// Notes that the block holds something else.
    pub(super) fn note_other(&mut self, block: usize) {
        *self.at(block) = UNKNOWN;
    }

    fn at(&mut self, block: usize) -> &mut Span {
        if self.spans.len() <= block {
            self.spans.resize(block + 1, NONE);
        }
        &mut self.spans[block]
    }

    /// The spans of all blocks as bytes.
    pub(super) fn write(&mut self, blocks: usize, out: &mut Vec<u8>) {
        self.spans.resize(blocks, NONE);
        for (low, high) in &self.spans {
            out.extend(low.to_le_bytes());
            out.extend(high.to_le_bytes());
        }
    }
}

/// Floats between which a JSON number lies.
fn bounds(text: &[u8]) -> Option<(f64, f64)> {
    if text.len() <= EXACT_DIGITS && text.iter().all(u8::is_ascii_digit) {
        let whole = text.iter().fold(0u64, |number, digit| number * 10 + u64::from(digit - b'0'));
        return Some((whole as f64, whole as f64));
    }
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    let is_exact =
        text.len() <= EXACT_DIGITS && !text.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
    match is_exact {
        true => Some((number, number)),
        // Rounded to the nearest: the number itself is no further than the next one.
        false => number.is_finite().then(|| (number.next_down(), number.next_up())),
    }
}

/// What `bytes` say of each block; the field may be told by `path` among others. `None` when there is nothing of it,
/// or it is damaged.
pub(super) fn read(bytes: &[u8], path: &str, blocks: usize) -> Option<Vec<Numbers>> {
    let (count, mut rest) = bytes.split_first_chunk::<4>()?;
    for _ in 0..u32::from_le_bytes(*count) {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (name, after) = after.split_at_checked(u16::from_le_bytes(*length).into())?;
        let (spans, after) = after.split_at_checked(SPAN.checked_mul(blocks)?)?;
        if name == path.as_bytes() {
            return Some(spans.as_chunks::<SPAN>().0.iter().map(numbers).collect());
        }
        rest = after;
    }
    None
}

fn numbers(bytes: &[u8; SPAN]) -> Numbers {
    let float = |at: usize| {
        let mut eight = [0; 8];
        eight.copy_from_slice(&bytes[at..at + 8]);
        f64::from_le_bytes(eight)
    };
    match (float(0), float(8)) {
        (low, high) if low.is_nan() || high.is_nan() => Numbers::Unknown,
        (low, high) if low > high => Numbers::None,
        (low, high) => Numbers::Between(low, high),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn spans_hold_what_was_noted() {
        let mut spans = Spans::default();
        spans.note(0, b"5");
        spans.note(0, b"-3");
        spans.note(1, b"0.1");
        spans.note(1, b"18446744073709551617");
        spans.note_other(3);
        spans.note(3, b"7");
        spans.note(4, b"1e999");
        assert_eq!(spans.numbers, 2);
        let mut bytes = 1u32.to_le_bytes().to_vec();
        bytes.extend([1, 0, b'n']);
        spans.write(6, &mut bytes);
        let all = read(&bytes, "n", 6).unwrap();
        assert_eq!(all[0], Numbers::Between(-3.0, 5.0));
        let Numbers::Between(low, high) = all[1] else { panic!() };
        assert!(low < 0.1 && high > 18_446_744_073_709_551_616.0);
        assert_eq!(all[2..], [Numbers::None, Numbers::Unknown, Numbers::Unknown, Numbers::None]);
        assert_eq!(read(&bytes, "m", 6), None);
        for cut in 0..bytes.len() {
            assert_eq!(read(&bytes[..cut], "n", 6), None);
        }
    }
}
