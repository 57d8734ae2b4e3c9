//! Day files as they are found, beside what the catalogue knows: new ones, missing ones, and ones in another
//! form than it says.
//!
//! In come the names in the directory; out go slots that fit them. Files are neither written nor deleted. A
//! file that cannot be read is told and left to the next opener. What is in them says `look.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::directory::{Directory, Shared};
use crate::error::StoreError;
use crate::head::lock::{Region, acquire};
use crate::head::slot::{Catalogue, FileSlot, FileState, Packed};
use crate::head::{Copies, Head, io};
use crate::key::FileKey;
use crate::options::Warning;
use crate::packed::{Codec, form_of_name};
use crate::split::{fill, free_slot, reserve};

/// The forms in which a day file is there: plain, gzip, zstd.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Forms {
    pub(crate) plain: bool,
    pub(crate) packed: [bool; Codec::ALL.len()],
}

impl Forms {
    /// The first compressed form that is there.
    pub(crate) fn packed(&self) -> Option<Codec> {
        Codec::ALL.into_iter().find(|codec| self.packed[*codec as usize])
    }

    fn fits(&self, slot: &FileSlot) -> bool {
        match slot.packed {
            None => self.plain,
            Some(packed) => self.packed[packed.codec as usize],
        }
    }
}

/// All day files by key.
pub(crate) type Present = BTreeMap<FileKey, Forms>;

impl Directory {
    /// Registers day files that the catalogue does not know, up to their last line end, and notes which known
    /// ones were deleted, compressed, unpacked or changed by hand.
    pub(crate) fn register_unknown_files(&self) -> Result<(), StoreError> {
        let head = self.shared.head()?;
        let present = self.shared.present()?;
        let (_, catalogue) = head.catalogue()?;
        let slots = head.file_slots(catalogue.files_used)?;
        let is_known = unknown(&present, &slots).is_empty();
        let edited = self.shared.edited(&slots);
        if is_known && changed(&present, &slots).is_empty() && edited.is_empty() {
            return Ok(());
        }
        let _catalogue = acquire(&head, Region::Catalogue, self.shared.deadline())?;
        // Looked at again under the lock: a file may have been created in between.
        let present = self.shared.present()?;
        let (mut copies, catalogue) = head.catalogue()?;
        let mut slots = head.file_slots(catalogue.files_used)?;
        for number in changed(&present, &slots) {
            self.shared.note_form(&head, number)?;
        }
        for number in edited {
            self.shared.look_again(&head, number)?;
        }
        for key in unknown(&present, &slots) {
            let forms = present.get(&key).copied().unwrap_or_default();
            if let Err(error) = self.shared.register(&head, &mut copies, &mut slots, key, forms) {
                let is_full = matches!(error, StoreError::Full { .. });
                let reason = error.to_string();
                self.shared.warn(Warning::Postponed { name: key.file_name(), reason });
                if is_full {
                    // None of the others finds room either, and each would be read in vain.
                    break;
                }
            }
        }
        Ok(())
    }
}

fn unknown(present: &Present, slots: &[Option<FileSlot>]) -> Vec<FileKey> {
    // A file that was away and came back gets a slot again.
    let known: std::collections::HashSet<FileKey> = slots
        .iter()
        .flatten()
        .filter(|slot| slot.state != FileState::Gone)
        .map(|slot| slot.key)
        .collect();
    present.keys().copied().filter(|key| !known.contains(key)).collect()
}

/// Slots whose file is deleted, or there in another form.
fn changed(present: &Present, slots: &[Option<FileSlot>]) -> Vec<u32> {
    let is_changed = |slot: &FileSlot| {
        slot.state != FileState::Gone
            && slot.pending.is_none()
            && !present.get(&slot.key).is_some_and(|forms| forms.fits(slot))
    };
    let numbered = slots.iter().enumerate();
    numbered
        .filter(|(_, slot)| slot.as_ref().is_some_and(is_changed))
        .map(|(number, _)| number as u32)
        .collect()
}

