//! Starts and ends, each in a process of its own: this binary runs itself again with one test.

use std::path::Path;
use std::process::{Command, Output};

use logloom::context::Context;
use logloom::{Level, State, debug, info};
use serde_json::Value;

use super::day_file::lines;

/// Says which end the child shall take.
const WAY: &str = "LOGLOOM_TEST_WAY";
/// The child's log directory.
const DIR: &str = "LOGLOOM_TEST_DIR";
/// Records that a child writes before its end.
const RECORDS: usize = 2_000;

/// What a child does; in the parent's run there is nothing to do.
#[test]
fn child() {
    let Ok(way) = std::env::var(WAY) else { return };
    let dir = std::env::var(DIR).unwrap();
    let builder = || logloom::builder().without_config_file().dir(&dir).ring_dir(&dir);
    match &*way {
        "leak" => {
            Box::leak(Box::new(builder().init().unwrap()));
            write(RECORDS);
        }
        "exit" => {
            let _log = builder().init().unwrap();
            write(RECORDS);
            std::process::exit(0);
        }
        "abort" => {
            let _log = builder().init().unwrap();
            write(RECORDS);
            std::process::abort();
        }
        "drop" => drop(builder().init().unwrap()),
        "flush" => {
            let log = builder().init().unwrap();
            write(RECORDS);
            drop(log);
            assert_whole(&records(Path::new(&dir)));
        }
        "early" => {
            let context = Context::new().field("internal_note", "hunter6");
            context.in_scope(|| info!("too early"));
            let _log = builder().mask(["internal_note"]).init().unwrap();
            context.in_scope(|| info!("in time"));
        }
        "unmasked" => {
            let _log = builder().settings(|settings| settings.mask.enabled = false).init().unwrap();
            let context = Context::new().field("api_key", "k-1");
            context.in_scope(|| info!(password = "p-1", "shown"));
        }
        "twice" => twice(&builder),
        "panic" => {
            let _log = builder().panic_hook(true).init().unwrap();
            let _ = std::thread::Builder::new()
                .name("worker".into())
                .spawn(|| panic!("it broke"))
                .unwrap()
                .join();
        }
        "config" => {
            let _log = logloom::init().unwrap();
            info!("runs all the same");
            assert!(logloom::metrics().setting_warnings > 0);
        }
        "recover" => {
            let _log = builder().init().unwrap();
            while logloom::metrics().recovered == 0 {
                std::thread::yield_now();
            }
        }
        "reload" => reload(Path::new(&dir)),
        "hang_up" => hang_up(Path::new(&dir)),
        "span" => {
            let _log = builder().init().unwrap();
            spans_that_log();
        }
        "code" => {
            let _log = builder().settings(|settings| settings.time_digits = 7).init().unwrap();
            info!("runs all the same");
        }
        _ => unreachable!("{way}"),
    }
}

fn write(count: usize) {
    for number in 0..count {
        info!(number, "written");
    }
}

fn twice(builder: &dyn Fn() -> logloom::Builder) {
    assert_eq!(logloom::state(), State::New);
    info!("too early");
    assert!(logloom::set_level("a", Level::Debug).is_err());
    let first = builder().init().unwrap();
    assert_eq!(logloom::metrics().before_init, 1);
    let error = builder().init().unwrap_err();
    assert!(error.to_string().contains("already running"), "{error}");
    // What a `main` that returns it prints.
    assert_eq!(format!("{error:?}"), error.to_string());
    info!("by the first");
    assert_eq!(logloom::state(), State::Running);
    assert!(first.stop().is_empty());
    assert_eq!(logloom::state(), State::Stopped);
    info!("by nobody");
    let second = builder().init().unwrap();
    info!("by the second");
    assert!(second.flush().is_empty());
    assert!(logloom::metrics().prometheus().contains("logloom_events_total{level=\"INFO\"} 1"));
}

/// Changes the file while logging runs, first to a wrong one, then to one that lets DEBUG through.
fn reload(dir: &Path) {
    let _log = logloom::builder().service("from-code").init().unwrap();
    debug!("before");
    for (levels, told) in [("{ nonsense", "not taken over"), ("{ default: DEBUG }", "read again")] {
        write_configuration(dir, levels);
        while !lines(dir).iter().any(|line| line.contains(told)) {
            std::thread::yield_now();
        }
    }
    debug!("after");
}

/// Is told by SIGHUP to read an unchanged file again; without the handler it would end.
fn hang_up(dir: &Path) {
    let _log = logloom::builder().reload_on_hang_up(true).init().unwrap();
    let own = std::process::id().to_string();
    Command::new("kill").args(["-HUP", &own]).status().unwrap();
    while !lines(dir).iter().any(|line| line.contains("read again")) {
        std::thread::yield_now();
    }
}

struct Logs;

impl std::fmt::Debug for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        tracing::info!("within");
        f.write_str("shown")
    }
}

/// Values of a span that log themselves. With a global subscriber, as programs have it: one of a
/// thread alone is not called again from within.
fn spans_that_log() {
    use tracing_subscriber::layer::SubscriberExt as _;
    let subscriber = tracing_subscriber::registry().with(logloom::tracing_layer());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let span = tracing::info_span!("busy", first = ?Logs, late = tracing::field::Empty);
    let _entered = span.enter();
    span.record("late", tracing::field::debug(Logs));
    tracing::info!(own = ?Logs, "after");
}

