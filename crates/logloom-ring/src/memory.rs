//! Where a segment's bytes live: a mapped file in production, the heap in tests.
//!
//! A backing reserves the address range of the largest segment once, so that a segment that grows
//! never moves. Bytes that have been handed out are allocated and resident: no later access to
//! them raises SIGBUS or takes a page fault, unless somebody truncates the file, which only its
//! owner and root can.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

/// The bytes of one segment. `base` stays valid and at the same address for the backing's life.
pub trait Backing: Send + Sync {
    /// First byte of the range.
    fn base(&self) -> *mut u8;
    /// Bytes that may be accessed now.
    fn length(&self) -> u64;
    /// Makes the bytes up to `to` accessible, zero-filled and allocated; with `populate` the new ones
    /// also resident.
    ///
    /// # Errors
    /// When the file system has no room (nothing has changed then) or the reservation is used up.
    fn grow(&self, to: u64, populate: bool) -> io::Result<()>;
    /// Makes the file as long as `to` and takes no memory for that: none of it may be accessed before it
    /// was taken.
    ///
    /// # Errors
    /// As the file system reports it, or the reservation is used up.
    fn lengthen(&self, to: u64) -> io::Result<()>;
    /// Takes memory for a part of the file, which is lengthened where it ends before; what stands there
    /// stays. Nobody else may write there meanwhile. Done again, it changes nothing.
    ///
    /// # Errors
    /// When the file system has no room.
    fn take(&self, from: u64, to: u64) -> io::Result<()>;
    /// The word at `offset`, read from the file and not from memory: where no memory was taken, that
    /// gives zero and no SIGBUS. Zero beyond the end too.
    ///
    /// # Errors
    /// As the file system reports it.
    fn peek(&self, offset: u64) -> io::Result<u64>;
    /// Takes memory where parts of another process's file have none, unless all of it but `untaken` bytes
    /// has. What stands there stays, and the owner may write there meanwhile.
    ///
    /// # Errors
    /// When the file system has no room.
    fn fill_holes(&self, untaken: std::ops::Range<u64>) -> io::Result<()>;
    /// Makes a range resident so that no access to it takes a page fault.
    fn populate(&self, from: u64, to: u64);
    /// Locks the file against other processes until this object is dropped, without waiting.
    fn try_lock(&self) -> bool;
    /// Inode of the file, 0 when there is none.
    fn inode(&self) -> u64;
}

