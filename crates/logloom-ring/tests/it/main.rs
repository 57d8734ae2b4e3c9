//! The ring within a process: signal handlers, fork children, and a writer that is staging.
#![allow(unsafe_code, clippy::unwrap_used, reason = "installs signal handlers")]

mod child;
mod handler;
mod staging;
