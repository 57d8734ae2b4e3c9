//! Files and directories that are open for a moment. In comes a path; out goes what stands there.
//!
//! A program may close all its descriptors at any time, as daemons do, and give their numbers to files of
//! its own while a thread of ours is in here: each number is closed only while it still stands for what was
//! opened ([`File::close`]). The standard library would close the application's file.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{File, Links, LinuxPlatform, Platform};

/// The whole of a small file; more than `limit` bytes are left out.
pub(super) fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let handle = super::linux::open_to_read(path.as_os_str().as_bytes())?;
    let file = File::new(Arc::new(LinuxPlatform), handle);
    let mut bytes = vec![0; limit];
    let length = file.read_at(&mut bytes, 0)?;
    bytes.truncate(length);
    Ok(bytes)
}

/// The paths of what stands in the directory `path`, in no order; names that are no UTF-8 are left out.
///
/// # Errors
/// What the file system says.
pub fn list(path: &Path) -> io::Result<Vec<PathBuf>> {
    let platform = LinuxPlatform;
    let directory = File::new(Arc::new(platform), platform.open_directory(path, Links::Follow)?);
    let names = platform.list(directory.handle())?;
    Ok(names.into_iter().map(|name| path.join(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_listed_whole() {
        let dir = tempfile::tempdir().unwrap();
        // More than one call of the system gives at once.
        let mut expected: Vec<_> =
            (0..2_000).map(|number| dir.path().join(format!("{number:040}"))).collect();
        expected.iter().for_each(|path| std::fs::write(path, "").unwrap());
        let mut found = list(dir.path()).unwrap();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        assert_eq!(list(&dir.path().join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_file_is_read_up_to_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, "four").unwrap();
        assert_eq!(read(&path, 100).unwrap(), b"four");
        assert_eq!(read(&path, 3).unwrap(), b"fou");
    }
}
