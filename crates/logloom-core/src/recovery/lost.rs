//! Segments that no catalogue names though they hold records: `head` was deleted or damaged after
//! their process had died. They are looked for where segments are made by themselves, and where writers
//! of the log directory have had theirs, and registered again in the dead writer's name; then they
//! are recovered like all others. A batch that may already stand in a file is found there by its
//! own lines.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use logloom_ring::Segment;
use logloom_ring::memory::SharedMemory;
use logloom_ring::segment::directory::{RingDirectory, candidates};
use logloom_store::{Directory, WriterIdentity};

use super::{Outcome, Report, home, orphan};

/// Registers the segments of this directory that were lost.
pub(super) fn register(directory: &Directory, report: &mut Report) {
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
    let Ok(entries) = std::fs::read_dir(ring_dir) else { return Vec::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths.filter(|path| orphan::is_named_for_the_dead(path)).collect()
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
    // Two that find it at once must not register it twice: the second looks again.
    if !segment.try_lock() || is_registered(directory, &segment) {
        return Ok(());
    }
    let catalogue = directory.store_id().ok_or("the log directory has no catalogue")?;
    segment.set_home(catalogue, directory.path()).map_err(|error| error.to_string())?;
    let registered = directory.register(identity(&segment, path));
    // Dropped at once: the writer is dead, and a dead writer's slot is what recovery looks for.
    registered.map(drop).map_err(|error| error.to_string())
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
