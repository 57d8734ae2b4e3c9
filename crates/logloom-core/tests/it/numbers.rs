//! The numbers of actions: 1, 2, 3 … within a session, whoever is killed, and however many share it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use logloom_core::action::{self, ActionType};
use logloom_core::settings::Policy;
use logloom_core::{Handle, recovery};
use logloom_record::{Level, MessageKind, Record};
use logloom_ring::front::{Call, emit as call, resolve};
use logloom_ring::site::{OFF, Site, UNKNOWN};
use serde_json::Value;
use tempfile::TempDir;

use super::program::{lines, output, settings, start, started};
use super::runtime::{assert_succeeds, open};

const FIELDS: &[&str] = &["session_id", "execution_id", "status", "tool_name", "by", "number"];

static TOOL_CALL: Site =
    Site::new(Level::Info, action::MODULE, "", 0, "tool_call", MessageKind::Action, FIELDS);
static TOOL_ERROR: Site =
    Site::new(Level::Error, action::MODULE, "", 0, "tool_error", MessageKind::Action, FIELDS);
static HOOK_EXECUTE: Site =
    Site::new(Level::Debug, action::MODULE, "", 0, "hook_execute", MessageKind::Action, FIELDS);

fn act(site: &'static Site, session: &str, by: &str, number: u64) {
    let word = if site.word() == UNKNOWN { resolve(site) } else { site.word() };
    if word == OFF {
        return;
    }
    let none: Option<&str> = None;
    let fields = (&session, (&none, (&"success", (&"bash", (&by, (&number, ()))))));
    call(site, word, site.level, &Call { message: None, fields });
}

/// What the test processes of this file do.
pub(crate) fn run(name: &str) -> bool {
    match name {
        "acts" => acts(),
        "acts_in_many" => acts_in_many(),
        "floods_with_actions" => floods_with_actions(),
        "acts_by_record" => acts_by_record(),
        "recovers" => drop(recovery::sweep(&open(&directory()))),
        _ => return false,
    }
    true
}

fn directory() -> std::path::PathBuf {
    std::env::var_os("LOGLOOM_TEST_DIR").unwrap().into()
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Actions in one session, some at once and some one by one, a line on the standard output now and then;
/// for ever, or as many as it is told.
fn acts() {
    let handle = started(settings());
    let (by, wanted) = (variable("LOGLOOM_TEST_BY"), variable("LOGLOOM_TEST_COUNT").parse());
    let wanted: u64 = wanted.unwrap_or(u64::MAX);
    let mut number = 0;
    while number < wanted {
        for _ in 0..(number % 7 + 1).min(wanted - number) {
            let site = if number % 5 == 4 { &TOOL_ERROR } else { &TOOL_CALL };
            act(site, "session-shared", &by, number);
            act(&HOOK_EXECUTE, "session-shared", &by, number);
            number += 1;
        }
        if number % 3 == 0 {
            let _ = handle.flush(Duration::from_secs(20));
        }
        // Whoever reads this may be gone.
        let _ = writeln!(std::io::stdout(), "\n{number}");
    }
    stop(&handle);
}

fn stop(handle: &Handle) {
    assert!(handle.stop(Duration::from_secs(30)).is_empty());
}

/// More sessions than one batch takes.
fn acts_in_many() {
    let handle = started(settings());
    for number in 0..2_000_u64 {
        act(&TOOL_CALL, &format!("session-{}", number % 600), "one", number);
    }
    stop(&handle);
}

/// More than a small ring takes: some are dropped.
fn floods_with_actions() {
    let mut settings = settings();
    settings.ring.bytes_per_thread = 16 << 10;
    settings.overflow.default = Policy::DropOldest;
    let handle = started(settings);
    (0..200_000).for_each(|number| act(&TOOL_CALL, "session-flood", "one", number));
    stop(&handle);
    assert!(handle.metrics().dropped_total() > 0, "nothing was dropped");
}

fn acts_by_record() {
    let handle = started(settings());
    for number in 0..10_i64 {
        let mut record = Record::new(Level::Info, action::MODULE, "");
        record.session_id = Some("session-record".to_owned());
        let record = record.with("status", "success").with("number", number);
        action::record(ActionType::ToolCall, &record);
        action::record(ActionType::AgentThinking, &record);
    }
    stop(&handle);
}

/// That the numbers of each session are 1 to the number of its actions, and those of each caller from 0
/// on without a gap.
fn assert_counted(lines: &[Value]) -> usize {
    let mut sessions: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut callers: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let actions = lines.iter().filter(|line| line["action_type"].is_string());
    for line in actions {
        let number = line["action_number"].as_u64();
        let number = number.unwrap_or_else(|| panic!("no number: {line}"));
        sessions.entry(line["session_id"].to_string()).or_default().push(number);
        let caller = format!("{} {}", line["by"], line["session_id"]);
        callers.entry(caller).or_default().push(line["number"].as_u64().unwrap());
    }
    for (session, mut numbers) in sessions {
        numbers.sort_unstable();
        let expected: Vec<u64> = (1..=numbers.len() as u64).collect();
        assert_eq!(numbers, expected, "{session}");
    }
    for (caller, mut numbers) in callers {
        numbers.sort_unstable();
        numbers.dedup();
        let expected: Vec<u64> = (0..numbers.len() as u64).collect();
        assert!(!caller.contains("shared") || numbers == expected, "{caller}: {numbers:?}");
    }
    lines.len()
}

fn act_as<'v>(by: &'v str, more: &[(&'v str, &'v str)]) -> Vec<(&'v str, &'v str)> {
    [("LOGLOOM_TEST_BY", by)].into_iter().chain(more.iter().copied()).collect()
}

