//! Mistakes planted in the real code: each must be noticed by what the steps are judged with.

use std::path::Path;

use logloom_core::plant::Fault;
use logloom_store::plant::Bug;
use logloom_store::steps::Step;

use super::scenario::{Case, Scenario};
use crate::proof::{Outcome, say};

/// The scenarios that are tried, those first that notice most.
const CASES: [(Scenario, Step, u32); 12] = [
    (Scenario::Writers, Step::AppendHalf, 2),
    (Scenario::Replaced, Step::AppendCommitted, 1),
    (Scenario::OutOfReach, Step::AppendPending, 1),
    (Scenario::Writers, Step::StageBeforeStaged, 2),
    (Scenario::Writers, Step::AppendIntent, 2),
    (Scenario::OutOfReach, Step::SettleCut, 1),
    (Scenario::Writers, Step::AppendPending, 2),
    (Scenario::Writers, Step::AppendCommitted, 2),
    (Scenario::Recovery, Step::AppendPending, 1),
    (Scenario::Recovery, Step::SettleRedone, 1),
    (Scenario::Recovery, Step::AppendCommitted, 2),
    (Scenario::Seal, Step::SealSettled, 2),
];

/// Plants each mistake; `false` when one goes unnoticed. Without a mistake the same scenarios find
/// nothing: the matrix runs them, but for the one that is run here first.
pub(super) fn run(scratch: &Path) -> Outcome<bool> {
    let mut holds = sound(scratch)?;
    let in_store = Bug::ALL.iter().map(|bug| bug.name());
    for name in in_store.chain(Fault::BUGS.iter().map(|fault| fault.name())) {
        let by = caught(name, scratch)?;
        holds &= by.is_some();
        say(&serde_json::json!({ "planted": name, "caught": by.is_some(), "by": by }));
    }
    Ok(holds)
}

/// A day file that is replaced harms nothing where the check is in place.
fn sound(scratch: &Path) -> Outcome<bool> {
    let (scenario, step, time) = (Scenario::Replaced, Step::AppendCommitted, 1);
    let findings = Case { scenario, step, time, planted: None }.run(scratch)?;
    let fault = findings.fault();
    say(&serde_json::json!({ "planted": null, "scenario": "replaced", "fault": fault }));
    Ok(fault.is_none())
}

fn caught(bug: &'static str, scratch: &Path) -> Outcome<Option<String>> {
    for (scenario, step, time) in CASES {
        let case = Case { scenario, step, time, planted: Some(bug) };
        if let Some(fault) = case.run(scratch)?.fault() {
            let kill = format!("{}, killed at {}:{time}", scenario.name(), step.name());
            return Ok(Some(format!("{kill}: {fault}")));
        }
    }
    Ok(None)
}
