//! What a dead writer left in a file: finished or taken back, before anything else happens to the file.
//!
//! In comes a locked file; out goes the same file with no pending batch and nothing beyond
//! `committed`. Refuses nothing; a device error leaves the pending note for the next one.

use std::path::Path;
use std::sync::Arc;

use crate::append::{Locked, committed};
use crate::directory::Shared;
use crate::error::StoreError;
use crate::head::codec::Done;
use crate::head::slot::{BatchId, FileSlot, FileState, Pending};
use crate::head::{Head, io};
use crate::key::FileKey;
use crate::plant::{Bug, planted};
use crate::redo::{Redo, Segments, StagedBatch};
use crate::register::Seat;
use crate::steps::{Step, reached};
use crate::sys::File;

/// One settling, with what it may consult.
pub(crate) struct Settlement<'a> {
    shared: &'a Shared,
    head: &'a Arc<Head>,
    segments: &'a dyn Segments,
    own: Option<(&'a Seat, &'a dyn Redo)>,
}

pub(crate) fn unknown(file: FileKey) -> StoreError {
    StoreError::Invalid { message: format!("the catalogue knows no file {file}") }
}

impl<'a> Settlement<'a> {
    pub(crate) fn new(
        shared: &'a Shared,
        head: &'a Arc<Head>,
        segments: &'a dyn Segments,
    ) -> Settlement<'a> {
        Settlement { shared, head, segments, own: None }
    }

    /// The batch being appended, whose bytes are at hand.
    pub(crate) fn with_own(mut self, seat: &'a Seat, redo: &'a dyn Redo) -> Settlement<'a> {
        self.own = Some((seat, redo));
        self
    }

    /// Steps 21 to 23. The file's lock is held.
    pub(crate) fn settle(&self, locked: &mut Locked) -> Result<(), StoreError> {
        if let Some(last) = locked.slot.last {
            self.raise_done(&last)?;
        }
        let Some(pending) = locked.slot.pending else { return Ok(()) };
        if planted(Bug::CutWithoutRedo) {
            self.cut(locked, &pending)?;
            return self.raise_done(&pending.id);
        }
        if self.complete(locked, &pending)? {
            self.write_slot(locked, committed(&locked.slot, &pending))?;
            reached(Step::SettleCommitted);
            return self.raise_done(&pending.id);
        }
        self.cut(locked, &pending)
    }

    /// A batch that a file holds is done, whatever its writer managed to note. A damaged word is left to
    /// the writer, or to who recovers it: an earlier batch than its last one would make it lie.
    fn raise_done(&self, id: &BatchId) -> Result<(), StoreError> {
        match self.head.done(id.writer, id.uuid) {
            Ok((_, done)) if done >= id.batch => {}
            Ok((mut copies, _)) if self.may_hold(id)? => {
                self.head.write(&mut copies, Some(Done { uuid: id.uuid, batch: id.batch }))?;
                reached(Step::SettleDone);
            }
            Ok(_) | Err(StoreError::Damaged { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Whether the batch's writer has its slot still. A slot that does not tell is given to nobody else.
    fn may_hold(&self, id: &BatchId) -> Result<bool, StoreError> {
        match self.head.read(io::writer_place(id.writer)) {
            Ok(copies) => Ok(copies.value.is_some_and(|writer| writer.uuid == id.uuid)),
            Err(StoreError::Damaged { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Whether all bytes of the pending batch stand in the file, written now if they can be had.
    fn complete(&self, locked: &mut Locked, pending: &Pending) -> Result<bool, StoreError> {
        let Some(file) = self.shared.day_file(locked.number, &locked.slot)? else {
            return Ok(false);
        };
        let doing = format!("finish a batch in {}", locked.slot.key);
        if holds(&file, pending).map_err(StoreError::io(doing.clone()))? {
            return Ok(true);
        }
        let size = file.stat().map_err(StoreError::io(doing.clone()))?.size;
        if size < pending.offset {
            // Cut from outside: finished here, the batch would stand behind a hole.
            return Ok(false);
        }
        let Some(bytes) = self.staged(pending)? else { return Ok(false) };
        if bytes.len() as u64 != pending.length || crc32fast::hash(&bytes) != pending.crc32 {
            return Ok(false);
        }
        file.truncate(pending.offset)
            .and_then(|()| file.write_at(&bytes, pending.offset))
            .map_err(StoreError::io(doing))?;
        reached(Step::SettleRedone);
        Ok(true)
    }

    fn staged(&self, pending: &Pending) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some((seat, redo)) = self.own
            && pending.id.uuid == seat.uuid
        {
            let is_same = pending.id.batch == redo.batch();
            return Ok(is_same.then(|| redo.bytes().to_vec()));
        }
        let writer = self.head.writer(pending.id.writer)?;
        let Some(writer) = writer.filter(|writer| writer.uuid == pending.id.uuid) else {
            return Ok(None);
        };
        Ok(self.segments.staged(&StagedBatch {
            segment_path: Path::new(&writer.segment_path),
            segment_inode: writer.segment_inode,
            writer_uuid: writer.uuid,
            batch: pending.id.batch,
            length: pending.length,
            crc32: pending.crc32,
        }))
    }

    /// The only cut after a crash: the batch is appended again by its writer's recovery.
    fn cut(&self, locked: &mut Locked, pending: &Pending) -> Result<(), StoreError> {
        let mut slot = FileSlot { pending: None, ..locked.slot };
        match self.shared.day_file(locked.number, &locked.slot)? {
            Some(file) => {
                let doing = format!("cut {} back to its committed length", slot.key);
                shorten(&file, pending.offset).map_err(StoreError::io(doing))?;
            }
            None if slot.state == FileState::Open => slot.state = FileState::Suspect,
            None => {}
        }
        reached(Step::SettleCut);
        self.write_slot(locked, slot)?;
        reached(Step::SettleCleared);
        Ok(())
    }

    fn write_slot(&self, locked: &mut Locked, slot: FileSlot) -> Result<(), StoreError> {
        self.head.write(&mut locked.copies, Some(slot))?;
        locked.slot = slot;
        Ok(())
    }
}

/// Cuts a file that is longer than `size`; never makes one longer.
fn shorten(file: &File, size: u64) -> std::io::Result<()> {
    if file.stat()?.size > size {
        file.truncate(size)?;
    }
    Ok(())
}

pub(crate) fn holds(file: &File, pending: &Pending) -> std::io::Result<bool> {
    let end = pending.offset + pending.length;
    if file.stat()?.size < end {
        return Ok(false);
    }
    let mut hasher = crc32fast::Hasher::new();
    let mut chunk = vec![0u8; pending.length.min(1 << 20) as usize];
    let mut offset = pending.offset;
    while offset < end {
        let wanted = chunk.len().min((end - offset) as usize);
        if file.read_at(&mut chunk[..wanted], offset)? < wanted {
            return Ok(false);
        }
        hasher.update(&chunk[..wanted]);
        offset += wanted as u64;
    }
    Ok(hasher.finalize() == pending.crc32)
}
