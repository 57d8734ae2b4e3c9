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
    /// How long it may take; reading ends within one block (256 KiB) of that, and of three quarters of it where
    /// rows are held back to the end, which takes time as well.
    pub time: Option<Duration>,
    /// How many lines may be looked at, about: the newest, in parts (of 1 MiB) each of which is looked at to its
    /// end.
    pub lines: Option<u64>,
    /// Set by anybody to end the run.
    pub cancel: Option<Arc<AtomicBool>>,
    /// Told after each block, from any thread.
    pub progress: Option<Arc<TellProgress>>,
    /// When the time is over, as the monotonic clock of the engine's platform tells it: all runs of one question share
    /// it. Default `None`: the time runs from the beginning of a run on.
    pub until_ns: Option<u64>,
}

impl Budget {
    /// The same with its time running from now on, if it is not already.
    pub(crate) fn begun(&self, platform: &dyn Platform) -> Budget {
        let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let until = |time| platform.monotonic_ns().saturating_add(nanoseconds(time));
        Budget { until_ns: self.until_ns.or(self.time.map(until)), ..self.clone() }
    }

    /// The part of it in which lines may be read that are then held back.
    pub(super) fn for_reading(&self, platform: &dyn Platform) -> Budget {
        let now = platform.monotonic_ns();
        let part = |until: u64| now.saturating_add(until.saturating_sub(now) / 4 * 3);
        Budget { until_ns: self.until_ns.map(part), ..self.clone() }
    }

    /// Until when rows that were held back are given: for a tenth of the time at least.
    pub(super) fn for_giving(&self, platform: &dyn Platform) -> Option<u64> {
        let least = self.time.unwrap_or_default() / 10;
        let least = u64::try_from(least.as_nanos()).unwrap_or(u64::MAX);
        Some(self.until_ns?.max(platform.monotonic_ns().saturating_add(least)))
    }
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
        Self {
            budget,
            platform,
            until_ns: budget.begun(platform).until_ns,
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

    /// Whether even a part that was begun need not be looked at to its end. The lines that may be looked at are the
    /// newest: where a part is given up for their number, its newest would be missing.
    pub(super) fn is_over_at_once(&self) -> bool {
        let stop = || self.stop().is_some_and(|stop| stop != Stop::Lines);
        self.is_over.load(Ordering::Relaxed) || stop()
    }

    /// Why the run must end.
    pub(super) fn stop(&self) -> Option<Stop> {
        if self.budget.cancel.as_ref().is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
            return Some(Stop::Cancelled);
        }
        if self.until_ns.is_some_and(|until| self.platform.monotonic_ns() >= until) {
            return Some(Stop::Time);
        }
        let lines = || self.lines.load(Ordering::Relaxed);
        self.budget.lines.filter(|most| lines() >= *most).map(|_| Stop::Lines)
    }
}
