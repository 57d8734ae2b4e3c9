//! Takes the built command, runs it as a user would with small sizes; refuses figures without
//! records behind them. Other loggers are left out: they would have to be built first.

#![allow(clippy::unwrap_used)]

mod proofs;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn bench(words: &[&str], directory: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_logloom-bench"))
        .args(words)
        .arg("--dir")
        .arg(directory)
        .output()
        .unwrap()
}

fn objects(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_workload_gives_rows_of_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let output = bench(&["all", "--quick", "--json", "--peers", "raw"], folder.path());
    assert!(output.status.success(), "{output:?}");
    let rows = objects(&output);
    for (bench, metric) in [
        ("hotpath", "single_p99.99"),
        ("hotpath", "empty_p50"),
        ("hotpath", "mean20_p50"),
        ("hotpath", "burst_p99"),
        ("throughput", "records_per_second"),
        ("disabled", "call"),
        ("idle", "silent_percent"),
    ] {
        let row = rows.iter().find(|row| row["bench"] == bench && row["metric"] == metric);
        let row = row.unwrap_or_else(|| panic!("no row {bench} {metric}"));
        assert!(row["ours"].as_f64().unwrap() >= 0.0 && row["peer"] == "raw", "{row}");
        assert!(row["theirs"].is_number() && row["pairs"] == 1 && row["void"] == 0, "{row}");
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "each run deletes its directory");
}

#[test]
fn several_threads_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["run", "logloom", "throughput", "--quick", "--threads", "4"];
    let output = bench(&words, folder.path());
    assert!(output.status.success(), "{output:?}");
    let report = &objects(&output)[0];
    assert_eq!(report["found"]["lines"], 100_000);
    assert_eq!((&report["void"], &report["dropped"]), (&Value::Null, &Value::from(0)));
}

#[test]
fn a_run_with_a_record_too_many_is_void() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("old.log"), "order accepted seq=5\n").unwrap();
    let output = bench(&["run", "raw", "hotpath", "--quick"], folder.path());
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let reason = objects(&output)[0]["void"].as_str().unwrap().to_owned();
    assert_eq!(reason, "1 records in the file more than once");
}

#[test]
fn a_logger_that_does_not_exist_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let output = bench(&["run", "printf", "hotpath"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`printf`"), "{output:?}");
}
