//! Taking a dead writer's place. In come the writers of the catalogue; out go their states, and handles
//! that append on behalf of a dead one. A writer that lives, or may live, is refused.

use std::sync::Arc;

use crate::append::Committed;
use crate::directory::Directory;
use crate::error::{AppendError, StoreError};
use crate::head::Head;
use crate::head::lock::{Guard, Region, is_held, try_acquire};
use crate::head::slot::WriterIdentity;
use crate::key::FileKey;
use crate::redo::{Redo, Segments};
use crate::register::Seat;
use crate::session::{NumberRange, NumbersWanted, SessionKey};
use crate::steps::{Step, reached};
use crate::sys::Platform;
use crate::texts::TextId;

/// Whether a writer lives, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Its life lock is held, and nothing says that the process is gone.
    Alive,
    /// Its life lock is free.
    DeadLockFree,
    /// Its life lock is held (by a fork child, say), but in this boot and pid namespace no process has its
    /// number and start time.
    DeadProcessGone,
}

impl Life {
    /// Whether it may be recovered.
    pub fn is_dead(self) -> bool {
        self != Life::Alive
    }
}

/// One registered writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterView {
    /// Number of its slot.
    pub slot: u32,
    /// Who it is.
    pub identity: WriterIdentity,
    /// Its last committed batch; 0 before the first, and when the word is damaged.
    pub done: u64,
    /// Whether it lived when looked at.
    pub life: Life,
    /// Whether it registered in the present boot. After a new boot a segment in memory is gone.
    pub is_this_boot: bool,
    /// Whether somebody is recovering it at present.
    pub is_being_recovered: bool,
}

/// A dead writer's place, held by its recovery lock. Dropping it lets others recover.
pub struct Adopted {
    seat: Seat,
    identity: WriterIdentity,
    _recovery: Guard,
}

impl Directory {
    /// All registered writers, with evidence of life. Takes no lock.
    ///
    /// # Errors
    /// The head cannot be read. Damaged slots are left out.
    pub fn writers(&self) -> Result<Vec<WriterView>, StoreError> {
        let Some(head) = self.shared.reader_head()? else { return Ok(Vec::new()) };
        let (_, catalogue) = head.catalogue()?;
        let mut views = Vec::new();
        for slot in 0..catalogue.writers_used {
            if let Some(identity) = head.writer(slot)? {
                views.push(WriterView {
                    slot,
                    done: done_or_none(&head, slot, &identity)?,
                    life: life(&head, slot, &identity)?,
                    is_this_boot: identity.boot_id == head.platform().boot_id(),
                    is_being_recovered: is_held(&head, Region::Recovery(slot))?,
                    identity,
                });
            }
        }
        Ok(views)
    }

    /// Takes a dead writer's place, to run its remaining batches and then free its slot. `None` when
    /// the slot is free, its writer lives, or somebody else is recovering it. Never waits.
    ///
    /// # Errors
    /// The head cannot be read or locked.
    pub fn adopt(&self, writer: u32) -> Result<Option<Adopted>, StoreError> {
        let head = self.shared.head()?;
        if writer >= head.catalogue()?.1.writers_used {
            return Ok(None);
        }
        let Some(recovery) = try_acquire(&head, Region::Recovery(writer))? else {
            return Ok(None);
        };
        let Some(identity) = head.writer(writer)? else { return Ok(None) };
        if !life(&head, writer, &identity)?.is_dead() {
            return Ok(None);
        }
        reached(Step::AdoptLocked);
        let seat = Seat { shared: self.shared.clone(), head, writer, uuid: identity.uuid };
        Ok(Some(Adopted { seat, identity, _recovery: recovery }))
    }
}

fn done_or_none(head: &Head, slot: u32, identity: &WriterIdentity) -> Result<u64, StoreError> {
    match head.done(slot, identity.uuid) {
        Ok((_, done)) => Ok(done),
        Err(StoreError::Damaged { .. }) => Ok(0),
        Err(error) => Err(error),
    }
}

fn life(head: &Head, slot: u32, identity: &WriterIdentity) -> Result<Life, StoreError> {
    if !is_held(head, Region::Life(slot))? {
        return Ok(Life::DeadLockFree);
    }
    let platform = head.platform();
    let is_visible = identity.boot_id == platform.boot_id()
        && identity.pid_namespace != 0
        && identity.pid_namespace == platform.pid_namespace();
    let is_gone = is_visible && !platform.process_alive(identity.pid, identity.start_time);
    Ok(if is_gone { Life::DeadProcessGone } else { Life::Alive })
}

impl WriterIdentity {
    /// The identity of this process with a new uuid.
    pub fn of_this_process(
        platform: &dyn Platform,
        segment_path: String,
        segment_inode: u64,
    ) -> WriterIdentity {
        let pid = platform.process_id();
        WriterIdentity {
            uuid: platform.random(),
            boot_id: platform.boot_id(),
            pid,
            start_time: platform.process_start_time(pid).unwrap_or(0),
            pid_namespace: platform.pid_namespace(),
            segment_path,
            segment_inode,
        }
    }
}

impl Adopted {
    /// Who the dead writer was.
    pub fn identity(&self) -> &WriterIdentity {
        &self.identity
    }

    /// Number of its slot.
    pub fn slot(&self) -> u32 {
        self.seat.writer
    }

    /// Its last committed batch; 0 before the first.
    ///
    /// # Errors
    /// The head cannot be read.
    pub fn done(&self) -> Result<u64, StoreError> {
        self.seat.done()
    }

