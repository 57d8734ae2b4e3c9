//! Reads what is new in one file after the other.
//!
//! Takes files that may have changed, gives their lines under the number of their source. A file
//! that was cut is gone on with from its start, after what a copy may still hold of it.

use std::io;

use super::copies::Life;
use super::{FollowedLine, Follower, KnownSource, POLL_BYTES_MAX, Polled};
use crate::Line;
use crate::source::{Change, FileKey, SourceFile, SourceReader, SourceTree};

/// Bytes that are read at once.
pub(super) const BUFFER_BYTES: usize = 64 * 1024;

/// Former lives of one file that are remembered.
const LIVES_MAX: usize = 16;

impl<T: SourceTree> Follower<T> {
    pub(super) fn read_dirty(
        &mut self,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) {
        // Each at most once, so that a file that never ends leaves room for the others.
        for _ in 0..self.table.dirty() {
            let Some(key) = self.table.take_dirty() else { return };
            if let Err(error) = self.read_one(key, now_ns, polled, give) {
                self.take_failure(key, error, polled, give);
            }
            if polled.bytes >= POLL_BYTES_MAX {
                return;
            }
        }
    }

    /// Tells why a file cannot be read on. Nothing more will come of a packed one that is damaged, so
    /// that the beginning of a line before the damage is all that there is of it.
    fn take_failure(
        &mut self,
        key: FileKey,
        error: io::Error,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) {
        let file = self.table.get(key);
        let is_spent =
            file.is_some_and(|file| file.is_packed) && error.kind() == io::ErrorKind::InvalidData;
        let path = file.map(|file| file.path.clone()).unwrap_or_default();
        if is_spent {
            self.finish_line(key, polled, give);
            self.table.close_for_good(key);
        }
        self.tell(&path, error, polled);
    }

    fn read_one(
        &mut self,
        key: FileKey,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) -> io::Result<()> {
        if !self.ensure_open(key, now_ns, polled, give)? {
            return Ok(());
        }
        let Some(file) = self.table.get_mut(key) else { return Ok(()) };
        let (identity, position) = (file.identity(), file.line_end());
        let Some(reader) = &mut file.reader else { return Ok(()) };
        if reader.look()? == Change::Truncated {
            let life = Life { identity, position, path: file.path.clone() };
            self.begin_anew(key, &life, now_ns, polled, give);
        }
        self.read_lines(key, now_ns, polled, give)
    }

    /// What was cut goes on in its copy; what is there now is another source.
    fn begin_anew(
        &mut self,
        key: FileKey,
        life: &Life,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) {
        polled.truncated.push(life.path.clone());
        let Life { identity, position, path } = life.clone();
        self.remember(key, KnownSource { identity, path, position });
        let is_copied = self.go_on_in_copy(life, now_ns, polled);
        let reader = self.table.get_mut(key).and_then(|file| file.reader.as_mut());
        let lines = reader.map(|reader| reader.cut_off()).unwrap_or_default();
        for line in lines.into_iter().filter(|_| !is_copied) {
            self.hand_on(key, line, polled, give);
        }
        let Some(file) = self.table.get_mut(key) else { return };
        file.before = Box::default();
        if let Some(number) = file.number.take() {
            self.sources.remove(&number);
            polled.finished.push(number);
        }
    }

    fn read_lines(
        &mut self,
        key: FileKey,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) -> io::Result<()> {
        let Self { table, sources, next_number, buffer, options, .. } = self;
        let Some(file) = table.get_mut(key) else { return Ok(()) };
        let Some(reader) = &mut file.reader else { return Ok(()) };
        let written_ns = reader.written_ns();
        let source = KnownSource {
            identity: reader.identity(),
            path: file.path.clone(),
            position: reader.position(),
        };
        let (number, before, lines) = (&mut file.number, &mut file.before, &mut polled.lines);
        let mut note = Note { number, before, sources, next_number, source, written_ns };
        let read =
            reader.read_with(buffer, options.bytes_per_poll_max, &mut |identity, line| {
                *lines += 1;
                note.source.identity = identity;
                note.give(line, give);
            })?;
        polled.bytes += read as u64;
        file.looked_ns = now_ns;
        if read > 0 {
            file.quiet_since_ns = now_ns;
        }
        let is_read = file.is_packed && read == 0;
        // Nobody tells of more in a packed file, and its reads may be short.
        if read == options.bytes_per_poll_max || file.is_packed && read > 0 {
            table.mark(key);
        }
        if is_read {
            // It seldom grows; where it does, it is opened again.
            self.finish_line(key, polled, give);
            self.table.close_for_good(key);
            if let Some(file) = self.table.get_mut(key) {
                file.is_read = true;
            }
        }
        Ok(())
    }

