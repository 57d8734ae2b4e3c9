//! Reading a part and looking at its lines. In come a part and the matcher; out go rows that match, with
//! their places. A block without a text that is asked for is passed over whole. A file that cannot be read is
//! told once; the others are gone through.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use logloom_filter::Matcher;
use logloom_store::index::{BlockError, BlockReader, Index};

use super::source::Source;
use super::task::Task;
use super::watch::Watch;
use crate::blocks::blocks;
use crate::damage::Check;
use crate::order::Key;
use crate::parallel::readable;
use crate::run::key_of;
use crate::{LogFile, QueryProblem, ReadAt, Stats};

/// What all threads of a run share.
pub(super) struct Job<'a> {
    pub(super) files: &'a [LogFile],
    pub(super) sources: &'a [Arc<Source>],
    pub(super) matcher: &'a Matcher,
    pub(super) watch: &'a Watch<'a>,
    /// What is looked for in lines.
    pub(super) check: Check,
    /// Which of the files something was read of.
    pub(super) touched: Vec<AtomicBool>,
}

impl Job<'_> {
    /// Of how many files something was read.
    pub(super) fn files_read(&self) -> u64 {
        self.touched.iter().filter(|touched| touched.load(Ordering::Relaxed)).count() as u64
    }
}

/// Takes a row that matches; breaking ends the part.
pub(super) type EachRow<'a> = &'a mut dyn FnMut(Key, &[u8]) -> ControlFlow<()>;

/// One thread's view of the files.
pub(super) struct Reader<'a> {
    job: &'a Job<'a>,
    open: Option<(usize, Box<dyn ReadAt>)>,
    blocks: Option<(usize, BlockReader)>,
    lines: Vec<u8>,
    stats: Stats,
}

impl<'a> Reader<'a> {
    pub(super) fn new(job: &'a Job<'a>) -> Self {
        Self { job, open: None, blocks: None, lines: Vec::new(), stats: Stats::default() }
    }

    /// What this thread went through.
    pub(super) fn into_stats(self) -> Stats {
        self.stats
    }

    /// Looks at one part.
    pub(super) fn read(&mut self, task: &Task, each: EachRow<'_>) {
        let source = &self.job.sources[task.file];
        self.job.touched[task.file].store(true, Ordering::Relaxed);
        let outcome = match task.block {
            None => self.read_range(task, each),
            Some((place, block)) => match source.indexes().get(place) {
                Some(index) => self.read_block(task, index, block, each),
                // Another thread, maybe of another run, has found that the index is wrong: all is looked at anew.
                None => return self.job.watch.spoil(),
            },
        };
        if let Err(error) = outcome {
            self.tell(task.file, error);
        }
    }

    fn tell(&mut self, file: usize, error: io::Error) {
        let path = self.job.files[file].path().to_owned();
        self.stats.problems.push(QueryProblem { path, error });
    }

    fn read_block(
        &mut self,
        task: &Task,
        index: &Index,
        block: u32,
        each: EachRow<'_>,
    ) -> io::Result<()> {
        let Reader { job, blocks, lines, stats, .. } = self;
        if blocks.as_ref().is_none_or(|(file, _)| *file != task.file) {
            *blocks = Some((task.file, index.reader()?));
        }
        let table = index.blocks().and_then(|table| table.get(block as usize));
        let (Some((_, reader)), Some(block)) = (blocks, table) else { return Ok(()) };
        match reader.read(block, lines) {
            Ok(()) => {}
            Err(BlockError::Io(error)) => return Err(error),
            Err(_) => {
                job.sources[task.file].give_up();
                job.watch.spoil();
                return Ok(());
            }
        }
        stats.bytes += lines.len() as u64;
        let mut look = Look { job, index: task.file, is_regular: block.is_regular, stats };
        let _ = look.block(task.range.start, lines, each);
        Ok(())
    }

    fn read_range(&mut self, task: &Task, each: EachRow<'_>) -> io::Result<()> {
        let Reader { job, open, stats, .. } = self;
        let file = &job.files[task.file];
        if open.as_ref().is_none_or(|(index, _)| *index != task.file) {
            *open = Some((task.file, file.open()?));
        }
        let Some((_, reader)) = open else { return Ok(()) };
        let reader = reader.as_ref();
        let mut look = Look { job, index: task.file, is_regular: false, stats };
        let scanned = blocks(reader, task.range.clone(), file.length(), &mut |offset, bytes| {
            if job.watch.is_over_at_once() || reader.is_sequential() && job.watch.is_over() {
                return ControlFlow::Break(());
            }
            readable(reader, offset, bytes, &mut |offset, bytes| look.block(offset, bytes, each))
        })?;
        stats.bytes += scanned.bytes;
        stats.malformed += scanned.too_long;
        match reader.damage().into_iter().next() {
            Some(text) => Err(io::Error::new(io::ErrorKind::InvalidData, text)),
            None => Ok(()),
        }
    }
}

/// Looks at lines of one file.
struct Look<'a, 'b> {
    job: &'a Job<'a>,
    index: usize,
    /// All lines are whole JSON objects, as the index of just these bytes says.
    is_regular: bool,
    stats: &'b mut Stats,
}

impl Look<'_, '_> {
    fn block(&mut self, offset: u64, bytes: &[u8], each: EachRow<'_>) -> ControlFlow<()> {
        let lines = memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.job.watch.count(bytes.len() as u64, lines);
        self.stats.lines += lines;
        let is_told = self.job.check.is_thorough && !self.is_regular;
        match is_told || self.job.matcher.may_match(bytes) {
            true => self.lines(offset, bytes, each),
            false => ControlFlow::Continue(()),
        }
    }

    fn lines(&mut self, offset: u64, bytes: &[u8], each: EachRow<'_>) -> ControlFlow<()> {
        let file = &self.job.files[self.index];
        let mut start = 0;
        for feed in memchr::memchr_iter(b'\n', bytes) {
            let line = &bytes[start..feed];
            let is_wanted = if self.is_regular {
                self.job.matcher.matches_well_formed(line)
            } else {
                self.stats.note_damage(self.job.check, self.index, offset + start as u64, line);
                self.job.matcher.matches(line)
            };
            if is_wanted {
                self.stats.matched += 1;
                each(key_of(self.index, file, offset + start as u64, line), line)?;
            }
            start = feed + 1;
        }
        ControlFlow::Continue(())
    }
}

/// Adds what one thread went through to what others did; a file's problem is told once.
pub(super) fn add_stats(all: &mut Stats, other: Stats) {
    all.bytes += other.bytes;
    all.lines += other.lines;
    all.matched += other.matched;
    all.malformed += other.malformed;
    all.damage.join(&other.damage);
    for problem in other.problems {
        let is_told = |told: &QueryProblem| {
            told.path == problem.path && told.error.to_string() == problem.error.to_string()
        };
        if !all.problems.iter().any(is_told) {
            all.problems.push(problem);
        }
    }
}
