//! What the test processes do, and how a test starts one.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use logloom_core::settings::{Durability, ForeignDay, Policy, Settings};
use logloom_core::{Emitter, Handle, emit, runtime};
use logloom_record::{Level, MessageKind, Record};
use logloom_ring::front::{Call, emit as call};
use logloom_ring::process;
use logloom_ring::site::Site;
use logloom_store::read::{Follow, Start};
use logloom_store::sys::{LinuxPlatform, kill_self};
use logloom_store::{Directory, Options};

/// Longer than anything takes here on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts this test binary as the program `name`, logging to `dir`.
pub(crate) fn start(name: &str, dir: &Path, variables: &[(&str, &str)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "program", "--nocapture", "--test-threads=1"])
        .env("LOGLOOM_TEST_PROGRAM", name)
        .env("LOGLOOM_TEST_DIR", dir)
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs a program to its end.
pub(crate) fn output(name: &str, dir: &Path, variables: &[(&str, &str)]) -> Output {
    start(name, dir, variables).wait_with_output().unwrap()
}

/// Every line of every day file, parsed.
pub(crate) fn lines(dir: &Path) -> Vec<serde_json::Value> {
    let mut names: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    names.sort();
    let mut lines = Vec::new();
    for name in names {
        let bytes = std::fs::read(&name).unwrap();
        assert!(bytes.is_empty() || bytes.ends_with(b"\n"), "a torn line in {}", name.display());
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            lines.push(serde_json::from_slice(line).unwrap());
        }
    }
    lines
}

static INFO: Site = Site::new(
    Level::Info,
    "it::program",
    file!(),
    line!(),
    "counted",
    MessageKind::Literal,
    &["number", "password"],
);
static ERROR: Site = Site::new(
    Level::Error,
    "it::program",
    file!(),
    line!(),
    "counted error",
    MessageKind::Literal,
    &["number"],
);

pub(crate) fn info(number: u64) {
    let call_with = Call { message: None, fields: (&number, (&"hunter2", ())) };
    call(&INFO, INFO.word(), Level::Info, &call_with);
}

pub(crate) fn error(number: u64) {
    call(&ERROR, ERROR.word(), Level::Error, &Call { message: None, fields: (&number, ()) });
}

pub(crate) fn settings() -> Settings {
    let mut settings = Settings { service: "it".to_owned(), ..Settings::default() };
    settings.store.dir = vec![std::env::var_os("LOGLOOM_TEST_DIR").unwrap().into()];
    settings
}

pub(crate) fn started(settings: Settings) -> Handle {
    runtime::start(settings, &[]).unwrap()
}

pub(crate) fn run(name: &str) {
    match name {
        "returns" => returns(),
        "exits" => exits(),
        "killed" => killed(),
        "killed_idle" => killed_idle(),
        "threads" => threads(),
        "forks" => forks(),
        "floods" => floods(),
        "large" => large(),
        "durable" => durable(),
        "dynamic" => dynamic(),
        "imports" => imports(),
        "emitter" => emitter(),
        "steady" => steady(),
        "crowded" => crowded(),
        "lives" => lives(),
        "panics" => panics(),
        "prompt" => prompt(),
        "many_fields" => many_fields(),
        "limited" => limited(),
        "fails_over" => fails_over(),
        "small" => small(),
        "closes" => super::descriptors::closes(),
        other => {
            let runs = [
                super::groups::run,
                super::order::run,
                super::lives::run,
                super::numbers::run,
                super::power::run,
                super::forked::run,
                super::masks::run,
            ];
            assert!(runs.iter().any(|run| run(other)), "no program {other}")
        }
    }
}

fn returns() {
    let handle = started(settings());
    (0..100).for_each(info);
    assert!(handle.flush(PATIENCE).is_empty());
    error(100);
    assert!(handle.stop(PATIENCE).is_empty());
}

/// Ends without a flush: the drain at the end of the process does it.
fn exits() {
    let _ = started(settings());
    (0..1_000).for_each(info);
    std::process::exit(7);
}

fn killed() {
    let _ = started(settings());
    (0..1_000).for_each(info);
    (1_000..1_010).for_each(error);
    kill_self();
}

/// Killed when all of its records are in the log.
fn killed_idle() {
    let handle = started(settings());
    (0..1_010).for_each(info);
    assert!(handle.flush(PATIENCE).is_empty());
    kill_self();
}

/// Many short threads, which share pooled rings, and some long ones.
fn threads() {
    let handle = started(settings());
    for round in 0..20_u64 {
        std::thread::scope(|scope| {
            for thread in 0..10_u64 {
                scope.spawn(move || {
                    let first = (round * 10 + thread) * 50;
                    (first..first + 50).for_each(info);
                });
            }
        });
    }
    assert!(handle.metrics().rings <= 40, "rings are pooled: {}", handle.metrics().rings);
    assert!(handle.stop(PATIENCE).is_empty());
}

