//! One batch into a day file, exactly once: steps 12 to 19 of the protocol.
//!
//! In comes a batch through [`Redo`]; out goes where it stands. Refuses a batch that does not fit
//! its own checksum. The lock of one file is held from settling to `done`; no lock is ever broken.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{AppendError, StoreError, is_no_room};
use crate::head::lock::{Guard, Region, acquire};
use crate::head::slot::{BatchId, FileSlot, FileState, Pending};
use crate::head::{Copies, io};
use crate::key::FileKey;
use crate::plant::{Bug, planted};
use crate::redo::{Redo, Segments};
use crate::register::Seat;
use crate::settle::Settlement;
use crate::steps::{Step, reached};
use crate::sys::File;

// Each attempt either appends or rules out one more file.
const ATTEMPTS_MAX: u32 = 64;

/// How a call to `append` ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitKind {
    /// This call wrote the batch.
    Written,
    /// The batch was committed before, by an earlier call or by whoever settled the file.
    AlreadyCommitted,
}

/// A committed batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// Whether this call wrote it.
    pub kind: CommitKind,
    /// The file it stands in; `None` when it was committed before and the intent names no file.
    pub file: Option<FileKey>,
    /// Where its first line begins; 0 when it was committed before.
    pub offset: u64,
    /// How long locks were waited for.
    pub waited: Duration,
}

/// What came of one try with one file.
enum Attempt {
    Committed(Committed),
    /// This file takes no more; `is_full` when only because of its size.
    Closed {
        is_full: bool,
    },
    /// Somebody holds its lock.
    Stuck(Duration),
}

/// The file under its lock, with what is known of it.
pub(crate) struct Locked {
    pub(crate) number: u32,
    pub(crate) copies: Copies<FileSlot>,
    pub(crate) slot: FileSlot,
    pub(crate) guard: Guard,
}

impl Seat {
    pub(crate) fn append(
        &self,
        redo: &dyn Redo,
        segments: &dyn Segments,
    ) -> Result<Committed, AppendError> {
        check_batch(redo)?;
        let mut ruled_out = Vec::new();
        let mut full = None;
        for _ in 0..ATTEMPTS_MAX {
            let named = self.named_file(redo)?;
            let number = match named {
                Some(number) => number,
                None if redo.file().is_none() && self.is_done_unnamed(redo)? => {
                    return Ok(already_committed(redo, Duration::ZERO));
                }
                None => self.newest_open(redo.day(), &ruled_out, full.take())?,
            };
            match self.attempt(number, redo, segments)? {
                Attempt::Committed(committed) => return Ok(committed),
                Attempt::Closed { is_full } => full = is_full.then_some(number),
                Attempt::Stuck(waited) => {
                    if let (Some(_), Some(file)) = (named, redo.file()) {
                        return Err(AppendError::IntentBusy { file, waited });
                    }
                }
            }
            ruled_out.push(number);
        }
        let what = format!("every open file of {}", redo.day());
        Err(StoreError::Busy { what, waited: Duration::ZERO }.into())
    }

    /// Slot of the file that the intent names: nothing else may be considered before it is settled.
    fn named_file(&self, redo: &dyn Redo) -> Result<Option<u32>, AppendError> {
        let Some(key) = redo.file() else { return Ok(None) };
        let slot = self.find_slot(key)?;
        if slot.is_none() {
            // The catalogue was made anew since, or the slot is damaged: none holds a trace of this batch.
            self.look_in_lost(key, redo)?;
            redo.set_file(None);
        }
        Ok(slot)
    }