impl Shared {
    /// All day files in the directory, by key.
    pub(crate) fn present(&self) -> Result<Present, StoreError> {
        let mut present = Present::new();
        for (key, codec) in self.day_forms()? {
            let forms = present.entry(key).or_default();
            match codec {
                None => forms.plain = true,
                Some(codec) => forms.packed[codec as usize] = true,
            }
        }
        Ok(present)
    }

    /// Keys and forms of all day files in the directory, in order, the plain form first.
    pub(crate) fn day_forms(&self) -> Result<Vec<(FileKey, Option<Codec>)>, StoreError> {
        let names = self
            .platform
            .list(self.root.handle())
            .map_err(StoreError::io(format!("list {}", self.path.display())))?;
        let mut forms: Vec<_> = names.iter().filter_map(|name| form_of_name(name)).collect();
        forms.sort_unstable_by_key(|(key, codec)| (*key, codec.map(|codec| codec as u8)));
        Ok(forms)
    }

    /// The forms in which a file is there now.
    pub(crate) fn forms_of(&self, key: FileKey) -> Result<Forms, StoreError> {
        let mut forms = Forms { plain: self.stat_form(key, None)?.is_some(), ..Forms::default() };
        for codec in Codec::ALL {
            forms.packed[codec as usize] = self.stat_form(key, Some(codec))?.is_some();
        }
        Ok(forms)
    }

    /// Writes down in which form a file is there now, or that it is gone. The catalogue lock is held.
    fn note_form(&self, head: &Arc<Head>, number: u32) -> Result<(), StoreError> {
        let _file = match acquire(head, Region::File(number), self.deadline()) {
            Ok(guard) => guard,
            Err(StoreError::Busy { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut copies = head.read(io::file_place(number))?;
        let Some(slot) = copies.value.filter(|slot| slot.pending.is_none()) else { return Ok(()) };
        let forms = self.forms_of(slot.key)?;
        let Some(now) = self.in_form(&slot, forms)? else { return Ok(()) };
        self.forget_day_file(number);
        head.write(&mut copies, Some(now))
    }

    /// The slot for the forms that are there; `None` when it fits as it is.
    fn in_form(&self, slot: &FileSlot, forms: Forms) -> Result<Option<FileSlot>, StoreError> {
        if slot.state == FileState::Gone || forms.fits(slot) {
            return Ok(None);
        }
        let is_closed = matches!(slot.state, FileState::Sealed | FileState::Compressed);
        if let (Some(codec), true) = (forms.packed(), is_closed)
            && let Some(stat) = self.stat_form(slot.key, Some(codec))?
        {
            let packed = Some(Packed { codec, bytes: stat.size });
            let state = FileState::Compressed;
            return Ok(Some(FileSlot { state, packed, inode: stat.inode, ..*slot }));
        }
        if let (true, true) = (forms.plain, is_closed)
            && let Some(stat) = self.stat_form(slot.key, None)?
        {
            let state = FileState::Sealed;
            return Ok(Some(FileSlot { state, packed: None, inode: stat.inode, ..*slot }));
        }
        // An open file that only a compressed one is left of: that one is found as a new file.
        Ok(Some(FileSlot { state: FileState::Gone, ..*slot }))
    }

    /// Takes a slot for a file that has none. The catalogue lock is held.
    fn register(
        &self,
        head: &Head,
        copies: &mut Copies<Catalogue>,
        slots: &mut Vec<Option<FileSlot>>,
        key: FileKey,
        forms: Forms,
    ) -> Result<(), StoreError> {
        // Before it is read in vain.
        free_slot(head, slots)?;
        let looked = self.look(key, forms)?;
        let place = reserve(head, copies, slots)?;
        let slot = looked.slot(key, place.birth);
        fill(head, copies, place.number, slot)?;
        let number = place.number as usize;
        slots.resize(slots.len().max(number + 1), None);
        slots[number] = Some(slot);
        self.warn(Warning::FileRegistered { name: looked.name.clone(), bytes: slot.committed });
        self.tell(&looked);
        Ok(())
    }
}
