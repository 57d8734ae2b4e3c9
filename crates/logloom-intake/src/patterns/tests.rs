//! Files of patterns, good and bad, and what they make of lines.

#![allow(clippy::unwrap_used)]

use logloom_record::time::format_rfc3339;
use logloom_record::{Level, Value};

use super::Patterns;
use crate::{Defaults, Line, Recogniser};

const FILE: &str = r"
patterns:
  - name: shop
    pattern: '^(?<time>\S+ \S+) \[(?<level>\w+)\] (?<module>[^:]+): (?<message>.*?)(?: user=(?<user>\d+))?$'
    time: '%Y/%m/%d %H:%M:%S'
    zone: +01:00
    levels: { E: error, W: WARN }
    service: shop-api
    multiline: '^\d{4}/'
  - name: short
    pattern: '^(?<time>\w+ \d+ [\d:]+) (?<level>[A-Z]+) (?<message>.*)'
    time: '%b %d %H:%M:%S'
";

fn line(text: &str) -> Line {
    Line { text: text.to_owned(), part: None, end: 0 }
}

fn defaults() -> Defaults {
    Defaults {
        zone: Some(jiff::tz::TimeZone::UTC),
        arrival_ns: 1_795_255_200_000_000_000,
        ..Defaults::default()
    }
}

#[test]
fn groups_become_parts_of_the_record() {
    let patterns = Patterns::parse("patterns.yaml", FILE).unwrap();
    assert_eq!(patterns.names().collect::<Vec<_>>(), ["shop", "short"]);
    let mut recogniser = Recogniser::with_patterns("shop", &patterns).unwrap();
    let text = "2026/11/21 11:00:00 [E] cart.pay: card refused user=42";
    let record = recogniser.recognise_line(&line(text), &defaults());
    assert_eq!(record.time_ns, Some(1_795_255_200_000_000_000));
    assert_eq!((record.level, record.module.as_str()), (Level::Error, "cart.pay"));
    assert_eq!(
        (record.message.as_str(), record.service.as_deref()),
        ("card refused", Some("shop-api"))
    );
    assert_eq!(record.fields, [("user".to_owned(), Value::I64(42))]);
    assert_eq!(recogniser.last_format(), Some("shop"));
    let other = recogniser.recognise_line(&line("2026/11/21 and no more"), &defaults());
    assert_eq!(other.message, "2026/11/21 and no more");
    assert_eq!(recogniser.last_format(), None);
}

#[test]
fn patterns_are_found_before_built_in_formats() {
    let patterns = Patterns::parse("patterns.yaml", FILE).unwrap();
    let mut recogniser = Recogniser::with_patterns("auto", &patterns).unwrap();
    for _ in 0..10 {
        let record = recogniser.recognise_line(&line("Nov 21 10:00:00 WARN low disk"), &defaults());
        assert_eq!((record.level, record.message.as_str()), (Level::Warn, "low disk"));
    }
    assert_eq!(recogniser.format(), Some("short"));
}

#[test]
fn times_follow_the_rules_of_all_formats() {
    let patterns = Patterns::parse("patterns.yaml", FILE).unwrap();
    let mut recogniser = Recogniser::with_patterns("short", &patterns).unwrap();
    let mut check = |text: &str, defaults: &Defaults, expect: &str| {
        let record = recogniser.recognise_line(&line(text), defaults);
        let time = record.time_ns.map(|time| format_rfc3339(time, 0));
        let source = record.fields.last().map(|(_, value)| format!("{value:?}"));
        assert_eq!(time.or(source).unwrap(), expect, "{text}");
    };
    check("Nov 21 10:00:00 INFO x", &defaults(), "2026-11-21T10:00:00Z");
    check("Dec 24 10:00:00 INFO x", &defaults(), "2025-12-24T10:00:00Z");
    check("Feb 29 10:00:00 INFO x", &defaults(), "2024-02-29T10:00:00Z");
    check("Feb 30 10:00:00 INFO x", &defaults(), r#"Text("arrival")"#);
    let no_zone = Defaults { zone: None, ..defaults() };
    check("Nov 21 10:00:00 INFO x", &no_zone, r#"Text("arrival")"#);
}

#[test]
fn every_problem_is_told_with_its_place() {
    let file = r"
patterns:
  - name: json
    patern: x
    time: '%!'
    zone: Mars/Base
    levels: { E: eror }
  - name: b
    pattern: '(?<message>.*'
  - name: b
    pattern: 'no groups'
    multiline: [a]
  - 7
colour: red
";
    let problems = Patterns::parse("p.yaml", file).unwrap_err().to_string();
    for expect in [
        "p.yaml:3:5: patterns[0].pattern: missing",
        "p.yaml:3:11: patterns[0].name: \"json\" is the name of a built-in format",
        "p.yaml:4:5: patterns[0].patern: unknown key; did you mean `pattern`?",
        "p.yaml:5:11: patterns[0].time: not a form of a time",
        "p.yaml:6:11: patterns[0].zone: unknown zone \"Mars/Base\"",
        "p.yaml:7:18: patterns[0].levels.E: unknown level \"eror\"; did you mean ERROR",
        "p.yaml:9:14: patterns[1].pattern: not a regular expression: unclosed group",
        "p.yaml:11:14: patterns[2].pattern: has no named group",
        "p.yaml:12:16: patterns[2].multiline: expected a text, found a list",
        "p.yaml:13:5: patterns[3]: expected a section, found a text",
        "p.yaml:14:1: colour: unknown key; there are patterns",
    ] {
        assert!(problems.contains(expect), "lacks {expect:?}:\n{problems}");
    }
    assert_eq!(problems.lines().count(), 11, "{problems}");
}

#[test]
fn what_is_no_file_of_patterns_is_refused() {
    let check = |text: &str, expect: &str| {
        let problems = Patterns::parse("p", text).unwrap_err().to_string();
        assert!(problems.contains(expect), "{problems}");
    };
    check("", "p");
    check("- a", "expected a section");
    check("patterns: 7", "patterns: expected a list");
    check("pattern: []", "did you mean `patterns`?");
    check("patterns: [", "not valid YAML");
    check("patterns:\n- {name: a, pattern: '(?<a>x{1000}){1000}'}", "takes more than 1 MiB");
    check("patterns:\n- {name: a b, pattern: '(?<a>x)'}", "use 1 to 64 letters");
    check("patterns:\n- &x {name: a, pattern: '(?<a>x)'}\n- *x", "is there twice");
    let bomb = format!("patterns:\n- {}", "[".repeat(10_000));
    check(&bomb, "p");
}

#[test]
fn unknown_names_are_told_with_the_nearest() {
    let patterns = Patterns::parse("patterns.yaml", FILE).unwrap();
    let error = Recogniser::with_patterns("shp", &patterns).unwrap_err().to_string();
    assert!(error.contains("did you mean \"shop\"?") && error.contains("syslog"), "{error}");
}
