//! The writer's thread: how it waits, what it does by the second, how it survives a panic.
//!
//! A record is in the file within 5 ms while the process logs, because the thread naps 4 ms then;
//! less when so much comes that rings would fill to the part at which callers have to wake it.
//! After 20 ms of silence the naps grow to 90 ms, so that an idle process costs next to nothing;
//! an ERROR, and a ring that fills, end a nap.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use logloom_ring::{Segment, clock, park, process};
use logloom_store::Directory;

use super::{Inner, flush, life, lock};
use crate::alert::Alert;
use crate::plant::{Fault, planted};
use crate::recovery;
use crate::sampling;
use crate::writer::{Step, WriteError};

const NAP: Duration = Duration::from_millis(4);
/// The nap while callers log as fast as they can: a batch each costs little beside its lines.
const SHORTEST_NAP: Duration = Duration::from_micros(250);
/// A nap ends when about this many bytes of lines have come, at the rate of the batch before. Their
/// records take less than half as much, well below the quarter of a ring at which its caller wakes
/// the writer by a system call.
const NAP_BYTES: u64 = 64 << 10;
const LONGEST_NAP: Duration = Duration::from_millis(90);
const SILENCE: Duration = Duration::from_millis(20);
const HOUSEKEEPING: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_millis(500);
/// How long a pause waits for the step that the thread is in.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// Before the loop runs again after a panic, so that one that returns each time costs little.
const AFTER_PANIC: Duration = Duration::from_millis(10);

thread_local! {
    static IS_WRITER: Cell<bool> = const { Cell::new(false) };
}

/// Whether this is a writer's own thread, which must not wait for itself: call-backs and chores of
/// the application run here too, and may log or flush.
pub(super) fn is_this_one() -> bool {
    IS_WRITER.get()
}

/// Starts the thread. Without one, callers run the batch step themselves.
pub(super) fn spawn(inner: &Arc<Inner>) {
    if planted(Fault::NoThread) {
        inner.alerts.raise(Alert::NoThread { text: "planted".to_owned() });
        return;
    }
    inner.thread_runs.store(true, Ordering::Release);
    // Until its first step the thread counts as having run now, not as stuck since 1970.
    beat(inner);
    let own = inner.clone();
    let spawned = std::thread::Builder::new()
        .name("logloom-writer".to_owned())
        .spawn(move || supervise(&own));
    match spawned {
        Ok(thread) => *lock(&inner.thread) = Some(thread),
        Err(error) => {
            inner.thread_runs.store(false, Ordering::Release);
            inner.alerts.raise(Alert::NoThread { text: error.to_string() });
        }
    }
}

/// Ends the thread; without effect when it is in a step that takes longer than [`LONGEST_PAUSE`].
pub(super) fn pause(inner: &Inner) {
    let start = Instant::now();
    if !inner.thread_runs() || inner.stopping.load(Ordering::Acquire) {
        return;
    }
    inner.paused.store(true, Ordering::Release);
    while inner.thread_runs() {
        if start.elapsed() > LONGEST_PAUSE {
            return inner.paused.store(false, Ordering::Release);
        }
        if let Some(segment) = inner.segment() {
            park::wake(segment.parked(), park::NAP);
        }
        std::thread::park_timeout(Duration::from_micros(50));
    }
    // It has nothing left to do; the operating system forgets it when it is joined.
    if let Some(thread) = lock(&inner.thread).take() {
        let _ = thread.join();
    }
}

/// Starts a thread again after [`pause`].
pub(super) fn resume(inner: &Arc<Inner>) {
    let was_paused = inner.paused.swap(false, Ordering::AcqRel);
    if was_paused && !inner.stopping.load(Ordering::Acquire) && !inner.thread_runs() {
        spawn(inner);
    }
}

