//! The segment file: created by the process that logs, opened by the one that recovers it.
//!
//! Everything here is reached by offset through bounds-checked accessors, because a segment that
//! another process left behind is data that cannot be trusted.

mod control;
mod create;
mod dictionary;
pub mod directory;
mod intent;
mod loss;
mod open;
mod rings;
mod sources;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

pub use create::{Identity, SegmentOptions};
pub use intent::{Intent, IntentSlot, MAX_LOSSES, MAX_RINGS, MAX_SOURCES};
pub use loss::{Cause, LossEntry, LossKey};
pub use open::OpenError;

use crate::clock::ClockKind;
use crate::layout::header;
use crate::memory::Backing;

/// A mapped segment, one's own or another process's.
pub struct Segment {
    backing: Box<dyn Backing>,
    path: PathBuf,
    clock: ClockKind,
    areas: Areas,
    growth: Mutex<()>,
    /// Whether the staging buffers have their memory.
    has_staging: AtomicBool,
    /// What the ring table held when another process's segment was opened; `None` for one's own.
    found: Option<FoundRings>,
}

/// The rings of a segment that was opened.
#[derive(Debug, Default)]
struct FoundRings {
    /// By the table itself: the count in the header may be damaged.
    count: u32,
    /// Rings whose positions cannot be: reading them would repeat or hide records.
    spoiled: Vec<u32>,
}

/// Where the areas of a segment are, from its header.
#[derive(Debug, Clone, Copy)]
struct Areas {
    ring_table: u64,
    ring_max: u32,
    descriptor_length: u64,
    dictionary: u64,
    dictionary_capacity: u64,
    config: u64,
    config_capacity: u64,
    loss: u64,
    loss_slots: u64,
    sources: u64,
    source_slots: u64,
    intent: [u64; 2],
    intent_length: u64,
    staging: [u64; 2],
    staging_capacity: u64,
}

impl Segment {
    fn new(backing: Box<dyn Backing>, path: PathBuf, clock: ClockKind) -> Self {
        let (areas, growth) = (create::AREAS, Mutex::new(()));
        let has_staging = AtomicBool::new(false);
        Self { backing, path, clock, areas, growth, has_staging, found: None }
    }

    /// The file's name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's inode, 0 on the heap.
    #[must_use]
    pub fn inode(&self) -> u64 {
        self.backing.inode()
    }

    /// Locks the segment's file against other processes for the life of this object, without
    /// waiting. `false` when another process has it.
    #[must_use]
    pub fn try_lock(&self) -> bool {
        self.backing.try_lock()
    }

    /// What the ticks in this segment are.
    #[must_use]
    pub fn clock(&self) -> ClockKind {
        self.clock
    }

    /// Bytes of the file.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.backing.length()
    }

    /// Most bytes that one batch may stage.
    #[must_use]
    pub fn staging_capacity(&self) -> usize {
        self.areas.staging_capacity as usize
    }

    fn address(&self, offset: u64, length: u64) -> *mut u8 {
        let end = offset.saturating_add(length);
        assert!(end <= self.backing.length(), "offset {offset} lies beyond the segment");
        // SAFETY: the range was checked to lie within the mapping.
        unsafe { self.backing.base().add(offset as usize) }
    }

    fn word64(&self, offset: u64) -> &AtomicU64 {
        debug_assert_eq!(offset % 8, 0);
        // SAFETY: the address is in bounds and aligned, the mapping lives as long as `self`, and
        // all parties access the word atomically.
        unsafe { AtomicU64::from_ptr(self.address(offset & !7, 8).cast()) }
    }

    fn word32(&self, offset: u64) -> &AtomicU32 {
        debug_assert_eq!(offset % 4, 0);
        // SAFETY: as for `word64`.
        unsafe { AtomicU32::from_ptr(self.address(offset & !3, 4).cast()) }
    }

    /// Copies bytes out. What another party writes meanwhile may appear half; the callers only
    /// read what has been published to them.
    fn read(&self, offset: u64, length: usize) -> Vec<u8> {
        self.bytes(offset, length as u64).to_vec()
    }

    /// Borrows bytes that have been published and are not written again.
    fn bytes(&self, offset: u64, length: u64) -> &[u8] {
        // SAFETY: in bounds; the protocol gives published ranges to readers until they release
        // them, so nobody writes here while the slice lives.
        unsafe { std::slice::from_raw_parts(self.address(offset, length), length as usize) }
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        let target = self.address(offset, bytes.len() as u64);
        // SAFETY: in bounds; the protocol gives the range to this writer alone, and the source is
        // ordinary memory, so the two do not overlap.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len()) }
    }

    /// Rings that exist now; for a segment that was opened, those that its table held then.
    #[must_use]
    pub fn ring_count(&self) -> u32 {
        if let Some(found) = &self.found {
            return found.count;
        }
        self.word32(header::RING_COUNT).load(Ordering::Acquire).min(self.areas.ring_max)
    }

    /// Whether the segment was found empty of records by a recovery that then freed it.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.word32(header::STATE).load(Ordering::Acquire) == STATE_DRAINED
    }

    /// Marks the segment as drained, the first part of giving it up.
    pub fn set_drained(&self) {
        self.word32(header::STATE).store(STATE_DRAINED, Ordering::Release);
    }
}

const STATE_LIVE: u32 = 1;
const STATE_DRAINED: u32 = 2;

#[cfg(test)]
mod tests;
