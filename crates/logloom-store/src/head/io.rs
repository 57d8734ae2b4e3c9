//! Reading and writing slots. In come slot numbers; out go values with what a later write needs to
//! know. Readers take no lock: they read again while a copy is being written. Writers must hold the
//! lock that belongs to the slot.

use std::marker::PhantomData;
use std::sync::Arc;

use super::codec::{CopyBytes, Done, Read, Slot, open_copy, seal_copy};
use super::lock::LockTable;
use super::slot::{Catalogue, FileSlot, StoreSettings, WriterIdentity};
use super::{
    CATALOGUE_OFFSET, COPY_SIZE, FILE_SLOTS_FIRST, FILE_STRIDE, FILES_OFFSET, HEAD_SIZE,
    WRITER_STRIDE, WRITERS_OFFSET, file_offset,
};
use crate::error::StoreError;
use crate::sys::{File, Platform};

const PAIR: usize = 2 * COPY_SIZE as usize;
// A copy that stays unreadable this often is not being written at the moment, it is damaged.
const READS_MAX: u32 = 64;

/// Both copies of a slot as read: the newest value, and which copy a write has to replace.
#[derive(Debug, Clone)]
pub(crate) struct Copies<T> {
    pub(crate) value: Option<T>,
    pub(crate) generation: u64,
    offset: u64,
    older: u64,
}

impl<T> Copies<T> {
    /// Where the copy stands that a write has to replace.
    pub(crate) fn older(&self) -> u64 {
        self.older
    }
}

/// The open `head` of a directory.
pub(crate) struct Head {
    pub(crate) file: File,
    pub(crate) inode: u64,
    pub(crate) store_id: [u8; 16],
    pub(crate) settings: StoreSettings,
    pub(crate) locks: LockTable,
    pub(crate) control: Arc<File>,
}

/// Where a slot stands.
pub(crate) struct Place<T> {
    offset: u64,
    name: &'static str,
    number: u32,
    value: PhantomData<T>,
}

impl<T> Place<T> {
    fn new(name: &'static str, number: u32, offset: u64) -> Place<T> {
        Place { offset, name, number, value: PhantomData }
    }
}

pub(crate) fn file_place(number: u32) -> Place<FileSlot> {
    Place::new("file slot", number, file_offset(number))
}

pub(crate) fn writer_place(number: u32) -> Place<WriterIdentity> {
    Place::new("writer slot", number, WRITERS_OFFSET + u64::from(number) * WRITER_STRIDE)
}

pub(crate) fn done_place(number: u32) -> Place<Done> {
    let offset = WRITERS_OFFSET + u64::from(number) * WRITER_STRIDE + FILE_STRIDE;
    Place::new("done word", number, offset)
}

pub(crate) fn catalogue_place() -> Place<Catalogue> {
    Place::new("catalogue", 0, CATALOGUE_OFFSET)
}

impl Head {
    pub(crate) fn platform(&self) -> &Arc<dyn Platform> {
        self.file.platform()
    }

    /// The newest value of a slot.
    pub(crate) fn read<T: Slot>(&self, place: Place<T>) -> Result<Copies<T>, StoreError> {
        let mut bytes = [0u8; PAIR];
        for attempt in 0..READS_MAX {
            let length = self
                .file
                .read_at(&mut bytes, place.offset)
                .map_err(StoreError::io("read .logloom/head"))?;
            bytes[length..].fill(0);
            let is_last = attempt + 1 == READS_MAX;
            if let Some(copies) = newest(&bytes, place.offset, is_last) {
                return Ok(copies);
            }
            std::thread::yield_now();
        }
        Err(StoreError::Damaged {
            what: format!("{} {} of .logloom/head", place.name, place.number),
        })
    }

    /// Writes the next generation of a slot over its older copy. The slot's lock must be held since
    /// `copies` was read.
    pub(crate) fn write<T: Slot>(
        &self,
        copies: &mut Copies<T>,
        value: Option<T>,
    ) -> Result<(), StoreError> {
        let generation = copies.generation + 1;
        let bytes = seal_copy(generation, value.as_ref());
        self.file.write_at(&bytes, copies.older).map_err(StoreError::io("write .logloom/head"))?;
        copies.older = 2 * copies.offset + COPY_SIZE - copies.older;
        copies.generation = generation;
        copies.value = value;
        Ok(())
    }

