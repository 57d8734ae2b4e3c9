//! Reads a file to its end: its bytes go to what makes records of them, digests of them to the
//! ledger on the way.
//!
//! A long file is read, unpacked and hashed here while a thread beside makes records of what was
//! read before, so that one file too is work for several processors. At most [`AHEAD`] chunks wait
//! between the two. A short file, as most are, needs no second thread. Blocks while the log cannot
//! be written.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use logloom_intake::unpack::{UnpackError, unpack_error};

use super::content::Content;
use super::job::{LedgerFailed, Taker, Work};
use super::ledger::Checks;
use super::tally::Tally;

/// Bytes up to which a file is read by one thread.
const SHORT_BYTES: u64 = 1 << 20;

/// Chunks that are read ahead.
const AHEAD: usize = 4;

/// How the reading of a file ended.
pub(super) enum Read {
    Whole,
    Stopped,
    Failed(io::Error),
}

impl Read {
    /// Whether nothing more can come of what was read so far. What could not be read, but may be
    /// the next time, goes on at the start of a line.
    fn is_at_last_byte(&self) -> bool {
        use UnpackError::{CutShort, Damaged};
        match self {
            Self::Whole => true,
            Self::Stopped => false,
            Self::Failed(error) => {
                matches!(unpack_error(error), Some(Damaged { .. } | CutShort { .. }))
            }
        }
    }
}

/// A file that is being read by a job.
pub(super) struct Reading<'r, 'c> {
    pub(super) work: &'r Work<'r>,
    pub(super) job: usize,
    pub(super) content: &'r mut Content<'c>,
}

impl Reading<'_, '_> {
    /// Reads to the end. What the reading counts goes to `tally`, what the taking does to that of
    /// the taker.
    pub(super) fn run(
        &mut self,
        taker: &mut Taker<'_>,
        tally: &mut Tally,
    ) -> Result<Read, LedgerFailed> {
        let from = self.content.position();
        let mut checks = Checks::default();
        let mut end =
            self.read(from.saturating_add(SHORT_BYTES), from, &mut checks, &mut |bytes| {
                taker.take(bytes);
            })?;
        if end.is_none() {
            end = self.read_beside(taker, from, &mut checks)?;
        }
        if end.is_none() {
            end = self.read(u64::MAX, from, &mut checks, &mut |bytes| taker.take(bytes))?;
        }
        let end = note_trailing(end.unwrap_or(Read::Whole), tally);
        if end.is_at_last_byte() {
            taker.end();
            checks.add(self.content.position(), self.content.digest());
        }
        taker.finish(checks);
        tally.bytes += self.content.position() - from;
        Ok(end)
    }

    /// Reads while a thread beside takes what was read. `None` where there is no such thread to be
    /// had: then nothing was read.
    fn read_beside(
        &mut self,
        taker: &mut Taker<'_>,
        from: u64,
        checks: &mut Checks,
    ) -> Result<Option<Read>, LedgerFailed> {
        thread::scope(|scope| {
            // Made in here, so that they end before the scope waits for the thread.
            let (full, chunks) = mpsc::sync_channel::<Vec<u8>>(AHEAD);
            let (spent, empty) = mpsc::channel::<Vec<u8>>();
            let taking = move || take_all(taker, &chunks, &spent);
            let Ok(taking) = thread::Builder::new().spawn_scoped(scope, taking) else {
                return Ok(None);
            };
            let read = self.read(u64::MAX, from, checks, &mut |bytes| {
                let mut chunk = empty.try_recv().unwrap_or_default();
                chunk.clear();
                chunk.extend_from_slice(bytes);
                // Nobody listens only after a panic, which is passed on below.
                let _ = full.send(chunk);
            });
            drop(full);
            // Not left to the scope, which may end before the thread has given its rings back.
            taking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            read
        })
    }

    /// Reads up to `until` and notes digests on the way. `None` where more may follow.
    fn read(
        &mut self,
        until: u64,
        from: u64,
        checks: &mut Checks,
        give: &mut dyn FnMut(&[u8]),
    ) -> Result<Option<Read>, LedgerFailed> {
        while self.content.position() < until {
            if self.work.stop.load(Ordering::Relaxed) {
                return Ok(Some(Read::Stopped));
            }
            match self.content.next(u64::MAX) {
                Ok([]) => return Ok(Some(Read::Whole)),
                Ok(bytes) => give(bytes),
                Err(error) => return Ok(Some(Read::Failed(error))),
            }
            // What waits for more lines is behind the position that travels with the records, so a
            // digest is of use once the log is past it; that it is noted early does no harm.
            if self.content.position() >= checks.next(from) {
                let (position, digest) = (self.content.position(), self.content.digest());
                checks.add(position, digest);
                self.work.ledger.check(self.job, position, digest)?;
            }
        }
        Ok(None)
    }
}

/// Takes what comes, and gives the room that it took back.
fn take_all(taker: &mut Taker<'_>, chunks: &Receiver<Vec<u8>>, spent: &Sender<Vec<u8>>) {
    for chunk in chunks {
        taker.take(&chunk);
        // The reading is through when nobody wants it back.
        let _ = spent.send(chunk);
    }
}

/// What stands behind the end of packed data is told; the file is whole all the same.
fn note_trailing(end: Read, tally: &mut Tally) -> Read {
    match &end {
        Read::Failed(error)
            if matches!(unpack_error(error), Some(UnpackError::Trailing { .. })) =>
        {
            tally.note = Some(error.to_string());
            Read::Whole
        }
        _ => end,
    }
}
