//! The index of the day that is still written to: `.logloom/NAME.hot`, indexes of 8 MiB of its lines each, one behind
//! the other. In come a day file and the lines that it has by now; out go one index more for each 8 MiB that are new,
//! and to readers all that are whole. What is behind the last one is read as it stands.
//!
//! It is made by the thread of a program that looks after files, each minute, by `logloom index --build` and behind long
//! queries, under the lock of the pass over closed files and never by who writes lines. It is disposable: nothing is forced to the device, and it holds for one
//! boot, in which bytes that were committed stay what they are. One of another boot, file or store is not read and made
//! anew; a kill while it grows leaves bytes at its end that are cut away. A reader compares its checksums, and the
//! beginning and end of the lines of each index, before it believes any.

use std::io;
use std::sync::Arc;

use super::build::{BlockPlace, Builder};
use super::footer::Identity;
use super::make::Made;
use super::open::{Index, Place};
use super::settings::IndexSettings;
use crate::directory::{Directory, Shared};
use crate::error::StoreError;
use crate::head::lock::{Region, try_acquire};
use crate::head::slot::FileState;
use crate::key::FileKey;
use crate::packed::pack::read_lines;
use crate::packed::{form_name, form_of_name};
use crate::read::{FileSnapshot, Order};
use crate::steps::{Step, reached};
use crate::sys::{File, OpenMode};

const SUFFIX: &str = ".hot";
const START: &[u8; 8] = b"LLHOT002";
const HEAD: usize = 64;
const PIECE_START: &[u8; 4] = b"LLHP";
const PIECE_HEAD: usize = 32;
/// Blocks of a piece: one group of the codes of columns.
const BLOCKS: u64 = super::column::GROUP_BLOCKS as u64;
/// Few lines have few words in common: pieces may be larger than an index of all lines, in thousandths of the lines.
const PER_MILLE: u32 = 120;
/// Bytes at each end of the lines of a piece that are compared.
const ENDS: u64 = 4096;

/// What is there of a file.
struct Hot {
    file: Arc<File>,
    pieces: Vec<Index>,
    /// Where the next piece goes.
    next: u64,
}

impl Directory {
    /// The indexes of the first lines of a file that is still written to, one behind the other from its beginning on;
    /// none when there are none of this file and boot.
    pub fn open_hot_index(&self, file: &FileSnapshot) -> Vec<Index> {
        let data = self.shared.hot_data(file);
        let hot = data.and_then(|data| self.shared.read_hot(file, data, OpenMode::Read));
        hot.map_or_else(Vec::new, |hot| hot.pieces)
    }

    /// Indexes what is new in all files that are still written to, as [`Directory::extend_hot_index`] does.
    ///
    /// # Errors
    /// As there; the files behind the one that failed are left as they are.
    pub fn index_open_files(
        &self,
        settings: &IndexSettings,
        is_ending: &dyn Fn() -> bool,
    ) -> Result<(), StoreError> {
        let files = self.snapshot(Order::OldestFirst)?.files;
        let mut open = files.iter().filter(|file| file.state == FileState::Open);
        open.try_for_each(|file| self.extend_hot_index(file, settings, is_ending).map(drop))
    }

    /// Indexes the lines that an open file has by now and that are in no index yet, 8 MiB at a time. `is_ending` is
    /// asked about each millisecond. Takes about 5 ms for each MiB that is new.
    ///
    /// # Errors
    /// The catalogue cannot be read or locked, or the index cannot be written.
    pub fn extend_hot_index(
        &self,
        file: &FileSnapshot,
        settings: &IndexSettings,
        is_ending: &dyn Fn() -> bool,
    ) -> Result<Made, StoreError> {
        if file.state != FileState::Open {
            return Ok(Made::Not("it is closed".to_owned()));
        }
        if file.committed < settings.open_bytes {
            return Ok(Made::Not("it is short".to_owned()));
        }
        let head = self.shared.head()?;
        let Some(_house) = try_acquire(&head, Region::House)? else { return Ok(Made::Later) };
        self.shared.extend_hot(file, settings, is_ending)
    }
}

