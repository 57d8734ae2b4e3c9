//! Finished files: sealed, compressed and deleted by a thread of their own, when that is due. The same thread indexes what
//! is new in open ones.
//!
//! In comes the second of the writer's housekeeping; out goes nothing but a short-lived thread of the lowest
//! priority, so that packing for seconds never holds up a batch. It ends when the runtime does: what it was
//! doing is done anew by the next pass, of whichever program. Nothing is lost by that.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use logloom_ring::process;
use logloom_store::life::LifeReport;
use logloom_store::sys::lower_thread_priority;
use logloom_store::{Directory, StoreError};

use super::{Inner, lock};
use crate::alert::Alert;
use crate::settings::Housekeeping;
use crate::writer::OtherSegments;

/// How often it is looked whether something is due.
const LOOK_SECONDS: u64 = 10;
const HOUR_SECONDS: u32 = 3_600;
/// Programs that start one after the other do not all do what the first has done.
const START_SECONDS: u32 = 60;
/// How often it is counted what was written, and what is new in open files indexed.
const COUNT_SECONDS: u64 = 60;
/// Bytes that are looked at in one go, about 50 ms of a processor.
const COUNTED_BYTES_MAX: u64 = 256 << 20;

/// Starts the thread when finished files are due, and each minute to count what was written. `seconds` counts
/// from the runtime's start, from 1; `wrote` says whether anything was written since it was counted.
pub(super) fn see_to(inner: &Inner, directory: &Directory, seconds: u64, wrote: &mut bool) {
    let is_due = is_due(inner, directory, seconds);
    let counts = *wrote && seconds.is_multiple_of(COUNT_SECONDS);
    if !(is_due || counts) || inner.keeps_house.swap(true, Ordering::AcqRel) {
        return;
    }
    *wrote &= !counts;
    let directory = directory.clone();
    let started = super::inner().is_some_and(|own| {
        let thread = std::thread::Builder::new().name("logloom-life".to_owned());
        thread.spawn(move || run(&own, &directory, is_due)).is_ok()
    });
    if !started {
        // The next look tries again.
        inner.keeps_house.store(false, Ordering::Release);
    }
}

/// At the start a pass of the last minute is enough, unless the settings are others; later one of the last
/// hour.
fn is_due(inner: &Inner, directory: &Directory, seconds: u64) -> bool {
    let store = &inner.settings().store;
    let is_start = seconds == 1;
    let is_time = match store.housekeeping {
        Housekeeping::Always => seconds % LOOK_SECONDS == 1,
        Housekeeping::Hourly => seconds > u64::from(HOUR_SECONDS) && seconds % LOOK_SECONDS == 1,
        Housekeeping::Never => false,
    };
    let interval = if is_start { START_SECONDS } else { HOUR_SECONDS };
    let is_new = || is_start && directory.life_settings().as_ref() != Some(&store.life());
    is_time && (directory.is_house_due(interval) || is_new())
}

fn run(inner: &Arc<Inner>, directory: &Directory, is_due: bool) {
    process::block_signals();
    lower_thread_priority();
    let outcome = process::with_size_limit_as_error(|| {
        // One of its own: this thread may be held up for long while it has something locked.
        let directory = &directory.reopen()?;
        let report = if is_due { keep_house(inner, directory) } else { Ok(LifeReport::default()) };
        index_open_files(inner, directory);
        // For people and tools only; the next minute tries again.
        let _ = directory.count_actions(COUNTED_BYTES_MAX);
        let _ = directory.write_metadata();
        report
    });
    if let Some(text) = told(outcome) {
        let before = std::mem::replace(&mut *lock(&inner.told_of_files), text.clone());
        if before != text {
            inner.alerts.raise(Alert::Store { text });
        }
    }
    inner.keeps_house.store(false, Ordering::Release);
}

/// What was written since the last minute is indexed. Nothing depends on it: the next minute tries again.
fn index_open_files(inner: &Inner, directory: &Directory) {
    let store = &inner.settings().store;
    if store.index.is_wanted && store.housekeeping != Housekeeping::Never {
        let is_ending = || inner.stopping.load(Ordering::Acquire);
        let _ = directory.index_open_files(&store.index, &is_ending);
    }
}

fn keep_house(inner: &Inner, directory: &Directory) -> Result<LifeReport, StoreError> {
    let settings = directory.agree_on_life(&inner.settings().store.life())?;
    for warning in directory.warnings() {
        inner.alerts.raise(Alert::Setting { text: warning.to_string() });
    }
    let is_ending = || inner.stopping.load(Ordering::Acquire);
    directory.keep_house(&settings, &OtherSegments, &is_ending)
}

/// What a person should hear of: one line for all files of which something could not be done.
fn told(outcome: Result<LifeReport, StoreError>) -> Option<String> {
    match outcome {
        // Somebody holds the catalogue: the next look tries again.
        Err(StoreError::Busy { .. }) => None,
        Err(error) => Some(format!("finished files are not seen to: {error}")),
        Ok(report) => {
            let first = report.kept.first()?;
            Some(format!(
                "{} of the finished files could not be sealed, compressed or deleted; {}: {}; see \
                 `logloom clean --dry-run`",
                report.kept.len(),
                first.name,
                first.reason
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use logloom_store::life::Kept;

    use super::*;

    #[test]
    fn only_what_needs_a_person_is_told() {
        assert_eq!(told(Ok(LifeReport::default())), None);
        let busy = StoreError::Busy { what: String::new(), waited: std::time::Duration::ZERO };
        assert_eq!(told(Err(busy)), None);
        let mut report = LifeReport::default();
        report.kept.push(Kept { name: "a".to_owned(), reason: "no room".to_owned() });
        assert!(told(Ok(report)).is_some_and(|text| text.contains("a: no room")));
    }
}
