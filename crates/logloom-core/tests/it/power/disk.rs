//! What the device has of some files: each page as it was when it was written back last.

use std::fs::{File, OpenOptions};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

pub(super) const PAGE: usize = 4096;

/// Numbers by a seed.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit.max(1)
    }

    pub(super) fn one_of(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

/// Pages of a segment that change: header, control, rings' table, intents and staging of small batches,
/// rings. And those of a catalogue with a few files and one writer.
const SEGMENT_PAGES: &[Range<usize>] = &[0..3, 122..125, 130..133, 266..272, 602..608, 938..960];
const HEAD_PAGES: &[Range<usize>] = &[0..5, 1026..1027];
const DAY_PAGES: &[Range<usize>] = &[0..500, 500..1000];

/// One file and what the device has of it.
pub(super) struct Kept {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    pages: &'static [Range<usize>],
}

impl Kept {
    /// All of the file as it is now.
    fn whole(path: &Path, pages: &'static [Range<usize>]) -> Self {
        Self { path: path.to_owned(), bytes: std::fs::read(path).unwrap(), pages }
    }

    /// Writes some pages back: one of `many`, each as it is now.
    pub(super) fn write_back(&mut self, random: &mut Random, many: u64) {
        let file = File::open(&self.path).unwrap();
        let mut page = [0; PAGE];
        for number in self.pages.iter().cloned().flatten() {
            let start = number * PAGE;
            let length = file.read_at(&mut page, start as u64).unwrap();
            if length == 0 {
                continue;
            }
            let (page, end) = (&page[..length], start + length);
            let is_same = self.bytes.get(start..end) == Some(page);
            if !is_same && random.one_of(many) {
                // What lies before and is not written back yet is a hole.
                self.bytes.resize(self.bytes.len().max(end), 0);
                self.bytes[start..end].copy_from_slice(page);
            }
        }
    }

    /// The power is back: the file is what the device has.
    fn restore(&self) {
        let file = OpenOptions::new().write(true).open(&self.path).unwrap();
        file.set_len(self.bytes.len() as u64).unwrap();
        for number in self.pages.iter().cloned().flatten() {
            let start = number * PAGE;
            let end = (start + PAGE).min(self.bytes.len());
            if start < end {
                file.write_all_at(&self.bytes[start..end], start as u64).unwrap();
            }
        }
    }
}

/// Everything of a log directory that a power loss can make older than it was.
pub(super) struct Disk {
    pub(super) segment: Kept,
    head: Kept,
    days: Vec<Kept>,
    log: PathBuf,
    pub(super) random: Random,
}

impl Disk {
    pub(super) fn new(log: &Path, segment: &Path, seed: u64) -> Self {
        let segment = Kept::whole(segment, SEGMENT_PAGES);
        let head = Kept::whole(&log.join(".logloom/head"), HEAD_PAGES);
        Self { segment, head, days: Vec::new(), log: log.to_owned(), random: Random(seed) }
    }

    /// Some pages of some files are written back.
    pub(super) fn write_back(&mut self) {
        self.find_days();
        let many = 1 + self.random.below(6);
        if self.random.one_of(2) {
            self.segment.write_back(&mut self.random, many);
        }
        if self.random.one_of(2) {
            self.head.write_back(&mut self.random, many);
        }
        for day in &mut self.days {
            if self.random.one_of(2) {
                day.write_back(&mut self.random, many);
            }
        }
    }

    /// All is written back.
    pub(super) fn write_all_back(&mut self) {
        self.find_days();
        self.segment.write_back(&mut self.random, 1);
        self.head.write_back(&mut self.random, 1);
        self.days.iter_mut().for_each(|day| day.write_back(&mut self.random, 1));
    }

    fn find_days(&mut self) {
        for name in day_files(&self.log) {
            if !self.days.iter().any(|day| day.path == name) {
                self.days.push(Kept { path: name, bytes: Vec::new(), pages: DAY_PAGES });
            }
        }
    }

    pub(super) fn restore(&mut self) {
        self.find_days();
        self.segment.restore();
        self.head.restore();
        self.days.iter().for_each(Kept::restore);
    }
}

pub(super) fn day_files(log: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(log).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect()
}

/// A file for reading and writing beside its mapping.
pub(super) fn open(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}
