//! Kills at every marked step of the protocol, mistakes planted to show that the oracle notices, and
//! the exhaustive explorer's report.
//!
//! In comes the wish for all of it or for one step; out goes a JSON line for each step, each planted
//! mistake and each size of the model. The exit status is 1 when a record was lost, doubled or
//! torn, a process hung, a reader saw something else than the files hold, a step that some scenario
//! should reach was not reached, or a planted mistake went unnoticed.

mod matrix;
mod model;
mod planted;
mod scenario;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use logloom_store::steps::Step;

use crate::proof::{Outcome, scratch};

/// How the proof is run.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Options {
    /// Print JSON lines (the only form there is).
    #[arg(long)]
    json: bool,
    /// Kill at the first time of each step only, not also at the second and fifth; leave the model
    /// out, which has tests of its own.
    #[arg(long)]
    quick: bool,
    /// Only these steps, separated by commas; no planted mistakes and no model then.
    #[arg(long, value_delimiter = ',', value_parser = step)]
    only: Vec<Step>,
    /// Explore the model's largest sizes as well: a minute of one core and 0.7 GB more.
    #[arg(long, conflicts_with_all = ["quick", "only", "planted"])]
    thorough: bool,
    /// Only the planted mistakes.
    #[arg(long)]
    planted: bool,
    /// Where the logs lie while it runs [default: a memory file system].
    #[arg(long)]
    dir: Option<PathBuf>,
}

fn step(name: &str) -> Result<Step, String> {
    let known = Step::ALL.iter().find(|step| step.name() == name);
    known.copied().ok_or_else(|| {
        let names: Vec<&str> = Step::ALL.iter().map(|step| step.name()).collect();
        format!("no such step; there are {}", names.join(", "))
    })
}

/// Runs the proof.
pub(crate) fn run(options: &Options) -> Outcome<ExitCode> {
    let scratch = scratch(options.dir.clone(), "steps")?;
    let holds = parts(options, &scratch)?;
    if holds {
        // What was in order leaves nothing worth keeping.
        let _ = std::fs::remove_dir_all(&scratch);
        return Ok(ExitCode::SUCCESS);
    }
    crate::proof::tell(&format!("what was left is in {}", scratch.display()));
    Ok(ExitCode::FAILURE)
}

fn parts(options: &Options, scratch: &Path) -> Outcome<bool> {
    let mut holds = true;
    if !options.planted {
        let steps = if options.only.is_empty() { Step::ALL } else { &options.only };
        holds &= matrix::run(steps, options.quick, scratch)?;
    }
    if options.only.is_empty() {
        holds &= planted::run(scratch)?;
    }
    if options.only.is_empty() && !options.planted && !options.quick {
        holds &= model::run(options.thorough)?;
    }
    Ok(holds)
}
