//! The library at work within this process, for commands that take over lines of others.
//!
//! Takes settings, gives a running writer over one log directory. Nothing is dropped: where the
//! log cannot be written, whoever hands in a line waits. A directory that cannot be made or
//! written is refused before anything else is done.

use std::time::{Duration, Instant};

use logloom_core::settings::{Policy, Settings};
use logloom_core::{Handle, recovery, runtime};
use logloom_store::Directory;

use crate::exit::{Failure, say};
use crate::place::open_for_appending;

/// How long another process's recovery of a dead writer is waited for.
const RECOVERY_WAIT: Duration = Duration::from_secs(10);

/// How long the end waits for the log to take what was handed in.
pub(crate) const STOP_WAIT: Duration = Duration::from_secs(10);

/// A running writer.
pub(crate) struct Engine {
    handle: Handle,
    directory: Directory,
}

impl Engine {
    /// Opens the first directory of the list that can be used and recovers what dead programs
    /// left there.
    pub(crate) fn open(settings: &mut Settings) -> Result<Directory, Failure> {
        let mut first_error = None;
        for path in &settings.store.dir {
            match open_for_appending(path, settings) {
                Ok(directory) => {
                    settings.store.dir = vec![directory.path().to_owned()];
                    recover_all(&directory);
                    return Ok(directory);
                }
                Err(error) => drop(first_error.get_or_insert(error)),
            }
        }
        let error = first_error.map_or_else(|| "none is configured".to_owned(), |e| e.to_string());
        Err(Failure::System(format!("{error}: choose a log directory with --dir")))
    }

    /// Starts the writer over an open directory.
    pub(crate) fn start(mut settings: Settings, directory: Directory) -> Result<Self, Failure> {
        settings.overflow.default = Policy::Block;
        settings.overflow.by_level = [Some(Policy::Block); 6];
        settings.console = None;
        settings.ring.max_record = settings.ring.max_record.max(crate::capture::RECORD_BYTES);
        let handle = runtime::start(settings, &[])
            .map_err(|error| Failure::system("start the writer", error))?;
        Ok(Self { handle, directory })
    }

    /// The log directory.
    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Waits until the log has taken what was handed in, for as long as it goes on taking it.
    pub(crate) fn drain(&self) {
        let mut before = u64::MAX;
        loop {
            let left = self.handle.flush(STOP_WAIT).bytes;
            if left == 0 || left >= before {
                return;
            }
            before = left;
        }
    }

    /// Writes what was handed in and stops. Says what remains when the log does not take it.
    pub(crate) fn stop(&self) -> bool {
        let remaining = self.handle.stop(STOP_WAIT);
        if !remaining.is_empty() {
            say(format_args!(
                "{} bytes of records could not be written and stay in memory; once the cause is \
                 mended, run: logloom recover --dir {}",
                remaining.bytes,
                self.directory.path().display()
            ));
        }
        remaining.is_empty()
    }
}

/// Recovers until no dead writer is left, so that nobody else's recovery is still under way when
/// the positions of their sources are read.
fn recover_all(directory: &Directory) {
    let start = Instant::now();
    loop {
        let report = recovery::sweep(directory);
        let writers = directory.writers().unwrap_or_default();
        let is_clean = !writers.iter().any(|writer| writer.life.is_dead());
        if is_clean {
            return;
        }
        if start.elapsed() > RECOVERY_WAIT || !report.problems.is_empty() {
            report.problems.iter().for_each(say);
            say("records of a program that died are not recovered yet; see `logloom doctor`");
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
