//! The positional values of a call site as one type: `(&a, (&b, (&c, ())))`.

use super::encode::Encode;
use super::encoder::Encoder;

/// A list of values, each of them masked or written. Bit i of a mask stands for value i; values
/// from the 64th on share bit 63. A masked value is not written: a mark with the number of
/// characters takes its place.
///
/// With a mask that is a constant 0 the compiler leaves all tests of it out.
pub trait Fields {
    /// Number of values.
    const COUNT: usize;

    /// Bytes that `encode` will write under this mask.
    fn encoded_len(&self, mask: u64) -> usize;

    /// Writes the values in order.
    fn encode(&self, mask: u64, out: &mut Encoder<'_>);

    /// Appends each value's own length under this mask, in order.
    fn lengths(&self, mask: u64, lengths: &mut Vec<usize>);

    /// Writes the values in order, each cut so that it takes no more than `limit` bytes. Returns
    /// whether one was cut.
    fn encode_limited(&self, mask: u64, limit: usize, out: &mut Vec<u8>) -> bool;
}

/// Bytes that a mask takes in place of a value.
const MASK_LEN: usize = 5;

impl Fields for () {
    const COUNT: usize = 0;

    #[inline(always)]
    fn encoded_len(&self, _mask: u64) -> usize {
        0
    }

    #[inline(always)]
    fn encode(&self, _mask: u64, _out: &mut Encoder<'_>) {}

    fn lengths(&self, _mask: u64, _lengths: &mut Vec<usize>) {}

    fn encode_limited(&self, _mask: u64, _limit: usize, _out: &mut Vec<u8>) -> bool {
        false
    }
}

/// The mask of the values behind the first; bit 63 stays where it is.
#[inline(always)]
const fn next(mask: u64) -> u64 {
    (mask.cast_signed() >> 1).cast_unsigned()
}

/// Whether the first value is written as it is.
#[inline(always)]
fn is_shown<H: Encode + ?Sized>(mask: u64, value: &H) -> bool {
    mask & 1 == 0 || value.is_null()
}

impl<H: Encode + ?Sized, T: Fields> Fields for (&H, T) {
    const COUNT: usize = 1 + T::COUNT;

    #[inline(always)]
    fn encoded_len(&self, mask: u64) -> usize {
        let first = if is_shown(mask, self.0) { self.0.encoded_len() } else { MASK_LEN };
        first + self.1.encoded_len(next(mask))
    }

    #[inline(always)]
    fn encode(&self, mask: u64, out: &mut Encoder<'_>) {
        if is_shown(mask, self.0) {
            self.0.encode(out);
        } else {
            out.masked(self.0.hidden_chars());
        }
        self.1.encode(next(mask), out);
    }

    fn lengths(&self, mask: u64, lengths: &mut Vec<usize>) {
        lengths.push(if is_shown(mask, self.0) { self.0.encoded_len() } else { MASK_LEN });
        self.1.lengths(next(mask), lengths);
    }

    fn encode_limited(&self, mask: u64, limit: usize, out: &mut Vec<u8>) -> bool {
        let was_cut = if is_shown(mask, self.0) {
            super::cut::push_limited(self.0, limit, out)
        } else {
            super::cut::push_limited(&crate::Value::Masked(self.0.hidden_chars()), limit, out)
        };
        self.1.encode_limited(next(mask), limit, out) | was_cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Tag;

    #[test]
    fn a_masked_value_leaves_no_byte_behind() {
        let fields = (&1_u32, (&"hunter2", (&"shown", ())));
        let mut room = [0; 64];
        assert_eq!(fields.encoded_len(0b010), 9 + 5 + 10);
        let mut out = Encoder::new(&mut room);
        fields.encode(0b010, &mut out);
        assert_eq!((out.written(), out.overflowed()), (24, false));
        assert!(!room.windows(4).any(|window| window == b"hunt"));
        assert_eq!(room[9..14], [super::super::Tag::Masked as u8, 7, 0, 0, 0]);
    }

    #[test]
    fn a_mask_leaves_what_is_not_there() {
        let fields = (&None::<&str>, (&Some("hunter2"), ()));
        let mut room = [0; 16];
        assert_eq!(fields.encoded_len(0b11), 1 + 5);
        let mut out = Encoder::new(&mut room);
        fields.encode(0b11, &mut out);
        assert_eq!((out.written(), out.overflowed()), (6, false));
        assert_eq!(room[..2], [Tag::Null as u8, Tag::Masked as u8]);
    }

    #[test]
    fn values_from_the_64th_on_share_bit_63() {
        let mut mask = 1_u64 << 63;
        for _ in 0..63 {
            assert_eq!(mask & 1, 0);
            mask = next(mask);
        }
        for _ in 0..10 {
            assert_eq!(mask & 1, 1);
            mask = next(mask);
        }
    }
}
