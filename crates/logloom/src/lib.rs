//! Logging for applications: `let _log = logloom::init()?;`, then `info!(user_id = 42, "signed in")`.
//!
//! Takes values from macros, from `tracing` and from `log`, hands encoded records to the ring and
//! settings to the core; never grows options that the configuration lacks.
//!
//! A record is safe the moment its call returns: it lies in shared memory that outlives the process
//! and is written to a day file by a thread of the library. After `kill -9` the next start of any
//! program that logs to the same directory, or `logloom recover`, writes what was left.
//!
//! ```no_run
//! use logloom::{error, info};
//!
//! fn main() -> Result<(), logloom::InitError> {
//!     let _log = logloom::init()?;
//!     info!(user_id = 42, latency_ms = 7.5, "signed in");
//!     error!(error = std::io::Error::other("no such host"), "request failed");
//!     Ok(())
//! }
//! ```
//!
//! Read next: [`event!`] for the syntax, [`builder`] for settings in code, [`context`] for fields
//! that a whole scope carries. Optional parts: feature `config-file` (on by default) finds, reads
//! and watches `logloom.yaml` and reads the environment, `tracing` adds the layer for programs that
//! log through `tracing`, `log` adds the backend for those that log through `log`.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod action;
mod builder;
mod capture;
pub mod context;
mod control;
mod guard;
mod init;
#[cfg(feature = "log")]
pub mod log_backend;
mod macros;
mod panic_hook;
#[cfg(feature = "config-file")]
mod reload;
mod scratch;
#[cfg(feature = "tracing")]
mod tracing_layer;
mod value;

pub use builder::Builder;
pub use control::{
    NotRunning, SetLevelError, flush, log_dir, metrics, on_alert, set_default_level, set_level,
    state,
};
pub use guard::Guard;
pub use init::{builder, init};
pub use logloom_core::metrics::Dropped;
pub use logloom_core::sampling::Sampled;
pub use logloom_core::settings;
pub use logloom_core::{Alert, Lifecycle, Metrics, Remaining, StartError as InitError, State};
pub use logloom_record::{Encode, Exception, Frame, Level, UnknownLevel, Value};
#[cfg(feature = "tracing")]
pub use tracing_layer::{TracingFilter, TracingLayer, tracing_layer};