fn write_configuration(dir: &Path, levels: &str) {
    let yaml = format!("service: shop\nstore: {{ dir: {dir:?} }}\nlevels: {levels}\n");
    std::fs::write(dir.join("logloom.yaml"), yaml).unwrap();
}

/// Runs a child to its end.
fn run(way: &str, dir: &Path) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["life::child", "--exact", "--nocapture"])
        .env(WAY, way)
        .env(DIR, dir)
        .env("LOGLOOM_CONFIG", dir.join("logloom.yaml"))
        .output()
        .unwrap()
}

fn run_well(way: &str, dir: &Path) -> Vec<Value> {
    let output = run(way, dir);
    assert!(output.status.success(), "{way}: {output:?}");
    records(dir)
}

fn records(dir: &Path) -> Vec<Value> {
    lines(dir).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Each number exactly once.
fn assert_whole(records: &[Value]) {
    let mut numbers: Vec<u64> =
        records.iter().filter_map(|record| record["number"].as_u64()).collect();
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(0..RECORDS as u64), "{} records", numbers.len());
}

#[test]
fn a_leaked_guard_and_a_hard_exit_lose_nothing() {
    for way in ["leak", "exit"] {
        let dir = tempfile::tempdir().unwrap();
        assert_whole(&run_well(way, dir.path()));
    }
}

#[test]
fn the_drop_of_the_guard_waits_for_the_writer() {
    let dir = tempfile::tempdir().unwrap();
    assert_whole(&run_well("flush", dir.path()));
}

#[test]
fn what_an_aborted_process_left_is_written_by_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!run("abort", dir.path()).status.success());
    assert_whole(&run_well("recover", dir.path()));
    assert_whole(&run_well("drop", dir.path()));
}

#[test]
fn a_second_start_is_refused_until_the_first_has_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let records = run_well("twice", dir.path());
    let messages: Vec<&str> =
        records.iter().filter_map(|record| record["message"].as_str()).collect();
    assert!(
        messages.contains(&"by the first") && messages.contains(&"by the second"),
        "{messages:?}"
    );
    assert!(!messages.contains(&"by nobody"), "{messages:?}");
}

#[test]
fn a_context_made_before_the_start_is_masked_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let records = run_well("early", dir.path());
    assert_eq!(records.len(), 1, "{records:?}");
    assert!(records[0]["internal_note"].as_str().unwrap().starts_with("[MASKED"), "{records:?}");
}

#[test]
fn without_masking_everything_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let records = run_well("unmasked", dir.path());
    let shown = (&records[0]["password"], &records[0]["api_key"]);
    assert_eq!(shown, (&"p-1".into(), &"k-1".into()), "{records:?}");
}

#[test]
fn a_value_that_logs_disturbs_no_span() {
    let dir = tempfile::tempdir().unwrap();
    let records = run_well("span", dir.path());
    let record = records.iter().find(|record| record["message"] == "after").unwrap();
    for name in ["first", "late", "own"] {
        assert_eq!(record[name], "shown", "{record}");
    }
    assert_eq!(records.iter().filter(|record| record["message"] == "within").count(), 3);
}

#[test]
fn a_panic_is_a_record_when_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let records = run_well("panic", dir.path());
    let record = records.iter().find(|record| record["module"] == "panic").unwrap();
    assert_eq!(
        (&record["level"], &record["message"]),
        (&"FATAL".into(), &"panicked: it broke".into())
    );
    assert_eq!(record["thread_name"], "worker");
    assert!(record["location"].as_str().unwrap().contains("life.rs:"), "{record}");
}

#[test]
fn a_wrong_configuration_stops_nothing_and_is_told_once() {
    let dir = tempfile::tempdir().unwrap();
    write_configuration(dir.path(), "{ default: DEBG }");
    let records = run_well("config", dir.path());
    assert_told(&records, "DEBG");
    assert!(records.iter().all(|record| record["service"] == "shop"), "{records:?}");
}

#[test]
fn a_changed_configuration_is_taken_over_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    write_configuration(dir.path(), "{ default: INFO }");
    let records = run_well("reload", dir.path());
    let messages: Vec<&str> =
        records.iter().filter_map(|record| record["message"].as_str()).collect();
    assert!(!messages.contains(&"before") && messages.contains(&"after"), "{messages:?}");
    assert!(records.iter().all(|record| record["service"] == "from-code"), "{records:?}");
    let read = records.iter().find(|record| record["changed"].is_array()).unwrap();
    assert_eq!(read["changed"], serde_json::json!(["levels.default"]));
}

#[test]
fn a_hang_up_reads_the_configuration_again() {
    let dir = tempfile::tempdir().unwrap();
    write_configuration(dir.path(), "{ default: INFO }");
    assert_eq!(run_well("hang_up", dir.path()).len(), 1);
}

#[test]
fn a_wrong_value_in_code_is_left_out_alone() {
    let dir = tempfile::tempdir().unwrap();
    assert_told(&run_well("code", dir.path()), "time_digits");
}

fn assert_told(records: &[Value], problem: &str) {
    assert!(records.iter().any(|record| record["message"] == "runs all the same"), "{records:?}");
    let told: Vec<&Value> =
        records.iter().filter(|record| record["event"] == "logloom.configuration").collect();
    assert_eq!(told.len(), 1, "{records:?}");
    assert_eq!(told[0]["level"], "WARN");
    assert!(told[0]["problems"].to_string().contains(problem), "{told:?}");
}
