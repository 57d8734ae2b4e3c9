//! Kills at every marked step of the store, with recovery by others; and bugs that must be noticed.

use std::collections::HashSet;
use std::os::unix::process::ExitStatusExt;

use logloom_store::plant::Bug;
use logloom_store::steps::Step;

use crate::child::{self, Role};
use crate::oracle;

/// A first process is killed at one step; where given, a second one that recovers it at another.
struct Scenario {
    first: &'static str,
    second: &'static str,
    has_segments: bool,
}

const fn alone(first: &'static str) -> Scenario {
    Scenario { first, second: "", has_segments: true }
}

const fn then(first: &'static str, second: &'static str) -> Scenario {
    Scenario { first, second, has_segments: true }
}

const fn blind(first: &'static str, second: &'static str) -> Scenario {
    Scenario { first, second, has_segments: false }
}

const SCENARIOS: &[Scenario] = &[
    alone("append_locked:3"),
    alone("append_settled:3"),
    alone("append_intent_cleared"),
    alone("append_intent:3"),
    alone("append_pending:3"),
    alone("append_half:3"),
    alone("append_written:3"),
    alone("append_committed:3"),
    alone("append_done:3"),
    alone("append_unlocked:3"),
    alone("split_reserved"),
    alone("split_created"),
    alone("split_slot"),
    alone("split_reserved:2"),
    alone("seal_settled"),
    alone("seal_state"),
    alone("register_locked"),
    alone("register_slot"),
    then("append_committed:3", "settle_done"),
    then("append_half:3", "settle_redone"),
    then("append_half:3", "settle_committed"),
    then("append_written:3", "settle_committed"),
    blind("append_half:3", "settle_cut"),
    blind("append_half:3", "settle_cleared"),
    blind("append_pending:3", "settle_cleared"),
    then("append_half:3", "adopt_locked"),
    then("append_half:3", "free_slot"),
    then("append_intent:3", "append_half"),
    then("append_half", "append_committed"),
];

/// Runs a scenario and returns what the oracle has to say.
fn run(scenario: &Scenario, plant: &str) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    let role =
        |tag| Role { plant, has_segments: scenario.has_segments, ..Role::new(root.path(), tag) };
    for (tag, kill_at) in [("first", scenario.first), ("second", scenario.second)] {
        if kill_at.is_empty() {
            continue;
        }
        let status = Role { kill_at, ..role(tag) }.spawn().wait().unwrap();
        // A planted bug may change the way so that the step is not reached.
        assert!(status.signal() == Some(9) || !plant.is_empty(), "{tag} at {kill_at}: {status}");
    }
    let others = ["third", "fourth"].map(|tag| role(tag).spawn());
    for mut other in others {
        let status = other.wait().unwrap();
        assert!(status.success() || !plant.is_empty(), "a bystander failed: {status}");
    }
    let _ = Role { batches: 0, ..role("last") }.spawn().wait().unwrap();
    let directory = child::open(root.path());
    let mut faults = oracle::faults(root.path(), &directory);
    if !directory.writers().unwrap().is_empty() {
        faults.push("a writer slot is still taken".to_owned());
    }
    faults
}

#[test]
fn a_kill_at_any_step_loses_doubles_and_tears_nothing() {
    for scenario in SCENARIOS {
        let faults = run(scenario, "");
        assert!(faults.is_empty(), "{} then {}: {faults:?}", scenario.first, scenario.second);
    }
}

#[test]
fn four_processes_go_on_while_one_of_them_is_killed() {
    for step in ["append_half:4", "append_committed:4", "split_created:2", "seal_settled:2"] {
        let root = tempfile::tempdir().unwrap();
        let victim = Role { kill_at: step, batches: 60, ..Role::new(root.path(), "victim") };
        let others = ["a", "b", "c"].map(|tag| Role { batches: 60, ..Role::new(root.path(), tag) });
        let mut children = vec![victim.spawn()];
        children.extend(others.iter().map(Role::spawn));
        let killed = children.remove(0).wait().unwrap();
        assert!(killed.signal() == Some(9) || killed.success());
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let directory = child::open(root.path());
        child::recover(&directory, &crate::redo::FileSegments);
        assert_eq!(oracle::faults(root.path(), &directory), Vec::<String>::new(), "{step}");
    }
}

#[test]
fn every_step_of_the_store_is_killed_at() {
    let covered: HashSet<&str> = SCENARIOS
        .iter()
        .flat_map(|scenario| [scenario.first, scenario.second])
        .map(|text| text.split(':').next().unwrap())
        .collect();
    // Steps of other parts, and those of a new boot, of closed files, of the index of open ones and of numbers, which
    // have tests of their own.
    let elsewhere =
        ["stage_", "ring_", "applied_", "recovery_", "repair_", "life_", "hot_", "numbers_"];
    for step in Step::ALL.iter().map(|step| step.name()) {
        let is_elsewhere = elsewhere.iter().any(|prefix| step.starts_with(prefix));
        assert!(is_elsewhere || covered.contains(step), "no kill at {step}");
    }
}

#[test]
fn planted_bugs_are_noticed() {
    for (bug, scenario) in [
        (Bug::CommitBeforeWrite, blind("append_pending:3", "append_half")),
        (Bug::SkipSettle, alone("append_committed:3")),
        (Bug::CutWithoutRedo, alone("append_half:3")),
        (Bug::DoneBeforeCommit, blind("append_half:3", "settle_cut")),
    ] {
        assert!(!run(&scenario, bug.name()).is_empty(), "{} went unnoticed", bug.name());
    }
}

#[test]
fn a_missing_identity_check_is_noticed() {
    // Lines that go to a file moved away are missing from the directory.
    for (plant, is_noticed) in [("", false), (Bug::NoInodeCheck.name(), true)] {
        let root = tempfile::tempdir().unwrap();
        let mover = Role { moves_file: true, plant, ..Role::new(root.path(), "mover") };
        assert!(mover.spawn().wait().unwrap().success());
        let directory = child::open(root.path());
        assert_eq!(!oracle::faults(root.path(), &directory).is_empty(), is_noticed, "{plant}");
    }
}

#[test]
fn a_kill_while_repairing_after_a_new_boot_is_repaired() {
    for step in ["repair_cut", "repair_sealed", "repair_boot"] {
        let root = tempfile::tempdir().unwrap();
        let first = Role { kill_at: "append_half:3", ..Role::new(root.path(), "first") };
        assert_eq!(first.spawn().wait().unwrap().signal(), Some(9));
        let later = |tag| Role { is_later_boot: true, ..Role::new(root.path(), tag) };
        let second = Role { kill_at: step, ..later("second") };
        assert_eq!(second.spawn().wait().unwrap().signal(), Some(9), "{step}");
        assert!(later("third").spawn().wait().unwrap().success());
        let directory = child::open_reader(root.path());
        assert_eq!(oracle::faults(root.path(), &directory), Vec::<String>::new(), "{step}");
    }
}
