//! Segments that no catalogue names though they hold records: `head` was deleted or damaged after
//! their process had died. They are looked for where segments are made by themselves, and where writers
//! of the log directory have had theirs, and registered again in the dead writer's name; then they
//! are recovered like all others. A batch that may already stand in a file is found there by its
//! own lines.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use logloom_ring::Segment;
use logloom_ring::memory::SharedMemory;
use logloom_ring::segment::directory::{RingDirectory, candidates};
use logloom_store::{Directory, WriterIdentity, sys};

use super::{Outcome, Report, home, memory, orphan};

/// Between two looks of this process for one catalogue: a look opens all that the dead of other
/// directories have left as well.
const INTERVAL: Duration = Duration::from_secs(60);

/// The catalogue looked for last, and when.
static LOOKED: Mutex<Option<([u8; 16], Instant)>> = Mutex::new(None);

fn is_due(catalogue: [u8; 16]) -> bool {
    let mut looked = LOOKED.lock().unwrap_or_else(PoisonError::into_inner);
    let is_recent = looked.is_some_and(|(known, at)| known == catalogue && at.elapsed() < INTERVAL);
    if !is_recent {
        *looked = Some((catalogue, Instant::now()));
    }
    !is_recent
}

/// Registers the segments of this directory that were lost. They are looked for at once where the
/// catalogue is another one than at the last time, else each minute.
pub(super) fn register(directory: &Directory, report: &mut Report) {
    if !directory.store_id().is_some_and(is_due) {
        return;
    }
    let noted = directory.segment_directories();
    let automatic = candidates(&RingDirectory::Automatic, directory.path());
    let ring_dirs: BTreeSet<PathBuf> = noted.into_iter().chain(automatic).collect();
    for ring_dir in ring_dirs {
        for path in segments_of_the_dead(&ring_dir) {
            if let Err(problem) = register_one(directory, &path) {
                report.problems.push(problem);
            }
        }
    }
}

fn segments_of_the_dead(ring_dir: &Path) -> Vec<PathBuf> {
    let Ok(paths) = sys::list(ring_dir) else { return Vec::new() };
    paths.into_iter().filter(|path| orphan::is_named_for_the_dead(path)).collect()
}

fn register_one(directory: &Directory, path: &Path) -> Outcome {
    // One that cannot be read is not ours, or of another version.
    let Ok(segment) = Segment::open(&SharedMemory, path) else { return Ok(()) };
    let is_ours = home::is_same(&segment.log_dir(), directory.path());
    if !is_ours || orphan::holds_nothing(&segment) || is_registered(directory, &segment) {
        return Ok(());
    }
    if !orphan::is_dead(&segment) {
        return Err(format!(
            "nobody recovers the segment {} yet, whose process {} may run in another container; run \
             logloom recover there",
            path.display(),
            segment.identity().pid
        ));
    }
    if !segment.try_lock() || !is_still_lost(directory, &segment, path) {
        return Ok(());
    }
    let catalogue = directory.store_id().ok_or("the log directory has no catalogue")?;
    segment.set_home(catalogue, directory.path()).map_err(|error| error.to_string())?;
    let registered = directory.register(identity(&segment, path));
    // Dropped at once: the writer is dead, and a dead writer's slot is what recovery looks for.
    registered.map(drop).map_err(|error| error.to_string())
}

/// Asked under the segment's lock. Two that find it at once must not register it twice, and a recovery may
/// have ended meanwhile: that marks the segment as drained before it frees the place, and removes the file
/// after, so it is asked for these in the other order.
fn is_still_lost(directory: &Directory, segment: &Segment, path: &Path) -> bool {
    !is_registered(directory, segment)
        && !orphan::holds_nothing(segment)
        && !memory::is_absent(path, segment.inode())
}

fn is_registered(directory: &Directory, segment: &Segment) -> bool {
    let uuid = segment.identity().uuid;
    let writers = directory.writers();
    // A catalogue that cannot be read may name it.
    writers.map_or(true, |writers| writers.iter().any(|writer| writer.identity.uuid == uuid))
}

fn identity(segment: &Segment, path: &Path) -> WriterIdentity {
    let dead = segment.identity();
    WriterIdentity {
        uuid: dead.uuid,
        boot_id: dead.boot_id,
        pid: dead.pid,
        start_time: dead.start_time,
        pid_namespace: dead.pid_namespace,
        segment_path: path.to_string_lossy().into_owned(),
        segment_inode: segment.inode(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use logloom_ring::clock::ClockKind;
    use logloom_ring::segment::{Identity, SegmentOptions};
    use logloom_store::{Options, sys::LinuxPlatform};

    use super::*;

    /// A segment with an open batch.
    fn waiting(path: &Path, log_dir: &Path) -> Segment {
        let options = SegmentOptions {
            path: path.to_owned(),
            log_dir: log_dir.to_owned(),
            identity: Identity { uuid: [3; 16], pid: 1, start_time: 1, ..Identity::default() },
            config: String::new(),
            total_bytes: 8 << 20,
            clock: ClockKind::RealTime,
            dictionary: Vec::new(),
        };
        let segment = Segment::create(&SharedMemory, &options).unwrap();
        segment.set_staged(1);
        segment
    }

    #[test]
    fn a_segment_that_another_recovery_has_given_up_meanwhile_is_lost_no_longer() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let directory = Directory::open(&log, Options::default(), Arc::new(LinuxPlatform)).unwrap();
        let path = dir.path().join("one.llr");
        let segment = waiting(&path, &log);
        assert!(is_still_lost(&directory, &segment, &path));
        std::fs::rename(&path, dir.path().join("moved.llr")).unwrap();
        assert!(!is_still_lost(&directory, &segment, &path), "its file is removed");
        std::fs::rename(dir.path().join("moved.llr"), &path).unwrap();
        segment.set_drained();
        assert!(!is_still_lost(&directory, &segment, &path), "it is drained");
    }

    #[test]
    fn another_catalogue_is_looked_for_at_once_and_the_same_one_later() {
        let due = [[1; 16], [1; 16], [2; 16], [2; 16], [1; 16]].map(is_due);
        assert_eq!(due, [true, false, true, false, true]);
    }
}
