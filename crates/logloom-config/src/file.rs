//! Takes a path, hands on the text of a configuration file and a mark of its state; refuses what
//! is no ordinary file, what is larger than 1 MiB, and a file of another user found by chance.
//! The only place of this crate that touches the file system. May block as long as the disk does.

use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Bytes of a configuration file. The largest real one stays far below.
pub(crate) const FILE_BYTES_MAX: u64 = 1 << 20;

/// What tells one state of a file from the next without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        Stamp {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// The state of the file at `path`; `None` when there is none.
pub(crate) fn stamp(path: &Path) -> Option<Stamp> {
    std::fs::metadata(path).ok().map(|metadata| Stamp::of(&metadata))
}

/// The text of the file at `path`.
///
/// # Errors
/// A message without the path: what went wrong and what to do.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    let metadata = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    // Opening a pipe would wait for its other end.
    if !metadata.is_file() {
        return Err("is not an ordinary file".to_owned());
    }
    let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    let mut bytes = Vec::new();
    let read = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err("is larger than 1 MiB, which no configuration needs".to_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        format!("is not valid UTF-8 at byte {offset}; save it as UTF-8")
    })
}

/// Whether there is a file at `path` that this process should trust although nobody named it: in
/// a directory such as `/tmp` anybody may leave a `logloom.yaml` for the next program to find.
pub(crate) fn found_by_chance(path: &Path) -> Chance {
    let Ok(metadata) = std::fs::metadata(path) else {
        return Chance::Missing;
    };
    let own = std::fs::metadata("/proc/self").map(|own| own.uid());
    let trusted = metadata.uid() == 0 || own.is_ok_and(|own| own == metadata.uid());
    if trusted { Chance::Trusted } else { Chance::Foreign }
}

/// What stands at a path that nobody named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chance {
    /// Nothing.
    Missing,
    /// A file of this user or of root.
    Trusted,
    /// A file of another user.
    Foreign,
}
