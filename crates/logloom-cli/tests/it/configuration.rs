//! Configuration: wrong ones end every command with status 2, file, line and column.

use serde_json::Value;

use crate::support::{Place, errors, printed};

#[test]
fn mistakes_are_told_with_file_line_and_column() {
    let place = Place::new();
    let file = place.path("bad.yaml");
    std::fs::write(&file, "service: shop\nstore:\n  dri: ./logs\n").unwrap();
    let file = file.to_str().unwrap();
    let expected = format!("{file}:3:3: store.dri: unknown key, did you mean `dir`?");
    let commands: [&[&str]; 5] = [
        &["config", "check", file],
        &["run", "--config", file, "--", "true"],
        &["query", "--config", file],
        &["tail", "--config", file],
        &["follow", "--config", file, "/nowhere"],
    ];
    for arguments in commands {
        let output = place.command().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(errors(&output).contains(&expected), "{arguments:?}: {}", errors(&output));
    }
    assert!(!place.log().exists());
}

#[test]
fn origins_are_shown() {
    let place = Place::new();
    let mut command = place.command();
    command.args(["config", "show", "--dir", "/x", "--json"]).env("LOGLOOM__SERVICE", "shop");
    let output = command.output().unwrap();
    let settings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let find = |key: &str| settings.iter().find(|one| one["key"] == key).unwrap();
    assert_eq!(find("service")["value"], "shop");
    assert!(find("service")["origin"].as_str().unwrap().contains("LOGLOOM__SERVICE"));
    assert_eq!(find("store.dir")["value"], "/x");
    assert!(find("store.dir")["origin"].as_str().unwrap().contains("--dir"));
}

#[test]
fn settings_without_effect_are_marked() {
    let place = Place::new();
    let output = place.command().args(["config", "show", "--json"]).output().unwrap();
    let settings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let is_in_force =
        |key: &str| settings.iter().find(|one| one["key"] == key).unwrap()["in_force"].clone();
    assert_eq!(is_in_force("service"), true);
    let text = printed(&place.command().args(["config", "show"]).output().unwrap());
    let later = ["batch.batch_size"];
    for key in later {
        assert_eq!(is_in_force(key), false, "{key}");
        let line = text.lines().find(|line| line.starts_with(key)).unwrap();
        assert!(line.ends_with("not in force in this version"), "{line}");
    }
    let marked = text.matches("not in force").count();
    assert_eq!(marked, settings.iter().filter(|one| one["in_force"] == false).count());
}

#[test]
fn the_schema_is_json_and_completions_are_made() {
    let place = Place::new();
    let output = place.command().args(["config", "schema"]).output().unwrap();
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(schema["title"], "logloom.yaml");
    for shell in ["bash", "zsh", "fish"] {
        let output = place.command().args(["completions", shell]).output().unwrap();
        assert!(printed(&output).contains("logloom"), "{shell}");
    }
}

#[test]
fn a_good_file_can_be_used() {
    let place = Place::new();
    let file = place.path("good.yaml");
    let text = format!("service: shop\nstore: {{ dir: {} }}\n", place.path("other").display());
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let output = place.command().args(["config", "check", file]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let arguments = ["run", "--config", file, "--", "echo", "hello"];
    assert!(place.command().args(arguments).status().unwrap().success());
    let output = place.command().args(["query", "--config", file]).output().unwrap();
    assert!(printed(&output).contains("hello"), "{output:?}");
}

#[test]
fn the_settings_of_an_agent_are_checked_and_say_where_its_log_is() {
    let place = Place::new();
    let file = place.path("settings.json");
    let write = |logging: &str| {
        let text = format!("{{\n  \"model\": {{}},\n  \"logging\": {{\n    {logging}\n  }}\n}}\n");
        std::fs::write(&file, text).unwrap();
    };
    let command = |arguments: &[&str]| place.command().args(arguments).output().unwrap();
    write("\"enabled\": true, \"retention_dayz\": 3");
    let output = command(&["config", "check", "settings.json"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    let expected =
        "settings.json:4:22: logging.retention_dayz: unknown key, did you mean `retention_days`?";
    assert!(told.contains(expected), "{told}");
    assert_eq!(command(&["query", "--settings", "settings.json"]).status.code(), Some(2));

    let log = place.log();
    write(&format!("\"log_dir\": {log:?}"));
    assert_eq!(command(&["config", "check", "settings.json"]).status.code(), Some(0));
    let output = command(&["run", "--settings", "settings.json", "--", "echo", "hello"]);
    assert!(output.status.success(), "{output:?}");
    let output = command(&["query", "--settings", "settings.json", "--json"]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"hello\""));
    assert_eq!(place.messages(), ["hello"]);

    // Found by itself, and only where it has our section.
    let output = command(&["log", "--format", "json"]);
    assert_eq!(output.stdout, b"[]\n", "no action, but a log: {output:?}");
    std::fs::write(&file, "{\"editor.tabSize\": 4}").unwrap();
    let output = command(&["log", "--format", "json"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("no log directory"), "{output:?}");
}