/// Forks children that log, while the parent's threads go on.
fn forks() {
    let handle = started(settings());
    let children: u64 = std::env::var("LOGLOOM_TEST_FORKS").unwrap().parse().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..3_u64 {
            scope.spawn(move || (thread * 1_000..(thread + 1) * 1_000).for_each(info));
        }
        for child in 0..children {
            fork_one(10_000 + child * 2);
        }
    });
    assert!(handle.stop(PATIENCE).is_empty());
}

fn fork_one(first: u64) {
    let status = process::run_in_fork(|| {
        info(first);
        error(first + 1);
    });
    assert_eq!(status.unwrap(), 0);
}

/// More than a small ring takes, under the policy that the test names.
fn floods() {
    let mut settings = settings();
    settings.ring.bytes_per_thread = 64 << 10;
    settings.overflow.default =
        Policy::parse(&std::env::var("LOGLOOM_TEST_POLICY").unwrap()).unwrap();
    let handle = started(settings);
    (0..200_000).for_each(info);
    (0..2_000).for_each(error);
    assert!(handle.stop(PATIENCE).is_empty());
    let metrics = handle.metrics();
    let lines: u64 = metrics.lines.iter().sum();
    println!("dropped={} lines={lines}", metrics.dropped_total());
}

fn large() {
    let handle = started(settings());
    for size in [100_000, 300_000, 900_000, 3_000_000] {
        emit::record(&Record::new(Level::Info, "it::large", "x".repeat(size)));
        emit::record(&Record::new(Level::Error, "it::large", "\u{1}".repeat(size / 3)));
    }
    assert!(handle.stop(PATIENCE).is_empty());
}

fn durable() {
    let mut settings = settings();
    settings.store.durability = Durability::Level { at_least: Level::Error };
    let handle = started(settings);
    info(0);
    error(1);
    // The call has waited: the record is in the file without a flush.
    let dir = std::env::var_os("LOGLOOM_TEST_DIR").unwrap();
    assert!(lines(Path::new(&dir)).iter().any(|line| line["number"] == 1));
    handle.stop(Duration::from_secs(5));
}

fn dynamic() {
    // More than a ring holds, which a busy machine may not empty in time.
    let mut settings = settings();
    settings.overflow.default = Policy::Block;
    let handle = started(settings);
    for number in 0..10_000_u64 {
        let module = format!("module.{}", number % 5_000);
        let mut record = Record::new(Level::Warn, module, "dynamic");
        record = record.with(format!("key{number}"), number);
        record = record.with("api_key", "sk-secret".to_owned());
        emit::record(&record);
    }
    assert!(handle.stop(PATIENCE).is_empty());
}

/// Noon of 2001-02-03 and of the day after, nanoseconds since 1970.
const NOONS: [i64; 2] = [981_201_600_000_000_000, 981_288_000_000_000_000];

/// Two threads take over old records of one day each, and one from before 1970; then a kill.
fn imports() {
    let mut settings = Settings { foreign_day: ForeignDay::Own, ..settings() };
    settings.overflow.default = Policy::Block;
    let handle = started(settings);
    let old = |time_ns: i64| Record { time_ns: Some(time_ns), ..Record::new(Level::Info, "", "") };
    emit::record(&old(-1).with("number", 10_000_u64));
    std::thread::scope(|scope| {
        for (thread, noon) in NOONS.into_iter().enumerate() {
            scope.spawn(move || {
                for number in 0..5_000_i32 {
                    let time_ns = noon + i64::from(number) * 1_000;
                    let number = thread as u64 * 5_000 + u64::from(number as u32);
                    emit::record(&old(time_ns).with("number", number));
                }
            });
        }
    });
    println!("batches={}", handle.metrics().batches);
    kill_self();
}

/// Hands every record over twice, once in each way.
fn emitter() {
    let mut settings = settings();
    settings.overflow.default = Policy::Block;
    let handle = started(settings);
    let mut emitter = Emitter::new().unwrap();
    for number in 0..6_000_u64 {
        let mut record = Record::new(Level::Info, format!("module.{}", number % 4_500), "words");
        record.time_ns = Some(logloom_ring::clock::real_time());
        record.template = (number % 3 == 0).then(|| "words {number}".to_owned());
        record.service = (number % 5 == 0).then(|| "other".to_owned());
        record.trace_id = (number % 7 == 0).then(|| "trace".to_owned());
        record = record.with("number", number).with(format!("key{number}"), "x".repeat(90));
        if number % 100 == 0 {
            record = record.with("api_key", "sk-secret").with("number", number);
        }
        if number == 50 {
            record = record.with("long", "y".repeat(2 << 20));
        }
        emit::record(&record);
        emitter.record(&record);
    }
    assert!(handle.stop(PATIENCE).is_empty());
}

/// A marker that a system call trace shows.
fn mark(name: &str) {
    let _ = std::fs::metadata(format!("/logloom-{name}"));
}

fn pause() {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_micros(20) {
        std::hint::spin_loop();
    }
}

fn page_faults() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    fields.split_ascii_whitespace().nth(7).unwrap().parse().unwrap()
}

