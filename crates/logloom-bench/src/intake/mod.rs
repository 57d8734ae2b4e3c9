//! What programs already print, taken over: how fast, and beside whom.
//!
//! Takes which parts to run, hands on JSON lines (`bench, metric, ours, peer, theirs, ratio`) or lines
//! for people; a run after which a line is missing or doubled does not count and is told.

mod follow;
mod import;
mod peers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::built;

/// The parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// A file of plain text and one of JSON lines into day files.
    Import,
    /// From a write into one of a thousand files until its record can be read.
    Lag,
    /// Kills of the follower and rotations of its sources.
    Kills,
    /// The most memory of the follower and of an import.
    Memory,
}

/// What is run, and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Only these parts [default: all].
    #[arg(value_enum)]
    what: Vec<What>,
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
    /// Runs of each side, in turns; the medians are told.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pairs: u32,
    /// Size of each input, in megabytes.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    megabytes: u64,
    /// Where inputs and logs lie while it runs [default: `bench` in the build folder].
    #[arg(long)]
    dir: Option<PathBuf>,
    /// How long lines are written for `lag`, in seconds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Kills and rotations of `kills`.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    events: u64,
    /// Files of `memory`; `lag` has a tenth of them.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(10..=12_000))]
    files: u64,
    /// Seed of the moments of `kills`.
    #[arg(long)]
    seed: Option<u64>,
    /// The command to measure [default: a release build of it].
    #[arg(long)]
    logloom: Option<PathBuf>,
}

/// What is measured, and where.
struct Place {
    /// The build folder, beneath which the peers may lie.
    target: PathBuf,
    /// The command.
    logloom: PathBuf,
    /// Where inputs and logs lie meanwhile.
    base: PathBuf,
}

impl Place {
    fn of(options: &Options) -> Result<Place, String> {
        let target = built::target()?;
        let logloom = match &options.logloom {
            Some(program) => program.clone(),
            None => built::release("logloom-cli", "logloom", &target)?,
        };
        let base = options.dir.clone().unwrap_or_else(|| target.join("bench"));
        Ok(Place { target, logloom, base })
    }
}

/// One figure beside another's.
#[derive(Debug, Serialize)]
struct Row {
    bench: &'static str,
    metric: String,
    ours: f64,
    peer: String,
    theirs: f64,
    ratio: f64,
    unit: &'static str,
    better: &'static str,
    peer_version: String,
    lines: u64,
    pairs: usize,
}

/// Runs the parts.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    let mut tell = |row: &Row| {
        let text = match options.json {
            true => serde_json::to_string(row).map_err(|error| error.to_string())?,
            false => format!(
                "{} {}: {:.1} {}, {} {:.1} ({:.2} times)",
                row.bench, row.metric, row.ours, row.unit, row.peer, row.theirs, row.ratio
            ),
        };
        crate::proof::say(&text);
        Ok(())
    };
    let place = Place::of(options)?;
    if options.what.is_empty() || options.what.contains(&What::Import) {
        import::run(options, &place, &mut tell)?;
    }
    follow::run(options, &place, &mut tell)
}