impl Shared {
    /// Adds pieces. The lock of the pass is held.
    pub(crate) fn extend_hot(
        &self,
        file: &FileSnapshot,
        settings: &IndexSettings,
        is_ending: &dyn Fn() -> bool,
    ) -> Result<Made, StoreError> {
        let Some(data) = self.hot_data(file) else {
            return Ok(Made::Not("it is gone".to_owned()));
        };
        let name = hot_name(file.key);
        let doing = || format!("make {name}");
        let mut hot = match self.read_hot(file, data.clone(), OpenMode::ReadWrite) {
            Some(hot) => hot,
            None => self.begin_hot(file, &data).map_err(StoreError::io(doing()))?,
        };
        // What a kill has left is no piece.
        hot.file.truncate(hot.next).map_err(StoreError::io(doing()))?;
        let (before, mut end) = (hot.next, hot.pieces.last().map_or(0, |piece| piece.range().end));
        let first = end;
        while file.committed.saturating_sub(end) >= settings.open_bytes.max(1) {
            let Some(more) = self
                .add_piece(&mut hot, (file, &data), settings, end, is_ending)
                .map_err(StoreError::io(doing()))?
            else {
                return Ok(Made::Later);
            };
            end = more;
        }
        Ok(match end > first {
            true => Made::Done { name, bytes: hot.next - before, raw: end - first },
            false => Made::Present,
        })
    }

    /// Indexes the lines from `start` on; where they end. `None` when the program ends meanwhile.
    fn add_piece(
        &self,
        hot: &mut Hot,
        (file, data): (&FileSnapshot, &File),
        settings: &IndexSettings,
        start: u64,
        is_ending: &dyn Fn() -> bool,
    ) -> io::Result<Option<u64>> {
        let max_per_mille = settings.max_per_mille.max(PER_MILLE);
        let settings = IndexSettings { max_per_mille, ..settings.clone() };
        let mut builder = Builder::new(&settings, self.seed());
        let (mut lines, mut offset) = (Vec::new(), start);
        for _ in 0..BLOCKS {
            if is_ending() {
                return Ok(None);
            }
            if offset == file.committed {
                break;
            }
            read_lines(data, offset..file.committed, settings.block_bytes, &mut lines)?;
            // Half a line is one of the next piece.
            if !lines.ends_with(b"\n") {
                break;
            }
            let stored = lines.len() as u32;
            let crc32 = crc32fast::hash(&lines);
            builder.block(&lines, BlockPlace { at: offset, stored, offset, crc32 });
            offset += u64::from(stored);
        }
        if offset == start {
            return Ok(None);
        }
        let bytes = builder.finish(identity(file, data, start, offset)?);
        // The head last: without it there is no piece.
        hot.file.write_at(&bytes, hot.next + PIECE_HEAD as u64)?;
        reached(Step::HotWritten);
        hot.file.write_at(&piece_head(start, offset, bytes.len() as u64), hot.next)?;
        hot.next += PIECE_HEAD as u64 + bytes.len() as u64;
        Ok(Some(offset))
    }

    /// The plain file of a snapshot; `None` for one that the catalogue does not know, or does not trust.
    fn hot_data(&self, file: &FileSnapshot) -> Option<Arc<File>> {
        let is_known = matches!(file.state, FileState::Open | FileState::Sealed);
        if file.codec.is_some() || file.slot.is_none() || !is_known {
            return None;
        }
        self.open_form(file.key, None).ok()?.map(Arc::new)
    }

    /// The pieces that are whole and of this file as it is in this boot; `None` when not even the head is.
    fn read_hot(&self, file: &FileSnapshot, data: Arc<File>, mode: OpenMode) -> Option<Hot> {
        let name = hot_name(file.key);
        let own = Arc::new(self.control.open(&name, mode).ok()?);
        let mut head = [0; HEAD];
        let length = own.read_at(&mut head, 0).ok()?;
        if length < HEAD || head != self.hot_head(file, &data)? {
            return None;
        }
        let size = own.stat().ok()?.size;
        let mut hot = Hot { file: own, pieces: Vec::new(), next: HEAD as u64 };
        let mut start = 0;
        while let Some((piece, next)) = read_piece(&hot, &name, file, &data, (start, size)) {
            start = piece.range().end;
            hot.pieces.push(piece);
            hot.next = next;
        }
        Some(hot)
    }

