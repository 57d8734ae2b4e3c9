//! Every step against every scenario that may reach it, at its first, second and fifth time.

use std::path::Path;

use logloom_store::steps::Step;

use super::scenario::{Case, Findings, Scenario};
use crate::proof::{Outcome, say, tell};

/// Which time of a step is killed.
const TIMES: [u32; 3] = [1, 2, 5];

/// Steps of closed files and of the numbers of actions, which no scenario here reaches: the tests of the store
/// and of the core kill at each of them.
const ELSEWHERE: [&str; 2] = ["life_", "numbers_"];

/// Scenarios in which a step may be reached.
pub(super) fn scenarios(step: Step) -> Vec<Scenario> {
    let name = step.name();
    let starts = |with: &[&str]| with.iter().any(|start| name.starts_with(start));
    let mut scenarios = Vec::new();
    if starts(&["append", "split", "seal", "register", "stage", "ring", "applied"]) {
        scenarios.push(Scenario::Writers);
    }
    if starts(&["append", "settle_", "stage", "ring", "applied", "adopt", "free", "recovery"]) {
        scenarios.push(Scenario::Recovery);
    }
    if starts(&["append", "settle", "split"]) {
        scenarios.push(Scenario::Settling);
        scenarios.push(Scenario::OutOfReach);
    }
    if starts(&["seal", "settle"]) {
        scenarios.push(Scenario::Seal);
    }
    if starts(&["repair"]) {
        scenarios.push(Scenario::Boot);
    }
    scenarios
}

/// What came of one step in all its scenarios.
#[derive(Default)]
struct Row {
    kills: u64,
    reached_in: Vec<String>,
    findings: Findings,
}

/// Kills at each of `steps`; `false` when anything is wrong.
pub(super) fn run(steps: &[Step], quick: bool, scratch: &Path) -> Outcome<bool> {
    let times = if quick { &TIMES[..1] } else { &TIMES[..] };
    let mut holds = true;
    let mut unreached = Vec::new();
    let is_elsewhere = |step: &Step| ELSEWHERE.iter().any(|part| step.name().starts_with(part));
    let steps: Vec<Step> = steps.iter().copied().filter(|step| !is_elsewhere(step)).collect();
    for &step in &steps {
        let row = row(step, times, scratch)?;
        report(step, &row);
        holds &= row.findings.is_clean();
        if row.kills == 0 {
            unreached.push(step.name());
        }
    }
    say(&serde_json::json!({ "steps": steps.len(), "unreached": unreached }));
    Ok(holds && unreached.is_empty())
}

fn row(step: Step, times: &[u32], scratch: &Path) -> Outcome<Row> {
    let mut row = Row::default();
    for scenario in scenarios(step) {
        for &time in times {
            let case = Case { scenario, step, time, planted: None };
            let findings = case.run(scratch)?;
            let kills = findings.kills;
            row.kills += kills;
            row.findings.add(findings);
            if kills == 0 {
                // A later time is not reached either.
                break;
            }
            row.reached_in.push(format!("{}:{time}", scenario.name()));
        }
    }
    Ok(row)
}

fn report(step: Step, row: &Row) {
    let Findings { verdict, reader, stuck, .. } = &row.findings;
    say(&serde_json::json!({
        "step": step.name(), "kills": row.kills, "acknowledged": verdict.acknowledged,
        "lost": verdict.lost, "duplicated": verdict.duplicated, "torn": verdict.torn,
        "false_losses": verdict.false_losses,
        "reader": reader, "stuck": stuck, "reached": row.kills > 0, "in": row.reached_in,
    }));
    verdict.examples.iter().chain(&row.findings.notes).for_each(tell);
}
