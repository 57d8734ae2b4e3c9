//! What a full look at the file system changes: files that are new, moved, grown or gone.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use super::copies::Verdict;
use super::table::{State, Tracked};
use super::{FollowedLine, Follower, KnownSource, Polled, SUCCESSOR_NS, Start};
use crate::source::family::family;
use crate::source::reader::lines_before;
use crate::source::scan::{Candidate, Scan, looks_binary};
use crate::source::{
    FileKey, Found, SourceFile, SourceIdentity, SourceReader, SourceStat, SourceTree,
};

impl<T: SourceTree> Follower<T> {
    pub(super) fn look_at_everything(
        &mut self,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) {
        self.rhythm.is_arranged = false;
        let mut scan = self.scope.scan(&self.tree);
        let mut problems = std::mem::take(&mut scan.problems);
        self.watch(&scan);
        self.arrange(&scan, now_ns, polled);
        // What was cut is noticed before its copy is looked at.
        self.read_dirty(now_ns, polled, give);
        let beside = self.files_beside(&scan);
        self.go_on_beside(&beside, now_ns, polled);
        if self.rhythm.is_first {
            polled.missing = std::mem::take(&mut scan.missing);
            self.go_on_in_copies_of_lost(&scan, now_ns, polled);
        }
        self.copies.begin_look();
        // Those that are known first, so that others can be compared with them.
        let (known, new): (Vec<_>, Vec<_>) =
            scan.files.iter().partition(|file| self.known.contains_key(&file.stat.key()));
        for candidate in known.into_iter().chain(new) {
            // A file that is gone again is no problem.
            if let Err(error) = self.consider(candidate, now_ns, polled, give)
                && error.kind() != io::ErrorKind::NotFound
            {
                problems.push((candidate.path.clone(), error));
            }
        }
        self.tell_again(problems, polled);
        self.read_beside(&beside, now_ns, polled, give);
        self.finish_replaced(now_ns, polled, give);
        self.copies.end_look();
        self.rhythm.is_first = false;
        self.rhythm.scanned_ns = now_ns;
    }

    /// Tells all problems that were not told yet, and forgets those that are over.
    fn tell_again(&mut self, problems: Vec<(PathBuf, io::Error)>, polled: &mut Polled) {
        let still: HashSet<&Path> = problems.iter().map(|(path, _)| path.as_path()).collect();
        let table = &self.table;
        self.told.retain(|path, _| still.contains(path.as_path()) || table.at_path(path).is_some());
        for (path, error) in problems {
            self.tell(&path, error, polled);
        }
    }

    /// Watches all directories. What changed before a watch was there is found by another look.
    fn watch(&mut self, scan: &Scan) {
        let mut is_told = true;
        let real = self.table.real_directories();
        for directory in scan.directories.iter().chain(&real) {
            is_told &= self.tree.watch(directory);
            if self.watched.insert(directory.clone()) {
                self.rhythm.is_arranged = true;
                self.rhythm.is_beside_due = true;
            }
        }
        self.watched.retain(|path| scan.directories.contains(path) || real.contains(path));
        self.rhythm.is_told = is_told;
    }

    /// Updates the files that are known: their paths, and whether any leads to them.
    fn arrange(&mut self, scan: &Scan, now_ns: i64, polled: &mut Polled) {
        let mut lost = Vec::new();
        for key in self.table.keys() {
            let found = scan.by_key.get(&key).map(|index| &scan.files[*index]);
            let Some(file) = self.table.get_mut(key) else { continue };
            let Some(candidate) = found else {
                match file.state {
                    State::Leaving => {}
                    State::Done => self.forget(key, polled),
                    State::Followed => {
                        file.quiet_since_ns = now_ns;
                        file.has_path = matches!(self.tree.look(&file.path),
                            Ok(Some(Found::File(stat))) if stat.key() == key);
                        if !file.has_path {
                            lost.push(key);
                        }
                        self.table.set_state(key, State::Leaving);
                        self.table.mark(key);
                    }
                }
                continue;
            };
            let seen = (candidate.stat.size, candidate.stat.written_ns);
            let is_changed = std::mem::replace(&mut file.seen, seen) != seen;
            if file.state == State::Leaving {
                self.table.set_state(key, State::Followed);
            }
            self.table.set_path(key, &candidate.path);
            if is_changed {
                self.table.mark_changed(key);
            }
        }
        self.find_lost(&lost, now_ns, polled);
    }

    /// Files that are gone from where they were: perhaps they got another name beside. One that is
    /// closed and nowhere to be found may still have a copy.
    fn find_lost(&mut self, lost: &[FileKey], now_ns: i64, polled: &mut Polled) {
        let mut listed: HashMap<PathBuf, HashMap<FileKey, PathBuf>> = HashMap::new();
        for key in lost {
            let Some(file) = self.table.get(*key) else { continue };
            let directory = file.path.parent().unwrap_or(&file.path).to_owned();
            let is_closed = file.reader.is_none();
            if !listed.contains_key(&directory) {
                let files = self.files_of(&directory);
                listed.insert(directory.clone(), files);
            }
            match listed.get(&directory).and_then(|files| files.get(key)) {
                Some(path) => self.table.set_path(*key, path),
                None if is_closed => self.give_up(*key, now_ns, polled),
                None => {}
            }
        }
    }

    /// The regular files of a directory.
    fn files_of(&self, directory: &Path) -> HashMap<FileKey, PathBuf> {
        let mut paths = Vec::new();
        let limit = self.options.files_max.saturating_mul(4);
        // A directory that cannot be listed holds nothing that could be found.
        let _ = self.tree.list(directory, &mut |entry| {
            paths.push(entry.path);
            paths.len() < limit
        });
        let found = paths.into_iter().filter_map(|path| match self.tree.look(&path) {
            Ok(Some(Found::File(stat))) => Some((stat.key(), path)),
            _ => None,
        });
        found.collect()
    }

