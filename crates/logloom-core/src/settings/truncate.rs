//! Takes how long texts may be, hands it to the writer; refuses nothing (see `validate`).

/// How long a text of a record may be in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TruncateSettings {
    /// Characters that are kept of a longer text; what was cut is told behind them, as in
    /// `[TRUNCATED 1000 chars]`. Default: nothing is cut; 16 to 1,048,576.
    pub max_chars: Option<u32>,
    /// Names of the fields that are cut, at any depth, at most 256; none (the default) for all.
    pub fields: Vec<String>,
}
