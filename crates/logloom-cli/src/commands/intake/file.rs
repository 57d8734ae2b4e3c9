//! What a file says of its records, and whether it has any: its names, and bytes of no text.

use std::io;

use logloom_filter::LineView;
use logloom_record::Record;

/// How much of the beginning is looked at for NUL bytes.
const BINARY_BYTES: usize = 8 << 10;

/// The service of the records of a file of this name: the name up to its first dot.
pub(crate) fn service_of(name: &str) -> String {
    let stem = name.trim_start_matches('.').split('.').next().unwrap_or_default();
    let stem: String = stem.chars().take(64).collect();
    if stem.is_empty() { "unknown".to_owned() } else { stem }
}

/// Whether a record has a field of the name under which that of its file would stand.
pub(crate) fn has_path(record: &Record) -> bool {
    record.fields.iter().any(|(name, _)| name == "path")
}

/// Whether the first bytes of a file are of no text.
pub(crate) fn is_binary(head: &[u8]) -> bool {
    let has_mark = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let head = &head[..head.len().min(BINARY_BYTES)];
    !has_mark && memchr::memchr(0, head).is_some() && !begins_with_record(head)
}

/// Whether the first line is a JSON object: zeros that a power loss has left behind it cost their own lines.
fn begins_with_record(head: &[u8]) -> bool {
    let first = memchr::memchr(b'\n', head).map(|end| head[..end].trim_ascii());
    first.is_some_and(|line| line.starts_with(b"{") && LineView::new(line).is_well_formed())
}

/// Why nothing is read of such a file.
pub(crate) fn binary() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is binary: NUL bytes stand at its beginning")
}
