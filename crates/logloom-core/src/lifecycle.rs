//! One life cycle for every part that runs: start, stop, flush with a deadline, state.

use std::time::Duration;

/// Where a part is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Made, not started.
    New,
    /// Working.
    Running,
    /// Working with a fault that it has reported; nothing is lost yet.
    Degraded,
    /// Stopped; accepts nothing.
    Stopped,
}

/// What a flush or a stop could not finish in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Remaining {
    /// Bytes that still wait. They are kept: the part goes on with them, and after the death of
    /// the process recovery does.
    pub bytes: u64,
}

impl Remaining {
    /// Whether everything is done.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.bytes == 0
    }
}

/// The contract of a part that runs.
///
/// * `start` makes a new part run. Starting a running part changes nothing; a stopped part does
///   not start again.
/// * `flush` returns when everything accepted before the call is where the part brings it, or when
///   the deadline has passed, whichever is first. It may be called from any thread, in any state,
///   and does not keep others from handing things in.
/// * `stop` flushes and then refuses what comes later, counting it. Stopping a part that is not
///   running changes nothing.
/// * `state` never blocks.
///
/// No method panics, and none blocks beyond its deadline by more than one step of work.
pub trait Lifecycle {
    /// Makes the part run.
    ///
    /// # Errors
    /// What keeps it from running, as a sentence with a remedy.
    fn start(&self) -> Result<(), String>;
    /// Waits for what was accepted; returns what remains.
    fn flush(&self, deadline: Duration) -> Remaining;
    /// Flushes, then refuses what comes later; returns what remains.
    fn stop(&self, deadline: Duration) -> Remaining;
    /// Where the part is in its life.
    fn state(&self) -> State;
}
