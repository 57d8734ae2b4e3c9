//! The outside world as a parameter: file system, locks, clock, randomness, processes.
//!
//! In come names beneath an open directory and byte ranges; out go plain results with the operating
//! system's error. Nothing above this module calls the system itself, so that a simulated disk
//! and clock can take the place of [`LinuxPlatform`]. All unsafe code of the crate lives in
//! `linux.rs` beside this file.

mod brief;
mod file;
mod kind;
mod linux;
mod process;

use std::io;
use std::path::Path;
use std::time::Duration;

pub use brief::list;
pub use file::File;
pub use kind::{is_not_regular, not_regular};
pub use linux::{LinuxPlatform, kill_self};

/// An open file or directory of a [`Platform`]: a number that only that platform understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handle(pub i32);

/// How [`Platform::open_at`] opens a name. A symbolic link as last component is always refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Read an existing file.
    Read,
    /// Read and write an existing file.
    ReadWrite,
    /// Make a new file with mode 0600, whatever the umask; an existing one is an error. What root makes in
    /// another user's directory belongs to that user.
    CreateNew,
    /// Open an existing directory.
    Directory,
}

/// What the file system says about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Device number.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
    /// Number of names the file has; 0 once it is deleted.
    pub links: u64,
    /// Length in bytes.
    pub size: u64,
    /// Type and permission bits as in `st_mode`.
    pub mode: u32,
    /// Numeric owner.
    pub user: u32,
    /// Time of the last change of content, nanoseconds since 1970.
    pub modified_ns: i64,
}

impl Stat {
    /// Whether this is a symbolic link.
    pub fn is_symlink(&self) -> bool {
        self.mode & libc::S_IFMT == libc::S_IFLNK
    }
}

/// Tells that a watched file was written to.
pub trait Watch: Send {
    /// Waits until the file was written to since the last call, or `timeout` has passed.
    /// Returns whether there was an event. Events before the call are not missed.
    fn wait(&mut self, timeout: Duration) -> bool;
}

/// Everything the store needs of the machine.
///
/// Called from any thread at once. Reads and writes loop until all bytes are moved (or the end of
/// the file, for reads) and go on after an interrupted call. Errors keep the system's number, so that
/// callers can tell a full disk from a broken one. Only `sleep` and [`Watch::wait`] wait on purpose;
/// file calls block as long as the device does.
pub trait Platform: Send + Sync {
    /// Opens the directory at `path`. With `Links::Refuse`, a symbolic link as last component fails.
    fn open_directory(&self, path: &Path, links: Links) -> io::Result<Handle>;
    /// What stands at `path`; with `Links::Refuse` the link itself is described.
    fn stat_path(&self, path: &Path, links: Links) -> io::Result<Stat>;
    /// Makes the directory `path` and its missing parents, each with mode 0700.
    fn make_path(&self, path: &Path) -> io::Result<()>;
    /// Opens `name` beneath `directory`. Never waits for another process: where a file is wanted and
    /// a pipe, device, socket, directory or link stands, it fails with [`not_regular`].
    fn open_at(&self, directory: Handle, name: &str, mode: OpenMode) -> io::Result<Handle>;
    /// Closes a handle. Errors are of no use to anybody and are dropped.
    fn close(&self, handle: Handle);
    /// Reads at `offset` until `buffer` is full or the file ends; returns the number of bytes read.
    fn read_at(&self, handle: Handle, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of `bytes` at `offset`. After an error some of them may have been written.
    fn write_at(&self, handle: Handle, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Gives an empty file `size` bytes that read as zeros and whose room is taken: writing to them never
    /// finds the disk full. Here by writing them.
    fn allocate(&self, handle: Handle, size: u64) -> io::Result<()> {
        write_zeros(self, handle, size)
    }
    /// Cuts or extends the file to `size` bytes.
    fn truncate(&self, handle: Handle, size: u64) -> io::Result<()>;
    /// What an open file is.
    fn stat(&self, handle: Handle) -> io::Result<Stat>;
    /// What stands at `name` beneath `directory`, links not followed.
    fn stat_at(&self, directory: Handle, name: &str) -> io::Result<Stat>;
    /// Forces the content to the device. After an error the content's fate is unknown.
    fn sync_data(&self, handle: Handle) -> io::Result<()>;
    /// Renames beneath `directory`, replacing `to`.
    fn rename_at(&self, directory: Handle, from: &str, to: &str) -> io::Result<()>;
    /// Renames from one directory to another; an existing target is an error and stays.
    fn rename_new(&self, from: (Handle, &str), to: (Handle, &str)) -> io::Result<()>;
    /// Removes a file's name.
    fn unlink_at(&self, directory: Handle, name: &str) -> io::Result<()>;
    /// Makes a directory with mode 0700; an existing one is no error. What root makes in another user's
    /// directory belongs to that user.
    fn make_directory_at(&self, directory: Handle, name: &str) -> io::Result<()>;
    /// All names in a directory that are UTF-8, in no order, without `.` and `..`.
    fn list(&self, directory: Handle) -> io::Result<Vec<String>>;
    /// Tries to lock one byte of the file for this open file description; never waits.
    fn try_lock(&self, handle: Handle, offset: u64) -> io::Result<bool>;
    /// Releases one byte.
    fn unlock(&self, handle: Handle, offset: u64) -> io::Result<()>;
    /// Whether `try_lock` would succeed now. Locks of the same handle do not count.
    fn is_lockable(&self, handle: Handle, offset: u64) -> io::Result<bool>;
    /// Watches an open file for writes; `None` where the system offers no events.
    fn watch(&self, handle: Handle) -> Option<Box<dyn Watch>>;
    /// Wall clock, nanoseconds since 1970.
    fn realtime_ns(&self) -> i64;
    /// A clock that never goes back, nanoseconds since an unknown start.
    fn monotonic_ns(&self) -> u64;
    /// Sixteen random bytes.
    fn random(&self) -> [u8; 16];
    /// Identity of this run of the machine; all zero where it is unknown.
    fn boot_id(&self) -> [u8; 16];
    /// Number of this process.
    fn process_id(&self) -> u32;
    /// When a process started (clock ticks since boot); `None` when there is no such process.
    fn process_start_time(&self, process: u32) -> Option<u64>;
    /// Identity of this process's pid namespace; 0 where it is unknown.
    fn pid_namespace(&self) -> u64;
    /// Effective user of this process.
    fn user(&self) -> u32;
    /// Lets time pass.
    fn sleep(&self, duration: Duration);

    /// Whether that very process (not a later one with its number) still runs, or may: `false` is certain.
    fn process_alive(&self, process: u32, start_time: u64) -> bool {
        self.process_start_time(process) == Some(start_time)
    }
}

fn write_zeros(platform: &(impl Platform + ?Sized), handle: Handle, size: u64) -> io::Result<()> {
    let zeros = vec![0u8; 256 * 1024];
    let mut offset = 0;
    while offset < size {
        let length = (size - offset).min(zeros.len() as u64);
        platform.write_at(handle, &zeros[..length as usize], offset)?;
        offset += length;
    }
    Ok(())
}

/// What to do with a symbolic link as last component of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Go where it points.
    Follow,
    /// Fail, or describe the link itself.
    Refuse,
}
