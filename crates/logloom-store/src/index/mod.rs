//! The index beside a sealed day file: in which of its blocks something can be.
//!
//! In come the lines of a file, block by block, in the pass that compresses it or by themselves; out goes `NAME.idx`,
//! and from that sets of blocks, columns and counts. What it says is never more than what is certain: a
//! block that is not named holds nothing of what was asked. An index that is damaged, or of another file, is
//! not used, and what it cannot say is "all blocks". `docs/format-index.md` draws the bytes.

mod bits;
mod blocks;
mod build;
mod clock;
mod column;
mod field;
mod fields;
mod footer;
mod frequent;
mod hash;
mod hot;
mod make;
mod open;
mod postings;
mod probe;
mod reader;
mod rollup;
mod seen;
mod settings;
mod span;
mod text;
mod verify;
mod walk;
mod words;

#[cfg(test)]
mod tests;

pub use blocks::{Block, Blocks, LEVEL_NONE, LEVEL_OTHER};
pub(crate) use build::{BlockPlace, Builder};
pub use column::ColumnValue;
pub use make::Made;
pub use open::{Column, GROUP_BLOCKS, Index, NoIndex};
pub(crate) use reader::crc_of;
pub use reader::{BlockError, BlockReader};
pub use rollup::Minute;
pub use settings::IndexSettings;
pub use span::Numbers;
pub use verify::IndexCheck;

use crate::key::FileKey;
use crate::packed::{Codec, form_name};

/// What the name of an index has behind that of its file.
pub(crate) const SUFFIX: &str = ".idx";

/// Name of the index of a file in one form.
pub(crate) fn index_name(key: FileKey, codec: Option<Codec>) -> String {
    form_name(key, codec) + SUFFIX
}
