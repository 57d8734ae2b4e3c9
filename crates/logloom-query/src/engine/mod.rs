//! Answers from as few blocks as may be.
//!
//! In come files of a snapshot and a filter; out go the rows that match, newest first, or what several threads
//! gather of them. What is told here is exact: a part is left out only where it is certain that no row of it
//! matches, and a run that did not look at all of it says so. What is appended, sealed, compressed or deleted
//! meanwhile changes no answer; a file that is gone is told.
//!
//! Where to begin reading: [`Engine::newest`], then `ordered.rs`.

mod answer;
mod gather;
mod held;
mod ordered;
mod read;
mod spans;
mod task;
#[cfg(test)]
mod tests;
mod watch;

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use logloom_filter::{Filter, Matcher};
use logloom_store::sys::Platform;

use crate::order::Key;
use crate::{LogFile, Stats};
use read::Job;
use spans::Spans;
use task::{Span, Task, parts};
use watch::Watch;

pub use watch::{Budget, Progress, Stop, TellProgress};

/// More threads than this gain nothing: memory is the limit by then.
const THREADS_MAX: usize = 8;

/// How much an engine does at once. The defaults are for use; smaller ones show in a test what large logs do.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Bytes of a part of a file of which nothing is known; default 1 MiB.
    pub part: u64,
    /// Bytes of rows that wait for older parts; default 24 MiB.
    pub held: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { part: 1 << 20, held: 24 << 20 }
    }
}

/// Answers questions, and remembers what it has learned of files. Usable from any thread.
pub struct Engine {
    platform: Arc<dyn Platform>,
    sizes: Sizes,
    spans: Spans,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("sizes", &self.sizes).finish_non_exhaustive()
    }
}

/// What a run went through.
#[derive(Debug, Default)]
pub struct Report {
    /// What was read.
    pub stats: Stats,
    /// Why the answer is not complete; `None` for one that is.
    pub stop: Option<Stop>,
}

impl Engine {
    /// An engine that knows nothing yet. The platform tells it the time.
    #[must_use]
    pub fn new(platform: Arc<dyn Platform>) -> Self {
        Self::with_sizes(platform, Sizes::default())
    }

    /// The same, doing other amounts at once.
    #[must_use]
    pub fn with_sizes(platform: Arc<dyn Platform>, sizes: Sizes) -> Self {
        Self { platform, sizes, spans: Spans::default() }
    }

    /// Gives the rows that match, the newest first, until `give` breaks.
    pub fn newest(
        &self,
        files: &[LogFile],
        filter: &Filter,
        budget: &Budget,
        give: &mut dyn FnMut(Key, &[u8]) -> ControlFlow<()>,
    ) -> Report {
        self.run(files, filter, budget, |job, mut tasks, stats| {
            self.spans.measure(files, &mut tasks, job.watch);
            *stats = ordered::run(job, tasks, self.sizes.held, give);
        })
    }

    /// Hands each row that matches to some thread's `each`, in any order, with what that thread has gathered; gives
    /// what all threads have gathered. Breaking ends the run of all threads.
    pub fn gather<S: Send>(
        &self,
        files: &[LogFile],
        filter: &Filter,
        budget: &Budget,
        make: impl Fn() -> S + Sync,
        each: impl Fn(&mut S, Key, &[u8]) -> ControlFlow<()> + Sync,
    ) -> (Vec<S>, Report) {
        let mut all = Vec::new();
        let report = self.run(files, filter, budget, |job, tasks, stats| {
            let (gathered, found) = gather::run(job, &tasks, make, each);
            (all, *stats) = (gathered, found);
        });
        (all, report)
    }

    fn run(
        &self,
        files: &[LogFile],
        filter: &Filter,
        budget: &Budget,
        work: impl FnOnce(&Job<'_>, Vec<Task>, &mut Stats),
    ) -> Report {
        let matcher: Matcher = filter.compile();
        let watch = Watch::new(budget, self.platform.as_ref());
        let job = Job { files, matcher: &matcher, watch: &watch };
        let tasks = self.whole_files(files);
        let mut stats = Stats::default();
        work(&job, tasks, &mut stats);
        Report { stats, stop: watch.stop() }
    }

    fn whole_files(&self, files: &[LogFile]) -> Vec<Task> {
        let of_file = |(index, file): (usize, &LogFile)| {
            let size = if file.is_sequential() { u64::MAX } else { self.sizes.part };
            parts(index, 0..file.length(), size, Span::ANY)
        };
        files.iter().enumerate().flat_map(of_file).collect()
    }
}

/// How many threads so many parts are worth.
fn threads(parts: usize) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    processors.min(THREADS_MAX).min(parts).max(1)
}
