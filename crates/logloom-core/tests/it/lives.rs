//! Lives of a runtime that are not straight: a start after a stop, two starts at once, fork children
//! with their parent's handle, call-backs that ask for everything, threads that wait for themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use logloom_core::settings::{Durability, Policy};
use logloom_core::{Alert, Handle, StartError, State, emit, recovery, runtime};
use logloom_record::{Level, Record};
use logloom_ring::process;
use tempfile::TempDir;

use super::program::{error, info, lines, settings, started};
use super::runtime::{assert_each_once, assert_succeeds, open};

/// Longer than anything takes here on a busy machine.
const SECONDS: Duration = Duration::from_secs(30);

fn dynamic(number: u64) {
    emit::record(&Record::new(Level::Info, "it::lives", "dynamic").with("number", number));
}

/// Runs one of the programs below, when it has this name.
pub(crate) fn run(name: &str) -> bool {
    match name {
        "restarts" => restarts(),
        "outlived" => outlived(),
        "starts_at_once" => starts_at_once(),
        "forks_with_handle" => forks_with_handle(),
        "child_stops_first" => child_stops_first(),
        "calls_back" => calls_back(),
        "waits_for_itself" => waits_for_itself(),
        "updates" => updates(),
        "wide" => wide(),
        "pauses" => pauses(),
        _ => return false,
    }
    true
}

/// The same call sites in several lives of the library, then with another level.
fn restarts() {
    for round in 0..3 {
        let handle = started(settings());
        (round * 10..round * 10 + 10).for_each(info);
        dynamic(100 + round);
        assert!(handle.stop(Duration::MAX).is_empty());
    }
    let mut warnings_only = settings();
    warnings_only.levels.default = Level::Warn;
    let handle = started(warnings_only);
    logloom_ring::site::for_each(|site| {
        let is_on = site.word() != logloom_ring::site::OFF;
        assert_eq!(is_on, site.level >= Level::Warn, "{}", site.template);
    });
    error(200);
    assert!(handle.stop(SECONDS).is_empty());
}

#[test]
fn a_call_site_is_known_in_every_life() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("restarts", dir.path(), &[]);
    assert_each_once(&lines(dir.path()), (0..30).chain(100..103).chain([200]));
}

/// A thread that has rings of a first life logs and ends in the second: none of what it logs there goes into
/// the rings of the first.
fn outlived() {
    let blocking = || {
        let mut settings = settings();
        settings.overflow.default = Policy::Block;
        settings
    };
    let handle = started(blocking());
    let (end, ends) = std::sync::mpsc::channel::<()>();
    let (logged, has_logged) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        info(1);
        logged.send(()).unwrap();
        let _ = ends.recv();
        (1_000..21_000).for_each(info);
    });
    has_logged.recv().unwrap();
    assert!(handle.stop(SECONDS).is_empty());
    let handle = started(blocking());
    drop(end);
    thread.join().unwrap();
    std::thread::spawn(|| (2..12).for_each(info)).join().unwrap();
    assert!(handle.flush(SECONDS).is_empty());
    let dir = std::env::var_os("LOGLOOM_TEST_DIR").unwrap();
    let lines = lines(std::path::Path::new(&dir));
    assert_each_once(&lines, (1..12).chain(1_000..21_000));
    assert!(handle.stop(SECONDS).is_empty());
}

#[test]
fn rings_of_an_earlier_life_are_not_used_again() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("outlived", dir.path(), &[]);
    let report = recovery::sweep(&open(dir.path()));
    assert_eq!((report.writers, report.problems.len()), (1, 0), "{report:?}");
    assert_each_once(&lines(dir.path()), (1..12).chain(1_000..21_000));
}

fn starts_at_once() {
    let barrier = Arc::new(std::sync::Barrier::new(8));
    let start = || {
        let barrier = barrier.clone();
        std::thread::spawn(move || {
            barrier.wait();
            runtime::start(settings(), &[])
        })
    };
    let threads: Vec<_> = (0..8).map(|_| start()).collect();
    let outcomes: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let refused = |outcome: &&Result<Handle, _>| matches!(outcome, Err(StartError::AlreadyRunning));
    assert_eq!(outcomes.iter().filter(refused).count(), 7);
    info(1);
    let handle = outcomes.into_iter().find_map(Result::ok).unwrap();
    assert!(handle.stop(SECONDS).is_empty());
}

