//! One file for each command: arguments in, an outcome out.

pub(crate) mod clean;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod follow;
pub(crate) mod full;
pub(crate) mod import;
pub(crate) mod index;
pub(crate) mod indexed;
pub(crate) mod intake;
pub(crate) mod log;
pub(crate) mod mask;
pub(crate) mod query;
pub(crate) mod recover;
pub(crate) mod run;
mod sources;
pub(crate) mod stats;
pub(crate) mod story;
pub(crate) mod tail;
pub(crate) mod tui;
