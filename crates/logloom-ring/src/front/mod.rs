//! The caller's side: from a macro's values to a published record.
//!
//! [`emit`] is the whole hot path: one load of the site's word, one of the thread's slot, the
//! length, room in the ring, the values, the tick count, one release store. No lock, no system
//! call, no allocation. Whatever is not that simple (first call, full ring, fork, a signal handler
//! within a call, a record too large) goes to the cold path in `slow`.

mod attach;
mod child;
mod dynamic;
mod group;
mod install;
mod shared;
mod slow;
pub(crate) mod thread;

pub use dynamic::{add_source, emit_encoded, key_number, site_number};
pub use group::GROUP_BYTES_MAX;
pub(crate) use install::tell_child;
pub use install::{Front, Hooks, Sizes, before_init, current, install};
pub use slow::{known_word, resolve};

use std::sync::atomic::{Ordering, fence};

use logloom_record::Level;
use logloom_record::wire::{self, Encoder, Fields};

use crate::ring::RingKind;
use crate::segment::Cause;
use crate::site::{INLINE, OFF, Site};
use crate::{clock, park};

/// What to do with a record for which its ring has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Something has changed, or may have: look again.
    Retry,
    /// Give the new record up and count it under this cause.
    Drop(Cause),
    /// Drop the oldest records of the ring for it.
    DropOldest,
}

/// What a call hands over besides its site: an optional message and the values of its fields.
pub struct Call<'a, F> {
    /// The message, when it was formatted by the caller.
    pub message: Option<&'a str>,
    /// The values, in the order of the site's names.
    pub fields: F,
}

impl<F: Fields> Call<'_, F> {
    #[inline(always)]
    fn flags(&self) -> u8 {
        if self.message.is_some() { wire::MESSAGE } else { 0 }
    }

    #[inline(always)]
    fn length(&self, mask: u64) -> usize {
        let message = self.message.map_or(0, wire::Encode::encoded_len);
        message + self.fields.encoded_len(mask)
    }

    #[inline(always)]
    fn encode(&self, mask: u64, out: &mut Encoder<'_>) {
        if let Some(message) = self.message {
            wire::Encode::encode(message, out);
        }
        self.fields.encode(mask, out);
    }
}

/// Bytes of a record's header and context; the context adds two for its length.
#[inline(always)]
fn head_length(context: &[u8]) -> usize {
    let block = if context.is_empty() { 0 } else { 2 + context.len() };
    wire::HEADER_LEN + block
}

/// Writes header and context; returns where the body begins.
#[inline(always)]
fn write_head(bytes: &mut [u8], site: u32, flag: u8, ticks: u64, context: &[u8]) -> usize {
    let flag = if context.is_empty() { flag } else { flag | wire::CONTEXT };
    let first = bytes.len() as u64 | u64::from(flag) << 24 | u64::from(site) << 32;
    bytes[..8].copy_from_slice(&first.to_le_bytes());
    bytes[8..16].copy_from_slice(&ticks.to_le_bytes());
    if context.is_empty() {
        return wire::HEADER_LEN;
    }
    bytes[16..18].copy_from_slice(&(context.len() as u16).to_le_bytes());
    let end = 18 + context.len();
    bytes[18..end].copy_from_slice(context);
    end
}

/// Length of a record whose parts take `length` bytes.
#[inline(always)]
fn padded(length: usize) -> usize {
    (length + 7) & !7
}

/// Hands one call's record over. `word` is what [`Site::word`] gave and `level` the site's level,
/// passed on its own because it is a constant at the call.
///
/// May block only when the ring is full and the level's overflow policy says so. A signal handler
/// may call it, for sites that were called once before: the first call of a site allocates.
#[inline(always)]
pub fn emit<F: Fields>(site: &'static Site, word: u32, level: Level, call: &Call<'_, F>) {
    if word == OFF {
        return;
    }
    // What the word stands for was written before it: the mask, the entry in the dictionary. On
    // x86-64 this is no instruction.
    fence(Ordering::Acquire);
    // A constant mask of zero lets the branches of every field vanish from the common call.
    let mask = site.mask();
    let done = if mask == 0 {
        emit_hot(word, 0, level, call)
    } else {
        emit_masked(word, mask, level, call)
    };
    if !done {
        slow::emit(site, level, call);
    }
    if site.is_durable() {
        slow::wait_durable();
    }
}

/// The hot path of a call with secret fields, outside the caller's own code.
#[inline(never)]
fn emit_masked<F: Fields>(word: u32, mask: u64, level: Level, call: &Call<'_, F>) -> bool {
    emit_hot(word, mask, level, call)
}

/// The hot path; `false` when the call is not that simple, and nothing has been done.
#[inline(always)]
fn emit_hot<F: Fields>(word: u32, mask: u64, level: Level, call: &Call<'_, F>) -> bool {
    let urgent = level >= Level::Error;
    let slot = thread::slot();
    let producer = slot.producer();
    let lane = if urgent { &producer.urgent } else { &producer.normal };
    let context = slot.context();
    let length = padded(head_length(context) + call.length(mask));
    if word >= INLINE {
        return false;
    }
    let mut room = loop {
        match lane.take(length as u64) {
            Some(room) => break room,
            None if lane.look_again(length as u64) => {}
            None => return false,
        }
    };
    let ticks = clock::ticks(producer.clock());
    let bytes = room.bytes();
    let body = write_head(bytes, word, call.flags(), ticks, context);
    call.encode(mask, &mut Encoder::new(&mut bytes[body..]));
    room.publish();
    if urgent && let Some(parked) = producer.parked() {
        park::wake(parked, park::DEEP);
    }
    true
}

/// Which kind of ring a level goes to.
fn kind_of(level: Level) -> RingKind {
    if level >= Level::Error { RingKind::Urgent } else { RingKind::Normal }
}
