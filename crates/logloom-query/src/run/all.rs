//! Queries without a limit: every matching row in time order.
//!
//! The first pass notes where matching rows stand, 40 bytes each; the second reads them again in
//! order. Rows of one file mostly stand in order already, so that the second pass reads on
//! through a buffer of its own for each file.

use std::cmp::Reverse;
use std::io;
use std::ops::ControlFlow;

use super::{Row, key_of, note};
use crate::damage::Check;
use crate::order::Key;
use crate::scan::{BLOCK_BYTES, fill, forward};
use crate::{LogFile, Order, Query, QueryProblem, ReadAt, Stats};

/// Where one row stands.
struct Place {
    key: Key,
    length: u32,
}

pub(super) fn run(
    query: &Query,
    files: &[LogFile],
    give: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>,
) -> Stats {
    let mut stats = Stats::default();
    let mut places = find(query, files, &mut stats);
    match query.order {
        Order::OldestFirst => places.sort_unstable_by_key(|place| place.key),
        Order::NewestFirst => places.sort_unstable_by_key(|place| Reverse(place.key)),
    }
    let mut windows: Vec<Option<Window>> = files.iter().map(|_| None).collect();
    for place in &places {
        let file = &files[place.key.file];
        let window = windows[place.key.file].get_or_insert_with(|| Window::new(query.order));
        match window.read(file, place.key.offset, place.length as usize) {
            Ok(line) => {
                let (offset, time_ns) = (place.key.offset, place.key.time);
                if give(Row { file, offset, time_ns, line }).is_break() {
                    break;
                }
            }
            // One report is enough; the file is gone for the rest of the run as well.
            Err(error) => {
                if window.lose() {
                    note_problem(&mut stats, file, error);
                }
            }
        }
    }
    stats
}

/// Notes why a file cannot be read again, unless the first pass has found it unreadable already.
fn note_problem(stats: &mut Stats, file: &LogFile, error: io::Error) {
    if !stats.problems.iter().any(|problem| problem.path == file.path()) {
        stats.problems.push(QueryProblem { path: file.path().to_owned(), error });
    }
}

fn find(query: &Query, files: &[LogFile], stats: &mut Stats) -> Vec<Place> {
    let matcher = query.condition().compile();
    let mut places = Vec::new();
    let check = Check::of_files(files);
    for (index, file) in files.iter().enumerate() {
        if !query.may_answer(file) {
            stats.files_skipped += 1;
            continue;
        }
        let outcome = file.open().and_then(|reader| {
            forward(reader.as_ref(), file.length(), &mut |offset, line| {
                stats.lines += 1;
                stats.note_damage(check, index, offset, line);
                if matcher.matches(line) {
                    let key = key_of(index, file, offset, line);
                    places.push(Place { key, length: line.len() as u32 });
                }
                ControlFlow::Continue(())
            })
        });
        note(stats, file, outcome);
    }
    stats.matched = places.len() as u64;
    places
}

/// A part of one file in memory.
pub(crate) struct Window {
    order: Order,
    reader: Option<Box<dyn ReadAt>>,
    is_lost: bool,
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    pub(crate) fn new(order: Order) -> Self {
        Self { order, reader: None, is_lost: false, start: 0, bytes: Vec::new() }
    }

    /// Gives the file up; whether it was not given up before.
    pub(crate) fn lose(&mut self) -> bool {
        !std::mem::replace(&mut self.is_lost, true)
    }

    /// The line at an offset, from memory where it is there.
    pub(crate) fn read(&mut self, file: &LogFile, offset: u64, length: usize) -> io::Result<&[u8]> {
        if !self.holds(offset, length) {
            self.load(file, offset, length)?;
        }
        let start = (offset - self.start) as usize;
        Ok(&self.bytes[start..start + length])
    }

    fn holds(&self, offset: u64, length: usize) -> bool {
        let end = self.start + self.bytes.len() as u64;
        offset >= self.start && offset + length as u64 <= end
    }

    fn load(&mut self, file: &LogFile, offset: u64, length: usize) -> io::Result<()> {
        if self.is_lost {
            return Err(io::ErrorKind::NotFound.into());
        }
        let reader = match &mut self.reader {
            Some(reader) => reader,
            missing => missing.insert(file.open()?),
        };
        let end = match self.order {
            Order::OldestFirst => offset + length.max(BLOCK_BYTES) as u64,
            Order::NewestFirst => offset + length as u64,
        };
        self.start = match self.order {
            Order::OldestFirst => offset,
            Order::NewestFirst => end.saturating_sub(length.max(BLOCK_BYTES) as u64),
        };
        let size = end.min(file.length()) - self.start;
        self.bytes.resize(size as usize, 0);
        let read = fill(reader.as_ref(), &mut self.bytes, self.start)?;
        self.bytes.truncate(read);
        if self.holds(offset, length) { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}
