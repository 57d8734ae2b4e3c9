//! The acknowledgements: what each thread was about to log and what has been accepted, in a small
//! file that outlives the thread's process and is no part of the log.
//!
//! Two numbers a thread, each written by one `pwrite` of 8 bytes: `begun` before a run of calls,
//! `returned` after the last of them has returned. A kill leaves at most the calls between the two
//! open: they may be in the log or not.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::{Outcome, failed};

const ENTRY: u64 = 16;

/// One process's acknowledgements.
pub(crate) struct Board {
    file: File,
}

/// What one thread has written down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Number of the last record whose call may have begun.
    pub(crate) begun: u64,
    /// Number of the last record whose call has returned.
    pub(crate) returned: u64,
}

impl Board {
    /// Opens the board at `path`, made when missing.
    pub(crate) fn open(path: &Path) -> Outcome<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let doing = format!("open {}", path.display());
        Ok(Self { file: options.open(path).map_err(failed(&doing))? })
    }

    /// The calls up to `number` begin now.
    pub(crate) fn begin(&self, thread: u64, number: u64) -> Outcome<()> {
        self.put(thread * ENTRY, number)
    }

    /// The calls up to `number` have returned.
    pub(crate) fn returned(&self, thread: u64, number: u64) -> Outcome<()> {
        self.put(thread * ENTRY + 8, number)
    }

    fn put(&self, at: u64, number: u64) -> Outcome<()> {
        let written = self.file.write_all_at(&number.to_le_bytes(), at);
        written.map_err(failed("write an acknowledgement"))
    }

    /// The entries of `threads` threads; zero where a thread has written nothing.
    pub(crate) fn read(&self, threads: u64) -> Vec<Entry> {
        (0..threads)
            .map(|thread| Entry {
                begun: self.get(thread * ENTRY),
                returned: self.get(thread * ENTRY + 8),
            })
            .collect()
    }

    /// All records of all threads that have been accepted.
    pub(crate) fn accepted(&self, threads: u64) -> u64 {
        self.read(threads).iter().map(|entry| entry.returned).sum()
    }

    fn get(&self, at: u64) -> u64 {
        let mut bytes = [0; 8];
        match self.file.read_exact_at(&mut bytes, at) {
            Ok(()) => u64::from_le_bytes(bytes),
            Err(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_by_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board");
        let board = Board::open(&path).unwrap();
        board.begin(1, 7).unwrap();
        board.returned(1, 6).unwrap();
        let read = Board::open(&path).unwrap().read(3);
        let nothing = Entry::default();
        assert_eq!(read, [nothing, Entry { begun: 7, returned: 6 }, nothing]);
    }
}
