//! Whether a batch was committed before: the done word, and what to do when it cannot tell. In come a
//! batch and the settled file its intent names; out goes yes or no. It refuses to guess: where a word
//! is damaged, the lines themselves are looked for.
//!
//! Who appends batch n vouches for n - 1: its redo log moves on only after a batch is committed. So a damaged
//! word can be written anew as soon as batch n was looked for, and not before; nobody else may.

use crate::append::Locked;
use crate::directory::is_replaced;
use crate::error::{AppendError, StoreError};
use crate::head::codec::Done;
use crate::head::io;
use crate::head::slot::FileState;
use crate::key::FileKey;
use crate::read::snapshot::of_slot;
use crate::redo::Redo;
use crate::register::Seat;
use crate::scan::contains;
use crate::sys::OpenMode;

// How far back a batch is looked for in a file whose slot was lost.
const REGISTERED_TAIL: u64 = 4 << 20;

impl Seat {
    /// Number of this writer's last committed batch; 0 before the first.
    pub(crate) fn done(&self) -> Result<u64, StoreError> {
        Ok(self.head.done(self.writer, self.uuid)?.1)
    }

    /// Notes that `batch` is this writer's last committed one, in a damaged word as well.
    pub(crate) fn set_done(&self, batch: u64) -> Result<(), StoreError> {
        let done = Done { uuid: self.uuid, batch };
        match self.head.done(self.writer, self.uuid) {
            Ok((mut copies, _)) => self.head.write(&mut copies, Some(done)),
            Err(StoreError::Damaged { .. }) => {
                self.head.write_anew(io::done_place(self.writer), Some(done))
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a batch whose intent names no file was committed. With a damaged word it was not: the intent
    /// names the file from before the first byte on.
    pub(crate) fn is_done_unnamed(&self, redo: &dyn Redo) -> Result<bool, StoreError> {
        match self.done() {
            Ok(done) => Ok(done >= redo.batch()),
            Err(StoreError::Damaged { .. }) => self.set_done(redo.batch() - 1).map(|()| false),
            Err(error) => Err(error),
        }
    }

    /// Whether the batch was committed. The file is locked and settled.
    pub(crate) fn is_done(&self, locked: &Locked, redo: &dyn Redo) -> Result<bool, AppendError> {
        let slot = &locked.slot;
        let is_named = redo.file() == Some(slot.key);
        // A file that lost its slot: nothing but the lines tells that the batch was written.
        let is_closed = matches!(slot.state, FileState::Sealed | FileState::Compressed);
        let is_registered = is_closed && slot.last.is_none();
        let reach = match self.done() {
            Ok(done) if done >= redo.batch() => return Ok(true),
            Ok(_) if !is_named => return Ok(false),
            Ok(_) if is_registered => REGISTERED_TAIL,
            Ok(done) if done > 0 && done + 1 == redo.batch() => return Ok(false),
            // Damaged, or left behind in a slot that was lost.
            Ok(_) | Err(StoreError::Damaged { .. }) => u64::MAX,
            Err(error) => return Err(error.into()),
        };
        let is_found = is_named && self.stands_in(locked, redo, reach)?;
        self.set_done(if is_found { redo.batch() } else { redo.batch() - 1 })?;
        Ok(is_found)
    }

    /// Before the intent forgets a file without a slot: with a damaged done word, only the lines there tell
    /// whether the batch was committed.
    pub(crate) fn look_in_lost(&self, key: FileKey, redo: &dyn Redo) -> Result<(), AppendError> {
        match self.done() {
            Err(StoreError::Damaged { .. }) => {}
            other => return other.map(drop).map_err(AppendError::from),
        }
        let file = match self.shared.root.open(&key.file_name(), OpenMode::Read) {
            Ok(file) => file,
            Err(error) if is_replaced(&error) => return Ok(()),
            Err(error) => return Err(StoreError::io(format!("open {key}"))(error).into()),
        };
        let found = file.stat().and_then(|stat| contains(&file, 0..stat.size, redo.bytes()));
        if found.map_err(StoreError::io(format!("read {key}")))? {
            self.set_done(redo.batch())?;
        }
        Ok(())
    }

    /// Whether the batch's bytes stand in the last `reach` bytes of the file (and its own length more).
    fn stands_in(&self, locked: &Locked, redo: &dyn Redo, reach: u64) -> Result<bool, AppendError> {
        let slot = &locked.slot;
        let start = slot.committed.saturating_sub(reach.saturating_add(redo.length()));
        let range = start..slot.committed;
        let found = if slot.packed.is_some() {
            let file = of_slot(&self.shared, locked.number, slot);
            let Some(reader) = self.shared.open_snapshot(&file)? else { return Ok(false) };
            contains(&reader, range, redo.bytes())
        } else {
            let Some(file) = self.shared.day_file(locked.number, slot)? else { return Ok(false) };
            contains(&*file, range, redo.bytes())
        };
        found.map_err(|source| AppendError::write(slot.key, source))
    }
}
