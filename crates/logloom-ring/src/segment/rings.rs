//! The ring table: from a number to a ring. What a damaged table says is bounded by what the rest of
//! the file allows; rings that cannot be read are told by the most bytes that they can have held.

use std::sync::atomic::Ordering;

use super::{FoundRings, Segment};
use crate::layout::{descriptor, header};
use crate::ring::{LOCKED, Ring, RingKind};

/// Least bytes of a ring.
const CAPACITY_MIN: u64 = 64;
/// Most bytes of a segment: the greatest setting.
const SEGMENT_MAX: u64 = 64 << 30;

/// Whether a ring can have this many bytes.
pub(super) fn is_capacity(bytes: u64) -> bool {
    bytes.is_power_of_two() && (CAPACITY_MIN..=SEGMENT_MAX).contains(&bytes)
}

impl Segment {
    /// Ring number `index`, unless its descriptor makes no sense (a damaged file).
    #[must_use]
    pub fn ring(&self, index: u32) -> Option<Ring<'_>> {
        let spoiled = self.found.as_ref().is_some_and(|found| found.spoiled.contains(&index));
        if index >= self.ring_count() || spoiled {
            return None;
        }
        let (data, capacity) = self.place(index)?;
        if data + capacity > self.length() {
            return None;
        }
        let at = self.descriptor_offset(index);
        let kind =
            RingKind::from_number(self.word32(at + descriptor::KIND).load(Ordering::Relaxed));
        // SAFETY: descriptor and data were checked to lie within the segment, which outlives the
        // ring by its lifetime.
        Some(unsafe {
            Ring::new(
                self.address(at, self.areas.descriptor_length),
                self.address(data, capacity),
                capacity,
                index,
                kind,
            )
        })
    }

    /// Looks through the table of a segment that was just opened.
    pub(super) fn find_rings(&self) -> FoundRings {
        let used = (0..self.areas.ring_max).rev().find(|index| self.is_used(*index));
        let mut found = FoundRings { count: used.map_or(0, |last| last + 1), spoiled: Vec::new() };
        // A ring begins where the one before it ends; behind a spoiled one that is not known.
        let (mut end, mut is_known) = (self.areas.end(), true);
        for index in 0..found.count {
            let place = self.place(index).filter(|(data, _)| {
                let follows = if is_known { *data == end } else { *data >= end };
                follows && self.has_possible_positions(index)
            });
            is_known = place.is_some();
            match place {
                Some((data, capacity)) => end = data + capacity,
                None => found.spoiled.push(index),
            }
        }
        found
    }

    /// Offset and capacity of a ring, unless no ring can have them; the file may end before.
    fn place(&self, index: u32) -> Option<(u64, u64)> {
        let at = self.descriptor_offset(index);
        let data = self.word64(at + descriptor::DATA).load(Ordering::Relaxed);
        let capacity = self.word64(at + descriptor::CAPACITY).load(Ordering::Relaxed);
        let is_possible = is_capacity(capacity) && (self.areas.end()..SEGMENT_MAX).contains(&data);
        is_possible.then_some((data, capacity))
    }

    /// A descriptor is zero before its ring is made. One that its process did not live to count has
    /// an empty ring, or none.
    fn is_used(&self, index: u32) -> bool {
        let at = self.descriptor_offset(index);
        [descriptor::WRITE, descriptor::READ, descriptor::DATA, descriptor::CAPACITY]
            .into_iter()
            .any(|field| self.word64(at + field).load(Ordering::Relaxed) != 0)
    }

    /// The read position first: a living process moves both, the write position ahead of it.
    fn positions(&self, index: u32) -> (u64, u64) {
        let at = self.descriptor_offset(index);
        let read = self.word64(at + descriptor::READ).load(Ordering::Acquire) & !LOCKED;
        (read, self.word64(at + descriptor::WRITE).load(Ordering::Acquire))
    }

    fn has_possible_positions(&self, index: u32) -> bool {
        let at = self.descriptor_offset(index);
        let capacity = self.word64(at + descriptor::CAPACITY).load(Ordering::Relaxed);
        let (read, written) = self.positions(index);
        written & LOCKED == 0 && read <= written && written - read <= capacity
    }

    /// Bytes that wait where a damaged segment does not let them be read, at the most, a number for
    /// each such place: rings whose descriptors make no sense or that lie beyond the end of the
    /// file, and slots of the loss table, of which nothing but their number is known (a header
    /// each).
    #[must_use]
    pub fn unreadable(&self) -> Vec<u64> {
        let rings = (0..self.ring_count()).filter(|index| self.ring(*index).is_none());
        let slots = self.damaged_losses().map(|_| logloom_record::wire::HEADER_LEN as u64);
        let waiting = rings.map(|index| self.waiting_at_most(index)).filter(|bytes| *bytes > 0);
        waiting.chain(slots).collect()
    }

    fn waiting_at_most(&self, index: u32) -> u64 {
        let at = self.descriptor_offset(index);
        let capacity = self.word64(at + descriptor::CAPACITY).load(Ordering::Relaxed);
        // A file that was cut was longer: its header says how long.
        let stated = self.word64(header::LENGTH).load(Ordering::Relaxed).min(SEGMENT_MAX);
        let rings = self.length().max(stated).saturating_sub(self.areas.end());
        let most = if is_capacity(capacity) { capacity.min(rings) } else { rings };
        let (read, written) = self.positions(index);
        written.checked_sub(read).map_or(most, |waiting| waiting.min(most))
    }
}
