//! Locks on byte ranges of `head`. In comes a region and a deadline; out goes a guard that releases it
//! when dropped. Never waits inside the system: tries, backs off from 50 microseconds to 5
//! milliseconds, and gives up at the deadline.
//!
//! Order: recovery, life, house, catalogue, file; never two files. A session is locked while none but
//! recovery and life are held, and nothing else with it. The system's locks belong to the open file and are
//! blind between threads of one process, so each region is taken inside the process first.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{FILE_SLOTS_FIRST, Head, WRITER_SLOTS};
use crate::error::StoreError;

const BACK_OFF_FIRST: Duration = Duration::from_micros(50);
const BACK_OFF_MAX: Duration = Duration::from_millis(5);
// Far beyond the end of the file, where locks hinder no reader of any kind.
const BASE: u64 = 1 << 40;
/// Beyond all others.
const FURTHER_FILES: u64 = BASE + (1 << 20);

/// What is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Region {
    /// C: files and writers come and go.
    Catalogue,
    /// F(i): append to file i.
    File(u32),
    /// L(w): writer w lives.
    Life(u32),
    /// R(w): writer w is being recovered.
    Recovery(u32),
    /// H: closed files are compressed and deleted.
    House,
    /// S(i): the numbers of the sessions whose key begins so are being changed.
    Session(u16),
}

impl Region {
    pub(crate) fn offset(self) -> u64 {
        let writers = BASE + 1 + u64::from(FILE_SLOTS_FIRST);
        match self {
            Region::Catalogue => BASE,
            Region::File(number) => match number.checked_sub(FILE_SLOTS_FIRST) {
                None => BASE + 1 + u64::from(number),
                Some(further) => FURTHER_FILES + u64::from(further),
            },
            Region::Life(number) => writers + u64::from(number),
            Region::Recovery(number) => writers + u64::from(WRITER_SLOTS) + u64::from(number),
            Region::House => writers + 2 * u64::from(WRITER_SLOTS),
            Region::Session(number) => {
                writers + 2 * u64::from(WRITER_SLOTS) + 1 + u64::from(number)
            }
        }
    }

    fn describe(self) -> String {
        match self {
            Region::Catalogue => "the catalogue".to_owned(),
            Region::File(number) => format!("file slot {number}"),
            Region::Life(number) => format!("the life of writer {number}"),
            Region::Recovery(number) => format!("the recovery of writer {number}"),
            Region::House => "the keeping of closed files".to_owned(),
            Region::Session(_) => "the numbers of a session".to_owned(),
        }
    }
}

/// What a lock on this byte of `head` is for, where it is held for one step of work only: the catalogue or a
/// day file. `None` for all others.
pub fn short_lock(offset: u64) -> Option<&'static str> {
    match offset {
        BASE => Some("the catalogue"),
        _ if (BASE + 1..=BASE + u64::from(FILE_SLOTS_FIRST)).contains(&offset) => {
            Some("a day file")
        }
        _ => (offset >= FURTHER_FILES).then_some("a day file"),
    }
}

/// Regions held by threads of this process through one open `head`.
#[derive(Default)]
pub(crate) struct LockTable {
    held: Mutex<HashSet<Region>>,
    released: Condvar,
}

impl LockTable {
    fn held(&self) -> MutexGuard<'_, HashSet<Region>> {
        // The set is changed by single calls, so a panic elsewhere cannot leave it half done.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_held(&self, region: Region) -> bool {
        self.held().contains(&region)
    }

    fn enter(&self, region: Region, deadline: Duration) -> bool {
        let held = self.held();
        let waited = self
            .released
            .wait_timeout_while(held, deadline, |held| held.contains(&region))
            .unwrap_or_else(PoisonError::into_inner);
        let mut held = waited.0;
        held.insert(region)
    }

    fn leave(&self, region: Region) {
        self.held().remove(&region);
        self.released.notify_all();
    }
}

/// A held lock.
pub(crate) struct Guard {
    head: Arc<Head>,
    region: Region,
    /// How long it took to get it.
    pub(crate) waited: Duration,
}

impl Drop for Guard {
    fn drop(&mut self) {
        // An unlock that fails leaves the byte locked until the process ends; others then take the
        // next split, and recovery goes by the process number.
        let _ = self.head.file.platform().unlock(self.head.file.handle(), self.region.offset());
        self.head.locks.leave(self.region);
    }
}

/// Takes `region`, trying for at most `deadline`, and makes sure `head` is still the directory's.
pub(crate) fn acquire(
    head: &Arc<Head>,
    region: Region,
    deadline: Duration,
) -> Result<Guard, StoreError> {
    let platform = head.platform().clone();
    let start = platform.monotonic_ns();
    let elapsed = || Duration::from_nanos(platform.monotonic_ns().saturating_sub(start));
    let busy = || StoreError::Busy { what: region.describe(), waited: elapsed() };
    if !head.file.is_still_ours() {
        // A lock on somebody's own file would mean nothing, and writing to it would destroy it.
        return Err(StoreError::HeadReplaced);
    }
    if !head.locks.enter(region, deadline) {
        return Err(busy());
    }
    let mut pause = BACK_OFF_FIRST;
    let taken = loop {
        match platform.try_lock(head.file.handle(), region.offset()) {
            Ok(true) => break Ok(()),
            Ok(false) if elapsed() >= deadline => break Err(busy()),
            Ok(false) => platform.sleep(pause.min(deadline)),
            Err(error) => break Err(StoreError::io("lock .logloom/head")(error)),
        }
        pause = (pause * 2).min(BACK_OFF_MAX);
    };
    if let Err(error) = taken {
        head.locks.leave(region);
        return Err(error);
    }
    let guard = Guard { head: head.clone(), region, waited: elapsed() };
    head.check_inode()?;
    Ok(guard)
}

/// Takes `region` if nobody holds it now.
pub(crate) fn try_acquire(head: &Arc<Head>, region: Region) -> Result<Option<Guard>, StoreError> {
    match acquire(head, region, Duration::ZERO) {
        Ok(guard) => Ok(Some(guard)),
        Err(StoreError::Busy { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether anybody holds `region`, this process included.
pub(crate) fn is_held(head: &Head, region: Region) -> Result<bool, StoreError> {
    if head.locks.is_held(region) {
        return Ok(true);
    }
    head.platform()
        .is_lockable(head.file.handle(), region.offset())
        .map(|free| !free)
        .map_err(StoreError::io("probe a lock on .logloom/head"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::FILE_SLOTS;

    #[test]
    fn no_two_regions_share_a_byte() {
        let files = (0..FILE_SLOTS).map(Region::File);
        let writers = (0..WRITER_SLOTS).flat_map(|n| [Region::Life(n), Region::Recovery(n)]);
        let sessions = (0..=u16::MAX).map(Region::Session);
        let others = [Region::Catalogue, Region::House].into_iter();
        let all: Vec<Region> = files.chain(writers).chain(sessions).chain(others).collect();
        let offsets: HashSet<u64> = all.iter().map(|region| region.offset()).collect();
        assert_eq!(offsets.len(), all.len());
        for region in all {
            let is_short = matches!(region, Region::File(_) | Region::Catalogue);
            assert_eq!(short_lock(region.offset()).is_some(), is_short, "{region:?}");
        }
    }
}
