//! Every committed line once, across files as they grow. In come a directory and a place to start; out
//! go batches of whole lines and a cursor. Writers are never hindered: no lock is taken. Deleted files
//! that were not read are skipped.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use super::cursor::{Cursor, LastRecord, OpenFile};
use super::file::FileReader;
use super::snapshot::{FileSnapshot, Order, Snapshot};
use crate::directory::Directory;
use crate::error::StoreError;
use crate::key::FileKey;
use crate::sys::Watch;

const CHUNK: usize = 256 * 1024;
// Where the system tells of no writes, committed lines show within this time.
const POLL: Duration = Duration::from_millis(50);
// All slots are read again this often even when nothing tells of a new file.
const FULL_LOOK_NS: u64 = 1_000_000_000;

/// Where a reader begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// With the first line of the oldest file.
    Beginning,
    /// With the first line committed after now.
    End,
    /// Where an earlier reader stood.
    Cursor(Cursor),
}

/// Whole lines of one file, as they follow each other there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The file.
    pub key: FileKey,
    /// The file's birth number.
    pub birth: u64,
    /// Where the first line begins.
    pub offset: u64,
    /// The lines, each ended by a newline; at least one.
    pub bytes: Vec<u8>,
}

impl Batch {
    /// The lines without their newlines, each with the offset where it begins.
    pub fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut offset = self.offset;
        self.bytes.split_inclusive(|byte| *byte == b'\n').map(move |line| {
            let start = offset;
            offset += line.len() as u64;
            (start, line.strip_suffix(b"\n").unwrap_or(line))
        })
    }
}

/// One file being read.
struct Tail {
    file: FileSnapshot,
    offset: u64,
    reader: Option<FileReader>,
}

/// A reader that keeps up with all writers of a directory.
///
/// Each line committed after the start is given out exactly once, in the order of its file; lines of
/// several files that grow at once come interleaved. One thread uses it at a time.
pub struct Follow {
    directory: Directory,
    tails: BTreeMap<FileKey, Tail>,
    seen: HashSet<FileKey>,
    finished: u64,
    store_id: Option<[u8; 16]>,
    generation: u64,
    has_reserved: bool,
    looked_ns: u64,
    last: Option<LastRecord>,
    last_served: Option<FileKey>,
    resyncs: u64,
    damaged: u64,
    watch: Option<Box<dyn Watch>>,
}

impl Follow {
    /// Starts reading at `start`.
    ///
    /// # Errors
    /// The head or the directory cannot be read.
    pub fn new(directory: &Directory, start: Start) -> Result<Follow, StoreError> {
        let mut follow = Follow {
            directory: directory.clone(),
            tails: BTreeMap::new(),
            seen: HashSet::new(),
            finished: 0,
            store_id: None,
            generation: 0,
            has_reserved: true,
            looked_ns: 0,
            last: None,
            last_served: None,
            resyncs: 0,
            damaged: 0,
            watch: None,
        };
        // Watching begins before the first look, so that nothing falls in between.
        follow.watch_head()?;
        let snapshot = directory.snapshot(Order::OldestFirst)?;
        follow.store_id = snapshot.store_id;
        match start {
            Start::Beginning => {}
            Start::End => follow.skip_present(&snapshot),
            Start::Cursor(cursor) => follow.restore(&snapshot, cursor)?,
        }
        follow.merge(snapshot);
        Ok(follow)
    }

    /// The next lines, waiting for at most `timeout` until there are some. `None` when there were none.
    ///
    /// # Errors
    /// A file or the head cannot be read. Calling again goes on at the same place.
    pub fn next_batch(&mut self, timeout: Duration) -> Result<Option<Batch>, StoreError> {
        let platform = self.directory.platform().clone();
        let start = platform.monotonic_ns();
        loop {
            if let Some(batch) = self.read_some()? {
                return Ok(Some(batch));
            }
            self.refresh()?;
            if let Some(batch) = self.read_some()? {
                return Ok(Some(batch));
            }
            let elapsed = Duration::from_nanos(platform.monotonic_ns().saturating_sub(start));
            match timeout.checked_sub(elapsed).filter(|rest| !rest.is_zero()) {
                Some(rest) => self.wait(rest.min(POLL)),
                None => return Ok(None),
            }
        }
    }

    /// The place after the last batch given out.
    pub fn cursor(&self) -> Cursor {
        let files = self.tails.values().map(|tail| OpenFile {
            birth: tail.file.birth,
            key: tail.file.key,
            offset: tail.offset,
        });
        let mut files: Vec<OpenFile> = files.collect();
        files.sort_unstable_by_key(|file| file.birth);
        Cursor { store_id: self.store_id, finished: self.finished, files, last: self.last }
    }

