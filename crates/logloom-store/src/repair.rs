//! What opening a directory mends: files of an earlier boot, and files the catalogue does not know.
//!
//! In come day files of any content; out go sealed slots over their whole valid lines. Nothing is
//! deleted: what is no valid line moves to `.logloom/aside/`. A file that cannot be repaired is closed.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::append::committed;
use crate::directory::{Directory, Shared};
use crate::error::StoreError;
use crate::head::lock::{Region, acquire};
use crate::head::slot::{Catalogue, FileSlot, FileState, Pending};
use crate::head::{Copies, Head, io, open_aside};
use crate::key::FileKey;
use crate::options::Warning;
use crate::scan::valid_lines;
use crate::settle::holds;
use crate::split::{fill, reserve};
use crate::steps::{Step, reached};
use crate::sys::{File, Links, OpenMode};

const CHUNK: usize = 1 << 20;

impl Directory {
    /// After a new boot: seals every file that was open, at its last whole valid line, so that no offset is
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

    /// Registers day files that the catalogue does not know as sealed up to their last valid line, and notes
    /// which known ones were deleted.
    pub(crate) fn register_unknown_files(&self) -> Result<(), StoreError> {
        let head = self.shared.head()?;
        let names = self.shared.day_names()?;
        let (_, catalogue) = head.catalogue()?;
        let slots = head.file_slots(catalogue.files_used)?;
        if unknown_names(&names, &slots).is_empty() && missing(&names, &slots).is_empty() {
            return Ok(());
        }
        let _catalogue = acquire(&head, Region::Catalogue, self.shared.deadline())?;
        // Looked at again under the lock: a file may have been created in between.
        let names = self.shared.day_names()?;
        let (mut copies, catalogue) = head.catalogue()?;
        let slots = head.file_slots(catalogue.files_used)?;
        for number in missing(&names, &slots) {
            self.shared.note_gone(&head, number)?;
        }
        for key in unknown_names(&names, &slots) {
            if let Err(error) = self.shared.register_file(&head, &mut copies, key) {
                let reason = error.to_string();
                self.shared.warn(Warning::Postponed { name: key.file_name(), reason });
            }
        }
        Ok(())
    }
}

fn unknown_names(names: &[FileKey], slots: &[Option<FileSlot>]) -> Vec<FileKey> {
    // A file that was away and came back gets a slot again.
    let present = slots.iter().flatten().filter(|slot| slot.state != FileState::Gone);
    let known: HashSet<FileKey> = present.map(|slot| slot.key).collect();
    names.iter().copied().filter(|key| !known.contains(key)).collect()
}

/// Slots whose file is deleted. A compressed file stands under another name.
fn missing(names: &[FileKey], slots: &[Option<FileSlot>]) -> Vec<u32> {
    let present: HashSet<&FileKey> = names.iter().collect();
    let is_missing = |slot: &FileSlot| {
        !matches!(slot.state, FileState::Gone | FileState::Compressed)
            && slot.pending.is_none()
            && !present.contains(&slot.key)
    };
    let numbered = slots.iter().enumerate();
    numbered
        .filter(|(_, slot)| slot.as_ref().is_some_and(is_missing))
        .map(|(number, _)| number as u32)
        .collect()
}

impl Shared {
    /// Keys of all day files in the directory, in order.
    pub(crate) fn day_names(&self) -> Result<Vec<FileKey>, StoreError> {
        let names = self
            .platform
            .list(self.root.handle())
            .map_err(StoreError::io(format!("list {}", self.path.display())))?;
        let mut keys: Vec<FileKey> =
            names.iter().filter_map(|name| FileKey::from_file_name(name)).collect();
        keys.sort_unstable();
        Ok(keys)
    }

    fn note_gone(&self, head: &Arc<Head>, number: u32) -> Result<(), StoreError> {
        let _file = match acquire(head, Region::File(number), self.deadline()) {
            Ok(guard) => guard,
            Err(StoreError::Busy { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut copies = head.read(io::file_place(number))?;
        match copies.value {
            Some(slot) if slot.pending.is_none() && self.stat_day_file(slot.key)?.is_none() => {
                self.forget_day_file(number);
                head.write(&mut copies, Some(FileSlot { state: FileState::Gone, ..slot }))
            }
            _ => Ok(()),
        }
    }

    fn register_file(
        &self,
        head: &Head,
        copies: &mut Copies<Catalogue>,
        key: FileKey,
    ) -> Result<(), StoreError> {
        let name = key.file_name();
        let doing = format!("read {name}");
        let file = self.root.open(&name, OpenMode::Read).map_err(StoreError::io(doing.clone()))?;
        let stat = file.stat().map_err(StoreError::io(doing.clone()))?;
        let valid = valid_lines(&file, stat.size).map_err(StoreError::io(doing))?;
        let (_, catalogue) = head.catalogue()?;
        let slots = head.file_slots(catalogue.files_used)?;
        let place = reserve(head, copies, &slots)?;
        let slot = FileSlot {
            state: FileState::Sealed,
            key,
            birth: place.birth,
            inode: stat.inode,
            committed: valid.bytes,
            tally: valid.tally,
            last: None,
            pending: None,
        };
        fill(head, copies, place.number, slot)?;
        self.warn(Warning::FileRegistered { name, bytes: valid.bytes });
        Ok(())
    }

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
        let valid = valid_lines(&file, size).map_err(StoreError::io(doing.clone()))?;
        if valid.bytes < size {
            self.move_tail(head, slot.key, &file, valid.bytes, size);
        }
        // A new descriptor would not know of errors of the device that an earlier boot saw; the file is
        // sealed, so nothing more depends on it.
        file.sync_data().map_err(StoreError::io(doing))?;
        reached(Step::RepairCut);
        if valid.bytes != slot.committed {
            slot.tally = valid.tally;
        }
        slot.committed = valid.bytes;
        slot.pending = None;
        slot.state = FileState::Sealed;
        head.write(&mut copies, Some(slot))?;
        self.forget_day_file(number);
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
