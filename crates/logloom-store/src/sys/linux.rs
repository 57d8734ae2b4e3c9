//! The real machine: Linux system calls behind [`Platform`]. In come handles and names; out go
//! results with the system's error number. The only unsafe code of this crate.
#![allow(unsafe_code)]

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::{
    File, Handle, Links, OpenMode, Platform, Stat, Watch, not_regular, process, write_zeros,
};

// An open of a pipe waits for the other end, one of a terminal may take it over. Regular files do not
// know these flags.
const NEVER_WAIT: libc::c_int = libc::O_NONBLOCK | libc::O_NOCTTY;
/// How much of a directory is asked for at once.
const LISTING_BYTES: usize = 32 << 10;

/// Linux on this machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct LinuxPlatform;

fn c_path(path: &[u8]) -> io::Result<CString> {
    CString::new(path)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "a path holds a NUL byte"))
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

fn retry(mut call: impl FnMut() -> isize) -> io::Result<usize> {
    loop {
        let result = call();
        if result >= 0 {
            return Ok(result as usize);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

// The width of the link count differs between machines.
#[allow(clippy::unnecessary_cast)]
fn stat_of(raw: &libc::stat) -> Stat {
    Stat {
        device: raw.st_dev,
        inode: raw.st_ino,
        links: raw.st_nlink as u64,
        size: raw.st_size as u64,
        mode: raw.st_mode,
        user: raw.st_uid,
        modified_ns: raw.st_mtime * 1_000_000_000 + raw.st_mtime_nsec,
    }
}

fn stat_beneath(directory: libc::c_int, name: &[u8], flags: libc::c_int) -> io::Result<Stat> {
    let name = c_path(name)?;
    let mut raw = no_stat();
    // SAFETY: `name` ends with NUL and `raw` is writable for the whole call.
    check(unsafe { libc::fstatat(directory, name.as_ptr(), &mut raw, flags) })?;
    Ok(stat_of(&raw))
}

fn no_stat() -> libc::stat {
    // SAFETY: all-zero is a valid stat buffer.
    unsafe { std::mem::zeroed() }
}

fn open_raw(directory: libc::c_int, name: &[u8], flags: libc::c_int) -> io::Result<Handle> {
    let name = c_path(name)?;
    let flags = flags | libc::O_CLOEXEC;
    // SAFETY: `name` ends with NUL; the mode argument is given as O_CREAT wants it.
    let number = retry(|| unsafe {
        libc::openat(directory, name.as_ptr(), flags, 0o600 as libc::c_uint) as isize
    })?;
    Ok(Handle(number as i32))
}

/// Opens any file by its path.
pub(super) fn open_to_read(path: &[u8]) -> io::Result<Handle> {
    open_raw(libc::AT_FDCWD, path, libc::O_RDONLY | NEVER_WAIT)
}

impl LinuxPlatform {
    /// What was opened under `name`, if that is a regular file.
    fn regular(
        &self,
        directory: Handle,
        name: &str,
        opened: io::Result<Handle>,
    ) -> io::Result<Handle> {
        let handle = opened.map_err(|error| match self.stat_at(directory, name) {
            Ok(stat) => not_regular(stat.mode).unwrap_or(error),
            Err(_) => error,
        })?;
        let refused = self.stat(handle).map_or_else(Some, |stat| not_regular(stat.mode));
        match refused {
            None => Ok(handle),
            Some(error) => {
                self.close(handle);
                Err(error)
            }
        }
    }
}

/// Gives what root has just made in the directory of another user to that user, whose programs could not
/// log to it otherwise.
fn give_to_owner(directory: Handle, made: Handle) -> io::Result<()> {
    // SAFETY: no arguments, no failure.
    if unsafe { libc::geteuid() } != 0 {
        return Ok(());
    }
    let mut raw = no_stat();
    // SAFETY: `raw` is writable for the whole call.
    check(unsafe { libc::fstat(directory.0, &mut raw) })?;
    if raw.st_uid == 0 {
        return Ok(());
    }
    // SAFETY: no memory is involved; the descriptor was opened by the caller.
    let given = check(unsafe { libc::fchown(made.0, raw.st_uid, raw.st_gid) });
    match given {
        // A root without this right, as in some containers, and file systems that know no owners.
        Err(error) if error.raw_os_error() != Some(libc::EPERM) => Err(error),
        _ => Ok(()),
    }
}

/// Adds the names in what `getdents64` gave: for each an inode, a position (8 bytes each), the length of the
/// entry (2), a type (1) and the name, ended by NUL. Names that are no UTF-8 are none of ours.
fn add_names(mut entries: &[u8], names: &mut Vec<String>) {
    const NAME: usize = 19;
    while entries.len() > NAME {
        let length = usize::from(u16::from_ne_bytes([entries[16], entries[17]]));
        let (entry, rest) = entries.split_at(length.clamp(NAME, entries.len()));
        let name = entry[NAME..].split(|byte| *byte == 0).next().unwrap_or_default();
        if name != b"." && name != b".." {
            names.extend(String::from_utf8(name.to_vec()).ok());
        }
        entries = rest;
    }
}

fn byte_lock(kind: libc::c_int, offset: u64) -> libc::flock {
    // SAFETY: all-zero is a valid flock; OFD locks want l_pid 0.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as libc::c_short;
    lock.l_whence = libc::SEEK_SET as libc::c_short;
    lock.l_start = offset as libc::off_t;
    lock.l_len = 1;
    lock
}

fn set_lock(handle: Handle, kind: libc::c_int, offset: u64) -> io::Result<()> {
    let lock = byte_lock(kind, offset);
    // SAFETY: `lock` is a valid flock for the whole call.
    retry(|| unsafe { libc::fcntl(handle.0, libc::F_OFD_SETLK, &lock) as isize }).map(drop)
}

fn clock_ns(clock: libc::clockid_t) -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is writable; both clocks used exist on every Linux.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

impl Platform for LinuxPlatform {
    fn open_directory(&self, path: &Path, links: Links) -> io::Result<Handle> {
        let refuse = if links == Links::Refuse { libc::O_NOFOLLOW } else { 0 };
        open_raw(libc::AT_FDCWD, path.as_os_str().as_bytes(), libc::O_DIRECTORY | refuse)
    }

    fn stat_path(&self, path: &Path, links: Links) -> io::Result<Stat> {
        let flags = if links == Links::Refuse { libc::AT_SYMLINK_NOFOLLOW } else { 0 };
        stat_beneath(libc::AT_FDCWD, path.as_os_str().as_bytes(), flags)
    }

    fn make_path(&self, path: &Path) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    fn open_at(&self, directory: Handle, name: &str, mode: OpenMode) -> io::Result<Handle> {
        let flags = match mode {
            OpenMode::Read => libc::O_RDONLY | NEVER_WAIT,
            OpenMode::ReadWrite => libc::O_RDWR | NEVER_WAIT,
            OpenMode::CreateNew => libc::O_RDWR | libc::O_CREAT | libc::O_EXCL,
            OpenMode::Directory => libc::O_RDONLY | libc::O_DIRECTORY,
        };
        let opened = open_raw(directory.0, name.as_bytes(), flags | libc::O_NOFOLLOW);
        let handle = match mode {
            OpenMode::Read | OpenMode::ReadWrite => self.regular(directory, name, opened)?,
            OpenMode::CreateNew | OpenMode::Directory => opened?,
        };
        if mode == OpenMode::CreateNew {
            // SAFETY: the descriptor was opened just above. A umask may have taken bits away.
            let allowed = check(unsafe { libc::fchmod(handle.0, 0o600) });
            if let Err(error) = allowed.and_then(|_| give_to_owner(directory, handle)) {
                self.close(handle);
                return Err(error);
            }
        }
        Ok(handle)
    }

    fn close(&self, handle: Handle) {
        // SAFETY: closing a descriptor number touches no memory of this process.
        unsafe { libc::close(handle.0) };
    }

    fn read_at(&self, handle: Handle, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            let rest = &mut buffer[done..];
            let position = (offset + done as u64) as libc::off_t;
            // SAFETY: `rest` is writable for its whole length.
            let count = retry(|| unsafe {
                libc::pread(handle.0, rest.as_mut_ptr().cast(), rest.len(), position)
            })?;
            if count == 0 {
                break;
            }
            done += count;
        }
        Ok(done)
    }

    fn write_at(&self, handle: Handle, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut done = 0;
        while done < bytes.len() {
            let rest = &bytes[done..];
            let position = (offset + done as u64) as libc::off_t;
            // SAFETY: `rest` is readable for its whole length.
            let count = retry(|| unsafe {
                libc::pwrite(handle.0, rest.as_ptr().cast(), rest.len(), position)
            })?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            done += count;
        }
        Ok(())
    }

    fn allocate(&self, handle: Handle, size: u64) -> io::Result<()> {
        // Some file systems cannot; in memory, signals that come often could end every try. Zeros take the
        // room just as well.
        const WITH_ZEROS: [i32; 4] = [libc::EOPNOTSUPP, libc::ENOSYS, libc::EINVAL, libc::EINTR];
        // SAFETY: no memory is involved.
        let allocated = check(unsafe { libc::fallocate(handle.0, 0, 0, size as libc::off_t) });
        match allocated {
            Err(error) if error.raw_os_error().is_some_and(|n| WITH_ZEROS.contains(&n)) => {
                write_zeros(self, handle, size)
            }
            other => other.map(drop),
        }
    }

    fn truncate(&self, handle: Handle, size: u64) -> io::Result<()> {
        // SAFETY: no memory is involved.
        retry(|| unsafe { libc::ftruncate(handle.0, size as libc::off_t) as isize }).map(drop)
    }

    // Allocates nothing: fork children close their files through it.
    fn stat(&self, handle: Handle) -> io::Result<Stat> {
        let mut raw = no_stat();
        // SAFETY: `raw` is writable for the whole call.
        check(unsafe { libc::fstat(handle.0, &mut raw) })?;
        Ok(stat_of(&raw))
    }

    fn stat_at(&self, directory: Handle, name: &str) -> io::Result<Stat> {
        stat_beneath(directory.0, name.as_bytes(), libc::AT_SYMLINK_NOFOLLOW)
    }

    fn sync_data(&self, handle: Handle) -> io::Result<()> {
        // SAFETY: no memory is involved. Never called again after an error other than EINTR.
        retry(|| unsafe { libc::fdatasync(handle.0) as isize }).map(drop)
    }

    fn rename_at(&self, directory: Handle, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (c_path(from.as_bytes())?, c_path(to.as_bytes())?);
        // SAFETY: both names end with NUL.
        check(unsafe { libc::renameat(directory.0, from.as_ptr(), directory.0, to.as_ptr()) })
            .map(drop)
    }

    fn rename_new(&self, from: (Handle, &str), to: (Handle, &str)) -> io::Result<()> {
        let (old, new) = (c_path(from.1.as_bytes())?, c_path(to.1.as_bytes())?);
        let (old_at, new_at) = (from.0.0, to.0.0);
        // SAFETY: both names end with NUL.
        let renamed = check(unsafe {
            libc::renameat2(old_at, old.as_ptr(), new_at, new.as_ptr(), libc::RENAME_NOREPLACE)
        });
        match renamed {
            Err(error) if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOSYS)) => {}
            other => return other.map(drop),
        }
        // Some file systems know no such rename; a hard link refuses an existing name as well.
        // SAFETY: both names end with NUL.
        check(unsafe { libc::linkat(old_at, old.as_ptr(), new_at, new.as_ptr(), 0) })?;
        self.unlink_at(from.0, from.1)
    }

    fn unlink_at(&self, directory: Handle, name: &str) -> io::Result<()> {
        let name = c_path(name.as_bytes())?;
        // SAFETY: `name` ends with NUL.
        check(unsafe { libc::unlinkat(directory.0, name.as_ptr(), 0) }).map(drop)
    }

    fn make_directory_at(&self, directory: Handle, name: &str) -> io::Result<()> {
        let name = c_path(name.as_bytes())?;
        // SAFETY: `name` ends with NUL.
        match check(unsafe { libc::mkdirat(directory.0, name.as_ptr(), 0o700) }) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
            Ok(_) => {
                // No link is followed, and a directory has one name only: this one cannot be another's.
                let flags = libc::O_DIRECTORY | libc::O_NOFOLLOW;
                let made = open_raw(directory.0, name.as_bytes(), flags)?;
                let given = give_to_owner(directory, made);
                self.close(made);
                given
            }
        }
    }

    fn list(&self, directory: Handle) -> io::Result<Vec<String>> {
        // Of its own: the position within a directory belongs to the open file.
        let opened = open_raw(directory.0, b".", libc::O_RDONLY | libc::O_DIRECTORY)?;
        let own = File::new(Arc::new(*self), opened);
        let mut buffer = vec![0u8; LISTING_BYTES];
        let mut names = Vec::new();
        loop {
            let (start, number) = (buffer.as_mut_ptr(), own.handle().0);
            // SAFETY: the buffer is writable for its whole length.
            let count = retry(|| unsafe {
                libc::syscall(libc::SYS_getdents64, number, start, LISTING_BYTES) as isize
            })?;
            if count == 0 {
                return Ok(names);
            }
            add_names(&buffer[..count], &mut names);
        }
    }

    fn try_lock(&self, handle: Handle, offset: u64) -> io::Result<bool> {
        match set_lock(handle, libc::F_WRLCK as libc::c_int, offset) {
            Ok(()) => Ok(true),
            Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn unlock(&self, handle: Handle, offset: u64) -> io::Result<()> {
        set_lock(handle, libc::F_UNLCK as libc::c_int, offset)
    }

    fn is_lockable(&self, handle: Handle, offset: u64) -> io::Result<bool> {
        let mut lock = byte_lock(libc::F_WRLCK as libc::c_int, offset);
        // SAFETY: `lock` is a valid, writable flock for the whole call.
        retry(|| unsafe { libc::fcntl(handle.0, libc::F_OFD_GETLK, &mut lock) as isize })?;
        Ok(lock.l_type == libc::F_UNLCK as libc::c_short)
    }

    fn watch(&self, handle: Handle) -> Option<Box<dyn Watch>> {
        Inotify::new(handle).map(|watch| Box::new(watch) as Box<dyn Watch>)
    }

    fn realtime_ns(&self) -> i64 {
        clock_ns(libc::CLOCK_REALTIME)
    }

    fn monotonic_ns(&self) -> u64 {
        clock_ns(libc::CLOCK_MONOTONIC) as u64
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0u8; 16];
        // SAFETY: the buffer is writable for its whole length; so few bytes come at once.
        let filled = retry(|| unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), 16, 0) });
        if filled.is_err() {
            // Without the system's source, time and process number still tell writers apart.
            bytes[..8].copy_from_slice(&self.realtime_ns().to_le_bytes());
            bytes[8..12].copy_from_slice(&self.process_id().to_le_bytes());
        }
        bytes
    }

    fn boot_id(&self) -> [u8; 16] {
        static BOOT: OnceLock<[u8; 16]> = OnceLock::new();
        *BOOT.get_or_init(process::boot_id)
    }

    fn process_id(&self) -> u32 {
        std::process::id()
    }

    fn process_start_time(&self, process: u32) -> Option<u64> {
        process::start_time(process)
    }

    fn process_alive(&self, process: u32, start_time: u64) -> bool {
        process::is_alive(process, start_time)
    }

    fn pid_namespace(&self) -> u64 {
        process::pid_namespace()
    }

    fn user(&self) -> u32 {
        // SAFETY: the call has no arguments and cannot fail.
        unsafe { libc::geteuid() }
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// Kills this process at once, as `kill -9` does: no destructor, no handler.
pub fn kill_self() {
    // SAFETY: signalling oneself touches no memory.
    unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
}

/// Write events of one file.
struct Inotify {
    descriptor: libc::c_int,
}

impl Inotify {
    fn new(file: Handle) -> Option<Inotify> {
        // SAFETY: no memory is involved.
        let descriptor = unsafe { libc::inotify_init1(libc::IN_NONBLOCK | libc::IN_CLOEXEC) };
        if descriptor < 0 {
            return None;
        }
        let watch = Inotify { descriptor };
        let path = c_path(format!("/proc/self/fd/{}", file.0).as_bytes()).ok()?;
        // SAFETY: `path` ends with NUL.
        let added = unsafe { libc::inotify_add_watch(descriptor, path.as_ptr(), libc::IN_MODIFY) };
        (added >= 0).then_some(watch)
    }

    fn drain(&self) -> bool {
        let mut buffer = [0u8; 4096];
        let mut any = false;
        // SAFETY: the buffer is writable for its whole length; the descriptor never blocks.
        while retry(|| unsafe { libc::read(self.descriptor, buffer.as_mut_ptr().cast(), 4096) })
            .is_ok_and(|count| count > 0)
        {
            any = true;
        }
        any
    }
}

impl Watch for Inotify {
    fn wait(&mut self, timeout: Duration) -> bool {
        let milliseconds = timeout.as_micros().div_ceil(1000).min(i32::MAX as u128) as libc::c_int;
        let mut poll = libc::pollfd { fd: self.descriptor, events: libc::POLLIN, revents: 0 };
        // SAFETY: one valid pollfd. An interrupted wait is a wait that ended early.
        unsafe { libc::poll(&mut poll, 1, milliseconds) };
        self.drain()
    }
}

impl Drop for Inotify {
    fn drop(&mut self) {
        // SAFETY: the descriptor belongs to this object alone.
        unsafe { libc::close(self.descriptor) };
    }
}