    pub(super) fn hand_on(
        &mut self,
        key: FileKey,
        line: Line,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) {
        let Self { table, sources, next_number, .. } = self;
        let Some(file) = table.get_mut(key) else { return };
        let source =
            KnownSource { identity: file.identity(), path: file.path.clone(), position: 0 };
        let (written_ns, number, before) = (file.seen.1, &mut file.number, &mut file.before);
        polled.lines += 1;
        Note { number, before, sources, next_number, source, written_ns }.give(line, give);
    }

    /// Gives the unfinished last line of a file, if there is one; two where a carriage return alone
    /// stands between.
    pub(super) fn finish_line(
        &mut self,
        key: FileKey,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) {
        let reader = self.table.get_mut(key).and_then(|file| file.reader.as_mut());
        let mut lines = Vec::new();
        if let Some(reader) = reader {
            reader.finish(&mut |line| lines.push(line));
        }
        for line in lines {
            self.hand_on(key, line, polled, give);
        }
    }

    /// Whether the file is open; opens it again where it was found last. A file that is no longer
    /// there is looked for elsewhere by the next full look.
    pub(super) fn ensure_open(
        &mut self,
        key: FileKey,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) -> io::Result<bool> {
        let Some(file) = self.table.get(key) else { return Ok(false) };
        if file.reader.is_some() {
            return Ok(true);
        }
        let tree = &self.tree;
        let found =
            if file.is_packed { tree.open_packed(&file.path) } else { tree.open(&file.path) };
        let opened = match found {
            Ok(opened) if opened.stat()?.key() == key => opened,
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {
                self.rhythm.is_arranged = true;
                return Ok(false);
            }
        };
        let (identity, position) = (file.identity, file.position);
        let life = Life { identity, position, path: file.path.clone() };
        let is_same = position <= opened.stat()?.size && identity.still_begins(&opened)?;
        self.install(key, opened, if is_same { position } else { 0 })?;
        if !is_same {
            self.begin_anew(key, &life, now_ns, polled, give);
        }
        Ok(true)
    }

    pub(super) fn install(&mut self, key: FileKey, file: T::File, position: u64) -> io::Result<()> {
        let reader = SourceReader::new(file, position)?.with_ansi(self.options.ansi);
        if let Some(tracked) = self.table.get_mut(key) {
            tracked.reader = Some(Box::new(reader));
            self.table.note_opened(key);
        }
        Ok(())
    }

    /// Closes files that no path leads to once they were silent for a while.
    pub(super) fn look_after_leavers(
        &mut self,
        now_ns: i64,
        polled: &mut Polled,
        give: &mut dyn FnMut(FollowedLine<'_>),
    ) {
        for key in self.table.leavers() {
            let Some(file) = self.table.get(key) else { continue };
            let is_quiet = now_ns - file.quiet_since_ns >= super::CLOSE_NS;
            if is_quiet {
                self.finish_line(key, polled, give);
                self.forget(key, polled);
            }
        }
    }

    pub(super) fn remember(&mut self, key: FileKey, known: KnownSource) {
        let lives = self.known.entry(key).or_default();
        lives.retain(|life| life.identity != known.identity);
        lives.push(known);
        if lives.len() > LIVES_MAX {
            lives.remove(0);
        }
    }

    /// Follows a file no longer; should it come back, it is gone on with.
    pub(super) fn forget(&mut self, key: FileKey, polled: &mut Polled) {
        let Some(file) = self.table.remove(key) else { return };
        self.tree.release(key.0, key.1);
        let known = KnownSource {
            identity: file.identity(),
            path: file.path.clone(),
            position: file.line_end(),
        };
        self.remember(key, known);
        if let Some(number) = file.number {
            self.sources.remove(&number);
            polled.finished.push(number);
        }
    }
}

/// Gives lines under the number of their source, which is made with the first line: only then does
/// the file hold the bytes that tell it from others.
struct Note<'a> {
    number: &'a mut Option<u32>,
    before: &'a mut Box<[Line]>,
    sources: &'a mut std::collections::BTreeMap<u32, KnownSource>,
    next_number: &'a mut u32,
    source: KnownSource,
    written_ns: i64,
}

impl Note<'_> {
    fn give(&mut self, line: Line, give: &mut dyn FnMut(FollowedLine<'_>)) {
        let number = *self.number.get_or_insert_with(|| {
            let number = *self.next_number;
            *self.next_number = number.wrapping_add(1);
            number
        });
        let source = self.sources.entry(number).or_insert_with(|| self.source.clone());
        source.identity = self.source.identity;
        source.position = line.end;
        let before = std::mem::take(self.before);
        give(FollowedLine { number, source, written_ns: self.written_ns, before, line });
    }
}
