//! Forcing files to the device. In comes a file; out goes certainty, or an error that stays: a sync that
//! failed once is never taken for good later.

use std::sync::Arc;

use crate::directory::{Directory, Shared, lock};
use crate::error::StoreError;
use crate::head::lock::{Region, acquire};
use crate::head::slot::{FileSlot, FileState};
use crate::head::{Head, io};
use crate::key::FileKey;
use crate::settle::unknown;
use crate::split::find_slot;

impl Directory {
    /// Forces everything committed to `file` so far to the device, and the first time its name too.
    ///
    /// Blocks for as long as the device takes; other writers go on appending.
    ///
    /// # Errors
    /// The device failed, now or earlier. The file is then suspect: never appended to again, and what
    /// was appended since its last successful sync may be lost if the machine stops.
    pub fn sync(&self, file: FileKey) -> Result<(), StoreError> {
        self.shared.sync(&self.shared.head()?, file)
    }
}

impl Shared {
    pub(crate) fn sync(&self, head: &Arc<Head>, key: FileKey) -> Result<(), StoreError> {
        let number = find_slot(head, key)?.ok_or_else(|| unknown(key))?;
        let slot = head.read(io::file_place(number))?.value.ok_or_else(|| unknown(key))?;
        let is_certain = slot.state != FileState::Suspect && !self.has_failed(slot.birth);
        let file = self.day_file(number, &slot)?.filter(|_| is_certain);
        let file = file.ok_or_else(|| not_certain(key))?;
        if let Err(error) = file.sync_data() {
            // Kept here too: the file may be locked by somebody whom the same device holds up.
            lock(&self.failed_births).insert(slot.birth);
            let _ = self.mark_suspect(head, number);
            return Err(StoreError::io(format!("force {key} to the device"))(error));
        }
        self.sync_name(key, slot.birth)
    }

    /// Whether a sync of that file failed in this process.
    pub(crate) fn has_failed(&self, birth: u64) -> bool {
        lock(&self.failed_births).contains(&birth)
    }

    fn sync_name(&self, key: FileKey, birth: u64) -> Result<(), StoreError> {
        if lock(&self.synced_births).contains(&birth) {
            return Ok(());
        }
        self.root
            .sync_data()
            .map_err(StoreError::io(format!("force the name of {key} to the device")))?;
        lock(&self.synced_births).insert(birth);
        Ok(())
    }

    fn mark_suspect(&self, head: &Arc<Head>, number: u32) -> Result<(), StoreError> {
        let _guard = acquire(head, Region::File(number), self.deadline())?;
        let mut copies = head.read(io::file_place(number))?;
        if let Some(slot) = copies.value {
            head.write(&mut copies, Some(FileSlot { state: FileState::Suspect, ..slot }))?;
        }
        self.forget_day_file(number);
        Ok(())
    }
}

fn not_certain(key: FileKey) -> StoreError {
    StoreError::Invalid {
        message: format!(
            "{key} is suspect after an earlier fault: what it holds may not be on the device; \
             new records go to another file"
        ),
    }
}
