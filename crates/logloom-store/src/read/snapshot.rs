//! The files of a directory at one moment. In comes the catalogue, or a directory without one; out go
//! names, committed lengths and counts, and readers that end at the committed length.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::directory::{Directory, Shared, lock};
use crate::error::StoreError;
use crate::head::Head;
use crate::head::io::file_place;
use crate::head::slot::{FileSlot, FileState};
use crate::key::FileKey;
use crate::packed::{Codec, form_name};
use crate::read::FileReader;
use crate::scan::last_newline;
use crate::sys::File;

// A catalogue that changes this often while its slots are read is read as it is.
const ATTEMPTS_MAX: u32 = 20;

/// In which order a snapshot lists its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By day and split.
    OldestFirst,
    /// By day and split, backwards.
    NewestFirst,
}

/// One file at the moment of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileSnapshot {
    /// Slot in the catalogue; `None` in a directory without one.
    pub slot: Option<u32>,
    /// Day and split.
    pub key: FileKey,
    /// Where the file is.
    pub path: PathBuf,
    /// Bytes that may be read: whole lines.
    pub committed: u64,
    /// Number of the file in the order of creation, from 1. Without a catalogue, the order of the names.
    pub birth: u64,
    /// What the file is at present.
    pub state: FileState,
    /// Number of lines; 0 without a catalogue.
    pub lines: u64,
    /// Lines by level, TRACE to FATAL; all 0 without a catalogue.
    pub levels: [u64; 6],
    /// Least and greatest time in the file, nanoseconds since 1970; `None` when unknown. The times of all
    /// its lines lie between them: [`Tally::ANY_TIME`](crate::Tally::ANY_TIME) where one is in a form of
    /// its own.
    pub times: Option<(i64, i64)>,
    /// Whether `committed` is final.
    pub is_final: bool,
    /// How it is compressed; `None` for a plain file. The offsets of its lines stay those of the plain one.
    pub codec: Option<Codec>,
    /// Bytes that it takes on the disk, as far as the catalogue knows.
    pub stored: u64,
    /// When the file was made, nanoseconds since 1970; `None` for one that was found.
    pub created_ns: Option<i64>,
    pub(crate) inode: Option<u64>,
}

/// All files of a directory at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The files, deleted ones left out.
    pub files: Vec<FileSnapshot>,
    /// Identity of the catalogue; `None` in a directory without one.
    pub store_id: Option<[u8; 16]>,
    /// Every file born up to this number is in `files`, or gone.
    pub births: u64,
    pub(crate) generation: u64,
    pub(crate) has_reserved: bool,
}

impl Directory {
    /// The files as they stand now.
    ///
    /// # Errors
    /// The head or the directory cannot be read.
    pub fn snapshot(&self, order: Order) -> Result<Snapshot, StoreError> {
        let mut snapshot = match self.shared.reader_head()? {
            Some(head) => of_catalogue(&self.shared, &head)?,
            None => of_names(&self.shared)?,
        };
        snapshot.files.sort_unstable_by_key(|file| file.key);
        if order == Order::NewestFirst {
            snapshot.files.reverse();
        }
        Ok(snapshot)
    }

    /// Number that changes whenever files come or go; 0 in a directory without a catalogue.
    pub(crate) fn generation(&self) -> Result<u64, StoreError> {
        match self.shared.reader_head()? {
            Some(head) => Ok(head.catalogue()?.0.generation),
            None => Ok(0),
        }
    }

