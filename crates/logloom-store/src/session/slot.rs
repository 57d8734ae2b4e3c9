//! What is known of one session: the next number, and who holds numbers that are not in a batch yet.
//!
//! Arithmetic and bytes alone, no file. Numbers are given out once: they come from what was given back,
//! then from the end. `docs/format-store.md` draws the bytes.

use crate::head::codec::{
    CopyBytes, Slot, get_batch, get_u32, get_u64, put_batch, put_u32, put_u64,
};
use crate::head::slot::BatchId;
use crate::plant::{Bug, planted};

/// Bytes of a session's id that are kept, to tell sessions apart.
const ID_BYTES_MAX: usize = 72;
/// Shares that a session has room for: processes that number actions of it at the same instant.
pub(crate) const SHARES_MAX: usize = 8;
const SHARES_AT: usize = 96;
const SHARE_BYTES: usize = 48;

/// Numbers that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberRange {
    /// The first of them.
    pub from: u64,
    /// How many; at least one.
    pub count: u32,
}

/// Numbers that were taken from the session and are not known to be in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    /// For which batch; `None` for numbers that were given back.
    pub(crate) batch: Option<BatchId>,
    pub(crate) range: NumberRange,
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionSlot {
    id: Vec<u8>,
    id_length: u32,
    /// The least number that nobody has been given.
    pub(crate) next: u64,
    pub(crate) shares: Vec<Share>,
}

impl SessionSlot {
    pub(crate) fn new(id: &[u8]) -> SessionSlot {
        let kept = id[..id.len().min(ID_BYTES_MAX)].to_vec();
        let id_length = u32::try_from(id.len()).unwrap_or(u32::MAX);
        SessionSlot { id: kept, id_length, next: 1, shares: Vec::new() }
    }

    /// Whether it is that of this session, as far as the kept bytes tell.
    pub(crate) fn is_of(&self, id: &[u8]) -> bool {
        let other = SessionSlot::new(id);
        (&self.id, self.id_length) == (&other.id, other.id_length)
    }

    /// Length of the id and checksum of its kept bytes.
    pub(crate) fn id_mark(&self) -> (u32, u32) {
        (self.id_length, crc32fast::hash(&self.id))
    }

    /// Brings the shares of one writer to where its last staged batch leaves them: numbers of that
    /// batch and earlier ones are used, those of later ones are given back.
    pub(crate) fn settle(&mut self, uuid: &[u8; 16], staged: u64) {
        let is_own = |share: &Share| share.batch.is_some_and(|batch| batch.uuid == *uuid);
        let staged = if planted(Bug::KeepUnstagedNumbers) { u64::MAX } else { staged };
        let is_used = |share: &Share| share.batch.is_some_and(|batch| batch.batch <= staged);
        self.shares.retain(|share| !(is_own(share) && is_used(share)));
        for share in self.shares.iter_mut().filter(|share| is_own(share)) {
            share.batch = None;
        }
        self.join();
    }

    /// Numbers that were given back and end where the session ends are as if never given out.
    fn join(&mut self) {
        let ends = |share: &Share, next: u64| {
            share.batch.is_none() && share.range.from + u64::from(share.range.count) == next
        };
        while let Some(at) = self.shares.iter().position(|share| ends(share, self.next)) {
            self.next = self.shares.swap_remove(at).range.from;
        }
    }

    /// Takes `count` numbers for a batch, from `at_least` on where none were given back. `None` when
    /// there is no room for another share, or no number left; the slot is of no use then.
    pub(crate) fn take(
        &mut self,
        batch: BatchId,
        count: u32,
        at_least: u64,
    ) -> Option<Vec<NumberRange>> {
        self.next = self.next.max(at_least);
        let mut ranges = Vec::new();
        let mut left = count;
        self.shares.sort_by_key(|share| share.range.from);
        for index in 0..self.shares.len() {
            let share = self.shares[index];
            if share.batch.is_some() || left == 0 {
                continue;
            }
            let taken = share.range.count.min(left);
            if taken < share.range.count {
                if self.shares.len() == SHARES_MAX {
                    continue;
                }
                let from = share.range.from + u64::from(taken);
                let rest = NumberRange { from, count: share.range.count - taken };
                self.shares.push(Share { batch: None, range: rest });
            }
            let range = NumberRange { from: share.range.from, count: taken };
            self.shares[index] = Share { batch: Some(batch), range };
            ranges.push(range);
            left -= taken;
        }
        if left > 0 {
            ranges.push(self.take_from_end(batch, left)?);
        }
        Some(ranges)
    }

    fn take_from_end(&mut self, batch: BatchId, count: u32) -> Option<NumberRange> {
        let range = NumberRange { from: self.next, count };
        self.next = self.next.checked_add(u64::from(count))?;
        if self.shares.len() == SHARES_MAX {
            return None;
        }
        self.shares.push(Share { batch: Some(batch), range });
        Some(range)
    }
}

