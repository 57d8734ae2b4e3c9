//! What an index holds and how large it may be. Plain data with defaults; nothing is refused here.

/// What an index holds and how large it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSettings {
    /// Whether an index is made in the pass that compresses a file. Default: yes.
    pub is_wanted: bool,
    /// How large an index may be, in thousandths of the plain lines; 64 KiB are always allowed. Default 39.
    pub max_per_mille: u32,
    /// Paths of fields whose values are not indexed; a `*` at the end stands for any rest. Default: none.
    pub skip_fields: Vec<String>,
}

impl Default for IndexSettings {
    fn default() -> IndexSettings {
        IndexSettings { is_wanted: true, max_per_mille: 39, skip_fields: Vec::new() }
    }
}

impl IndexSettings {
    /// Bytes that the index of so many bytes of lines may take.
    pub(super) fn room(&self, raw: u64) -> u64 {
        const ALWAYS: u64 = 64 * 1024;
        (raw / 1000).saturating_mul(self.max_per_mille.into()).max(ALWAYS)
    }
}
