//! The binary form of a record in a ring, little endian, drawn in `docs/format-record.md`.
//!
//! Values come in through [`Encode`] and [`Fields`] and go out as bytes; [`RecordView`] reads such
//! bytes from memory that nobody vouches for. Encoding never fails: what does not fit is dropped
//! and flagged ([`Encoder::overflowed`]). Decoding refuses what is damaged and never panics.

mod containers;
mod cut;
mod decode;
pub mod dictionary;
mod encode;
mod encoder;
mod errors;
mod fields;
mod header;
mod inline_site;
mod record;
mod tag;
mod values;
mod view;

pub use containers::Members;
pub use cut::{CutBody, encode_cut};
pub(crate) use decode::LinkView;
pub use decode::{
    ExceptionView, FrameView, Key, KeyedIter, KeyedView, ValueIter, ValueView, WireError,
    read_value, text,
};
pub use encode::Encode;
pub(crate) use encoder::without_mark;
pub use encoder::{Encoder, cut_mark};
pub use fields::Fields;
pub use header::{
    CONTEXT, CONTROL, FOREIGN, HEADER_LEN, Header, KEYED, LENGTH_MAX, MESSAGE, OWN_TIME,
    RECORD_LIMIT, SITE_INLINE, SITE_LAP_END, SITE_THREAD, SOURCE, TRUNCATED, encode_lap_end,
    encode_thread_marker, padded, thread_marker,
};
pub use inline_site::{InlineSite, encode_inline_site, inline_site_len};
pub use record::{EncodedRecord, SiteReference, encode_record};
pub use tag::Tag;
pub use values::{keyed_len, value_from_view};
pub use view::RecordView;

/// Arrays, objects and causes nested deeper than this are not read.
pub const DEPTH_LIMIT: usize = 64;
