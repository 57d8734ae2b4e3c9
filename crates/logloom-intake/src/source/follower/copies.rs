//! Files that are copies of others: made before the original is cut, or packed after it was read
//! in part.
//!
//! Takes a new file that is a generation of a followed log by its name, says by content whether it
//! is a copy; takes the former life of a file that was cut or is gone, and has it read on in its
//! copy from where reading had come to. A copy of a file that is still read is left alone: whatever
//! it holds is read in the original.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use super::table::State;
use super::{FollowedLine, Follower, KnownSource, Polled};
use crate::source::family::{family, is_gzip};
use crate::source::scan::{Candidate, Scan};
use crate::source::{FileKey, Found, SourceFile, SourceIdentity, SourceTree};

/// Bytes at the beginning and the end of a copy that are compared.
const SAMPLE_BYTES: usize = 256;

/// A file as it was, and how far it was read.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) identity: SourceIdentity,
    pub(super) position: u64,
    pub(super) path: PathBuf,
}

/// What a new file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Original,
    /// Everything in it stands in a file that is followed, or may soon.
    Copy,
}

/// Files that are left alone because they are copies, with how much of each is known to be one.
#[derive(Debug, Default)]
pub(super) struct Copies {
    verified: HashMap<FileKey, u64>,
    /// Packed files as they were at the last look: one that still grows is left alone.
    packed: HashMap<FileKey, (u64, i64)>,
    /// Files that were read to their end in an earlier run and stand where no path leads to.
    elsewhere: HashMap<FileKey, PathBuf>,
    is_waiting: bool,
}

impl Copies {
    pub(super) fn begin_look(&mut self) {
        self.is_waiting = false;
    }

    /// A file that was read to its end stands at this path, which is not followed.
    pub(super) fn note_elsewhere(&mut self, key: FileKey, path: PathBuf) {
        self.elsewhere.insert(key, path);
    }

    /// The look is over.
    pub(super) fn end_look(&mut self) {
        self.elsewhere.clear();
    }

    /// Something has to be looked at again soon.
    pub(super) fn wait(&mut self) {
        self.is_waiting = true;
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// Whether a packed file is as it was at the last look.
    fn is_settled(&mut self, candidate: &Candidate) -> bool {
        let seen = (candidate.stat.size, candidate.stat.written_ns);
        let is_settled = self.packed.insert(candidate.stat.key(), seen) == Some(seen);
        self.is_waiting |= !is_settled;
        is_settled
    }
}

impl<T: SourceTree> Follower<T> {
    /// Whether a new file is a copy of one that is followed.
    pub(super) fn judge(
        &mut self,
        candidate: &Candidate,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) -> io::Result<Verdict> {
        let key = candidate.stat.key();
        let log = family(&candidate.path);
        if candidate.is_packed {
            return self.judge_packed(candidate, now_ns);
        }
        if log == candidate.path {
            return Ok(Verdict::Original);
        }
        if self.known.contains_key(&key)
            && self.is_known(key, &self.tree.open(&candidate.path)?, None)?
        {
            return Ok(Verdict::Original);
        }
        let verified = self.copies.verified.get(&key).copied();
        let original = self.table.at_path(&log).filter(|original| self.is_read(*original));
        let Some(original) = original else {
            return self.judge_orphan(candidate, verified, now_ns);
        };
        if verified.is_none() && self.rhythm.is_first && !self.known.contains_key(&original) {
            return self.judge_orphan(candidate, None, now_ns);
        }
        if !self.ensure_open(original, now_ns, polled, give)? {
            self.copies.wait();
            return Ok(Verdict::Copy);
        }
        if self.is_prefix(candidate, original)? {
            self.copies.verified.insert(key, candidate.stat.size);
            return Ok(Verdict::Copy);
        }
        if self.was_cut(original)? {
            // Its copy is asked for once that was noticed.
            self.table.mark(original);
            self.rhythm.is_arranged = true;
            return Ok(Verdict::Copy);
        }
        self.judge_orphan(candidate, verified, now_ns)
    }

    /// A packed file holds what was read before it was packed, or is read still.
    fn judge_packed(&mut self, candidate: &Candidate, now_ns: i64) -> io::Result<Verdict> {
        if !self.copies.is_settled(candidate) {
            self.rhythm.is_arranged = true;
            return Ok(Verdict::Copy);
        }
        let key = candidate.stat.key();
        let file = self.tree.open_packed(&candidate.path)?;
        if self.is_known(key, &file, None)? {
            return Ok(Verdict::Original);
        }
        for life in self.table.lives() {
            if is_copy_of(&life, &file)? {
                return Ok(Verdict::Copy);
            }
        }
        let mut reached = None;
        for known in self.known.values().flatten() {
            let KnownSource { identity, position, path } = known.clone();
            if is_copy_of(&Life { identity, position, path }, &file)? {
                reached = reached.max(Some(position));
            }
        }
        let Some(reached) = reached else { return Ok(Verdict::Original) };
        self.track(candidate, file, reached, now_ns)?;
        Ok(Verdict::Copy)
    }

