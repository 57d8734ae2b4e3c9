//! Segments that no catalogue names: a process died between making its segment and registering,
//! or after it had freed its slot, or its log directory was deleted. Those that hold no record
//! have their memory given back.

use std::path::Path;
use std::sync::Arc;

use logloom_ring::Segment;
use logloom_ring::memory::{MemorySystem, SharedMemory};
use logloom_store::sys::{LinuxPlatform, Platform};
use logloom_store::{Directory, Options};

/// Removes the segments in `ring_dir` that belong to no living process and hold nothing. Returns
/// how many.
pub fn tidy(ring_dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(ring_dir) else { return 0 };
    let names = entries.filter_map(Result::ok).map(|entry| entry.path());
    let segments = names.filter(|path| path.extension().is_some_and(|end| end == "llr"));
    segments.filter(|path| is_orphan(path) && SharedMemory.remove(path).is_ok()).count() as u64
}

fn is_orphan(path: &Path) -> bool {
    // One that cannot be read, for whatever reason, is left alone.
    let Ok(segment) = Segment::open(&SharedMemory, path) else { return false };
    let identity = segment.identity();
    let platform = LinuxPlatform;
    let is_other_boot = identity.boot_id != platform.boot_id();
    let is_visible = identity.pid_namespace == platform.pid_namespace();
    let is_gone = is_visible && !platform.process_alive(identity.pid, identity.start_time);
    // Asked last: only a dead owner registers no more.
    (is_other_boot || is_gone) && holds_nothing(&segment) && !is_registered(&segment)
}

/// Whether a segment's name says that its process is gone. Cheap: the file is not opened.
pub(super) fn is_named_for_the_dead(path: &Path) -> bool {
    let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else { return false };
    let mut parts = stem.split('-').skip(1);
    let pid = parts.next().and_then(|part| part.parse().ok());
    let start_time = parts.next().and_then(|part| part.parse().ok());
    let is_segment = path.extension().is_some_and(|end| end == "llr");
    match (pid, start_time) {
        (Some(pid), Some(start)) => is_segment && !LinuxPlatform.process_alive(pid, start),
        _ => false,
    }
}

/// Nothing was ever logged, or all of it is in the log.
pub(super) fn holds_nothing(segment: &Segment) -> bool {
    let mut rings = (0..segment.ring_count()).filter_map(|index| segment.ring(index));
    let is_applied = segment.staged() <= segment.applied();
    segment.is_drained() || (is_applied && rings.all(|ring| ring.waiting() == 0))
}

/// Whether a catalogue names it: then recovery gives it up, after the writer's place. Without it that
/// place would be reported as a loss.
fn is_registered(segment: &Segment) -> bool {
    let log_dir = segment.log_dir();
    if !log_dir.join(".logloom/head").try_exists().unwrap_or(true) {
        return false;
    }
    let platform = Arc::new(LinuxPlatform);
    let writers = Directory::open(&log_dir, Options::reader(), platform)
        .and_then(|directory| directory.writers());
    let uuid = segment.identity().uuid;
    // A catalogue that cannot be read may name it.
    writers.map_or(true, |writers| writers.iter().any(|writer| writer.identity.uuid == uuid))
}