#[test]
fn of_several_starts_at_once_one_succeeds() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("starts_at_once", dir.path(), &[]);
    assert_each_once(&lines(dir.path()), 1..2);
}

/// A child that flushes, asks and stops with the handle it has inherited, as the drop of a guard in
/// a child does, while records of its parent wait.
fn forks_with_handle() {
    let handle = started(settings());
    (0..100).for_each(info);
    let status = process::run_in_fork(|| {
        let begin = Instant::now();
        assert!(handle.flush(SECONDS).is_empty(), "the parent's records are not the child's");
        assert!(begin.elapsed() < SECONDS);
        assert_eq!(handle.log_dir(), None);
        let warnings = handle.update(|settings| settings.levels.set("it::lives", Level::Warn));
        assert!(warnings.is_empty());
        dynamic(999);
        assert!(!emit::enabled(Level::Info, "it::lives"), "the child takes the change over");
        info(1_000);
        assert!(handle.flush(SECONDS).is_empty());
        assert!(handle.log_dir().is_some());
        info(1_001);
        assert!(handle.stop(SECONDS).is_empty());
        assert_eq!(handle.state(), State::Stopped);
    });
    assert_eq!(status.unwrap(), 0);
    assert_ne!(handle.state(), State::Stopped);
    assert!(emit::enabled(Level::Info, "it::lives"));
    (100..200).for_each(info);
    assert!(handle.stop(SECONDS).is_empty());
}

#[test]
fn a_child_leaves_its_parents_records_alone() {
    // Without a writer's thread the parent's records surely wait at the fork.
    for variables in [&[("LOGLOOM_PLANT", "no-thread")][..], &[]] {
        let dir = TempDir::new().unwrap();
        assert_succeeds("forks_with_handle", dir.path(), variables);
        assert_each_once(&lines(dir.path()), (0..200).chain(999..1_002));
    }
}

/// A child that stops before it has logged, and then starts anew.
fn child_stops_first() {
    let handle = started(settings());
    (0..100).for_each(info);
    let status = process::run_in_fork(|| {
        assert!(handle.stop(SECONDS).is_empty());
        assert_eq!(handle.state(), State::Stopped);
        info(500);
        assert_eq!(handle.metrics().before_init, 1, "what is refused is counted");
        assert_eq!(handle.log_dir(), None, "nothing was started");
        let own = started(settings());
        info(1_000);
        assert!(own.stop(SECONDS).is_empty());
        info(501);
        assert_eq!(own.metrics().before_init, 2);
    });
    assert_eq!(status.unwrap(), 0);
    assert_ne!(handle.state(), State::Stopped);
    (100..200).for_each(info);
    assert!(handle.stop(SECONDS).is_empty());
    let status = process::run_in_fork(|| {
        info(502);
        assert_eq!(
            handle.metrics().before_init,
            1,
            "a child of a stopped program is refused as well"
        );
    });
    assert_eq!(status.unwrap(), 0);
}

#[test]
fn a_child_may_stop_before_it_logs_and_start_anew() {
    for variables in [&[("LOGLOOM_PLANT", "no-thread")][..], &[]] {
        let dir = TempDir::new().unwrap();
        assert_succeeds("child_stops_first", dir.path(), variables);
        assert_each_once(&lines(dir.path()), (0..200).chain([1_000]));
    }
}

/// A call-back that asks for all there is, at alerts of every way to another place: no file can
/// grow any more, then it can again.
fn calls_back() {
    let mut settings = settings();
    settings.overflow.timeout = Duration::from_millis(100);
    let handle = started(settings);
    let (asked, asking) = (Arc::new(AtomicUsize::new(0)), handle.clone());
    let count = asked.clone();
    handle.on_alert(Box::new(move |alert| {
        asking.on_alert(Box::new(|_| {}));
        let _ = (asking.log_dir(), asking.state(), asking.metrics());
        asking.update(|settings| settings.levels.default = Level::Debug);
        dynamic(5_000);
        if matches!(alert, Alert::Switched { .. } | Alert::WriteFailed { .. }) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }));
    info(0);
    assert!(handle.flush(SECONDS).is_empty());
    let own = std::process::id().to_string();
    let limit = std::process::Command::new("prlimit").args(["--pid", &own, "--fsize=0:"]).status();
    if !limit.is_ok_and(|status| status.success()) {
        println!("skipped: no prlimit");
        return;
    }
    while asked.load(Ordering::Relaxed) < 2 {
        error(1);
    }
    assert!(handle.flush(SECONDS).is_empty());
    handle.stop(SECONDS);
}

