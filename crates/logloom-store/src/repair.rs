//! What opening a directory mends: files of an earlier boot.
//!
//! In come day files of any content; out go sealed slots over their lines, up to the last good one. Nothing is
//! deleted: what stands behind that moves to `.logloom/aside/`; damaged lines before it stay and are told. A file
//! that cannot be repaired is closed.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::append::committed;
use crate::directory::{Directory, Shared};
use crate::error::StoreError;
use crate::head::lock::{Region, acquire};
use crate::head::slot::{Catalogue, FileSlot, FileState, Pending};
use crate::head::{Head, io, open_aside};
use crate::key::FileKey;
use crate::options::Warning;
use crate::settle::holds;
use crate::steps::{Step, reached};
use crate::survey::survey;
use crate::sys::{File, Links, OpenMode};

const CHUNK: usize = 1 << 20;

impl Directory {
    /// After a new boot: seals every file that was open, at its last good line, so that no offset is
    /// used twice. Does nothing in the boot that wrote last. Called by [`Directory::open`].
    ///
    /// # Errors
    /// The catalogue is busy or cannot be written. Single files that cannot be mended are warnings, and
    /// take no more lines.
    pub(crate) fn new_boot_repair(&self) -> Result<(), StoreError> {
        let head = self.shared.head()?;
        let boot_id = self.shared.platform.boot_id();
        if head.catalogue()?.1.boot_id == boot_id {
            return Ok(());
        }
        let _catalogue = acquire(&head, Region::Catalogue, self.shared.deadline())?;
        let (mut copies, catalogue) = head.catalogue()?;
        if catalogue.boot_id == boot_id {
            return Ok(());
        }
        let mut is_complete = true;
        for (number, slot) in head.file_slots(catalogue.files_used)?.into_iter().enumerate() {
            let needs = slot.is_some_and(|s| s.state == FileState::Open || s.pending.is_some());
            if let (true, Some(slot)) = (needs, slot)
                && let Err(error) = self.shared.repair_file(&head, number as u32)
            {
                is_complete &= self.shared.close_unrepaired(&head, number as u32).is_ok();
                let reason = error.to_string();
                self.shared.warn(Warning::Postponed { name: slot.key.file_name(), reason });
            }
        }
        if is_complete {
            head.write(&mut copies, Some(Catalogue { boot_id, ..catalogue }))?;
            reached(Step::RepairBoot);
        }
        Ok(())
    }
}

impl Shared {
    /// Seals one file of an earlier boot. The catalogue lock is held.
    fn repair_file(&self, head: &Arc<Head>, number: u32) -> Result<(), StoreError> {
        let _file = acquire(head, Region::File(number), self.deadline())?;
        let mut copies = head.read(io::file_place(number))?;
        let Some(mut slot) = copies.value else { return Ok(()) };
        let Some(file) = self.day_file(number, &slot)? else {
            return head.write(&mut copies, Some(unrepaired(slot)));
        };
        let doing = format!("repair {}", slot.key);
        if let Some(pending) = slot.pending {
            if holds(&file, &pending).map_err(StoreError::io(doing.clone()))? {
                slot = committed(&slot, &pending);
            } else if self.comes_again(head, &file, &pending)? {
                // Set aside, not cut: the device may have kept an older state of the segment.
                let size = file.stat().map_err(StoreError::io(doing.clone()))?.size;
                if size > pending.offset {
                    self.move_tail(head, slot.key, &file, pending.offset, size);
                }
            }
        }
        let size = file.stat().map_err(StoreError::io(doing.clone()))?.size;
        // Behind the last committed line, what follows a damaged one is no more than what a write left there.
        let found = survey(&*file, size, slot.committed).map_err(StoreError::io(doing.clone()))?;
        if found.good < size {
            self.move_tail(head, slot.key, &file, found.good, size);
        }
        // A new descriptor would not know of errors of the device that an earlier boot saw; the file is
        // sealed, so nothing more depends on it.
        file.sync_data().map_err(StoreError::io(doing))?;
        reached(Step::RepairCut);
        let damaged = found.damaged_between();
        if found.good != slot.committed || damaged.is_some() {
            slot.tally = found.good_tally;
        }
        slot.committed = found.good;
        slot.pending = None;
        slot.state = FileState::Sealed;
        head.write(&mut copies, Some(slot))?;
        self.forget_day_file(number);
        if let Some(lines) = damaged {
            self.warn(Warning::LinesDamaged { name: slot.key.file_name(), lines });
        }
        reached(Step::RepairSealed);
        Ok(())
    }

    /// A file that cannot be repaired takes no more lines. It is not tried again: the next opener could not
    /// tell it from the files of this boot. The catalogue lock is held.
    fn close_unrepaired(&self, head: &Arc<Head>, number: u32) -> Result<(), StoreError> {
        let _file = acquire(head, Region::File(number), self.deadline())?;
        let mut copies = head.read(io::file_place(number))?;
        let Some(slot) = copies.value else { return Ok(()) };
        self.forget_day_file(number);
        head.write(&mut copies, Some(unrepaired(slot)))
    }

    /// Whether a half written batch outlived the boot in its writer's segment, so that recovery appends it
    /// again. Otherwise its whole lines are all there is, and stay.
    fn comes_again(&self, head: &Head, file: &File, pending: &Pending) -> Result<bool, StoreError> {
        let size = file.stat().map_err(StoreError::io("look at a day file"))?.size;
        let writer = head.writer(pending.id.writer)?;
        let Some(writer) = writer.filter(|writer| writer.uuid == pending.id.uuid) else {
            return Ok(false);
        };
        let segment = self.platform.stat_path(Path::new(&writer.segment_path), Links::Refuse);
        let is_there = segment.is_ok_and(|stat| stat.inode == writer.segment_inode);
        // A longer file shows that the note is older than what the device kept.
        Ok(is_there && size <= pending.offset + pending.length)
    }

    /// Moves everything from `start` on into a file of its own. Where that fails, as on a full disk, it stays:
    /// beyond the end of a sealed file nobody reads it.
    fn move_tail(&self, head: &Head, key: FileKey, file: &File, start: u64, end: u64) {
        let (name, bytes) = (key.file_name(), end - start);
        let aside = format!("{name}.{start}.{}", self.platform.realtime_ns());
        let moved = open_aside(&head.control).and_then(|directory| {
            let copied = copy_tail(file, start..end, &directory, &aside);
            copied.and_then(|()| file.truncate(start)).map_err(|error| {
                let _ = self.platform.unlink_at(directory.handle(), &aside);
                StoreError::io("copy it")(error)
            })
        });
        self.warn(match moved {
            Ok(()) => Warning::TailSetAside { name, aside, bytes },
            Err(error) => Warning::TailLeft { name, bytes, reason: error.to_string() },
        });
    }
}

fn unrepaired(slot: FileSlot) -> FileSlot {
    FileSlot { state: FileState::Suspect, pending: None, ..slot }
}

fn copy_tail(file: &File, range: Range<u64>, directory: &File, name: &str) -> std::io::Result<()> {
    let target = directory.open(name, OpenMode::CreateNew)?;
    let mut chunk = vec![0u8; CHUNK];
    let mut offset = range.start;
    while offset < range.end {
        let wanted = chunk.len().min((range.end - offset) as usize);
        let length = file.read_at(&mut chunk[..wanted], offset)?;
        if length == 0 {
            break;
        }
        target.write_at(&chunk[..length], offset - range.start)?;
        offset += length as u64;
    }
    target.sync_data()
}
