//! Nothing lost, nothing doubled: at a return, an exit, a kill, a fork, a flood.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use logloom_core::recovery;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, Options};
use serde_json::Value;
use tempfile::TempDir;

use super::program::{lines, output};

pub(crate) fn open(dir: &Path) -> Directory {
    Directory::open(dir, Options::default(), Arc::new(LinuxPlatform)).unwrap()
}

/// How often each number stands in the log.
fn numbers(lines: &[Value]) -> BTreeMap<u64, u32> {
    let mut counts = BTreeMap::new();
    for number in lines.iter().filter_map(|line| line["number"].as_u64()) {
        *counts.entry(number).or_insert(0) += 1;
    }
    counts
}

pub(crate) fn assert_each_once(lines: &[Value], expected: impl Iterator<Item = u64>) {
    let mut counts = numbers(lines);
    for number in expected {
        assert_eq!(counts.remove(&number), Some(1), "record {number}");
    }
    assert!(counts.is_empty(), "more than was logged: {counts:?}");
}

pub(crate) fn assert_succeeds(name: &str, dir: &Path, variables: &[(&str, &str)]) -> String {
    let output = output(name, dir, variables);
    let (out, err) = (output.stdout, output.stderr);
    let text = String::from_utf8_lossy(&out).into_owned();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&err));
    text
}

#[test]
fn a_program_that_returns_leaves_all_records_and_no_segment() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("returns", dir.path(), &[]);
    let lines = lines(dir.path());
    assert_each_once(&lines, 0..=100);
    let first = &lines[0];
    assert_eq!(first["service"], "it");
    assert_eq!(first["level"], "INFO");
    assert_eq!(first["module"], "it::program");
    assert_eq!(first["message"], "counted");
    assert_eq!(first["password"], "[MASKED]");
    assert!(open(dir.path()).writers().unwrap().is_empty(), "the slot is free");
}

#[test]
fn a_program_that_exits_without_a_flush_loses_nothing() {
    let dir = TempDir::new().unwrap();
    assert_eq!(output("exits", dir.path(), &[]).status.code(), Some(7));
    assert_each_once(&lines(dir.path()), 0..1_000);
}

#[test]
fn a_killed_program_is_recovered_once() {
    let dir = TempDir::new().unwrap();
    output("killed", dir.path(), &[]);
    let directory = open(dir.path());
    let report = recovery::sweep(&directory);
    assert_eq!((report.writers, report.problems.len()), (1, 0), "{report:?}");
    assert_each_once(&lines(dir.path()), 0..1_010);
    assert_eq!(recovery::sweep(&directory), recovery::Report::default());
    assert_each_once(&lines(dir.path()), 0..1_010);
}

#[test]
fn old_records_are_filed_under_their_own_days_through_a_kill() {
    let dir = TempDir::new().unwrap();
    let output = output("imports", dir.path(), &[]);
    let report = recovery::sweep(&open(dir.path()));
    assert!(report.problems.is_empty(), "{report:?}");
    assert_each_once(&lines(dir.path()), 0..10_001);
    let days = std::fs::read_dir(dir.path()).unwrap().filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // A day may have several files: the kill may leave one that takes no more.
        name.ends_with(".jsonl").then(|| name[..10].to_owned())
    });
    let days: BTreeSet<String> = days.collect();
    // The one from before 1970 has the day of its arrival.
    assert_eq!(days.len(), 3, "{days:?}");
    assert!(days.contains("2001-02-03") && days.contains("2001-02-04"), "{days:?}");
    // Threads whose days differ do not cut each other's batches.
    let batches = printed(&String::from_utf8_lossy(&output.stdout), "batches");
    assert!(batches < 1_000, "{batches} batches");
}

#[test]
fn an_emitter_hands_records_over_as_a_single_call_does() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("emitter", dir.path(), &[]);
    let kept = lines(dir.path());
    assert_eq!(kept.len(), 12_000);
    let mut pairs: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
    for line in &kept {
        pairs.entry(line["number"].as_u64().unwrap()).or_default().push(line);
    }
    for (number, pair) in &pairs {
        assert!(pair.len() == 2 && pair[0] == pair[1], "{number}: {pair:?}");
    }
    assert_eq!(pairs[&100][1]["api_key"], "[MASKED]");
    assert_eq!(pairs[&5][1]["service"], "other");
}

#[test]
fn short_threads_share_rings() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("threads", dir.path(), &[]);
    assert_each_once(&lines(dir.path()), 0..10_000);
}

