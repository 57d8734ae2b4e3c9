//! `logloom intake`: formats shown, patterns refused with their place, every line accounted for.

use serde_json::Value;

use crate::support::{Place, errors, printed};

fn test(place: &Place, name: &str, text: &[u8], arguments: &[&str]) -> std::process::Output {
    let file = place.path(name);
    std::fs::write(&file, text).unwrap();
    let mut command = place.command();
    command.args(["intake", "test"]).arg(&file).args(arguments).output().unwrap()
}

#[test]
fn a_file_is_shown_as_the_records_it_would_become() {
    let place = Place::new();
    let line = "2026-11-21 10:00:00,123 - shop.cart - WARNING - card refused\n";
    let text = format!("{}  at nowhere\nwhat is this\n", line.repeat(12));
    let output = test(&place, "app.log", text.as_bytes(), &["--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let (summary, rows) = rows.split_last().unwrap();
    assert_eq!(rows.len(), 13);
    assert_eq!(rows[0]["record"]["timestamp"], "2026-11-21T10:00:00.123000Z");
    assert_eq!(rows[0]["record"]["module"], "shop.cart");
    assert_eq!((&rows[12]["line"], &rows[12]["recognised"]), (&14.into(), &false.into()));
    assert_eq!(summary["format"], "python-logging");
    assert_eq!((&summary["lines"], &summary["records"]), (&14.into(), &13.into()));
    assert_eq!((&summary["recognised"], &summary["levels"]["WARN"]), (&12.into(), &12.into()));
    assert!(!place.log().exists(), "nothing is kept");
    let output = test(&place, "app.log", text.as_bytes(), &["--lines", "3"]);
    let text = printed(&output);
    for part in ["python-logging", "12 of 13 records", "10 more records", "line 14 is plain text"] {
        assert!(text.contains(part), "lacks {part:?}: {text}");
    }
}

#[test]
fn the_format_of_few_lines_is_named() {
    let place = Place::new();
    let line = "2026-11-21 10:00:00,123 - shop.cart - WARNING - card refused\n";
    let text = printed(&test(&place, "app.log", line.repeat(5).as_bytes(), &[]));
    assert!(text.contains("app.log: python-logging\n"), "{text}");
    assert!(text.contains("5 of 5 records"), "{text}");
    let output = test(&place, "app.log", line.repeat(5).as_bytes(), &["--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.last().unwrap()["format"], "python-logging");
    let mixed = format!("{line}level=info msg=hello n=1\n");
    let text = printed(&test(&place, "app.log", mixed.as_bytes(), &[]));
    assert!(text.contains("several formats: logfmt, python-logging"), "{text}");
    let text = printed(&test(&place, "app.log", b"hello there\n", &[]));
    assert!(text.contains("app.log: no known format\n"), "{text}");
}

#[test]
fn a_format_that_changes_in_the_middle_is_told_once() {
    let place = Place::new();
    let first = "2026-11-21 10:00:00,123 - shop.cart - WARNING - card refused\n";
    let second = "Nov 21 10:00:00 host app[7]: words\n";
    let text = [first.repeat(100), second.repeat(100), first.repeat(100)].concat();
    let told = printed(&test(&place, "app.log", text.as_bytes(), &[]));
    assert!(told.contains("app.log: several formats: python-logging, syslog\n"), "{told}");
    let output = place.logloom("import", &["-q", place.path("app.log").to_str().unwrap()]);
    let told = errors(&output);
    assert_eq!(
        told.matches("its format changes: python-logging, then syslog").count(),
        1,
        "{told}"
    );
    assert!(output.status.success());
}

#[test]
fn patterns_and_names_are_used_or_refused_with_their_place() {
    let place = Place::new();
    let patterns = place.path("my.yaml");
    let patterns = patterns.to_str().unwrap();
    std::fs::write(patterns, "patterns: [{name: mine, pattern: '^#(?<message>.*) n=(?<n>\\d+)'}]")
        .unwrap();
    let arguments = ["--patterns", patterns, "--json", "--input-format", "mine"];
    let output = test(&place, "a.log", b"#one n=1\nother\n", &arguments);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&rows[0]["record"]["message"], &rows[0]["record"]["n"]),
        (&"one".into(), &1.into())
    );
    assert_eq!(rows[1]["recognised"], false);
    let refused = |arguments: &[&str], expect: &str| {
        let output = test(&place, "a.log", b"x\n", arguments);
        assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
        assert!(errors(&output).contains(expect), "{}", errors(&output));
    };
    refused(&["--input-format", "sylog"], "did you mean \"syslog\"?");
    refused(&["--zone", "Mars/Base"], "unknown zone \"Mars/Base\"");
    std::fs::write(patterns, "patterns:\n- name: mine\n  patern: x\n").unwrap();
    refused(
        &["--patterns", patterns],
        "my.yaml:3:3: patterns[0].patern: unknown key; did you mean",
    );
    std::fs::write(patterns, "patterns: [{name: mine, pattern: '^#(?<message>.*)'}]").unwrap();
    std::fs::write(place.path("logloom.yaml"), "intake: { patterns: my.yaml, zone: +01:00 }")
        .unwrap();
    let output = test(&place, "a.log", &b"#one\n".repeat(10), &["--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.last().unwrap()["format"], "mine", "{}", errors(&output));
    let time = b"2026-11-21 10:00:00,000 - a - INFO - b\n";
    let output = test(&place, "b.log", time, &["--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows[0]["record"]["timestamp"], "2026-11-21T09:00:00.000000Z");
    let output = test(&place, "a.log", b"plain\n", &[]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn every_format_is_listed_with_a_line_of_it() {
    let place = Place::new();
    let output = place.command().args(["intake", "formats", "--json"]).output().unwrap();
    let formats: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert!(formats.len() > 60);
    for name in ["syslog", "pino", "docker", "haproxy"] {
        let found = formats.iter().find(|format| format["name"] == name).unwrap();
        let line = found["example"].as_str().unwrap().to_owned() + "\n";
        let output = test(&place, name, line.repeat(10).as_bytes(), &["--json"]);
        let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(rows.last().unwrap()["format"], name);
    }
}