    /// Writes both copies of a slot that is damaged in both. Whoever calls must know the value from
    /// elsewhere and hold what keeps others from writing the slot.
    pub(crate) fn write_anew<T: Slot + Clone>(
        &self,
        place: Place<T>,
        value: Option<T>,
    ) -> Result<(), StoreError> {
        let offset = place.offset;
        let mut copies = Copies { value: None, generation: 0, offset, older: offset };
        self.write(&mut copies, value.clone())?;
        self.write(&mut copies, value)
    }

    /// The catalogue, which always has a value.
    pub(crate) fn catalogue(&self) -> Result<(Copies<Catalogue>, Catalogue), StoreError> {
        let copies = match self.read(catalogue_place()) {
            Err(StoreError::Damaged { .. }) => return Err(StoreError::CatalogueDamaged),
            other => other?,
        };
        let value = copies.value.ok_or(StoreError::CatalogueDamaged)?;
        Ok((copies, value))
    }

    /// All used file slots, in slot order; `None` for empty, reserved and damaged ones.
    pub(crate) fn file_slots(&self, used: u32) -> Result<Vec<Option<FileSlot>>, StoreError> {
        let mut slots = Vec::with_capacity(used as usize);
        let mut bytes = vec![0u8; (used as usize) * PAIR];
        let (first, further) = bytes.split_at_mut(used.min(FILE_SLOTS_FIRST) as usize * PAIR);
        for (part, offset) in [(first, FILES_OFFSET), (further, HEAD_SIZE)] {
            // What was cut off from outside is as if never written.
            self.file.read_at(part, offset).map_err(StoreError::io("read .logloom/head"))?;
        }
        for (number, pair) in bytes.chunks_exact(PAIR).enumerate() {
            let place = file_place(number as u32);
            slots.push(match newest(pair, place.offset, false) {
                Some(copies) => copies.value,
                None => self.undamaged(place)?,
            });
        }
        Ok(slots)
    }

    fn undamaged(&self, place: Place<FileSlot>) -> Result<Option<FileSlot>, StoreError> {
        match self.read(place) {
            Ok(copies) => Ok(copies.value),
            Err(StoreError::Damaged { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Who holds a writer slot; `None` when nobody does or the slot does not tell.
    pub(crate) fn writer(&self, number: u32) -> Result<Option<WriterIdentity>, StoreError> {
        match self.read(writer_place(number)) {
            Ok(copies) => Ok(copies.value),
            Err(StoreError::Damaged { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The last batch the writer with `uuid` has committed; 0 when none.
    pub(crate) fn done(
        &self,
        writer: u32,
        uuid: [u8; 16],
    ) -> Result<(Copies<Done>, u64), StoreError> {
        let copies = self.read(done_place(writer))?;
        let batch = copies.value.filter(|done| done.uuid == uuid).map_or(0, |done| done.batch);
        Ok((copies, batch))
    }

    /// Whether `.logloom/head` is still this file.
    pub(crate) fn check_inode(&self) -> Result<(), StoreError> {
        match self.control.stat_at("head") {
            Ok(stat) if stat.inode == self.inode => Ok(()),
            Ok(_) => Err(StoreError::HeadReplaced),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(StoreError::HeadReplaced)
            }
            Err(error) => Err(StoreError::io("look at .logloom/head")(error)),
        }
    }
}

/// The newest copy of a pair. `None` means: read again, a copy is being written, or both are bad.
/// With `accept_one`, a single bad copy no longer stands in the way of the other.
pub(crate) fn newest<T: Slot>(pair: &[u8], offset: u64, accept_one: bool) -> Option<Copies<T>> {
    let (first, second) = pair.split_at(COPY_SIZE as usize);
    let first: &CopyBytes = first.try_into().ok()?;
    let second: &CopyBytes = second.try_into().ok()?;
    let blank = Copies { value: None, generation: 0, offset, older: offset };
    let of = |generation, value, older| Some(Copies { value, generation, offset, older });
    let (low, high) = (offset, offset + COPY_SIZE);
    match (open_copy::<T>(first), open_copy::<T>(second)) {
        (Read::Blank, Read::Blank) => Some(blank),
        (Read::Valid(a, value), Read::Valid(b, _)) if a > b => of(a, value, high),
        (Read::Valid(..), Read::Valid(b, value)) => of(b, value, low),
        (Read::Valid(a, value), Read::Blank) => of(a, value, high),
        (Read::Blank, Read::Valid(b, value)) => of(b, value, low),
        (Read::Valid(a, value), Read::Bad) if accept_one => of(a, value, high),
        (Read::Bad, Read::Valid(b, value)) if accept_one => of(b, value, low),
        // A first write that was torn: the slot never held anything.
        (Read::Bad, Read::Blank) if accept_one => Some(blank),
        _ => None,
    }
}