    /// How often the place did not fit the files (another file under the name, a shortened one): lines may
    /// have been repeated or be missing there.
    pub fn resyncs(&self) -> u64 {
        self.resyncs
    }

    /// How many places of compressed files could not be read, and were passed over.
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    fn watch_head(&mut self) -> Result<(), StoreError> {
        let head = self.directory.shared.reader_head()?;
        self.watch = head.and_then(|head| head.platform().watch(head.file.handle()));
        Ok(())
    }

    fn wait(&mut self, timeout: Duration) {
        match &mut self.watch {
            Some(watch) => drop(watch.wait(timeout)),
            None => self.directory.platform().sleep(timeout),
        }
    }

    fn skip_present(&mut self, snapshot: &Snapshot) {
        for file in &snapshot.files {
            self.seen.insert(file.key);
            self.add(file.clone(), file.committed);
        }
    }

    fn restore(&mut self, snapshot: &Snapshot, cursor: Cursor) -> Result<(), StoreError> {
        let is_same_store = cursor.store_id == snapshot.store_id;
        self.resyncs += u64::from(!is_same_store);
        for file in &snapshot.files {
            let begun = cursor.files.iter().find(|begun| begun.key == file.key);
            let offset = match begun {
                Some(begun) => self.fitting(file, begun.offset)?,
                None if is_finished(&cursor, file, is_same_store) => file.committed,
                None => 0,
            };
            if begun.is_some() || offset > 0 || is_finished(&cursor, file, is_same_store) {
                self.seen.insert(file.key);
                self.add(file.clone(), offset);
            }
        }
        self.last = cursor.last;
        self.check_last()
    }

    /// An offset where a line of `file` begins: the one noted, if it is one.
    fn fitting(&mut self, file: &FileSnapshot, offset: u64) -> Result<u64, StoreError> {
        if offset > file.committed {
            self.resyncs += 1;
            return Ok(file.committed);
        }
        let mut before = [0u8; 1];
        if offset > 0 {
            let is_read = read_exactly(&self.directory, file, offset - 1, &mut before)?;
            if is_read && before != *b"\n" {
                self.resyncs += 1;
                return Ok(0);
            }
        }
        Ok(offset)
    }

    /// A last record that reads differently now shows that its file is another one: it is read anew.
    fn check_last(&mut self) -> Result<(), StoreError> {
        let Some(last) = self.last else { return Ok(()) };
        let Some(tail) = self.tails.get_mut(&last.key) else { return Ok(()) };
        let end = last.offset.saturating_add(last.length);
        let mut bytes = Vec::new();
        let mut is_read = true;
        if end <= tail.file.committed {
            bytes.resize(last.length as usize, 0);
            is_read = read_exactly(&self.directory, &tail.file, last.offset, &mut bytes)?;
        }
        if is_read && crc32fast::hash(&bytes) != last.crc32 {
            self.resyncs += 1;
            if end <= tail.file.committed {
                tail.offset = 0;
            }
        }
        Ok(())
    }

    /// Looks at what changed: all slots when files came or went, else those of the files being read.
    fn refresh(&mut self) -> Result<(), StoreError> {
        let now = self.directory.platform().monotonic_ns();
        let is_due = now.saturating_sub(self.looked_ns) >= FULL_LOOK_NS;
        if self.has_reserved || is_due || self.directory.generation()? != self.generation {
            let snapshot = self.directory.snapshot(Order::OldestFirst)?;
            if snapshot.store_id != self.store_id {
                self.change_store(&snapshot)?;
            }
            self.merge(snapshot);
            return Ok(());
        }
        for tail in self.tails.values_mut() {
            if let Some(file) = self.directory.progress(&tail.file)? {
                tail.file = file;
            }
        }
        Ok(())
    }

    /// A head appeared or was made anew: birth numbers start again, names and offsets stay.
    fn change_store(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let offsets: BTreeMap<FileKey, u64> =
            self.tails.iter().map(|(key, tail)| (*key, tail.offset)).collect();
        self.tails.clear();
        self.finished = 0;
        self.store_id = snapshot.store_id;
        for file in &snapshot.files {
            if self.seen.contains(&file.key) {
                let offset = offsets.get(&file.key).copied().unwrap_or(file.committed);
                self.add(file.clone(), offset.min(file.committed));
            }
        }
        self.watch_head()
    }

    fn add(&mut self, file: FileSnapshot, offset: u64) {
        self.tails.insert(file.key, Tail { file, offset, reader: None });
    }

    fn merge(&mut self, snapshot: Snapshot) {
        let present: HashSet<FileKey> = snapshot.files.iter().map(|file| file.key).collect();
        self.tails.retain(|key, _| present.contains(key));
        for file in snapshot.files {
            if let Some(tail) = self.tails.get_mut(&file.key) {
                tail.file = file;
            } else if self.seen.insert(file.key) {
                self.add(file, 0);
            }
        }
        self.generation = snapshot.generation;
        self.has_reserved = snapshot.has_reserved;
        self.looked_ns = self.directory.platform().monotonic_ns();
        self.drop_finished(snapshot.births);
    }