#[test]
fn children_log_and_their_parent_goes_on() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("forks", dir.path(), &[("LOGLOOM_TEST_FORKS", "25")]);
    let report = recovery::sweep(&open(dir.path()));
    assert!(report.problems.is_empty(), "{report:?}");
    assert_each_once(&lines(dir.path()), (0..3_000).chain(10_000..10_050));
}

#[test]
fn every_policy_accounts_for_every_record() {
    for policy in ["discard", "block", "discard_low_level", "drop_oldest", "block_with_timeout"] {
        let dir = TempDir::new().unwrap();
        let text = assert_succeeds("floods", dir.path(), &[("LOGLOOM_TEST_POLICY", policy)]);
        let lines = lines(dir.path());
        let told: u64 = lines
            .iter()
            .filter(|line| line["event"] == "logloom.loss")
            .map(|line| line["count"].as_u64().unwrap())
            .sum();
        let kept = lines.iter().filter(|line| line["message"] == "counted").count() as u64;
        let errors = lines.iter().filter(|line| line["level"] == "ERROR").count();
        assert_eq!((kept + told, errors), (200_000, 2_000), "{policy}: {told} lost; {text}");
        assert!(numbers(&lines).len() as u64 >= kept, "{policy}: none twice");
        if policy.starts_with("block") {
            assert_eq!(told, 0, "{policy}");
        }
    }
}

#[test]
fn the_end_prints_all_that_was_not_kept() {
    let dir = TempDir::new().unwrap();
    let policy = [("LOGLOOM_TEST_POLICY", "discard")];
    let output = output("floods", dir.path(), &policy);
    let (out, err) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{out}\n{err}");
    let dropped = printed(&out, "dropped");
    assert!(dropped > 0, "{out}");
    let last = err.lines().rfind(|line| line.contains("records were not kept")).unwrap_or_default();
    let total = last.split(' ').find_map(|word| word.parse::<u64>().ok());
    assert_eq!(total, Some(dropped), "{err}");
}

#[test]
fn large_records_arrive_whole_or_cut_with_a_mark() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("large", dir.path(), &[]);
    let lines = lines(dir.path());
    assert_eq!(lines.len(), 8);
    for line in &lines {
        let message = line["message"].as_str().unwrap();
        let whole = message.chars().all(|c| c == 'x') || message.chars().all(|c| c == '\u{1}');
        assert!(whole || message.contains("[TRUNCATED "), "{}", message.len());
    }
    assert!(lines.iter().any(|line| line["message"].as_str().unwrap().len() == 900_000));
}

#[test]
fn a_durable_error_is_in_the_file_when_the_call_returns() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("durable", dir.path(), &[]);
    assert_each_once(&lines(dir.path()), 0..2);
}

#[test]
fn sites_and_keys_beyond_the_dictionary_go_inline() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("dynamic", dir.path(), &[]);
    let lines = lines(dir.path());
    assert_eq!(lines.len(), 10_000);
    for line in &lines {
        assert_eq!(line["api_key"], "[MASKED]");
        let fields = line.as_object().unwrap();
        let (key, value) = fields.iter().find(|(key, _)| key.starts_with("key")).unwrap();
        let number = value.as_u64().unwrap();
        assert_eq!(
            (key, &line["module"]),
            (&format!("key{number}"), &Value::from(format!("module.{}", number % 5_000)))
        );
    }
}

#[test]
fn threads_beyond_the_memory_limit_share_rings() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("crowded", dir.path(), &[]);
    assert_each_once(&lines(dir.path()), 0..12_000);
}

#[test]
fn a_call_takes_no_page_fault() {
    let dir = TempDir::new().unwrap();
    let text = assert_succeeds("steady", dir.path(), &[]);
    assert!(text.contains("faults=0"), "{text}");
}

