//! Answers from as few blocks as may be.
//!
//! In come files of a snapshot and a filter; out go the rows that match, newest first, or what several threads
//! gather of them. What is told here is exact: a part is left out only where it is certain that no row of it
//! matches, and a run that did not look at all of it says so. What is appended, sealed, compressed or deleted
//! meanwhile changes no answer; a file that is gone is told.
//!
//! Where to begin reading: [`Engine::newest`], then `ordered.rs`.

mod answer;
mod counts;
mod gather;
mod held;
mod ordered;
mod plan;
pub mod plant;
mod read;
mod source;
mod spans;
mod task;
#[cfg(test)]
mod tests;
mod watch;

use std::cell::Cell;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use logloom_filter::{Filter, Matcher};
use logloom_store::sys::Platform;

use crate::damage::Check;
use crate::order::{Key, Order};
use crate::{LogFile, Statement, Stats};
pub use plan::Plan;
use read::Job;
use source::Sources;
use spans::Spans;
use task::Task;
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
    sources: Sources,
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
    /// What was looked at, and what was not.
    pub plan: Plan,
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
        Self { platform, sizes, sources: Sources::default(), spans: Spans::default() }
    }

    /// A budget whose time runs from now on.
    pub(crate) fn begun(&self, budget: &Budget) -> Budget {
        budget.begun(self.platform.as_ref())
    }

    /// Until when rows of this budget, of which the first is there now, are given.
    pub(crate) fn gives_until(&self, budget: &Budget) -> u64 {
        budget.for_giving(self.platform.as_ref()).unwrap_or(u64::MAX)
    }

    pub(crate) fn now_ns(&self) -> u64 {
        self.platform.monotonic_ns()
    }

    /// Gives the rows that match, the newest first, until `give` breaks.
    pub fn newest(
        &self,
        files: &[LogFile],
        filter: &Filter,
        budget: &Budget,
        give: &mut dyn FnMut(Key, &[u8]) -> ControlFlow<()>,
    ) -> Report {
        self.rows(files, filter, Order::NewestFirst, budget, give)
    }

    /// Gives the rows that match in the order of their times, until `give` breaks. Memory: 40 MiB at most, however
    /// the lines stand in their files.
    pub fn rows(
        &self,
        files: &[LogFile],
        filter: &Filter,
        order: Order,
        budget: &Budget,
        give: &mut dyn FnMut(Key, &[u8]) -> ControlFlow<()>,
    ) -> Report {
        let is_given = Cell::new(false);
        let mut give = |key: Key, line: &[u8]| {
            is_given.set(true);
            give(key, line)
        };
        loop {
            let report = self.run(files, filter, budget, &mut |job, mut tasks, report| {
                self.spans.measure(files, &mut tasks, job.watch);
                report.stats = ordered::run(job, tasks, order, self.sizes.held, &mut give);
            });
            match report {
                Ok(report) => return report,
                Err(Spoilt(report)) if is_given.get() => {
                    return Report { stop: Some(Stop::Changed), ..*report };
                }
                Err(_) => {}
            }
        }
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
        loop {
            let mut all = Vec::new();
            let report = self.run(files, filter, budget, &mut |job, tasks, report| {
                (all, report.stats) = gather::run(job, &tasks, &make, &each);
            });
            if let Ok(report) = report {
                return (all, report);
            }
        }
    }

    /// What would be looked at for a statement, and what would not.
    #[must_use]
    pub fn plan(&self, files: &[LogFile], statement: &Statement) -> Plan {
        let sources = self.sources.of(files, self.platform.as_ref());
        let mut plan = Plan::default();
        let required = statement.filter.requirements();
        let tasks = plan::tasks(files, &sources, &required, self.sizes.part, &mut plan);
        if let Some(uses) = counts::Uses::of(statement) {
            let learn = &mut |parts: &[Task]| vec![None; parts.len()];
            counts::count(&sources, tasks, &uses, &mut plan, learn);
        }
        plan
    }

    /// Runs `work` on what has to be looked at. Where an index turned out to be wrong, what was found does not
    /// count; the next run does without that index, so that this happens once a file at most.
    fn run(
        &self,
        files: &[LogFile],
        filter: &Filter,
        budget: &Budget,
        work: &mut dyn FnMut(&Job<'_>, Vec<Task>, &mut Report),
    ) -> Result<Report, Spoilt> {
        let matcher: Matcher = filter.compile();
        let watch = Watch::new(budget, self.platform.as_ref());
        let sources = self.sources.of(files, self.platform.as_ref());
        let touched = files.iter().map(|_| AtomicBool::new(false)).collect();
        let check = Check::of_files(files);
        let job =
            Job { files, sources: &sources, matcher: &matcher, watch: &watch, check, touched };
        let mut report = Report::default();
        let required = filter.requirements();
        let tasks = plan::tasks(files, &sources, &required, self.sizes.part, &mut report.plan);
        work(&job, tasks, &mut report);
        report.stats.files = job.files_read();
        report.stop = watch.stop();
        if watch.is_spoilt() { Err(Spoilt(Box::new(report))) } else { Ok(report) }
    }
}

/// A run whose findings do not count.
struct Spoilt(Box<Report>);

/// How many threads so many parts are worth.
fn threads(parts: usize) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    processors.min(THREADS_MAX).min(parts).max(1)
}