    /// Whether this very file was read before, other than as this life; a number alone may be used
    /// again, and is, by what packs a file.
    fn is_known(&self, key: FileKey, file: &T::File, but: Option<&Life>) -> io::Result<bool> {
        for life in self.known.get(&key).map(Vec::as_slice).unwrap_or_default() {
            let is_other = but.is_none_or(|but| but.identity != life.identity);
            if is_other && life.identity.is(file)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_read(&self, key: FileKey) -> bool {
        self.table.get(key).is_some_and(|file| file.state == State::Followed)
    }

    /// What was a copy of a file that is gone goes on behind what is known to be one.
    fn judge_orphan(
        &mut self,
        candidate: &Candidate,
        verified: Option<u64>,
        now_ns: i64,
    ) -> io::Result<Verdict> {
        match verified.or(self.reached_before(candidate)?) {
            None => Ok(Verdict::Original),
            Some(size) if size >= candidate.stat.size => Ok(Verdict::Copy),
            Some(size) => {
                let file = self.tree.open(&candidate.path)?;
                self.track(candidate, file, size, now_ns)?;
                Ok(Verdict::Copy)
            }
        }
    }

    /// How far a copy was read in a file that is gone or was cut.
    fn reached_before(&self, candidate: &Candidate) -> io::Result<Option<u64>> {
        let log = family(&candidate.path);
        let lives = self.known.values().flatten();
        let mut lives = lives.filter(|known| family(&known.path) == log).peekable();
        if lives.peek().is_none() {
            return Ok(None);
        }
        let file = self.tree.open(&candidate.path)?;
        let mut reached = None;
        for KnownSource { identity, position, path } in lives {
            let (identity, position, path) = (*identity, *position, path.clone());
            let life = Life { identity, position, path };
            if is_copy_of(&life, &file)? && !self.is_refuted(&life, candidate, &file)? {
                reached = reached.max(Some(position));
            }
        }
        Ok(reached)
    }

    /// Whether the file of this life is still there and differs from the candidate before the place that
    /// reading had come to: many logs begin alike.
    fn is_refuted(&self, life: &Life, candidate: &Candidate, file: &T::File) -> io::Result<bool> {
        let end = life.position.min(candidate.stat.size);
        let length = SAMPLE_BYTES.min(usize::try_from(end).unwrap_or(usize::MAX));
        let start = end - length as u64;
        let own = self.with_file_of(&life.identity, |own| sample(own, start, length));
        Ok(own.transpose()?.is_some_and(|own| sample(file, start, length).ok() != Some(own)))
    }

    /// Looks into the file of this identity, where it is still there and not among those that are looked
    /// at.
    fn with_file_of<R>(
        &self,
        identity: &SourceIdentity,
        look: impl FnOnce(&T::File) -> io::Result<R>,
    ) -> Option<io::Result<R>> {
        let key = (identity.device, identity.inode);
        let reader = self.table.get(key).and_then(|file| file.reader.as_ref());
        let opened = match (reader, self.copies.elsewhere.get(&key)) {
            (None, Some(path)) => self.tree.open(path).ok(),
            _ => None,
        };
        let file = reader.map(|reader| reader.file()).or(opened.as_ref())?;
        identity.is(file).unwrap_or(false).then(|| look(file))
    }

    /// Whether all of the candidate stands at the beginning of the original, as far as samples of
    /// its head and its end tell.
    pub(super) fn is_prefix(&self, candidate: &Candidate, original: FileKey) -> io::Result<bool> {
        let Some(reader) = self.table.get(original).and_then(|file| file.reader.as_ref()) else {
            return Ok(false);
        };
        let size = candidate.stat.size;
        if size == 0 {
            return Ok(true);
        }
        if size > reader.stat()?.size {
            return Ok(false);
        }
        let copy = self.tree.open(&candidate.path)?;
        let last = size.saturating_sub(SAMPLE_BYTES as u64);
        for position in [0, last] {
            let length = SAMPLE_BYTES.min((size - position) as usize);
            if sample(&copy, position, length)? != sample(reader.file(), position, length)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn was_cut(&self, key: FileKey) -> io::Result<bool> {
        let Some(reader) = self.table.get(key).and_then(|file| file.reader.as_ref()) else {
            return Ok(false);
        };
        let is_short = reader.stat()?.size < reader.position();
        Ok(is_short || !reader.identity().still_begins(reader.file())?)
    }

    /// Has a former life read on in a copy of it. `false` where there is none.
    pub(super) fn go_on_in_copy(&mut self, life: &Life, now_ns: i64, polled: &mut Polled) -> bool {
        let log = family(&life.path);
        let directory = life.path.parent().unwrap_or(&life.path).to_owned();
        let mut generations = Vec::new();
        // A directory that cannot be listed holds no copy that could be read.
        let _ = self.tree.list(&directory, &mut |entry| {
            if family(&entry.path) == log {
                generations.push(entry.path);
            }
            true
        });
        generations.sort();
        self.go_on_in_one_of(life, &generations, now_ns, polled)
    }

    fn go_on_in_one_of(
        &mut self,
        life: &Life,
        generations: &[PathBuf],
        now_ns: i64,
        polled: &mut Polled,
    ) -> bool {
        let mut others = generations.iter().filter(|path| **path != life.path);
        others.any(|path| match self.try_copy(life, path, now_ns) {
            Ok(is_copy) => is_copy,
            Err(error) => {
                self.tell(path, error, polled);
                false
            }
        })
    }

    fn try_copy(&mut self, life: &Life, path: &Path, now_ns: i64) -> io::Result<bool> {
        let Some(Found::File(stat)) = self.tree.look(path)? else { return Ok(false) };
        let key = stat.key();
        if self.table.get(key).is_some() {
            return Ok(false);
        }
        let is_packed = is_gzip(path);
        let file = if is_packed { self.tree.open_packed(path)? } else { self.tree.open(path)? };
        if self.is_known(key, &file, Some(life))? || !is_copy_of(life, &file)? {
            return Ok(false);
        }
        let reached = if is_packed { life.position } else { life.position.min(stat.size) };
        self.copies.verified.remove(&key);
        // A packed file that ends where reading had come to has nothing more to give.
        if is_packed && file.read_at(&mut [0], reached)? == 0 {
            return Ok(true);
        }
        let candidate = Candidate { path: path.to_owned(), stat, is_link: false, is_packed };
        self.track(&candidate, file, reached, now_ns)?;
        if !self.scope.holds(path) {
            self.table.set_state(key, State::Leaving);
        }
        Ok(true)
    }

    /// Files of earlier runs that are gone or were cut meanwhile.
    pub(super) fn go_on_in_copies_of_lost(
        &mut self,
        scan: &Scan,
        now_ns: i64,
        polled: &mut Polled,
    ) {
        let lost = self.lost_lives(scan);
        if lost.is_empty() {
            return;
        }
        let mut generations: HashMap<PathBuf, Vec<PathBuf>> =
            lost.iter().map(|life| (family(&life.path), Vec::new())).collect();
        for directory in &scan.directories {
            // A directory that cannot be listed was told of by the look itself.
            let _ = self.tree.list(directory, &mut |entry| {
                if let Some(paths) = generations.get_mut(&family(&entry.path)) {
                    paths.push(entry.path);
                }
                true
            });
        }
        generations.values_mut().for_each(|paths| paths.sort());
        for life in lost {
            if let Some(paths) = generations.get(&family(&life.path)) {
                self.go_on_in_one_of(&life, paths, now_ns, polled);
            }
        }
    }

    /// Files that were read and are not found under their identity any more.
    fn lost_lives(&self, scan: &Scan) -> Vec<Life> {
        let mut lost = Vec::new();
        for (key, lives) in &self.known {
            let found = scan.by_key.get(key).map(|index| &scan.files[*index]);
            let file = found.and_then(|file| {
                let is_packed = file.is_packed;
                let path = &file.path;
                if is_packed { self.tree.open_packed(path) } else { self.tree.open(path) }.ok()
            });
            let is_alive = |life: &KnownSource| {
                file.as_ref().is_some_and(|file| life.identity.is(file).unwrap_or(true))
                    || self.with_file_of(&life.identity, |_| Ok(())).is_some()
            };
            let is_near = |life: &KnownSource| {
                life.path.parent().is_some_and(|parent| scan.directories.contains(parent))
            };
            let is_wanted = |life: &KnownSource| is_near(life) && self.is_ours(life);
            let gone = lives.iter().filter(|life| is_wanted(life) && !is_alive(life));
            lost.extend(gone.map(|life| Life {
                identity: life.identity,
                position: life.position,
                path: life.path.clone(),
            }));
        }
        lost
    }

    /// A closed file that cannot be found any more.
    pub(super) fn give_up(&mut self, key: FileKey, now_ns: i64, polled: &mut Polled) {
        let Some(file) = self.table.get(key) else { return };
        let life = Life {
            identity: file.identity(),
            position: file.line_end(),
            path: file.place.clone().unwrap_or_else(|| file.path.clone()),
        };
        self.forget(key, polled);
        self.go_on_in_copy(&life, now_ns, polled);
    }
}

/// Whether a file begins as the life did. A life too short to be told from others has to be the
/// whole of it.
fn is_copy_of(life: &Life, file: &dyn SourceFile) -> io::Result<bool> {
    if !life.identity.still_begins(file)? {
        return Ok(false);
    }
    if life.identity.is_complete() {
        return Ok(true);
    }
    let ends_there = |position: u64| Ok::<_, io::Error>(file.read_at(&mut [0], position)? == 0);
    Ok(life.identity.covers() > 0
        && life.position > 0
        && ends_there(life.position)?
        && !ends_there(life.position - 1)?)
}

fn sample(file: &dyn SourceFile, position: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut read = 0;
    while read < length {
        match file.read_at(&mut bytes[read..], position + read as u64)? {
            0 => break,
            more => read += more,
        }
    }
    bytes.truncate(read);
    Ok(bytes)
}
