//! Indexes of closed files. In come the members of a file while it is compressed, and files that have no index; out
//! go indexes beside them. Nothing else depends on one: what cannot be made now is made by a later pass.

use super::{Indexed, Pass};
use crate::error::StoreError;
use crate::head::slot::{FileSlot, FileState};
use crate::index::{BlockPlace, Builder, Made, NoIndex, crc_of, index_name};
use crate::packed::Codec;
use crate::packed::pack::Packing;
use crate::read::FileSnapshot;
use crate::read::snapshot::of_slot;

impl Pass<'_> {
    /// What makes the index of a file that is about to be compressed.
    pub(super) fn builder(&self) -> Option<Builder> {
        let settings = &self.settings.index;
        settings.is_wanted.then(|| Builder::new(settings, self.shared.seed()))
    }

    /// Gives the index of a file that was just compressed its name; `None` where that fails, and a later pass
    /// makes it.
    pub(super) fn place_index(
        &self,
        number: u32,
        slot: &FileSlot,
        codec: Codec,
        builder: Builder,
    ) -> Option<Indexed> {
        let file = FileSnapshot { codec: Some(codec), ..of_slot(self.shared, number, slot) };
        let data = self.shared.open_form(slot.key, Some(codec)).ok()??;
        let bytes = self.shared.place_index(&file, &data, builder).ok()?;
        Some(Indexed { name: index_name(slot.key, Some(codec)), bytes, raw: slot.committed })
    }

    /// Makes the indexes of files that have none, the newest first: those are asked for most. Of files that are still
    /// written to what is new is indexed.
    pub(super) fn index(&mut self) -> Result<(), StoreError> {
        if !self.settings.index.is_wanted {
            return Ok(());
        }
        self.index_open()?;
        let is_closed = |slot: &FileSlot| {
            matches!(slot.state, FileState::Sealed | FileState::Compressed) && slot.committed > 0
        };
        let mut slots: Vec<(u32, FileSlot)> = self
            .slots()?
            .into_iter()
            .enumerate()
            .filter_map(|(number, slot)| Some((number as u32, slot.filter(is_closed)?)))
            .collect();
        slots.sort_unstable_by_key(|(_, slot)| std::cmp::Reverse(slot.key));
        for (number, slot) in slots {
            if (self.is_ending)() {
                return Ok(());
            }
            let file = of_slot(self.shared, number, &slot);
            // One that is of no use is not made anew each time: somebody may be working on its file.
            if self.directory.open_index(&file).err() != Some(NoIndex::Missing) {
                continue;
            }
            match self.shared.make_index(&file, &self.settings.index, self.is_ending) {
                Ok(Made::Done { name, bytes, raw }) => {
                    self.report.indexed.push(Indexed { name, bytes, raw });
                }
                Ok(_) => {}
                Err(error) => self.report.keep(&file.key.file_name(), error.to_string()),
            }
        }
        let slots = self.slots()?;
        let is_open = |slot: &&FileSlot| slot.state == FileState::Open;
        let open: Vec<_> = slots.iter().flatten().filter(is_open).map(|slot| slot.key).collect();
        self.shared.remove_hot_but(&open);
        Ok(())
    }

    fn index_open(&mut self) -> Result<(), StoreError> {
        for (number, slot) in self.slots()?.into_iter().enumerate() {
            let Some(slot) = slot.filter(|slot| slot.state == FileState::Open) else { continue };
            let file = of_slot(self.shared, number as u32, &slot);
            let made = self.shared.extend_hot(&file, &self.settings.index, self.is_ending);
            if let Err(error) = made {
                self.report.keep(&file.key.file_name(), error.to_string());
            }
        }
        Ok(())
    }
}

/// Takes a member into the index.
pub(super) fn show(builder: &mut Builder, codec: Codec, packing: &Packing<'_>) {
    let Packing { raw, offset, packed, at } = *packing;
    // No member is longer than its head can say.
    let stored = packed.len() as u32;
    builder.block(raw, BlockPlace { at, stored, offset, crc32: crc_of(codec, packed, raw) });
}
