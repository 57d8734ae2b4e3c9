//! One ring: a producer appends records, the writer (or a recovery) takes them in order.
//!
//! Positions are u64 and only ever grow; a position's place is itself modulo the capacity. A
//! record never crosses the end of a lap: the producer puts a skip mark there. The producer's
//! position is published by one release store after the bytes, so a reader that loads it with
//! acquire sees whole records only. The top bit of the read position is a lock that the reader
//! sets while it stages, so that a full producer does not drop records that are being read.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use logloom_record::wire;

use crate::layout::descriptor;
use crate::segment::Segment;

/// Set in the read position while the reader stages.
pub(crate) const LOCKED: u64 = 1 << 63;

/// What a ring is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum RingKind {
    /// A thread's records below ERROR.
    Normal = 0,
    /// A thread's records of ERROR and above.
    Urgent = 1,
    /// Shared by threads that found no room for rings of their own, and by signal handlers.
    Shared = 2,
    /// Shared, for records too large for a thread's ring.
    Large = 3,
}

impl RingKind {
    pub(crate) fn from_number(number: u32) -> Self {
        match number {
            1 => Self::Urgent,
            2 => Self::Shared,
            3 => Self::Large,
            _ => Self::Normal,
        }
    }
}

/// A ring of a segment.
#[derive(Clone, Copy)]
pub struct Ring<'a> {
    descriptor: *mut u8,
    data: *mut u8,
    capacity: u64,
    index: u32,
    kind: RingKind,
    segment: PhantomData<&'a Segment>,
}

// SAFETY: a ring is a view of shared memory; every access follows the ring protocol.
unsafe impl Send for Ring<'_> {}
// SAFETY: as above.
unsafe impl Sync for Ring<'_> {}

/// What lies next in a ring.
#[derive(Debug, Clone, Copy)]
pub enum Next<'a> {
    /// A whole record; `end` is the read position after it.
    Record {
        /// The record with its header.
        bytes: &'a [u8],
        /// Read position after it.
        end: u64,
    },
    /// Nothing before the write position.
    Empty,
    /// The bytes make no sense; everything up to `end` is unreadable.
    Damaged {
        /// The write position.
        end: u64,
    },
}

impl<'a> Ring<'a> {
    /// # Safety
    /// `descriptor` points to a ring descriptor and `data` to `capacity` bytes, a power of two,
    /// both valid for `'a`.
    pub(crate) unsafe fn new(
        descriptor: *mut u8,
        data: *mut u8,
        capacity: u64,
        index: u32,
        kind: RingKind,
    ) -> Self {
        Self { descriptor, data, capacity, index, kind, segment: PhantomData }
    }

