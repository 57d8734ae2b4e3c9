//! Where a kill fell, as the dead process's segment and the log directory tell.
//!
//! One kill counts in several places: while one thread is inside a call, the writer may be
//! anywhere. `between_calls` is a kill that no other place explains.

use std::collections::BTreeMap;

use logloom_ring::Segment;
use logloom_ring::memory::SharedMemory;
use logloom_store::FileState;
use logloom_store::read::Order;

use crate::proof::board::Entry;
use crate::proof::oracle::day_files;
use crate::proof::say;
use crate::proof::stage::Stage;

/// The places in the order in which they are printed.
const PLACES: [&str; 11] = [
    "start",
    "call",
    "wrap",
    "rendering",
    "ring_advance",
    "append",
    "commit_to_applied",
    "rotation",
    "recovery",
    "after_recovery",
    "between_calls",
];

/// How many kills fell where.
#[derive(Debug, Default)]
pub(crate) struct Places(BTreeMap<&'static str, u64>);

/// What a directory is like before a kill.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// A file is being made, or was made and holds nothing yet.
    is_rotating: bool,
}

impl Known {
    pub(crate) fn of(stage: &Stage) -> Known {
        let Ok(directory) = stage.look() else { return Known::default() };
        let Ok(snapshot) = directory.snapshot(Order::OldestFirst) else { return Known::default() };
        let files = day_files(&stage.log()).map_or(0, |files| files.len());
        let is_empty =
            snapshot.files.iter().any(|file| file.state == FileState::Open && file.committed == 0);
        Known { is_rotating: is_empty || files > snapshot.files.len() }
    }
}

impl Places {
    /// Looks at what a killed program left, before anybody recovers it.
    pub(crate) fn note(&mut self, stage: &Stage, before: &Known, entries: &[Entry]) {
        let mut found = Vec::new();
        if entries.iter().any(|entry| entry.begun > entry.returned) {
            found.push("call");
        }
        if Known::of(stage).is_rotating && !before.is_rotating {
            found.push("rotation");
        }
        let segments = segments(stage);
        match segments.first() {
            Some(segment) if entries.iter().any(|entry| entry.begun > 0) => {
                found.extend(of_segment(segment, stage));
            }
            _ => found.push("start"),
        }
        if found.is_empty() {
            found.push("between_calls");
        }
        found.into_iter().for_each(|place| self.count(place));
    }

    /// A recovery was killed, unless it was done before.
    pub(crate) fn note_recovery(&mut self, was_killed: bool) {
        self.count(if was_killed { "recovery" } else { "after_recovery" });
    }

    fn count(&mut self, place: &'static str) {
        *self.0.entry(place).or_default() += 1;
    }

    /// Prints a line for each place.
    pub(crate) fn say(&self) {
        for place in PLACES {
            let kills = self.0.get(place).copied().unwrap_or_default();
            say(&serde_json::json!({ "bench": "sigkill", "place": place, "kills": kills }));
        }
    }
}

fn segments(stage: &Stage) -> Vec<Segment> {
    let Ok(entries) = std::fs::read_dir(stage.rings()) else { return Vec::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths.filter_map(|path| Segment::open(&SharedMemory, &path).ok()).collect()
}

fn of_segment(segment: &Segment, stage: &Stage) -> Vec<&'static str> {
    let rings: Vec<_> = (0..segment.ring_count()).filter_map(|ring| segment.ring(ring)).collect();
    let mut found = Vec::new();
    let wraps = rings.iter().any(|ring| {
        let lap = |position: u64| position / ring.capacity();
        let at_end =
            ring.write_position() > 0 && ring.write_position().is_multiple_of(ring.capacity());
        at_end || lap(ring.read_position()) != lap(ring.write_position())
    });
    if wraps {
        found.push("wrap");
    }
    let staged = segment.staged();
    if segment.applied() >= staged {
        if rings.iter().any(|ring| ring.is_locked()) {
            found.push("rendering");
        }
        return found;
    }
    let intent = segment.intent_slot(staged).read().unwrap_or_default();
    let is_behind = |(number, position): &(u32, u64)| {
        segment.ring(*number).is_some_and(|ring| ring.read_position() < *position)
    };
    found.push(if intent.rings.iter().any(is_behind) {
        "ring_advance"
    } else if is_done(segment, stage, staged) {
        "commit_to_applied"
    } else {
        "append"
    });
    found
}

/// Whether the catalogue has the batch as done.
fn is_done(segment: &Segment, stage: &Stage, batch: u64) -> bool {
    let writers = stage.look().ok().and_then(|directory| directory.writers().ok());
    let uuid = segment.identity().uuid;
    writers
        .unwrap_or_default()
        .iter()
        .any(|writer| writer.identity.uuid == uuid && writer.done >= batch)
}
