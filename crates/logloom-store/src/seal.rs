//! Sealing: a file that never grows again; and settling alone. In comes a file; out goes its state. A
//! file whose lock cannot be had is refused as busy.

use std::sync::Arc;

use crate::append::Locked;
use crate::directory::{Directory, Shared};
use crate::error::StoreError;
use crate::head::lock::{Guard, Region, acquire, try_acquire};
use crate::head::slot::{FileSlot, FileState};
use crate::head::{Head, io};
use crate::key::FileKey;
use crate::redo::{NoSegments, Segments};
use crate::settle::{Settlement, unknown};
use crate::split::find_slot;
use crate::steps::{Step, reached};

impl Directory {
    /// Seals a file: late records of its day open a new split. A file that is no longer open stays
    /// as it is.
    ///
    /// # Errors
    /// The catalogue or the file is locked beyond the deadline, the file is unknown, or the device fails.
    pub fn seal(&self, file: FileKey, segments: &dyn Segments) -> Result<(), StoreError> {
        let head = self.shared.head()?;
        let _catalogue = acquire(&head, Region::Catalogue, self.shared.deadline())?;
        let number = find_slot(&head, file)?.ok_or_else(|| unknown(file))?;
        let guard = acquire(&head, Region::File(number), self.shared.deadline())?;
        seal_locked(&self.shared, &head, number, guard, segments)
    }

    /// Finishes or takes back what a dead writer left half written in a file, so that its committed
    /// lines are all there will ever be of that writer. The file stays open.
    ///
    /// # Errors
    /// The file is locked beyond the deadline or unknown, or the device fails.
    pub fn settle(&self, file: FileKey, segments: &dyn Segments) -> Result<(), StoreError> {
        let head = self.shared.head()?;
        let number = find_slot(&head, file)?.ok_or_else(|| unknown(file))?;
        let guard = acquire(&head, Region::File(number), self.shared.deadline())?;
        settle_locked(&self.shared, &head, number, guard, segments).map(drop)
    }
}

/// Seals a full file unless somebody is using it. The catalogue lock is held.
pub(crate) fn seal_if_free(
    shared: &Shared,
    head: &Arc<Head>,
    number: u32,
) -> Result<(), StoreError> {
    match try_acquire(head, Region::File(number))? {
        Some(guard) => seal_locked(shared, head, number, guard, &NoSegments),
        None => Ok(()),
    }
}

fn seal_locked(
    shared: &Shared,
    head: &Arc<Head>,
    number: u32,
    guard: Guard,
    segments: &dyn Segments,
) -> Result<(), StoreError> {
    let Some(mut locked) = settle_locked(shared, head, number, guard, segments)? else {
        return Ok(());
    };
    reached(Step::SealSettled);
    if locked.slot.state == FileState::Open {
        let sealed = FileSlot { state: FileState::Sealed, ..locked.slot };
        head.write(&mut locked.copies, Some(sealed))?;
        reached(Step::SealState);
    }
    shared.forget_day_file(number);
    Ok(())
}

/// The settled file under its lock; `None` when its slot is empty.
fn settle_locked(
    shared: &Shared,
    head: &Arc<Head>,
    number: u32,
    guard: Guard,
    segments: &dyn Segments,
) -> Result<Option<Locked>, StoreError> {
    let copies = head.read(io::file_place(number))?;
    let Some(slot) = copies.value else { return Ok(None) };
    let mut locked = Locked { number, copies, slot, guard };
    Settlement::new(shared, head, segments).settle(&mut locked)?;
    Ok(Some(locked))
}
