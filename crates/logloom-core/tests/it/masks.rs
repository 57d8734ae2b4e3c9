//! Secrets in texts and long texts, on their way into the log: at a normal end, and when another
//! process finishes the work of one that was killed.

use std::path::Path;
use std::time::Duration;

use logloom_core::mask::{GROUPS, NAMED_KINDS, PERSONAL, kinds};
use logloom_core::recovery;
use logloom_core::{Handle, emit};
use logloom_record::{Level, Record, Value};
use logloom_store::TextId;
use logloom_store::sys::kill_self;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::program::{lines, output, settings, started};
use super::runtime::open;

/// Runs one of the programs below, when it has this name.
pub(crate) fn run(name: &str) -> bool {
    match name {
        "masks" => {
            let handle = logs();
            assert!(handle.stop(Duration::from_secs(5)).is_empty());
        }
        "keeps_full" => {
            let handle = logs_with(true);
            assert!(handle.stop(Duration::from_secs(5)).is_empty());
            let lost = u64::from(std::env::var_os("LOGLOOM_TEST_LOSES").is_some());
            assert_eq!(handle.metrics().texts_lost, lost);
        }
        "keeps_full_then_dies" => {
            let _ = logs_with(true);
            kill_self();
        }
        "masks_then_dies" => {
            let _ = logs();
            kill_self();
        }
        _ => return false,
    }
    true
}

const KEY: &str = "AKIAQ3EGRT5XZ7UWH2LP";

fn logs() -> Handle {
    logs_with(false)
}

fn logs_with(keep_full: bool) -> Handle {
    let mut settings = settings();
    settings.mask.personal = vec!["email".to_owned()];
    settings.truncate.max_chars = Some(64);
    settings.truncate.keep_full = keep_full;
    let handle = started(settings);
    let nested = Value::Object(vec![
        ("password".to_owned(), Value::Text("hunter2".to_owned())),
        ("body".to_owned(), Value::Text(format!("{{\"token\":\"opaque\",\"key\":\"{KEY}\"}}"))),
    ]);
    // The secret stands where the text is cut: it is masked first.
    let long = format!("{} {KEY} {}", "x".repeat(50), "y".repeat(100));
    let record = Record::new(Level::Info, "it::masks", format!("bob@example.com used {KEY}"))
        .with("request", nested)
        .with("output", long);
    emit::record(&record);
    emit::record(&Record::new(Level::Info, "it::masks", "nothing to hide").with("number", 7_u64));
    handle
}

#[track_caller]
fn check(lines: &[Json]) {
    let [masked, plain] = lines else { panic!("{} lines", lines.len()) };
    assert_eq!(masked["message"], "[MASKED] used AKIA***[MASKED 16 chars]***");
    assert_eq!(masked["request"]["password"], "[MASKED]");
    let body = masked["request"]["body"].as_str().unwrap();
    assert_eq!(body, "{\"token\":\"[MASKED]\",\"key\":\"AKIA***[MASKED 16 chars]***\"}");
    let output = masked["output"].as_str().unwrap();
    assert!(output.starts_with(&"x".repeat(50)) && output.ends_with(" chars]"), "{output}");
    assert!(!masked.to_string().contains(&KEY[4..]), "{masked}");
    assert_eq!((&plain["message"], &plain["number"]), (&"nothing to hide".into(), &7.into()));
}

#[test]
fn secrets_in_texts_reach_no_file() {
    let dir = TempDir::new().unwrap();
    let output = output("masks", dir.path(), &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    check(&lines(dir.path()));
}

#[test]
fn who_recovers_applies_the_masks_of_the_dead() {
    let dir = TempDir::new().unwrap();
    output("masks_then_dies", dir.path(), &[]);
    let report = recovery::sweep(&open(dir.path()));
    assert!(report.problems.is_empty(), "{report:?}");
    check(&lines(dir.path()));
}

/// The line of [`logs_with`] names its full text, which is there unless said otherwise, masked.
#[track_caller]
fn check_full(dir: &Path, is_there: bool) {
    let lines = lines(dir);
    let [cut, plain] = &lines[..] else { panic!("{} lines", lines.len()) };
    assert_eq!(plain["number"], 7);
    let output = cut["output"].as_str().unwrap();
    let id = output.rsplit_once("[FULL ").and_then(|(_, id)| id.strip_suffix(']'));
    let id = TextId::parse(id.unwrap_or_else(|| panic!("no id: {output}"))).unwrap();
    let text = open(dir).full_text(&id).unwrap_or_default();
    let expected = format!("{} AKIA***[MASKED 16 chars]*** {}", "x".repeat(50), "y".repeat(100));
    assert_eq!(text.map(|text| String::from_utf8(text).unwrap()), is_there.then_some(expected));
}

#[test]
fn a_full_text_is_kept_masked_also_for_the_dead() {
    let dir = TempDir::new().unwrap();
    let output_of = |name, dir: &TempDir, more: &[(&str, &str)]| output(name, dir.path(), more);
    assert!(output_of("keeps_full", &dir, &[]).status.success());
    check_full(dir.path(), true);
    for more in [&[][..], &[("LOGLOOM_KILL_AT", "stage_before_staged")]] {
        let dir = TempDir::new().unwrap();
        assert!(!output_of("keeps_full_then_dies", &dir, more).status.success());
        assert!(recovery::sweep(&open(dir.path())).problems.is_empty());
        check_full(dir.path(), true);
    }
}

#[test]
fn a_record_is_there_although_its_full_text_cannot_be_kept() {
    let dir = TempDir::new().unwrap();
    std::fs::create_dir(dir.path().join(".logloom")).unwrap();
    std::fs::write(dir.path().join(".logloom/full"), "in the way").unwrap();
    let output = output("keeps_full", dir.path(), &[("LOGLOOM_TEST_LOSES", "1")]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    check_full(dir.path(), false);
}

const BEGIN: &str = "<!-- kinds: begin, written by the tests of logloom-core -->\n";
const END: &str = "<!-- kinds: end -->";

/// The manual's table of kinds. With LOGLOOM_WRITE_REFERENCE=1 in the environment it is written.
#[test]
fn the_manual_lists_every_kind() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/masking.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the mark before the table");
    let (_, after) = rest.split_once(END).expect("the mark after the table");
    let mut table = "| group | what |\n|---|---|\n".to_owned();
    table.extend(GROUPS.iter().map(|(name, looks)| format!("| `{name}` | {looks} |\n")));
    table += "\n| kind | group | looks like |\n|---|---|---|\n";
    let row = |name, group, looks: &str| format!("| `{name}` | `{group}` | {looks} |\n");
    table.extend(kinds().map(|kind| row(kind.name, kind.group, kind.looks)));
    table.extend(NAMED_KINDS.iter().map(|(name, looks)| row(name, "named", looks)));
    table += "\n| personal data | looks like |\n|---|---|\n";
    table.extend(PERSONAL.iter().map(|kind| format!("| `{}` | {} |\n", kind.name, kind.looks)));
    let expected = format!("{before}{BEGIN}{table}{END}{after}");
    if std::env::var_os("LOGLOOM_WRITE_REFERENCE").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    let remedy = "run the tests of logloom-core with LOGLOOM_WRITE_REFERENCE=1";
    let found = std::fs::read_to_string(path).unwrap();
    assert!(found == expected, "docs/masking.md does not match the table of kinds; {remedy}");
}