    fn attempt(
        &self,
        number: u32,
        redo: &dyn Redo,
        segments: &dyn Segments,
    ) -> Result<Attempt, AppendError> {
        let guard = match acquire(&self.head, Region::File(number), self.shared.deadline()) {
            Ok(guard) => guard,
            Err(StoreError::Busy { waited, .. }) => return Ok(Attempt::Stuck(waited)),
            Err(error) => return Err(error.into()),
        };
        reached(Step::AppendLocked);
        let copies = match self.head.read(io::file_place(number)) {
            Ok(copies) => Some(copies),
            Err(StoreError::Damaged { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let Some((copies, slot)) = copies.and_then(|copies| Some((copies.clone(), copies.value?)))
        else {
            // The next look at the intent finds no slot for its file.
            return Ok(Attempt::Closed { is_full: false });
        };
        let mut locked = Locked { number, copies, slot, guard };
        if !planted(Bug::SkipSettle) {
            Settlement::new(&self.shared, &self.head, segments)
                .with_own(self, redo)
                .settle(&mut locked)
                .map_err(|error| self.sort_error(&locked, error))?;
        }
        reached(Step::AppendSettled);
        if self.is_done(&locked, redo)? {
            return Ok(Attempt::Committed(already_committed(redo, locked.guard.waited)));
        }
        match self.usable(&mut locked, redo)? {
            Some(file) => self.write(locked, &file, redo).map(Attempt::Committed),
            None => {
                redo.set_file(None);
                reached(Step::AppendIntentCleared);
                Ok(Attempt::Closed { is_full: locked.slot.state == FileState::Open })
            }
        }
    }

    /// The open file, if it is what the catalogue says and has room; marks it suspect otherwise.
    fn usable(
        &self,
        locked: &mut Locked,
        redo: &dyn Redo,
    ) -> Result<Option<Arc<File>>, AppendError> {
        let slot = locked.slot;
        if slot.state != FileState::Open || slot.key.day != redo.day() {
            return Ok(None);
        }
        let grown = slot.committed.saturating_add(redo.length());
        if slot.committed > 0 && grown > self.head.settings.max_file_size {
            return Ok(None);
        }
        if !self.shared.has_failed(slot.birth)
            && let Some(file) = self.shared.day_file(locked.number, &slot)?
            && self.is_intact(&slot)?
        {
            return Ok(Some(file));
        }
        self.shared.forget_day_file(locked.number);
        self.update(locked, FileSlot { state: FileState::Suspect, ..slot })?;
        Ok(None)
    }

    /// Whether the file under its name is the one of the slot, alone, and as long as is committed.
    fn is_intact(&self, slot: &FileSlot) -> Result<bool, StoreError> {
        if planted(Bug::NoInodeCheck) {
            return Ok(true);
        }
        let stat = self.shared.stat_day_file(slot.key)?;
        Ok(stat.is_some_and(|stat| {
            stat.inode == slot.inode && stat.links == 1 && stat.size == slot.committed
        }))
    }

    /// Steps 16 to 19.
    fn write(
        &self,
        mut locked: Locked,
        file: &File,
        redo: &dyn Redo,
    ) -> Result<Committed, AppendError> {
        let before = locked.slot;
        let id = BatchId { writer: self.writer, uuid: self.uuid, batch: redo.batch() };
        let pending = Pending {
            id,
            offset: before.committed,
            length: redo.length(),
            crc32: redo.crc32(),
            tally: redo.tally(),
        };
        redo.set_file(Some(before.key));
        reached(Step::AppendIntent);
        self.update(&mut locked, FileSlot { pending: Some(pending), ..before })?;
        reached(Step::AppendPending);
        if planted(Bug::DoneBeforeCommit) {
            self.set_done(redo.batch())?;
        }
        if planted(Bug::CommitBeforeWrite) {
            self.update(&mut locked, committed(&before, &pending))?;
        }
        if let Err(source) = write_bytes(file, redo.bytes(), pending.offset) {
            self.take_back(&mut locked, file, before, redo);
            return Err(AppendError::write(before.key, source));
        }
        reached(Step::AppendWritten);
        self.update(&mut locked, committed(&before, &pending))?;
        reached(Step::AppendCommitted);
        // A commit in a head that was replaced meanwhile counts for nobody: the new one may have registered
        // the file before these bytes stood there.
        self.head.check_inode()?;
        self.set_done(redo.batch())?;
        reached(Step::AppendDone);
        let waited = locked.guard.waited;
        drop(locked);
        reached(Step::AppendUnlocked);
        let (kind, file) = (CommitKind::Written, Some(before.key));
        Ok(Committed { kind, file, offset: pending.offset, waited })
    }

    /// After a failed write: as if it had never begun. Where even that fails, the pending note stays, and
    /// the next one to lock the file settles it.
    fn take_back(&self, locked: &mut Locked, file: &File, before: FileSlot, redo: &dyn Redo) {
        let cleared =
            file.truncate(before.committed).is_ok() && self.update(locked, before).is_ok();
        if cleared {
            redo.set_file(None);
        }
    }

    /// Writes the slot and remembers it.
    pub(crate) fn update(&self, locked: &mut Locked, slot: FileSlot) -> Result<(), StoreError> {
        self.head.write(&mut locked.copies, Some(slot))?;
        locked.slot = slot;
        Ok(())
    }

    fn sort_error(&self, locked: &Locked, error: StoreError) -> AppendError {
        match error {
            StoreError::Io { source, .. } if is_no_room(&source) => {
                AppendError::write(locked.slot.key, source)
            }
            other => other.into(),
        }
    }
}

/// The slot after its pending batch was committed. Writing it is the commit.
pub(crate) fn committed(before: &FileSlot, pending: &Pending) -> FileSlot {
    let mut after = *before;
    after.committed = pending.offset + pending.length;
    after.tally.add(&pending.tally);
    after.last = Some(pending.id);
    after.pending = None;
    after
}

fn write_bytes(file: &File, bytes: &[u8], offset: u64) -> std::io::Result<()> {
    if !cfg!(feature = "steps") {
        return file.write_at(bytes, offset);
    }
    let (first, second) = bytes.split_at(bytes.len() / 2);
    file.write_at(first, offset)?;
    reached(Step::AppendHalf);
    file.write_at(second, offset + first.len() as u64)
}

fn already_committed(redo: &dyn Redo, waited: Duration) -> Committed {
    Committed { kind: CommitKind::AlreadyCommitted, file: redo.file(), offset: 0, waited }
}

fn check_batch(redo: &dyn Redo) -> Result<(), AppendError> {
    let bytes = redo.bytes();
    let fault = if redo.batch() == 0 {
        "a batch number must be at least 1"
    } else if bytes.last() != Some(&b'\n') {
        "a batch must hold whole lines, the last one ended by a newline"
    } else if bytes.len() as u64 != redo.length() || crc32fast::hash(bytes) != redo.crc32() {
        "the batch's bytes do not fit its length and checksum"
    } else {
        return Ok(());
    };
    Err(AppendError::Invalid { message: fault.to_owned() })
}
