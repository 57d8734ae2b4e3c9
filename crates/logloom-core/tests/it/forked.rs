//! Fork children that are killed while their own runtime begins, and while their writer stages for the
//! first time, before which its buffers have no memory.

use std::collections::BTreeMap;
use std::time::Duration;

use logloom_core::recovery;
use logloom_core::settings::RingDir;
use logloom_ring::process;
use logloom_store::sys::{Links, LinuxPlatform, OpenMode, Platform};
use tempfile::TempDir;

use super::program::{info, lines, output, settings, started};
use super::runtime::{assert_each_once, assert_succeeds, open, small_file_system};

/// Longer than anything takes here on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where the lock of the catalogue lies in `head`.
const CATALOGUE_LOCK: u64 = 1 << 40;

/// Runs one of the programs below, when it has this name.
pub(crate) fn run(name: &str) -> bool {
    match name {
        "child_is_killed" => child_is_killed(),
        "child_finds_no_room" => child_finds_no_room(),
        "child_gets_no_ring" => child_gets_no_ring(),
        "child_finds_a_busy_catalogue" => child_finds_a_busy_catalogue(),
        _ => return false,
    }
    true
}

/// A child says which of its records were logged.
fn child_is_killed() {
    let handle = started(settings());
    let status = process::run_in_fork(|| {
        for number in 0..20 {
            info(number);
            println!("logged={number}");
        }
        handle.flush(Duration::from_secs(60));
    });
    println!("status={}", status.unwrap());
    handle.stop(Duration::from_secs(60));
}

/// The place of the rings has room for those of a child, and not for its staging buffers.
fn child_finds_no_room() {
    let handle = started(settings());
    info(100);
    let status = process::run_in_fork(|| {
        (0..20).for_each(info);
        let remaining = handle.flush(Duration::from_millis(200));
        assert!(!remaining.is_empty(), "there was room");
    });
    assert_eq!(status.unwrap(), 0);
    handle.stop(Duration::from_secs(60));
}

/// The place of the rings has room for those of the parent alone.
fn child_gets_no_ring() {
    let mut settings = settings();
    let place = std::env::var_os("LOGLOOM_TEST_RINGS").unwrap();
    settings.store.ring_dir = RingDir::Path(place.into());
    let handle = started(settings);
    info(100);
    let status = process::run_in_fork(|| (0..20).for_each(info));
    assert_eq!(status.unwrap(), 0);
    assert!(handle.stop(PATIENCE).is_empty());
}

/// Somebody holds the catalogue when a child registers, for longer than it tries.
fn child_finds_a_busy_catalogue() {
    let handle = started(settings());
    info(100);
    assert!(handle.flush(PATIENCE).is_empty());
    let inside = handle.log_dir().unwrap().join(".logloom");
    let directory = LinuxPlatform.open_directory(&inside, Links::Refuse).unwrap();
    let head = LinuxPlatform.open_at(directory, "head", OpenMode::ReadWrite).unwrap();
    // The writer's thread may be keeping house.
    while !LinuxPlatform.try_lock(head, CATALOGUE_LOCK).unwrap() {
        std::thread::yield_now();
    }
    // The lock is that of the open file, which both have.
    let status = process::run_in_fork(|| {
        (0..20).for_each(info);
        LinuxPlatform.unlock(head, CATALOGUE_LOCK).unwrap();
        assert!(handle.flush(PATIENCE).is_empty());
    });
    assert_eq!(status.unwrap(), 0);
    assert!(handle.stop(PATIENCE).is_empty());
}

#[test]
fn a_child_whose_catalogue_is_busy_keeps_its_records_until_it_is_free() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("child_finds_a_busy_catalogue", dir.path(), &[]);
    recovery::sweep(&open(dir.path()));
    assert_each_once(&lines(dir.path()), (0..20).chain([100]));
}

#[test]
fn records_of_a_child_that_gets_no_ring_are_counted_by_its_parent() {
    let dir = TempDir::new().unwrap();
    let (rings, log) = (dir.path().join("rings"), dir.path().join("log"));
    let Some(_mounted) = small_file_system(&rings, 5) else { return };
    let place = rings.join("logloom").to_string_lossy().into_owned();
    assert_succeeds("child_gets_no_ring", &log, &[("LOGLOOM_TEST_RINGS", &place)]);
    let lines = lines(&log);
    assert_each_once(&lines, std::iter::once(100));
    let is_told = |line: &&serde_json::Value| line["event"] == "logloom.loss";
    let told: Vec<_> = lines.iter().filter(is_told).collect();
    assert!(told.iter().all(|line| line["cause"] == "no_memory"), "{told:?}");
    let count: u64 = told.iter().filter_map(|line| line["count"].as_u64()).sum();
    assert_eq!(count, 20, "{told:?}");
}

#[test]
fn a_child_without_room_for_staging_keeps_its_records_in_its_ring() {
    let dir = TempDir::new().unwrap();
    let (runtime, log) = (dir.path().join("runtime"), dir.path().join("log"));
    let Some(_mounted) = small_file_system(&runtime, 7) else { return };
    let text = runtime.to_string_lossy().into_owned();
    assert_succeeds("child_finds_no_room", &log, &[("XDG_RUNTIME_DIR", &text)]);
    // The parent's segment is gone, and there is room.
    let report = recovery::sweep(&open(&log));
    assert!(report.problems.is_empty(), "{report:?}");
    assert_each_once(&lines(&log), (0..20).chain([100]));
}

#[test]
fn a_child_that_is_killed_at_its_first_steps_keeps_what_it_logged() {
    let steps = [
        ("register_locked:2", 0),
        ("register_slot:2", 0),
        ("stage_before_staged", 1),
        ("stage_after_staged", 1),
        ("append_half", 1),
        ("applied_before", 1),
    ];
    for (step, least) in steps {
        let dir = TempDir::new().unwrap();
        let output = output("child_is_killed", dir.path(), &[("LOGLOOM_KILL_AT", step)]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let logged: Vec<u64> =
            text.lines().filter_map(|line| line.split_once("logged=")?.1.parse().ok()).collect();
        assert!(logged.len() >= least && !text.contains("status=0"), "{step}: {text}");
        let report = recovery::sweep(&open(dir.path()));
        assert!(report.problems.is_empty(), "{step}: {report:?}");
        let mut found = BTreeMap::new();
        for number in lines(dir.path()).iter().filter_map(|line| line["number"].as_u64()) {
            *found.entry(number).or_insert(0) += 1;
        }
        assert!(found.values().all(|times| *times == 1), "{step}: {found:?}");
        assert!(logged.iter().all(|number| found.contains_key(number)), "{step}: {found:?}");
    }
}