/// Creates and opens segments. The real one is [`SharedMemory`].
pub trait MemorySystem: Send + Sync {
    /// Creates `path` (it must not exist), mode 0600, and reserves `reserve` bytes of addresses.
    ///
    /// # Errors
    /// As the file system reports it.
    fn create(&self, path: &Path, reserve: u64) -> io::Result<Box<dyn Backing>>;
    /// Opens another process's segment whole, for recovery.
    ///
    /// # Errors
    /// Not found, not permitted, or a symbolic link.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Backing>>;
    /// Removes the name.
    ///
    /// # Errors
    /// As the file system reports it; a missing file is no error.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// Segments as files mapped shared: the real memory system.
#[derive(Debug, Default, Clone, Copy)]
pub struct SharedMemory;

struct MappedFile {
    base: *mut u8,
    reserved: u64,
    length: AtomicU64,
    /// Used only after a look at what it refers to; see [`MappedFile::descriptor`].
    descriptor: AtomicI32,
    identity: Identity,
    path: PathBuf,
}

/// Device and inode of a file.
type Identity = (u64, u64);

// SAFETY: the mapping is shared memory; all access to it goes through atomics or through ranges
// that the ring protocol gives to one party at a time.
unsafe impl Send for MappedFile {}
// SAFETY: as above.
unsafe impl Sync for MappedFile {}

fn last_error(what: &str, path: &Path) -> io::Error {
    let error = io::Error::last_os_error();
    io::Error::new(error.kind(), format!("{what} {}: {error}", path.display()))
}

fn open_descriptor(path: &Path, flags: libc::c_int) -> io::Result<libc::c_int> {
    let name = CString::new(path.as_os_str().as_bytes())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the path holds a NUL byte"))?;
    let flags = flags | libc::O_RDWR | libc::O_CLOEXEC | libc::O_NOFOLLOW;
    // SAFETY: the name is a NUL-terminated string.
    let descriptor = unsafe { libc::open(name.as_ptr(), flags, 0o600) };
    if descriptor < 0 {
        return Err(last_error("cannot open", path));
    }
    if flags & libc::O_CREAT != 0 {
        // SAFETY: the descriptor is open. The mode is set whatever the umask was.
        unsafe { libc::fchmod(descriptor, 0o600) };
    }
    Ok(descriptor)
}

/// What the descriptor refers to; `None` when it is closed.
fn stat(descriptor: libc::c_int) -> Option<libc::stat> {
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the buffer is large enough; a number that is no open descriptor is an error.
    let found = unsafe { libc::fstat(descriptor, stat.as_mut_ptr()) } == 0;
    // SAFETY: fstat succeeded, so the buffer is filled (and it was zeroed before).
    found.then(|| unsafe { stat.assume_init() })
}

fn identity(descriptor: libc::c_int) -> Option<Identity> {
    stat(descriptor).map(|stat| (stat.st_dev, stat.st_ino))
}

impl MappedFile {
    /// Maps the file that was opened as `descriptor`, with addresses for `reserve` bytes, by default
    /// for those that it has.
    fn new(path: &Path, descriptor: libc::c_int, reserve: Option<u64>) -> io::Result<Self> {
        let mut file = Self {
            base: std::ptr::null_mut(),
            reserved: 0,
            length: AtomicU64::new(0),
            descriptor: AtomicI32::new(descriptor),
            identity: (0, 0),
            path: path.to_owned(),
        };
        let Some(stat) = stat(descriptor) else { return Err(last_error("cannot stat", path)) };
        file.identity = (stat.st_dev, stat.st_ino);
        let present = u64::try_from(stat.st_size).unwrap_or(0);
        file.map(descriptor, reserve.unwrap_or(present).max(present).max(1))?;
        file.length.store(present, Ordering::Release);
        Ok(file)
    }

    /// Maps beyond the end of the file too: nobody accesses what [`Backing::grow`] has not yet made
    /// part of it, and whatever size pages have, growing need not map again.
    fn map(&mut self, descriptor: libc::c_int, bytes: u64) -> io::Result<()> {
        let length = usize::try_from(bytes).map_err(|_| io::ErrorKind::InvalidInput)?;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_SHARED | libc::MAP_NORESERVE;
        // SAFETY: a fresh mapping at an address of the kernel's choice.
        let base =
            unsafe { libc::mmap(std::ptr::null_mut(), length, protection, flags, descriptor, 0) };
        if base == libc::MAP_FAILED {
            return Err(last_error("cannot map", &self.path));
        }
        self.base = base.cast();
        self.reserved = bytes;
        Ok(())
    }

    /// A descriptor of this very file. The application may have closed ours, as daemons do with all
    /// that they did not open, and have given the number to a file of its own, which must not grow.
    fn descriptor(&self) -> io::Result<libc::c_int> {
        let own = self.descriptor.load(Ordering::Acquire);
        if identity(own) == Some(self.identity) {
            return Ok(own);
        }
        let fresh = open_descriptor(&self.path, 0)?;
        if identity(fresh) != Some(self.identity) {
            // SAFETY: opened above, and nobody else knows it.
            unsafe { libc::close(fresh) };
            return Err(io::Error::other(format!("{} was replaced", self.path.display())));
        }
        self.descriptor.store(fresh, Ordering::Release);
        Ok(fresh)
    }