    /// Appends a batch as the dead writer. A batch whose intent names a file is settled there first,
    /// whatever else is open. See [`WriterHandle::append`](crate::WriterHandle::append).
    ///
    /// # Errors
    /// See [`AppendError`]; the same batch may be given again.
    pub fn append(
        &self,
        redo: &dyn Redo,
        segments: &dyn Segments,
    ) -> Result<Committed, AppendError> {
        self.seat.append(redo, segments)
    }

    /// See [`WriterHandle::sync`](crate::WriterHandle::sync).
    ///
    /// # Errors
    /// The sync failed, now or earlier.
    pub fn sync(&self, file: FileKey) -> Result<(), StoreError> {
        self.seat.shared.sync(&self.seat.head, file)
    }

    /// Frees the dead writer's slot. To be called when its rings are empty and its segment says so;
    /// the segment is removed afterwards.
    ///
    /// # Errors
    /// The catalogue is busy or cannot be written; the writer stays to be recovered.
    pub fn free(self) -> Result<(), StoreError> {
        self.seat.free()?;
        reached(Step::FreeSlot);
        Ok(())
    }
}

/// What a batch can be appended through: the writer's own handle, or a dead writer's place.
pub trait Append {
    /// See [`WriterHandle::append`](crate::WriterHandle::append).
    ///
    /// # Errors
    /// See [`AppendError`]; the same batch may be given again.
    fn append(&self, redo: &dyn Redo, segments: &dyn Segments) -> Result<Committed, AppendError>;

    /// See [`WriterHandle::sync`](crate::WriterHandle::sync).
    ///
    /// # Errors
    /// The sync failed, now or earlier.
    fn sync(&self, file: FileKey) -> Result<(), StoreError>;

    /// Takes the numbers that a batch needs for the actions of a session, before the batch is staged. In
    /// the order given out: each number of the session is given out once over all writers of the
    /// directory, unless its batch is never staged.
    ///
    /// Waits at most the lock deadline.
    ///
    /// # Errors
    /// The session is busy, or its file cannot be read or written. Nothing is taken then.
    fn reserve_numbers(&self, wanted: &NumbersWanted<'_>) -> Result<Vec<NumberRange>, StoreError>;

    /// Gives back the numbers of this session that the writer took for batches after `staged`.
    ///
    /// # Errors
    /// As for [`Append::reserve_numbers`].
    fn return_numbers(&self, session: SessionKey, staged: u64) -> Result<(), StoreError>;

    /// Keeps a text of which a line holds only the beginning, so that
    /// [`Directory::full_text`](crate::Directory::full_text) finds it. All texts of the directory together are
    /// kept to about `room` bytes. By itself: refuses, for there is no directory.
    ///
    /// # Errors
    /// It is not kept. No line depends on it.
    fn keep_text(&self, id: &TextId, text: &[u8], room: u64) -> Result<(), StoreError> {
        let _ = (id, text, room);
        Err(StoreError::NotRegistered)
    }
}

/// A place that is shared, between a batch step and the one who gives the place up, say.
impl<T: Append + ?Sized> Append for Arc<T> {
    fn append(&self, redo: &dyn Redo, segments: &dyn Segments) -> Result<Committed, AppendError> {
        (**self).append(redo, segments)
    }

    fn sync(&self, file: FileKey) -> Result<(), StoreError> {
        (**self).sync(file)
    }

    fn reserve_numbers(&self, wanted: &NumbersWanted<'_>) -> Result<Vec<NumberRange>, StoreError> {
        (**self).reserve_numbers(wanted)
    }

    fn return_numbers(&self, session: SessionKey, staged: u64) -> Result<(), StoreError> {
        (**self).return_numbers(session, staged)
    }

    fn keep_text(&self, id: &TextId, text: &[u8], room: u64) -> Result<(), StoreError> {
        (**self).keep_text(id, text, room)
    }
}

impl Append for Adopted {
    fn append(&self, redo: &dyn Redo, segments: &dyn Segments) -> Result<Committed, AppendError> {
        Adopted::append(self, redo, segments)
    }

    fn sync(&self, file: FileKey) -> Result<(), StoreError> {
        Adopted::sync(self, file)
    }

    fn reserve_numbers(&self, wanted: &NumbersWanted<'_>) -> Result<Vec<NumberRange>, StoreError> {
        self.seat.reserve_numbers(wanted)
    }

    fn return_numbers(&self, session: SessionKey, staged: u64) -> Result<(), StoreError> {
        self.seat.return_numbers(session, staged)
    }

    fn keep_text(&self, id: &TextId, text: &[u8], room: u64) -> Result<(), StoreError> {
        self.seat.shared.keep_text(id, text, room)
    }
}

impl Append for crate::WriterHandle {
    fn append(&self, redo: &dyn Redo, segments: &dyn Segments) -> Result<Committed, AppendError> {
        crate::WriterHandle::append(self, redo, segments)
    }

    fn sync(&self, file: FileKey) -> Result<(), StoreError> {
        crate::WriterHandle::sync(self, file)
    }

    fn reserve_numbers(&self, wanted: &NumbersWanted<'_>) -> Result<Vec<NumberRange>, StoreError> {
        self.seat.reserve_numbers(wanted)
    }

    fn return_numbers(&self, session: SessionKey, staged: u64) -> Result<(), StoreError> {
        self.seat.return_numbers(session, staged)
    }

    fn keep_text(&self, id: &TextId, text: &[u8], room: u64) -> Result<(), StoreError> {
        self.seat.shared.keep_text(id, text, room)
    }
}
