//! A program of four logging threads that forks child after child, each of which logs at once.
//!
//! Out goes how long the first record of a child takes, from call to return: it makes a ring segment
//! of its own and registers it.

use std::process::ExitCode;
use std::time::Duration;

use super::{Options, end};
use crate::proof::party::{End, Role};
use crate::proof::roles::FIRST_CHILD;
use crate::proof::stage::{PATIENCE, Stage};
use crate::proof::{Outcome, say, scratch, tell};

/// The median that is aimed at.
const GOAL_US: f64 = 1_000.0;
/// How long a fork child may take, on average.
const A_CHILD: Duration = Duration::from_millis(200);
/// How long the rest of the output is waited for after the program's end.
const REST: Duration = Duration::from_secs(1);

/// Runs the forks.
pub(crate) fn run(options: &Options) -> Outcome<ExitCode> {
    let mut stage = Stage::new(&scratch(options.dir.clone(), "forks")?, "forks")?;
    let mut order = stage.order(Role::Fork);
    order.threads = 4;
    order.limit = options.forks;
    order.max_file_size = 8 << 20;
    let mut program = stage.start(&order, None)?;
    if let Some(run) = stage.runs.last_mut() {
        run.threads = FIRST_CHILD + options.forks;
    }
    let printed = program.lines();
    let children = u32::try_from(options.forks).unwrap_or(u32::MAX);
    let ended = program.wait(PATIENCE + A_CHILD.saturating_mul(children));
    // A child that hangs keeps the output open; what was printed until now counts.
    let mut times: Vec<f64> = std::iter::from_fn(|| printed.recv_timeout(REST).ok())
        .filter_map(|line| line.parse::<u64>().ok())
        .map(|nanoseconds| nanoseconds as f64 / 1000.0)
        .collect();
    times.sort_by(f64::total_cmp);
    let recovered = stage.recover_all()?;
    let verdict = stage.judge()?;
    let median = times.get(times.len() / 2).copied().unwrap_or(f64::NAN);
    say(&serde_json::json!({
        "bench": "forks", "forks": options.forks, "timed": times.len(),
        "first_record_us_p50": median, "first_record_us_max": times.last(), "goal_us": GOAL_US,
        "acknowledged": verdict.acknowledged, "lost": verdict.lost,
        "duplicated": verdict.duplicated, "torn": verdict.torn,
        "hung": u64::from(ended != End::Well), "recovered": recovered,
    }));
    verdict.examples.iter().for_each(tell);
    let all = times.len() as u64 == options.forks;
    Ok(end(stage, verdict.is_clean() && recovered && all && ended == End::Well))
}
