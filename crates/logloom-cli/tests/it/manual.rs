//! The manual, tried out: what it tells people to type works, and what it names is there.
//!
//! In come README and `docs/`. Each shell block below the mark `<!-- run -->` is run in a directory
//! of its own, against the command under test, and must print what [`EXPECTED`] lists. A marked block
//! without expectations is refused, and so are expectations without a block.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What each marked block prints, by document and in the order of the blocks.
const EXPECTED: &[(&str, &[&[&str]])] = &[
    ("README.md", &[TAKEN_IN, COMMANDS]),
    ("README.zh-CN.md", &[TAKEN_IN, COMMANDS]),
    ("docs/action-log-cli.md", &[ACTIONS]),
    ("docs/cli.md", &[ASKED, STATS]),
    ("docs/operations.md", &[EXIT_CODES]),
    ("docs/overflow.md", &[&["a line\nnothing was lost\n"]]),
    ("docs/recovery.md", &[RECOVER, &["writers        0 living", " 0 failures"]]),
];

const ASKED: &[&str] = &[
    "message,ms",
    "card declined,250",
    "shop        2   131\n",
    "paid 12.50\ncard declined\n",
    "service:=\"shop\" ms:<100 | limit 1\n",
];

const TAKEN_IN: &[&str] = &[
    "WARN  bank: low balance  account=7 ",
    "2026-11-22 10:00:00.123 ERROR pay/com.shop.Pay: card refused  thread=main ",
    "2026-11-22 10:00:01.000 ERROR access: GET /pay HTTP/1.1 503  client=10.0.0.1 ",
];

const COMMANDS: &[&str] = &[
    "ready\n",
    "ERROR shop: payment failed  order=17 stream=stdout\n",
    r#""level":"ERROR","service":"shop","message":"payment failed","order":17,"#,
    "3 records, ",
    "nothing to recover\n",
    " 0 failures",
];

const ACTIONS: &[&str] = &[
    "\u{2503} Timestamp (UTC) \u{2503} Action Type \u{2503} Tool \u{2503} Status \u{2503} Message           \u{2503}\n",
    "\u{2502} 14:32:15.123    \u{2502} tool_error  \u{2502} bash \u{2502} error  \u{2502} Command not found \u{2502}\n",
    "\n\nShowing 2 of 2 total actions\n===",
    "\u{603b}\u{884c}\u{52a8}\u{6570}: 2\n",
    "14:32:12.000        +0 ms      tool bash  xyz \u{21d2} Command not found  error  3.1 s\n",
];

const STATS: &[&str] = &[
    "2 records, 114 B in 1 file\n\nINFO             1 \u{2588}",
    "KIND     NAME   RECORDS\nlevel    INFO         1\nlevel    ERROR        1\nservice  shop         2\n",
    "[\n{\"records\":2,\"bytes\":114,\"levels\":{\"TRACE\":0,\"DEBUG\":0,\"INFO\":1,",
    "\"services\":{\"shop\":2},\"files\":1,\"damaged\":0}\n]\n",
];

const EXIT_CODES: &[&str] = &[
    "broken\nrun: 3\n",
    "query: 1\n",
    "--since: `soon`",
    "wrong usage: 2\n",
    "there is no log directory ./nowhere",
    "no directory: 3\n",
];

const RECOVER: &[&str] = &[
    "a line\n",
    "nothing to recover\n",
    r#""writers":0,"records":0,"skipped":0,"gone":0,"empty_segments":0,"problems":[]"#,
];

const MARK: &str = "<!-- run -->";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The documents by their paths from the root, with their texts.
fn documents() -> Vec<(String, String)> {
    let mut names = vec!["README.md".to_owned(), "README.zh-CN.md".to_owned()];
    for entry in fs::read_dir(repository().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            names.push(format!("docs/{name}"));
        }
    }
    names.sort();
    let text = |name: &String| fs::read_to_string(repository().join(name)).unwrap();
    names.iter().map(|name| (name.clone(), text(name))).collect()
}

/// The marked shell blocks of a document.
fn blocks(name: &str, document: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if line != MARK {
            continue;
        }
        assert_eq!(lines.next(), Some("```sh"), "{name}: a shell block follows {MARK}");
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        found.push(block.join("\n"));
    }
    found
}

/// Runs a block as a user would type it; gives what it printed on both streams.
fn run(script: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_logloom"));
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", binary.parent().unwrap().display());
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("exec 2>&1\n{script}"))
        .current_dir(home.path())
        .env_clear()
        .envs([("PATH", path.as_str()), ("TZ", "UTC"), ("LANG", "C.UTF-8")])
        .env("HOME", home.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}\n{script}\n{text}", output.status);
    text
}

#[test]
fn every_marked_block_prints_what_it_should() {
    let documents = documents();
    for (name, expected) in EXPECTED {
        assert!(documents.iter().any(|(known, _)| known == name), "{name} is missing");
        assert!(!expected.is_empty(), "{name}: take it from the table");
    }
    for (name, document) in &documents {
        let blocks = blocks(name, document);
        let known = EXPECTED.iter().find(|(known, _)| known == name);
        let expected = known.map_or(&[][..], |(_, expected)| expected);
        assert_eq!(blocks.len(), expected.len(), "{name}: as many marked blocks as expectations");
        for (script, expected) in blocks.iter().zip(expected) {
            let text = run(script);
            for part in *expected {
                assert!(text.contains(part), "{name}: {part:?} is not in\n{text}");
            }
        }
    }
}

#[test]
fn every_test_that_the_manual_names_exists() {
    let mut sources = String::new();
    read_sources(&repository().join("crates"), &mut sources);
    let mut count = 0;
    for (name, document) in documents() {
        for test in document.split('`').filter(|word| is_name_of_a_test(word)) {
            assert!(sources.contains(&format!("fn {test}(")), "{name}: there is no test {test}");
            count += 1;
        }
    }
    assert!(count > 20, "only {count} names of tests were found");
}

/// Names of tests are sentences; names of metrics and settings are shorter or begin with ours.
fn is_name_of_a_test(word: &str) -> bool {
    let is_name = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_name && word.matches('_').count() >= 4 && !word.starts_with("logloom_")
}

fn read_sources(directory: &Path, sources: &mut String) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn a_deleted_directory_is_made_again() {
    let text = run("timeout 30 logloom run --dir log -- sh -c '
           echo first
           until grep -qs first log/*.jsonl; do :; done
           until rm -rf log 2>/dev/null; do :; done
           echo second'
         logloom query --dir log --field stream=stdout --format jsonl");
    let records: Vec<&str> = text.lines().filter(|line| line.starts_with('{')).collect();
    assert_eq!(records.len(), 1, "{text}");
    assert!(records[0].contains(r#""message":"second""#), "{text}");
}
