//! More file slots than a `head` is made with. In comes the number of a slot that was never used; out goes a
//! `head` in which it has room. Slots from 4,096 on stand behind those of the writers, 256 at a time, written
//! with zeros before the first is used, so that a slot can be written on a full disk. A `head` that was made
//! longer has another version: programs that know nothing of it would take it for damaged.

use super::codec::Header;
use super::{FILE_SLOTS_FIRST, FORMAT_VERSION, Head, file_offset};
use crate::error::StoreError;

/// Slots that are added at a time.
const SLOTS_ADDED: u32 = 256;

impl Head {
    /// Makes room for a slot that was never used. The catalogue lock is held.
    pub(crate) fn make_room(&self, number: u32) -> Result<(), StoreError> {
        let Some(further) = number.checked_sub(FILE_SLOTS_FIRST) else { return Ok(()) };
        let grow = || {
            let size = self.file.stat()?.size;
            let end = file_offset(FILE_SLOTS_FIRST + (further / SLOTS_ADDED + 1) * SLOTS_ADDED);
            if size >= end {
                return Ok(());
            }
            let start = size.max(file_offset(FILE_SLOTS_FIRST));
            // First, since a kill may follow: a head that says that it may be longer need not be.
            let header = Header { store_id: self.store_id, settings: self.settings.clone() };
            self.file.write_at(&header.encode(FORMAT_VERSION), 0)?;
            self.file.write_at(&vec![0; (end - start) as usize], start)
        };
        grow().map_err(StoreError::io("make room for more files in .logloom/head"))
    }
}
