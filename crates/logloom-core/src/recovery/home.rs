//! Where a segment's records belong: to the catalogue that names it, wherever that lies now.
//!
//! A log directory may be moved, so the catalogue's identity counts and not the path. A directory
//! may also be copied, catalogue and all: then the records belong to the original, as long as it is
//! where the segment says.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use logloom_ring::Segment;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, Options};

/// Where a segment's records belong, seen from one directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// To this directory.
    Here,
    /// To another one: its process has gone on there, and has a place there.
    Elsewhere,
    /// To the directory that this one is a copy of.
    Copied,
}

pub(super) fn of(segment: &Segment, directory: &Directory) -> Home {
    let catalogue = segment.home();
    if directory.store_id() != Some(catalogue) {
        return Home::Elsewhere;
    }
    let noted = segment.log_dir();
    if is_same(&noted, directory.path()) || !names(&noted, catalogue) {
        return Home::Here;
    }
    Home::Copied
}

pub(super) fn is_same(left: &Path, right: &Path) -> bool {
    let place = |path: &Path| std::fs::metadata(path).map(|found| (found.dev(), found.ino()));
    matches!((place(left), place(right)), (Ok(left), Ok(right)) if left == right)
}

/// Whether the directory at `path` has this very catalogue.
fn names(path: &Path, catalogue: [u8; 16]) -> bool {
    Directory::open(path, Options::reader(), Arc::new(LinuxPlatform))
        .is_ok_and(|directory| directory.store_id() == Some(catalogue))
}
