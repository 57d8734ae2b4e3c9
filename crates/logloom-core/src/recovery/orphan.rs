//! Segments that no catalogue names: a process died between making its segment and registering,
//! or after it had freed its slot, or its log directory was deleted. Those that hold no record
//! have their memory given back, and so have those that were never finished.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use logloom_ring::memory::{MemorySystem, SharedMemory};
use logloom_ring::segment::OpenError;
use logloom_ring::{Segment, clock};
use logloom_store::sys::{self, LinuxPlatform, Platform};
use logloom_store::{Directory, Options};

/// Making a segment takes milliseconds; a process may be stopped meanwhile.
const UNFINISHED_AGE: Duration = Duration::from_secs(600);
/// How long, in nanoseconds after its writer last ran, a segment waits for a log directory that is not
/// where it was: it may have been moved, and be opened in its new place.
const MOVING_NS: i64 = 60_000_000_000;

/// Removes the segments in `ring_dir` that belong to no living process and hold nothing. Returns
/// how many.
pub fn tidy(ring_dir: &Path) -> u64 {
    let Ok(paths) = sys::list(ring_dir) else { return 0 };
    let segments =
        paths.into_iter().filter(|path| path.extension().is_some_and(|end| end == "llr"));
    segments.filter(|path| is_orphan(path) && SharedMemory.remove(path).is_ok()).count() as u64
}

fn is_orphan(path: &Path) -> bool {
    match Segment::open(&SharedMemory, path) {
        // The home is asked last: only a dead owner registers no more.
        Ok(segment) => is_dead(&segment) && holds_nothing(&segment) && has_no_home(&segment),
        // A process in another container may be about to finish a young one.
        Err(OpenError::Unfinished) => is_named_for_the_dead(path) && is_old(path),
        // One that cannot be read is left alone.
        Err(_) => false,
    }
}

/// Whether a segment's process is gone for certain. One in another container may live.
pub(super) fn is_dead(segment: &Segment) -> bool {
    let identity = segment.identity();
    let platform = LinuxPlatform;
    let is_visible = identity.pid_namespace == platform.pid_namespace();
    identity.boot_id != platform.boot_id()
        || (is_visible && !platform.process_alive(identity.pid, identity.start_time))
}

fn is_old(path: &Path) -> bool {
    let modified = std::fs::symlink_metadata(path).and_then(|found| found.modified());
    modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > UNFINISHED_AGE))
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

/// Whether no catalogue names it. The one that does gives it up, after the writer's place: without it that
/// place would be reported as a loss. A catalogue that is not where it was may have been moved, and name it.
fn has_no_home(segment: &Segment) -> bool {
    let log_dir = segment.log_dir();
    if !log_dir.join(".logloom/head").try_exists().unwrap_or(true) {
        let last = segment.heartbeat().load(Ordering::Relaxed).cast_signed();
        return clock::real_time().saturating_sub(last) > MOVING_NS;
    }
    let platform = Arc::new(LinuxPlatform);
    let writers = Directory::open(&log_dir, Options::reader(), platform)
        .and_then(|directory| directory.writers());
    let uuid = segment.identity().uuid;
    // A catalogue that cannot be read may name it.
    writers.is_ok_and(|writers| writers.iter().all(|writer| writer.identity.uuid != uuid))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn old_segments_that_were_never_finished_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let own = std::process::id();
        let start = LinuxPlatform.process_start_time(own).unwrap();
        let (old, young) = (Duration::from_secs(3600), Duration::ZERO);
        let files = [
            (format!("00-{own}-{}-00.llr", start + 1), old, false),
            (format!("01-{own}-{}-00.llr", start + 1), young, true),
            (format!("02-{own}-{start}-00.llr"), old, true),
            ("notes.llr".to_owned(), old, true),
            (format!("03-{own}-{}-00.txt", start + 1), old, true),
        ];
        for (name, age, _) in &files {
            let file = std::fs::File::create(dir.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - *age).unwrap();
        }
        assert_eq!(tidy(dir.path()), 1);
        for (name, _, stays) in &files {
            assert_eq!(dir.path().join(name).exists(), *stays, "{name}");
        }
    }
}
