//! Limits of a run, and who may end it. In come a clock and what a caller allows; out goes whether to go
//! on, asked before each block. A run that is ended gives what it has, and says that it is not all.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use logloom_store::sys::Platform;

/// Takes how far a run is; called from any of its threads.
pub type TellProgress = dyn Fn(&Progress) + Send + Sync;

/// What a run may use. The default is no limit.
#[derive(Clone, Default)]
pub struct Budget {
    /// How long it may take; a run ends within one block (256 KiB) of that.
    pub time: Option<Duration>,
    /// How many lines may be looked at, about: a block that was begun is looked at to its end.
    pub lines: Option<u64>,
    /// Set by anybody to end the run.
    pub cancel: Option<Arc<AtomicBool>>,
    /// Told after each block, from any thread.
    pub progress: Option<Arc<TellProgress>>,
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("time", &self.time)
            .field("lines", &self.lines)
            .field("cancel", &self.cancel)
            .finish_non_exhaustive()
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of lines that were looked at.
    pub done: u64,
    /// Bytes of lines that have to be looked at, if the answer is not complete before.
    pub total: u64,
    /// Lines that were looked at.
    pub lines: u64,
}

/// Why a run ended before its answer was complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// Somebody has set [`Budget::cancel`].
    Cancelled,
    /// [`Budget::time`] is over.
    Time,
    /// [`Budget::lines`] are looked at.
    Lines,
    /// A file turned out not to be the one that its index is of when rows had been given already.
    Changed,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stop::Cancelled => "it was cancelled",
            Stop::Time => "its time was over",
            Stop::Lines => "it had looked at as many lines as it may",
            Stop::Changed => {
                "a file was changed meanwhile by something other than Logloom: ask again"
            }
        })
    }
}

/// The limits of one run, watched by all its threads.
pub(super) struct Watch<'a> {
    budget: &'a Budget,
    platform: &'a dyn Platform,
    until_ns: Option<u64>,
    done: AtomicU64,
    lines: AtomicU64,
    total: AtomicU64,
    /// The answer is complete, or nobody wants it any more.
    is_over: AtomicBool,
    /// Something that was relied on turned out to be wrong: what was found does not count.
    is_spoilt: AtomicBool,
}

impl<'a> Watch<'a> {
    pub(super) fn new(budget: &'a Budget, platform: &'a dyn Platform) -> Self {
        let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let until = |time| platform.monotonic_ns().saturating_add(nanoseconds(time));
        Self {
            budget,
            platform,
            until_ns: budget.time.map(until),
            done: AtomicU64::new(0),
            lines: AtomicU64::new(0),
            total: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            is_spoilt: AtomicBool::new(false),
        }
    }

    /// More is to be looked at.
    pub(super) fn expect(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A block was looked at.
    pub(super) fn count(&self, bytes: u64, lines: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let lines = self.lines.fetch_add(lines, Ordering::Relaxed) + lines;
        if let Some(tell) = &self.budget.progress {
            tell(&Progress { done, total: self.total.load(Ordering::Relaxed), lines });
        }
    }

    /// The answer is complete: no thread needs to go on.
    pub(super) fn finish(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// An index was wrong.
    pub(super) fn spoil(&self) {
        self.is_spoilt.store(true, Ordering::Relaxed);
        self.finish();
    }

    /// Whether an index was wrong.
    pub(super) fn is_spoilt(&self) -> bool {
        self.is_spoilt.load(Ordering::Relaxed)
    }

    /// Whether no thread needs to go on.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed) || self.stop().is_some()
    }

    /// Why the run must end.
    pub(super) fn stop(&self) -> Option<Stop> {
        if self.budget.cancel.as_ref().is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
            return Some(Stop::Cancelled);
        }
        if self.budget.lines.is_some_and(|lines| self.lines.load(Ordering::Relaxed) >= lines) {
            return Some(Stop::Lines);
        }
        let is_late = self.until_ns.is_some_and(|until| self.platform.monotonic_ns() >= until);
        is_late.then_some(Stop::Time)
    }
}
