//! Takes rings, appends their records to the store; never knows HTTP or the query engine.
//!
//! Read first: [`runtime`] (the running library), [`writer`] (the batch step, the whole pipeline
//! in three lines), [`recovery`] (the same step for the dead).

pub mod action;
pub mod alert;
mod console;
pub mod emit;
mod emitter;
pub mod life;
pub mod lifecycle;
pub mod mask;
pub mod metrics;
pub mod plant;
pub mod recovery;
pub mod runtime;
pub mod sampling;
pub mod settings;
pub mod sources;
pub mod terminal;
pub mod truncate;
pub mod writer;

pub use alert::Alert;
pub use emitter::Emitter;
pub use lifecycle::{Lifecycle, Remaining, State};
pub use metrics::Metrics;
pub use runtime::{Handle, StartError};
pub use settings::Settings;
