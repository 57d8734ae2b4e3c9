//! One pass over many files by several threads.
//!
//! Takes files, and what a thread does with a block of lines; hands on what each thread has
//! gathered. Files are cut into parts that threads take as they are free, in the order that was
//! asked for, so that one large day keeps every processor busy. A thread opens a file for itself.
//! Blocks until all is read; a file that cannot be read is told and the others are gone through.

use std::io;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicUsize, Ordering};

use memchr::memchr;

use crate::blocks::blocks;
use crate::{LogFile, Order, QueryProblem, ReadAt, Stats};

/// Bytes that a thread takes at once: long enough that taking costs nothing, short enough that the
/// last ones end together.
const PART_BYTES: u64 = 4 << 20;

/// More threads than this gain nothing: memory is the limit by then.
const THREADS_MAX: usize = 8;

/// A block of whole lines, and where it stands.
pub(crate) struct Block<'a> {
    /// Index of the file in the list.
    pub(crate) file: usize,
    /// Offset of the first byte.
    pub(crate) offset: u64,
    /// Whole lines, each with its line feed.
    pub(crate) bytes: &'a [u8],
}

/// Reads the files of which `indexes` tells, hands each block to some thread's `each` with what
/// that thread has gathered so far, and gives what all have gathered. `each` may break to end its
/// part early.
pub(crate) fn run<S: Send>(
    files: &[LogFile],
    indexes: &[usize],
    order: Order,
    make: impl Fn() -> S + Sync,
    each: impl Fn(&mut S, &Block<'_>) -> ControlFlow<()> + Sync,
) -> (Vec<S>, Stats) {
    let parts = parts(files, indexes, order);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = processors.min(THREADS_MAX).min(parts.len()).max(1);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut worker = Worker::new(files);
        let mut gathered = make();
        while let Some((file, part)) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            worker.read(*file, part.clone(), &mut |block| each(&mut gathered, &block));
        }
        (gathered, worker.stats)
    };
    let mut stats = Stats::default();
    let mut all = Vec::with_capacity(threads);
    let mut add = |(gathered, mut other): (S, Stats)| {
        stats.bytes += other.bytes;
        stats.malformed += other.malformed;
        stats.problems.append(&mut other.problems);
        all.push(gathered);
    };
    match threads {
        1 => add(work()),
        _ => std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            for thread in running {
                match thread.join() {
                    Ok(done) => add(done),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        }),
    }
    let mut told = Vec::new();
    stats.problems.retain(|problem| {
        let is_new = !told.contains(&problem.path);
        told.push(problem.path.clone());
        is_new
    });
    stats.files = indexes.len() as u64;
    (all, stats)
}

/// The parts of the files in the order in which they are taken.
fn parts(files: &[LogFile], indexes: &[usize], order: Order) -> Vec<(usize, Range<u64>)> {
    let mut parts = Vec::new();
    for index in indexes {
        let length = files[*index].length();
        let size = if files[*index].is_sequential() { length.max(1) } else { PART_BYTES };
        // A file that is there and seems to hold nothing is opened all the same: that tells why.
        let count = length.div_ceil(size).max(1);
        let part = |number: u64| number * size..((number + 1) * size).min(length);
        parts.extend((0..count).map(|number| (*index, part(number))));
    }
    if order == Order::NewestFirst {
        parts.reverse();
    }
    parts
}

/// Gives the lines of a block but those that only stand for what cannot be read.
pub(crate) fn readable(
    file: &dyn ReadAt,
    offset: u64,
    bytes: &[u8],
    each: &mut dyn FnMut(u64, &[u8]) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if !file.may_fill() || memchr(0, bytes).is_none() {
        return each(offset, bytes);
    }
    let (mut start, mut end) = (0, 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.first() == Some(&0) && file.is_filled(offset + end as u64) {
            if start < end {
                each(offset + start as u64, &bytes[start..end])?;
            }
            start = end + line.len();
        }
        end += line.len();
    }
    if start < end {
        each(offset + start as u64, &bytes[start..end])
    } else {
        ControlFlow::Continue(())
    }
}

/// One thread's view of the files.
struct Worker<'a> {
    files: &'a [LogFile],
    open: Option<(usize, Box<dyn ReadAt>)>,
    stats: Stats,
}

impl<'a> Worker<'a> {
    fn new(files: &'a [LogFile]) -> Self {
        Self { files, open: None, stats: Stats::default() }
    }

    fn read(
        &mut self,
        index: usize,
        part: Range<u64>,
        each: &mut dyn FnMut(Block<'_>) -> ControlFlow<()>,
    ) {
        match self.try_read(index, part, each) {
            Ok(damage) => {
                damage.into_iter().for_each(|text| self.tell(index, io::Error::other(text)))
            }
            Err(error) => self.tell(index, error),
        }
    }

    fn tell(&mut self, index: usize, error: io::Error) {
        let path = self.files[index].path().to_owned();
        self.stats.problems.push(QueryProblem { path, error });
    }

    fn try_read(
        &mut self,
        index: usize,
        part: Range<u64>,
        each: &mut dyn FnMut(Block<'_>) -> ControlFlow<()>,
    ) -> io::Result<Vec<String>> {
        let file = &self.files[index];
        if self.open.as_ref().is_none_or(|(open, _)| *open != index) {
            self.open = Some((index, file.open()?));
        }
        let Some((_, reader)) = &self.open else { return Ok(Vec::new()) };
        let reader = reader.as_ref();
        let scanned = blocks(reader, part, file.length(), &mut |offset, bytes| {
            readable(reader, offset, bytes, &mut |offset, bytes| {
                each(Block { file: index, offset, bytes })
            })
        })?;
        self.stats.bytes += scanned.bytes;
        self.stats.malformed += scanned.too_long;
        Ok(reader.damage())
    }
}
