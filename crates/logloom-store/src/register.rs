//! Writers come and go. In comes an identity; out goes a [`WriterHandle`] that holds the writer's life
//! lock. Refused when all 1,024 slots are taken.

use std::sync::Arc;

use crate::append::Committed;
use crate::directory::{Directory, Shared};
use crate::error::{AppendError, StoreError};
use crate::head::lock::{Guard, Region, acquire, is_held, try_acquire};
use crate::head::slot::{Catalogue, WriterIdentity};
use crate::head::{Copies, Head, WRITER_SLOTS, codec, io};
use crate::key::FileKey;
use crate::redo::{Redo, Segments};
use crate::steps::{Step, reached};

/// A writer's place in the catalogue, its own or a dead one's.
pub(crate) struct Seat {
    pub(crate) shared: Arc<Shared>,
    pub(crate) head: Arc<Head>,
    pub(crate) writer: u32,
    pub(crate) uuid: [u8; 16],
}

/// A registered writer: may append until it is released or dropped.
///
/// Usable from any thread, but one thread at a time appends: batches of one writer follow each other.
/// Dropping it without [`WriterHandle::release`] leaves the slot as a killed process would:
/// recovery frees it.
pub struct WriterHandle {
    pub(crate) seat: Seat,
    _life: Guard,
}

impl Directory {
    /// Registers a writer. Its segment must be complete before, because from this call on any process may
    /// look into it.
    ///
    /// Waits at most the lock deadline for the catalogue.
    ///
    /// # Errors
    /// All writer slots are taken, the catalogue is busy, or the head cannot be written.
    pub fn register(&self, identity: WriterIdentity) -> Result<WriterHandle, StoreError> {
        if identity.segment_path.len() > codec::SEGMENT_PATH_MAX {
            let message = format!(
                "the segment path {} is longer than {} bytes: choose a shorter ring directory",
                identity.segment_path,
                codec::SEGMENT_PATH_MAX
            );
            return Err(StoreError::Invalid { message });
        }
        let shared = self.shared.clone();
        let head = shared.head()?;
        let catalogue_guard = acquire(&head, Region::Catalogue, shared.deadline())?;
        let (writer, life, mut copies) = take_slot(&head)?;
        reached(Step::RegisterLocked);
        let uuid = identity.uuid;
        shared.note_segment(&identity.segment_path);
        head.write(&mut copies, Some(identity))?;
        reached(Step::RegisterSlot);
        drop(catalogue_guard);
        Ok(WriterHandle { seat: Seat { shared, head, writer, uuid }, _life: life })
    }
}

/// A free writer slot with its life lock. The catalogue lock is held.
fn take_slot(head: &Arc<Head>) -> Result<(u32, Guard, Copies<WriterIdentity>), StoreError> {
    let (mut copies, catalogue) = head.catalogue()?;
    for number in 0..WRITER_SLOTS {
        let slot = match head.read(io::writer_place(number)) {
            Ok(slot) if slot.value.is_none() => slot,
            Ok(_) | Err(StoreError::Damaged { .. }) => continue,
            Err(error) => return Err(error),
        };
        if is_held(head, Region::Recovery(number))? || !is_done_readable(head, number)? {
            continue;
        }
        if let Some(life) = try_acquire(head, Region::Life(number))? {
            if number >= catalogue.writers_used {
                let grown = Catalogue { writers_used: number + 1, ..catalogue };
                head.write(&mut copies, Some(grown))?;
            }
            return Ok((number, life, slot));
        }
    }
    Err(StoreError::Full {
        what: "all 1,024 writer slots of .logloom/head are taken: run `logloom recover` to free \
               those of dead processes",
    })
}

/// A slot whose done word is damaged is mended by the next process that opens the directory.
fn is_done_readable(head: &Head, number: u32) -> Result<bool, StoreError> {
    match head.read(io::done_place(number)) {
        Ok(_) => Ok(true),
        Err(StoreError::Damaged { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

impl Seat {
    /// Empties the slot. The catalogue lock is taken.
    pub(crate) fn free(&self) -> Result<(), StoreError> {
        let _catalogue = acquire(&self.head, Region::Catalogue, self.shared.deadline())?;
        let mut copies = match self.head.read(io::writer_place(self.writer)) {
            Ok(copies) => copies,
            // Whoever holds this seat knows whose slot it is, and that nothing is left to recover.
            Err(StoreError::Damaged { .. }) => {
                return self.head.write_anew(io::writer_place(self.writer), None);
            }
            Err(error) => return Err(error),
        };
        if copies.value.as_ref().is_some_and(|identity| identity.uuid == self.uuid) {
            self.head.write(&mut copies, None)?;
        }
        Ok(())
    }
}

impl WriterHandle {
    /// Appends one batch exactly once, however often it is called and whoever was killed in between.
    ///
    /// Takes the newest open file of the batch's day, or the next split where that one's lock cannot be
    /// had within the lock deadline, is full, or is no longer what the catalogue says. Returns once the batch is
    /// committed: readers may see it. The bytes are in the system's cache then; see [`Self::sync`].
    ///
    /// Blocks for the device, and for the lock deadline at each file whose holder is stuck.
    ///
    /// # Errors
    /// See [`AppendError`]. After every error the same batch may be given again.
    pub fn append(
        &self,
        redo: &dyn Redo,
        segments: &dyn Segments,
    ) -> Result<Committed, AppendError> {
        self.seat.append(redo, segments)
    }

    /// Forces a file and, the first time, its name to the device. See [`Directory::sync`].
    ///
    /// # Errors
    /// The sync failed, now or earlier: the file is suspect, and what was appended since its last sync
    /// may be lost if the machine stops. The next append goes to a new file.
    pub fn sync(&self, file: FileKey) -> Result<(), StoreError> {
        self.seat.shared.sync(&self.seat.head, file)
    }

    /// Number of the last committed batch; 0 before the first.
    ///
    /// # Errors
    /// The head cannot be read.
    pub fn done(&self) -> Result<u64, StoreError> {
        self.seat.done()
    }

    /// Number of this writer's slot.
    pub fn slot(&self) -> u32 {
        self.seat.writer
    }

    /// Gives the slot back. To be called when every accepted record is committed, before the segment
    /// is removed.
    ///
    /// # Errors
    /// The catalogue is busy or cannot be written; recovery then frees the slot.
    pub fn release(self) -> Result<(), StoreError> {
        self.seat.free()
    }

    /// Closes the head's descriptor in a fork child, so that the parent's locks are the parent's alone.
    ///
    /// Takes no lock and allocates nothing. Every later call through this handle or its directory fails in the
    /// child, which opens the directory again.
    pub fn abandon_in_fork_child(&self) {
        self.seat.head.file.close();
    }
}
