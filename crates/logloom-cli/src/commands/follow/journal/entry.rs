//! One entry of the journal as a record.
//!
//! Takes a line of `journalctl -o json`, gives its records and its cursor. A message too long for one
//! record comes in numbered parts; a line that is no entry, or only a part of one, is kept as text
//! and has no cursor.

use logloom_intake::{Defaults, Line, recognise_line};
use logloom_record::{Level, Record, Value, json};
use serde_json::{Map, Value as Json};

/// The longest message of one record in bytes: each may take six when it is written.
const MESSAGE_BYTES_MAX: usize = 160_000;

/// Fields that the journal itself vouches for, with the names that they get.
const TRUSTED: &[(&str, &str)] = &[
    ("_SYSTEMD_UNIT", "unit"),
    ("_SYSTEMD_USER_UNIT", "user_unit"),
    ("_HOSTNAME", "host"),
    ("_PID", "pid"),
    ("_UID", "uid"),
    ("_COMM", "command"),
    ("_TRANSPORT", "transport"),
];

/// Fields that have a place of their own.
const PLACED: &[&str] =
    &["MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "SYSLOG_TIMESTAMP", "SYSLOG_PID"];

/// The records of a line, and the cursor of its entry.
pub(super) fn read(line: &Line, service: Option<&str>) -> (Vec<Record>, Option<String>) {
    let entry = match line.part {
        None => serde_json::from_str::<Map<String, Json>>(&line.text).ok(),
        Some(_) => None,
    };
    let Some(entry) = entry else {
        let service = Some(service.unwrap_or("journal").to_owned());
        let record = recognise_line(line, &Defaults { service, ..Defaults::default() });
        return (parts(record), None);
    };
    let cursor = entry.get("__CURSOR").and_then(Json::as_str).map(str::to_owned);
    (parts(record(&entry, service)), cursor)
}

fn record(entry: &Map<String, Json>, service: Option<&str>) -> Record {
    let text = |name: &str| entry.get(name).and_then(Json::as_str);
    let identifier = text("SYSLOG_IDENTIFIER").or(text("_COMM")).unwrap_or_default();
    let unit = text("_SYSTEMD_UNIT").map(|unit| unit.strip_suffix(".service").unwrap_or(unit));
    let named = service.or(unit).or(Some(identifier)).filter(|name| !name.is_empty());
    let message = entry.get("MESSAGE").map(message).unwrap_or_default();
    let mut record = Record::new(level(text("PRIORITY")), identifier, message);
    record.service = Some(named.unwrap_or("journal").to_owned());
    let time = text("_SOURCE_REALTIME_TIMESTAMP").or(text("__REALTIME_TIMESTAMP"));
    let microseconds = time.and_then(|time| time.parse::<i64>().ok());
    record.time_ns = microseconds.and_then(|time| time.checked_mul(1_000));
    for (name, value) in entry {
        let trusted = TRUSTED.iter().find(|(known, _)| known == name).map(|(_, given)| *given);
        let own = (!name.starts_with('_') && !PLACED.contains(&name.as_str()))
            .then(|| name.to_lowercase());
        if let Some(name) = trusted.map(str::to_owned).or(own) {
            record.fields.push((name, field(value)));
        }
    }
    record
}

fn level(priority: Option<&str>) -> Level {
    match priority {
        Some("0" | "1" | "2") => Level::Fatal,
        Some("3") => Level::Error,
        Some("4") => Level::Warn,
        Some("7") => Level::Debug,
        _ => Level::Info,
    }
}

/// Text that is no UTF-8 is written as its bytes; what occurs several times as an array.
fn message(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(values) if values.iter().all(Json::is_number) => {
            let bytes = values.iter().map(|byte| byte.as_u64().unwrap_or(0) as u8);
            String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
        }
        Json::Array(values) => values.iter().map(message).collect::<Vec<_>>().join("\n"),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn field(value: &Json) -> Value {
    match value {
        Json::String(text) => match text.parse::<i64>() {
            Ok(number) if number.to_string() == *text => Value::I64(number),
            _ => Value::Text(text.clone()),
        },
        Json::Null => Value::Null,
        other if other.is_array() => Value::Text(message(other)),
        other => match json::compact(&other.to_string()) {
            Ok(compact) => Value::Json(compact),
            Err(_) => Value::Text(other.to_string()),
        },
    }
}

/// The record, or several with a part of its message each.
fn parts(mut record: Record) -> Vec<Record> {
    if record.message.len() <= MESSAGE_BYTES_MAX {
        return vec![record];
    }
    let message = std::mem::take(&mut record.message);
    let mut pieces = Vec::new();
    let mut rest = message.as_str();
    while !rest.is_empty() {
        let mut length = rest.len().min(MESSAGE_BYTES_MAX);
        while !rest.is_char_boundary(length) {
            length -= 1;
        }
        let (piece, after) = rest.split_at(length);
        pieces.push(piece);
        rest = after;
    }
    let total = pieces.len();
    let part = |(index, piece): (usize, &&str)| {
        let part = Record { message: (*piece).to_owned(), ..record.clone() };
        let part = part.with("part", index as u64 + 1);
        if index + 1 == total { part.with("parts", total as u64) } else { part }
    };
    pieces.iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn line(text: &str) -> Line {
        Line { text: text.to_owned(), part: None, end: 0 }
    }

    #[test]
    fn an_entry_becomes_a_record() {
        let text = r#"{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1795255200000001","PRIORITY":"3",
            "MESSAGE":"disk full","SYSLOG_IDENTIFIER":"app","_SYSTEMD_UNIT":"shop.service","_PID":"7",
            "_BOOT_ID":"b","CODE_LINE":"12","REQUEST":"r-1"}"#;
        let (records, cursor) = read(&line(text), None);
        assert_eq!(cursor.as_deref(), Some("s=1;i=2"));
        let record = &records[0];
        assert_eq!(record.time_ns, Some(1_795_255_200_000_001_000));
        assert_eq!((record.level, record.message.as_str()), (Level::Error, "disk full"));
        assert_eq!((record.service.as_deref(), record.module.as_str()), (Some("shop"), "app"));
        let expect = [
            ("code_line", Value::I64(12)),
            ("request", Value::Text("r-1".into())),
            ("pid", Value::I64(7)),
            ("unit", Value::Text("shop.service".into())),
        ];
        assert_eq!(record.fields, expect.map(|(name, value)| (name.to_owned(), value)));
        assert_eq!(read(&line(text), Some("x")).0[0].service.as_deref(), Some("x"));
    }

    #[test]
    fn bytes_repeats_and_what_is_no_entry_are_kept() {
        let text = |text: &str| read(&line(text), None).0[0].message.clone();
        assert_eq!(text(r#"{"MESSAGE":[104,105,255]}"#), "hi\u{fffd}");
        assert_eq!(text(r#"{"MESSAGE":["a","b"]}"#), "a\nb");
        assert_eq!(text(r#"{"MESSAGE":null}"#), "");
        assert_eq!(text("no entry"), "no entry");
        assert_eq!(read(&line("no entry"), None).1, None);
    }

    #[test]
    fn long_messages_come_in_parts() {
        let long = "\u{e9}".repeat(MESSAGE_BYTES_MAX);
        let (records, _) = read(&line(&format!("{{\"MESSAGE\":\"{long}\"}}")), None);
        let whole: String = records.iter().map(|record| record.message.as_str()).collect();
        assert_eq!((records.len(), whole == long), (2, true));
        assert!(records[1].fields.contains(&("parts".to_owned(), Value::U64(2))));
    }
}
