//! When the log does not take a batch: the next directory of the list, then the standard error.
//!
//! Nobody gives up early: records wait in their rings, and only a caller whose ERROR has found no
//! room within the time limit changes the directory. Lines below ERROR of the batch that has to go
//! are printed too: the batch is one.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use logloom_store::{
    Append, AppendError, CommitKind, Committed, FileKey, Redo, Segments, StoreError,
};

use super::{Inner, lock, open};
use crate::alert::Alert;
use crate::metrics::Counters;
use crate::writer::WriteError;

impl Inner {
    pub(super) fn has_directory(&self) -> bool {
        lock(&self.place).directory.is_some()
    }

    /// Counts a failed append and says so once.
    pub(super) fn note_failure(&self, error: &WriteError) {
        self.counters.write_errors.fetch_add(1, Ordering::Relaxed);
        if !self.failing.swap(true, Ordering::AcqRel) {
            self.alerts.raise(Alert::WriteFailed { text: error.to_string() });
        }
    }

    /// Goes on to the next directory that can be opened, or to the standard error.
    pub(super) fn fail_over(&self) {
        let mut writer = lock(&self.writer);
        let Some(writer) = writer.as_mut() else { return };
        let mut place = lock(&self.place);
        let settings = self.settings();
        if place.index >= settings.store.dir.len() {
            return;
        }
        let (directory, index) = open::first_directory(&settings, place.index + 1, &self.alerts);
        let handle = match (&directory, self.segment()) {
            (Some(directory), Some(segment)) => {
                // Directories are opened by their path, so it is short enough.
                let _ = segment.set_log_dir(directory.path());
                self.alerts.raise(Alert::Switched { to: directory.path().display().to_string() });
                open::register(directory, segment, &self.alerts)
            }
            _ => None,
        };
        *place = super::Place { directory, index };
        let mut own = self.handle.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *own = handle;
        drop(own);
        writer.set_log(self.log());
        self.counters.failover_switches.fetch_add(1, Ordering::Relaxed);
    }
}

/// The last resort: whole lines on the standard error.
pub(super) struct StderrLog(pub(super) Arc<Counters>);

impl Append for StderrLog {
    fn append(&self, redo: &dyn Redo, _segments: &dyn Segments) -> Result<Committed, AppendError> {
        let tally = redo.tally();
        match std::io::stderr().write_all(redo.bytes()) {
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
}
