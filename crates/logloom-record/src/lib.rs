//! Takes values from a call site, hands on records, their ring encoding and their JSON line; never does I/O, reads a clock or starts a thread.
//!
//! Start with [`Record`] and [`SiteDescription`], which say what a record is; [`wire`] writes it
//! into a ring and reads it back; [`dialect::loom`] turns it into the line of a day file.

pub mod dialect;
pub mod genai;
pub mod json;
mod level;
pub mod line;
pub mod names;
pub mod printf;
mod record;
mod site;
pub mod terminal;
pub mod time;
pub mod trace_context;
mod value;
pub mod wire;

pub use level::{Level, UnknownLevel};
pub use record::{Record, SourcePosition};
pub use site::{MessageKind, Piece, SiteDescription, message_kind, pieces};
pub use value::{Exception, Frame, Value};
pub use wire::{Encode, Fields};
