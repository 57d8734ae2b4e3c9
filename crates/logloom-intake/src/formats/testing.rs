//! What the tests of all formats share: a record as one line of text.

use jiff::tz::TimeZone;
use logloom_record::{Record, Value, time::format_rfc3339};

use super::Format;
use crate::recognise::Defaults;

/// Arrival at 2026-11-21T10:00:00Z, times without a zone are UTC.
pub(super) fn defaults() -> Defaults {
    Defaults {
        zone: Some(TimeZone::UTC),
        arrival_ns: 1_795_255_200_000_000_000,
        ..Defaults::default()
    }
}

/// Asserts what becomes of a line: `time level module: message {field=value ...}`.
#[track_caller]
pub(super) fn check(format: &Format, line: &str, expect: &str) {
    let record = format.parse(line, &defaults());
    assert_eq!(record.as_ref().map(shown).as_deref(), Some(expect), "{line}");
}

/// Asserts that the format leaves the line alone.
#[track_caller]
pub(super) fn refuses(format: &Format, line: &str) {
    let record = format.parse(line, &defaults());
    assert_eq!(record.as_ref().map(shown), None, "{line}");
}

fn shown(record: &Record) -> String {
    let time = record.time_ns.map_or_else(|| "-".to_owned(), |time| format_rfc3339(time, 3));
    let fields: Vec<String> =
        record.fields.iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
    let head = format!("{time} {} {}: {}", record.level.as_str(), record.module, record.message);
    if fields.is_empty() { head } else { format!("{head} {{{}}}", fields.join(" ")) }
}

/// Text in quotes, so that a number can be told from it.
fn text(value: &Value) -> String {
    match value {
        Value::I64(number) => number.to_string(),
        Value::F64(number) => format!("{number:?}"),
        Value::Text(text) => format!("'{text}'"),
        other => format!("{other:?}"),
    }
}
