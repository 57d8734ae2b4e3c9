//! The producer's side of a ring: its position and how far it may write.
//!
//! Producers live on pages that the kernel zeroes in a fork child: there the limit reads zero, a
//! ring without room, so the first call of a child takes the slow path and finds out. A call also
//! takes the limit (sets it to zero) while it writes, so that a signal handler that logs on the
//! same thread finds no room either and uses the spare ring.

use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering, compiler_fence};

use logloom_record::wire::{self, Encoder};

use crate::ring::{LOCKED, Ring};

/// A producer looks at its reader each time it has written this part of its ring.
pub(crate) const LOOK_AGAIN: u64 = 8;
/// It wakes a writer that sleeps when more than this part waits.
pub(crate) const WAKE: u64 = 4;

/// What is kept of a dropped record until it is counted: its header and the byte after it, zero
/// where the record has none.
pub(crate) type Victim = [u8; wire::HEADER_LEN + 1];

/// One ring as its producer sees it. All words belong to one thread.
#[derive(Debug)]
pub(crate) struct Lane {
    /// Up to where the next record may reach; 0 while a call or [`Lane::make_room`] has the lane.
    limit: AtomicU64,
    /// Where it will begin.
    position: AtomicU64,
    capacity: AtomicU64,
    data: AtomicPtr<u8>,
    published: AtomicPtr<u64>,
    /// The reader's position.
    taken: AtomicPtr<u64>,
}

/// Room that a call has taken: written, then published.
pub(crate) struct Room<'a> {
    lane: &'a Lane,
    limit: u64,
    position: u64,
    length: u64,
}

/// Why a lane has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// Larger than half of the ring, which even an empty one may not have in one piece.
    TooLarge,
    /// Records wait to be taken.
    Full,
}