/// System calls of the logging thread between the two markers, by a trace of the process.
#[test]
fn a_call_makes_no_system_call() {
    let dir = TempDir::new().unwrap();
    let trace = dir.path().join("trace.txt");
    let program = std::env::current_exe().unwrap();
    let traced = std::process::Command::new("strace")
        .args(["-f", "-o"])
        .arg(&trace)
        .arg(program)
        .args(["--exact", "program", "--nocapture", "--test-threads=1"])
        .env("LOGLOOM_TEST_PROGRAM", "steady")
        .env("LOGLOOM_TEST_DIR", dir.path().join("log"))
        .output();
    let Ok(traced) = traced else {
        println!("skipped: strace is not installed");
        return;
    };
    assert!(traced.status.success(), "{}", String::from_utf8_lossy(&traced.stderr));
    let text = std::fs::read_to_string(&trace).unwrap();
    let begin = text.lines().find(|line| line.contains("/logloom-begin")).unwrap();
    let thread = begin.split_ascii_whitespace().next().unwrap();
    let between = |from: &str, to: &str| -> Vec<&str> {
        text.lines()
            .filter(|line| line.split_ascii_whitespace().next() == Some(thread))
            .skip_while(|line| !line.contains(from))
            .skip(1)
            .take_while(|line| !line.contains(to))
            // The end of the marker's own call.
            .filter(|line| !line.contains(" resumed>"))
            .collect()
    };
    let calls = between("/logloom-begin", "/logloom-end");
    assert!(calls.is_empty(), "{calls:#?}");
    let errors = between("/logloom-end", "/logloom-errors-end");
    assert!(errors.iter().all(|line| line.contains("futex")), "{errors:#?}");
}

#[test]
fn a_runtime_keeps_the_contract_of_every_part() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("lives", dir.path(), &[]);
    assert_eq!(lines(dir.path()).len(), 6);
}

#[test]
fn without_a_usable_directory_lines_go_to_the_next_or_to_the_standard_error() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, b"not a directory").unwrap();
    let output = output("returns", &file, &[]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}");
    let lines = text.lines().filter(|line| line.contains("\"message\":\"counted"));
    assert_eq!(lines.count(), 101, "{text}");
    assert!(text.contains("records go to the standard error"), "{text}");
}

#[test]
fn a_record_that_makes_the_writer_panic_is_set_aside_and_counted() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("panics", dir.path(), &[("LOGLOOM_PLANT", "render-panic")]);
    let lines = lines(dir.path());
    assert_each_once(&lines, 0..20);
    let losses: Vec<_> = lines.iter().filter(|line| line["event"] == "logloom.loss").collect();
    assert!(losses.iter().all(|line| line["cause"] == "set_aside"), "{losses:?}");
    let told: u64 = losses.iter().filter_map(|line| line["count"].as_u64()).sum();
    assert_eq!(told, 2, "{losses:?}");
}

#[test]
fn without_a_writer_thread_callers_write_themselves() {
    for program in ["returns", "floods"] {
        let dir = TempDir::new().unwrap();
        let variables = [("LOGLOOM_PLANT", "no-thread"), ("LOGLOOM_TEST_POLICY", "block")];
        assert_succeeds(program, dir.path(), &variables);
        let expected = if program == "returns" { 101 } else { 202_000 };
        assert_eq!(lines(dir.path()).len(), expected, "{program}");
    }
}

/// The number behind `name=` in what a program printed.
fn printed(text: &str, name: &str) -> u64 {
    let (_, rest) = text.split_once(&format!("{name}=")).unwrap();
    rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

#[test]
fn a_record_is_in_the_file_soon() {
    // The promise is 5 and 100 ms, a little more where other tests run; a machine busy with other
    // things is asked again, and a writer that is late as a rule is late each time.
    let mut told = Vec::new();
    let is_kept = (0..10).any(|_| {
        let dir = TempDir::new().unwrap();
        let text = assert_succeeds("prompt", dir.path(), &[]);
        let medians = (printed(&text, "steady"), printed(&text, "silent"));
        told.push(medians);
        medians.0 < 8_000 && medians.1 < 130_000
    });
    assert!(is_kept, "medians in microseconds, steady and after silence: {told:?}");
}

#[test]
fn four_threads_take_eight_mebibytes() {
    let dir = TempDir::new().unwrap();
    let text = assert_succeeds("small", dir.path(), &[("LOGLOOM_TEST_POLICY", "block")]);
    assert!(printed(&text, "resident") <= 8 * 1024, "KiB: {text}");
    assert!(printed(&text, "segment") <= 8 * 1024, "KiB: {text}");
}

/// Mounts a memory file system of so many megabytes; `None` without the permission to.
pub(crate) fn small_file_system(at: &Path, megabytes: u32) -> Option<Mounted> {
    std::fs::create_dir(at).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
        .arg(at)
        .stderr(std::process::Stdio::null())
        .status();
    if mounted.is_ok_and(|status| status.success()) {
        return Some(Mounted(at.to_owned()));
    }
    println!("skipped: mounting a small file system takes root");
    None
}

pub(crate) struct Mounted(std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_memory_file_system_is_passed_over() {
    let dir = TempDir::new().unwrap();
    let runtime = dir.path().join("runtime");
    let Some(_mounted) = small_file_system(&runtime, 1) else { return };
    let log = dir.path().join("log");
    let text = runtime.to_string_lossy().into_owned();
    assert_succeeds("returns", &log, &[("XDG_RUNTIME_DIR", &text)]);
    assert_each_once(&lines(&log), 0..=100);
}

#[test]
fn a_segment_whose_maker_died_before_it_had_memory_is_looked_at_and_left() {
    let dir = TempDir::new().unwrap();
    let runtime = dir.path().join("runtime");
    let Some(_mounted) = small_file_system(&runtime, 1) else { return };
    let place = runtime.join("logloom");
    std::fs::create_dir(&place).unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o700)).unwrap();
    let begun = place.join("740c685c-999999-1-aabbccddeeff00112233445566778899.llr");
    std::fs::File::create(&begun).unwrap().set_len(3_842_048).unwrap();
    let mut rest = std::fs::File::create(runtime.join("rest")).unwrap();
    while rest.write_all(&[1; 4096]).is_ok() {}
    let log = dir.path().join("log");
    let text = runtime.to_string_lossy().into_owned();
    assert_succeeds("returns", &log, &[("XDG_RUNTIME_DIR", &text)]);
    assert_each_once(&lines(&log), 0..=100);
    assert!(begun.exists());
}