    /// The present committed length and state of a file; `None` when its slot holds another one.
    pub(crate) fn progress(&self, file: &FileSnapshot) -> Result<Option<FileSnapshot>, StoreError> {
        let (Some(number), Some(head)) = (file.slot, self.shared.reader_head()?) else {
            return Ok(None);
        };
        match head.read(file_place(number)) {
            Ok(copies) => Ok(copies
                .value
                .filter(|slot| slot.birth == file.birth)
                .map(|slot| of_slot(&self.shared, number, &slot))),
            Err(StoreError::Damaged { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn of_catalogue(shared: &Shared, head: &Arc<Head>) -> Result<Snapshot, StoreError> {
    let (mut copies, mut catalogue) = head.catalogue()?;
    for attempt in 1.. {
        let slots = head.file_slots(catalogue.files_used)?;
        let (after, catalogue_after) = head.catalogue()?;
        if after.generation == copies.generation || attempt == ATTEMPTS_MAX {
            let files = slots.iter().enumerate().filter_map(|(number, slot)| {
                let slot = slot.filter(|slot| slot.state != FileState::Gone)?;
                Some(of_slot(shared, number as u32, &slot))
            });
            return Ok(Snapshot {
                files: files.collect(),
                store_id: Some(head.store_id),
                // Not the catalogue's count: a number may be given to a file that is not there yet.
                births: slots.iter().flatten().map(|slot| slot.birth).max().unwrap_or(0),
                generation: copies.generation,
                has_reserved: slots.iter().any(Option::is_none),
            });
        }
        (copies, catalogue) = (after, catalogue_after);
    }
    unreachable!("the last attempt returns")
}

pub(crate) fn of_slot(shared: &Shared, number: u32, slot: &FileSlot) -> FileSnapshot {
    let codec = slot.packed.map(|packed| packed.codec);
    FileSnapshot {
        slot: Some(number),
        key: slot.key,
        path: shared.path.join(form_name(slot.key, codec)),
        committed: slot.committed,
        birth: slot.birth,
        state: slot.state,
        lines: slot.tally.lines,
        levels: slot.tally.levels,
        times: slot.tally.times.map(as_told),
        is_final: slot.state != FileState::Open && slot.pending.is_none(),
        codec,
        stored: slot.packed.map_or(slot.committed, |packed| packed.bytes),
        created_ns: Some(slot.created_ns).filter(|created| *created != 0),
        // A suspect file may have another one standing under its name. For others the inode is not looked
        // at: in a copied directory every one differs.
        inode: (slot.state == FileState::Suspect).then_some(slot.inode),
    }
}

/// Times as lines tell them: to the microsecond at least, cut off. What a line tells may thus lie before
/// the moment that was counted for it, and never behind it.
fn as_told((least, greatest): (i64, i64)) -> (i64, i64) {
    (least.saturating_sub(least.rem_euclid(1_000)), greatest)
}

/// A directory without a head: every day file, up to its last newline.
fn of_names(shared: &Shared) -> Result<Snapshot, StoreError> {
    let mut files: Vec<FileSnapshot> = Vec::new();
    for (key, codec) in shared.day_forms()? {
        // Of two forms the plain one counts: the other is being made, or the plain one removed.
        if files.last().is_some_and(|file| file.key == key) {
            continue;
        }
        if let Some(open) = shared.open_form(key, codec)? {
            files.push(of_open(shared, key, codec, &open)?);
        }
    }
    let births = files.last().map_or(0, |file| file.birth);
    Ok(Snapshot { files, store_id: None, births, generation: 0, has_reserved: true })
}

fn of_open(
    shared: &Shared,
    key: FileKey,
    codec: Option<Codec>,
    open: &File,
) -> Result<FileSnapshot, StoreError> {
    let name = form_name(key, codec);
    let doing = format!("read {name}");
    let stored = open.stat().map_err(StoreError::io(doing.clone()))?.size;
    let committed = match codec {
        None => last_newline(open).map_err(StoreError::io(doing))?,
        Some(codec) => shared.packed_length(key, codec)?,
    };
    Ok(FileSnapshot {
        slot: None,
        key,
        path: shared.path.join(name),
        committed,
        birth: key.to_word(),
        state: FileState::Open,
        lines: 0,
        levels: [0; 6],
        times: None,
        is_final: false,
        codec,
        stored,
        created_ns: None,
        inode: None,
    })
}

/// Lengths of compressed files that no catalogue knows: (inode, size, last change) and raw length.
pub(crate) type Measured = HashMap<(FileKey, Codec), ((u64, u64, i64), u64)>;

impl Shared {
    /// Raw length of a compressed file, up to its last newline. Unpacks all of one that somebody else
    /// compressed, once as long as it stays the same.
    fn packed_length(&self, key: FileKey, codec: Codec) -> Result<u64, StoreError> {
        let name = form_name(key, Some(codec));
        let doing = format!("read {name}");
        let Some(open) = self.open_form(key, Some(codec))? else { return Ok(0) };
        if !codec.is_available() {
            return Err(super::file::unavailable(&name, codec));
        }
        let stat = open.stat().map_err(StoreError::io(doing.clone()))?;
        let identity = (stat.inode, stat.size, stat.modified_ns);
        let known = lock(&self.measured).get(&(key, codec)).copied();
        if let Some((_, length)) = known.filter(|(known, _)| *known == identity) {
            return Ok(length);
        }
        let length = FileReader::raw_length(open, codec).map_err(StoreError::io(doing))?;
        lock(&self.measured).insert((key, codec), (identity, length));
        Ok(length)
    }
}
