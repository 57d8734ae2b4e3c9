//! The guard of a running library. Held for as long as the program logs; dropped, it waits for the
//! writer within a deadline. Nothing is lost when it is never dropped.

use std::fmt;
use std::path::PathBuf;

use logloom_core::runtime::Handle;
use logloom_core::{Remaining, State};

/// What [`init`](crate::init()) returns.
///
/// Its drop waits until everything logged so far is in the log, at most `flush_timeout` (2 s by
/// default); logging goes on afterwards. A guard that is leaked, or an exit without unwinding, costs
/// nothing: the end of the process drains as well, and what even that leaves stays in shared memory
/// for the next start or `logloom recover`. In a fork child the guard stands for the child's own
/// logging, and lets its parent's records alone.
#[must_use = "bind it to a name: `let _log = logloom::init()?;` — `let _ =` would drop it at once"]
pub struct Guard {
    /// `None` when logging is switched off as a whole.
    handle: Option<Handle>,
}

impl Guard {
    pub(crate) fn new(handle: Handle) -> Guard {
        Guard { handle: Some(handle) }
    }

    /// That of a library that was told to do nothing.
    pub(crate) fn of_nothing() -> Guard {
        Guard { handle: None }
    }

    /// Waits until everything logged before the call is in the log, at most `flush_timeout`.
    /// Returns what is not; it is kept and written later.
    pub fn flush(&self) -> Remaining {
        self.with(|handle| handle.flush(handle.settings().flush_timeout))
    }

    /// Flushes and stops: later calls are refused and counted. Then `init` may be called again.
    /// Waits at most `flush_timeout`; returns what is not in the log yet. In a fork child this ends
    /// the child's own logging, also when it has not logged yet; the parent goes on.
    pub fn stop(self) -> Remaining {
        self.with(|handle| handle.stop(handle.settings().flush_timeout))
    }

    /// Whether logging runs, and whether it has a fault it has told of; stopped when it is switched off
    /// as a whole. Never blocks.
    pub fn state(&self) -> State {
        self.handle.as_ref().map_or(State::Stopped, Handle::state)
    }

    /// The log directory in use; `None` when records go to the standard error.
    pub fn log_dir(&self) -> Option<PathBuf> {
        self.handle.as_ref()?.log_dir()
    }

    fn with(&self, act: impl FnOnce(&Handle) -> Remaining) -> Remaining {
        self.handle.as_ref().map_or_else(Remaining::default, act)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.state() != State::Stopped {
            // What remains is written by the writer, the end of the process, or a recovery.
            let _ = self.flush();
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("state", &self.state()).finish_non_exhaustive()
    }
}