/// Runs the loop again after every panic. The step that panicked is repeated: nothing of it had
/// been published, or the next step finishes what had.
fn supervise(inner: &Inner) {
    IS_WRITER.set(true);
    process::block_signals();
    while catch_unwind(AssertUnwindSafe(|| run(inner))).is_err() {
        if let Some(writer) = lock(&inner.writer).as_mut() {
            writer.note_panic();
        }
        inner.counters.restarts.fetch_add(1, Ordering::Relaxed);
        inner.alerts.raise(Alert::Restarted);
        std::thread::park_timeout(AFTER_PANIC);
    }
    inner.thread_runs.store(false, Ordering::Release);
}

fn run(inner: &Inner) {
    let mut pace = Pace::new();
    while !inner.stopping.load(Ordering::Acquire) && !inner.paused.load(Ordering::Acquire) {
        let outcome = step(inner, false);
        pace.keep_house(inner);
        match outcome {
            Ok(step) => pace.after(inner, step),
            Err(error) => {
                inner.note_failure(&error);
                pace.pause_after_failure();
            }
        }
    }
}

fn beat(inner: &Inner) {
    if let Some(segment) = inner.segment() {
        segment.heartbeat().store(clock::real_time().cast_unsigned(), Ordering::Relaxed);
    }
}

/// One batch step, under the lock that keeps the step to one thread at a time.
pub(super) fn step(inner: &Inner, final_losses: bool) -> Result<Step, WriteError> {
    let step = {
        let mut writer = lock(&inner.writer);
        let Some(writer) = writer.as_mut() else { return Ok(Step::Idle) };
        beat(inner);
        if !final_losses && writer.is_idle() {
            return Ok(Step::Idle);
        }
        process::with_size_limit_as_error(|| writer.step(final_losses))?
    };
    let writes = step != Step::Idle && inner.failing.load(Ordering::Relaxed);
    if writes && inner.writes_to_directory() && inner.failing.swap(false, Ordering::AcqRel) {
        inner.alerts.raise(Alert::WriteRecovered);
    }
    Ok(step)
}

/// Runs what the application asked for; a chore that panics is not run again.
fn do_chores(inner: &Inner) {
    // Taken out, so that a chore may add another one.
    let chores = std::mem::take(&mut *lock(&inner.chores));
    let mut kept: Vec<_> = chores
        .into_iter()
        .filter_map(|mut chore| catch_unwind(AssertUnwindSafe(&mut chore)).is_ok().then_some(chore))
        .collect();
    lock(&inner.chores).append(&mut kept);
}

/// Records that were not kept so far.
pub(super) fn dropped(segment: &Segment) -> u64 {
    segment.losses().iter().map(|entry| entry.count).sum()
}

/// Milliseconds since the writer last ran.
pub(super) fn heartbeat_age_ms(segment: &Segment) -> u64 {
    let last = segment.heartbeat().load(Ordering::Relaxed).cast_signed();
    let age = clock::real_time().saturating_sub(last).max(0);
    age.unsigned_abs() / 1_000_000
}

/// The nap after a batch of `bytes` that came within `gathered`.
fn nap_after(gathered: Duration, bytes: u64) -> Duration {
    let nanoseconds = gathered.as_nanos() * u128::from(NAP_BYTES) / u128::from(bytes.max(1));
    let nap = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
    nap.clamp(SHORTEST_NAP, NAP)
}

/// How the thread waits.
struct Pace {
    active: Instant,
    /// When the step before ended.
    stepped: Instant,
    nap: Duration,
    retry: Duration,
    kept_house: Option<Instant>,
    wrote: bool,
    /// Whether anything was written since it was counted by type and status.
    uncounted: bool,
    synced: Instant,
    /// How often house was kept: about each second.
    seconds: u64,
}

