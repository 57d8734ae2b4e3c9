//! Names that should be regular files and are not. In comes a file's mode; out goes an error that says
//! what stands there and what to do. It refuses pipes, devices, sockets, directories and links alike: a
//! process that waits at a pipe, or reads a device without end, would be lost.

use std::fmt;
use std::io;

/// The error inside the [`io::Error`] of an open that found something else than a regular file.
#[derive(Debug)]
struct NotRegular {
    found: &'static str,
}

impl fmt::Display for NotRegular {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.found;
        write!(
            formatter,
            "a {found} stands there, not a regular file: move it away, then try again"
        )
    }
}

impl std::error::Error for NotRegular {}

/// The error of [`Platform::open_at`](super::Platform::open_at) for a name of this mode (`st_mode`);
/// `None` for a regular file.
pub fn not_regular(mode: u32) -> Option<io::Error> {
    let found = match mode & libc::S_IFMT {
        libc::S_IFREG => return None,
        libc::S_IFIFO => "pipe",
        libc::S_IFSOCK => "socket",
        libc::S_IFDIR => "directory",
        libc::S_IFLNK => "symbolic link",
        _ => "device",
    };
    Some(io::Error::new(io::ErrorKind::InvalidInput, NotRegular { found }))
}

/// Whether an open failed because something else than a regular file stands under the name.
pub fn is_not_regular(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<NotRegular>())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_regular_files_pass() {
        assert!(not_regular(libc::S_IFREG | 0o600).is_none());
        for mode in [libc::S_IFIFO, libc::S_IFDIR, libc::S_IFCHR, libc::S_IFBLK, 0] {
            assert!(is_not_regular(&not_regular(mode).unwrap()));
        }
        assert!(!is_not_regular(&io::ErrorKind::InvalidInput.into()));
    }
}
