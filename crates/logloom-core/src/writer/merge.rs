//! All rings of a segment as one sequence in the order of time.
//!
//! The rings that have something are locked for the time of the staging, so that a full producer
//! drops its new record instead of one that is being read.
//!
//! The rings are looked at one after the other, while their producers go on. A record that was begun
//! after the merge could follow one of the same thread in a ring that had been passed already, so it
//! is left to the next merge: what one thread logged one after the other stands in that order,
//! whatever rings it took. Readers order by time anyway.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use logloom_ring::ring::{Next, Ring};
use logloom_ring::{Segment, clock};

/// A processor may read its cycle counter this many ticks (below a microsecond) after it has looked
/// at a ring.
const READ_AHEAD: u64 = 2_000;
/// Records that seem to come from farther ahead (tens of milliseconds) were written before the clock
/// was set back and do not wait until it has caught up.
const AHEAD_MAX: u64 = 1 << 25;

/// The records that wait in a segment, oldest first.
pub(super) struct Merge<'a> {
    cursors: Vec<Cursor<'a>>,
    heap: BinaryHeap<Reverse<(u64, usize)>>,
    /// Records later than this wait for the next merge.
    until: u64,
}

struct Cursor<'a> {
    ring: Ring<'a>,
    begin: u64,
    /// Up to where records have been taken by this merge.
    taken: u64,
    written: u64,
    /// The record after `taken`, if there is one.
    next: Option<(&'a [u8], u64)>,
}

/// A record or a run of bytes that cannot be read.
pub(super) enum Taken<'a> {
    Record { ring: Ring<'a>, bytes: &'a [u8], ticks: u64, end: u64 },
    Damaged { from: u64, end: u64 },
}

impl<'a> Merge<'a> {
    /// Locks every ring that has something and looks at its first record.
    pub(super) fn begin(segment: &'a Segment) -> Self {
        let began = clock::ticks(segment.clock()).saturating_sub(READ_AHEAD);
        let mut merge = Self { cursors: Vec::new(), heap: BinaryHeap::new(), until: began };
        for ring in (0..segment.ring_count()).filter_map(|index| segment.ring(index)) {
            if ring.waiting() == 0 {
                continue;
            }
            let taken = ring.lock();
            // A damaged position would make the ring look longer than it is.
            let written = ring.write_position().min(taken.saturating_add(ring.capacity()));
            merge.cursors.push(Cursor { ring, begin: taken, taken, written, next: None });
            merge.advance(merge.cursors.len() - 1);
        }
        // The oldest of all has nothing to wait for: a merge that finds records takes one.
        if let Some(Reverse((oldest, _))) = merge.heap.peek() {
            merge.until = began.max(*oldest);
        }
        merge
    }

    /// Looks at the next record of a cursor and puts it into the heap.
    fn advance(&mut self, index: usize) {
        let cursor = &mut self.cursors[index];
        cursor.next = None;
        match cursor.ring.peek(cursor.taken, cursor.written) {
            Next::Empty => cursor.taken = cursor.taken.max(cursor.written),
            // Sorted first: damage is reported at once and the rest of the ring is given up.
            Next::Damaged { .. } => self.heap.push(Reverse((0, index))),
            Next::Record { bytes, end } => {
                cursor.next = Some((bytes, end));
                self.heap.push(Reverse((ticks_of(bytes), index)));
            }
        }
    }

    /// The oldest record that waits and is not left to the next merge, without taking it.
    pub(super) fn peek(&self) -> Option<Taken<'a>> {
        let Reverse((ticks, index)) = *self.heap.peek()?;
        if ticks > self.until && ticks - self.until < AHEAD_MAX {
            return None;
        }
        let cursor = &self.cursors[index];
        let ring = cursor.ring;
        Some(match cursor.next {
            Some((bytes, end)) => Taken::Record { ring, bytes, ticks, end },
            None => Taken::Damaged { from: cursor.taken, end: cursor.written },
        })
    }

    /// Takes what [`Merge::peek`] showed.
    pub(super) fn take(&mut self) {
        let Some(Reverse((_, index))) = self.heap.pop() else { return };
        let cursor = &mut self.cursors[index];
        cursor.taken = cursor.next.map_or(cursor.written, |(_, end)| end);
        self.advance(index);
    }

    /// Leaves what [`Merge::peek`] showed, and all behind it in its ring, to a later merge. The
    /// other rings go on, so that threads whose days differ do not cut each other's batches short.
    pub(super) fn leave(&mut self) {
        self.heap.pop();
    }

    /// Lets all rings go as they were found: nothing of this merge counts.
    pub(super) fn release(&self) {
        self.cursors.iter().for_each(|cursor| cursor.ring.unlock_at(cursor.begin));
    }

    /// The new read position of every ring that was looked at.
    pub(super) fn positions(&self) -> Vec<(u32, u64)> {
        self.cursors.iter().map(|cursor| (cursor.ring.index(), cursor.taken)).collect()
    }
}

pub(super) fn ticks_of(record: &[u8]) -> u64 {
    record.get(8..16).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}
