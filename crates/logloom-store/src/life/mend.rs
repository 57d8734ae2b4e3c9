//! What a pass that was killed left behind. In come the files of the directory; out goes one form of each.
//! Of two forms with the same lines one is removed; where they differ, both stay and it is told.

use super::Pass;
use super::compress::TEMPORARY;
use crate::error::StoreError;
use crate::found::Forms;
use crate::head::io::file_place;
use crate::head::lock::{Region, acquire};
use crate::head::slot::{FileSlot, FileState, Packed};
use crate::packed::{Codec, form_name};
use crate::read::FileReader;
use crate::steps::{Step, reached};

const CHUNK: usize = 256 * 1024;

impl Pass<'_> {
    /// Removes files that were being made, and finishes those that got their name. Under H nobody makes any.
    pub(super) fn mend(&mut self) -> Result<(), StoreError> {
        let control = &self.shared.control;
        for name in self.shared.platform.list(control.handle()).unwrap_or_default() {
            if name.contains(TEMPORARY) {
                let _ = self.shared.platform.unlink_at(control.handle(), &name);
            }
        }
        self.shared.remove_orphans();
        let present = self.shared.present()?;
        for (number, slot) in self.slots()?.into_iter().enumerate() {
            let Some(slot) = slot else { continue };
            let forms = present.get(&slot.key).copied().unwrap_or_default();
            let Some(codec) = forms.packed().filter(|_| forms.plain) else { continue };
            if !matches!(slot.state, FileState::Sealed | FileState::Compressed) {
                continue;
            }
            if let Err(error) = self.finish(number as u32, codec) {
                self.report.keep(&form_name(slot.key, Some(codec)), error.to_string());
            }
        }
        Ok(())
    }

    /// Both forms are there: the compressed one counts from now on, if it holds the same lines.
    fn finish(&self, number: u32, codec: Codec) -> Result<(), StoreError> {
        let head = self.head()?;
        let _guard = acquire(&head, Region::File(number), self.shared.deadline())?;
        let mut copies = head.read(file_place(number))?;
        let Some(slot) = copies.value else { return Ok(()) };
        let forms = self.shared.forms_of(slot.key)?;
        let both = Forms { plain: true, ..forms };
        if forms != both || forms.packed() != Some(codec) {
            return Ok(());
        }
        let name = form_name(slot.key, Some(codec));
        let Some(stat) = self.same_lines(&slot, codec)? else {
            return Err(StoreError::Invalid {
                message: format!(
                    "{} stands beside it with other lines: move one of the two away",
                    slot.key
                ),
            });
        };
        let sync = || {
            self.shared.open_form(slot.key, Some(codec)).map(|file| {
                file.map_or(Ok(()), |file| file.sync_data()).and_then(|()| self.sync_root())
            })
        };
        sync()?.map_err(StoreError::io(format!("force {name} to the device")))?;
        let packed = Some(Packed { codec, bytes: stat.size });
        let state = FileState::Compressed;
        let now = FileSlot { state, inode: stat.inode, packed, ..slot };
        head.write(&mut copies, Some(now))?;
        reached(Step::LifeCompressed);
        self.shared.forget_day_file(number);
        self.unlink(&slot.key.file_name())?;
        reached(Step::LifeRemoved);
        Ok(())
    }

    /// The compressed file, if it holds exactly the lines of the plain one, and those are all.
    fn same_lines(
        &self,
        slot: &FileSlot,
        codec: Codec,
    ) -> Result<Option<crate::sys::Stat>, StoreError> {
        let doing = format!("compare {} with its compressed form", slot.key);
        let plain = self.shared.open_form(slot.key, None)?;
        let packed = self.shared.open_form(slot.key, Some(codec))?;
        let (Some(plain), Some(packed), true) = (plain, packed, codec.is_available()) else {
            return Ok(None);
        };
        let compare = || -> std::io::Result<Option<crate::sys::Stat>> {
            let stat = packed.stat()?;
            let size = plain.stat()?.size;
            // One more than there may be shows when the compressed form goes on.
            let reader = FileReader::packed(packed, codec, size.saturating_add(1))?;
            let (mut left, mut right) = (vec![0u8; CHUNK], vec![0u8; CHUNK]);
            let mut offset = 0;
            loop {
                let length = plain.read_at(&mut left, offset)?;
                let other = read_full(&reader, &mut right, offset)?;
                // A last line without an end is read with one where it is compressed.
                let is_end = offset + length as u64 == size && length < CHUNK;
                let has_end = is_end && other == length + 1 && right[length] == b'\n';
                let other = if has_end { length } else { other };
                if left[..length] != right[..other] {
                    return Ok(None);
                }
                offset += length as u64;
                if length < CHUNK {
                    return Ok((offset == size).then_some(stat));
                }
            }
        };
        compare().map_err(StoreError::io(doing))
    }
}

/// Reads until the buffer is full or the lines end or are damaged.
fn read_full(reader: &FileReader, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
    match reader.read_at(buffer, offset) {
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Ok(0),
        other => other,
    }
}