    /// Allocates the blocks, so that a full file system is an error now and not SIGBUS later.
    fn allocate(&self, from: u64, to: u64) -> io::Result<()> {
        let descriptor = self.descriptor()?;
        let (start, length) = (from as libc::off_t, (to - from) as libc::off_t);
        // SAFETY: the descriptor is open.
        if unsafe { libc::fallocate(descriptor, 0, start, length) } == 0 {
            return Ok(());
        }
        match io::Error::last_os_error().raw_os_error() {
            // Not every file system can. A memory file system lets a signal end the call, and where
            // a timer sends signals the next one would end the next try.
            Some(libc::EOPNOTSUPP | libc::EINTR) => {
                self.write_zeros(descriptor, from, to).inspect_err(|_| {
                    // SAFETY: the descriptor is open; nothing beyond `from` was handed out.
                    unsafe { libc::ftruncate(descriptor, start) };
                })
            }
            _ => Err(last_error("no room for", &self.path)),
        }
    }

    /// Writes a byte of each page as it stands there, zero beyond the end, which takes memory for the
    /// page.
    fn write_again(&self, descriptor: libc::c_int, from: u64, to: u64) -> io::Result<()> {
        for page in (from..to).step_by(PAGE) {
            let mut byte = [0u8; 1];
            let (at, place) = (page as libc::off_t, byte.as_mut_ptr());
            // SAFETY: the buffer is one byte long and the descriptor is open.
            let is_read = unsafe { libc::pread(descriptor, place.cast(), 1, at) } >= 0;
            // SAFETY: as above.
            if !is_read || unsafe { libc::pwrite(descriptor, place.cast(), 1, at) } != 1 {
                return Err(last_error("no room for", &self.path));
            }
        }
        Ok(())
    }

    fn write_zeros(&self, descriptor: libc::c_int, from: u64, to: u64) -> io::Result<()> {
        let zeros = [0u8; PAGE];
        let mut at = from;
        while at < to {
            let length = PAGE.min((to - at) as usize);
            // SAFETY: the buffer is valid for `length` bytes and the descriptor is open.
            let wrote = unsafe {
                libc::pwrite(descriptor, zeros.as_ptr().cast(), length, at as libc::off_t)
            };
            match wrote {
                1.. => at += wrote as u64,
                0 => return Err(io::ErrorKind::WriteZero.into()),
                _ if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
                _ => return Err(last_error("no room for", &self.path)),
            }
        }
        Ok(())
    }
}

const PAGE: usize = crate::layout::PAGE as usize;
/// Populates for writing: Linux 5.14 and later.
const MADV_POPULATE_WRITE: libc::c_int = 23;

impl Backing for MappedFile {
    fn base(&self) -> *mut u8 {
        self.base
    }

    fn length(&self) -> u64 {
        self.length.load(Ordering::Acquire)
    }

    fn grow(&self, to: u64, populate: bool) -> io::Result<()> {
        let from = self.length();
        if to > self.reserved {
            return Err(io::Error::other("the segment has reached its largest size"));
        }
        self.allocate(from, to)?;
        if populate {
            self.populate(from, to);
        }
        self.length.store(to, Ordering::Release);
        Ok(())
    }

    fn lengthen(&self, to: u64) -> io::Result<()> {
        if to > self.reserved {
            return Err(io::Error::other("the segment has reached its largest size"));
        }
        // SAFETY: the descriptor is open.
        if unsafe { libc::ftruncate(self.descriptor()?, to as libc::off_t) } != 0 {
            return Err(last_error("cannot lengthen", &self.path));
        }
        self.length.store(to, Ordering::Release);
        Ok(())
    }

    fn take(&self, from: u64, to: u64) -> io::Result<()> {
        let descriptor = self.descriptor()?;
        let (start, length) = (from as libc::off_t, (to - from) as libc::off_t);
        // SAFETY: the descriptor is open.
        if unsafe { libc::fallocate(descriptor, 0, start, length) } == 0 {
            return Ok(());
        }
        match io::Error::last_os_error().raw_os_error() {
            // As for `allocate`.
            Some(libc::EOPNOTSUPP | libc::EINTR) => self.write_again(descriptor, from, to),
            _ => Err(last_error("no room for", &self.path)),
        }
    }

