//! The library from outside: one process that has been started once, and children for what a
//! process can do only once.
#![allow(clippy::unwrap_used)]

mod day_file;
mod macros;
