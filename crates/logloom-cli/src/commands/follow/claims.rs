//! Which files this process follows, so that no two processes take the same lines into one log.
//!
//! Takes a file before its first line is read; refuses one that another living process follows into
//! this log directory, and says which process. Each process has its list in
//! `.logloom/intake/claims-PID`, locked for as long as it lives: what a dead one has left counts for
//! nothing, and is removed by the next. `claims.lock` beside it is held while a list is changed.
//!
//! How far the other process came with a file is not known here when it lets go of it. So a file
//! that was refused once is not given later on either: [`Claims::is_freed`] says that this process
//! had better begin anew.
//!
//! A list is a version, which no other state of any list has, and a slot of 16 bytes for each file:
//! device and inode, zeros where it is free. It is bounded by the files that are followed at a time.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use logloom_ring::clock;
use rustix::fs::{FlockOperation, flock};

/// Device and inode.
pub(super) type FileKey = (u64, u64);

const HEAD: &str = "claims-";
const LOCK: &str = "claims.lock";

/// Bytes of the version, and of each slot.
const VERSION_BYTES: u64 = 8;
const SLOT_BYTES: u64 = 16;

/// How long another process may hold the lock before a claim is given up, to be tried again.
const LOCK_WAIT: Duration = Duration::from_millis(250);

/// Lists of one process number: processes of several containers may share it.
const LISTS_MAX: u32 = 64;

/// What came of asking for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// This process may follow it.
    Own,
    /// The process of this number follows it.
    Held(u32),
    /// It was refused before and is free by now; this process does not know how far it was read.
    Freed,
}

/// The files of this process, and what is known of those of others.
#[derive(Debug)]
pub(super) struct Claims {
    folder: PathBuf,
    lock: File,
    own: File,
    own_path: PathBuf,
    version: u64,
    slots: HashMap<FileKey, u64>,
    free: Vec<u64>,
    /// How many slots there are.
    length: u64,
    others: HashMap<PathBuf, Other>,
    /// What others held when they were looked at first, or when it was asked for here.
    foreign: HashSet<FileKey>,
    is_freed: bool,
}

/// The list of another process, as it was at its version.
#[derive(Debug)]
struct Other {
    pid: u32,
    version: u64,
    files: HashSet<FileKey>,
}

impl Claims {
    /// Begins an empty list of this process.
    pub(super) fn begin(log: &Path) -> io::Result<Self> {
        let folder = log.join(".logloom").join("intake");
        std::fs::create_dir_all(&folder)?;
        let lock = open(&folder.join(LOCK))?;
        let _guard = Guard::take(&lock)?;
        let (own, own_path) = own_list(&folder)?;
        own.set_len(0)?;
        let version = clock::real_time().unsigned_abs();
        own.write_all_at(&version.to_le_bytes(), 0)?;
        let mut claims = Self {
            folder,
            lock: lock.try_clone()?,
            own,
            own_path,
            version,
            slots: HashMap::new(),
            free: Vec::new(),
            length: 0,
            others: HashMap::new(),
            foreign: HashSet::new(),
            is_freed: false,
        };
        claims.look_at_others()?;
        claims.foreign = claims.others.values().flat_map(|other| other.files.clone()).collect();
        Ok(claims)
    }

    /// The name of this list: the number of the process, and which of the lists of that number it is.
    pub(super) fn name(&self) -> String {
        let name = self.own_path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.as_deref().and_then(|name| name.strip_prefix(HEAD)).unwrap_or_default().to_owned()
    }

    /// Takes a file for this process, where that may be.
    ///
    /// # Errors
    /// The lists cannot be read or written, or are held by another process for too long.
    pub(super) fn claim(&mut self, file: FileKey) -> io::Result<Claim> {
        if self.slots.contains_key(&file) {
            return Ok(Claim::Own);
        }
        let lock = self.lock.try_clone()?;
        let _guard = Guard::take(&lock)?;
        self.look_at_others()?;
        if let Some(pid) = self.holder(file) {
            self.foreign.insert(file);
            return Ok(Claim::Held(pid));
        }
        if self.foreign.contains(&file) {
            self.is_freed = true;
            return Ok(Claim::Freed);
        }
        self.enter(file)?;
        Ok(Claim::Own)
    }

    /// Lets go of a file.
    pub(super) fn release(&mut self, file: FileKey) {
        let Some(slot) = self.slots.remove(&file) else { return };
        // What stays in the list because of a failure is let go of at the end.
        if self.write(slot, (0, 0)).is_ok() {
            self.free.push(slot);
        }
    }

    /// Whether something that was refused is free by now.
    pub(super) fn is_freed(&self) -> bool {
        self.is_freed
    }

    fn holder(&self, file: FileKey) -> Option<u32> {
        self.others.values().find(|other| other.files.contains(&file)).map(|other| other.pid)
    }

    fn enter(&mut self, file: FileKey) -> io::Result<()> {
        let slot = self.free.pop().unwrap_or(self.length);
        self.length = self.length.max(slot + 1);
        self.write(slot, file)?;
        self.slots.insert(file, slot);
        Ok(())
    }

    fn write(&mut self, slot: u64, (device, inode): FileKey) -> io::Result<()> {
        let bytes = [device.to_le_bytes(), inode.to_le_bytes()].concat();
        self.own.write_all_at(&bytes, VERSION_BYTES + slot * SLOT_BYTES)?;
        self.version += 1;
        self.own.write_all_at(&self.version.to_le_bytes(), 0)
    }

