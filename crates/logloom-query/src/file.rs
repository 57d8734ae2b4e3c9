//! The files a query runs over.
//!
//! They come from the snapshot of a log directory, with or without its catalogue, or from single
//! files that were named. A file is opened when it is read, and only up to the length it had when
//! the list was made, so that a query sees one moment of a log that goes on growing.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use logloom_filter::LineView;
use logloom_store::index::{Index, NoIndex};
use logloom_store::read::{FileReader, FileSnapshot, Order, Snapshot};
use logloom_store::{Directory, FileKey, FileState, StoreError};

use crate::scan::{LINE_BYTES_MAX, fill};

/// A compressed file of nothing is not longer, its original name included.
const EMPTY_BYTES_MAX: u64 = 300;

/// Something that is read at positions.
pub trait ReadAt {
    /// Reads at a position; gives 0 at and beyond the end, and may give fewer bytes than there is
    /// room for.
    ///
    /// # Errors
    /// Those of the device.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;

    /// Whether there may be lines that only stand for those that cannot be read.
    fn may_fill(&self) -> bool {
        false
    }

    /// Whether the line at a position is one of those. It begins with a zero.
    fn is_filled(&self, position: u64) -> bool {
        let _ = position;
        false
    }

    /// Whether reading backwards takes as long as reading all from the start.
    fn is_sequential(&self) -> bool {
        false
    }

    /// What could not be read so far.
    fn damage(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Lines of a compressed file that cannot be unpacked read as one line that stands for them.
impl ReadAt for FileReader {
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        self.read_over(buffer, position)
    }

    fn may_fill(&self) -> bool {
        FileReader::may_fill(self)
    }

    fn is_filled(&self, position: u64) -> bool {
        FileReader::is_filled(self, position)
    }

    fn is_sequential(&self) -> bool {
        FileReader::is_sequential(self)
    }

    fn damage(&self) -> Vec<String> {
        FileReader::damage(self).iter().map(ToString::to_string).collect()
    }
}

impl ReadAt for File {
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        loop {
            match std::os::unix::fs::FileExt::read_at(self, buffer, position) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}

/// A file of this size whose last line has no line feed, and one.
struct Ended {
    file: File,
    size: u64,
}

impl ReadAt for Ended {
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        match self.size.checked_sub(position) {
            None => Ok(0),
            Some(0) => {
                let room = buffer.len().min(1);
                buffer[..room].fill(b'\n');
                Ok(room)
            }
            Some(rest) => {
                let room = buffer.len().min(usize::try_from(rest).unwrap_or(usize::MAX));
                ReadAt::read_at(&self.file, &mut buffer[..room], position)
            }
        }
    }
}

/// A last line without a line feed.
#[derive(Clone, Copy)]
struct Rest {
    /// Its bytes, the line feed that it lacks included.
    bytes: u64,
    /// Whether it is one that has fields, such as a time.
    is_record: bool,
}

/// The last line of a plain file that was made by others, where it lacks a line feed. The catalogue leaves it out, as
/// that of a writer who is still at it; but of those only our own are known, and none of them has such a file.
fn rest_of(file: &FileSnapshot) -> Option<Rest> {
    if file.codec.is_some() || file.created_ns.is_some() {
        return None;
    }
    let rest = std::fs::metadata(&file.path).ok()?.len().checked_sub(file.committed)?;
    if rest == 0 || rest > LINE_BYTES_MAX as u64 {
        return None;
    }
    let mut line = vec![0; usize::try_from(rest).ok()?];
    let open = File::open(&file.path).ok()?;
    let read = fill(&open, &mut line, file.committed).ok()?;
    let has_no_end = read == line.len() && memchr::memchr(b'\n', &line).is_none();
    let is_record = LineView::new(line.trim_ascii()).is_well_formed();
    has_no_end.then_some(Rest { bytes: rest + 1, is_record })
}

/// Where the bytes of a file come from.
enum Origin {
    Store(Directory, FileSnapshot),
    Path,
}

/// One file of a query.
pub struct LogFile {
    path: PathBuf,
    key: Option<FileKey>,
    birth: u64,
    length: u64,
    times: Option<(i64, i64)>,
    origin: Origin,
    /// Whether the last byte is a line feed that the file itself lacks: nobody writes to it any more, so that its
    /// last line is over.
    is_ended: bool,
}

impl fmt::Debug for LogFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogFile")
            .field("path", &self.path)
            .field("length", &self.length)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}