    /// A new one without pieces, in place of what stands under the name.
    fn begin_hot(&self, file: &FileSnapshot, data: &File) -> io::Result<Hot> {
        let name = hot_name(file.key);
        match self.platform.unlink_at(self.control.handle(), &name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let own = self.control.open(&name, OpenMode::CreateNew)?;
        let head =
            self.hot_head(file, data).ok_or_else(|| io::Error::other("there is no catalogue"))?;
        // Whoever may read the lines may read what is known of them.
        self.platform.copy_attributes(own.handle(), &data.stat()?)?;
        own.write_at(&head, 0)?;
        Ok(Hot { file: Arc::new(own), pieces: Vec::new(), next: HEAD as u64 })
    }

    /// How the index of a file begins in this boot; `None` without a catalogue.
    fn hot_head(&self, file: &FileSnapshot, data: &File) -> Option<[u8; HEAD]> {
        let store = self.reader_head().ok()??.store_id;
        let mut bytes = [0; HEAD];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(0, START);
        put(8, &store);
        put(24, &self.platform.boot_id());
        put(40, &file.birth.to_le_bytes());
        put(48, &data.stat().ok()?.inode.to_le_bytes());
        let check = crc32fast::hash(&bytes[..HEAD - 4]);
        bytes[HEAD - 4..].copy_from_slice(&check.to_le_bytes());
        Some(bytes)
    }

    /// Removes what there is of files that are not among these.
    pub(crate) fn remove_hot_but(&self, open: &[FileKey]) {
        for name in self.platform.list(self.control.handle()).unwrap_or_default() {
            let file = name.strip_suffix(SUFFIX).and_then(form_of_name);
            if file.is_some_and(|(key, _)| !open.contains(&key)) {
                let _ = self.platform.unlink_at(self.control.handle(), &name);
            }
        }
    }
}

fn hot_name(key: FileKey) -> String {
    form_name(key, None) + SUFFIX
}

fn piece_head(start: u64, end: u64, length: u64) -> [u8; PIECE_HEAD] {
    let mut bytes = [0; PIECE_HEAD];
    bytes[..4].copy_from_slice(PIECE_START);
    bytes[4..12].copy_from_slice(&start.to_le_bytes());
    bytes[12..20].copy_from_slice(&end.to_le_bytes());
    bytes[20..28].copy_from_slice(&length.to_le_bytes());
    let check = crc32fast::hash(&bytes[..PIECE_HEAD - 4]);
    bytes[PIECE_HEAD - 4..].copy_from_slice(&check.to_le_bytes());
    bytes
}

/// The next piece and where the one behind it goes, if its lines begin at `start` and it is of the file as it is.
fn read_piece(
    hot: &Hot,
    name: &str,
    file: &FileSnapshot,
    data: &Arc<File>,
    (start, size): (u64, u64),
) -> Option<(Index, u64)> {
    let mut head = [0; PIECE_HEAD];
    if hot.file.read_at(&mut head, hot.next).ok()? < PIECE_HEAD {
        return None;
    }
    let number = |at: usize| head[at..at + 8].try_into().map(u64::from_le_bytes).ok();
    let (end, length) = (number(12)?, number(20)?);
    let base = hot.next + PIECE_HEAD as u64;
    let next = base.checked_add(length).filter(|next| *next <= size)?;
    if head != piece_head(start, end, length) || end <= start || end > file.committed {
        return None;
    }
    let place = Place { base, size: length, first: start };
    let index = Index::read(name.to_owned(), hot.file.clone(), data.clone(), place).ok()?;
    let is_of_file = index.footer.identity == identity(file, data, start, end).ok()?;
    is_of_file.then_some((index, next))
}

/// What identifies lines of an open file.
fn identity(file: &FileSnapshot, data: &File, start: u64, end: u64) -> io::Result<Identity> {
    let crc = |from: u64, to: u64| -> io::Result<u32> {
        let mut bytes = vec![0; (to - from) as usize];
        let length = data.read_at(&mut bytes, from)?;
        Ok(crc32fast::hash(&bytes[..length]))
    };
    let ends = [
        crc(start, end.min(start.saturating_add(ENDS)))?,
        crc(start.max(end.saturating_sub(ENDS)), end)?,
    ];
    let (birth, raw) = (file.birth, end - start);
    Ok(Identity { codec: None, store: [0; 16], birth, raw, stored: end, modified_ns: 0, ends })
}