    fn peek(&self, offset: u64) -> io::Result<u64> {
        let mut word = [0u8; 8];
        let (place, at) = (word.as_mut_ptr().cast(), offset as libc::off_t);
        // SAFETY: the buffer is eight bytes long and the descriptor is open.
        if unsafe { libc::pread(self.descriptor()?, place, word.len(), at) } < 0 {
            return Err(last_error("cannot read", &self.path));
        }
        Ok(u64::from_ne_bytes(word))
    }

    fn fill_holes(&self, untaken: std::ops::Range<u64>) -> io::Result<()> {
        let descriptor = self.descriptor()?;
        let Some(stat) = stat(descriptor) else {
            return Err(last_error("cannot stat", &self.path));
        };
        let taken = u64::try_from(stat.st_blocks).unwrap_or(0) * 512;
        if taken + (untaken.end - untaken.start) >= self.length() {
            return Ok(());
        }
        for (from, to) in [(0, untaken.start), (untaken.end, self.length())] {
            let (start, length) = (from as libc::off_t, to.saturating_sub(from) as libc::off_t);
            // SAFETY: the descriptor is open.
            if length > 0 && unsafe { libc::fallocate(descriptor, 0, start, length) } != 0 {
                // Where a file system cannot do it, a hole is all that it ever has.
                match io::Error::last_os_error().raw_os_error() {
                    Some(libc::EOPNOTSUPP) => {}
                    _ => return Err(last_error("no room for", &self.path)),
                }
            }
        }
        Ok(())
    }

    fn populate(&self, from: u64, to: u64) {
        let length = (to - from) as usize;
        // SAFETY: the range lies within the mapping; the advice changes no contents.
        let done = unsafe {
            libc::madvise(self.base.add(from as usize).cast(), length, MADV_POPULATE_WRITE)
        } == 0;
        if done {
            return;
        }
        for page in (from..to).step_by(PAGE) {
            // SAFETY: the range lies within the mapping; adding zero changes no value.
            let word = unsafe { AtomicU64::from_ptr(self.base.add(page as usize).cast()) };
            word.fetch_add(0, Ordering::Relaxed);
        }
    }

    fn try_lock(&self) -> bool {
        // SAFETY: all-zero is a valid lock; OFD locks want no process id.
        let mut lock: libc::flock = unsafe { std::mem::zeroed() };
        lock.l_type = libc::F_WRLCK as libc::c_short;
        lock.l_whence = libc::SEEK_SET as libc::c_short;
        let Ok(descriptor) = self.descriptor() else { return false };
        // SAFETY: the descriptor is open and the lock outlives the call.
        unsafe { libc::fcntl(descriptor, libc::F_OFD_SETLK, &raw mut lock) == 0 }
    }

