//! The report of the exhaustive explorer: every order of the steps of a small world, a kill after
//! each, and each mistake planted in turn.

use logloom_testkit::model::{Bug, Parameters, explore};

use crate::proof::{Outcome, say};

/// Explores all sizes, the largest only when asked for; `false` when a promise breaks, or a mistake
/// is not found.
pub(super) fn run(is_thorough: bool) -> Outcome<bool> {
    let no_seal = Parameters { seals: 0, ..Parameters::DEFAULT };
    let sizes = [
        Parameters { records: 1, failures: 1, ..Parameters::DEFAULT },
        Parameters { writers: 3, records: 1, kills: 1, ..no_seal },
        Parameters { writers: 3, records: 1, files: 1, ..no_seal },
        Parameters { kills: 1, ..Parameters::DEFAULT },
        no_seal,
    ];
    let mut holds = true;
    let largest = Parameters::THOROUGH.into_iter().filter(|_| is_thorough);
    for size in sizes.into_iter().chain(largest) {
        let report = explore(size)?;
        let broken = report.counterexample.as_ref().map(|found| found.to_string());
        holds &= broken.is_none() && report.exhaustive;
        say(&serde_json::json!({
            "model": format!(
                "{} writers, {} records each, {} kills, {} seals, {} failed writes, {} files",
                size.writers, size.records, size.kills, size.seals, size.failures, size.files
            ),
            "states": report.states, "transitions": report.transitions,
            "exhaustive": report.exhaustive, "broken": broken,
        }));
    }
    Ok(bugs()? && holds)
}

fn bugs() -> Outcome<bool> {
    let mut holds = true;
    for &bug in Bug::ALL {
        let mut found = None;
        for size in Bug::SIZES {
            found = explore(Parameters { bug: Some(bug), ..*size })?.counterexample;
            if found.is_some() {
                break;
            }
        }
        holds &= found.is_some();
        say(&serde_json::json!({
            "planted_in_model": format!("{bug:?}"), "caught": found.is_some(),
            "steps": found.as_ref().map(|found| found.steps.len()),
            "by": found.map(|found| found.broken),
        }));
    }
    Ok(holds)
}