#[test]
fn a_call_back_may_ask_for_anything() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("calls_back", dir.path(), &[]);
}

/// The writer's own thread logs more than its ring takes, and waits for the device.
fn waits_for_itself() {
    let mut settings = settings();
    settings.ring.bytes_per_thread = 16 << 10;
    settings.overflow.default = Policy::Block;
    settings.store.durability = Durability::Level { at_least: Level::Error };
    let handle = started(settings);
    let (done, flushing) = (Arc::new(AtomicUsize::new(0)), handle.clone());
    let count = done.clone();
    handle.each_second(Box::new(move || {
        if count.load(Ordering::Relaxed) == 0 {
            (0..1_000).for_each(info);
            error(1_000);
            assert!(flushing.flush(SECONDS).is_empty());
            count.store(1, Ordering::Relaxed);
        }
    }));
    while done.load(Ordering::Relaxed) == 0 {
        std::thread::yield_now();
    }
    assert!(handle.stop(SECONDS).is_empty());
}

#[test]
fn the_writer_never_waits_for_itself() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("waits_for_itself", dir.path(), &[]);
    assert_each_once(&lines(dir.path()), 0..1_001);
}

/// Threads that each change a setting of their own, again and again.
fn updates() {
    let handle = started(settings());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let handle = handle.clone();
            scope.spawn(move || {
                for number in 0..50 {
                    let module = format!("m{thread}.n{number}");
                    handle.update(|settings| settings.levels.set(&module, Level::Warn));
                }
            });
        }
    });
    assert_eq!(handle.settings().levels.by_module.len(), 200);
    handle.stop(SECONDS);
}

#[test]
fn no_change_of_settings_is_lost() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("updates", dir.path(), &[]);
}

/// Waits until so many of this process's threads are writers: one that has ended is still listed for
/// some microseconds.
fn await_writers(count: usize) {
    let start = Instant::now();
    let is_writer = |name: String| name.trim() == "logloom-writer";
    loop {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let names = tasks.flatten().map(|task| std::fs::read_to_string(task.path().join("comm")));
        let writers = names.flatten().filter(|name| is_writer(name.clone())).count();
        if writers == count {
            return;
        }
        assert!(start.elapsed() < SECONDS, "{writers} writers instead of {count}");
        std::thread::yield_now();
    }
}

/// The writer's thread ends and begins again, also while nobody but the caller writes.
fn pauses() {
    let handle = started(settings());
    for round in 0..20 {
        info(round * 2);
        handle.pause();
        await_writers(0);
        info(round * 2 + 1);
        if round % 2 == 0 {
            assert!(handle.flush(SECONDS).is_empty());
        }
        handle.resume();
        handle.resume();
        await_writers(1);
    }
    handle.pause();
    assert!(handle.stop(SECONDS).is_empty());
}

#[test]
fn a_pause_leaves_no_thread_and_loses_nothing() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("pauses", dir.path(), &[]);
    assert_each_once(&lines(dir.path()), 0..40);
}

/// More waits than a staging buffer takes, with limits beyond those that are valid.
fn wide() {
    let mut settings = settings();
    settings.ring.bytes_per_thread = 4 << 20;
    settings.ring.max_record = 16 << 20;
    settings.batch.max_batch_bytes = 64 << 20;
    let handle = started(settings);
    (0..16_000).for_each(info);
    emit::record(&Record::new(Level::Info, "it::lives", "x".repeat(3 << 20)));
    assert!(handle.stop(SECONDS).is_empty());
    assert_eq!((handle.metrics().restarts, handle.metrics().dropped_total()), (0, 0));
}

#[test]
fn batches_fit_their_buffer_whatever_the_settings_say() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("wide", dir.path(), &[("LOGLOOM_PLANT", "no-thread")]);
    let lines = lines(dir.path());
    assert_eq!(lines.len(), 16_001);
    assert_each_once(&lines, 0..16_000);
}
