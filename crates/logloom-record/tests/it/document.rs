//! The worked example of `docs/format-record.md` is what the code writes.

use crate::support::{line, record, site};
use logloom_record::dialect::loom::LoomOptions;
use logloom_record::{MessageKind, Value};

const DOCUMENT: &str = include_str!("../../../../docs/format-record.md");

/// The fenced block behind the line that holds `heading`.
fn block(heading: &str) -> &'static str {
    let behind = DOCUMENT.split_once(heading).unwrap().1;
    behind.split("```").nth(1).unwrap()
}

#[test]
fn the_worked_example_holds() {
    let bytes = record(&(&42_u32, (&"hunter2", ())), 0b10, &[("trace_id", Value::from("t1"))], &[]);
    let expected: Vec<u8> = block("### Worked example: bytes")
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(str::split_whitespace)
        .map(|digits| u8::from_str_radix(digits, 16).unwrap())
        .collect();
    assert_eq!(bytes, expected, "{bytes:02x?}");
    let site = site(MessageKind::Literal, "signed in", &["user_id", "password"]);
    let (line, _) = line(&site, &LoomOptions::default(), &bytes);
    assert_eq!(block("### Worked example: line").trim_start_matches("json").trim(), line.trim());
}
