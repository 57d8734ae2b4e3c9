//! The last step on the caller: encoded values and a message go into the thread's ring.
//!
//! Nothing here runs Python code. Where a call has to wait for the device the interpreter is let go of.

use std::cell::Cell;

use logloom_record::wire::{self, Encoder, Fields, Tag};
use logloom_record::{Encode, Value};
use logloom_ring::Site;
use logloom_ring::front::{self, Call};
use pyo3::Python;

use crate::raw;

/// The values of one record while they are collected.
#[derive(Default)]
pub(crate) struct Scratch {
    /// The values, one behind the other.
    pub(crate) bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<u32>,
    /// Which were masked, as bits.
    mask: u64,
}

/// Room that is kept for the next record of a thread, in bytes.
const KEPT_MAX: usize = 64 << 10;

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

impl Scratch {
    /// Empty room. A record that is made while another is (a value's own code logs) gets its own.
    #[inline]
    pub(crate) fn take() -> Box<Scratch> {
        let mut scratch = SCRATCH.try_with(Cell::take).ok().flatten().unwrap_or_default();
        scratch.clear();
        scratch
    }

    /// Forgets all values.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.mask = 0;
    }

    /// Gives the room back.
    #[inline]
    pub(crate) fn give_back(self: Box<Scratch>) {
        if self.bytes.capacity() <= KEPT_MAX {
            let _ = SCRATCH.try_with(|kept| kept.set(Some(self)));
        }
    }

    /// Ends the value that was appended to `bytes` last.
    #[inline]
    pub(crate) fn end_value(&mut self) {
        self.ends.push(self.bytes.len() as u32);
    }

    /// Appends a mask as the next value.
    pub(crate) fn mask_value(&mut self, hidden: u32) {
        self.mask |= bit(self.ends.len());
        self.bytes.push(Tag::Masked as u8);
        self.bytes.extend_from_slice(&hidden.to_le_bytes());
        self.end_value();
    }

    /// Appends values that are encoded already; `ends` counts from their start.
    #[inline]
    pub(crate) fn extend(&mut self, bytes: &[u8], ends: &[u32]) {
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        self.ends.extend(ends.iter().map(|end| start + end));
    }

    /// How many values there are.
    pub(crate) fn count(&self) -> usize {
        self.ends.len()
    }

    /// Where values end.
    pub(crate) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// One value.
    pub(crate) fn value(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.bytes[start..self.ends[index] as usize]
    }

    /// Hands the record over.
    pub(crate) fn emit(
        &self,
        py: Python<'_>,
        site: &'static Site,
        word: u32,
        message: Option<&str>,
    ) {
        let call = Call { message, fields: Collected(self) };
        if site.is_durable() {
            // The call ends when its record is on the device; meanwhile others run.
            py.detach(|| front::emit(site, word, site.level, &call));
        } else {
            raw::holding(|| front::emit(site, word, site.level, &call));
        }
    }
}

/// The bit of a value in a mask.
#[inline(always)]
pub(crate) fn bit(index: usize) -> u64 {
    1 << index.min(63)
}

struct Collected<'s>(&'s Scratch);

/// One encoded value.
struct Encoded<'s>(&'s [u8]);

impl Encode for Encoded<'_> {
    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    /// Cut to fit only where the record is too large: then it is read and written again.
    fn encode(&self, out: &mut Encoder<'_>) {
        let owned = wire::read_value(self.0).and_then(wire::value_from_view);
        owned.unwrap_or(Value::Null).encode(out);
    }

    fn hidden_chars(&self) -> u32 {
        let owned = wire::read_value(self.0).and_then(wire::value_from_view);
        owned.map_or(0, |value| value.hidden_chars())
    }

    /// A mask in place of a mask would hide how much it hides.
    fn is_null(&self) -> bool {
        matches!(self.0.first(), None | Some(0)) || self.0.first() == Some(&(Tag::Masked as u8))
    }
}

impl<'s> Collected<'s> {
    /// Each value as a list of one, with its own bit of the mask in front.
    fn each(&self, mask: u64, mut visit: impl FnMut((&Encoded<'s>, ()), u64)) {
        for index in 0..self.0.count() {
            let value = Encoded(self.0.value(index));
            visit((&value, ()), u64::from(mask & bit(index) != 0));
        }
    }

    /// Whether the values stand as this mask has them; if not, the settings have just changed.
    fn is_masked_so(&self, mask: u64) -> bool {
        mask & !self.0.mask == 0
    }
}

impl Fields for Collected<'_> {
    /// Not known when compiling.
    const COUNT: usize = 0;

    #[inline]
    fn encoded_len(&self, mask: u64) -> usize {
        if self.is_masked_so(mask) {
            return self.0.bytes.len();
        }
        let mut sum = 0;
        self.each(mask, |one, bit| sum += one.encoded_len(bit));
        sum
    }

    #[inline]
    fn encode(&self, mask: u64, out: &mut Encoder<'_>) {
        if self.is_masked_so(mask) {
            return out.raw(&self.0.bytes);
        }
        self.each(mask, |one, bit| one.encode(bit, out));
    }

    fn lengths(&self, mask: u64, lengths: &mut Vec<usize>) {
        self.each(mask, |one, bit| one.lengths(bit, lengths));
    }

    fn encode_limited(&self, mask: u64, limit: usize, out: &mut Vec<u8>) -> bool {
        let mut was_cut = false;
        self.each(mask, |one, bit| was_cut |= one.encode_limited(bit, limit, out));
        was_cut
    }
}
