//! When the log does not take a batch: the next directory of the list, then the standard error.
//!
//! Nobody gives up early: records wait in their rings, and only a caller whose ERROR has found no
//! room within the time limit changes the directory. From the standard error the way back is tried
//! every ten seconds. Lines below ERROR of the batch that has to go are printed too: the batch is
//! one.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use logloom_store::{
    Access, Append, AppendError, CommitKind, Committed, Directory, FileKey, NumberRange,
    NumbersWanted, Redo, Segments, SessionKey, StoreError,
};

use logloom_ring::{Segment, process};

use super::open::{self, Found};
use super::{Inner, Place, lock};
use crate::alert::Alert;
use crate::metrics::Counters;
use crate::terminal::json_lines;
use crate::writer::{WriteError, Writer};

impl Inner {
    /// Whether lines go to a directory, and not to the standard error.
    pub(super) fn writes_to_directory(&self) -> bool {
        let place = lock(&self.place);
        place.directory.is_some() && !place.is_diverted
    }

    /// Counts a failed append and says so once. `true` when it was mended or passes by itself: then it is
    /// tried again.
    pub(super) fn note_failure(&self, error: &WriteError) -> bool {
        if error.is_passing() {
            return true;
        }
        self.counters.write_errors.fetch_add(1, Ordering::Relaxed);
        let needs_reopen = match error {
            WriteError::Append(error) => error.needs_reopen(),
            WriteError::Number(error) => {
                matches!(error, StoreError::HeadReplaced | StoreError::NotRegistered)
            }
            WriteError::Memory(_) | WriteError::Sync(_) => false,
        };
        if needs_reopen && self.register_again() {
            return true;
        }
        if !self.failing.swap(true, Ordering::AcqRel) {
            self.alerts.raise(Alert::WriteFailed { text: error.to_string() });
        }
        false
    }

    /// Goes on to the next directory that can be opened, or to the standard error.
    pub(super) fn fail_over(&self) {
        for alert in process::with_size_limit_as_error(|| self.switch()) {
            self.alerts.raise(alert);
        }
    }

    /// Returns what is to be told: not before the locks are free.
    fn switch(&self) -> Vec<Alert> {
        let mut writer = lock(&self.writer);
        let Some(writer) = writer.as_mut() else { return Vec::new() };
        let mut place = lock(&self.place);
        if place.is_diverted {
            return Vec::new();
        }
        let Found { directory, index, mut alerts } =
            open::first_directory(&self.settings(), place.index + 1, Access::Append);
        let to = directory.as_ref().map(|directory| directory.path().display().to_string());
        let is_taken = match directory {
            Some(directory) => self
                .take_directory(writer, &mut place, directory, index)
                .map_err(|error| alerts.push(Alert::WriteFailed { text: error.to_string() }))
                .is_ok(),
            None => false,
        };
        if !is_taken {
            // The slot is kept: without its lock, others would take this process for dead.
            place.is_diverted = true;
            writer.set_log(Box::new(StderrLog(self.counters.clone())));
        }
        let to = to.filter(|_| is_taken).unwrap_or_else(|| "the standard error".to_owned());
        alerts.push(Alert::Switched { to });
        self.counters.failover_switches.fetch_add(1, Ordering::Relaxed);
        alerts
    }

    /// Registers in `directory`; only then the segment says that it belongs there, and only then
    /// the old slot is let go: at every moment a slot leads to the segment.
    ///
    /// # Errors
    /// Why the directory does not take the registration; nothing has changed then.
    fn take_directory(
        &self,
        writer: &mut Writer<'static>,
        place: &mut Place,
        directory: Directory,
        index: usize,
    ) -> Result<(), StoreError> {
        let Some(segment) = self.segment() else { return Ok(()) };
        let handle = open::register(&directory, segment)?;
        free_old_places(&directory, segment, handle.slot());
        open::note_home(Some(&directory), segment, &open::absolute(directory.path()));
        let mut own = self.handle.write().unwrap_or_else(PoisonError::into_inner);
        let old = own.replace(handle);
        drop(own);
        *place = Place { directory: Some(directory), index, is_diverted: false };
        writer.set_log(self.log(place));
        // A slot that cannot be given back is freed by the old directory's next recovery, which
        // sees that the segment belongs elsewhere.
        if let Some(old) = old.and_then(Arc::into_inner) {
            let _ = old.release();
        }
        Ok(())
    }

