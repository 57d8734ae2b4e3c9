//! Takes batches of lines, hands on files, the catalogue and cursors; never knows rings or records.
//!
//! Several processes append to one log directory; any of them may be killed at any instruction, stopped or
//! frozen; the others go on; readers follow. A batch given to [`WriterHandle::append`] stands in exactly
//! one day file exactly once, whoever finishes the work. `docs/format-store.md` draws the files.
//!
//! Where to begin reading: `append.rs` (one batch), `settle.rs` (what a dead writer left),
//! `read/follow.rs` (a reader). What the store needs of the rings comes through [`Redo`] and [`Segments`];
//! what it needs of the machine through [`sys::Platform`].

mod adopt;
mod append;
mod counts;
mod directory;
mod done;
mod error;
mod found;
mod head;
pub mod index;
mod json;
mod key;
pub mod life;
mod look;
mod mend;
mod metadata;
mod options;
mod packed;
pub mod plant;
pub mod read;
mod redo;
mod register;
mod repair;
mod scan;
mod seal;
mod segments;
mod session;
mod settle;
mod sources;
mod split;
pub mod steps;
mod survey;
mod sync;
pub mod sys;
mod texts;
mod time;

pub use adopt::{Adopted, Append, Life, WriterView};
pub use append::{CommitKind, Committed};
pub use directory::Directory;
pub use error::{AppendError, StoreError};
pub use head::slot::{FileState, StoreSettings, Tally, WriterIdentity};
pub use head::{FILE_SLOTS, FORMAT_VERSION, WRITER_SLOTS, short_lock};
pub use key::{Day, FileKey};
pub use options::{Access, Options, Warning};
pub use packed::Codec;
pub use redo::{NoSegments, Redo, Segments, StagedBatch};
pub use register::WriterHandle;
pub use session::{NumberRange, NumbersWanted, SessionKey};
pub use sources::{SourcePosition, Sources};
pub use survey::DamagedLines;
pub use texts::TextId;
