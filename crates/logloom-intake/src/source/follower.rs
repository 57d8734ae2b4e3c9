//! A set of paths and directories, followed as their files come, grow, move and go.
//!
//! The caller polls; each poll reads a bounded amount from every file and says when to come back,
//! so that a caller that is slow reads slowly and nothing piles up here. A file that another one
//! replaced is read to its end first, and is watched for a while after, since its writer may
//! still hold it. Files are told apart by device and inode, never by name.
//!
//! What may be lost: lines written to a replaced file that no followed path leads to any more,
//! later than about ten seconds after its last line; lines of a file that was truncated before
//! they were read.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::scan::{Candidate, Scan, looks_binary};
use super::{Change, SourceFile, SourceIdentity, SourceReader, SourceStat, SourceTree};
use crate::Line;

/// Idle looks after which the successor of a replaced file is begun.
const SUCCESSOR_LOOKS: u32 = 2;

/// Idle looks after which a replaced or deleted file is closed: about ten seconds.
const CLOSE_LOOKS: u32 = 40;

/// Where reading begins in files that exist at the first poll and were never read before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// Everything that is there.
    #[default]
    Beginning,
    /// Only what comes from now on.
    End,
}

/// How a [`Follower`] reads.
#[derive(Clone, Debug)]
pub struct FollowOptions {
    /// Where to begin in files without a known position; default the beginning.
    pub start: Start,
    /// Bytes read from one file in one poll; default 256 KiB. More waits for the next poll.
    pub bytes_per_poll_max: usize,
    /// The wait that is advised while lines keep coming; default 50 ms.
    pub wait_min: Duration,
    /// The wait that is advised after silence; default 250 ms.
    pub wait_max: Duration,
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self {
            start: Start::Beginning,
            bytes_per_poll_max: 256 * 1024,
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
    /// Where it was found last; of use to people only.
    pub path: PathBuf,
    /// The position after the last line that is safe.
    pub position: u64,
}

/// One line and where it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedLine {
    /// Number of the source, see [`Follower::source`]. A file that was written anew in place gets
    /// a new number.
    pub source: u32,
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
    /// How long to wait before the next poll; zero while there is more.
    pub wait: Duration,
    /// Files that were cut or written anew in place.
    pub truncated: Vec<PathBuf>,
    /// Paths that could not be read. Each is told once until it changes; all are tried again.
    pub problems: Vec<SourceProblem>,
}

/// Device and inode.
type FileKey = (u64, u64);

fn key_of(stat: SourceStat) -> FileKey {
    (stat.device, stat.inode)
}

struct Open<F> {
    path: PathBuf,
    /// The path this file was first found at, until its successor there was begun.
    place: Option<PathBuf>,
    key: FileKey,
    reader: SourceReader<F>,
    id: Option<u32>,
    /// Looks in a row that found nothing new.
    idle_looks: u32,
    /// Whether a followed path leads to it.
    reachable: bool,
    /// Whether another file was seen where this one was found first.
    is_replaced: bool,
}

/// A file that is no longer open, or was refused.
enum Closed {
    Read { identity: SourceIdentity, position: u64, id: Option<u32> },
    Binary,
}

