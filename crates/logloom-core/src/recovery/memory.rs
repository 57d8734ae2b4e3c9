//! What has become of a dead writer's memory, as far as it can be seen from here.
//!
//! Takes a writer of the catalogue, says whether its segment can be read, and where not, whether
//! anybody else could. Opens the file for that and changes nothing.

use std::io;
use std::path::Path;

use logloom_ring::Segment;
use logloom_ring::memory::SharedMemory;
use logloom_ring::segment::OpenError;
use logloom_store::WriterIdentity;
use logloom_store::sys::{LinuxPlatform, Platform};

/// What a dead writer's memory is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Memory {
    /// It can be read here: recovery takes it.
    Readable,
    /// It ended with an earlier start of the machine: recovery tells the loss.
    Ended,
    /// It was deleted since the machine was started: nobody can recover it.
    Deleted,
    /// It is there, and cut or damaged so that nobody can recover it; the reason is inside.
    Unreadable(String),
    /// Another user, container or version may be able to recover it.
    OutOfReach,
}

impl Memory {
    /// Looks at the memory of a writer that is dead.
    #[must_use]
    pub fn of(identity: &WriterIdentity) -> Memory {
        look(identity).1
    }

    /// Whether a recovery, here or by somebody else, can do anything about it.
    #[must_use]
    pub fn is_recoverable(&self) -> bool {
        !matches!(self, Memory::Deleted | Memory::Unreadable(_))
    }

    /// Why this writer cannot be recovered here, as a sentence with what to do.
    #[must_use]
    pub fn problem(&self, identity: &WriterIdentity) -> String {
        let WriterIdentity { segment_path: path, pid, .. } = identity;
        match self {
            Memory::Deleted => format!(
                "the segment {path} of process {pid} is gone: it was deleted, and nothing more can be \
                 recovered; the log tells the loss after the next start of the machine"
            ),
            Memory::Unreadable(why) => format!(
                "the segment {path} of process {pid} is cut or damaged ({why}): nothing more can be \
                 recovered from it; it stays as it is until somebody removes it"
            ),
            _ => format!(
                "the segment {path} of process {pid} is out of reach; run logloom recover as its \
                 owner, in the container that it ran in"
            ),
        }
    }
}

/// The segment, where it can be read, and what it is.
pub(super) fn look(identity: &WriterIdentity) -> (Option<Segment>, Memory) {
    let path = Path::new(&identity.segment_path);
    match Segment::open(&SharedMemory, path) {
        Ok(segment) if is_same(&segment, identity) => (Some(segment), Memory::Readable),
        Ok(_) => (None, absent(identity)),
        Err(_) if is_absent(path, identity.segment_inode) => (None, absent(identity)),
        // A writer is registered once its segment is finished: one that is not any more was cut.
        Err(error @ (OpenError::Unfinished | OpenError::Damaged { .. })) => {
            let why = match error {
                OpenError::Unfinished => "its header is missing".to_owned(),
                error => error.to_string(),
            };
            (None, Memory::Unreadable(why))
        }
        Err(_) => (None, Memory::OutOfReach),
    }
}

fn is_same(segment: &Segment, identity: &WriterIdentity) -> bool {
    segment.inode() == identity.segment_inode && segment.identity().uuid == identity.uuid
}

/// Within one start of the machine, a segment that is not found may lie in another container's
/// memory file system, where somebody else can reach it.
fn absent(identity: &WriterIdentity) -> Memory {
    let platform = LinuxPlatform;
    let is_ours = identity.pid_namespace != 0 && identity.pid_namespace == platform.pid_namespace();
    let is_this_boot = identity.boot_id == platform.boot_id();
    match (is_this_boot, is_ours) {
        (false, _) if is_absent(Path::new(&identity.segment_path), identity.segment_inode) => {
            Memory::Ended
        }
        (true, true) => Memory::Deleted,
        _ => Memory::OutOfReach,
    }
}

pub(super) fn is_absent(path: &Path, inode: u64) -> bool {
    use std::os::unix::fs::MetadataExt;
    match std::fs::symlink_metadata(path) {
        Ok(found) => found.ino() != inode,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::MetadataExt;

    use super::*;

    fn identity(path: &Path) -> WriterIdentity {
        let platform = LinuxPlatform;
        WriterIdentity {
            uuid: [1; 16],
            boot_id: platform.boot_id(),
            pid: 1,
            start_time: 1,
            pid_namespace: platform.pid_namespace(),
            segment_path: path.to_string_lossy().into_owned(),
            segment_inode: std::fs::metadata(path).map_or(7, |found| found.ino()),
        }
    }

    #[test]
    fn what_nobody_can_recover_is_told_apart_from_what_is_out_of_reach() {
        let dir = tempfile::tempdir().unwrap();
        let (path, none) = (dir.path().join("cut.llr"), dir.path().join("none.llr"));
        std::fs::write(&path, [0; 100]).unwrap();
        let cut = identity(&path);
        assert!(matches!(Memory::of(&cut), Memory::Unreadable(_)));
        assert!(!Memory::of(&cut).is_recoverable());
        let replaced = WriterIdentity { segment_inode: cut.segment_inode + 1, ..cut };
        assert_eq!(Memory::of(&replaced), Memory::Deleted);
        let deleted = identity(&none);
        assert_eq!(Memory::of(&deleted), Memory::Deleted);
        assert!(Memory::Deleted.problem(&deleted).contains("nothing more can be recovered"));
        let elsewhere = WriterIdentity { pid_namespace: 0, ..deleted.clone() };
        assert_eq!(Memory::of(&elsewhere), Memory::OutOfReach);
        let earlier = WriterIdentity { boot_id: [9; 16], ..deleted };
        assert_eq!(Memory::of(&earlier), Memory::Ended);
    }
}
