//! Compressing one sealed file: step 32 of the protocol.
//!
//! In comes the slot of a sealed file; out goes the length of its compressed form, which has taken its
//! place. The new file is made under `.logloom/`, forced to the device, and only then gets its name; the
//! catalogue says which form counts; the plain one is removed last. No lock is held while packing.

use super::delete::is_ours;
use super::{Indexed, Pass, index};
use crate::error::StoreError;
use crate::head::io::file_place;
use crate::head::lock::{Region, acquire};
use crate::head::slot::{FileSlot, FileState, Packed};
use crate::index::index_name;
use crate::key::FileKey;
use crate::packed::pack::{Packing, pack_file};
use crate::packed::{Codec, form_name};
use crate::steps::{Step, reached};
use crate::sys::{File, OpenMode, Stat};

/// What the name of a file that is being made contains.
pub(super) const TEMPORARY: &str = ".life-";

impl Pass<'_> {
    /// Compresses a file and makes its index; `None` when the program ends meanwhile.
    pub(super) fn compress_file(
        &self,
        number: u32,
        key: FileKey,
    ) -> Result<Option<(u64, Option<Indexed>)>, StoreError> {
        let slot = self.head()?.read(file_place(number))?.value;
        let Some(slot) = slot.filter(|slot| slot.key == key && slot.state == FileState::Sealed)
        else {
            return Err(changed(key));
        };
        let codec =
            if self.settings.codec.is_available() { self.settings.codec } else { Codec::Gzip };
        let name = form_name(slot.key, Some(codec));
        if self.shared.stat_form(slot.key, Some(codec))?.is_some() {
            return Err(StoreError::Invalid {
                message: format!("another file stands in the way: move {name} away"),
            });
        }
        let (source, stat) = self.source(&slot)?;
        let temporary = format!("{name}{TEMPORARY}{:016x}", self.unique());
        let control = &self.shared.control;
        let doing = format!("write {name}");
        let target =
            control.open(&temporary, OpenMode::CreateNew).map_err(StoreError::io(doing.clone()))?;
        let mut builder = self.builder();
        let mut shown = |packing: Packing<'_>| {
            builder.iter_mut().for_each(|one| index::show(one, codec, &packing))
        };
        let amount = (slot.committed, self.settings.index.block_bytes);
        let packed = pack_file(&source, amount, &target, codec, self.is_ending, &mut shown)
            .and_then(|length| {
                // Times and rights are those of the lines, not of their packing.
                self.shared.platform.copy_attributes(target.handle(), &stat)?;
                target.sync_data().map(|()| length)
            })
            .map_err(StoreError::io(doing));
        let placed = match packed {
            Ok(Some(bytes)) => {
                self.place(number, &slot, &temporary, &target, Packed { codec, bytes })
            }
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        let Ok(Some(bytes)) = placed else {
            let _ = self.shared.platform.unlink_at(control.handle(), &temporary);
            return placed.map(|_| None);
        };
        let _ = self.shared.remove_index(&index_name(slot.key, None));
        let indexed = builder.and_then(|builder| self.place_index(number, &slot, codec, builder));
        Ok(Some((bytes, indexed)))
    }

    /// The plain file, if it is the one of the slot and as long as that says.
    fn source(&self, slot: &FileSlot) -> Result<(File, Stat), StoreError> {
        let file = self.shared.open_form(slot.key, None)?.ok_or_else(|| changed(slot.key))?;
        let stat = file.stat().map_err(StoreError::io(format!("look at {}", slot.key)))?;
        if !is_ours(slot, &stat) || stat.size < slot.committed {
            return Err(changed(slot.key));
        }
        match stat.size - slot.committed {
            0 => Ok((file, stat)),
            bytes => Err(StoreError::Invalid {
                message: format!(
                    "{bytes} bytes behind its last known line would be lost: to have them read, end \
                     their last line in a copy of {} and move the copy over it",
                    slot.key
                ),
            }),
        }
    }

    /// Gives the finished file its name, makes it count, and removes the plain one.
    fn place(
        &self,
        number: u32,
        slot: &FileSlot,
        temporary: &str,
        target: &File,
        packed: Packed,
    ) -> Result<Option<u64>, StoreError> {
        let name = form_name(slot.key, Some(packed.codec));
        let doing = format!("give {name} its name");
        let inode = target.stat().map_err(StoreError::io(doing.clone()))?.inode;
        reached(Step::LifePacked);
        let head = self.head()?;
        let _guard = acquire(&head, Region::File(number), self.shared.deadline())?;
        let mut copies = head.read(file_place(number))?;
        if copies.value.as_ref() != Some(slot) {
            return Err(changed(slot.key));
        }
        let (control, root) = (self.shared.control.handle(), self.shared.root.handle());
        self.shared
            .platform
            .rename_new((control, temporary), (root, &name))
            .and_then(|()| self.sync_root())
            .map_err(StoreError::io(doing))?;
        reached(Step::LifeNamed);
        let now = FileSlot { state: FileState::Compressed, inode, packed: Some(packed), ..*slot };
        head.write(&mut copies, Some(now))?;
        reached(Step::LifeCompressed);
        self.shared.forget_day_file(number);
        self.unlink(&slot.key.file_name())?;
        reached(Step::LifeRemoved);
        Ok(Some(packed.bytes))
    }

    /// Forces the names in the directory to the device, where its file system knows how to.
    pub(super) fn sync_root(&self) -> std::io::Result<()> {
        self.sync(&self.shared.root)
    }

    /// Forces the names in a directory to the device, where its file system knows how to.
    pub(super) fn sync(&self, directory: &crate::sys::File) -> std::io::Result<()> {
        match directory.sync_data() {
            Err(error) if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOTSUP)) => {
                Ok(())
            }
            other => other,
        }
    }

    pub(super) fn unique(&self) -> u64 {
        u64::from_le_bytes(self.shared.platform.random()[..8].try_into().unwrap_or([0; 8]))
    }
}

fn changed(key: FileKey) -> StoreError {
    StoreError::Invalid {
        message: format!(
            "{key} is not what the catalogue knows: opening the log directory again, to append, looks at it anew"
        ),
    }
}
