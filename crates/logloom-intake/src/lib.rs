//! Takes lines of any program, hands on records and source positions; never writes anything.
//!
//! Bytes become lines ([`LineAssembler`]), a line becomes a record ([`Recogniser`], or [`recognise`]
//! where a line stands alone), and for files that other programs write a [`Follower`] says which
//! bytes come next, through renames, truncation and replacement, with the position after each line
//! so that a restart neither skips nor repeats one.
//!
//! A [`Stream`] makes records of the lines of one source: it joins lines that belong together, as
//! those of a traceback, finds their format, and cuts what is longer than a record.
//!
//! [`Patterns`] are formats of one's own, asked before those of [`formats`].
//!
//! No input is refused: what is not understood is kept as plain text, whole.

mod agents;
mod clock;
pub mod formats;
mod join;
mod lines;
mod patterns;
mod recognise;
mod source;
mod spare;
mod stream;
mod text;
pub mod unpack;

pub use clock::{UnknownZone, zone};
pub use join::JoinLimits;
pub use lines::{LINE_BYTES_MAX, Line, LineAssembler, Part};
pub use patterns::{PatternProblem, PatternProblems, Patterns};
pub use recognise::{
    Defaults, Recogniser, UnknownFormat, recognise, recognise_line, recognise_many,
};
pub use source::{
    Change, Entry, FollowOptions, FollowedLine, Follower, Found, KnownSource, Links, LocalFile,
    LocalFiles, News, Polled, SourceFile, SourceIdentity, SourceProblem, SourceReader, SourceStat,
    SourceTree, Start, WatchedFiles, is_pattern,
};
pub use spare::recycle;
pub use stream::{Captured, MESSAGE_BYTES_MAX, Stream, StreamCounts, StreamOptions};
pub use text::{Ansi, Encoding};
