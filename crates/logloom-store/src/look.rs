//! Day files that are looked through: those that nobody knows yet, and closed ones that were changed by hand.
//!
//! In comes the name of a file; out goes its slot, over all lines up to the last line end. Damaged lines are told
//! and cost nothing but themselves. The file is never changed.

use std::sync::Arc;

use crate::directory::Shared;
use crate::error::StoreError;
use crate::found::Forms;
use crate::head::lock::{Region, acquire};
use crate::head::slot::{FileSlot, FileState, Packed, Tally};
use crate::head::{Head, io};
use crate::key::FileKey;
use crate::options::Warning;
use crate::packed::table::Table;
use crate::packed::{Codec, form_name};
use crate::plant::{Bug, planted};
use crate::read::FileReader;
use crate::survey::{DamagedLines, survey};
use crate::sys::{File, OpenMode, Stat};

/// How much of what stands behind the known end of a file is searched for further lines.
const BEHIND_MAX: u64 = 1 << 20;

/// A file that was looked through.
pub(crate) struct Looked {
    pub(crate) name: String,
    codec: Option<Codec>,
    stat: Stat,
    content: Content,
}

/// What is in a file.
#[derive(Default)]
struct Content {
    /// Bytes up to the last line end.
    committed: u64,
    tally: Tally,
    damaged: DamagedLines,
    /// The last line, if it has no end: its number and its bytes.
    cut: Option<(u64, u64)>,
}

impl Looked {
    /// A slot of a file that was found.
    pub(crate) fn slot(&self, key: FileKey, birth: u64) -> FileSlot {
        FileSlot {
            state: if self.codec.is_some() { FileState::Compressed } else { FileState::Sealed },
            key,
            birth,
            inode: self.stat.inode,
            committed: self.content.committed,
            tally: self.content.tally,
            last: None,
            pending: None,
            created_ns: 0,
            packed: self.codec.map(|codec| Packed { codec, bytes: self.stat.size }),
        }
    }
}

/// What became of a closed file since it was looked at last.
enum Change {
    None,
    /// Another file stands in its place, or its lines are no longer where they were.
    Edited,
    /// So many bytes with line ends stand behind its known end.
    Grown(u64),
}

impl Shared {
    /// Looks through a file that is there in these forms.
    pub(crate) fn look(&self, key: FileKey, forms: Forms) -> Result<Looked, StoreError> {
        let codec = if forms.plain { None } else { forms.packed() };
        let name = form_name(key, codec);
        let doing = format!("read {name}");
        let opened = self.root.open(&name, OpenMode::Read);
        let file = opened.map_err(StoreError::io(doing.clone()))?;
        let stat = file.stat().map_err(StoreError::io(doing.clone()))?;
        let content = match codec {
            None => plain(&file, stat.size).map_err(StoreError::io(doing))?,
            Some(codec) => self.packed_content(file, codec, &name)?,
        };
        Ok(Looked { name, codec, stat, content })
    }

    /// Tells what is damaged in a file.
    pub(crate) fn tell(&self, looked: &Looked) {
        let (name, content) = (&looked.name, &looked.content);
        if content.damaged.count > 0 {
            let lines = content.damaged.clone();
            self.warn(Warning::LinesDamaged { name: name.clone(), lines });
        }
        if let Some((line, bytes)) = content.cut {
            self.warn(Warning::LineCut { name: name.clone(), line, bytes });
        }
    }

    /// Length and counts of a compressed file. Ours tells them in its heads; one that somebody else
    /// compressed is unpacked.
    fn packed_content(&self, file: File, codec: Codec, name: &str) -> Result<Content, StoreError> {
        if !codec.is_available() {
            return Err(crate::read::file::unavailable(name, codec));
        }
        let doing = format!("read {name}");
        let warn = |reason: String| {
            self.warn(Warning::Damaged { name: name.to_owned(), reason });
        };
        if let Some(table) = Table::read(&file, codec).map_err(StoreError::io(doing.clone()))? {
            table.damage.iter().for_each(|damage| warn(damage.to_string()));
            let (committed, tally) = (table.raw_size(), table.tally);
            return Ok(Content { committed, tally, ..Content::default() });
        }
        let reader =
            FileReader::packed(file, codec, u64::MAX).map_err(StoreError::io(doing.clone()))?;
        let found = survey(&reader, u64::MAX, u64::MAX).map_err(StoreError::io(doing))?;
        let damage = reader.damage();
        damage.iter().for_each(|damage| warn(damage.to_string()));
        let cut = (found.rest > 0 && damage.is_empty()).then_some((found.lines + 1, found.rest));
        let (committed, tally, damaged) = (found.whole, found.tally, found.damaged);
        Ok(Content { committed, tally, damaged, cut })
    }

    /// Files that are no longer what is known of them, so that lines would be missed, or read beyond their end:
    /// closed ones, and open ones in whose place another file stands, as in a copied directory. A file that only grew is told instead: a writer that has lost its catalogue may have done that,
    /// and gives those lines again.
    pub(crate) fn edited(&self, slots: &[Option<FileSlot>]) -> Vec<u32> {
        let mut edited = Vec::new();
        for (number, slot) in slots.iter().enumerate() {
            let is_there = |slot: &FileSlot| slot.state != FileState::Gone;
            let Some(slot) = slot.filter(|slot| is_there(slot) && slot.pending.is_none()) else {
                continue;
            };
            match self.change(&slot) {
                Ok(Change::Edited) => edited.push(number as u32),
                Ok(Change::Grown(bytes)) => {
                    self.warn(Warning::BehindEnd { name: slot.key.file_name(), bytes });
                }
                // What cannot be looked at is told by whoever reads it.
                Ok(Change::None) | Err(_) => {}
            }
        }
        edited
    }

