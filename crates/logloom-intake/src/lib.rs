//! Takes lines of any program, hands on records and source positions; never writes anything.
//!
//! Bytes become lines ([`LineAssembler`]), a line becomes a record ([`Recogniser`], or [`recognise`]
//! where a line stands alone), and for files that other programs write a [`Follower`] says which
//! bytes come next, through renames, truncation and replacement, with the position after each line
//! so that a restart neither skips nor repeats one.
//!
//! Lines that belong together, as those of a traceback, are joined by a [`Joiner`].
//!
//! No input is refused: what is not understood is kept as plain text, whole.

pub mod formats;
mod join;
mod lines;
mod recognise;
mod source;

pub use join::{JoinLimits, Joined, Joiner};
pub use lines::{LINE_BYTES_MAX, Line, LineAssembler, Part};
pub use recognise::{Defaults, Recogniser, UnknownFormat, recognise, recognise_line};
pub use source::{
    Change, FollowOptions, FollowedLine, Follower, KnownSource, LocalFiles, Polled, SourceFile,
    SourceIdentity, SourceProblem, SourceReader, SourceStat, SourceTree, Start,
};