    /// Reads the lists of other living processes where they have changed; removes those of dead ones.
    fn look_at_others(&mut self) -> io::Result<()> {
        let mut others = HashMap::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let Some(pid) = pid_of(&path).filter(|_| path != self.own_path) else { continue };
            let file = match File::open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
                // Somebody else may have removed it meanwhile.
                let _ = std::fs::remove_file(&path);
                continue;
            }
            let version = version(&file)?;
            let other = match self.others.remove(&path).filter(|known| known.version == version) {
                Some(known) => known,
                None => Other { pid, version, files: files(&file)? },
            };
            others.insert(path, other);
        }
        self.others = others;
        Ok(())
    }
}

/// Whether the process that has the list of this name lives, also one of another container; `None` where
/// that cannot be asked.
pub(super) fn is_held(log: &Path, name: &str) -> Option<bool> {
    let folder = log.join(".logloom").join("intake");
    // Whoever looks for dead lists meanwhile would take this look for a process that lives.
    let lock = File::open(folder.join(LOCK)).ok()?;
    let _guard = Guard::take(&lock).ok()?;
    match File::open(folder.join(format!("{HEAD}{name}"))) {
        Ok(list) => Some(flock(&list, FlockOperation::NonBlockingLockShared).is_err()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(false),
        Err(_) => None,
    }
}

impl Drop for Claims {
    fn drop(&mut self) {
        // Without its file the list is gone; with it, it counts for nothing once the lock is.
        let _ = std::fs::remove_file(&self.own_path);
    }
}

/// The lock around all lists.
struct Guard<'a>(&'a File);

impl<'a> Guard<'a> {
    fn take(lock: &'a File) -> io::Result<Self> {
        let start = Instant::now();
        while flock(lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            // A lock with a deadline cannot be waited for in another way.
            if start.elapsed() > LOCK_WAIT {
                return Err(refused("another process holds the lists of followed files"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(Self(lock))
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // It ends with the handle at the latest.
        let _ = flock(self.0, FlockOperation::Unlock);
    }
}

fn refused(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::ResourceBusy, text)
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// The list of this process, locked from now on.
fn own_list(folder: &Path) -> io::Result<(File, PathBuf)> {
    let pid = std::process::id();
    for number in 0..LISTS_MAX {
        let path = folder.join(format!("{HEAD}{pid}-{number}"));
        let file = open(&path)?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            return Ok((file, path));
        }
    }
    Err(refused("too many processes of the same number follow files into this log"))
}

fn pid_of(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.strip_prefix(HEAD)?.split('-').next()?.parse().ok()
}

fn version(file: &File) -> io::Result<u64> {
    let mut bytes = [0; VERSION_BYTES as usize];
    let read = file.read_at(&mut bytes, 0)?;
    // A list that has just been begun has none yet.
    Ok(if read == bytes.len() { u64::from_le_bytes(bytes) } else { 0 })
}

fn files(file: &File) -> io::Result<HashSet<FileKey>> {
    let length = file.metadata()?.len().saturating_sub(VERSION_BYTES);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    file.read_exact_at(&mut bytes, VERSION_BYTES)?;
    let slots = bytes.chunks_exact(SLOT_BYTES as usize);
    let number = |half: &[u8]| half.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let all = slots.map(|slot| (number(&slot[..8]), number(&slot[8..])));
    Ok(all.filter(|file| *file != (0, 0)).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_has_one_holder_and_a_dead_one_holds_nothing() {
        let log = tempfile::tempdir().unwrap();
        let mut one = Claims::begin(log.path()).unwrap();
        // A second list of the same process number, as another container would have.
        let mut other = Claims::begin(log.path()).unwrap();
        let own = std::process::id();
        assert_eq!(one.claim((1, 2)).unwrap(), Claim::Own);
        assert_eq!(one.claim((1, 2)).unwrap(), Claim::Own);
        assert_eq!(other.claim((1, 2)).unwrap(), Claim::Held(own));
        assert_eq!(other.claim((1, 3)).unwrap(), Claim::Own);
        assert_eq!(one.claim((1, 3)).unwrap(), Claim::Held(own));
        assert!(!other.is_freed());
        one.release((1, 2));
        assert_eq!(other.claim((1, 2)).unwrap(), Claim::Freed, "its position is not known here");
        assert!(other.is_freed());
        assert_eq!(one.claim((1, 4)).unwrap(), Claim::Own);
        assert_eq!(one.slots[&(1, 4)], 0, "slots are used again");
        // The lock of a process that was killed goes with it, its list stays.
        let (left, path) = (std::fs::read(&one.own_path).unwrap(), one.own_path.clone());
        drop(one);
        std::fs::write(&path, left).unwrap();
        let mut third = Claims::begin(log.path()).unwrap();
        assert_eq!(third.claim((1, 4)).unwrap(), Claim::Own);
        assert_eq!(third.claim((1, 3)).unwrap(), Claim::Held(own));
    }

    #[test]
    fn what_others_held_at_the_start_is_not_given_when_they_end() {
        let log = tempfile::tempdir().unwrap();
        let mut one = Claims::begin(log.path()).unwrap();
        one.claim((1, 2)).unwrap();
        let mut other = Claims::begin(log.path()).unwrap();
        drop(one);
        assert_eq!(other.claim((1, 2)).unwrap(), Claim::Freed);
        let mut anew = Claims::begin(log.path()).unwrap();
        assert_eq!(anew.claim((1, 2)).unwrap(), Claim::Own);
        let names = std::fs::read_dir(log.path().join(".logloom/intake")).unwrap();
        let lists = names.flatten().filter(|entry| pid_of(&entry.path()).is_some()).count();
        assert_eq!(lists, 2);
    }
}
