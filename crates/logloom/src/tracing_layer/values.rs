//! The values of one event, on their way into the ring. `tracing` hands them in one by one; they go
//! out in the order of the site's names. A masked one is not even formatted.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;

use logloom_record::wire::Encoder;
use logloom_record::{Encode, Exception, Fields};
use tracing_core::Field;
use tracing_core::field::Visit;

use super::callsite::Callsite;
use crate::__private::is_masked;
use crate::scratch::Scratch;
use crate::value;

thread_local! {
    /// The room of the last event, to be used again.
    static ROOM: RefCell<Vec<Slot>> = const { RefCell::new(Vec::new()) };
}

/// One value.
pub(super) enum Slot {
    Null,
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Text(Scratch),
    Failure(Box<Exception>),
}

/// The message and the values of one event.
pub(super) struct Values {
    callsite: &'static Callsite,
    mask: u64,
    message: Option<Scratch>,
    slots: Vec<Slot>,
}

impl Values {
    pub(super) fn new(callsite: &'static Callsite, mask: u64) -> Values {
        let room =
            ROOM.try_with(|room| room.try_borrow_mut().map(|mut room| std::mem::take(&mut *room)));
        let mut slots = room.ok().and_then(Result::ok).unwrap_or_default();
        slots.resize_with(callsite.site.fields.len(), || Slot::Null);
        Values { callsite, mask, message: None, slots }
    }

    pub(super) fn message(&self) -> Option<&str> {
        self.message.as_ref().map(Scratch::as_str)
    }

    pub(super) fn fields(&self) -> SlotFields<'_> {
        SlotFields(&self.slots)
    }

    /// Keeps what `make` returns, unless the field is masked or unknown.
    fn put(&mut self, field: &Field, make: impl FnOnce() -> Slot) {
        let Some(place) = self.callsite.places.get(field.index()) else { return };
        let Some(place) = *place else {
            if let Slot::Text(text) = make() {
                self.message = Some(text);
            }
            return;
        };
        let is_masked = is_masked(self.mask, u32::try_from(place).unwrap_or(u32::MAX));
        if let (false, Some(slot)) = (is_masked, self.slots.get_mut(place)) {
            *slot = make();
        }
    }
}

impl Drop for Values {
    fn drop(&mut self) {
        let mut slots = std::mem::take(&mut self.slots);
        slots.clear();
        let _ = ROOM.try_with(|room| {
            if let Ok(mut room) = room.try_borrow_mut() {
                *room = slots;
            }
        });
    }
}

impl Visit for Values {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, || Slot::Text(Scratch::debug(value, false)));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, || Slot::Text(Scratch::display(value, false)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, || Slot::Bool(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, || Slot::I64(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, || Slot::U64(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put(field, || Slot::I128(value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(field, || Slot::U128(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, || Slot::F64(value));
    }

    fn record_error(&mut self, field: &Field, error: &(dyn Error + 'static)) {
        self.put(field, || Slot::Failure(Box::new(value::exception(error, ""))));
    }
}

impl Slot {
    fn value(&self) -> &dyn Encode {
        match self {
            Slot::Null => &None::<bool>,
            Slot::Bool(value) => value,
            Slot::I64(value) => value,
            Slot::U64(value) => value,
            Slot::I128(value) => value,
            Slot::U128(value) => value,
            Slot::F64(value) => value,
            Slot::Text(value) => value,
            Slot::Failure(value) => value,
        }
    }
}

impl Encode for Slot {
    fn encoded_len(&self) -> usize {
        self.value().encoded_len()
    }

    fn encode(&self, out: &mut Encoder<'_>) {
        self.value().encode(out);
    }
}

/// A list of values whose length is known at run time only.
pub(super) struct SlotFields<'s>(&'s [Slot]);

impl SlotFields<'_> {
    /// Each value as a list of one, with its own bit of the mask in front.
    fn each(&self, mask: u64) -> impl Iterator<Item = ((&Slot, ()), u64)> {
        self.0.iter().enumerate().map(move |(place, slot)| {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            ((slot, ()), u64::from(is_masked(mask, place)))
        })
    }
}

impl Fields for SlotFields<'_> {
    /// Not known when compiling.
    const COUNT: usize = 0;

    fn encoded_len(&self, mask: u64) -> usize {
        self.each(mask).map(|(one, bit)| one.encoded_len(bit)).sum()
    }

    fn encode(&self, mask: u64, out: &mut Encoder<'_>) {
        self.each(mask).for_each(|(one, bit)| one.encode(bit, out));
    }

    fn lengths(&self, mask: u64, lengths: &mut Vec<usize>) {
        self.each(mask).for_each(|(one, bit)| one.lengths(bit, lengths));
    }

    fn encode_limited(&self, mask: u64, limit: usize, out: &mut Vec<u8>) -> bool {
        self.each(mask)
            .fold(false, |was_cut, (one, bit)| one.encode_limited(bit, limit, out) | was_cut)
    }
}