impl Pace {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            active: now,
            stepped: now,
            nap: NAP,
            retry: Duration::ZERO,
            kept_house: None,
            wrote: false,
            uncounted: false,
            synced: now,
            seconds: 0,
        }
    }

    fn after(&mut self, inner: &Inner, step: Step) {
        self.retry = Duration::ZERO;
        let now = Instant::now();
        let gathered = now.duration_since(std::mem::replace(&mut self.stepped, now));
        if let Step::Wrote { bytes, .. } = step {
            self.active = now;
            self.nap = nap_after(gathered, bytes);
            self.wrote = true;
            // A full batch means that more is waiting, and where days alternate small ones leave
            // as much behind: go on at once.
            let much = u64::from(inner.settings().batch.max_batch_bytes) / 4;
            if bytes >= much || inner.segment().is_some_and(|own| flush::waiting(own) >= much) {
                return;
            }
        } else if self.active.elapsed() > SILENCE {
            self.nap = (self.nap * 2).clamp(NAP, LONGEST_NAP);
        } else {
            self.nap = self.nap.max(NAP);
        }
        let Some(segment) = inner.segment() else { return };
        let depth = if self.nap > NAP { park::DEEP } else { park::NAP };
        let nap = self.nap.min(inner.settings().batch.batch_timeout);
        park::sleep(segment.parked(), depth, nap);
    }

    fn pause_after_failure(&mut self) {
        self.retry = (self.retry * 2).clamp(Duration::from_millis(10), LONGEST_RETRY);
        std::thread::park_timeout(self.retry);
    }

    /// By the second: dead processes of the directory, metadata; at their interval: syncs.
    fn keep_house(&mut self, inner: &Inner) {
        self.sync(inner);
        if self.kept_house.is_some_and(|last| last.elapsed() < HOUSEKEEPING) {
            return;
        }
        self.kept_house = Some(Instant::now());
        do_chores(inner);
        sampling::report(&inner.settings().sample);
        if let Some(segment) = inner.segment() {
            inner.alerts.tell_drops(dropped(segment));
        }
        self.seconds += 1;
        if self.seconds.is_multiple_of(10) {
            inner.return_to_directory();
        }
        let Some(directory) = inner.directory() else { return };
        life::see_to(inner, &directory, self.seconds, &mut self.uncounted);
        if self.seconds % 3_600 == 1
            && let Some(ring_dir) = inner.segment().and_then(|segment| segment.path().parent())
        {
            recovery::tidy(ring_dir);
        }
        let lines = recover_dead(inner, &directory);
        if std::mem::take(&mut self.wrote) || lines > 0 {
            self.uncounted = true;
            // For people and tools only; the next second tries again.
            let _ = directory.write_metadata();
        }
    }

    fn sync(&mut self, inner: &Inner) {
        let crate::settings::Durability::Interval { ms } = inner.settings().store.durability else {
            return;
        };
        if self.synced.elapsed() < Duration::from_millis(ms) {
            return;
        }
        self.synced = Instant::now();
        let outcome = lock(&inner.writer).as_mut().map_or(Ok(()), |writer| writer.sync());
        if let Err(error) = outcome {
            inner.note_failure(&error);
        }
    }
}

/// Writes what dead processes of the directory have left, and counts it; gives how many lines that were.
pub(super) fn recover_dead(inner: &Inner, directory: &Directory) -> u64 {
    let recovered = recovery::sweep(directory);
    inner.counters.recovered.fetch_add(recovered.lines, Ordering::Relaxed);
    inner.counters.recovery_skipped.fetch_add(recovered.skipped, Ordering::Relaxed);
    recovered.lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naps_are_short_only_while_much_comes() {
        let second = Duration::from_secs(1);
        assert_eq!(nap_after(second, 0), NAP);
        assert_eq!(nap_after(second, 200), NAP);
        assert_eq!(nap_after(second, 8 << 20), NAP);
        assert_eq!(nap_after(second, 64 << 20), second / 1024);
        assert_eq!(nap_after(Duration::ZERO, 1), SHORTEST_NAP);
        assert_eq!(nap_after(Duration::MAX, u64::MAX), NAP);
    }
}
