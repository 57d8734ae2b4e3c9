//! Sampling as a program sees it: a child logs under settings, its parent reads the file. A process has
//! one runtime, so each case has a child.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use logloom::context::Context;
use logloom::settings::{SampleRule, SampleSettings, Share};
use logloom::{debug, error, info, warn};
use serde_json::Value;

use super::day_file::lines;

/// Says what the child shall do.
const WAY: &str = "LOGLOOM_TEST_SAMPLING";
/// The child's log directory.
const DIR: &str = "LOGLOOM_TEST_DIR";
/// Records of each kind.
const RECORDS: u64 = 2_000;
/// How often a value was asked for.
static EVALUATED: AtomicU64 = AtomicU64::new(0);

fn evaluated() -> u64 {
    EVALUATED.fetch_add(1, Ordering::Relaxed)
}

fn sample(rate: f64) -> SampleSettings {
    let mut sample = SampleSettings::default();
    sample.set(logloom::Level::Info, Share::new(rate).unwrap());
    sample
}

fn rule(name: &str) -> SampleRule {
    SampleRule { name: name.to_owned(), ..SampleRule::default() }
}

/// What a child does; in the parent's run there is nothing to do.
#[test]
fn child() {
    let Ok(way) = std::env::var(WAY) else { return };
    let dir = std::env::var(DIR).unwrap();
    let start = |sample: SampleSettings| {
        let builder = logloom::builder().without_config_file().dir(&dir).ring_dir(&dir);
        let builder = builder.overflow(logloom::settings::Policy::Block);
        builder.settings(move |settings| settings.sample = sample.clone()).init().unwrap()
    };
    match &*way {
        "levels" => levels(start(SampleSettings { enabled: Some(true), ..Default::default() })),
        "traces" => traces(start(sample(0.5))),
        "first" => first(start(SampleSettings {
            rules: vec![SampleRule {
                first: 5,
                every: 100,
                interval: std::time::Duration::from_secs(3_600),
                ..rule("burst")
            }],
            ..Default::default()
        })),
        "log" => through_log(start(SampleSettings {
            rules: vec![SampleRule {
                loggers: vec!["noisy".to_owned()],
                rate: Share::new(0.0),
                ..rule("noisy")
            }],
            ..Default::default()
        })),
        "changes" => changes(start(SampleSettings::default())),
        other => panic!("no child {other}"),
    }
}

fn levels(log: logloom::Guard) {
    for number in 0..RECORDS {
        info!(number, value = evaluated(), "one of many");
        warn!(number, "a warning");
        error!(number, "an error");
        info!(target: "shop.audit", number, "who did what");
        debug!(number, "switched off");
    }
    let kept = EVALUATED.load(Ordering::Relaxed);
    let metrics = logloom::metrics();
    let counts = metrics.sampled.iter().find(|sampled| sampled.rule == "INFO").unwrap();
    assert_eq!((counts.kept, counts.kept + counts.left_out), (kept, RECORDS));
    let text = metrics.prometheus();
    let line = format!("logloom_sampling_left_out_total{{rule=\"INFO\"}} {}", counts.left_out);
    assert!(text.contains(&line), "{text}");
    assert!(log.stop().is_empty());
}

fn traces(log: logloom::Guard) {
    for number in 0..200_u64 {
        let id = format!(
            "{:032x}",
            u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
        );
        Context::new().trace_id(id).in_scope(|| {
            info!(number, "begins");
            info!(number, "goes on");
            std::thread::scope(|_| info!(number, "ends"));
        });
    }
    assert!(log.stop().is_empty());
}

fn first(log: logloom::Guard) {
    for number in 0..RECORDS {
        info!(number, "one place");
        info!(number, "another place");
    }
    assert!(log.stop().is_empty());
}

fn through_log(log: logloom::Guard) {
    logloom::log_backend::install().unwrap();
    for number in 0..50_u64 {
        log::info!(target: "noisy::part", number; "left out");
        log::info!(target: "calm", number; "kept");
        log::warn!(target: "noisy::part", number; "kept");
    }
    assert!(log.stop().is_empty());
}

fn changes(log: logloom::Guard) {
    let set = |rate| {
        let handle = logloom_core::runtime::current().unwrap();
        assert!(handle.update(|settings| settings.sample = sample(rate)).is_empty());
    };
    for rate in [1.0, 0.0, 1.0] {
        set(rate);
        for number in 0..100_u64 {
            info!(number, "again and again");
        }
    }
    assert!(log.stop().is_empty());
}

/// The records of a child, and what it told of those left out, by rule.
fn records(way: &str) -> (Vec<Value>, BTreeMap<String, u64>) {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["sampling::child", "--exact", "--nocapture"])
        .envs([(WAY, Path::new(way)), (DIR, dir.path())])
        .output()
        .unwrap();
    assert!(output.status.success(), "{way}: {output:?}");
    let all = lines(dir.path()).into_iter().map(|line| serde_json::from_str(&line).unwrap());
    let (told, records): (Vec<Value>, Vec<Value>) =
        all.partition(|record: &Value| record["event"] == "logloom.sampling");
    let mut left_out = BTreeMap::new();
    for record in told {
        let rule = record["rule"].as_str().unwrap().to_owned();
        *left_out.entry(rule).or_default() += record["left_out"].as_u64().unwrap();
    }
    (records, left_out)
}

fn count(records: &[Value], message: &str) -> u64 {
    records.iter().filter(|record| record["message"] == message).count() as u64
}

#[test]
fn one_of_ten_is_kept_and_the_rest_told_but_no_warning_and_no_audit_record_is_missing() {
    let (records, left_out) = records("levels");
    let kept = count(&records, "one of many");
    assert!((120..290).contains(&kept), "{kept}");
    assert_eq!(left_out["INFO"], RECORDS - kept);
    for whole in ["a warning", "an error", "who did what"] {
        assert_eq!(count(&records, whole), RECORDS, "{whole}");
    }
}

#[test]
fn a_trace_is_in_the_log_whole_or_not_at_all() {
    let (records, left_out) = records("traces");
    let mut by_number: BTreeMap<u64, u64> = BTreeMap::new();
    for number in records.iter().filter_map(|record| record["number"].as_u64()) {
        *by_number.entry(number).or_default() += 1;
    }
    assert!(by_number.values().all(|count| *count == 3), "{by_number:?}");
    assert!((60..140).contains(&by_number.len()), "{}", by_number.len());
    assert_eq!(left_out["INFO"], 600 - 3 * by_number.len() as u64);
}

#[test]
fn the_first_of_each_place_and_each_hundredth_are_kept() {
    let (records, left_out) = records("first");
    for place in ["one place", "another place"] {
        let numbers: Vec<u64> = records
            .iter()
            .filter(|record| record["message"] == place)
            .filter_map(|record| record["number"].as_u64())
            .collect();
        let expected = (0..5).chain((104..RECORDS).step_by(100));
        assert!(numbers.iter().copied().eq(expected), "{numbers:?}");
    }
    assert_eq!(left_out["burst"], 2 * (RECORDS - 5 - 19));
}

#[test]
fn records_of_log_are_sampled_by_their_target() {
    let (records, left_out) = records("log");
    assert_eq!((count(&records, "kept"), count(&records, "left out")), (100, 0));
    assert_eq!(left_out, BTreeMap::from([("noisy".to_owned(), 50)]));
}

#[test]
fn a_share_may_change_while_the_program_runs() {
    let (records, left_out) = records("changes");
    assert_eq!(count(&records, "again and again"), 200);
    assert_eq!(left_out, BTreeMap::from([("INFO".to_owned(), 100)]));
}
