//! What a program asks of the running library: levels, metrics, alerts, a flush. Without a running
//! library, changes are refused with [`NotRunning`] and questions have an empty answer.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use logloom_core::runtime::{self, Handle};
use logloom_core::settings::{LevelRules, Settings};
use logloom_core::{Alert, Metrics, Remaining, State};
use logloom_record::Level;

/// Logging is not running: [`init`](crate::init()) was not called, or it has been stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotRunning;

impl fmt::Display for NotRunning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("logging is not running: call logloom::init() first")
    }
}

impl std::error::Error for NotRunning {}

/// Why the level of a module was not set. `Debug` shows the same text as `Display`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetLevelError {
    /// As [`NotRunning`].
    NotRunning,
    /// No record can have a module of this name.
    Module {
        /// What is wrong with it.
        problem: String,
    },
    /// There are 4,096 rules already.
    TooMany,
}

impl fmt::Display for SetLevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRunning => NotRunning.fmt(f),
            Self::Module { problem } => write!(f, "no level was set: the module {problem}"),
            Self::TooMany => f.write_str(
                "no level was set: 4,096 modules have levels of their own; set that of a module above",
            ),
        }
    }
}

impl fmt::Debug for SetLevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for SetLevelError {}

impl From<NotRunning> for SetLevelError {
    fn from(_: NotRunning) -> Self {
        Self::NotRunning
    }
}

/// Waits until everything logged before the call is in the log, at most `deadline`. Returns what is
/// not; it is kept and written later.
pub fn flush(deadline: Duration) -> Remaining {
    runtime::current().map_or_else(Remaining::default, |handle| handle.flush(deadline))
}

/// Sets the lowest level that is recorded for `module` and all beneath it, from now on, in all
/// threads. `.` and `::` mean the same. A reload of the configuration puts its own levels back.
///
/// # Errors
/// Logging is not running, no record can have a module of this name (an empty part, as in
/// `shop..payments`), or 4,096 modules have levels of their own.
pub fn set_level(module: &str, level: Level) -> Result<(), SetLevelError> {
    const RULES_MAX: usize = 4_096;
    if let Some(problem) = LevelRules::module_problem(module) {
        return Err(SetLevelError::Module { problem });
    }
    let mut fits = true;
    change(|settings| {
        let before = settings.levels.clone();
        settings.levels.set(module, level);
        fits = settings.levels.by_module.len() <= RULES_MAX;
        if !fits {
            settings.levels = before;
        }
    })?;
    if fits { Ok(()) } else { Err(SetLevelError::TooMany) }
}

/// Sets the lowest level that is recorded for every module without a rule of its own.
///
/// # Errors
/// [`NotRunning`].
pub fn set_default_level(level: Level) -> Result<(), NotRunning> {
    change(|settings| settings.levels.default = level)
}

/// A snapshot of what the library counts about itself. Never blocks for long.
pub fn metrics() -> Metrics {
    let idle = || Metrics { before_init: logloom_ring::front::before_init(), ..Metrics::default() };
    runtime::current().map_or_else(idle, |handle| handle.metrics())
}

/// Calls `notify` for every later alert, on the thread that finds the trouble. It may call whatever
/// this library offers, and should return soon: while it runs on the library's own thread nothing is
/// written. Fork children do not have it.
///
/// # Errors
/// [`NotRunning`].
pub fn on_alert(notify: impl Fn(&Alert) + Send + Sync + 'static) -> Result<(), NotRunning> {
    running()?.on_alert(Box::new(notify));
    Ok(())
}

/// Where the library is in its life. Never blocks.
pub fn state() -> State {
    runtime::current().map_or(State::New, |handle| handle.state())
}

/// The log directory in use; `None` when nothing runs or records go to the standard error.
pub fn log_dir() -> Option<PathBuf> {
    runtime::current().and_then(|handle| handle.log_dir())
}

fn running() -> Result<Handle, NotRunning> {
    runtime::current().filter(|handle| handle.state() != State::Stopped).ok_or(NotRunning)
}

fn change(apply: impl FnOnce(&mut Settings)) -> Result<(), NotRunning> {
    // Levels take effect at once; there is nothing to warn of.
    let _ = running()?.update(apply);
    Ok(())
}
