//! Takes encoded records from callers, hands the same bytes to the writer or to recovery; never
//! blocks without being asked and never allocates on the hot path.
//!
//! One process has one *segment*: a file on a memory file system that holds a self-describing
//! header, the call-site dictionary, two staging buffers with their intents, and a ring for each
//! thread. Everything a call has published there outlives the process, so another process can
//! finish the work of a dead one. The file is drawn byte by byte in `docs/format-ring.md`.
//!
//! Read first: [`front`] (the caller's side), [`segment`] (the file), [`ring`] (one ring).

#![allow(unsafe_code, reason = "the home of unsafe: shared memory, fork and thread state")]

pub mod clock;
pub mod context;
pub mod fork;
pub mod front;
mod layout;
pub mod memory;
pub mod park;
pub mod process;
mod producer;
pub mod ring;
pub mod segment;
pub mod site;

pub use front::{Verdict, emit};
pub use segment::Segment;
pub use site::Site;
