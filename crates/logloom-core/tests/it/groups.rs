//! Records that are handed over together: all of them are in the log or none, whatever kills.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use logloom_core::settings::Policy;
use logloom_core::{emit, recovery};
use logloom_record::{Level, Record};
use serde_json::Value;
use tempfile::TempDir;

use super::program::{lines, settings, start, started};
use super::runtime::{assert_succeeds, open};

const PATIENCE: Duration = Duration::from_secs(60);

/// What the test processes of this file do.
pub(crate) fn run(name: &str) -> bool {
    match name {
        "groups_for_ever" => groups_for_ever(),
        "groups_of_all_sizes" => groups_of_all_sizes(),
        _ => return false,
    }
    true
}

/// A group of so many records with texts of this length, some of them errors.
fn group(number: u64, count: u64, bytes: usize) -> Vec<Record> {
    let record = |part: u64| {
        let level = if (number + part).is_multiple_of(3) { Level::Error } else { Level::Info };
        let record = Record::new(level, "it::groups", "x".repeat(bytes));
        record.with("number", number).with("part", part).with("parts", count)
    };
    (0..count).map(record).collect()
}

/// Rings that are always full: the caller waits within whatever it does.
fn groups_for_ever() {
    let mut settings = settings();
    settings.ring.bytes_per_thread = 16 << 10;
    settings.ring.error_bytes_per_thread = 16 << 10;
    settings.overflow.default = Policy::Block;
    started(settings);
    for number in 0.. {
        let records = match number % 40 {
            // For the ring of large records.
            39 => group(number, 100, 2_000),
            _ => group(number, 2 + number % 5, 300),
        };
        emit::together(&records);
        if number == 200 {
            println!("ready");
        }
    }
}

fn groups_of_all_sizes() {
    let mut settings = settings();
    settings.ring.bytes_per_thread = 64 << 10;
    settings.ring.total = std::env::var("LOGLOOM_TEST_TOTAL").unwrap().parse().unwrap();
    // Where there are no rings of their own, the one that there is takes no more.
    let longest = if settings.ring.total > 1 << 20 { 50_000 } else { 10_000 };
    settings.overflow.default = Policy::Block;
    let handle = started(settings);
    emit::together(&[]);
    // For the thread's own ring, a shared one, the large one (which may not be there), too many for it.
    for (number, (count, bytes)) in
        [(1, 10), (5, 1_000), (40, 1_000), (50, 3_000), (60, longest)].into_iter().enumerate()
    {
        emit::together(&group(number as u64, count, bytes));
    }
    assert!(handle.stop(PATIENCE).is_empty());
}

/// How many records of each group there are, and how many it has.
fn found(lines: &[Value]) -> BTreeMap<u64, (u64, u64)> {
    let mut groups = BTreeMap::new();
    for line in lines.iter().filter(|line| line["number"].is_u64()) {
        let group = groups.entry(line["number"].as_u64().unwrap()).or_insert((0, 0));
        *group = (group.0 + 1, line["parts"].as_u64().unwrap());
    }
    groups
}

fn assert_whole(dir: &Path, at_least: usize) {
    let lines = lines(dir);
    let losses: Vec<_> = lines.iter().filter(|line| line["event"] == "logloom.loss").collect();
    let groups = found(&lines);
    let broken: Vec<_> = groups.iter().filter(|(_, (count, all))| count != all).collect();
    assert!(broken.is_empty() && losses.is_empty(), "{broken:?} {losses:?}");
    assert!(groups.len() >= at_least, "{} groups", groups.len());
}

#[test]
fn a_kill_leaves_all_of_a_group_or_none() {
    for round in 0..8 {
        let dir = TempDir::new().unwrap();
        let mut child = start("groups_for_ever", dir.path(), &[]);
        let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(printed.any(|line| line.unwrap().contains("ready")));
        std::thread::park_timeout(Duration::from_millis(round * 3));
        child.kill().unwrap();
        child.wait().unwrap();
        let report = recovery::sweep(&open(dir.path()));
        assert!(report.problems.is_empty(), "{report:?}");
        assert_whole(dir.path(), 200);
    }
}

#[test]
fn groups_of_all_sizes_arrive_whole() {
    for total in ["67108864", "1048576"] {
        let dir = TempDir::new().unwrap();
        assert_succeeds("groups_of_all_sizes", dir.path(), &[("LOGLOOM_TEST_TOTAL", total)]);
        assert_whole(dir.path(), 5);
    }
}
