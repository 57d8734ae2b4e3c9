//! Takes how long texts may be and whether the full ones are kept, hands it to the writer; refuses nothing (see
//! `validate`).

/// How long a text of a record may be in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TruncateSettings {
    /// Characters that are kept of a longer text; what was cut is told behind them, as in
    /// `[TRUNCATED 1000 chars]`. Default: nothing is cut; 16 to 1,048,576.
    pub max_chars: Option<u32>,
    /// Names of the fields that are cut, at any depth, at most 256; none (the default) for all.
    pub fields: Vec<String>,
    /// Whether the full texts are kept beside the log, masked; `[FULL digits]` behind the mark tells which.
    /// Default: no.
    pub keep_full: bool,
    /// Bytes that the full texts of a log directory may take together; beyond that the oldest are deleted.
    /// Default 1 GiB; 16 MiB to 1 TiB.
    pub full_max_size: u64,
}

impl Default for TruncateSettings {
    fn default() -> Self {
        Self { max_chars: None, fields: Vec::new(), keep_full: false, full_max_size: 1 << 30 }
    }
}