    /// Forgets files read to their final end, and raises the number up to which all are.
    fn drop_finished(&mut self, births: u64) {
        self.tails.retain(|_, tail| !tail.file.is_final || tail.offset < tail.file.committed);
        // What is not finished stands in `tails`, and by that in the cursor.
        self.finished = births.max(self.finished);
    }

    /// The next chunk of some file that has lines left, going round among the files.
    fn read_some(&mut self) -> Result<Option<Batch>, StoreError> {
        while let Some(key) = self.next_waiting() {
            self.last_served = Some(key);
            let Some(tail) = self.tails.get_mut(&key) else { return Ok(None) };
            let bytes = match tail.read_lines(&self.directory)? {
                Lines::Whole(bytes) => bytes,
                // Deleted since: nothing more can be read of it.
                Lines::Gone => {
                    tail.offset = tail.file.committed;
                    continue;
                }
                Lines::Damaged { end } => {
                    tail.offset = end;
                    self.damaged += 1;
                    continue;
                }
            };
            let batch = Batch { key, birth: tail.file.birth, offset: tail.offset, bytes };
            tail.offset += batch.bytes.len() as u64;
            self.last = Some(last_of(&batch));
            return Ok(Some(batch));
        }
        Ok(None)
    }

    /// The file after the one served last that has lines left.
    fn next_waiting(&self) -> Option<FileKey> {
        let waiting = || self.tails.iter().filter(|(_, tail)| tail.offset < tail.file.committed);
        let later = waiting().find(|(key, _)| Some(**key) > self.last_served);
        later.or_else(|| waiting().next()).map(|(key, _)| *key)
    }
}

/// What stands at a tail's offset.
enum Lines {
    Whole(Vec<u8>),
    Gone,
    /// Lines that cannot be had; the next ones begin at `end`.
    Damaged {
        end: u64,
    },
}

impl Tail {
    /// Whole lines from the present offset on.
    fn read_lines(&mut self, directory: &Directory) -> Result<Lines, StoreError> {
        if self.reader.is_none() {
            self.reader = directory.open_file(&self.file)?;
        }
        let Some(reader) = self.reader.as_mut() else { return Ok(Lines::Gone) };
        reader.raise(self.file.committed);
        let mut bytes = vec![0u8; CHUNK.min((self.file.committed - self.offset) as usize)];
        loop {
            let length = match reader.read_at(&mut bytes, self.offset) {
                Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                    return Ok(Lines::Damaged { end: reader.after_damage(self.offset) });
                }
                read => read.map_err(StoreError::io(format!("read {}", self.file.key)))?,
            };
            if let Some(end) = memchr::memrchr(b'\n', &bytes[..length]) {
                bytes.truncate(end + 1);
                return Ok(Lines::Whole(bytes));
            }
            let rest = (self.file.committed - self.offset) as usize;
            if length < bytes.len() || bytes.len() >= rest {
                // Shortened from outside: what was committed is not there any more.
                return Ok(Lines::Gone);
            }
            let doubled = bytes.len().saturating_mul(2).min(rest);
            bytes.resize(doubled, 0);
        }
    }
}

fn is_finished(cursor: &Cursor, file: &FileSnapshot, is_same_store: bool) -> bool {
    if is_same_store {
        return file.birth <= cursor.finished;
    }
    // Birth numbers of another catalogue mean nothing: files before the oldest unfinished one were read.
    let oldest = cursor.files.iter().map(|begun| begun.key).min();
    match (oldest, cursor.last) {
        (Some(oldest), _) => file.key < oldest,
        (None, Some(last)) => file.key <= last.key,
        (None, None) => false,
    }
}

fn last_of(batch: &Batch) -> LastRecord {
    let body = &batch.bytes[..batch.bytes.len() - 1];
    let start = memchr::memrchr(b'\n', body).map_or(0, |at| at + 1);
    let line = &batch.bytes[start..];
    LastRecord {
        key: batch.key,
        offset: batch.offset + start as u64,
        length: line.len() as u64,
        crc32: crc32fast::hash(line),
    }
}

/// Fills `buffer` from `offset` on; bytes that cannot be had stay as they are. `false` where the file is
/// damaged.
fn read_exactly(
    directory: &Directory,
    file: &FileSnapshot,
    offset: u64,
    buffer: &mut [u8],
) -> Result<bool, StoreError> {
    let Some(reader) = directory.open_file(file)? else { return Ok(true) };
    match reader.read_at(buffer, offset) {
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Ok(false),
        read => read.map(|_| true).map_err(StoreError::io(format!("read {}", file.key))),
    }
}
