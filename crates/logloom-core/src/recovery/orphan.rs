//! Segments that no catalogue names: a process died between making its segment and registering,
//! or after it had freed its slot, or its log directory was deleted. Those that hold no record
//! have their memory given back.

use std::path::Path;

use logloom_ring::Segment;
use logloom_ring::memory::{MemorySystem, SharedMemory};
use logloom_store::sys::{LinuxPlatform, Platform};

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
    (is_other_boot || is_gone) && (segment.is_drained() || holds_nothing(&segment))
}

/// Nothing was ever logged; or all of it is in the log and no catalogue is left that names it (one
/// that did would report the segment as lost).
fn holds_nothing(segment: &Segment) -> bool {
    let rings = || (0..segment.ring_count()).filter_map(|index| segment.ring(index));
    let is_untouched = segment.staged() == 0 && rings().all(|ring| ring.write_position() == 0);
    let is_applied =
        segment.staged() <= segment.applied() && rings().all(|ring| ring.waiting() == 0);
    let is_named = segment.log_dir().join(".logloom/head").exists();
    is_untouched || (is_applied && !is_named)
}
