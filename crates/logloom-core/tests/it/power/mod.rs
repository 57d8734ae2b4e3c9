//! Rings on a disk after a power loss: the device has each page of segment, catalogue and day files as
//! it was at some moment of its own.

mod disk;
mod life;
mod oracle;

use std::os::unix::fs::FileExt;
use std::path::Path;

use logloom_core::recovery::{self, Report};
use logloom_ring::clock::{ClockKind, ticks};
use tempfile::TempDir;

use super::program::output;
use super::runtime::open;
use disk::PAGE;
use life::Life;
use oracle::{Log, message};

/// Runs one of the programs below, when it has this name.
pub(crate) fn run(name: &str) -> bool {
    match name {
        "sweeps" => sweeps(),
        _ => return false,
    }
    true
}

fn sweeps() {
    let dir = std::env::var_os("LOGLOOM_TEST_DIR").unwrap();
    let report = recovery::sweep(&open(Path::new(&dir)));
    assert_eq!(report.problems, Vec::<String>::new());
}

fn swept(log: &Path) -> Report {
    let report = recovery::sweep(&open(log));
    assert_eq!((report.writers, &report.problems), (1, &Vec::new()), "{report:?}");
    report
}

/// A directory of many small files that need not outlive the machine, where there is such a place.
fn quick_dir() -> TempDir {
    TempDir::new_in("/dev/shm").unwrap_or_else(|_| TempDir::new().unwrap())
}

/// A life at random: records, batches, and pages that are written back meanwhile.
fn lived(root: &Path, seed: u64) -> Life {
    let mut life = Life::begin(root, seed, 3, ClockKind::RealTime);
    let mut next = 0;
    for _ in 0..20 {
        let (ring, puts, steps, quiet) = {
            let random = &mut life.disk.lock().unwrap().random;
            (random.below(3) as u32, random.below(30), random.below(9), random.below(20_000))
        };
        for _ in 0..puts {
            // Often several within a microsecond.
            life.now += 400;
            next += u64::from(life.put(ring, life.now, &message(next), Some(next)));
        }
        (0..steps).take_while(|_| life.step()).count();
        life.now += quiet;
        life.disk.lock().unwrap().write_back();
    }
    life
}

/// What is wrong in a log that has been recovered.
fn faults(log: &Log, before: &Log, held: &oracle::Held) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, times) in &log.numbers {
        if *times > 1 {
            faults.push(format!("{number} stands there {times} times"));
        }
    }
    for number in before.numbers.keys().chain(&held.numbers) {
        if !log.numbers.contains_key(number) {
            faults.push(format!("{number} is missing"));
        }
    }
    if !held.is_mixed && log.strange > 0 {
        faults.push(format!("{} strange lines", log.strange));
    }
    faults
}

#[test]
fn after_a_power_loss_nothing_that_was_kept_is_lost_or_doubled() {
    let (mut skipped, mut written) = (0, 0);
    for seed in 1..=80 {
        let dir = quick_dir();
        let life = lived(dir.path(), seed * 0x9E37_79B9);
        let held = oracle::held(&life.disk.lock().unwrap().segment.bytes, &life);
        let log = life.lost();
        // Which repairs the files.
        drop(open(&log));
        let before = oracle::log(&log);
        let report = swept(&log);
        let faults = faults(&oracle::log(&log), &before, &held);
        assert!(faults.is_empty(), "seed {seed}: {faults:?}\n{report:?}");
        skipped += report.skipped;
        written += report.lines;
    }
    assert!(skipped > 50 && written > 50, "{skipped} skipped, {written} written");
}

#[test]
fn a_recovery_after_a_power_loss_may_be_killed_at_any_step() {
    let steps = [
        "recovery_adopted",
        "append_intent",
        "append_pending",
        "append_half",
        "append_written",
        "append_committed",
        "append_done",
        "append_unlocked",
        "split_created",
        "stage_before_staged",
        "stage_after_staged",
        "ring_advance_partial",
        "applied_before",
        "applied_after",
        "recovery_drained",
    ];
    for (seed, step) in (1_000..).zip(steps) {
        let dir = quick_dir();
        let life = lived(dir.path(), seed * 0x9E37_79B9);
        let held = oracle::held(&life.disk.lock().unwrap().segment.bytes, &life);
        let log = life.lost();
        // Which repairs the files.
        drop(open(&log));
        let before = oracle::log(&log);
        for time in ["1", "2"] {
            output("sweeps", &log, &[("LOGLOOM_KILL_AT", &format!("{step}:{time}"))]);
        }
        recovery::sweep(&open(&log));
        let faults = faults(&oracle::log(&log), &before, &held);
        assert!(faults.is_empty(), "seed {seed}, {step}: {faults:?}");
    }
}

