//! The proofs in small: what `make torture` runs for minutes, in seconds. Each is the command itself,
//! judged by its exit status and its last line.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{bench, objects};

/// Runs a proof that must hold, and returns its lines.
fn proof(words: &[&str]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let output = bench(words, folder.path());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines = objects(&output);
    assert!(output.status.success(), "{words:?}: {told}\n{lines:#?}");
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "a proof that holds leaves nothing");
    lines
}

fn assert_clean(line: &Value) {
    for fault in ["lost", "duplicated", "torn"] {
        assert_eq!(line[fault], 0, "{line}");
    }
}

#[test]
fn random_kills_lose_double_and_tear_nothing() {
    let lines = proof(&["sigkill", "--kills", "100", "--json"]);
    let last = lines.last().unwrap();
    assert_clean(last);
    assert_eq!(last["kills"], 100);
    assert!(last["acknowledged"].as_u64().unwrap() > 100, "{last}");
    let in_calls = lines.iter().find(|line| line["place"] == "call").unwrap();
    assert!(in_calls["kills"].as_u64().unwrap() > 0, "no kill fell into a call");
}

#[test]
fn every_marked_step_is_reached_and_every_planted_mistake_is_caught() {
    let lines = proof(&["steps", "--quick", "--json"]);
    let steps: Vec<&Value> = lines.iter().filter(|line| line["step"].is_string()).collect();
    assert!(steps.len() >= 38, "{} steps", steps.len());
    for step in steps {
        assert_clean(step);
        assert_eq!((&step["reached"], &step["reader"]), (&Value::from(true), &Value::from(0)));
    }
    let planted: Vec<&Value> = lines.iter().filter(|line| line["planted"].is_string()).collect();
    assert!(planted.len() >= 5, "{} planted mistakes", planted.len());
    assert!(planted.iter().all(|line| line["caught"] == true), "{planted:#?}");
}

#[test]
fn a_crowd_of_processes_that_are_killed_and_stopped_goes_on() {
    let lines = proof(&["crowd", "--seconds", "4", "--json"]);
    assert_clean(&lines[0]);
    assert_eq!(lines[0]["hung"], 0);
}

#[test]
fn fork_children_log_at_once() {
    let lines = proof(&["forks", "--forks", "40", "--json"]);
    assert_clean(&lines[0]);
    assert_eq!(lines[0]["timed"], 40);
}

/// Where no file system can be mounted, the line says that it was skipped and why.
#[test]
fn a_disk_that_stands_still_costs_only_what_is_told() {
    let words = ["stall", "--seconds", "1", "--policy", "drop_oldest", "--json"];
    let lines = proof(&words);
    assert!(lines[0]["holds"] == true || lines[0]["skipped"].is_string(), "{lines:?}");
}

/// What applications and the command link has no marked steps and no planted mistakes.
#[test]
fn nothing_that_is_released_can_be_told_to_kill_itself() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for package in ["logloom-cli", "logloom"] {
        let words = ["tree", "--offline", "--locked", "-p", package, "-e", "features,no-dev"];
        let output = Command::new(env!("CARGO")).args(words).current_dir(&root).output().unwrap();
        let tree = String::from_utf8(output.stdout).unwrap();
        assert!(tree.contains("logloom-store"), "{}", String::from_utf8_lossy(&output.stderr));
        for feature in ["\"steps\"", "\"planted-bugs\""] {
            assert!(!tree.contains(feature), "{package} has the feature {feature}");
        }
    }
}

#[test]
fn the_engine_answers_as_a_plain_reading_does_and_planted_mistakes_are_noticed() {
    let lines = proof(&["oracle", "--cases", "20000", "--planted", "--json"]);
    let last = lines.iter().find(|line| line["cases"].is_number()).unwrap();
    assert!(last["cases"].as_u64().unwrap() >= 20_000 && last["differing"] == 0, "{last}");
    let planted = lines.iter().filter(|line| line["noticed"] == true).count();
    assert!(planted >= 5, "{lines:#?}");
}