    /// Tries to go back from the standard error to a directory.
    pub(super) fn return_to_directory(&self) {
        let mut writer = lock(&self.writer);
        let Some(writer) = writer.as_mut() else { return };
        let mut place = lock(&self.place);
        if place.directory.is_none() {
            // Tried until it succeeds: what fails now was told when it failed first.
            let Found { directory, index, .. } =
                open::first_directory(&self.settings(), 0, Access::Append);
            if let Some(directory) = directory {
                let _ = self.take_directory(writer, &mut place, directory, index);
            }
            return;
        } else if !place.is_diverted {
            return;
        }
        if !self.is_registered() {
            // As above.
            let _ = self.register_here(writer, &mut place);
            return;
        }
        place.is_diverted = false;
        writer.set_log(self.log(&place));
    }

    /// Registers in the directory that is open already.
    ///
    /// # Errors
    /// As [`Inner::take_directory`].
    fn register_here(
        &self,
        writer: &mut Writer<'static>,
        place: &mut Place,
    ) -> Result<(), StoreError> {
        let index = place.index;
        let Some(directory) = place.directory.clone() else { return Ok(()) };
        self.take_directory(writer, place, directory, index)
    }

    /// Somebody has replaced the catalogue: registers again in the new one. Or it was busy at the start.
    /// `false` when that cannot be done now.
    fn register_again(&self) -> bool {
        let mut writer = lock(&self.writer);
        let Some(writer) = writer.as_mut() else { return true };
        let mut place = lock(&self.place);
        if !self.is_registered() {
            match self.register_here(writer, &mut place) {
                Ok(()) => return true,
                Err(StoreError::Busy { .. }) => return false,
                Err(_) => {}
            }
        }
        let Found { directory, index, .. } =
            open::first_directory(&self.settings(), place.index, Access::Append);
        directory.is_some_and(|directory| {
            self.take_directory(writer, &mut place, directory, index).is_ok()
        })
    }
}

/// Frees the places that this process has had before in the same catalogue: without their locks,
/// which went with their descriptor, others would take the process for dead.
fn free_old_places(directory: &Directory, segment: &Segment, own: u32) {
    let uuid = segment.identity().uuid;
    let places = directory.writers().unwrap_or_default();
    for place in places.iter().filter(|place| place.identity.uuid == uuid && place.slot != own) {
        if let Ok(Some(old)) = directory.adopt(place.slot) {
            // One that cannot be freed now is freed by recovery, which finds the batches done.
            let _ = old.free();
        }
    }
}

/// Before this process is registered: batches wait where they are staged, and each try leads to another
/// one to register.
pub(super) struct NotRegistered;

impl Append for NotRegistered {
    fn append(&self, _: &dyn Redo, _: &dyn Segments) -> Result<Committed, AppendError> {
        Err(StoreError::NotRegistered.into())
    }

    fn sync(&self, _file: FileKey) -> Result<(), StoreError> {
        Ok(())
    }

    fn reserve_numbers(&self, _: &NumbersWanted<'_>) -> Result<Vec<NumberRange>, StoreError> {
        Err(StoreError::NotRegistered)
    }

    /// Nothing was taken.
    fn return_numbers(&self, _: SessionKey, _: u64) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The last resort: whole lines on the standard error, harmless to a terminal.
pub(super) struct StderrLog(pub(super) Arc<Counters>);

impl Append for StderrLog {
    fn append(&self, redo: &dyn Redo, _segments: &dyn Segments) -> Result<Committed, AppendError> {
        let tally = redo.tally();
        match std::io::stderr().write_all(&json_lines(redo.bytes())) {
            Ok(()) => {
                self.0.stderr_lines.fetch_add(tally.lines, Ordering::Relaxed);
            }
            // The last of all places has failed: there is nowhere to keep these lines.
            Err(_) => {
                for (counter, lines) in self.0.no_sink.iter().zip(tally.levels) {
                    counter.fetch_add(lines, Ordering::Relaxed);
                }
            }
        }
        Ok(Committed { kind: CommitKind::Written, file: None, offset: 0, waited: Duration::ZERO })
    }

    fn sync(&self, _file: FileKey) -> Result<(), StoreError> {
        Ok(())
    }

    /// Counts on from the writer's own last number.
    fn reserve_numbers(&self, wanted: &NumbersWanted<'_>) -> Result<Vec<NumberRange>, StoreError> {
        Ok(vec![NumberRange { from: wanted.at_least.max(1), count: wanted.count }])
    }

    fn return_numbers(&self, _session: SessionKey, _staged: u64) -> Result<(), StoreError> {
        Ok(())
    }
}