/// The device has all of the end but the words, which are of the moment when `early` was called.
fn with_old_words(life: Life, early: &[u8]) -> std::path::PathBuf {
    let mut disk = life.disk.lock().unwrap();
    disk.write_all_back();
    // The page of `staged` and `applied`, and the first of the ring table.
    for page in [1, 2] {
        let range = page * PAGE..(page + 1) * PAGE;
        disk.segment.bytes[range.clone()].copy_from_slice(&early[range]);
    }
    drop(disk);
    life.lost()
}

#[test]
fn words_that_are_older_than_the_file_double_nothing() {
    let mut kinds = vec![ClockKind::RealTime];
    kinds.extend(cfg!(target_arch = "x86_64").then_some(ClockKind::Cycles));
    for clock in kinds {
        let dir = TempDir::new().unwrap();
        let mut life = Life::begin(dir.path(), 7, 1, clock);
        let mut early = Vec::new();
        for number in 0..30 {
            let now = ticks(life.clock());
            assert!(life.put(0, now, &message(number), Some(number)));
            if number == 20 {
                early = std::fs::read(&life.disk.lock().unwrap().segment.path).unwrap();
            }
            if number % 8 == 7 {
                while life.step() {}
            }
        }
        let log = with_old_words(life, &early);
        let report = swept(&log);
        // The old words say that the records from 16 to 20 wait.
        assert_eq!((report.skipped, report.lines), (5, 0), "{clock:?}");
        let numbers = oracle::log(&log).numbers;
        assert!(numbers.values().all(|times| *times == 1), "{clock:?}: {numbers:?}");
        assert!((0..24).all(|number| numbers.contains_key(&number)), "{clock:?}: {numbers:?}");
    }
}

/// The only clock pair is that of the start.
#[cfg(target_arch = "x86_64")]
#[test]
fn records_are_known_again_by_the_first_clock_pair_alone() {
    let dir = TempDir::new().unwrap();
    let mut life = Life::begin(dir.path(), 7, 1, ClockKind::Cycles);
    for number in 0..8 {
        let now = ticks(life.clock());
        assert!(life.put(0, now, &message(number), Some(number)));
    }
    let path = life.disk.lock().unwrap().segment.path.clone();
    let early = std::fs::read(&path).unwrap();
    while life.step() {}
    disk::open(&path).write_all_at(&[0; 24], life::SECOND_CLOCK_PAIR).unwrap();
    let log = with_old_words(life, &early);
    let report = swept(&log);
    assert_eq!((report.skipped, report.lines), (8, 0), "the old words say that all wait");
    let numbers = oracle::log(&log).numbers;
    assert!(numbers.len() == 8 && numbers.values().all(|times| *times == 1), "{numbers:?}");
}

/// Three equal records of one microsecond, of which one batch took one.
fn three_equal(root: &Path) -> (Life, Vec<u8>) {
    let mut life = Life::begin(root, 7, 1, ClockKind::RealTime);
    let now = life.now;
    assert!(life.put(0, now, "equal", None));
    let early = std::fs::read(&life.disk.lock().unwrap().segment.path).unwrap();
    assert!(life.step());
    assert!(life.put(0, now, "equal", None) && life.put(0, now + 100, "equal", None));
    (life, early)
}

#[test]
fn equal_lines_are_skipped_no_oftener_than_they_stand_in_the_file() {
    let dir = TempDir::new().unwrap();
    let (life, _) = three_equal(dir.path());
    life.disk.lock().unwrap().write_all_back();
    let log = life.lost();
    let report = swept(&log);
    assert_eq!((report.skipped, report.lines), (0, 2), "the first is of a batch before");
    assert_eq!(oracle::log(&log).others["equal"], 3);

    let dir = TempDir::new().unwrap();
    let (life, early) = three_equal(dir.path());
    // All three wait, as the read position says that is older than the batch.
    let (path, at) = (life.disk.lock().unwrap().segment.path.clone(), life::RING_TABLE + 64);
    let read = &early[at as usize..at as usize + 8];
    disk::open(&path).write_all_at(read, at).unwrap();
    life.disk.lock().unwrap().write_all_back();
    let log = life.lost();
    let report = swept(&log);
    assert_eq!((report.skipped, report.lines), (1, 2));
    assert_eq!(oracle::log(&log).others["equal"], 3);
}

#[test]
fn without_the_comparison_lines_come_twice() {
    let dir = TempDir::new().unwrap();
    let (life, early) = three_equal(dir.path());
    let log = with_old_words(life, &early);
    output("sweeps", &log, &[("LOGLOOM_PLANT", "no-comparison")]);
    assert_eq!(oracle::log(&log).others["equal"], 2, "the words of the start hide the last two");
}
