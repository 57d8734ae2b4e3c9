//! Records that belong together, such as an interrupted trace and the lines between: each once, through
//! kills of whoever takes them over.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

use crate::support::{Place, Running, await_that};

/// Groups in each file.
const GROUPS: u32 = 20_000;
const KILLS: u64 = 14;

/// Traces of one thread with a line of another in the midst of each; two records a group.
fn traces(log: &mut String, expect: &mut Vec<String>) {
    for number in 0..GROUPS {
        let trace = "java.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)";
        let head = "2026-11-21 10:00:00.123";
        let frame = "\tat a.B.d(B.java:2)";
        writeln!(log, "{head} [main] ERROR a.App - failed {number}\n{trace}").unwrap();
        writeln!(log, "{head} [worker] INFO  a.App - between {number}\n{frame}").unwrap();
        expect.push(format!("failed {number}\n{trace}\n{frame}"));
        expect.push(format!("between {number}"));
    }
}

/// Lines of OTLP of three records each.
fn otlp(log: &mut String, expect: &mut Vec<String>) {
    for number in 0..GROUPS {
        let record = |part: u32| {
            format!(
                r#"{{"timeUnixNano":"1763719200000000000","body":{{"stringValue":"otlp {number} {part}"}}}}"#
            )
        };
        let records = [record(0), record(1), record(2)].join(",");
        let scope = format!(r#"{{"scopeLogs":[{{"logRecords":[{records}]}}]}}"#);
        writeln!(log, r#"{{"resourceLogs":[{scope}]}}"#).unwrap();
        expect.extend((0..3).map(|part| format!("otlp {number} {part}")));
    }
}

/// Files of both kinds, and the messages of their records.
fn files(place: &Place) -> Vec<String> {
    let (mut java, mut lines, mut expect) = (String::new(), String::new(), Vec::new());
    traces(&mut java, &mut expect);
    otlp(&mut lines, &mut expect);
    fs::create_dir(place.path("source")).unwrap();
    fs::write(place.path("source/java.log"), java).unwrap();
    fs::write(place.path("source/otlp.log"), lines).unwrap();
    expect
}

/// Kills the command again and again, each time a little after it began; `true` for each that was not
/// through by then.
fn killed(place: &Place, words: &[&str]) -> Vec<bool> {
    let mut random = 88_172_645_463_325_252_u64;
    let mut kill = || {
        let mut running = start(place, words);
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::park_timeout(Duration::from_millis(20 + random % 130));
        running.signal("KILL");
        !running.end().success()
    };
    (0..KILLS).map(|_| kill()).collect()
}

fn start(place: &Place, words: &[&str]) -> Running {
    let mut command = place.ready(words[0], &words[1..]);
    Running::start(command.arg(place.path("source")).stdout(Stdio::null()).stderr(Stdio::null()))
}

/// How often each message stands in the day files.
fn counts(place: &Place) -> HashMap<String, u32> {
    let mut counts = HashMap::new();
    for entry in fs::read_dir(place.log()).into_iter().flatten().flatten() {
        if entry.path().extension().is_none_or(|end| end != "jsonl") {
            continue;
        }
        for line in fs::read_to_string(entry.path()).unwrap().lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            let message = record["message"].as_str().unwrap_or_default().to_owned();
            *counts.entry(message).or_default() += 1;
        }
    }
    counts
}

fn assert_each_once(place: &Place, expect: &[String]) {
    let counts = counts(place);
    let wrong = expect.iter().map(|text| (text, counts.get(text))).filter(|one| one.1 != Some(&1));
    let wrong: Vec<_> = wrong.take(4).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(counts.len(), expect.len());
}

#[test]
fn an_import_that_is_killed_repeats_no_record_of_a_group() {
    let place = Place::new();
    let expect = files(&place);
    let words = ["import", "-q", "--jobs", "2", "--zone", "UTC"];
    let killed = killed(&place, &words);
    assert!(start(&place, &words).end().success());
    assert_each_once(&place, &expect);
    assert!(killed.iter().filter(|was_under_way| **was_under_way).count() >= 2, "{killed:?}");
}

#[test]
fn a_follower_that_is_killed_repeats_no_record_of_a_group() {
    let place = Place::new();
    let expect = files(&place);
    let words = ["follow", "-q", "--zone", "UTC"];
    killed(&place, &words);
    let mut follow = start(&place, &words);
    await_that("all records are there", || (counts(&place).len() >= expect.len()).then_some(()));
    follow.signal("TERM");
    assert!(follow.end().success());
    assert_each_once(&place, &expect);
}
