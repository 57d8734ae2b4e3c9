//! A set of paths, directories and patterns, followed as their files come, grow, move and go.
//!
//! The caller polls and says what time it is; each poll reads a bounded amount and says when to
//! come back, so that a caller that is slow reads slowly and nothing piles up here. Files are told
//! apart by device and inode, never by name; only so many are open at a time. A file that another
//! one replaced is read to its end first, and is watched for a while after, since its writer may
//! still hold it. A file that was copied before it was cut, or packed before it was read, is read
//! on in the copy from where reading had come to. A file that got another name while nobody followed is
//! found in its directory, and so is a generation that came and was replaced meanwhile.
//!
//! What may be lost: lines written to a replaced file that no followed path leads to any more,
//! later than half a minute after its last line; files that left their directory, or were removed or
//! packed, before anybody saw them; lines of a file that was cut before they were read
//! and before they were copied; files that come and go between two looks where the file system
//! tells of no changes.

mod arrange;
mod beside;
mod copies;
mod read;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::family::family;
use super::scan::Scope;
use super::{FileKey, News, SourceIdentity, SourceTree};
use crate::{Ansi, Line};
use copies::Copies;
use table::Table;

/// How long a replaced file has to be silent before its successor is begun.
const SUCCESSOR_NS: i64 = 100_000_000;

/// How long a file that no path leads to has to be silent before it is closed.
const CLOSE_NS: i64 = 30_000_000_000;

/// Time between two looks at files that no path leads to, and at successors that wait.
const LEAVING_NS: i64 = 50_000_000;

/// Time between two full looks where every change is told.
const RESCAN_NS: i64 = 5_000_000_000;

/// Least time between two full looks, for each file: a look costs a few microseconds a file.
const RESCAN_FILE_NS: i64 = 50_000;

/// Bytes that one poll reads of all files together.
const POLL_BYTES_MAX: u64 = 8 << 20;

/// Where reading begins in files that exist at the first poll and were never read before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// Everything that is there.
    #[default]
    Beginning,
    /// Only what comes from now on.
    End,
}

/// What becomes of symbolic links. A path that is given by its name is followed either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    /// Links to files are followed, wherever they lead; links to directories only as part of a
    /// pattern without `**`.
    #[default]
    Follow,
    /// Links below directories and among the files of a pattern are left out.
    Skip,
}

/// How a [`Follower`] reads.
#[derive(Clone, Debug)]
pub struct FollowOptions {
    /// Where to begin in files without a known position; default the beginning.
    pub start: Start,
    /// What becomes of symbolic links; default they are followed.
    pub links: Links,
    /// Whether gzip files are read as well, once, from their start; default no. Those that continue
    /// a file that was followed are read in any case.
    pub with_packed: bool,
    /// Bytes read from one file in one poll; default 256 KiB. More waits for the next poll.
    pub bytes_per_poll_max: usize,
    /// Files that are open at a time; default 512. Files that were removed stay open beyond that
    /// until they are read.
    pub open_files_max: usize,
    /// Files that are followed at a time; default 12,000. The others are left out and told of.
    pub files_max: usize,
    /// What becomes of escape sequences; default they are taken out.
    pub ansi: Ansi,
    /// The wait that is advised while lines keep coming and changes are not told; default 50 ms.
    pub wait_min: Duration,
    /// The wait that is advised after silence where changes are not told; default 250 ms.
    pub wait_max: Duration,
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self {
            start: Start::Beginning,
            links: Links::Follow,
            with_packed: false,
            bytes_per_poll_max: 256 * 1024,
            open_files_max: 512,
            files_max: 12_000,
            ansi: Ansi::default(),
            wait_min: Duration::from_millis(50),
            wait_max: Duration::from_millis(250),
        }
    }
}

/// A file that was read before, and how far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSource {
    /// Which file.
    pub identity: SourceIdentity,
    /// Where it was found last; also tells which files may be copies of it.
    pub path: PathBuf,
    /// The position after the last line that is safe.
    pub position: u64,
}

/// One line and where it was read.
#[derive(Debug)]
pub struct FollowedLine<'a> {
    /// Number of the source. A file that was written anew in place gets a new number, and numbers
    /// are not used again.
    pub number: u32,
    /// The source, its position being that behind this line. Its identity tells more once the file
    /// has grown: whoever keeps positions keeps the latter ones under the latter identity.
    pub source: &'a KnownSource,
    /// When the file was last written, nanoseconds since 1970.
    pub written_ns: i64,
    /// With the first line of a file that is gone on with: lines that stand before it and may begin a
    /// private key, for [`crate::Stream::begin_behind`]. Mostly none.
    pub before: Box<[Line]>,
    /// The line; `line.end` is the position to resume at once it is safe.
    pub line: Line,
}

