//! The loss table: what was not kept, by call site, level and cause, counted where it happens.
//!
//! Any thread adds; only the writer (or a recovery) reports, and carries what it has reported in
//! the intent of the batch that holds the loss record, so a kill neither forgets nor repeats it.

use std::sync::atomic::{AtomicU64, Ordering};

use logloom_record::Level;

use super::Segment;
use crate::layout::{LOSS_SLOT_LENGTH, LOSS_SLOTS};

/// Why a record was not kept. The list is closed: every loss has one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Cause {
    /// The ring was full and the policy discards the new record.
    Discarded = 1,
    /// The ring was full and the policy dropped the oldest record for the new one.
    DroppedOldest = 2,
    /// The ring was full and stayed so until the time limit.
    TimedOut = 3,
    /// The ring was full while the writer was staging it.
    Staging = 4,
    /// A record that makes the writer panic was set aside.
    SetAside = 5,
    /// Every directory of the list and the standard error have failed.
    NoSink = 6,
    /// The bytes of the record make no sense: a damaged segment.
    Damaged = 7,
    /// A signal handler interrupted a call and no spare room was free.
    Reentrant = 8,
    /// No segment could be made or grown.
    NoMemory = 9,
}

impl Cause {
    /// All causes.
    pub const ALL: [Self; 9] = [
        Self::Discarded,
        Self::DroppedOldest,
        Self::TimedOut,
        Self::Staging,
        Self::SetAside,
        Self::NoSink,
        Self::Damaged,
        Self::Reentrant,
        Self::NoMemory,
    ];

    /// The name in metrics and loss records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Discarded => "discarded",
            Self::DroppedOldest => "dropped_oldest",
            Self::TimedOut => "timed_out",
            Self::Staging => "staging",
            Self::SetAside => "set_aside",
            Self::NoSink => "no_sink",
            Self::Damaged => "damaged",
            Self::Reentrant => "reentrant",
            Self::NoMemory => "no_memory",
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| *cause as u8 == number)
    }
}

/// What a loss is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LossKey {
    /// Call site number, 0 when the call described itself.
    pub site: u32,
    /// Level number, 1 to 6.
    pub level: u8,
    /// Why.
    pub cause: Cause,
}

impl LossKey {
    fn word(self) -> u64 {
        1 << 63 | u64::from(self.site) << 16 | u64::from(self.level) << 8 | self.cause as u64
    }

    fn from_word(word: u64) -> Option<Self> {
        let cause = Cause::from_number((word & 0xFF) as u8)?;
        let level = Level::from_number((word >> 8) as u8)? as u8;
        let key = Self { site: (word >> 16) as u32, level, cause };
        (key.word() == word).then_some(key)
    }
}

/// One line of the loss table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LossEntry {
    /// Slot number, for the intent.
    pub slot: u32,
    /// What was lost and why.
    pub key: LossKey,
    /// How many in all.
    pub count: u64,
    /// How many of them have been reported by a loss record.
    pub reported: u64,
    /// Time of the first that has not been reported, nanoseconds since 1970.
    pub first: i64,
    /// Time of the last.
    pub last: i64,
}

/// More losses than this of one kind cannot be: they would take months. A greater count is damage.
const COUNT_MAX: u64 = 1 << 48;

const KEY: u64 = 0;
const COUNT: u64 = 8;
const REPORTED: u64 = 16;
const FIRST: u64 = 24;
const LAST: u64 = 32;

impl Segment {
    fn loss_word(&self, slot: u64, field: u64) -> &AtomicU64 {
        self.word64(self.areas.loss + slot * LOSS_SLOT_LENGTH + field)
    }

    /// Counts `count` lost records. Never blocks, never allocates; when the table is full, the
    /// call site is left out and the last slots are shared by level and cause.
    pub fn count_loss(&self, key: LossKey, count: u64, now: i64) {
        let slot = self.loss_slot(key).or_else(|| self.loss_slot(LossKey { site: 0, ..key }));
        let Some(slot) = slot else { return };
        // First and last before the count: a reader that sees the count sees times that fit.
        let first = self.loss_word(slot, FIRST);
        let _ =
            first.compare_exchange(0, now.cast_unsigned(), Ordering::Relaxed, Ordering::Relaxed);
        self.loss_word(slot, LAST).fetch_max(now.cast_unsigned(), Ordering::Relaxed);
        self.loss_word(slot, COUNT).fetch_add(count, Ordering::Release);
    }

    fn loss_slot(&self, key: LossKey) -> Option<u64> {
        // The last eighth of the table is kept for entries without a site, of which there are at
        // most 54, so that every level and cause always finds room.
        let shared = LOSS_SLOTS / 8;
        let slots = self.areas.loss_slots;
        let (from, span) = if key.site == 0 {
            (slots.saturating_sub(shared), shared.min(slots))
        } else {
            (0, slots.saturating_sub(shared))
        };
        let wanted = key.word();
        let start = wanted.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        (0..span).map(|step| from + (start + step) % span).find(|slot| {
            let word = self.loss_word(*slot, KEY);
            match word.compare_exchange(0, wanted, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => true,
                Err(found) => found == wanted,
            }
        })
    }

    /// All losses counted so far. Slots whose words cannot be are left out; see
    /// [`Segment::unreadable`].
    #[must_use]
    pub fn losses(&self) -> Vec<LossEntry> {
        (0..self.areas.loss_slots).filter_map(|slot| self.loss_entry(slot)).collect()
    }

    /// `None` for a slot that is free or damaged.
    fn loss_entry(&self, slot: u64) -> Option<LossEntry> {
        let key = LossKey::from_word(self.loss_word(slot, KEY).load(Ordering::Acquire))?;
        // What was reported was counted before.
        let reported = self.loss_word(slot, REPORTED).load(Ordering::Acquire);
        let count = self.loss_word(slot, COUNT).load(Ordering::Acquire);
        let last = self.loss_word(slot, LAST).load(Ordering::Relaxed).cast_signed();
        // Zero when the losses before were reported while this one was being counted.
        let first = match self.loss_word(slot, FIRST).load(Ordering::Relaxed).cast_signed() {
            0 => last,
            first => first,
        };
        let is_possible = reported <= count && count <= COUNT_MAX;
        let slot = slot as u32;
        is_possible.then_some(LossEntry { slot, key, count, reported, first, last })
    }

    /// Slots that are in use but make no sense.
    pub(super) fn damaged_losses(&self) -> impl Iterator<Item = u64> {
        (0..self.areas.loss_slots).filter(|slot| {
            let is_used = [KEY, COUNT, REPORTED]
                .into_iter()
                .any(|field| self.loss_word(*slot, field).load(Ordering::Relaxed) != 0);
            is_used && self.loss_entry(*slot).is_none()
        })
    }

    /// Notes that `reported` losses of a slot stand in the log. Never goes back.
    pub fn set_reported(&self, slot: u32, reported: u64) {
        if u64::from(slot) < self.areas.loss_slots {
            let before =
                self.loss_word(u64::from(slot), REPORTED).fetch_max(reported, Ordering::AcqRel);
            if before < reported {
                // The next loss begins a new stretch of time.
                self.loss_word(u64::from(slot), FIRST).store(0, Ordering::Relaxed);
            }
        }
    }
}
