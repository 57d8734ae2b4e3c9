//! The protocol holds for the stated sizes, and each planted mistake is found.
//!
//! Every size here is explored whole. Together they take some ten seconds of one core.

use super::{Bug, Parameters, Report, explore};

/// The page that tells these sizes and their numbers of states.
const PAGE: &str = include_str!("../../../../docs/protocol.md");

const NO_SEAL: Parameters = Parameters { seals: 0, ..Parameters::DEFAULT };

fn explored(parameters: Parameters) -> Report {
    let report = explore(parameters).unwrap();
    println!("{report}");
    report
}

fn must_hold(parameters: Parameters) -> Report {
    let report = explored(parameters);
    assert!(report.exhaustive && report.counterexample.is_none(), "{report}");
    let states = with_commas(report.states);
    assert!(PAGE.contains(&format!("| {states} |")), "docs/protocol.md does not tell {report}");
    report
}

fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap())
        .collect();
    groups.join(",")
}

#[test]
fn two_writers_of_two_records_with_two_kills_and_a_reader() {
    must_hold(NO_SEAL);
}

#[test]
fn two_writers_of_two_records_with_a_seal_a_kill_and_a_reader() {
    must_hold(Parameters { kills: 1, ..Parameters::DEFAULT });
}

#[test]
fn three_parties_of_one_record_with_two_kills_and_a_reader() {
    must_hold(Parameters { writers: 3, records: 1, files: 1, ..NO_SEAL });
}

#[test]
fn three_parties_of_one_record_with_two_files_and_a_kill() {
    must_hold(Parameters { writers: 3, records: 1, kills: 1, ..NO_SEAL });
}

/// A recovery of a recovery of a recovery, with a ring that is full after each record.
#[test]
fn one_writer_and_two_recoverers_with_three_kills() {
    let full_at_once = Parameters { ring: 1, batch: 1, records: 3, ..Parameters::DEFAULT };
    must_hold(Parameters { writers: 1, helpers: 2, kills: 3, ..full_at_once });
}

#[test]
fn every_step_is_taken_and_some_process_is_killed_before_each() {
    let report = must_hold(Parameters { records: 1, failures: 1, ..Parameters::DEFAULT });
    assert_eq!(report.killed_before, Report::PLACES);
    // Every place but rest has one step; beyond these a record is accepted, a process killed, the
    // reader reads, a write fails, a deadline passes, and batch, recovery and seal begin.
    assert_eq!(report.actions, Report::PLACES - 1 + 8);
}

#[test]
fn each_planted_mistake_has_a_counterexample() {
    for &bug in Bug::ALL {
        let mut reports =
            Bug::SIZES.iter().map(|size| explore(Parameters { bug: Some(bug), ..*size }));
        let found = reports.find_map(|report| report.unwrap().counterexample);
        let found =
            found.unwrap_or_else(|| panic!("{bug:?} is not found; an invariant is too weak"));
        println!("{bug:?}: {found}");
        let steps = format!("| {} |", found.steps.len());
        assert!(PAGE.contains(&steps), "docs/protocol.md does not tell {bug:?}: {found}");
    }
}

#[test]
fn a_limit_of_states_is_told() {
    let report = explored(Parameters { states_max: 1000, ..Parameters::DEFAULT });
    assert!(!report.exhaustive && report.counterexample.is_none());
}

#[test]
fn sizes_beyond_the_model_are_refused() {
    let too_many = Parameters { records: 4, ..Parameters::DEFAULT };
    assert_eq!(explore(too_many).unwrap_err(), "records is 8; the model takes 1 to 6");
    let nowhere_to_go = Parameters { seals: 2, files: 2, ..Parameters::DEFAULT };
    assert_eq!(explore(nowhere_to_go).unwrap_err(), "files is 2; the model takes 3 to 3");
}
