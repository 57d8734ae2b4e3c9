//! Names that a line uses itself. A caller's field of such a name gets a trailing underscore.

/// Reserved in every line.
pub const RESERVED: &[&str] = &[
    "timestamp",
    "level",
    "service",
    "module",
    "message",
    "trace_id",
    "span_id",
    "session_id",
    "lang_key",
    "template",
    "exception",
];

/// Reserved only where the settings write them.
pub const RESERVED_WHERE_WRITTEN: &[&str] = &["file", "line", "thread", "pid", "host"];

/// Whether a line uses this name itself, where `writes` says which of
/// [`RESERVED_WHERE_WRITTEN`] it has.
pub fn is_reserved(name: &str, writes: impl Fn(&str) -> bool) -> bool {
    RESERVED.contains(&name) || (RESERVED_WHERE_WRITTEN.contains(&name) && writes(name))
}
