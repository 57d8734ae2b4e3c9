//! The ring within a process: signal handlers and fork children.
#![allow(unsafe_code, clippy::unwrap_used, reason = "installs signal handlers")]

mod child;
mod handler;