/// Logs at a steady pace between two markers, after a first record of each site.
fn steady() {
    let handle = started(settings());
    (0..2_000).for_each(info);
    error(2_000);
    assert!(handle.flush(PATIENCE).is_empty());
    // The first time is a page fault by itself: the code that reads the number is used for the first time.
    page_faults();
    let faults = page_faults();
    mark("begin");
    // Less than a quarter of the ring: more may wake a writer that a busy machine holds up.
    (0..600).for_each(|number| {
        info(number);
        pause();
    });
    mark("end");
    // After silence, and silence is what a stopped thread looks like, an ERROR may wake the writer.
    (0..200).for_each(|number| {
        error(number);
        pause();
    });
    mark("errors-end");
    // Several times around the ring.
    (0..20_000).for_each(|number| {
        info(number);
        pause();
    });
    println!("faults={}", page_faults() - faults);
    handle.stop(Duration::from_secs(5));
}

/// Logs among others two records whose rendering panics.
fn panics() {
    let handle = started(settings());
    (0..10).for_each(info);
    for _ in 0..2 {
        emit::record(&Record::new(Level::Info, "planted", "makes the writer panic"));
    }
    (10..20).for_each(info);
    assert!(handle.flush(PATIENCE).is_empty());
    assert_eq!(handle.metrics().restarts, 4, "each tried twice, then set aside");
    assert!(handle.stop(PATIENCE).is_empty());
}

/// More errors than the first directory has room for; the second one takes the rest.
fn fails_over() {
    let mut settings = settings();
    settings.store.dir.push(std::env::var_os("LOGLOOM_TEST_SECOND").unwrap().into());
    settings.overflow.timeout = Duration::from_millis(200);
    let handle = started(settings);
    (0..60_000).for_each(error);
    assert!(handle.flush(PATIENCE).is_empty());
    assert_eq!(handle.metrics().failover_switches, 1);
    assert!(handle.stop(PATIENCE).is_empty());
}

/// One record whose fields' names and numbers alone are larger than a record may be.
fn many_fields() {
    let handle = started(settings());
    let mut record = Record::new(Level::Info, "it::many", "many");
    for number in 0..60_000_u64 {
        record = record.with(format!("f{number}"), number);
    }
    emit::record(&record);
    assert!(handle.stop(PATIENCE).is_empty());
}

/// Runs where no file may be large: logging may fail to start, and the program goes on.
fn limited() {
    if let Ok(handle) = runtime::start(settings(), &[]) {
        (0..100_000).for_each(info);
        handle.stop(Duration::from_secs(5));
    }
}

/// How long a record takes from the call to the file, while the process logs and after silence.
fn prompt() {
    let handle = started(settings());
    let dir = std::env::var_os("LOGLOOM_TEST_DIR").unwrap();
    info(0);
    handle.flush(PATIENCE);
    let directory = Directory::open(Path::new(&dir), Options::default(), Arc::new(LinuxPlatform));
    let mut follow = Follow::new(&directory.unwrap(), Start::End).unwrap();
    let mut delay = |number: u64, silence: Duration| {
        assert_eq!(follow.next_batch(silence).unwrap(), None, "nothing is logged meanwhile");
        let begin = Instant::now();
        info(number);
        assert!(follow.next_batch(PATIENCE).unwrap().is_some());
        begin.elapsed()
    };
    let mut steady: Vec<_> = (1..100).map(|number| delay(number, Duration::ZERO)).collect();
    let long = Duration::from_millis(400);
    let mut silent: Vec<_> = (100..106).map(|number| delay(number, long)).collect();
    steady.sort();
    silent.sort();
    println!("steady={} silent={}", steady[49].as_micros(), silent[2].as_micros());
    handle.stop(Duration::from_secs(5));
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What the library takes with four threads that log.
fn small() {
    let before = resident();
    let handle = started(settings());
    let barrier = std::sync::Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                (0..20_000).for_each(info);
                barrier.wait();
            });
        }
    });
    handle.flush(Duration::from_secs(10));
    let resident = resident() - before;
    println!("resident={resident} segment={}", handle.metrics().segment_bytes / 1024);
    handle.stop(Duration::from_secs(5));
}

/// The life of a runtime, by the contract of every part.
fn lives() {
    let handle = started(settings());
    let broken = logloom_testkit::lifecycle::broken_rules(&handle, &|| {
        info(1);
        error(2);
    });
    assert!(broken.is_empty(), "{broken:#?}");
    assert_eq!(handle.metrics().before_init, 2, "what came after the stop is counted");
}

/// More threads at once than there is room for rings: most of them share.
fn crowded() {
    let mut settings = settings();
    settings.ring.total = 16 << 20;
    settings.overflow.default = Policy::Block;
    let handle = started(settings);
    let barrier = std::sync::Barrier::new(60);
    std::thread::scope(|scope| {
        for thread in 0..60_u64 {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                (thread * 200..(thread + 1) * 200).for_each(info);
                barrier.wait();
            });
        }
    });
    assert!(handle.metrics().segment_bytes <= 16 << 20, "{}", handle.metrics().segment_bytes);
    assert!(handle.stop(PATIENCE).is_empty());
}
