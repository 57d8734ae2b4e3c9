//! A redo log in a file, as a ring segment keeps one in memory: what is staged outlives a kill.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use logloom_store::{Append, Committed, Day, FileKey, Redo, Segments, StagedBatch, Tally};

const STAGED: u64 = 0;
const FILE: u64 = 16;
const APPLIED: u64 = 64;
const BODY: u64 = 4096;

/// What a record in a test belongs to: the day on which every test writes.
pub(crate) fn day() -> Day {
    Day::new(2026, 11, 21).unwrap()
}

/// The staged batch of one writer, in a file of its own.
pub(crate) struct FileRedo {
    file: File,
    pub(crate) path: PathBuf,
    batch: u64,
    bytes: Vec<u8>,
    lines: u64,
    crc32: u32,
    /// Called under the file's lock, when the intent names it.
    pub(crate) on_intent: Option<Box<dyn Fn()>>,
}

impl FileRedo {
    pub(crate) fn create(path: PathBuf) -> FileRedo {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path).unwrap();
        file.set_len(BODY).unwrap();
        FileRedo::empty(file, path)
    }

    fn empty(file: File, path: PathBuf) -> FileRedo {
        FileRedo { file, path, batch: 0, bytes: Vec::new(), lines: 0, crc32: 0, on_intent: None }
    }

    /// The redo log a dead writer left. `None` when it is gone or was never complete.
    pub(crate) fn open(path: &Path) -> Option<FileRedo> {
        let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
        let mut redo = FileRedo::empty(file, path.into());
        redo.batch = redo.word(STAGED);
        redo.bytes = vec![0; redo.word(24) as usize];
        redo.crc32 = redo.word(32) as u32;
        redo.lines = redo.word(40);
        redo.file.read_exact_at(&mut redo.bytes, BODY).ok()?;
        Some(redo)
    }

    pub(crate) fn inode(&self) -> u64 {
        self.file.metadata().unwrap().ino()
    }

    /// Stages the next batch: accepted from here on.
    pub(crate) fn stage(&mut self, lines: &[String]) {
        self.bytes = lines.concat().into_bytes();
        self.lines = lines.len() as u64;
        self.crc32 = crc32(&self.bytes);
        self.batch += 1;
        self.file.write_all_at(&self.bytes, BODY).unwrap();
        let words = [self.batch, 0, 0, self.bytes.len() as u64, u64::from(self.crc32), self.lines];
        let header: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.file.write_all_at(&header, STAGED).unwrap();
    }

    pub(crate) fn is_applied(&self) -> bool {
        self.word(APPLIED) >= self.batch
    }

    /// Appends what is staged and notes that it is applied.
    pub(crate) fn apply(&self, writer: &dyn Append, segments: &dyn Segments) -> Committed {
        let committed = loop {
            match writer.append(self, segments) {
                Ok(committed) => break committed,
                Err(logloom_store::AppendError::IntentBusy { .. }) => {}
                Err(logloom_store::AppendError::Store(logloom_store::StoreError::Busy {
                    ..
                })) => {}
                Err(error) => panic!("append: {error}"),
            }
        };
        self.file.write_all_at(&self.batch.to_le_bytes(), APPLIED).unwrap();
        committed
    }

    fn word(&self, at: u64) -> u64 {
        let mut bytes = [0; 8];
        let _ = self.file.read_exact_at(&mut bytes, at);
        u64::from_le_bytes(bytes)
    }
}

pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

impl Redo for FileRedo {
    fn batch(&self) -> u64 {
        self.batch
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn crc32(&self) -> u32 {
        self.crc32
    }

    fn tally(&self) -> Tally {
        let mut levels = [0; 6];
        levels[2] = self.lines;
        Tally { lines: self.lines, levels, times: Some((day().start_ns(), day().start_ns() + 1)) }
    }

    fn day(&self) -> Day {
        day()
    }

    fn file(&self) -> Option<FileKey> {
        FileKey::from_word(self.word(FILE))
    }

    fn set_file(&self, file: Option<FileKey>) {
        let word = file.map_or(0, FileKey::to_word);
        self.file.write_all_at(&word.to_le_bytes(), FILE).unwrap();
        if let (Some(call), Some(_)) = (&self.on_intent, file) {
            call();
        }
    }
}

/// Finds the redo logs of other writers.
pub(crate) struct FileSegments;

impl Segments for FileSegments {
    fn staged(&self, wanted: &StagedBatch<'_>) -> Option<Vec<u8>> {
        let redo = FileRedo::open(wanted.segment_path)?;
        let fits = redo.inode() == wanted.segment_inode
            && redo.batch == wanted.batch
            && redo.length() == wanted.length
            && redo.crc32 == wanted.crc32;
        fits.then_some(redo.bytes)
    }
}
