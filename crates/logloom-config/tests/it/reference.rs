//! Takes the published schema and documentation, expects them to be what the table of keys says.
//! With LOGLOOM_WRITE_REFERENCE=1 in the environment the files are written instead.

use std::path::PathBuf;

use logloom_config::{load_str, reference, schema, show};
use serde_json::Value;

const BEGIN: &str = "<!-- keys: begin, written by the tests of logloom-config -->\n";
const END: &str = "<!-- keys: end -->";

fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

/// Compares a published file with what it must hold, or writes it.
fn published(name: &str, expected: &str) {
    let path = docs(name);
    if std::env::var_os("LOGLOOM_WRITE_REFERENCE").is_some() {
        std::fs::write(&path, expected).expect("the file is written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let remedy = "run the tests of logloom-config with LOGLOOM_WRITE_REFERENCE=1";
    assert!(found == expected, "docs/{name} does not match the table of keys; {remedy}");
}

#[test]
fn the_schema_is_published() {
    published("logloom.schema.json", &schema());
}

#[test]
fn the_documentation_lists_every_key_with_its_default() {
    let text = std::fs::read_to_string(docs("configuration.md")).expect("the documentation");
    let (before, rest) = text.split_once(BEGIN).expect("the mark before the table");
    let (_, after) = rest.split_once(END).expect("the mark after the table");
    published("configuration.md", &format!("{before}{BEGIN}{}{END}{after}", reference()));
}

/// Paths of the leaves of the schema with their description.
fn leaves(schema: &Value, path: &str, found: &mut Vec<(String, String)>) {
    if let Some(description) = schema.get("description").and_then(Value::as_str) {
        found.push((path.to_owned(), description.to_owned()));
        return;
    }
    let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    if let Some(Value::Object(properties)) = schema.get("properties") {
        for (name, schema) in properties {
            leaves(schema, &at(name), found);
        }
    }
    if let Some(others @ Value::Object(_)) = schema.get("additionalProperties") {
        leaves(others, &at("MODULE"), found);
    }
}

#[test]
fn schema_and_documentation_hold_the_same_keys() {
    let schema: Value = serde_json::from_str(&schema()).expect("the schema is JSON");
    let mut found = Vec::new();
    leaves(&schema, "", &mut found);
    let mut rows = 0;
    for row in reference().lines().skip(2) {
        let cells: Vec<&str> = row.split('`').collect();
        let (key, default) = (cells[1], cells[3]);
        let leaf = found.iter().find(|(path, _)| path == key).expect(key);
        assert!(leaf.1.ends_with(&format!("Default: {default}.")), "{key}: {}", leaf.1);
        rows += 1;
    }
    assert_eq!(rows, found.len(), "{found:?}");
}

#[test]
fn every_default_is_the_documented_one() {
    let resolved = load_str("logloom.yaml", "").expect("an empty file");
    let reference = reference();
    let documented = |key: &str| {
        let row = reference.lines().find(|row| row.starts_with(&format!("| `{key}` |")));
        row.and_then(|row| row.split('`').nth(3)).map(str::to_owned)
    };
    let shown = show(&resolved);
    let value =
        |key: &str| shown.iter().find(|line| line.key == key).map(|line| line.value.clone());
    for line in &shown {
        let default = documented(&line.key).expect("a documented key");
        match line.key.as_str() {
            // What these are depends on the machine, and is tested where it is decided.
            "service" | "store.dir" => {}
            _ => {
                let expected = value(&default).unwrap_or(default);
                assert_eq!(line.value, expected, "{}", line.key);
            }
        }
    }
    assert!(shown.len() > 30, "{}", shown.len());
}

#[test]
fn what_is_shown_can_be_written() {
    let resolved = load_str("logloom.yaml", "").expect("an empty file");
    let text: String = show(&resolved)
        .iter()
        .map(|line| {
            let names: Vec<&str> = line.key.split('.').collect();
            format!("{}: {}{}\n---\n", names.join(": { "), line.value, " }".repeat(names.len() - 1))
        })
        .collect();
    for document in text.split("---\n").filter(|document| !document.is_empty()) {
        let read = load_str("logloom.yaml", document);
        assert!(read.is_ok(), "{document}{}", read.expect_err("checked"));
    }
}
