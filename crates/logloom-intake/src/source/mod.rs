//! Files that other programs write: which bytes come next, and what became of the file.
//!
//! [`SourceReader`] reads one open file, [`Follower`] a set of paths, directories and patterns. Both
//! work over [`SourceTree`] and [`SourceFile`], so that every order of events can be played through;
//! [`LocalFiles`] is the real file system, [`WatchedFiles`] the same with notifications. Positions
//! given with each line are durable: a reader that starts again at one, and finds the same
//! [`SourceIdentity`], misses and repeats nothing.

mod family;
mod file;
mod follower;
mod identity;
mod packed;
mod pattern;
mod reader;
mod scan;
mod watch;

use std::io;
use std::path::{Path, PathBuf};

pub use file::{LocalFile, LocalFiles};
pub use follower::{
    FollowOptions, FollowedLine, Follower, KnownSource, Links, Polled, SourceProblem, Start,
};
pub use identity::SourceIdentity;
pub use pattern::is_pattern;
pub use reader::{Change, SourceReader};
pub use watch::WatchedFiles;

/// Device and inode.
pub(crate) type FileKey = (u64, u64);

/// What the file system says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceStat {
    /// The device.
    pub device: u64,
    /// The file's number on that device.
    pub inode: u64,
    /// Bytes.
    pub size: u64,
    /// When it was last written, nanoseconds since 1970.
    pub written_ns: i64,
}

impl SourceStat {
    /// Whether both are the same file, whatever its name and size.
    #[must_use]
    pub fn is_same_file(&self, other: &SourceStat) -> bool {
        self.key() == other.key()
    }

    pub(crate) fn key(&self) -> FileKey {
        (self.device, self.inode)
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

/// One entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The full path.
    pub path: PathBuf,
    /// Whether it is a symbolic link.
    pub is_link: bool,
}

/// Something that happened to files of a watched directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The content of this file changed.
    Written(PathBuf),
    /// A file got another name, in the same directory or not.
    Moved {
        /// Its name before.
        from: PathBuf,
        /// Its name now.
        to: PathBuf,
    },
    /// Something was created, moved or removed.
    Arranged,
    /// More happened than could be told.
    Missed,
}

/// A file system as far as following needs one.
pub trait SourceTree {
    /// An open file of it.
    type File: SourceFile;

    /// Opens a regular file for reading; refuses pipes, devices and directories. Must not wait for
    /// anybody.
    ///
    /// # Errors
    /// Those of the file system; [`io::ErrorKind::NotFound`] when there is none.
    fn open(&self, path: &Path) -> io::Result<Self::File>;

    /// Opens a packed file (gzip), to be read as what is packed in it.
    ///
    /// # Errors
    /// Those of the file system; [`io::ErrorKind::Unsupported`] where packed files are not read.
    fn open_packed(&self, path: &Path) -> io::Result<Self::File> {
        let text = format!("{}: packed files are not read here", path.display());
        Err(io::Error::new(io::ErrorKind::Unsupported, text))
    }

    /// What stands at a path, symbolic links followed; `None` when nothing does.
    ///
    /// # Errors
    /// Those of the file system, but for a path that does not exist.
    fn look(&self, path: &Path) -> io::Result<Option<Found>>;

    /// Gives the entries of a directory in any order, until it is told to stop by `false`.
    ///
    /// # Errors
    /// Those of the file system.
    fn list(&self, directory: &Path, give: &mut dyn FnMut(Entry) -> bool) -> io::Result<()>;

    /// Where a path that leads through symbolic links ends; `None` where that is not known.
    fn real_path(&self, path: &Path) -> Option<PathBuf> {
        let _ = path;
        None
    }

    /// Has changes in this directory told by [`SourceTree::news`] from now on. `false` where
    /// changes may stay untold: the caller then looks by itself. Watching what is watched already
    /// costs little.
    fn watch(&self, directory: &Path) -> bool {
        let _ = directory;
        false
    }

    /// Asks for the right to follow this file before any line of it is read. Asking again for what is
    /// held already changes nothing.
    ///
    /// # Errors
    /// Somebody else holds it; the error tells who. It is asked for again at each look.
    fn claim(&self, file: &SourceStat) -> io::Result<()> {
        let _ = file;
        Ok(())
    }

    /// Gives the right back: the file is followed no longer.
    fn release(&self, device: u64, inode: u64) {
        let _ = (device, inode);
    }

    /// What happened in watched directories since the last call. Does not wait.
    fn news(&self) -> Vec<News> {
        Vec::new()
    }
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