/// Follows paths and directories.
pub struct Follower<T: SourceTree> {
    tree: T,
    paths: Vec<PathBuf>,
    options: FollowOptions,
    open: Vec<Open<T::File>>,
    known: Vec<KnownSource>,
    closed: HashMap<FileKey, Closed>,
    sources: Vec<KnownSource>,
    told: HashMap<PathBuf, io::ErrorKind>,
    is_first_poll: bool,
    /// Whether the last poll left something unread: looks come too fast then to count as waiting.
    is_busy: bool,
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
        Self {
            known: known.to_vec(),
            closed: HashMap::new(),
            wait: options.wait_min,
            tree,
            paths,
            options,
            open: Vec::new(),
            sources: Vec::new(),
            told: HashMap::new(),
            is_first_poll: true,
            is_busy: false,
        }
    }

    /// The source with this number, its position being that of the last line given.
    #[must_use]
    pub fn source(&self, id: u32) -> Option<&KnownSource> {
        self.sources.get(id as usize)
    }

    /// How many files are open.
    #[must_use]
    pub fn open_files(&self) -> usize {
        self.open.len()
    }

    /// Looks at all paths, reads a bounded amount, gives the lines. Does not wait.
    pub fn poll(&mut self, give: &mut dyn FnMut(FollowedLine)) -> Polled {
        let mut polled = Polled::default();
        let scan = Scan::of(&self.tree, &self.paths);
        let mut problems = scan.problems;
        self.notice_moves(&scan.files);
        for candidate in &scan.files {
            if let Err(error) = self.consider(candidate, &mut polled, give) {
                problems.push((candidate.path.clone(), error));
            }
        }
        for index in 0..self.open.len() {
            if let Err(error) = self.read_one(index, &mut polled, give) {
                problems.push((self.open[index].path.clone(), error));
            }
        }
        self.close_finished(&mut polled, give);
        self.tell(problems, &mut polled);
        self.advise_wait(&mut polled);
        self.is_first_poll = false;
        polled
    }

    /// Gives the unfinished last lines of all files; for readers that stop at the end. A follower
    /// that will start again must not ask for them: their rest may still be written.
    pub fn finish(&mut self, give: &mut dyn FnMut(FollowedLine)) {
        for open in &mut self.open {
            finish_open(open, &mut self.sources, give);
        }
    }

    /// Updates the paths of open files and whether any path leads to them.
    fn notice_moves(&mut self, files: &[Candidate]) {
        let found: HashMap<FileKey, &Path> =
            files.iter().map(|file| (key_of(file.stat), file.path.as_path())).collect();
        for open in &mut self.open {
            let path = found.get(&open.key);
            if open.reachable && path.is_none() {
                open.idle_looks = 0;
            }
            open.reachable = path.is_some();
            if let Some(path) = path.filter(|path| **path != open.path) {
                open.path = path.to_path_buf();
            }
        }
    }

    /// Opens a file that is new, or that has grown since it was closed.
    fn consider(
        &mut self,
        candidate: &Candidate,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine),
    ) -> io::Result<()> {
        let key = key_of(candidate.stat);
        let size = candidate.stat.size;
        if self.open.iter().any(|open| open.key == key) {
            return Ok(());
        }
        let unchanged = match self.closed.get(&key) {
            Some(Closed::Read { position, identity, .. }) => {
                *position == size && identity.is_complete()
            }
            Some(Closed::Binary) => true,
            None => false,
        };
        if unchanged || !self.predecessor_is_done(&candidate.path, polled, give) {
            return Ok(());
        }
        self.open_file(candidate)
    }

    /// Whether the file that stood at this path before was read to its end.
    fn predecessor_is_done(
        &mut self,
        path: &Path,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine),
    ) -> bool {
        let before = self.open.iter_mut().find(|open| open.place.as_deref() == Some(path));
        let Some(before) = before else { return true };
        if !before.is_replaced {
            // What it was before it was replaced says nothing of what its writer still wrote.
            before.is_replaced = true;
            before.idle_looks = 0;
        }
        if before.idle_looks < SUCCESSOR_LOOKS {
            return false;
        }
        before.place = None;
        polled.lines += finish_open(before, &mut self.sources, give);
        true
    }

    fn open_file(&mut self, candidate: &Candidate) -> io::Result<()> {
        let file = self.tree.open(&candidate.path)?;
        let stat = file.stat()?;
        if !self.paths.contains(&candidate.path) && looks_binary(&file)? {
            self.closed.insert(key_of(stat), Closed::Binary);
            return Ok(());
        }
        let (position, id) = self.resume_at(&file, stat)?;
        self.open.push(Open {
            path: candidate.path.clone(),
            place: Some(candidate.path.clone()),
            key: key_of(stat),
            reader: SourceReader::new(file, position)?,
            id,
            idle_looks: 0,
            reachable: true,
            is_replaced: false,
        });
        Ok(())
    }

    /// The position to read a file from, and the number it had when it was open before.
    fn resume_at(&mut self, file: &T::File, stat: SourceStat) -> io::Result<(u64, Option<u32>)> {
        if let Some(Closed::Read { identity, position, id }) = self.closed.remove(&key_of(stat)) {
            let is_same = position <= stat.size && identity.is(file)?;
            return Ok(if is_same { (position, id) } else { (0, None) });
        }
        // A file that was written anew in place may be known several times, once for each life.
        let mut position = None;
        let mut is_known = false;
        for known in &self.known {
            let identity = known.identity;
            if (identity.device, identity.inode) == key_of(stat) {
                is_known = true;
                if known.position <= stat.size && identity.is(file)? {
                    position = position.max(Some(known.position));
                }
            }
        }
        let is_history = self.is_first_poll && self.options.start == Start::End && !is_known;
        Ok((if is_history { stat.size } else { position.unwrap_or(0) }, None))
    }

    fn read_one(
        &mut self,
        index: usize,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine),
    ) -> io::Result<()> {
        let bytes_max = self.options.bytes_per_poll_max;
        let Self { open, sources, .. } = self;
        let open = &mut open[index];
        let Open { reader, id, path, .. } = open;
        let mut lines = 0;
        let before = reader.identity();
        let change = reader.look(&mut |line| {
            lines += 1;
            hand_on(line, id, before, path, sources, give);
        })?;
        let identity = reader.identity();
        if change == Change::Truncated {
            *id = None;
            polled.truncated.push(path.clone());
        }
        let read = reader.read(bytes_max, &mut |line| {
            lines += 1;
            hand_on(line, id, identity, path, sources, give);
        })?;
        let idle = u32::from(!self.is_busy);
        open.idle_looks = if read > 0 { 0 } else { open.idle_looks.saturating_add(idle) };
        polled.more |= read == bytes_max;
        polled.bytes += read as u64;
        polled.lines += lines;
        Ok(())
    }

    /// Closes files that no path leads to and that were silent for a while.
    fn close_finished(&mut self, polled: &mut Polled, give: &mut dyn FnMut(FollowedLine)) {
        let Self { open, closed, sources, .. } = self;
        open.retain_mut(|open| {
            if open.reachable || open.idle_looks < CLOSE_LOOKS {
                return true;
            }
            polled.lines += finish_open(open, sources, give);
            let (identity, position) = (open.reader.identity(), open.reader.position());
            closed.insert(open.key, Closed::Read { identity, position, id: open.id });
            false
        });
    }

    fn tell(&mut self, problems: Vec<(PathBuf, io::Error)>, polled: &mut Polled) {
        self.told.retain(|path, _| problems.iter().any(|(problem, _)| problem == path));
        for (path, error) in problems {
            if self.told.insert(path.clone(), error.kind()) != Some(error.kind()) {
                polled.problems.push(SourceProblem { path, error });
            }
        }
    }

    fn advise_wait(&mut self, polled: &mut Polled) {
        self.wait = match polled.lines {
            0 => (self.wait * 3 / 2).clamp(self.options.wait_min, self.options.wait_max),
            _ => self.options.wait_min,
        };
        self.is_busy = polled.more;
        polled.wait = if polled.more { Duration::ZERO } else { self.wait };
    }
}

/// Gives the unfinished last line of a file, if there is one; gives how many lines that were.
fn finish_open<F: SourceFile>(
    open: &mut Open<F>,
    sources: &mut Vec<KnownSource>,
    give: &mut dyn FnMut(FollowedLine),
) -> u64 {
    let Some(line) = open.reader.finish() else { return 0 };
    let identity = open.reader.identity();
    hand_on(line, &mut open.id, identity, &open.path, sources, give);
    1
}

/// Gives a line under the number of its source, which is made with the first line: only then does
/// the file hold the bytes that tell it from others.
fn hand_on(
    line: Line,
    id: &mut Option<u32>,
    identity: SourceIdentity,
    path: &Path,
    sources: &mut Vec<KnownSource>,
    give: &mut dyn FnMut(FollowedLine),
) {
    let number = *id.get_or_insert_with(|| {
        sources.push(KnownSource { identity, path: path.to_owned(), position: 0 });
        (sources.len() - 1) as u32
    });
    sources[number as usize].position = line.end;
    give(FollowedLine { source: number, line });
}

#[cfg(test)]
mod tests;
