//! Files beside those that are followed: what was read before and has another name by now, and
//! generations of a followed log that no path leads to.
//!
//! Looked at where nobody can have told of them: at the start, once a directory is watched, and after
//! news were missed. What was read before is gone on with, whatever it is called. A generation that was
//! there when its log was followed for the first time is history and stays so, also in later runs
//! ([`Polled::left_out`]); one that came since is read from its beginning. Packed files and links are
//! left alone.

use std::io;
use std::path::{Path, PathBuf};

use super::table::State;
use super::{CLOSE_NS, FollowedLine, Follower, KnownSource, Polled, SUCCESSOR_NS};
use crate::source::family::{family, is_packed};
use crate::source::scan::{Candidate, Scan};
use crate::source::{FileKey, Found, SourceFile, SourceIdentity, SourceTree};

impl<T: SourceTree> Follower<T> {
    /// The files of the directories that matter that no path leads to; none where all changes were told
    /// since the last look at them.
    pub(super) fn files_beside(&mut self, scan: &Scan) -> Vec<Candidate> {
        if !std::mem::take(&mut self.rhythm.is_beside_due) {
            return Vec::new();
        }
        let limit = self.options.files_max.saturating_mul(4);
        let mut paths = Vec::new();
        for directory in &scan.directories {
            // A directory that cannot be listed was told of by the look itself, where it matters.
            let _ = self.tree.list(directory, &mut |entry| {
                if !entry.is_link && self.may_matter(&entry.path) {
                    paths.push(entry.path);
                }
                paths.len() < limit
            });
        }
        paths.sort();
        let looked = paths.into_iter().filter_map(|path| match self.tree.look(&path) {
            Ok(Some(Found::File(stat))) if !scan.by_key.contains_key(&stat.key()) => {
                Some(Candidate { path, stat, is_link: false, is_packed: false })
            }
            _ => None,
        });
        looked.collect()
    }

    fn may_matter(&self, path: &Path) -> bool {
        let is_beside = !is_packed(path) && !self.scope.holds(path);
        is_beside && (!self.known.is_empty() || self.log_of(path).is_some())
    }

    /// The followed log that the file is a generation of by its name.
    fn log_of(&self, path: &Path) -> Option<PathBuf> {
        let log = family(path);
        (log != path && self.scope.holds(&log)).then_some(log)
    }

    /// Whether it was read as one of the files that are followed here. Others may be followed into the same
    /// log by another process, or may have been.
    pub(super) fn is_ours(&self, life: &KnownSource) -> bool {
        self.scope.holds(&life.path) || self.log_of(&life.path).is_some()
    }

    /// Goes on with files that were read before.
    pub(super) fn go_on_beside(&mut self, beside: &[Candidate], now_ns: i64, polled: &mut Polled) {
        for candidate in beside {
            if let Err(error) = self.go_on_with(candidate, now_ns) {
                self.tell_beside(candidate, error, polled);
            }
        }
    }

    fn go_on_with(&mut self, candidate: &Candidate, now_ns: i64) -> io::Result<()> {
        let Candidate { path, stat, .. } = candidate;
        let lives = self.known.get(&stat.key()).map(Vec::as_slice).unwrap_or_default();
        if self.table.get(stat.key()).is_some() || !lives.iter().any(|life| self.is_ours(life)) {
            return Ok(());
        }
        let file = self.tree.open(path)?;
        let Some(position) = self.reached(&file, *stat)? else { return Ok(()) };
        let is_over = now_ns.saturating_sub(stat.written_ns) >= CLOSE_NS;
        if position >= stat.size && is_over {
            self.copies.note_elsewhere(stat.key(), path.clone());
            return Ok(());
        }
        self.track(candidate, file, position, now_ns)?;
        self.table.set_state(stat.key(), State::Leaving);
        Ok(())
    }

    /// Reads generations that came since their log was followed; notes the others.
    pub(super) fn read_beside(
        &mut self,
        beside: &[Candidate],
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) {
        for candidate in beside {
            if let Err(error) = self.read_generation(candidate, now_ns, polled, give) {
                self.tell_beside(candidate, error, polled);
            }
        }
    }

    fn read_generation(
        &mut self,
        candidate: &Candidate,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) -> io::Result<()> {
        let key = candidate.stat.key();
        let Some(log) = self.log_of(&candidate.path) else { return Ok(()) };
        if self.table.get(key).is_some() || self.is_read_up_to_now(candidate)? {
            return Ok(());
        }
        if self.rhythm.is_first && !self.logs.contains(&log) {
            return self.leave_out(candidate, polled);
        }
        if self.is_copy_of_followed(candidate, &log, now_ns, polled, give)? {
            return Ok(());
        }
        self.consider(candidate, now_ns, polled, give)?;
        if self.table.get(key).is_some_and(|file| file.state == State::Followed) {
            self.table.set_state(key, State::Leaving);
        }
        Ok(())
    }

    fn is_read_up_to_now(&self, candidate: &Candidate) -> io::Result<bool> {
        if !self.known.contains_key(&candidate.stat.key()) {
            return Ok(false);
        }
        let file = self.tree.open(&candidate.path)?;
        Ok(self.reached(&file, candidate.stat)?.is_some())
    }

    /// Notes that what is in it is not asked for.
    fn leave_out(&mut self, candidate: &Candidate, polled: &mut Polled) -> io::Result<()> {
        let file = self.tree.open(&candidate.path)?;
        let (identity, path) = (SourceIdentity::of(&file)?, candidate.path.clone());
        let known = KnownSource { identity, path, position: file.stat()?.size };
        self.remember(candidate.stat.key(), known.clone());
        polled.left_out.push(known);
        Ok(())
    }

    fn is_copy_of_followed(
        &mut self,
        candidate: &Candidate,
        log: &Path,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) -> io::Result<bool> {
        for key in self.table.keys() {
            let is_of_log = self.table.get(key).is_some_and(|file| family(&file.path) == log);
            if is_of_log
                && self.ensure_open(key, now_ns, polled, give)?
                && self.is_prefix(candidate, key)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// One that is gone again is no problem.
    fn tell_beside(&mut self, candidate: &Candidate, error: io::Error, polled: &mut Polled) {
        if error.kind() != io::ErrorKind::NotFound {
            self.tell(&candidate.path, error, polled);
        }
    }

    /// Gives the last line of each file that stands under the name of an older generation, where it
    /// lacks its end and nobody goes on with it.
    pub(super) fn finish_replaced(
        &mut self,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) {
        for key in self.table.keys() {
            if self.is_replaced(key, now_ns) {
                self.finish_line(key, polled, give);
            }
        }
    }

    fn is_replaced(&self, key: FileKey, now_ns: i64) -> bool {
        let Some(file) = self.table.get(key).filter(|file| file.state == State::Followed) else {
            return false;
        };
        let has_rest = file.reader.as_ref().is_some_and(|reader| {
            reader.line_end().is_some_and(|end| end < reader.position())
                && reader.position() >= file.seen.0
        });
        if !has_rest || file.is_packed || now_ns - file.quiet_since_ns < SUCCESSOR_NS {
            return false;
        }
        let log = family(&file.path);
        log != file.path && self.table.at_path(&log).is_some_and(|other| other != key)
    }
}
