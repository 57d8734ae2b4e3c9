//! The end: by `stop`, or by the process ending without it.
//!
//! Either way what was logged is drained within a deadline. The segment is removed only when no
//! thread can be inside a call any more; otherwise it stays for recovery, so that not even the
//! last line of a thread that logs while the process ends is lost.

use std::sync::Arc;
use std::sync::Once;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use logloom_ring::memory::{MemorySystem, SharedMemory};
use logloom_ring::{park, process};

use super::{Inner, flush, thread};
use crate::lifecycle::Remaining;
use crate::writer::Step;

/// Arranges for the drain at the end of the process.
pub(super) fn watch() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        // Without room for the handler the records are recovered by the next process.
        let _ = process::at_exit(at_exit);
    });
}

extern "C" fn at_exit() {
    // A panic must not cross the boundary to C.
    let _ = std::panic::catch_unwind(|| {
        if let Some(inner) = super::inner().filter(|inner| inner.is_own_process()) {
            let deadline = inner.settings().flush_timeout;
            end(&inner, deadline, Others::GoOn);
        }
    });
}

/// What happens to calls of other threads that come later.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    /// They are refused and counted: logging was stopped.
    AreRefused,
    /// They go into the segment, which stays for recovery: the process is about to end.
    GoOn,
}

/// Flushes, stops the thread, and gives the segment up if nothing can be logged any more.
pub(super) fn stop(inner: &Arc<Inner>, deadline: Duration) -> Remaining {
    end(inner, deadline, Others::AreRefused)
}

fn end(inner: &Arc<Inner>, deadline: Duration, others: Others) -> Remaining {
    if inner.stopped.swap(true, Ordering::AcqRel) {
        return Remaining::default();
    }
    let Some(front) = inner.front.get() else { return Remaining::default() };
    crate::sampling::report_last();
    let alone = front.close();
    match others {
        Others::GoOn if !alone => front.reopen(),
        Others::GoOn => {}
        Others::AreRefused => front.take_all_away(),
    }
    let remaining = finish(inner, deadline, alone);
    inner.alerts.tell_last_drops(thread::dropped(&front.segment));
    remaining
}

/// Drains within the deadline, ends the thread, and gives up what nobody needs any more.
fn finish(inner: &Inner, deadline: Duration, alone: bool) -> Remaining {
    let start = Instant::now();
    let remaining = flush::flush(inner, deadline);
    inner.stopping.store(true, Ordering::Release);
    let patience = deadline.saturating_add(Duration::from_millis(500));
    while inner.thread_runs() && start.elapsed() < patience {
        if let Some(segment) = inner.segment() {
            park::wake(segment.parked(), park::NAP);
        }
        std::thread::park_timeout(Duration::from_micros(100));
    }
    if inner.thread_runs() || !remaining.is_empty() {
        return remaining;
    }
    process::with_size_limit_as_error(|| give_up(inner, alone));
    remaining
}

/// Writes what is left to write; with nobody else there, leaves nothing behind.
fn give_up(inner: &Inner, alone: bool) {
    let drained = drain(inner);
    if let Some(writer) = super::lock(&inner.writer).as_mut() {
        writer.set_console(None);
    }
    if let Some(directory) = inner.directory() {
        // For people and tools only; the next process writes it again.
        let _ = directory.write_metadata();
    }
    if drained && alone {
        retire(inner);
    }
}

/// The last batches and the last loss records. `false` when the log does not take them.
fn drain(inner: &Inner) -> bool {
    loop {
        match thread::step(inner, true) {
            Ok(Step::Idle) => return true,
            Ok(Step::Wrote { .. }) => {}
            Err(error) => {
                inner.note_failure(&error);
                return false;
            }
        }
    }
}

/// Gives segment and writer slot up, in the order that a recovery would.
fn retire(inner: &Inner) {
    let Some(segment) = inner.segment() else { return };
    segment.set_drained();
    *super::lock(&inner.writer) = None;
    let handle = inner.handle.write().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    let released = match handle.map(Arc::try_unwrap) {
        Some(Ok(handle)) => handle.release().is_ok(),
        Some(Err(_)) => false,
        None => true,
    };
    if released {
        // A file that stays behind is found drained by the next recovery.
        let _ = SharedMemory.remove(segment.path());
    }
}

impl Inner {
    /// Whether there is a writer's thread that this one may wait for.
    pub(super) fn thread_runs(&self) -> bool {
        self.thread_runs.load(Ordering::Acquire) && !thread::is_this_one()
    }
}
