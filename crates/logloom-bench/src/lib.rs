//! Takes a logger behind [`workload::Party`], drives the same calls through it as through every
//! other, and hands on one [`report::RunReport`] a run; refuses a run in which a record is missing
//! from the file, was dropped, or stands there twice.
//!
//! The workloads are defined here once. `logloom-bench` runs them on Logloom, `bench-compare` on
//! the other loggers; both are children of the `logloom-bench` command, which pairs their results.

pub mod child;
pub mod clock;
pub mod dice;
pub mod found;
pub mod report;
pub mod stats;
#[cfg(feature = "takeover")]
pub mod takeover;
pub mod workload;
