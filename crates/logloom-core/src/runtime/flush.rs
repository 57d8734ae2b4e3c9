//! Waiting until what has been logged is in the log.

use std::time::{Duration, Instant};

use logloom_ring::{Segment, park};

use super::{Inner, thread};
use crate::lifecycle::Remaining;

/// Bytes that wait in the rings.
pub(super) fn waiting(segment: &Segment) -> u64 {
    let rings = (0..segment.ring_count()).filter_map(|index| segment.ring(index));
    rings.map(|ring| ring.waiting()).sum()
}

/// Where every ring's producer is now.
fn marks(segment: &Segment) -> Vec<(u32, u64)> {
    let rings = (0..segment.ring_count()).filter_map(|index| segment.ring(index));
    rings.map(|ring| (ring.index(), ring.write_position())).collect()
}

fn remaining(segment: &Segment, marks: &[(u32, u64)]) -> u64 {
    let left = |(index, mark): &(u32, u64)| {
        segment.ring(*index).map_or(0, |ring| mark.saturating_sub(ring.read_position()))
    };
    let bytes: u64 = marks.iter().map(left).sum();
    // Positions move when a batch is staged; it is in the log when it is applied.
    let staged = segment.staged() > segment.applied();
    if bytes == 0 && staged { 1 } else { bytes }
}

/// Waits until everything published before the call is in the log, or the deadline has passed.
/// Runs the batch step itself when there is no thread to do it.
pub(super) fn flush(inner: &Inner, deadline: Duration) -> Remaining {
    let Some(segment) = inner.segment() else { return Remaining::default() };
    let start = Instant::now();
    let marks = marks(segment);
    let mut pause = Duration::from_micros(50);
    loop {
        let bytes = remaining(segment, &marks);
        if bytes == 0 || start.elapsed() >= deadline {
            return Remaining { bytes };
        }
        if inner.thread_runs() {
            park::wake(segment.parked(), park::NAP);
            std::thread::park_timeout(pause);
            pause = (pause * 2).min(Duration::from_millis(2));
        } else if let Err(error) = thread::step(inner, true) {
            inner.note_failure(&error);
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }
}
