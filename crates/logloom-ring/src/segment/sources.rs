//! How far each foreign source has been taken over: one end position a source number.
//!
//! The table is changed only from an intent, together with the ring positions, so a position
//! never runs ahead of the lines that are in the log.

use std::sync::atomic::Ordering;

use super::Segment;
use crate::layout::SOURCE_SLOT_LENGTH;

impl Segment {
    /// Notes that `source` has been taken over up to `end`. Numbers beyond the table are ignored.
    pub fn set_source(&self, source: u32, end: u64) {
        if u64::from(source) < self.areas.source_slots {
            let at = self.areas.sources + u64::from(source) * SOURCE_SLOT_LENGTH;
            self.word64(at).store(end, Ordering::Relaxed);
            self.word64(at + 8).store(1, Ordering::Release);
        }
    }

    /// How far `source` has been taken over; `None` when nothing is noted.
    #[must_use]
    pub fn source(&self, source: u32) -> Option<u64> {
        let at = self.areas.sources + u64::from(source) * SOURCE_SLOT_LENGTH;
        let is_noted = u64::from(source) < self.areas.source_slots
            && self.word64(at + 8).load(Ordering::Acquire) != 0;
        is_noted.then(|| self.word64(at).load(Ordering::Relaxed))
    }

    /// The positions that have been noted: (source, end).
    #[must_use]
    pub fn sources(&self) -> Vec<(u32, u64)> {
        let at = |source: u64| self.areas.sources + source * SOURCE_SLOT_LENGTH;
        (0..self.areas.source_slots)
            .filter(|source| self.word64(at(*source) + 8).load(Ordering::Acquire) != 0)
            .map(|source| (source as u32, self.word64(at(source)).load(Ordering::Relaxed)))
            .collect()
    }

    /// Most source numbers of this segment.
    #[must_use]
    pub fn source_slots(&self) -> u32 {
        self.areas.source_slots as u32
    }
}