impl LogFile {
    /// All files of a log directory as it stands now.
    ///
    /// # Errors
    /// The catalogue or the directory cannot be read.
    pub fn of_directory(directory: &Directory) -> Result<Vec<LogFile>, StoreError> {
        let snapshot = directory.snapshot(Order::OldestFirst)?;
        Ok(Self::of_snapshot(directory, snapshot))
    }

    /// The files of a snapshot of this directory.
    #[must_use]
    pub fn of_snapshot(directory: &Directory, snapshot: Snapshot) -> Vec<LogFile> {
        let of_file = |file: FileSnapshot| {
            let rest = rest_of(&file);
            LogFile {
                path: file.path.clone(),
                key: Some(file.key),
                birth: file.birth,
                length: file.committed + rest.map_or(0, |rest| rest.bytes),
                times: file.times.filter(|_| !rest.is_some_and(|rest| rest.is_record)),
                origin: Origin::Store(directory.clone(), file),
                is_ended: rest.is_some(),
            }
        };
        snapshot.files.into_iter().map(of_file).collect()
    }

    /// A single file of JSON lines, whatever it is called, as long as it is now. A last line without a line feed
    /// counts as one; [`LogFile::up_to`] leaves it out.
    ///
    /// # Errors
    /// The file cannot be opened, or is not a regular file.
    pub fn of_path(path: &Path) -> io::Result<LogFile> {
        let metadata = std::fs::metadata(path)?;
        if !metadata.is_file() {
            let text = "not a file of JSON lines; name a file or a log directory";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let size = metadata.len();
        let mut last = [b'\n'];
        if size > 0 {
            ReadAt::read_at(&File::open(path)?, &mut last, size - 1)?;
        }
        let is_ended = last != *b"\n";
        Ok(LogFile {
            path: path.to_owned(),
            key: name.and_then(FileKey::from_file_name),
            birth: 0,
            length: size + u64::from(is_ended),
            times: None,
            origin: Origin::Path,
            is_ended,
        })
    }

    /// The same up to a length at which a line ends, as of a file that somebody writes to.
    #[must_use]
    pub fn up_to(self, length: u64) -> LogFile {
        match length < self.length {
            true => LogFile { length, is_ended: false, ..self },
            false => self,
        }
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Day and split; `None` for a file that is not named like one of a store.
    #[must_use]
    pub fn key(&self) -> Option<FileKey> {
        self.key
    }

    /// Number of the file in the order of creation; 0 where that is unknown.
    #[must_use]
    pub fn birth(&self) -> u64 {
        self.birth
    }

    /// Bytes that the query may read.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Bytes that the file takes on disk, packed as it is; 0 when it is gone.
    #[must_use]
    pub fn disk_bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    /// Least and greatest time in the file, nanoseconds since 1970; `None` when unknown. Every line with
    /// another form of time than that of this log makes them the least and the greatest there are.
    #[must_use]
    pub fn times(&self) -> Option<(i64, i64)> {
        self.times
    }

    /// Whether the file has a compressed one's name and nothing in it that can be unpacked. An empty
    /// day is none.
    pub(crate) fn is_unpackable_to_nothing(&self) -> bool {
        let name = self.path.file_name().map(std::ffi::OsStr::as_encoded_bytes);
        let magic: &[u8] = match name {
            Some(name) if name.ends_with(b".gz") => &[0x1f, 0x8b],
            Some(name) if name.ends_with(b".zst") => &[0x28, 0xb5, 0x2f, 0xfd],
            _ => return false,
        };
        if self.length > 0 {
            return false;
        }
        let mut head = Vec::new();
        let file = File::open(&self.path);
        let read = file.and_then(|file| file.take(EMPTY_BYTES_MAX + 1).read_to_end(&mut head));
        // One that cannot be opened is told when it is opened to be searched.
        read.is_err() || !head.starts_with(magic) || head.len() as u64 > EMPTY_BYTES_MAX
    }

    /// The first moment of the file's day, which stands in for the time of lines without one.
    pub(crate) fn day_start_ns(&self) -> i64 {
        self.key.map_or(0, |key| key.day.start_ns())
    }

    /// The index beside the file; why there is none otherwise.
    pub(crate) fn open_index(&self) -> Result<Index, NoIndex> {
        match &self.origin {
            // The last line is in none.
            Origin::Store(directory, file) if !self.is_ended => directory.open_index(file),
            _ => Err(NoIndex::Missing),
        }
    }

    /// The indexes of the first lines of a file that is still written to.
    pub(crate) fn open_hot_index(&self) -> Vec<Index> {
        match &self.origin {
            Origin::Store(directory, file) => directory.open_hot_index(file),
            Origin::Path => Vec::new(),
        }
    }

    /// Bytes of lines of a file that is still written to that are in no index; 0 for all other files. Where a program
    /// keeps house there are some megabytes at most.
    #[must_use]
    pub fn unindexed_bytes(&self) -> u64 {
        match &self.origin {
            Origin::Store(_, file) if file.state == FileState::Open => {
                let known = self.open_hot_index().last().map_or(0, |index| index.range().end);
                file.committed.saturating_sub(known)
            }
            _ => 0,
        }
    }

    /// Where the indexes of a plain file of a log directory are while there is none beside it.
    pub(crate) fn hot_index_path(&self) -> Option<PathBuf> {
        match &self.origin {
            Origin::Store(_, file) if file.codec.is_none() => {
                let name = format!("{}.hot", self.path.file_name()?.to_str()?);
                Some(self.path.parent()?.join(".logloom").join(name))
            }
            _ => None,
        }
    }

    /// Whether a row may have a time of `from <= t < until`; `false` is certain. The catalogue knows the usual
    /// form of times only, in which all lines of our writers are.
    pub(crate) fn may_hold(&self, (from, until): (Option<i64>, Option<i64>)) -> bool {
        let is_ours = matches!(&self.origin, Origin::Store(_, file) if file.created_ns.is_some());
        let Some((first, last)) = self.times.filter(|_| is_ours) else { return true };
        from.is_none_or(|from| last >= from) && until.is_none_or(|until| first < until)
    }

    /// Whether reading a part of it takes as long as reading all before it.
    pub(crate) fn is_sequential(&self) -> bool {
        // A plain one never is, and most are: they are opened where they are read.
        let is_plain = self.path.extension().is_some_and(|end| end == "jsonl");
        !is_plain && self.open().is_ok_and(|reader| reader.is_sequential())
    }

    pub(crate) fn open(&self) -> io::Result<Box<dyn ReadAt>> {
        if self.is_ended {
            let file = File::open(&self.path)?;
            return Ok(Box::new(Ended { file, size: self.length - 1 }));
        }
        let Origin::Store(directory, file) = &self.origin else {
            return Ok(Box::new(File::open(&self.path)?));
        };
        if self.is_unpackable_to_nothing() {
            let text = "nothing in it can be unpacked: it is damaged, or is no compressed file";
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        match directory.open_file(file) {
            Ok(Some(reader)) => Ok(Box::new(reader)),
            Ok(None) => {
                let text =
                    "it was deleted, or another file stands under its name: its lines are gone";
                Err(io::Error::new(io::ErrorKind::NotFound, text))
            }
            Err(error) => Err(io::Error::other(error)),
        }
    }
}
