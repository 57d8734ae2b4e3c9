//! What opening a directory finds of damaged writer slots. In come the slots in use; out go warnings,
//! and done words written anew where their slot is free. A slot that is taken is left to its writer, or to
//! who recovers it; one that does not tell whose it is, is left alone.

use std::sync::Arc;

use crate::directory::Directory;
use crate::error::StoreError;
use crate::head::lock::{Region, acquire, try_acquire};
use crate::head::{Head, io};
use crate::options::Warning;

/// What is wrong with a writer slot.
enum Fault {
    Identity,
    /// The done word of a taken slot.
    Done,
    /// The done word of a free slot: it counts for nobody.
    FreeDone,
}

impl Directory {
    /// Tells of damaged writer slots and mends those that are free.
    pub(crate) fn check_writer_slots(&self) -> Result<(), StoreError> {
        let head = self.shared.head()?;
        let (mut mended, mut left) = (Vec::new(), Vec::new());
        for slot in 0..head.catalogue()?.1.writers_used {
            match fault(&head, slot)? {
                None => {}
                Some(Fault::FreeDone) if self.mend_free(&head, slot)? => mended.push(slot),
                Some(_) => left.push(slot),
            }
        }
        for (slots, is_mended) in [(mended, true), (left, false)] {
            if !slots.is_empty() {
                self.shared.warn(Warning::WriterSlotsDamaged { slots, is_mended });
            }
        }
        Ok(())
    }

    /// Writes the done word of a free slot anew. Returns whether it was done: not if somebody holds a lock.
    fn mend_free(&self, head: &Arc<Head>, slot: u32) -> Result<bool, StoreError> {
        // The life lock comes before the catalogue, except that it may be tried under it.
        let _catalogue = match acquire(head, Region::Catalogue, self.shared.deadline()) {
            Ok(guard) => guard,
            Err(StoreError::Busy { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        let Some(_life) = try_acquire(head, Region::Life(slot))? else { return Ok(false) };
        // Looked at again under the locks: somebody may have mended and taken it.
        if matches!(fault(head, slot)?, Some(Fault::FreeDone)) {
            head.write_anew(io::done_place(slot), None)?;
        }
        Ok(true)
    }
}

fn fault(head: &Head, slot: u32) -> Result<Option<Fault>, StoreError> {
    let is_free = match head.read(io::writer_place(slot)) {
        Ok(copies) => copies.value.is_none(),
        Err(StoreError::Damaged { .. }) => return Ok(Some(Fault::Identity)),
        Err(error) => return Err(error),
    };
    match head.read(io::done_place(slot)) {
        Ok(_) => Ok(None),
        Err(StoreError::Damaged { .. }) if is_free => Ok(Some(Fault::FreeDone)),
        Err(StoreError::Damaged { .. }) => Ok(Some(Fault::Done)),
        Err(error) => Err(error),
    }
}
