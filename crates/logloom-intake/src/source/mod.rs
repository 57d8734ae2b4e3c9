//! Files that other programs write: which bytes come next, and what became of the file.
//!
//! [`SourceReader`] reads one open file, [`Follower`] a set of paths and directories. Both work
//! over [`SourceTree`] and [`SourceFile`], so that every order of events can be played through;
//! [`LocalFiles`] is the real file system. Positions given with each line are durable: a reader
//! that starts again at one, and finds the same [`SourceIdentity`], misses and repeats nothing.

mod file;
mod follower;
mod identity;
mod reader;
mod scan;

use std::io;
use std::path::{Path, PathBuf};

pub use file::LocalFiles;
pub use follower::{
    FollowOptions, FollowedLine, Follower, KnownSource, Polled, SourceProblem, Start,
};
pub use identity::SourceIdentity;
pub use reader::{Change, SourceReader};

/// What the file system says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceStat {
    /// The device.
    pub device: u64,
    /// The file's number on that device.
    pub inode: u64,
    /// Bytes.
    pub size: u64,
}

impl SourceStat {
    /// Whether both are the same file, whatever its name and size.
    #[must_use]
    pub fn is_same_file(&self, other: &SourceStat) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

/// One open file. It stays readable under this handle when it is renamed or deleted.
pub trait SourceFile {
    /// Identity and size as of now.
    ///
    /// # Errors
    /// Those of the file system.
    fn stat(&self) -> io::Result<SourceStat>;

    /// Reads at a position; gives 0 at and beyond the end, and may give fewer bytes than there is
    /// room for. Must not wait for more to be written.
    ///
    /// # Errors
    /// Those of the file system.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;
}

/// A file system as far as following needs one.
pub trait SourceTree {
    /// An open file of it.
    type File: SourceFile;

    /// Opens a regular file for reading; refuses pipes, devices and directories.
    ///
    /// # Errors
    /// Those of the file system; [`io::ErrorKind::NotFound`] when there is none.
    fn open(&self, path: &Path) -> io::Result<Self::File>;

    /// What stands at a path, symbolic links followed; `None` when nothing does.
    ///
    /// # Errors
    /// Those of the file system, but for a path that does not exist.
    fn look(&self, path: &Path) -> io::Result<Option<Found>>;

    /// The entries of a directory as full paths, in any order.
    ///
    /// # Errors
    /// Those of the file system.
    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>>;
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A regular file.
    File(SourceStat),
    /// A directory.
    Directory,
    /// Something that cannot be followed: a pipe, a device, a socket.
    Other,
}