    fn change(&self, slot: &FileSlot) -> Result<Change, StoreError> {
        if matches!(slot.state, FileState::Open | FileState::Suspect) {
            return self.change_of_open(slot);
        }
        let codec = slot.packed.map(|packed| packed.codec);
        let known = slot.packed.map_or(slot.committed, |packed| packed.bytes);
        let Some(stat) = self.stat_form(slot.key, codec)? else { return Ok(Change::None) };
        let (was_found, is_other) = (slot.created_ns == 0, stat.inode != slot.inode);
        // A line more or less need not show in the length of what is compressed.
        if codec.is_some() && was_found && is_other {
            return Ok(Change::Edited);
        }
        if stat.size == known {
            return Ok(Change::None);
        }
        if !(was_found || is_other) {
            return self.change_of_ours(slot, stat.size);
        }
        if codec.is_some() || stat.size < known {
            return Ok(Change::Edited);
        }
        let Some(file) = self.open_form(slot.key, None)? else { return Ok(Change::None) };
        let ends = line_ends(&file, known, stat.size)
            .map_err(StoreError::io(format!("read {}", slot.key)))?;
        Ok(match ends {
            (true, true) if !is_other => Change::Grown(stat.size - known),
            // The beginning of a line is all that may be left out.
            (true, false) => Change::None,
            _ => Change::Edited,
        })
    }

    /// What became of a file that took lines. Under its lock, where the last answer is given, nobody of ours changes it.
    fn change_of_open(&self, slot: &FileSlot) -> Result<Change, StoreError> {
        if planted(Bug::NoInodeCheck) {
            return Ok(Change::None);
        }
        let stat = self.stat_form(slot.key, None)?;
        let is_other = |stat: &Stat| stat.inode != slot.inode || stat.size < slot.committed;
        Ok(if stat.as_ref().is_some_and(is_other) { Change::Edited } else { Change::None })
    }

    /// What became of a closed file of ours that is still the same one. Lines that somebody added to it are read.
    /// What a repair could not move away begins with no record, and is told alone.
    fn change_of_ours(&self, slot: &FileSlot, size: u64) -> Result<Change, StoreError> {
        if slot.packed.is_some() || size < slot.committed {
            return Ok(Change::None);
        }
        let Some(file) = self.open_form(slot.key, None)? else { return Ok(Change::None) };
        let mut behind = vec![0u8; (size - slot.committed).min(BEHIND_MAX) as usize];
        let length = file
            .read_at(&mut behind, slot.committed)
            .map_err(StoreError::io(format!("read {}", slot.key)))?;
        let Some(feed) = memchr::memchr(b'\n', &behind[..length]) else { return Ok(Change::None) };
        Ok(match crate::json::is_object(behind[..feed].trim_ascii()) {
            true => Change::Edited,
            false => Change::Grown(size - slot.committed),
        })
    }

    /// Looks anew through a file that was changed by hand. The catalogue lock is held.
    pub(crate) fn look_again(&self, head: &Arc<Head>, number: u32) -> Result<(), StoreError> {
        let _file = match acquire(head, Region::File(number), self.deadline()) {
            Ok(guard) => guard,
            Err(StoreError::Busy { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut copies = head.read(io::file_place(number))?;
        let Some(slot) = copies.value else { return Ok(()) };
        if !matches!(self.change(&slot), Ok(Change::Edited)) {
            return Ok(());
        }
        let name = form_name(slot.key, slot.packed.map(|packed| packed.codec));
        let looked = match self.look(slot.key, self.forms_of(slot.key)?) {
            Ok(looked) => looked,
            Err(error) => {
                self.warn(Warning::Postponed { name, reason: error.to_string() });
                return Ok(());
            }
        };
        // Of a file that took lines, the last batch stays committed: its writer may have died before it noted so.
        let took_lines = matches!(slot.state, FileState::Open | FileState::Suspect);
        let last = slot.last.filter(|_| took_lines);
        let now = FileSlot { last, ..looked.slot(slot.key, slot.birth) };
        self.forget_day_file(number);
        head.write(&mut copies, Some(now))?;
        // In a copied directory every file is another one with the same lines.
        if (slot.committed, slot.tally) != (now.committed, now.tally) {
            self.warn(Warning::FileChanged { name, bytes: now.committed });
            self.tell(&looked);
        }
        Ok(())
    }
}

fn plain(file: &File, size: u64) -> std::io::Result<Content> {
    let found = survey(file, size, u64::MAX)?;
    let rest = size - found.whole;
    let cut = (rest > 0).then_some((found.lines + 1, rest));
    Ok(Content { committed: found.whole, tally: found.tally, damaged: found.damaged, cut })
}

/// Whether a line ends at `start` of a file of `size` bytes, and whether lines end behind it, as far as its next
/// bytes and its last one tell.
fn line_ends(file: &File, start: u64, size: u64) -> std::io::Result<(bool, bool)> {
    let ends_at = |place: u64| {
        let mut byte = [0u8; 1];
        file.read_at(&mut byte, place).map(|_| byte == *b"\n")
    };
    let mut behind = vec![0u8; (size - start).min(BEHIND_MAX) as usize];
    let length = file.read_at(&mut behind, start)?;
    let ends_behind = memchr::memchr(b'\n', &behind[..length]).is_some() || ends_at(size - 1)?;
    Ok((start == 0 || ends_at(start - 1)?, ends_behind))
}