/// A path that could not be read.
#[derive(Debug)]
pub struct SourceProblem {
    /// The path.
    pub path: PathBuf,
    /// Why not.
    pub error: io::Error,
}

/// What one poll did.
#[derive(Debug, Default)]
pub struct Polled {
    /// Lines that were given.
    pub lines: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Whether some file holds more already.
    pub more: bool,
    /// How long to wait before the next poll; zero while there is more. News of the file system
    /// are a reason to come sooner.
    pub wait: Duration,
    /// Files that were cut or written anew in place.
    pub truncated: Vec<PathBuf>,
    /// Files of which only what comes from now on is read ([`Start::End`], and generations from before
    /// their log was followed), with the positions that reading begins at. Whoever keeps positions keeps these too, so that the next run goes on there
    /// even if no line comes.
    pub left_out: Vec<KnownSource>,
    /// Paths and patterns that were given and lead to no file yet; told at the first poll alone.
    pub missing: Vec<PathBuf>,
    /// Files that look binary and are left out; each is told once. Name them to have them read.
    pub binary: Vec<PathBuf>,
    /// Paths that could not be read. Each is told once until it changes; all are tried again.
    pub problems: Vec<SourceProblem>,
    /// Numbers of sources that hold more already: what waits for further lines of theirs goes on
    /// waiting.
    pub behind: Vec<u32>,
    /// Numbers of sources that nothing more will come from.
    pub finished: Vec<u32>,
}

/// Follows paths, directories and patterns.
pub struct Follower<T: SourceTree> {
    tree: T,
    scope: Scope,
    options: FollowOptions,
    table: Table<T::File>,
    copies: Copies,
    /// Files that were read before, in this run or an earlier one.
    known: HashMap<FileKey, Vec<KnownSource>>,
    /// Logs of which some generation was followed in an earlier run.
    logs: HashSet<PathBuf>,
    sources: BTreeMap<u32, KnownSource>,
    next_number: u32,
    told: HashMap<PathBuf, io::ErrorKind>,
    watched: HashSet<PathBuf>,
    /// Where files stand that were made and got another name before they were seen.
    strays: HashSet<PathBuf>,
    rhythm: Rhythm,
    buffer: Vec<u8>,
}

/// When to look at everything.
struct Rhythm {
    is_first: bool,
    /// Whether something was created, moved or removed since the last full look.
    is_arranged: bool,
    /// Whether every change is told.
    is_told: bool,
    /// Whether something may have happened that nobody told of.
    is_beside_due: bool,
    scanned_ns: i64,
    wait: Duration,
}

impl<T: SourceTree> Follower<T> {
    /// Follows these paths; `known` are the files of earlier runs with their safe positions.
    /// Nothing is opened before the first poll.
    pub fn new(
        tree: T,
        paths: Vec<PathBuf>,
        known: &[KnownSource],
        options: FollowOptions,
    ) -> Self {
        let mut by_key: HashMap<FileKey, Vec<KnownSource>> = HashMap::new();
        for source in known {
            let key = (source.identity.device, source.identity.inode);
            by_key.entry(key).or_default().push(source.clone());
        }
        let rhythm = Rhythm {
            is_first: true,
            is_arranged: false,
            is_told: false,
            is_beside_due: true,
            scanned_ns: 0,
            wait: options.wait_min,
        };
        Self {
            scope: Scope::new(paths, options.links, options.with_packed, options.files_max),
            table: Table::new(options.open_files_max),
            copies: Copies::default(),
            known: by_key,
            logs: known.iter().map(|source| family(&source.path)).collect(),
            tree,
            options,
            sources: BTreeMap::new(),
            next_number: 0,
            told: HashMap::new(),
            watched: HashSet::new(),
            strays: HashSet::new(),
            rhythm,
            buffer: vec![0; read::BUFFER_BYTES],
        }
    }

    /// The file system that is read.
    pub fn tree(&self) -> &T {
        &self.tree
    }

    /// Whether a file of this path would be followed.
    #[must_use]
    pub fn holds(&self, path: &Path) -> bool {
        self.scope.holds(path)
    }

