//! The files of a directory at one moment. In comes the catalogue, or a directory without one; out go
//! names, committed lengths and counts, and readers that end at the committed length.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::directory::{Directory, Shared, is_replaced};
use crate::error::StoreError;
use crate::head::Head;
use crate::head::io::file_place;
use crate::head::slot::{FileSlot, FileState};
use crate::key::FileKey;
use crate::sys::{File, OpenMode};

// A catalogue that changes this often while its slots are read is read as it is.
const ATTEMPTS_MAX: u32 = 20;
const TAIL_CHUNK: u64 = 64 * 1024;

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
    /// Least and greatest time in the file, nanoseconds since 1970; `None` when unknown.
    pub times: Option<(i64, i64)>,
    /// Whether `committed` is final.
    pub is_final: bool,
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

/// One file open for reading.
#[derive(Debug)]
pub struct FileReader {
    file: File,
    committed: u64,
}

impl FileReader {
    /// Reads at `offset` until `buffer` is full or the committed length is reached; returns the number
    /// of bytes read. Blocks for the device only.
    ///
    /// # Errors
    /// The device failed.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = self.committed.saturating_sub(offset).min(buffer.len() as u64) as usize;
        self.file.read_at(&mut buffer[..rest], offset)
    }

    /// Bytes that may be read.
    pub fn committed(&self) -> u64 {
        self.committed
    }

    pub(crate) fn raise(&mut self, committed: u64) {
        self.committed = self.committed.max(committed);
    }
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

    /// Opens a file of a snapshot, to be read up to its committed length then. `None` when it is deleted or
    /// something else stands under its name.
    ///
    /// # Errors
    /// The file cannot be opened, or is compressed by a later version.
    pub fn open_file(&self, file: &FileSnapshot) -> Result<Option<FileReader>, StoreError> {
        let name = file.key.file_name();
        match self.shared.root.open(&name, OpenMode::Read) {
            Ok(open) => {
                let stat = open.stat().map_err(StoreError::io(format!("look at {name}")))?;
                let is_other = file.inode.is_some_and(|inode| inode != stat.inode);
                Ok((!is_other).then_some(FileReader { file: open, committed: file.committed }))
            }
            Err(error) if is_replaced(&error) => self.other_form(file),
            Err(error) => Err(StoreError::io(format!("open {name}"))(error)),
        }
    }

    /// A file without its name: the slot says what became of it.
    fn other_form(&self, file: &FileSnapshot) -> Result<Option<FileReader>, StoreError> {
        let (Some(number), Some(head)) = (file.slot, self.shared.reader_head()?) else {
            return Ok(None);
        };
        let slot = head.read(file_place(number))?.value;
        match slot.filter(|slot| slot.birth == file.birth).map(|slot| slot.state) {
            Some(FileState::Compressed) => Err(StoreError::Invalid {
                message: format!("{} is compressed: use a newer logloom to read it", file.key),
            }),
            _ => Ok(None),
        }
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

fn of_slot(shared: &Shared, number: u32, slot: &FileSlot) -> FileSnapshot {
    FileSnapshot {
        slot: Some(number),
        key: slot.key,
        path: shared.path.join(slot.key.file_name()),
        committed: slot.committed,
        birth: slot.birth,
        state: slot.state,
        lines: slot.tally.lines,
        levels: slot.tally.levels,
        times: slot.tally.times,
        is_final: slot.state != FileState::Open && slot.pending.is_none(),
        // A suspect file may have another one standing under its name. For others the inode is not looked
        // at: in a copied directory every one differs.
        inode: (slot.state == FileState::Suspect).then_some(slot.inode),
    }
}

fn of_name(shared: &Shared, key: FileKey, committed: u64) -> FileSnapshot {
    FileSnapshot {
        slot: None,
        key,
        path: shared.path.join(key.file_name()),
        committed,
        birth: key.to_word(),
        state: FileState::Open,
        lines: 0,
        levels: [0; 6],
        times: None,
        is_final: false,
        inode: None,
    }
}

/// A directory without a head: every day file, up to its last newline.
fn of_names(shared: &Shared) -> Result<Snapshot, StoreError> {
    let mut files = Vec::new();
    for key in shared.day_names()? {
        let doing = format!("read {key}");
        let file = match shared.root.open(&key.file_name(), OpenMode::Read) {
            Ok(file) => file,
            Err(error) if is_replaced(&error) => continue,
            Err(error) => return Err(StoreError::io(doing)(error)),
        };
        let committed = last_newline(&file).map_err(StoreError::io(doing))?;
        files.push(of_name(shared, key, committed));
    }
    let births = files.last().map_or(0, |file| file.birth);
    Ok(Snapshot { files, store_id: None, births, generation: 0, has_reserved: true })
}

/// The position after the last newline of a file.
fn last_newline(file: &File) -> io::Result<u64> {
    let mut end = file.stat()?.size;
    let mut chunk = vec![0u8; TAIL_CHUNK as usize];
    while end > 0 {
        let start = end.saturating_sub(TAIL_CHUNK);
        let wanted = (end - start) as usize;
        let length = file.read_at(&mut chunk[..wanted], start)?;
        if let Some(at) = memchr::memrchr(b'\n', &chunk[..length]) {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}