#[test]
fn errors_go_on_to_the_next_directory_when_the_first_is_full() {
    let dir = TempDir::new().unwrap();
    let full = dir.path().join("full");
    let Some(_mounted) = small_file_system(&full, 9) else { return };
    let (first, second) = (full.join("log"), dir.path().join("second"));
    let text = second.to_string_lossy().into_owned();
    assert_succeeds("fails_over", &first, &[("LOGLOOM_TEST_SECOND", &text)]);
    let (mut all, rest) = (lines(&first), lines(&second));
    assert!(!all.is_empty() && !rest.is_empty(), "{} and {}", all.len(), rest.len());
    all.extend(rest);
    assert_each_once(&all, 0..60_000);
    for dir in [&first, &second] {
        let report = recovery::sweep(&open(dir));
        assert_eq!(report, recovery::Report::default(), "nothing is left behind");
    }
}

/// What a killed program leaves, before anybody recovers it.
fn killed_in(dir: &Path) {
    output("killed", dir, &[]);
    assert!(lines(dir).len() < 1_010 || open(dir).writers().unwrap().len() == 1);
}

#[test]
fn a_moved_directory_is_recovered_where_it_is_now() {
    let dir = TempDir::new().unwrap();
    let (before, after) = (dir.path().join("before"), dir.path().join("after"));
    killed_in(&before);
    std::fs::rename(&before, &after).unwrap();
    let report = recovery::sweep(&open(&after));
    assert_eq!((report.writers, report.problems.len()), (1, 0), "{report:?}");
    assert_each_once(&lines(&after), 0..1_010);
}

#[test]
fn the_memory_of_a_moved_directory_waits_for_it() {
    let dir = TempDir::new().unwrap();
    let (before, after) = (dir.path().join("before"), dir.path().join("after"));
    output("killed_idle", &before, &[]);
    let segments = open(&before).segment_directories();
    assert_eq!(segments.len(), 1, "{segments:?}");
    std::fs::rename(&before, &after).unwrap();
    // As other processes do when they start: they know only where the directory was.
    let removed: u64 = segments.iter().map(|ring_dir| recovery::tidy(ring_dir)).sum();
    println!("{removed} removed");
    let report = recovery::sweep(&open(&after));
    assert_eq!((report.writers, report.problems.len()), (1, 0), "{report:?}");
    assert_each_once(&lines(&after), 0..1_010);
}

#[test]
fn a_copied_directory_does_not_take_the_records_of_the_original() {
    let dir = TempDir::new().unwrap();
    let (original, copy) = (dir.path().join("original"), dir.path().join("copy"));
    killed_in(&original);
    let copied = std::process::Command::new("cp").arg("-a").args([&original, &copy]).status();
    assert!(copied.unwrap().success());
    let report = recovery::sweep(&open(&copy));
    assert_eq!((report.writers, report.problems.len()), (0, 1), "{report:?}");
    assert!(report.problems[0].contains("is a copy of"), "{report:?}");
    recovery::sweep(&open(&original));
    assert_each_once(&lines(&original), 0..1_010);
}

