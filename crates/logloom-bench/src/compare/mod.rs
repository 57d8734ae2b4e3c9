//! Takes workloads and options, hands on rows of ours, theirs and their ratio; refuses to let a run
//! count in which a record is missing.
//!
//! A pair is one run of ours and at once one of theirs, each in a fresh process; pairs follow each
//! other, so that whatever else the machine does falls on both sides alike.

mod jobs;
mod machine;
mod markdown;
mod programs;
mod rows;
mod table;

use std::io::Write;
use std::process::ExitCode;

use logloom_bench::report::EXIT_VOID;

use crate::args::Options;
pub(crate) use jobs::Bench;
use jobs::{Job, action_jobs, jobs};
use programs::Programs;
use rows::{Pair, Row};

/// Runs the workloads and prints JSON lines or tables.
pub(crate) fn run(benches: &[Bench], options: &Options) -> Result<ExitCode, String> {
    tell(measure(jobs(benches, options), options)?, options)
}

/// Loggers that write JSON, as an action log must be.
const JSON_PEERS: [&str; 2] = ["tracing-appender", "slog-async"];

/// What an action costs, beside the same fields in other loggers.
pub(crate) fn action(options: &Options) -> Result<ExitCode, String> {
    let mut options = options.clone();
    if options.peers.is_empty() {
        options.peers = JSON_PEERS.map(str::to_owned).to_vec();
    }
    tell(measure(action_jobs(&options), &options)?, &options)
}

fn tell(
    outcomes: impl Iterator<Item = Result<Outcome, String>>,
    options: &Options,
) -> Result<ExitCode, String> {
    let mut void = 0;
    for outcome in outcomes {
        let outcome = outcome?;
        void += outcome.void;
        let text = if options.json { table::json(&outcome.rows)? } else { table::text(&outcome) };
        print(&text)?;
    }
    Ok(status(void))
}

/// Runs every workload and prints one Markdown table, or JSON lines where these are asked for.
pub(crate) fn all(options: &Options) -> Result<ExitCode, String> {
    if options.json {
        return run(&Bench::ALL, options);
    }
    let outcomes: Vec<Outcome> =
        measure(jobs(&Bench::ALL, options), options)?.collect::<Result<_, _>>()?;
    let rows: Vec<Row> = outcomes.iter().flat_map(|outcome| outcome.rows.clone()).collect();
    print(&markdown::page(&rows, &machine::Machine::of_this(), options.quick))?;
    Ok(status(outcomes.iter().map(|outcome| outcome.void).sum()))
}

fn status(void: usize) -> ExitCode {
    if void > 0 { ExitCode::from(EXIT_VOID) } else { ExitCode::SUCCESS }
}

/// What the pairs of one job against one logger gave.
struct Outcome {
    job: Job,
    peer: String,
    rows: Vec<Row>,
    /// Pairs that do not count.
    void: usize,
}

/// Outcomes one after the other, as they come.
fn measure(
    jobs: Vec<Job>,
    options: &Options,
) -> Result<impl Iterator<Item = Result<Outcome, String>>, String> {
    if cfg!(debug_assertions) {
        note("this build is not optimised; its figures mean nothing (cargo run --release)");
    }
    let programs = Programs::find(options)?;
    let work: Vec<(Job, String)> = jobs
        .into_iter()
        .flat_map(|job| programs.peers.clone().into_iter().map(move |peer| (job.clone(), peer)))
        .collect();
    Ok(work.into_iter().map(move |(job, peer)| pairs(&programs, job, peer)))
}

/// All pairs of one job against one logger.
fn pairs(programs: &Programs, job: Job, peer: String) -> Result<Outcome, String> {
    let (mut counted, mut void) = (Vec::new(), 0);
    for number in 1..=job.pairs {
        let pair = Pair { ours: programs.ours(&job)?, theirs: programs.theirs(&job, &peer)? };
        let reasons = [&pair.ours, &pair.theirs]
            .map(|report| report.void.as_ref().map(|reason| format!("{}: {reason}", report.party)));
        let reasons: Vec<String> = reasons.into_iter().flatten().collect();
        if reasons.is_empty() {
            counted.push(pair);
        } else {
            void += 1;
            note(&format!("{job} pair {number} is void: {}", reasons.join("; ")));
        }
    }
    Ok(Outcome { rows: rows::rows(&job, &counted, void), job, peer, void })
}

fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| format!("standard output: {error}"))
}

/// Says something beside the figures.
fn note(text: &str) {
    // Losing a note must not lose the figures.
    let _ = writeln!(std::io::stderr(), "logloom-bench: {text}");
}
