//! Workloads and proofs: hot path, throughput, kills at marked steps.
//!
//! Takes a subcommand, hands on figures beside those of other loggers, as JSON lines or tables;
//! exit status 3 says that a run did not count because records were dropped, lost or doubled.

mod action;
mod args;
mod built;
mod compare;
mod conformance;
mod crowd;
mod goals;
mod index;
mod intake;
mod life;
mod mask;
mod open_day;
mod oracle;
mod ours;
mod proof;
mod query;
mod raw;
mod scan;
mod sigkill;
mod steps;

use std::io::Write;
use std::process::ExitCode;

use args::Command;
use compare::Bench;
use logloom_bench::child::{Order, conclude, measure};

fn main() -> ExitCode {
    let done = match args::parse() {
        Command::Hotpath(options) => compare::run(&[Bench::Hotpath], &options),
        Command::Throughput(options) => compare::run(&[Bench::Throughput], &options),
        Command::Disabled(options) => compare::run(&[Bench::Disabled], &options),
        Command::Idle(options) => compare::run(&[Bench::Idle], &options),
        Command::All(options) => compare::all(&options),
        Command::Action(options) => action::run(&options),
        // Proofs that kill processes are subcommands of their own, each in a folder beside `compare`.
        Command::Sigkill(options) => sigkill::run(&options),
        Command::Steps(options) => steps::run(&options),
        Command::Crowd(options) => crowd::run(&options),
        Command::Forks(options) => crowd::forks::run(&options),
        Command::Stall(options) => crowd::stall::run(&options),
        Command::Intake(options) => intake::run(&options),
        Command::Life(options) => life::run(&options),
        Command::Index(options) => index::run(&options),
        Command::Scan(options) => scan::run(&options),
        Command::Mask(options) => mask::run(&options),
        Command::Query(options) => query::run(&options),
        Command::Conformance(options) => conformance::run(&options),
        Command::Oracle(options) => oracle::run(&options),
        Command::Party { order } => proof::roles::run(&order),
        Command::Run(words) => run(words.words),
    };
    done.unwrap_or_else(|error| {
        // A terminal that is gone must not hide the status.
        let _ = writeln!(std::io::stderr(), "logloom-bench: {error}");
        ExitCode::FAILURE
    })
}

/// One run of a logger that needs no other program; the comparison starts it as a child.
fn run(words: Vec<String>) -> Result<ExitCode, String> {
    let order = Order::parse(words.into_iter())?;
    let setup = &order.setup;
    let (version, measured) = match order.party.as_str() {
        ours::NAME => (env!("CARGO_PKG_VERSION"), measure(ours::start(setup)?, &order)?),
        raw::NAME => ("write(2)", measure(raw::start(setup)?, &order)?),
        other => return Err(format!("`{other}` is run by bench-compare")),
    };
    conclude(&order, version, measured)
}