/// One process is killed at `first` while another one shares its session, the one who recovers it at
/// `second`; then a third process goes on with the session.
fn kill_at(first: &str, second: &str) {
    let dir = TempDir::new().unwrap();
    let other = || start("acts", dir.path(), &act_as("other", &[("LOGLOOM_TEST_COUNT", "200")]));
    // Only the first process of a session makes its file.
    let before = (first != "numbers_created").then(other);
    let killed = act_as("killed", &[("LOGLOOM_KILL_AT", first), ("LOGLOOM_TEST_COUNT", "5000")]);
    let killed = output("acts", dir.path(), &killed);
    assert!(!killed.status.success(), "{first} was not reached");
    let other = before.unwrap_or_else(other);
    let recovering = output("recovers", dir.path(), &[("LOGLOOM_KILL_AT", second)]);
    let err = String::from_utf8_lossy(&recovering.stderr).into_owned();
    assert!(!err.contains("no step"), "{err}");
    assert!(other.wait_with_output().unwrap().status.success());
    let report = recovery::sweep(&open(dir.path()));
    assert!(report.problems.is_empty(), "{report:?}");
    assert_succeeds("acts", dir.path(), &act_as("third", &[("LOGLOOM_TEST_COUNT", "20")]));
    assert!(assert_counted(&lines(dir.path())) >= 220, "{first}, {second}");
}

#[test]
fn a_kill_at_any_step_leaves_no_gap_and_no_double() {
    for (first, second) in [
        ("numbers_noted:2", "numbers_returned"),
        ("numbers_created", "numbers_created"),
        ("numbers_reserved", "numbers_reserved"),
        ("numbers_reserved:5", "numbers_returned"),
        ("numbers_reserved:3", "stage_before_staged"),
        ("numbers_reserved:4", "stage_after_staged"),
        ("stage_before_staged:4", "numbers_noted"),
        ("stage_after_staged:4", "numbers_reserved"),
        ("ring_advanced:3", "append_half"),
        ("append_half:3", "recovery_drained"),
        ("append_committed:3", "recovery_freed"),
        ("applied_before:2", "applied_after"),
    ] {
        kill_at(first, second);
    }
}

/// A process that acts, and what it prints.
struct Actor {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Actor {
    fn start(dir: &Path, by: &str) -> Actor {
        let mut child = start("acts", dir, &act_as(by, &[]));
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        child.stderr = None;
        Actor { child, lines }
    }

    /// Lets it act `turns` times more, then kills it wherever it is.
    fn kill_after(mut self, turns: u64) {
        for _ in 0..turns {
            self.lines.next().unwrap().unwrap();
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Kills so many; `LOGLOOM_TEST_KILLS` asks for more.
fn kills() -> u64 {
    variable("LOGLOOM_TEST_KILLS").parse().unwrap_or(200)
}

#[test]
fn two_processes_share_a_session_and_are_killed_again_and_again() {
    let dir = TempDir::new().unwrap();
    let mut actors: Vec<Actor> = Vec::new();
    let mut chance = 12_345_u64;
    for kill in 0..kills() {
        actors.push(Actor::start(dir.path(), &format!("actor {kill}")));
        if actors.len() < 2 {
            continue;
        }
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        // Either of the two, after the test harness's own lines.
        actors.swap_remove((chance >> 40) as usize % 2).kill_after(8 + (chance >> 33) % 60);
    }
    actors.into_iter().for_each(|actor| actor.kill_after(20));
    let report = recovery::sweep(&open(dir.path()));
    assert!(report.problems.is_empty(), "{report:?}");
    let count = assert_counted(&lines(dir.path()));
    assert!(count as u64 > kills(), "{count} lines");
}

#[test]
fn a_batch_of_many_sessions_counts_each_of_them() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("acts_in_many", dir.path(), &[]);
    assert_eq!(assert_counted(&lines(dir.path())), 2_000);
}

#[test]
fn what_a_full_ring_drops_makes_no_gap() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("floods_with_actions", dir.path(), &[]);
    assert!(assert_counted(&lines(dir.path())) > 100);
}

#[test]
fn actions_of_any_fields_are_counted_and_types_that_are_off_are_not() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("acts_by_record", dir.path(), &[]);
    let lines = lines(dir.path());
    assert_eq!(lines.len(), 10);
    for (index, line) in lines.iter().enumerate() {
        assert_eq!((&line["action_number"], &line["number"]), (&(index + 1).into(), &index.into()));
    }
}

#[test]
fn numbers_that_are_never_given_back_are_noticed() {
    let dir = TempDir::new().unwrap();
    let variables = act_as("killed", &[("LOGLOOM_KILL_AT", "numbers_reserved:3")]);
    assert!(!output("acts", dir.path(), &variables).status.success());
    let planted = [("LOGLOOM_PLANT", "keep-unstaged-numbers"), ("LOGLOOM_TEST_COUNT", "30")];
    assert_succeeds("acts", dir.path(), &act_as("planted", &planted));
    let lines = lines(dir.path());
    let numbers = lines.iter().filter_map(|line| line["action_number"].as_u64());
    assert!(numbers.max() > Some(lines.len() as u64), "no gap in {} lines", lines.len());
}
