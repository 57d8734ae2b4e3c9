//! A pass that is killed at any of its steps: no line is lost or doubled, and the next pass finishes.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use logloom_store::index::IndexSettings;
use logloom_store::life::LifeSettings;
use logloom_store::read::Order;
use logloom_store::steps::Step;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Codec, Directory, NoSegments, Options};

use super::{House, keep, line, names, read_all};

/// Compresses all and deletes all but the newest file.
fn settings() -> LifeSettings {
    LifeSettings {
        compress_after_days: Some(0),
        retention_days: Some(12),
        codec: Codec::Gzip,
        index: IndexSettings::default(),
        ..LifeSettings::none()
    }
}

/// Not a test of its own: the process that is killed.
#[test]
fn entry() {
    let Some(path) = std::env::var_os("LIFE_TEST_DIRECTORY") else { return };
    let directory =
        Directory::open(Path::new(&path), Options::default(), Arc::new(LinuxPlatform)).unwrap();
    directory.keep_house(&settings(), &NoSegments, &|| false).unwrap();
}

fn killed_at(path: &Path, step: &str) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["life::kills::entry", "--exact", "--nocapture", "--quiet"])
        .env("LIFE_TEST_DIRECTORY", path)
        .env("LOGLOOM_KILL_AT", step)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success() || status.signal() == Some(9), "{status}");
    !status.success()
}

/// Three files to compress, two to delete, whenever the test runs.
fn fill(house: &House) -> Vec<(String, Vec<u8>)> {
    let today = LinuxPlatform.day();
    let mut kept = Vec::new();
    for back in [40, 30, 3, 2, 1] {
        let name = format!("{}.jsonl", logloom_store::Day::from_number(today - back).unwrap());
        let text: String = (0..3000).map(|n| line(u64::from(back) * 10_000 + n)).collect();
        std::fs::write(house.path(&name), &text).unwrap();
        if back < 12 {
            kept.push((name, text.into_bytes()));
        }
    }
    kept
}

trait Today {
    fn day(&self) -> u32;
}

impl Today for LinuxPlatform {
    fn day(&self) -> u32 {
        logloom_store::Day::from_unix_ns(logloom_store::sys::Platform::realtime_ns(self)).number()
    }
}

#[test]
fn a_kill_at_any_step_loses_and_doubles_nothing() {
    // The index of an open file has a test of its own.
    let is_of_closed =
        |step: &&Step| step.name().starts_with("life_") && **step != Step::HotWritten;
    let steps = Step::ALL.iter().filter(is_of_closed);
    for (step, nth) in steps.flat_map(|step| [(step, 1), (step, 2)]) {
        let house = House::new();
        house.platform.now_ns.store(0, std::sync::atomic::Ordering::Relaxed);
        let kept = fill(&house);
        let what = format!("{}:{nth}", step.name());
        assert!(killed_at(&house.root.path().join("log"), &what), "{what} was not reached");
        let after_kill: Vec<_> = read_all(&house.reader());
        for file in &kept {
            assert_eq!(after_kill.iter().filter(|one| *one == file).count(), 1, "{what}");
        }
        let directory = house.open();
        keep(&directory, &settings());
        assert_eq!(read_all(&directory), kept, "{what}");
        for file in directory.snapshot(Order::OldestFirst).unwrap().files {
            let index = directory.open_index(&file).unwrap_or_else(|why| panic!("{what}: {why}"));
            assert_eq!(index.lines(), 3000, "{what}");
        }
        let names = [house.names(), names(&house.path(".logloom"))].concat();
        assert_eq!(names.iter().filter(|name| name.ends_with(".jsonl.gz")).count(), 3, "{what}");
        let left = names.iter().any(|name| name.ends_with(".jsonl") || name.contains(".life-"));
        assert!(!left, "{what}: {names:?}");
    }
}