    fn word64(&self, field: u64) -> &'a AtomicU64 {
        // SAFETY: the field lies within the descriptor, which is valid for `'a`.
        unsafe { AtomicU64::from_ptr(self.descriptor.add(field as usize).cast()) }
    }

    pub(crate) fn word32(&self, field: u64) -> &'a AtomicU32 {
        // SAFETY: as for `word64`.
        unsafe { AtomicU32::from_ptr(self.descriptor.add(field as usize).cast()) }
    }

    /// Number of the ring within its segment.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// What the ring is for.
    #[must_use]
    pub fn kind(&self) -> RingKind {
        self.kind
    }

    /// Bytes of the ring, a power of two.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    pub(crate) fn data(&self) -> *mut u8 {
        self.data
    }

    pub(crate) fn read_word(&self) -> &'a AtomicU64 {
        self.word64(descriptor::READ)
    }

    pub(crate) fn write_word(&self) -> &'a AtomicU64 {
        self.word64(descriptor::WRITE)
    }

    pub(crate) fn owner_word(&self) -> &'a AtomicU32 {
        self.word32(descriptor::OWNER)
    }

    /// Where the producer will write next.
    #[must_use]
    pub fn write_position(&self) -> u64 {
        self.write_word().load(Ordering::Acquire)
    }

    /// Up to where records have been taken.
    #[must_use]
    pub fn read_position(&self) -> u64 {
        self.word64(descriptor::READ).load(Ordering::Acquire) & !LOCKED
    }

    /// Whether the reader is staging, or died while it was.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.raw_read_position() & LOCKED != 0
    }

    /// Bytes waiting.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.write_position().saturating_sub(self.read_position()).min(self.capacity)
    }

    /// Keeps a full producer from moving the read position, and returns it. Only the one reader
    /// of the segment calls this; a lock that a dead reader left is taken over.
    #[must_use]
    pub fn lock(&self) -> u64 {
        self.word64(descriptor::READ).fetch_or(LOCKED, Ordering::AcqRel) & !LOCKED
    }

    /// Moves the read position to `position` and lets the producer move it again. Never back: an
    /// intent that is applied a second time changes nothing. Never by more than the ring holds, as a
    /// damaged intent might say.
    pub fn unlock_at(&self, position: u64) {
        let word = self.word64(descriptor::READ);
        let mut found = word.load(Ordering::Acquire);
        loop {
            let before = found & !LOCKED;
            let is_possible = (before..=before.saturating_add(self.capacity)).contains(&position);
            let next = if is_possible { position } else { before };
            match word.compare_exchange_weak(found, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return,
                Err(now) => found = now,
            }
        }
    }

    /// Moves the read position from `from` to `to` on the producer's side, unless the reader is
    /// staging or has moved it.
    pub(crate) fn drop_oldest(&self, from: u64, to: u64) -> bool {
        self.word64(descriptor::DROP_FROM).store(from, Ordering::Release);
        self.word64(descriptor::DROP_TO).store(to, Ordering::Release);
        let moved = self
            .word64(descriptor::READ)
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
            .is_ok();
        if !moved {
            let counted = self.word64(descriptor::DROP_COUNTED).load(Ordering::Relaxed);
            self.word64(descriptor::DROP_TO).store(counted, Ordering::Release);
        }
        moved
    }

    /// Says that the records of the last drop have been counted.
    pub(crate) fn drop_is_counted(&self) {
        let to = self.word64(descriptor::DROP_TO).load(Ordering::Relaxed);
        self.word64(descriptor::DROP_COUNTED).store(to, Ordering::Release);
    }

    /// Tells `count` the records that a dead producer dropped without having counted them all: their
    /// bytes are still there, because it died before it wrote over them. Some may be counted twice,
    /// by it or by a recovery that was killed at this; none is left out. A second call tells nothing.
    pub fn count_uncounted_drop(&self, mut count: impl FnMut(&'a [u8])) {
        let from = self.word64(descriptor::DROP_FROM).load(Ordering::Acquire);
        let to = self.word64(descriptor::DROP_TO).load(Ordering::Acquire);
        let counted = self.word64(descriptor::DROP_COUNTED).load(Ordering::Acquire);
        let is_plausible = from < to && to - from <= self.capacity && to <= self.write_position();
        if to == counted || !is_plausible || self.read_position() < to {
            return;
        }
        let mut at = from;
        while let Next::Record { bytes, end } = self.peek(at, to) {
            count(bytes);
            at = end;
        }
        self.drop_is_counted();
    }

    pub(crate) fn raw_read_position(&self) -> u64 {
        self.word64(descriptor::READ).load(Ordering::Acquire)
    }

    /// Looks at the record at `position`, which lies between the read and the write position
    /// `written`. The bytes are checked only as far as needed to step over them.
    #[must_use]
    pub fn peek(&self, position: u64, written: u64) -> Next<'a> {
        let mut at = position;
        loop {
            if at >= written {
                return Next::Empty;
            }
            let (rest, bytes) = self.rest_of_lap(at);
            let Some(header) = bytes.get(..8) else { return Next::Damaged { end: written } };
            let word = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
            let site = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
            let flags = (word >> 24) as u8;
            if flags & wire::CONTROL != 0 && site == wire::SITE_LAP_END {
                at += rest;
                continue;
            }
            let length = u64::from(word & 0x00FF_FFFF);
            let whole = length >= wire::HEADER_LEN as u64 && length % 8 == 0;
            if !whole || length > rest || at + length > written {
                return Next::Damaged { end: written };
            }
            return Next::Record { bytes: &bytes[..length as usize], end: at + length };
        }
    }

    fn rest_of_lap(&self, position: u64) -> (u64, &'a [u8]) {
        let offset = position & (self.capacity - 1);
        let rest = self.capacity - offset;
        // SAFETY: offset and rest lie within the ring; between the read and the write position
        // the producer does not write.
        let bytes =
            unsafe { std::slice::from_raw_parts(self.data.add(offset as usize), rest as usize) };
        (rest, bytes)
    }

    /// The thread that wrote the records read last, as its marker said: id and name.
    #[must_use]
    pub fn thread(&self) -> (u64, String) {
        let id = self.word64(descriptor::THREAD_ID).load(Ordering::Acquire);
        let length = self.word32(descriptor::THREAD_NAME_LENGTH).load(Ordering::Acquire) as usize;
        let length = length.min(descriptor::THREAD_NAME_MAX);
        // SAFETY: the name lies within the descriptor.
        let name = unsafe {
            std::slice::from_raw_parts(
                self.descriptor.add(descriptor::THREAD_NAME as usize),
                length,
            )
        };
        (id, String::from_utf8_lossy(name).into_owned())
    }

    /// Notes the thread that the next records belong to; the reader calls it when it has taken a
    /// thread marker. Names are cut at 28 bytes.
    pub fn set_thread(&self, id: u64, name: &str) {
        let mut cut = name.len().min(descriptor::THREAD_NAME_MAX);
        while !name.is_char_boundary(cut) {
            cut -= 1;
        }
        let length = self.word32(descriptor::THREAD_NAME_LENGTH);
        length.store(0, Ordering::Release);
        // SAFETY: the name lies within the descriptor and only the reader writes it.
        unsafe {
            let target = self.descriptor.add(descriptor::THREAD_NAME as usize);
            std::ptr::copy_nonoverlapping(name.as_ptr(), target, cut);
        }
        self.word64(descriptor::THREAD_ID).store(id, Ordering::Release);
        length.store(cut as u32, Ordering::Release);
    }
}
