//! The real machine with chosen faults: another boot, a full disk, a sync that fails.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use logloom_store::sys::{Handle, Links, LinuxPlatform, OpenMode, Platform, Stat, Watch};

/// A machine on which things go wrong when told to.
#[derive(Default)]
pub(crate) struct Faulty {
    /// Looks like a later boot.
    pub(crate) other_boot: AtomicBool,
    /// Writes other than of slots stop halfway: no space left.
    pub(crate) disk_full: AtomicBool,
    /// Syncs fail.
    pub(crate) sync_fails: AtomicBool,
    /// Syncs do nothing: for thousands of files, where no power loss is meant.
    pub(crate) no_device: AtomicBool,
    /// Nothing in the log directory may be made, renamed or deleted.
    pub(crate) no_rights: AtomicBool,
    /// What the clock shows; 0 for the machine's own.
    pub(crate) now_ns: AtomicI64,
    /// Nanoseconds of sleep that were asked for, however long they took.
    pub(crate) slept_ns: AtomicU64,
}

impl Faulty {
    fn check_rights(&self) -> io::Result<()> {
        match self.no_rights.load(Ordering::Relaxed) {
            true => Err(io::Error::from_raw_os_error(libc::EACCES)),
            false => Ok(()),
        }
    }
}

const SLOT: usize = 512;

impl Platform for Faulty {
    fn write_at(&self, handle: Handle, bytes: &[u8], offset: u64) -> io::Result<()> {
        if self.disk_full.load(Ordering::Relaxed) && bytes.len() != SLOT {
            LinuxPlatform.write_at(handle, &bytes[..bytes.len() / 2], offset)?;
            return Err(io::Error::from_raw_os_error(libc::ENOSPC));
        }
        LinuxPlatform.write_at(handle, bytes, offset)
    }

    fn sync_data(&self, handle: Handle) -> io::Result<()> {
        if self.sync_fails.load(Ordering::Relaxed) {
            return Err(io::Error::from_raw_os_error(libc::EIO));
        }
        if self.no_device.load(Ordering::Relaxed) {
            return Ok(());
        }
        LinuxPlatform.sync_data(handle)
    }

    fn boot_id(&self) -> [u8; 16] {
        match self.other_boot.load(Ordering::Relaxed) {
            true => [0xee; 16],
            false => LinuxPlatform.boot_id(),
        }
    }

    fn open_directory(&self, path: &Path, links: Links) -> io::Result<Handle> {
        LinuxPlatform.open_directory(path, links)
    }
    fn stat_path(&self, path: &Path, links: Links) -> io::Result<Stat> {
        LinuxPlatform.stat_path(path, links)
    }
    fn make_path(&self, path: &Path) -> io::Result<()> {
        LinuxPlatform.make_path(path)
    }
    fn open_at(&self, directory: Handle, name: &str, mode: OpenMode) -> io::Result<Handle> {
        LinuxPlatform.open_at(directory, name, mode)
    }
    fn close(&self, handle: Handle) {
        LinuxPlatform.close(handle);
    }
    fn read_at(&self, handle: Handle, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        LinuxPlatform.read_at(handle, buffer, offset)
    }
    fn truncate(&self, handle: Handle, size: u64) -> io::Result<()> {
        LinuxPlatform.truncate(handle, size)
    }
    fn stat(&self, handle: Handle) -> io::Result<Stat> {
        LinuxPlatform.stat(handle)
    }
    fn stat_at(&self, directory: Handle, name: &str) -> io::Result<Stat> {
        LinuxPlatform.stat_at(directory, name)
    }
    fn rename_at(&self, directory: Handle, from: &str, to: &str) -> io::Result<()> {
        LinuxPlatform.rename_at(directory, from, to)
    }
    fn rename_new(&self, from: (Handle, &str), to: (Handle, &str)) -> io::Result<()> {
        self.check_rights()?;
        LinuxPlatform.rename_new(from, to)
    }
    fn unlink_at(&self, directory: Handle, name: &str) -> io::Result<()> {
        self.check_rights()?;
        LinuxPlatform.unlink_at(directory, name)
    }
    fn make_directory_at(&self, directory: Handle, name: &str) -> io::Result<()> {
        LinuxPlatform.make_directory_at(directory, name)
    }
    fn list(&self, directory: Handle) -> io::Result<Vec<String>> {
        LinuxPlatform.list(directory)
    }
    fn try_lock(&self, handle: Handle, offset: u64) -> io::Result<bool> {
        LinuxPlatform.try_lock(handle, offset)
    }
    fn unlock(&self, handle: Handle, offset: u64) -> io::Result<()> {
        LinuxPlatform.unlock(handle, offset)
    }
    fn is_lockable(&self, handle: Handle, offset: u64) -> io::Result<bool> {
        LinuxPlatform.is_lockable(handle, offset)
    }
    fn watch(&self, handle: Handle) -> Option<Box<dyn Watch>> {
        LinuxPlatform.watch(handle)
    }
    fn realtime_ns(&self) -> i64 {
        match self.now_ns.load(Ordering::Relaxed) {
            0 => LinuxPlatform.realtime_ns(),
            now => now,
        }
    }
    fn copy_attributes(&self, handle: Handle, of: &Stat) -> io::Result<()> {
        LinuxPlatform.copy_attributes(handle, of)
    }
    fn monotonic_ns(&self) -> u64 {
        LinuxPlatform.monotonic_ns()
    }
    fn random(&self) -> [u8; 16] {
        LinuxPlatform.random()
    }
    fn process_id(&self) -> u32 {
        LinuxPlatform.process_id()
    }
    fn process_start_time(&self, process: u32) -> Option<u64> {
        LinuxPlatform.process_start_time(process)
    }
    fn pid_namespace(&self) -> u64 {
        LinuxPlatform.pid_namespace()
    }
    fn user(&self) -> u32 {
        LinuxPlatform.user()
    }
    fn sleep(&self, duration: Duration) {
        self.slept_ns.fetch_add(duration.as_nanos() as u64, Ordering::Relaxed);
        LinuxPlatform.sleep(duration);
    }
}
