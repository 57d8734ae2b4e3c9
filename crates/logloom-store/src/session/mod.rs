//! Numbers of the actions of a session, counted by all processes of a directory together.
//!
//! In come a session and how many numbers a batch needs; out go the numbers, each given out once. A
//! session has a file of two copies in `.logloom/sessions/`; its lock is held for the change of that file
//! alone, never while lines are rendered or written. Those that have been silent for long share one file
//! (`past.rs`). What a writer takes is noted with the number of its
//! batch: if the batch is never staged, the numbers are given back by the one who recovers the writer.
//!
//! Refused: more than eight writers in the midst of a batch of one session.

pub(crate) mod past;
pub(crate) mod slot;

use std::io;

pub use slot::NumberRange;
use slot::SessionSlot;

use crate::error::StoreError;
use crate::head::codec::{COPY_BYTES, Slot, seal_copy};
use crate::head::io::{Copies, newest};
use crate::head::lock::{Guard, Region, acquire};
use crate::head::slot::BatchId;
use crate::head::{Head, open_aside};
use crate::options::Warning;
use crate::register::Seat;
use crate::steps::{Step, reached};
use crate::sys::{File, OpenMode};

pub(crate) const DIRECTORY: &str = "sessions";
const PAIR: usize = 2 * COPY_BYTES;

/// What tells one session from another: 128 bits of its id, the name of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey(pub [u8; 16]);

impl SessionKey {
    /// The key of the session of this id (FNV-1a).
    #[must_use]
    pub fn of(id: &[u8]) -> SessionKey {
        const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        let mixed = |hash: u128, byte: &u8| (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
        SessionKey(id.iter().fold(OFFSET, mixed).to_le_bytes())
    }

    pub(crate) fn file_name(self) -> String {
        format!("{:032x}", u128::from_le_bytes(self.0))
    }

    /// The key that stands in the name of a session's file.
    pub(crate) fn of_file_name(name: &str) -> Option<SessionKey> {
        let key = SessionKey(u128::from_str_radix(name, 16).ok()?.to_le_bytes());
        (key.file_name() == name).then_some(key)
    }

    pub(crate) fn region(self) -> Region {
        Region::Session(u16::from_le_bytes([self.0[0], self.0[1]]))
    }
}

/// What a batch needs of a session.
#[derive(Debug, Clone, Copy)]
pub struct NumbersWanted<'a> {
    /// Its id, any bytes.
    pub session: &'a [u8],
    /// How many numbers; at least one.
    pub count: u32,
    /// For which batch of the writer; all before it are staged.
    pub batch: u64,
    /// The least number that may be new: one more than the writer's last, where it has had any. It
    /// counts in a directory that does not know the session.
    pub at_least: u64,
}

/// The file of one session, locked.
struct Locked<'a> {
    seat: &'a Seat,
    key: SessionKey,
    _guard: Guard,
    /// `None` while there is no file yet.
    file: Option<File>,
    copies: Option<Copies<SessionSlot>>,
}

impl Seat {
    /// See [`Append::reserve_numbers`](crate::Append::reserve_numbers).
    pub(crate) fn reserve_numbers(
        &self,
        wanted: &NumbersWanted<'_>,
    ) -> Result<Vec<NumberRange>, StoreError> {
        let mut locked = Locked::open(self, SessionKey::of(wanted.session))?;
        let mut slot = locked.slot(wanted.session)?;
        slot.settle(&self.uuid, wanted.batch.saturating_sub(1));
        let batch = BatchId { writer: self.writer, uuid: self.uuid, batch: wanted.batch };
        let ranges = match slot.clone().take(batch, wanted.count, wanted.at_least) {
            Some(_) => slot.take(batch, wanted.count, wanted.at_least),
            None => {
                self.forget_used(&mut slot)?;
                slot.take(batch, wanted.count, wanted.at_least)
            }
        };
        let busy = || StoreError::Busy {
            what: "a session that many processes write to".to_owned(),
            waited: std::time::Duration::ZERO,
        };
        let ranges = ranges.ok_or_else(busy)?;
        locked.write(&slot)?;
        reached(Step::NumbersReserved);
        Ok(ranges)
    }

    /// See [`Append::return_numbers`](crate::Append::return_numbers).
    pub(crate) fn return_numbers(&self, key: SessionKey, staged: u64) -> Result<(), StoreError> {
        let mut locked = Locked::open(self, key)?;
        let Some(slot) = locked.copies.as_ref().and_then(|copies| copies.value.clone()) else {
            return Ok(());
        };
        let mut settled = slot.clone();
        settled.settle(&self.uuid, staged);
        if settled != slot {
            locked.write(&settled)?;
        }
        reached(Step::NumbersReturned);
        Ok(())
    }

    /// Drops the shares whose batch is in the log: their writer has said so, or has given up its place,
    /// which it does when all its batches are in the log and what it had left is given back.
    fn forget_used(&self, slot: &mut SessionSlot) -> Result<(), StoreError> {
        let mut kept = Vec::new();
        for share in slot.shares.drain(..) {
            let is_used = match share.batch {
                Some(batch) => is_in_log(&self.head, &batch)?,
                None => false,
            };
            if !is_used {
                kept.push(share);
            }
        }
        slot.shares = kept;
        Ok(())
    }
}