#[test]
fn a_relative_directory_is_recovered_from_elsewhere() {
    let dir = TempDir::new().unwrap();
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "program", "--nocapture", "--test-threads=1"])
        .env("LOGLOOM_TEST_PROGRAM", "killed")
        .env("LOGLOOM_TEST_DIR", "log")
        .current_dir(dir.path())
        .output();
    assert!(!status.unwrap().status.success());
    let log = dir.path().join("log");
    let report = recovery::sweep(&open(&log));
    assert_eq!((report.writers, report.problems.len()), (1, 0), "{report:?}");
    assert_each_once(&lines(&log), 0..1_010);
}

#[test]
fn a_record_with_very_many_fields_is_kept() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("many_fields", dir.path(), &[]);
    let lines = lines(dir.path());
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["fields"].as_object().unwrap().len(), 60_000);
    assert!(open(dir.path()).writers().unwrap().is_empty(), "the shared ring keeps nothing back");
}

#[test]
fn a_limit_on_the_size_of_files_ends_no_program() {
    let dir = TempDir::new().unwrap();
    let script = "ulimit -f 100; exec \"$0\" --exact program --nocapture --test-threads=1";
    let output = std::process::Command::new("bash")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env("LOGLOOM_TEST_PROGRAM", "limited")
        .env("LOGLOOM_TEST_DIR", dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?} {text}", output.status);
}

#[test]
fn records_outlive_the_catalogue_that_named_their_segment() {
    for damage in ["deleted", "emptied"] {
        let dir = TempDir::new().unwrap();
        killed_in(dir.path());
        let head = dir.path().join(".logloom/head");
        match damage {
            "deleted" => std::fs::remove_file(&head).unwrap(),
            _ => std::fs::write(&head, vec![0; 7 << 20]).unwrap(),
        }
        let directory = open(dir.path());
        let report = recovery::sweep(&directory);
        // With nothing left in memory there is nobody to recover.
        assert!(report.writers <= 1 && report.problems.is_empty(), "{damage}: {report:?}");
        assert_each_once(&lines(dir.path()), 0..1_010);
        assert_eq!(recovery::sweep(&directory), recovery::Report::default(), "{damage}");
    }
}

#[test]
fn records_in_another_ring_directory_outlive_the_catalogue() {
    let dir = TempDir::new().unwrap();
    let (log, runtime) = (dir.path().join("log"), dir.path().join("run"));
    std::fs::create_dir(&runtime).unwrap();
    let text = runtime.to_string_lossy().into_owned();
    // Here nothing but the log directory itself knows of that place. Without a thread that writes
    // all records wait for sure.
    output("killed", &log, &[("XDG_RUNTIME_DIR", &text), ("LOGLOOM_PLANT", "no-thread")]);
    std::fs::remove_file(log.join(".logloom/head")).unwrap();
    let report = recovery::sweep(&open(&log));
    assert_eq!((report.writers, report.lines, report.problems.len()), (1, 1_010, 0), "{report:?}");
    assert_each_once(&lines(&log), 0..1_010);
    assert_eq!(std::fs::read_dir(runtime.join("logloom")).unwrap().count(), 0);
}

#[test]
fn what_a_cut_segment_held_is_told() {
    use std::io::{Seek, SeekFrom, Write};
    let dir = TempDir::new().unwrap();
    killed_in(dir.path());
    let directory = open(dir.path());
    let writer = &directory.writers().unwrap()[0];
    let segment =
        std::fs::OpenOptions::new().write(true).open(&writer.identity.segment_path).unwrap();
    // The file ends behind the spare ring: those of the thread are gone.
    segment.set_len(3_842_048 + (64 << 10)).unwrap();
    // And something waits in the first of them.
    let mut segment = segment;
    segment.seek(SeekFrom::Start(8_192 + 256)).unwrap();
    segment.write_all(&(1_u64 << 20).to_le_bytes()).unwrap();
    let report = recovery::sweep(&directory);
    assert!(report.problems.is_empty(), "{report:?}");
    let losses: Vec<_> =
        lines(dir.path()).into_iter().filter(|line| line["event"] == "logloom.loss").collect();
    assert_eq!(losses.len(), 1, "{losses:?}");
    assert_eq!(losses[0]["cause"], "damaged");
    assert_eq!(losses[0]["count_is_upper_bound"], true);
}
