//! Twenty lines of every format against what each has to become, field by field.
//!
//! The lines and the expectations are written by `scripts/format_fixtures`, which composes both of
//! the same values by the format strings that the projects document. No file tells its format.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use logloom_intake::{Defaults, LineAssembler, Recogniser, formats};
use logloom_record::time::format_rfc3339;
use logloom_record::{Record, Value};
use serde_json::{Map, Value as Json, json};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

/// The names of all files of lines.
fn names() -> Vec<String> {
    let files = fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "log"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn defaults() -> Defaults {
    Defaults {
        zone: Some(TimeZone::UTC),
        arrival_ns: 1_795_255_200_000_000_000,
        ..Defaults::default()
    }
}

/// The records of a file, and the format that was found.
fn read(name: &str) -> (Vec<Record>, Option<String>) {
    let bytes = fs::read(directory().join(format!("{name}.log"))).unwrap();
    let mut assembler = LineAssembler::new(0);
    let mut recogniser = Recogniser::default();
    let mut records = Vec::new();
    assembler.push(&bytes, &mut |line| {
        records.push(recogniser.recognise_line(&line, &defaults()));
    });
    (records, recogniser.format().map(str::to_owned))
}

/// A record in the shape of the expectations.
fn shown(record: &Record) -> Json {
    let time = record.time_ns.map(|time| format_rfc3339(time, 9));
    let fields: Vec<Json> =
        record.fields.iter().map(|(name, value)| json!([name, typed(value)])).collect();
    let mut found = Map::new();
    found.insert("time".into(), json!(time));
    found.insert("level".into(), json!(record.level.as_str()));
    found.insert("module".into(), json!(record.module));
    found.insert("message".into(), json!(record.message));
    found.insert("fields".into(), json!(fields));
    let parts = [
        ("service", &record.service),
        ("template", &record.template),
        ("trace_id", &record.trace_id),
        ("span_id", &record.span_id),
        ("session_id", &record.session_id),
    ];
    for (name, text) in parts {
        if let Some(text) = text {
            found.insert(name.into(), json!(text));
        }
    }
    if let Some(exception) = &record.exception {
        found.insert("exception".into(), json!([exception.type_name, exception.message]));
    }
    Json::Object(found)
}

/// The value as JSON; a text that looks like a number stays a text.
fn typed(value: &Value) -> Json {
    serde_json::from_str(&logloom_record::json::to_json(value)).unwrap()
}

#[test]
fn every_line_becomes_what_was_put_into_it() {
    let mut wrong = String::new();
    for name in names() {
        let (records, _) = read(&name);
        let path = directory().join(format!("{name}.expected.jsonl"));
        let expected = fs::read_to_string(path).unwrap();
        let expected: Vec<Json> = expected
            .split('\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!((records.len(), expected.len()), (20, 20), "{name}");
        for (number, (record, expected)) in records.iter().zip(&expected).enumerate() {
            let found = shown(record);
            if found != *expected {
                let place = format!("{name}.log:{}", number + 1);
                writeln!(wrong, "{place}\n  expected {expected}\n  found    {found}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_format_is_found_without_a_hint() {
    for name in names() {
        let format = name.split('.').next().unwrap();
        assert_eq!(read(&name).1.as_deref(), Some(format), "{name}.log");
    }
}

#[test]
fn every_format_has_lines_of_its_own() {
    let names = names();
    let has_lines = |format: &str| names.iter().any(|name| name.split('.').next() == Some(format));
    let all = formats::names().filter(|name| !matches!(*name, "auto" | "plain"));
    let missing: Vec<&str> = all.filter(|format| !has_lines(format)).collect();
    assert!(missing.is_empty(), "no lines of {missing:?} in tests/formats");
}