/// Whether a batch is in the log: its writer has said so, or has given up its place.
pub(crate) fn is_in_log(head: &Head, batch: &BatchId) -> Result<bool, StoreError> {
    let holder = head.writer(batch.writer)?;
    if holder.is_none_or(|identity| identity.uuid != batch.uuid) {
        return Ok(true);
    }
    match head.done(batch.writer, batch.uuid) {
        Ok((_, done)) => Ok(done >= batch.batch),
        Err(StoreError::Damaged { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

impl<'a> Locked<'a> {
    fn open(seat: &'a Seat, key: SessionKey) -> Result<Locked<'a>, StoreError> {
        let guard = acquire(&seat.head, key.region(), seat.shared.deadline())?;
        let mut locked = Locked { seat, key, _guard: guard, file: None, copies: None };
        match locked.read() {
            Ok(()) => Ok(locked),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(locked),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                locked.set_aside()?;
                Ok(locked)
            }
            Err(error) => Err(locked.io("read")(error)),
        }
    }

    fn io(&self, doing: &str) -> impl FnOnce(io::Error) -> StoreError + use<> {
        StoreError::io(format!("{doing} .logloom/{DIRECTORY}/{}", self.key.file_name()))
    }

    /// The session as its file says, or as it was when it was silent, or a new one.
    fn slot(&self, id: &[u8]) -> Result<SessionSlot, StoreError> {
        let shares = || StoreError::Invalid {
            message: format!("two sessions share .logloom/sessions/{}", self.key.file_name()),
        };
        if let Some(slot) = self.copies.as_ref().and_then(|copies| copies.value.clone()) {
            return if slot.is_of(id) { Ok(slot) } else { Err(shares()) };
        }
        let shared = &self.seat.shared;
        let found = past::find(&shared.control, self.key);
        match found.map_err(StoreError::io(format!("read .logloom/{}", past::NAME)))? {
            (Some(past), _) => past.resumed(id).ok_or_else(shares),
            (None, 0) => Ok(SessionSlot::new(id)),
            (None, damaged) => {
                let reason = format!(
                    "{damaged} of its entries; a session that comes back may be counted from 1"
                );
                shared.warn(Warning::Damaged { name: past::NAME.to_owned(), reason });
                Ok(SessionSlot::new(id))
            }
        }
    }

    fn read(&mut self) -> io::Result<()> {
        let directory = self.seat.shared.control.open(DIRECTORY, OpenMode::Directory)?;
        let file = directory.open(&self.key.file_name(), OpenMode::ReadWrite)?;
        let mut bytes = [0; PAIR];
        let length = file.read_at(&mut bytes, 0)?;
        bytes[length..].fill(0);
        // Under the lock nobody is writing: a bad copy is the one that a killed process was writing.
        self.copies = newest(&bytes, 0, true);
        self.file = Some(file);
        match &self.copies {
            Some(_) => Ok(()),
            None => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Moves a file away that nothing can be read from.
    fn set_aside(&mut self) -> Result<(), StoreError> {
        let shared = &self.seat.shared;
        self.file = None;
        let name = format!("session-{}.{}", self.key.file_name(), shared.platform.realtime_ns());
        let aside = open_aside(&shared.control)?;
        let moved = shared.control.open(DIRECTORY, OpenMode::Directory).and_then(|directory| {
            let from = (directory.handle(), &*self.key.file_name());
            shared.platform.rename_new(from, (aside.handle(), &name))
        });
        moved.map_err(self.io("set aside"))?;
        shared.warn(Warning::SessionSetAside { name });
        Ok(())
    }

    fn write(&mut self, slot: &SessionSlot) -> Result<(), StoreError> {
        let (generation, older) = match &self.copies {
            Some(copies) => (copies.generation + 1, copies.older()),
            None => (1, 0),
        };
        let bytes = seal_copy(generation, Some(slot));
        let file = match self.file.take() {
            Some(file) => Ok(file),
            None => self.create(),
        };
        let written = file.and_then(|file| file.write_at(&bytes, older));
        written.map_err(self.io("write"))
    }

    fn create(&self) -> io::Result<File> {
        let shared = &self.seat.shared;
        shared.platform.make_directory_at(shared.control.handle(), DIRECTORY)?;
        let directory = shared.control.open(DIRECTORY, OpenMode::Directory)?;
        let file = directory.open(&self.key.file_name(), OpenMode::CreateNew)?;
        shared.platform.allocate(file.handle(), PAIR as u64)?;
        reached(Step::NumbersCreated);
        Ok(file)
    }
}

/// A session needs the same copies as a slot of `head`.
const _: fn(&SessionSlot, &mut [u8; COPY_BYTES]) = <SessionSlot as Slot>::encode;

#[cfg(test)]
mod tests;