    /// How many files are open.
    #[must_use]
    pub fn open_files(&self) -> usize {
        self.table.open_files()
    }

    /// How many files are followed.
    #[must_use]
    pub fn files(&self) -> usize {
        self.table.len()
    }

    /// Takes the news, looks at what changed, reads a bounded amount, gives the lines. Does not
    /// wait. `now_ns` is the time of any clock that goes forward.
    pub fn poll(&mut self, now_ns: i64, give: &mut dyn FnMut(FollowedLine<'_>)) -> Polled {
        let mut polled = Polled::default();
        self.take_news(now_ns);
        if self.scan_is_due(now_ns) {
            self.look_at_everything(now_ns, &mut polled, give);
        }
        self.take_strays(now_ns, &mut polled);
        self.read_dirty(now_ns, &mut polled, give);
        self.look_after_leavers(now_ns, &mut polled, give);
        self.advise_wait(now_ns, &mut polled);
        polled
    }

    /// Gives the unfinished last lines of all files; for readers that stop at the end. A follower
    /// that will start again must not ask for them: their rest may still be written.
    pub fn finish(&mut self, give: &mut dyn FnMut(FollowedLine<'_>)) {
        let mut polled = Polled::default();
        for key in self.table.keys() {
            self.finish_line(key, &mut polled, give);
        }
    }

    fn take_news(&mut self, now_ns: i64) {
        for news in self.tree.news() {
            match news {
                News::Written(path) => self.table.mark_path(&path),
                News::Moved { from, to } => self.note_move(from, to),
                News::Arranged => self.rhythm.is_arranged = true,
                News::Missed => {
                    self.rhythm.is_arranged = true;
                    self.rhythm.is_beside_due = true;
                    self.table.keys().into_iter().for_each(|key| self.table.mark(key));
                }
            }
        }
        let leavers = self.table.leavers();
        let wait = LEAVING_NS.max(leavers.len() as i64 * LEAVING_NS / 50);
        for key in leavers {
            let is_due = self.table.get(key).is_some_and(|file| now_ns - file.looked_ns >= wait);
            if is_due {
                self.table.mark(key);
            }
        }
    }

    fn note_move(&mut self, from: PathBuf, to: PathBuf) {
        let is_stray = self.strays.remove(&from);
        if is_stray || !self.table.rename(&from, &to) && self.scope.holds(&from) {
            self.strays.insert(to);
        }
    }

    fn scan_is_due(&self, now_ns: i64) -> bool {
        let Rhythm { is_first, is_arranged, is_told, scanned_ns, wait, .. } = self.rhythm;
        let least = (self.table.len() as i64).saturating_mul(RESCAN_FILE_NS);
        let wait = match (is_arranged, is_told) {
            (true, _) => least,
            (false, true) => RESCAN_NS,
            (false, false) => least.max(wait.as_nanos() as i64),
        };
        // A clock that went back is a reason to look.
        is_first || !(0..wait).contains(&(now_ns - scanned_ns))
    }

    fn tell(&mut self, path: &Path, error: io::Error, polled: &mut Polled) {
        if self.told.insert(path.to_owned(), error.kind()) != Some(error.kind()) {
            polled.problems.push(SourceProblem { path: path.to_owned(), error });
        }
    }

    fn advise_wait(&mut self, now_ns: i64, polled: &mut Polled) {
        let rhythm = &mut self.rhythm;
        rhythm.wait = match polled.lines {
            0 => (rhythm.wait * 3 / 2).clamp(self.options.wait_min, self.options.wait_max),
            _ => self.options.wait_min,
        };
        polled.behind = self.table.dirty_numbers();
        polled.more = self.table.has_dirty();
        if polled.more {
            return;
        }
        let least = (self.table.len() as i64).saturating_mul(RESCAN_FILE_NS);
        let until_scan = |wait: i64| (rhythm.scanned_ns + wait - now_ns).max(1_000_000);
        let mut wait_ns = match (rhythm.is_arranged, rhythm.is_told) {
            (true, _) => until_scan(least),
            (false, true) => until_scan(RESCAN_NS),
            (false, false) => rhythm.wait.as_nanos() as i64,
        };
        if self.table.has_leavers() || self.copies.is_waiting() {
            wait_ns = wait_ns.min(LEAVING_NS);
        }
        polled.wait = Duration::from_nanos(wait_ns.unsigned_abs());
    }
}
