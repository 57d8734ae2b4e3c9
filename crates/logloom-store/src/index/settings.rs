//! What an index holds and how large it may be. Plain data with defaults; nothing is refused here.

use crate::packed::pack::MEMBER;

/// What an index holds and how large it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSettings {
    /// Whether an index is made in the pass that compresses a file. Default: yes.
    pub is_wanted: bool,
    /// How large an index may be, in thousandths of the plain lines; 64 KiB are always allowed. Default 39.
    pub max_per_mille: u32,
    /// Paths of fields whose values are not indexed; a `*` at the end stands for any rest. Default: none.
    pub skip_fields: Vec<String>,
    /// Bytes of lines that a file that is still written to must have more before they are indexed. Default 8 MiB,
    /// which is the most that one piece of its index is of.
    pub open_bytes: u64,
    /// Bytes of lines of a block, and of a member of a file that is compressed, if no line is longer. Default 256 KiB,
    /// of which an answer of few rows takes about a millisecond; smaller ones pack worse.
    pub block_bytes: usize,
}

impl Default for IndexSettings {
    fn default() -> IndexSettings {
        IndexSettings {
            is_wanted: true,
            max_per_mille: 39,
            skip_fields: Vec::new(),
            open_bytes: 8 << 20,
            block_bytes: MEMBER,
        }
    }
}

impl IndexSettings {
    /// Bytes that the index of so many bytes of lines may take.
    pub(super) fn room(&self, raw: u64) -> u64 {
        const ALWAYS: u64 = 64 * 1024;
        (raw / 1000).saturating_mul(self.max_per_mille.into()).max(ALWAYS)
    }
}