impl Slot for SessionSlot {
    fn encode(&self, bytes: &mut CopyBytes) {
        put_u32(bytes, 8, self.id_length);
        put_u32(bytes, 12, self.shares.len() as u32);
        put_u64(bytes, 16, self.next);
        bytes[24..24 + self.id.len()].copy_from_slice(&self.id);
        for (index, share) in self.shares.iter().take(SHARES_MAX).enumerate() {
            let at = SHARES_AT + index * SHARE_BYTES;
            put_batch(bytes, at, share.batch.as_ref());
            put_u64(bytes, at + 32, share.range.from);
            put_u32(bytes, at + 40, share.range.count);
        }
    }

    fn decode(bytes: &CopyBytes) -> Option<Option<SessionSlot>> {
        let id_length = get_u32(bytes, 8);
        let count = get_u32(bytes, 12) as usize;
        let next = get_u64(bytes, 16);
        if count > SHARES_MAX || next == 0 {
            return None;
        }
        let kept = (id_length as usize).min(ID_BYTES_MAX);
        let shares: Option<Vec<Share>> =
            (0..count).map(|index| share(bytes, index, next)).collect();
        let id = bytes[24..24 + kept].to_vec();
        Some(Some(SessionSlot { id, id_length, next, shares: shares? }))
    }
}

/// A share; `None` for one that the session has never given out.
fn share(bytes: &CopyBytes, index: usize, next: u64) -> Option<Share> {
    let at = SHARES_AT + index * SHARE_BYTES;
    let range = NumberRange { from: get_u64(bytes, at + 32), count: get_u32(bytes, at + 40) };
    let end = range.from.checked_add(u64::from(range.count))?;
    let fits = range.from > 0 && range.count > 0 && end <= next;
    fits.then_some(Share { batch: get_batch(bytes, at)?, range })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::head::codec::{Read, open_copy, seal_copy};

    fn batch(writer: u8, batch: u64) -> BatchId {
        BatchId { writer: u32::from(writer), uuid: [writer; 16], batch }
    }

    fn range(from: u64, count: u32) -> NumberRange {
        NumberRange { from, count }
    }

    #[test]
    fn numbers_follow_each_other() {
        let mut slot = SessionSlot::new(b"s");
        assert_eq!(slot.take(batch(1, 1), 3, 0).unwrap(), [range(1, 3)]);
        assert_eq!(slot.take(batch(2, 1), 1, 0).unwrap(), [range(4, 1)]);
        slot.settle(&[1; 16], 1);
        assert_eq!(slot.take(batch(1, 2), 2, 0).unwrap(), [range(5, 2)]);
        assert_eq!(slot.shares.len(), 2);
    }

    #[test]
    fn what_was_never_staged_is_given_out_again() {
        let mut slot = SessionSlot::new(b"s");
        slot.take(batch(1, 7), 3, 0).unwrap();
        // Nobody has taken more: it is as if nothing had been.
        slot.settle(&[1; 16], 6);
        assert_eq!((slot.next, slot.shares.len()), (1, 0));
        slot.take(batch(1, 7), 3, 0).unwrap();
        slot.take(batch(2, 1), 2, 0).unwrap();
        slot.settle(&[1; 16], 6);
        assert_eq!(slot.take(batch(3, 9), 5, 0).unwrap(), [range(1, 3), range(6, 2)]);
    }

    #[test]
    fn a_part_of_what_was_given_back_may_be_taken() {
        let mut slot = SessionSlot::new(b"s");
        slot.take(batch(1, 7), 5, 0).unwrap();
        slot.take(batch(2, 1), 1, 0).unwrap();
        slot.settle(&[1; 16], 6);
        assert_eq!(slot.take(batch(3, 1), 2, 0).unwrap(), [range(1, 2)]);
        assert_eq!(slot.take(batch(3, 1), 4, 0).unwrap(), [range(3, 3), range(7, 1)]);
    }

    #[test]
    fn without_room_nothing_is_taken() {
        let mut slot = SessionSlot::new(b"s");
        for writer in 0..SHARES_MAX as u8 {
            assert!(slot.take(batch(writer, 1), 1, 0).is_some());
        }
        assert!(slot.clone().take(batch(99, 1), 1, 0).is_none());
        slot.next = u64::MAX;
        slot.shares.clear();
        assert!(slot.take(batch(1, 1), 1, 0).is_none());
    }

    #[test]
    fn a_slot_comes_back_from_its_bytes_and_nonsense_does_not() {
        let id = [b'x'; 100];
        let mut slot = SessionSlot::new(&id);
        slot.take(batch(1, 7), 5, 40).unwrap();
        slot.take(batch(2, 7), 5, 0).unwrap();
        slot.settle(&[1; 16], 6);
        let bytes = seal_copy(3, Some(&slot));
        let Read::Valid(3, Some(read)) = open_copy::<SessionSlot>(&bytes) else {
            panic!("{bytes:?}")
        };
        assert_eq!(read, slot);
        assert!(read.is_of(&id) && !read.is_of(&id[..99]));
        slot.shares[0].range.from = 1 << 60;
        assert!(matches!(open_copy::<SessionSlot>(&seal_copy(3, Some(&slot))), Read::Bad));
    }
}
