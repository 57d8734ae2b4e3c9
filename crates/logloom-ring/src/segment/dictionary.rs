//! The dictionary: call sites, keys and sources by number, committed before their first use.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::Segment;
use crate::layout::control;

impl Segment {
    /// Appends one encoded entry. `false` when the dictionary is full: the caller then writes the
    /// description into each record instead.
    pub fn append_dictionary(&self, entry: &[u8]) -> bool {
        let _growing = self.growth.lock().unwrap_or_else(PoisonError::into_inner);
        let length = self.word64(control::DICTIONARY_LENGTH);
        let at = length.load(Ordering::Relaxed);
        let end = at.saturating_add(entry.len() as u64);
        if end > self.areas.dictionary_capacity {
            return false;
        }
        self.write(self.areas.dictionary + at, entry);
        length.store(end, Ordering::Release);
        true
    }

    /// The committed bytes from `from` on. They never change.
    #[must_use]
    pub fn dictionary(&self, from: u64) -> &[u8] {
        let end = self.word64(control::DICTIONARY_LENGTH).load(Ordering::Acquire);
        let end = end.min(self.areas.dictionary_capacity);
        self.bytes(self.areas.dictionary + from.min(end), end - from.min(end))
    }
}
