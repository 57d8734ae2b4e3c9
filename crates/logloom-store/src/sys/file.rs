//! An open file that closes itself. In come a platform and a handle; out go calls on it. It refuses
//! nothing of its own.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use super::{Handle, OpenMode, Platform, Stat};

/// An open file or directory; closed when dropped.
pub struct File {
    platform: Arc<dyn Platform>,
    number: AtomicI32,
    /// Device and inode of what was opened.
    identity: Option<(u64, u64)>,
}

impl File {
    /// Takes ownership of `handle`.
    pub fn new(platform: Arc<dyn Platform>, handle: Handle) -> File {
        let identity = platform.stat(handle).ok().map(|stat| (stat.device, stat.inode));
        File { platform, number: AtomicI32::new(handle.0), identity }
    }

    /// Opens `name` beneath the directory `self`.
    pub fn open(&self, name: &str, mode: OpenMode) -> io::Result<File> {
        let handle = self.platform.open_at(self.handle(), name, mode)?;
        Ok(File::new(self.platform.clone(), handle))
    }

    /// The platform's number for this file.
    pub fn handle(&self) -> Handle {
        Handle(self.number.load(Ordering::Relaxed))
    }

    /// Whether the number still stands for the file that was opened: a program that closes all its
    /// descriptors, as daemons do, may have given the number to a file of its own.
    pub fn is_still_ours(&self) -> bool {
        let now = self.platform.stat(self.handle()).map(|stat| (stat.device, stat.inode));
        self.identity.is_some() && now.ok() == self.identity
    }

    /// Closes now, unless the number has become another file's. Later calls on this file fail. Safe in a
    /// fork child: no lock, no allocation.
    pub fn close(&self) {
        let number = self.number.swap(-1, Ordering::Relaxed);
        let now = self.platform.stat(Handle(number)).map(|stat| (stat.device, stat.inode));
        if number >= 0 && now.ok() == self.identity {
            self.platform.close(Handle(number));
        }
    }

    /// See [`Platform::read_at`].
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.platform.read_at(self.handle(), buffer, offset)
    }

    /// See [`Platform::write_at`].
    pub fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.platform.write_at(self.handle(), bytes, offset)
    }

    /// See [`Platform::allocate`].
    pub fn allocate(&self, size: u64) -> io::Result<()> {
        self.platform.allocate(self.handle(), size)
    }

    /// See [`Platform::truncate`].
    pub fn truncate(&self, size: u64) -> io::Result<()> {
        self.platform.truncate(self.handle(), size)
    }

    /// See [`Platform::stat`].
    pub fn stat(&self) -> io::Result<Stat> {
        self.platform.stat(self.handle())
    }

    /// What stands at `name` beneath the directory `self`.
    pub fn stat_at(&self, name: &str) -> io::Result<Stat> {
        self.platform.stat_at(self.handle(), name)
    }

    /// See [`Platform::sync_data`].
    pub fn sync_data(&self) -> io::Result<()> {
        self.platform.sync_data(self.handle())
    }

    /// The platform this file belongs to.
    pub fn platform(&self) -> &Arc<dyn Platform> {
        &self.platform
    }

    /// Writes `bytes` as the new content of `name` beneath the directory `self`: readers see the old
    /// content or the new one, never a mixture. A kill may leave a file `name.tmp-*` behind.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let unique = u64::from_le_bytes(self.platform.random()[..8].try_into().unwrap_or([0; 8]));
        let temporary = format!("{name}.tmp-{unique:016x}");
        let file = self.open(&temporary, OpenMode::CreateNew)?;
        let written = file
            .write_at(bytes, 0)
            .and_then(|()| self.platform.rename_at(self.handle(), &temporary, name));
        if written.is_err() {
            let _ = self.platform.unlink_at(self.handle(), &temporary);
        }
        written
    }

    /// The whole content of `name` beneath the directory `self`; longer than `limit` bytes is an error.
    pub fn read_whole(&self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        let file = self.open(name, OpenMode::Read)?;
        let size = file.stat()?.size;
        if size > limit {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{size} bytes, more than the {limit} expected"),
            ));
        }
        let mut bytes = vec![0; size as usize];
        let length = file.read_at(&mut bytes, 0)?;
        bytes.truncate(length);
        Ok(bytes)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for File {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "File({})", self.handle().0)
    }
}
