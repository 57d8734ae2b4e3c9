//! A staged batch into the log, and the ring positions that go with it.

use std::path::Path;
use std::sync::atomic::Ordering;

use logloom_record::Level;
use logloom_ring::Segment;
use logloom_ring::memory::{MemorySystem, SharedMemory};
use logloom_ring::segment::{Cause, Intent, IntentSlot};
use logloom_store::steps::{Step as Mark, reached};
use logloom_store::{
    Append, AppendError, Day, FileKey, Redo, Segments, StagedBatch, StoreError, Tally,
};

use super::Writer;
use crate::plant::{Fault, planted};

/// What batches are appended through: a day file, or the last resort.
pub type Log = dyn Append + Send;

/// Why a batch is not in the log; it stays staged.
#[derive(Debug)]
pub enum WriteError {
    /// The store did not take it.
    Append(AppendError),
    /// The staging buffers cannot get their memory; the records wait in their rings.
    Memory(std::io::Error),
    /// It is in the log, but its file could not be forced to the device.
    Sync(StoreError),
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Append(error) => error.fmt(formatter),
            Self::Memory(error) => {
                write!(formatter, "no memory for a batch: {error}; make room there")
            }
            Self::Sync(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for WriteError {}

/// The batch in a segment's staging buffer, as the store sees it.
struct Staged<'a> {
    slot: IntentSlot<'a>,
    intent: &'a Intent,
    day: Day,
}

impl Redo for Staged<'_> {
    fn batch(&self) -> u64 {
        self.intent.batch
    }

    fn bytes(&self) -> &[u8] {
        self.slot.bytes(self.intent.length)
    }

    fn length(&self) -> u64 {
        self.intent.length
    }

    fn crc32(&self) -> u32 {
        self.intent.crc
    }

    fn tally(&self) -> Tally {
        Tally {
            lines: u64::from(self.intent.lines),
            levels: self.intent.levels.map(u64::from),
            times: (self.intent.lines > 0).then_some((self.intent.least, self.intent.greatest)),
        }
    }

    fn day(&self) -> Day {
        self.day
    }

    fn file(&self) -> Option<FileKey> {
        FileKey::from_word(self.slot.file())
    }

    fn set_file(&self, file: Option<FileKey>) {
        self.slot.set_file(file.map_or(0, FileKey::to_word));
    }
}

impl Writer<'_> {
    /// Finishes the batch that is staged but not applied, if there is one. Repeating it, here or in
    /// another process, changes nothing.
    ///
    /// # Errors
    /// When the log cannot take it; it stays staged. Or when it is in the log and could not be forced
    /// to the device: that is told once, and is no reason to try again.
    pub(crate) fn finish(&mut self) -> Result<(), WriteError> {
        let batch = self.segment.staged();
        if self.segment.applied() >= batch {
            return Ok(());
        }
        let slot = self.segment.intent_slot(batch);
        let mut synced = Ok(());
        // An intent that makes no sense can only be a damaged segment: there is nothing to append,
        // and no more than the lines of the buffer that were lost.
        if let Some(intent) = slot.read().filter(|intent| intent.batch == batch) {
            apply(self.segment, &intent);
            if planted(Fault::AppliedBeforeCommit) {
                self.segment.set_applied(batch);
            }
            match self.append(slot, &intent) {
                // Its bytes are not what the intent says: a damaged segment. It can never be
                // appended, and what lies behind it must not wait for it.
                Err(AppendError::Invalid { .. }) => self.give_up(&intent),
                outcome => outcome.map_err(WriteError::Append)?,
            }
            if self.durability.syncs(&intent.levels) {
                synced = self.sync();
            }
        } else {
            let lines = slot.bytes(u64::MAX).iter().filter(|byte| **byte == b'\n').count() as u64;
            self.lose(0, Level::Info, Cause::Damaged, lines.max(1));
        }
        reached(Mark::AppliedBefore);
        self.segment.set_applied(batch);
        reached(Mark::AppliedAfter);
        synced
    }

    fn give_up(&self, intent: &Intent) {
        let count = u64::from(intent.lines).clamp(1, intent.length.max(1));
        self.lose(0, Level::Info, Cause::Damaged, count);
    }

    fn append(&mut self, slot: IntentSlot<'_>, intent: &Intent) -> Result<(), AppendError> {
        if intent.length == 0 {
            return Ok(());
        }
        let Some(day) = Day::from_number(intent.day) else {
            let message = format!("there is no day {}", intent.day);
            return Err(AppendError::Invalid { message });
        };
        let staged = Staged { slot, intent, day };
        let committed = self.log.append(&staged, &OtherSegments)?;
        if let Some(console) = &self.console {
            console.offer(staged.bytes(), u64::from(intent.lines));
        }
        self.counters.batches.fetch_add(1, Ordering::Relaxed);
        self.counters.bytes.fetch_add(intent.length, Ordering::Relaxed);
        for (counter, lines) in self.counters.lines.iter().zip(intent.levels) {
            counter.fetch_add(u64::from(lines), Ordering::Relaxed);
        }
        if let Some(file) = committed.file.or_else(|| staged.file()) {
            self.unsynced.insert(file);
        }
        Ok(())
    }

    /// Forces what has been appended since the last time to the device.
    ///
    /// # Errors
    /// The device failed for a file, the first of which is told. The store has closed it: later records
    /// go to another one.
    pub fn sync(&mut self) -> Result<(), WriteError> {
        let files = std::mem::take(&mut self.unsynced);
        // All of them are tried: what is left out now would not be tried again.
        let outcomes: Vec<_> = files.into_iter().map(|file| self.log.sync(file)).collect();
        outcomes.into_iter().collect::<Result<(), StoreError>>().map_err(WriteError::Sync)
    }
}

/// Moves the ring positions and counters to where the intent says. Done again, nothing changes.
pub(super) fn apply(segment: &Segment, intent: &Intent) {
    for (number, (index, position)) in intent.rings.iter().enumerate() {
        if let Some(ring) = segment.ring(*index) {
            ring.unlock_at(*position);
        }
        if number == 0 {
            reached(Mark::RingAdvancePartial);
        }
    }
    for (slot, reported) in &intent.losses {
        segment.set_reported(*slot, *reported);
    }
    for (source, end) in &intent.sources {
        segment.set_source(*source, *end);
    }
    reached(Mark::RingAdvanced);
}

/// Staged batches of other processes, read from their segments.
pub(crate) struct OtherSegments;

impl Segments for OtherSegments {
    fn staged(&self, wanted: &StagedBatch<'_>) -> Option<Vec<u8>> {
        let segment = open_segment(wanted.segment_path, wanted.segment_inode)?;
        if segment.identity().uuid != wanted.writer_uuid {
            return None;
        }
        let slot = segment.intent_slot(wanted.batch);
        let intent = slot.read()?;
        let fits = intent.batch == wanted.batch
            && intent.length == wanted.length
            && intent.crc == wanted.crc32;
        let bytes = fits.then(|| slot.bytes(intent.length).to_vec())?;
        (bytes.len() as u64 == intent.length && crc32fast::hash(&bytes) == intent.crc)
            .then_some(bytes)
    }
}

/// Opens a segment, if it is still the file that was registered.
fn open_segment(path: &Path, inode: u64) -> Option<Segment> {
    let memory: &dyn MemorySystem = &SharedMemory;
    let segment = Segment::open(memory, path).ok()?;
    (segment.inode() == inode).then_some(segment)
}
