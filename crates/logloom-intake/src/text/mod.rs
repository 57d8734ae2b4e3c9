//! Bytes in, text out: encodings, colours, and lines that are written over.
//!
//! Takes the bytes of one line, gives its text. UTF-8 is taken as it is. A line that is no UTF-8 is
//! read as Windows-1252 (which holds Latin-1) where every byte of it may be a letter of that;
//! otherwise each broken sequence becomes U+FFFD. UTF-16 is known by the mark at the start of the
//! source ([`Encoding::of_head`]). Nothing is refused, nothing blocks.

mod ansi;
mod encoding;
mod rewrite;

pub(crate) use ansi::{has_ansi, without_ansi};
pub use encoding::Encoding;
pub(crate) use encoding::Utf16;
pub(crate) use encoding::decoded;
pub(crate) use rewrite::is_rewrite;

/// What becomes of escape sequences of a terminal, such as colours, within a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ansi {
    /// They are taken out, so that level and time are found behind them; the default.
    #[default]
    Strip,
    /// They stay in the text, where whoever shows it spells them out.
    Keep,
}
