//! `logloom query` and `logloom stats`: which records, in which form, with which status.

use serde_json::Value;

use crate::support::{Place, errors, printed};

/// Four records of two services, not in the order of their times.
const LINES: &str = r#"
{"timestamp":"2026-11-21T10:00:00.000000Z","level":"DEBUG","service":"shop","message":"one","n":1}
{"timestamp":"2026-11-21T11:00:00.000000Z","level":"WARN","service":"shop","message":"two","user":{"id":42}}
{"timestamp":"2026-11-21T12:00:00.000000Z","level":"FATAL","service":"shop","message":"three","n":3}
{"timestamp":"2026-11-21T11:30:00.000000Z","level":"INFO","service":"pay","message":"other"}
"#;

/// A directory with these records.
fn filled() -> Place {
    Place::with_day(LINES)
}

#[test]
fn flags_choose_records() {
    let place = filled();
    let check = |flags: &[&str], expect: &[&str]| {
        let output = place.logloom("query", &[flags, &["--format", "jsonl"]].concat());
        let text = printed(&output);
        let messages: Vec<String> = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["message"].to_string())
            .collect();
        let expect: Vec<String> = expect.iter().map(|text| format!("\"{text}\"")).collect();
        assert_eq!(messages, expect, "{flags:?} {}", errors(&output));
        assert_eq!(output.status.code(), Some(i32::from(expect.is_empty())), "{flags:?}");
    };
    check(&[], &["one", "two", "other", "three"]);
    check(&["--level", "warn"], &["two", "three"]);
    check(&["--service", "pay"], &["other"]);
    check(&["--service", "pay", "--service", "shop", "--limit", "1"], &["three"]);
    check(&["--limit", "2", "--oldest"], &["one", "two"]);
    check(&["--limit", "2", "--newest-first"], &["three", "other"]);
    check(&["--field", "user.id=42"], &["two"]);
    check(&["--field", "message^=t", "--grep", "hre"], &["three"]);
    check(
        &["--since", "2026-11-21T11:00:00Z", "--until", "2026-11-21T12:00:00Z"],
        &["two", "other"],
    );
    check(&["--grep", "nothing like it"], &[]);
}

#[test]
fn json_is_one_array_and_jsonl_an_object_a_line() {
    let place = filled();
    let output = place.logloom("query", &["--json"]);
    assert_eq!(output.stdout, place.logloom("query", &["--format", "json"]).stdout);
    let array: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(array.len(), 4);
    assert_eq!(array[0]["n"].as_u64(), Some(1));
    let output = place.logloom("query", &["--json", "--grep", "nothing like it"]);
    assert_eq!((printed(&output).as_str(), output.status.code()), ("[]\n", Some(1)));
    for command in ["stats", "recover", "doctor"] {
        let output = place.logloom(command, &["--json"]);
        assert!(serde_json::from_slice::<Vec<Value>>(&output.stdout).is_ok(), "{output:?}");
        let output = place.logloom(command, &["--format", "jsonl"]);
        let mut lines = output.stdout.trim_ascii_end().split(|byte| *byte == b'\n');
        assert!(lines.all(|line| serde_json::from_slice::<Value>(line).is_ok()), "{output:?}");
    }
}

#[test]
fn readable_formats_show_everything() {
    let place = filled();
    let text = printed(&place.logloom("query", &["--limit", "1", "--utc"]));
    assert_eq!(text, "2026-11-21 12:00:00.000Z FATAL shop: three  n=3\n");
    let text = printed(&place.logloom("query", &["--format", "table", "--utc"]));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("TIME"), "{text}");
    assert_eq!(lines.len(), 5);
    assert!(lines[2].contains(r#"user={"id":42}"#), "{text}");
}

#[test]
fn counts_are_exact() {
    let place = filled();
    let output = place.logloom("stats", &["--json"]);
    let stats: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(stats[0]["records"], 4);
    assert_eq!(stats[0]["levels"]["WARN"], 1);
    assert_eq!(stats[0]["services"]["shop"], 3);
    assert_eq!(stats[0]["first"], "2026-11-21T10:00:00.000000Z");
    let text = printed(&place.logloom("stats", &["--level", "warn", "--utc"]));
    assert!(text.starts_with("2 records"), "{text}");
    let text = printed(&place.logloom("stats", &["--level", "warn", "--format", "table"]));
    assert_eq!(
        text,
        "KIND     NAME   RECORDS\n\
         level    WARN         1\n\
         level    FATAL        1\n\
         service  shop         2\n"
    );
}

#[test]
fn what_makes_no_sense_is_refused_with_the_remedy() {
    let place = filled();
    let check = |flags: &[&str], status: i32, expect: &str| {
        let output = place.logloom("query", flags);
        assert_eq!(output.status.code(), Some(status), "{flags:?}");
        assert!(errors(&output).contains(expect), "{flags:?}: {}", errors(&output));
    };
    check(&["--since", "soon"], 2, "10m, 2h or 1d");
    check(&["--level", "loud"], 2, "loud");
    check(&["--field", "x"], 2, "key=value");
    check(&["--format", "xml"], 2, "jsonl");
    check(&["--config", "/nowhere.yaml"], 2, "/nowhere.yaml");
    let nowhere = Place::new();
    let output = nowhere.logloom("query", &[] as &[&str]);
    assert_eq!(output.status.code(), Some(3));
    assert!(errors(&output).contains("nothing was logged there yet"), "{output:?}");
    assert!(!nowhere.log().exists(), "a reader makes nothing");
}

#[test]
fn a_directory_of_several_that_cannot_be_read_is_told() {
    let place = filled();
    let file = place.path("file");
    std::fs::write(&file, "").unwrap();
    let query = |second: &std::path::Path| {
        let dirs = format!("{},{}", place.log().display(), second.display());
        let mut command = place.command();
        command.arg("query").env("LOGLOOM__STORE__DIR", dirs).output().unwrap()
    };
    let output = query(&file);
    assert_eq!(printed(&output).lines().count(), 4, "{output:?}");
    assert!(errors(&output).contains("the records in it are left out"), "{output:?}");
    let output = query(&place.path("nowhere"));
    assert_eq!((printed(&output).lines().count(), errors(&output).as_str()), (4, ""));
}

#[test]
fn a_query_explains_itself() {
    let place = Place::new();
    let output = place.logloom("query", &["--explain", "--level", "warn", "--grep", "a.b"]);
    assert_eq!(printed(&output), "level:>=WARN *:~\"a\\\\.b\"\n");
}

#[test]
fn a_reader_that_is_gone_is_no_failure() {
    let place = Place::new();
    place.run_script("seq 1 200000");
    let mut command = place.ready("query", &[] as &[&str]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), errors(&output).as_str()), (Some(0), ""));
}

#[test]
fn a_copied_directory_is_read_and_left_alone() {
    let place = filled();
    let copy = place.path("copy");
    std::fs::create_dir(&copy).unwrap();
    std::fs::copy(place.log().join("2026-11-21.jsonl"), copy.join("2026-11-21.jsonl")).unwrap();
    let output = place.command().arg("query").arg("--dir").arg(&copy).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(printed(&output).lines().count(), 4);
    assert_eq!(std::fs::read_dir(&copy).unwrap().count(), 1);
}
