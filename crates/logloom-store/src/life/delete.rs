//! Deleting one closed file. In comes a file that a rule chose; out goes nothing, or why it stays. A kill
//! between the two steps leaves a slot without a file, which the next opener notes.

use std::collections::HashSet;

use super::Pass;
use super::rules::Candidate;
use crate::error::StoreError;
use crate::head::io::file_place;
use crate::head::lock::{Guard, Region, acquire};
use crate::head::slot::{FileSlot, FileState};
use crate::index::index_name;
use crate::key::FileKey;
use crate::packed::form_of_name;
use crate::steps::{Step, reached};
use crate::sys::Stat;

/// Files without a slot that are deleted under one lock of the catalogue: about 10 ms, in which nobody can
/// begin a new file.
const UNKNOWN_MAX: u32 = 256;

/// The files that the catalogue knows, as long as its lock is held: nobody can be making another one.
pub(super) struct Known {
    _catalogue: Guard,
    keys: HashSet<FileKey>,
    left: u32,
}

impl Pass<'_> {
    /// Deletes a file; gives why it stays where it does.
    pub(super) fn delete(
        &mut self,
        file: &Candidate,
        number: Option<u32>,
    ) -> Result<Option<String>, StoreError> {
        match number {
            Some(number) => self.delete_slot(file, number),
            None => self.delete_unknown(file),
        }
    }

    fn delete_slot(&self, file: &Candidate, number: u32) -> Result<Option<String>, StoreError> {
        let head = self.head()?;
        let _guard = acquire(&head, Region::File(number), self.shared.deadline())?;
        let mut copies = head.read(file_place(number))?;
        let Some(slot) = copies.value.filter(|slot| slot.key == file.key) else {
            return Ok(Some("its place in the catalogue was given to another file".to_owned()));
        };
        if slot.state == FileState::Open || slot.pending.is_some() {
            return Ok(Some("it is in use".to_owned()));
        }
        let codec = slot.packed.map(|packed| packed.codec);
        let stat = self.shared.stat_form(slot.key, codec)?;
        match stat {
            Some(stat) if !is_ours(&slot, &stat) => {
                return Ok(Some("another file stands under its name".to_owned()));
            }
            Some(_) => {
                self.shared.remove_index(&index_name(slot.key, codec))?;
                self.unlink(&file.name)?;
            }
            // In another form, or deleted by hand: the next opener notes it.
            None if self.shared.forms_of(slot.key)? != crate::found::Forms::default() => {
                return Ok(Some("it is there in another form than before".to_owned()));
            }
            None => {}
        }
        reached(Step::LifeDeleted);
        self.shared.forget_day_file(number);
        head.write(&mut copies, Some(FileSlot { state: FileState::Gone, ..slot }))?;
        reached(Step::LifeGone);
        Ok(None)
    }

    /// A file that the catalogue has no room for, or that could not be read.
    fn delete_unknown(&mut self, file: &Candidate) -> Result<Option<String>, StoreError> {
        if self.known()?.contains(&file.key) {
            return Ok(Some("the catalogue knows it by now".to_owned()));
        }
        let codec = form_of_name(&file.name).and_then(|(_, codec)| codec);
        match self.shared.stat_form(file.key, codec)? {
            Some(stat) if stat.is_regular() && stat.size == file.bytes => {
                self.shared.remove_index(&index_name(file.key, codec))?;
                self.unlink(&file.name).map(|()| None)
            }
            Some(_) => Ok(Some("it changes".to_owned())),
            None => Ok(None),
        }
    }

    /// The files that the catalogue knows. All its slots are read once for many files.
    fn known(&mut self) -> Result<&HashSet<FileKey>, StoreError> {
        let kept = self.known.take().filter(|known| known.left > 0);
        let mut known = match kept {
            Some(known) => known,
            None => {
                let catalogue = acquire(&self.head()?, Region::Catalogue, self.shared.deadline())?;
                let slots = self.slots()?;
                let present = slots.iter().flatten().filter(|slot| slot.state != FileState::Gone);
                let keys = present.map(|slot| slot.key).collect();
                Known { _catalogue: catalogue, keys, left: UNKNOWN_MAX }
            }
        };
        known.left -= 1;
        Ok(&self.known.insert(known).keys)
    }

    pub(super) fn unlink(&self, name: &str) -> Result<(), StoreError> {
        let unlinked = self.shared.platform.unlink_at(self.shared.root.handle(), name);
        unlinked.map_err(StoreError::io(format!("delete {name}")))
    }
}

/// Whether what stands under a closed file's name is that file: one of its length, as also after a copy of the
/// whole directory; or the same one, if lines were only added to it, or its packed bytes damaged.
pub(super) fn is_ours(slot: &FileSlot, stat: &Stat) -> bool {
    let length = slot.packed.map_or(slot.committed, |packed| packed.bytes);
    // The number of a file that was deleted is given to another one.
    let is_same = stat.inode == slot.inode && (slot.packed.is_some() || stat.size >= length);
    stat.is_regular() && (is_same || stat.size == length)
}