impl Lane {
    /// A lane without a ring: it never has room.
    pub(crate) const fn empty() -> Self {
        Self {
            limit: AtomicU64::new(0),
            position: AtomicU64::new(0),
            capacity: AtomicU64::new(0),
            data: AtomicPtr::new(std::ptr::null_mut()),
            published: AtomicPtr::new(std::ptr::null_mut()),
            taken: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// Connects the lane to `ring`, which has no other producer.
    pub(crate) fn connect(&self, ring: Ring<'_>) {
        let position = ring.write_position();
        self.limit.store(0, Ordering::Relaxed);
        self.position.store(position, Ordering::Relaxed);
        self.capacity.store(ring.capacity(), Ordering::Relaxed);
        self.data.store(ring.data(), Ordering::Relaxed);
        self.published.store(ring.write_word().as_ptr(), Ordering::Relaxed);
        self.taken.store(ring.read_word().as_ptr(), Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        self.limit.store(limit(ring, position, 0), Ordering::Relaxed);
    }

    /// Takes room for `length` bytes (a multiple of 8), if there is.
    #[inline(always)]
    pub(crate) fn take(&self, length: u64) -> Option<Room<'_>> {
        let limit = self.limit.load(Ordering::Relaxed);
        self.limit.store(0, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        let position = self.position.load(Ordering::Relaxed);
        if position + length > limit {
            self.limit.store(limit, Ordering::Relaxed);
            return None;
        }
        Some(Room { lane: self, limit, position, length })
    }

    /// Whether a call on this lane is under way: a signal handler has interrupted it.
    pub(crate) fn is_taken(&self) -> bool {
        let connected = !self.data.load(Ordering::Relaxed).is_null();
        connected && self.limit.load(Ordering::Relaxed) == 0
    }

    /// Looks at the reader's position again where nothing else is to be done: the record fits into this
    /// lap, and so little waits that the writer need not be woken. `false` otherwise, with nothing done.
    #[cold]
    #[inline(never)]
    pub(crate) fn look_again(&self, length: u64) -> bool {
        let before = self.limit.load(Ordering::Relaxed);
        let taken = self.taken.load(Ordering::Relaxed);
        // Another call has the lane, or it is a fork child's, or it has no ring.
        if before == 0 || taken.is_null() {
            return false;
        }
        self.limit.store(0, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        let position = self.position.load(Ordering::Relaxed);
        let capacity = self.capacity.load(Ordering::Relaxed);
        // SAFETY: the word lies in the segment, which is never unmapped while a lane is connected.
        let read = unsafe { AtomicU64::from_ptr(taken) }.load(Ordering::Acquire) & !LOCKED;
        let end = position + length;
        let lap_end = (position | (capacity - 1)) + 1;
        let fits = end <= lap_end && end.saturating_sub(read) <= capacity / WAKE;
        let found = lap_end.min(end + capacity / LOOK_AGAIN);
        compiler_fence(Ordering::SeqCst);
        self.limit.store(if fits { found } else { before }, Ordering::Relaxed);
        fits
    }

    /// Looks at the reader's position again and makes room, passing to the next lap if needed.
    ///
    /// Takes the lane meanwhile, as a call does: a signal handler that wrote a small record into
    /// what is left of the lap would have it covered by the skip mark.
    pub(crate) fn make_room(&self, ring: Ring<'_>, length: u64) -> Result<(), NoRoom> {
        let before = self.limit.load(Ordering::Relaxed);
        self.limit.store(0, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        let found = self.find_room(ring, length);
        compiler_fence(Ordering::SeqCst);
        self.limit.store(found.unwrap_or(before), Ordering::Relaxed);
        found.map(|_| ())
    }

    /// The limit under which `length` bytes fit, in this lap or, behind a skip mark, in the next.
    fn find_room(&self, ring: Ring<'_>, length: u64) -> Result<u64, NoRoom> {
        if length > ring.capacity() / 2 {
            return Err(NoRoom::TooLarge);
        }
        let position = self.position.load(Ordering::Relaxed);
        let free_end = ring.read_position() + ring.capacity();
        let lap_end = (position | (ring.capacity() - 1)) + 1;
        if position + length <= lap_end {
            if position + length > free_end {
                return Err(NoRoom::Full);
            }
            return Ok(limit(ring, position, length));
        }
        if lap_end + length > free_end {
            return Err(NoRoom::Full);
        }
        self.skip_to(ring, position, lap_end);
        Ok(limit(ring, lap_end, length))
    }

    /// Ends the lap with a skip mark and publishes it.
    fn skip_to(&self, ring: Ring<'_>, position: u64, lap_end: u64) {
        let offset = (position & (ring.capacity() - 1)) as usize;
        // SAFETY: a lap has a multiple of 8 bytes left, the range is free, and this thread is the
        // ring's only producer.
        let bytes = unsafe { std::slice::from_raw_parts_mut(ring.data().add(offset), 8) };
        let rest = u32::try_from(lap_end - position).unwrap_or(u32::MAX);
        wire::encode_lap_end(rest, &mut Encoder::new(bytes));
        ring.write_word().store(lap_end, Ordering::Release);
        self.position.store(lap_end, Ordering::Relaxed);
    }

    /// Drops the oldest records until `length` bytes fit, and tells each dropped one to `dropped`.
    /// `false` while the reader is staging.
    pub(crate) fn drop_oldest(
        &self,
        ring: Ring<'_>,
        length: u64,
        dropped: impl FnMut(&Victim),
    ) -> bool {
        let position = self.position.load(Ordering::Relaxed);
        let lap_end = (position | (ring.capacity() - 1)) + 1;
        let end = if position + length <= lap_end { position + length } else { lap_end + length };
        let from = ring.raw_read_position();
        if from & LOCKED != 0 {
            return false;
        }
        // A little more than needed, so that the next call need not come here again.
        let wanted = end + ring.capacity() / 16;
        let mut victims = Vec::new();
        let mut to = from;
        while to + ring.capacity() < wanted && to < position {
            match ring.peek(to, position) {
                crate::ring::Next::Record { bytes, end } => {
                    victims.push(victim(bytes));
                    to = end;
                }
                crate::ring::Next::Empty | crate::ring::Next::Damaged { .. } => to = position,
            }
        }
        if !ring.drop_oldest(from, to) {
            return false;
        }
        victims.iter().for_each(dropped);
        ring.drop_is_counted();
        true
    }
}

/// How far the producer may go before it has to look again: the end of the lap, the end of the
/// free room, or an eighth of the ring, so that a writer that sleeps is woken while there is room
/// for what comes until it runs.
fn limit(ring: Ring<'_>, position: u64, length: u64) -> u64 {
    let free_end = ring.read_position() + ring.capacity();
    let lap_end = (position | (ring.capacity() - 1)) + 1;
    let look_again = position + length + ring.capacity() / LOOK_AGAIN;
    free_end.min(lap_end).min(look_again)
}

/// A record may be its header alone: a literal without fields.
fn victim(record: &[u8]) -> Victim {
    let mut victim = Victim::default();
    let length = record.len().min(victim.len());
    victim[..length].copy_from_slice(&record[..length]);
    victim
}

impl Room<'_> {
    /// The bytes to write.
    #[inline(always)]
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        let capacity = self.lane.capacity.load(Ordering::Relaxed);
        let offset = (self.position & (capacity - 1)) as usize;
        let data = self.lane.data.load(Ordering::Relaxed);
        // SAFETY: `take` checked that the range is free and within one lap, and only this thread
        // writes here.
        unsafe { std::slice::from_raw_parts_mut(data.add(offset), self.length as usize) }
    }

    /// Makes the record visible to the writer and to recovery: from here on it is kept.
    #[inline(always)]
    pub(crate) fn publish(self) {
        let end = self.position + self.length;
        let published = self.lane.published.load(Ordering::Relaxed);
        // SAFETY: the word lies in the segment, which is never unmapped while a lane is connected.
        unsafe { AtomicU64::from_ptr(published) }.store(end, Ordering::Release);
        self.lane.position.store(end, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        self.lane.limit.store(self.limit, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ClockKind;
    use crate::memory::HeapMemory;
    use crate::ring::RingKind;
    use crate::segment::{Identity, Segment, SegmentOptions};

    const CAPACITY: u64 = 64 << 10;
    // Does not divide the ring: a lap ends with a rest too small for one.
    const RECORD: u64 = 48;

    fn segment() -> Segment {
        let options = SegmentOptions {
            path: "heap".into(),
            log_dir: "/nowhere".into(),
            identity: Identity::default(),
            config: String::new(),
            total_bytes: 16 << 20,
            clock: ClockKind::RealTime,
            dictionary: Vec::new(),
        };
        Segment::create(&HeapMemory, &options).unwrap()
    }

    fn write(lane: &Lane) -> bool {
        let Some(mut room) = lane.take(RECORD) else { return false };
        room.bytes().fill(0);
        room.publish();
        true
    }

    /// Takes all that waits, as the writer does.
    fn take_all(ring: Ring<'_>) {
        let _ = ring.lock();
        ring.unlock_at(ring.write_position());
    }

    #[test]
    fn a_caller_looks_again_while_the_reader_keeps_up() {
        let segment = segment();
        let ring = segment.add_ring(RingKind::Normal, CAPACITY).unwrap();
        let lane = Lane::empty();
        lane.connect(ring);
        let mut looks = 0;
        for _ in 0..CAPACITY / RECORD {
            if !write(&lane) {
                take_all(ring);
                assert!(lane.look_again(RECORD) && write(&lane));
                looks += 1;
            }
        }
        assert!((LOOK_AGAIN - 2..=LOOK_AGAIN).contains(&looks), "{looks}");
        assert!(!write(&lane), "the lap ends here");
        take_all(ring);
        assert!(!lane.look_again(RECORD), "the next lap is another's business");
        lane.make_room(ring, RECORD).unwrap();
        assert!(write(&lane));
    }

    #[test]
    fn a_caller_stops_looking_when_the_writer_has_to_be_woken() {
        let segment = segment();
        let ring = segment.add_ring(RingKind::Normal, CAPACITY).unwrap();
        let lane = Lane::empty();
        lane.connect(ring);
        while write(&lane) || lane.look_again(RECORD) {}
        let waiting = ring.waiting();
        let most = CAPACITY / WAKE + CAPACITY / LOOK_AGAIN + RECORD;
        assert!((CAPACITY / WAKE - RECORD..=most).contains(&waiting), "{waiting}");
    }

    #[test]
    fn a_lane_that_is_taken_or_has_no_ring_is_left_alone() {
        let lane = Lane::empty();
        assert!(!lane.look_again(RECORD));
        let segment = segment();
        let ring = segment.add_ring(RingKind::Normal, CAPACITY).unwrap();
        lane.connect(ring);
        let room = lane.take(RECORD).unwrap();
        assert!(!lane.look_again(RECORD) && lane.is_taken(), "as within a signal handler");
        room.publish();
        assert!(lane.look_again(RECORD) && write(&lane));
    }
}