    /// Files that were renamed before they were seen.
    pub(super) fn take_strays(&mut self, now_ns: i64, polled: &mut Polled) {
        for path in std::mem::take(&mut self.strays) {
            let Ok(Some(Found::File(stat))) = self.tree.look(&path) else { continue };
            if self.table.get(stat.key()).is_some() {
                continue;
            }
            let is_followed = self.scope.holds(&path);
            let candidate = Candidate { path, stat, is_link: false, is_packed: false };
            if let Err(error) = self.open_file(&candidate, now_ns, polled) {
                self.tell(&candidate.path, error, polled);
            } else if !is_followed {
                self.table.set_state(stat.key(), State::Leaving);
            }
        }
    }

    /// Opens a file that is new.
    pub(super) fn consider(
        &mut self,
        candidate: &Candidate,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) -> io::Result<()> {
        let key = candidate.stat.key();
        if self.table.get(key).is_some() {
            return Ok(());
        }
        if self.is_read_already(candidate) {
            return Ok(());
        }
        if !self.predecessor_is_done(&candidate.path, now_ns, polled, give) {
            self.copies.wait();
            // Until it is begun, nothing is known of what becomes of it.
            self.rhythm.is_beside_due = true;
            return Ok(());
        }
        match self.judge(candidate, now_ns, polled, give)? {
            Verdict::Copy => Ok(()),
            Verdict::Original => self.open_file(candidate, now_ns, polled),
        }
    }

    /// Whether everything of it was read in an earlier life, so that it need not be opened.
    fn is_read_already(&self, candidate: &Candidate) -> bool {
        !self.rhythm.is_first
            && !candidate.is_packed
            && self.known.get(&candidate.stat.key()).is_some_and(|lives| {
                lives
                    .iter()
                    .any(|life| life.position == candidate.stat.size && life.identity.is_complete())
            })
    }

    /// Whether the file that stood at this path before was read to its end.
    fn predecessor_is_done(
        &mut self,
        path: &Path,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) -> bool {
        let Some(key) = self.table.at_place(path) else { return true };
        let Some(before) = self.table.get_mut(key) else { return true };
        if !before.is_replaced {
            // What it was before it was replaced says nothing of what its writer still wrote.
            before.is_replaced = true;
            before.quiet_since_ns = now_ns;
        }
        let is_quiet = now_ns - before.quiet_since_ns >= SUCCESSOR_NS;
        if !is_quiet {
            self.table.mark(key);
            self.rhythm.is_arranged = true;
            return false;
        }
        self.table.give_up_place(key);
        self.finish_line(key, polled, give);
        true
    }

    fn open_file(
        &mut self,
        candidate: &Candidate,
        now_ns: i64,
        polled: &mut Polled,
    ) -> io::Result<()> {
        let path = &candidate.path;
        let file = if candidate.is_packed {
            self.tree.open_packed(path)?
        } else {
            self.tree.open(path)?
        };
        let stat = file.stat()?;
        let is_binary = !self.scope.names(path) && looks_binary(&file)?;
        let is_left_out = self.is_history_left_out(stat.key(), path);
        let reached = self.reached(&file, stat)?.unwrap_or(0);
        let position = if is_left_out { stat.size } else { reached };
        let identity = SourceIdentity::of(&file)?;
        self.track(candidate, file, position, now_ns)?;
        if is_left_out {
            polled.left_out.push(KnownSource { identity, path: path.clone(), position });
        }
        if is_binary {
            polled.binary.push(path.clone());
            self.table.close_for_good(stat.key());
        }
        Ok(())
    }

    /// Begins to follow an open file at this position.
    pub(super) fn track(
        &mut self,
        candidate: &Candidate,
        file: T::File,
        position: u64,
        now_ns: i64,
    ) -> io::Result<()> {
        let stat = file.stat()?;
        let key = stat.key();
        self.tree.claim(&stat)?;
        let before = if position > 0 { lines_before(&file, position) } else { Box::default() };
        let reader = SourceReader::new(file, position)?.with_ansi(self.options.ansi);
        let mut tracked = Tracked::new(candidate.path.clone(), reader, now_ns);
        tracked.seen = (candidate.stat.size, candidate.stat.written_ns);
        tracked.is_packed = candidate.is_packed;
        tracked.before = before;
        self.table.add(key, tracked);
        self.table.mark(key);
        let real = candidate.is_link.then(|| self.tree.real_path(&candidate.path)).flatten();
        if let Some(real) = real.filter(|real| *real != candidate.path) {
            if let Some(directory) = real.parent() {
                self.rhythm.is_told &= self.tree.watch(directory);
            }
            self.table.set_real(key, real);
        }
        Ok(())
    }

    /// How far a file was read before; `None` where it never was.
    pub(super) fn reached(&self, file: &T::File, stat: SourceStat) -> io::Result<Option<u64>> {
        // A file that was written anew in place may be known several times, once for each life.
        let mut position = None;
        let lives = self.known.get(&stat.key()).map(Vec::as_slice).unwrap_or_default();
        for KnownSource { identity, position: reached, .. } in lives {
            if *reached <= stat.size && identity.is(file)? {
                position = position.max(Some(*reached));
            }
        }
        Ok(position)
    }

    /// Whether what is in a new file already is not to be read. Of a log that was followed before it is
    /// what came since.
    fn is_history_left_out(&self, key: FileKey, path: &Path) -> bool {
        self.rhythm.is_first
            && self.options.start == Start::End
            && !self.known.contains_key(&key)
            && !self.logs.contains(&family(path))
    }
}