    fn inode(&self) -> u64 {
        self.identity.1
    }
}

impl Drop for MappedFile {
    fn drop(&mut self) {
        if !self.base.is_null() {
            // SAFETY: this object owns the reservation and nobody may use it after its life.
            unsafe { libc::munmap(self.base.cast(), self.reserved as usize) };
        }
        let descriptor = self.descriptor.load(Ordering::Acquire);
        if identity(descriptor) == Some(self.identity) {
            // SAFETY: this object owns the descriptor, which is still that of its file.
            unsafe { libc::close(descriptor) };
        }
    }
}

impl MemorySystem for SharedMemory {
    fn create(&self, path: &Path, reserve: u64) -> io::Result<Box<dyn Backing>> {
        let descriptor = open_descriptor(path, libc::O_CREAT | libc::O_EXCL)?;
        let file = MappedFile::new(path, descriptor, Some(reserve)).inspect_err(|_| {
            // The error of the creation is the one to report, not that of tidying up.
            let _ = self.remove(path);
        })?;
        Ok(Box::new(file))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Backing>> {
        Ok(Box::new(MappedFile::new(path, open_descriptor(path, 0)?, None)?))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Segments on the heap, for tests that run without a file system.
#[derive(Debug, Default, Clone, Copy)]
pub struct HeapMemory;

struct HeapBytes {
    bytes: Box<[AtomicU64]>,
    length: AtomicU64,
}

impl Backing for HeapBytes {
    fn base(&self) -> *mut u8 {
        self.bytes.as_ptr().cast_mut().cast()
    }

    fn length(&self) -> u64 {
        self.length.load(Ordering::Acquire)
    }

    fn grow(&self, to: u64, _populate: bool) -> io::Result<()> {
        if to > self.bytes.len() as u64 * 8 {
            return Err(io::Error::other("the segment has reached its largest size"));
        }
        self.length.store(to, Ordering::Release);
        Ok(())
    }

    fn lengthen(&self, to: u64) -> io::Result<()> {
        self.grow(to, false)
    }

    fn take(&self, _from: u64, _to: u64) -> io::Result<()> {
        Ok(())
    }

    fn peek(&self, offset: u64) -> io::Result<u64> {
        let word = self.bytes.get(offset as usize / 8);
        Ok(word.map_or(0, |word| word.load(Ordering::Acquire)))
    }

    fn fill_holes(&self, _untaken: std::ops::Range<u64>) -> io::Result<()> {
        Ok(())
    }

    fn populate(&self, _from: u64, _to: u64) {}

    fn try_lock(&self) -> bool {
        true
    }

    fn inode(&self) -> u64 {
        0
    }
}

impl MemorySystem for HeapMemory {
    fn create(&self, _path: &Path, reserve: u64) -> io::Result<Box<dyn Backing>> {
        let words = (reserve as usize).div_ceil(8);
        let bytes = (0..words).map(|_| AtomicU64::new(0)).collect();
        Ok(Box::new(HeapBytes { bytes, length: AtomicU64::new(0) }))
    }

    fn open(&self, _path: &Path) -> io::Result<Box<dyn Backing>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn remove(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_system_is_an_error_and_not_a_signal() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        let backing = SharedMemory.create(&path, 1 << 20).unwrap();
        backing.grow(1 << 16, true).unwrap();
        assert!(backing.grow(1 << 21, true).is_err(), "beyond the reservation");
        assert_eq!(backing.length(), 1 << 16);
        assert!(SharedMemory.create(&path, 4096).is_err(), "an existing file is never taken over");
        let again = SharedMemory.open(&path).unwrap();
        assert_eq!((again.length(), again.inode()), (1 << 16, backing.inode()));
        SharedMemory.remove(&path).unwrap();
        SharedMemory.remove(&path).unwrap();
    }

    #[test]
    fn memory_that_is_taken_later_keeps_what_stands_there() {
        use std::os::fd::{AsRawFd, IntoRawFd};
        use std::os::unix::fs::{FileExt, MetadataExt};
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        let backing = SharedMemory.create(&path, 1 << 20).unwrap();
        backing.lengthen(1 << 20).unwrap();
        backing.take(0, 1 << 16).unwrap();
        let blocks = || std::fs::metadata(&path).unwrap().blocks() * 512;
        assert_eq!(backing.length(), 1 << 20);
        assert!((1 << 16..1 << 18).contains(&blocks()), "{}", blocks());
        let file = std::fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
        file.write_all_at(b"text", 1 << 19).unwrap();
        backing.take(1 << 16, 1 << 20).unwrap();
        assert!(blocks() >= 1 << 20, "{}", blocks());
        let own = file.try_clone().unwrap().into_raw_fd();
        let mapped = MappedFile::new(&path, own, None).unwrap();
        mapped.write_again(file.as_raw_fd(), 0, 1 << 20).unwrap();
        let mut text = [0; 4];
        file.read_exact_at(&mut text, 1 << 19).unwrap();
        assert_eq!(&text, b"text");
        assert!(backing.lengthen(1 << 21).is_err(), "beyond the reservation");
    }

    #[test]
    fn taking_memory_lengthens_a_file() {
        use std::os::unix::fs::MetadataExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        let backing = SharedMemory.create(&path, 1 << 20).unwrap();
        backing.take(0, 1 << 16).unwrap();
        let found = std::fs::metadata(&path).unwrap();
        assert!(found.len() == 1 << 16 && found.blocks() * 512 >= 1 << 16, "{found:?}");
        let path = dir.path().join("written");
        let descriptor = open_descriptor(&path, libc::O_CREAT | libc::O_EXCL).unwrap();
        let file = MappedFile::new(&path, descriptor, Some(1 << 20)).unwrap();
        file.write_again(descriptor, 0, 1 << 16).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), (1 << 16) - PAGE as u64 + 1);
    }

    #[test]
    fn a_file_with_holes_is_read_past_the_mapping_and_filled() {
        use std::os::unix::fs::{FileExt, MetadataExt};
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        let file = std::fs::File::create(&path).unwrap();
        file.write_all_at(&7u64.to_ne_bytes(), 1 << 16).unwrap();
        file.set_len(1 << 20).unwrap();
        let backing = SharedMemory.open(&path).unwrap();
        let words = [0, 1 << 16, 1 << 20].map(|offset| backing.peek(offset).unwrap());
        assert_eq!(words, [0, 7, 0]);
        let blocks = || std::fs::metadata(&path).unwrap().blocks() * 512;
        assert!(blocks() < 1 << 18, "{}", blocks());
        backing.fill_holes(1 << 17..1 << 19).unwrap();
        let taken = (1 << 20) - (1 << 19) + (1 << 17);
        assert!((taken..1 << 20).contains(&blocks()), "{}", blocks());
        assert_eq!(backing.peek(1 << 16).unwrap(), 7);
    }

    #[test]
    fn a_file_that_cannot_be_mapped_leaves_no_name_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        assert!(SharedMemory.create(&path, u64::MAX).is_err());
        assert!(!path.exists());
    }

