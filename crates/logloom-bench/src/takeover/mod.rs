//! Proofs of `logloom follow` and `logloom import`, run from outside on the command itself.
//!
//! Takes the path of the command, an empty folder and sizes; hands on what was found, and leaves the
//! judgement to the caller. `logloom-bench intake` runs them at full length and measures; the tests of
//! the command run them in small. An error is a proof that could not be run, as a sentence, or a line
//! that was lost or doubled where the figures would mean nothing without it.

mod follower;
pub mod kills;
pub mod lag;
pub mod memory;
