//! The library from outside: one process that has been started once, and children for what a
//! process can do only once.
#![allow(clippy::unwrap_used)]

mod action;
mod budget;
mod context;
mod day_file;
mod life;
mod log_backend;
mod macros;
#[allow(clippy::print_stderr, reason = "a program of the manual prints")]
mod manual;
mod sampling;
mod tracing_layer;