    #[test]
    fn a_number_that_the_application_has_taken_is_left_alone() {
        use std::os::fd::AsRawFd;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        let descriptor = open_descriptor(&path, libc::O_CREAT | libc::O_EXCL).unwrap();
        let file = MappedFile::new(&path, descriptor, Some(1 << 20)).unwrap();
        file.grow(1 << 16, true).unwrap();
        let other = std::fs::File::create(dir.path().join("other")).unwrap();
        // SAFETY: both numbers are open; ours is the application's from here on.
        unsafe { libc::dup2(other.as_raw_fd(), descriptor) };
        file.grow(1 << 17, true).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 1 << 17);
        assert_eq!(other.metadata().unwrap().len(), 0, "another file has grown");
        let last = file.descriptor.load(Ordering::Relaxed);
        // SAFETY: as above; the second number is in the application's hands as well.
        unsafe { libc::dup2(other.as_raw_fd(), last) };
        drop(file);
        let is_other = |number| identity(number) == identity(other.as_raw_fd());
        assert!(is_other(descriptor) && is_other(last), "another's descriptor was closed");
    }

    #[test]
    fn a_file_that_took_the_name_is_not_taken_for_ours() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        let descriptor = open_descriptor(&path, libc::O_CREAT | libc::O_EXCL).unwrap();
        let file = MappedFile::new(&path, descriptor, Some(1 << 20)).unwrap();
        file.grow(1 << 16, true).unwrap();
        // SAFETY: the number is open; closing it is what an application does.
        unsafe { libc::close(descriptor) };
        std::fs::rename(&path, dir.path().join("moved")).unwrap();
        std::fs::write(&path, "another").unwrap();
        assert!(file.grow(1 << 17, true).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"another");
    }
}
