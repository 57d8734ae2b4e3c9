//! The parts that follow files: lag, kills and rotations, memory.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use logloom_bench::takeover::lag::{self, Load};
use logloom_bench::takeover::{kills, memory};

use super::{Options, Place, Row, What};
use crate::proof::dice::Dice;
use crate::proof::tell as note;

/// Lines a second of `lag`, and the part of it that must have been reached for the run to count.
const LAG_RATE: u64 = 10_000;
const LAG_RATE_SHARE_MIN: f64 = 0.95;

/// Milliseconds from write to record that 99 of 100 lines may take.
const LAG_GOAL: f64 = 50.0;

/// Mebibytes of memory that the follower may take.
const MEMORY_GOAL: f64 = 64.0;

const MEBIBYTE: f64 = (1 << 20) as f64;

/// What takes a figure.
type Tell<'a> = &'a mut dyn FnMut(&Row) -> Result<(), String>;

/// Runs those parts that were asked for; a line that was skipped or repeated is a failure.
pub(super) fn run(options: &Options, place: &Place, tell: Tell<'_>) -> Result<ExitCode, String> {
    let wanted = |what: What| options.what.is_empty() || options.what.contains(&what);
    if ![What::Lag, What::Kills, What::Memory].into_iter().any(wanted) {
        return Ok(ExitCode::SUCCESS);
    }
    let base = place.base.join(format!("follow-{}", std::process::id()));
    let bench = Bench { options, logloom: &place.logloom, base };
    if wanted(What::Lag) {
        bench.lag(tell)?;
    }
    if wanted(What::Memory) {
        bench.memory(tell)?;
    }
    let is_whole = !wanted(What::Kills) || bench.kills(tell)?;
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Bench<'a> {
    options: &'a Options,
    logloom: &'a Path,
    base: PathBuf,
}

impl Bench<'_> {
    /// Runs in a folder of its own, which is gone afterwards.
    fn within<T>(
        &self,
        name: &str,
        work: impl FnOnce(&Path) -> Result<T, String>,
    ) -> Result<T, String> {
        let folder = self.base.join(name);
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("make {}: {error}", folder.display()))?;
        let outcome = work(&folder);
        // What is left only takes space.
        let _ = std::fs::remove_dir_all(&self.base);
        outcome
    }

    fn lag(&self, tell: Tell<'_>) -> Result<(), String> {
        let files = (self.options.files / 10) as usize;
        let load = Load { files, rate: LAG_RATE, seconds: self.options.seconds };
        let lag = self.within("lag", |folder| lag::measure(self.logloom, folder, load))?;
        if lag.rate < LAG_RATE as f64 * LAG_RATE_SHARE_MIN {
            let rate = lag.rate;
            return Err(format!("only {rate:.0} lines a second could be written, not {LAG_RATE}"));
        }
        note(&format!("the slowest of {} lines took {:.1} ms", lag.lines, lag.worst));
        tell(&row("follow_lag", "p50".to_owned(), (lag.p50, LAG_GOAL), "ms", lag.lines))?;
        tell(&row("follow_lag", "p99".to_owned(), (lag.p99, LAG_GOAL), "ms", lag.lines))
    }

    fn memory(&self, tell: Tell<'_>) -> Result<(), String> {
        let files = self.options.files as usize;
        let many =
            self.within("files", |folder| memory::of_many_files(self.logloom, folder, files))?;
        let figure = (many as f64 / MEBIBYTE, MEMORY_GOAL);
        tell(&row("follow_memory", format!("{files} files"), figure, "MiB", 2 * files as u64))?;
        let megabytes = self.options.megabytes * 5;
        let long =
            self.within("line", |folder| memory::of_a_long_line(self.logloom, folder, megabytes))?;
        let figure = (long as f64 / MEBIBYTE, MEMORY_GOAL);
        tell(&row("follow_memory", format!("line of {megabytes} MiB"), figure, "MiB", 2))?;
        let (packed, lines) = self.within("packed", |folder| {
            memory::of_a_packed_import(self.logloom, folder, megabytes)
        })?;
        let figure = (packed as f64 / MEBIBYTE, MEMORY_GOAL);
        tell(&row("import_memory", format!("gz of {megabytes} MiB"), figure, "MiB", lines))
    }

    /// Whether nothing was skipped or repeated.
    fn kills(&self, tell: Tell<'_>) -> Result<bool, String> {
        let seed = self.options.seed.unwrap_or_else(Dice::fresh_seed);
        let events = self.options.events;
        let proof =
            self.within("kills", |folder| kills::prove(self.logloom, folder, events, seed))?;
        note(&format!(
            "seed {seed}: {} kills, {} files created, {} cut, {} packed",
            proof.kills, proof.created, proof.cut, proof.packed
        ));
        proof.examples.iter().for_each(note);
        for (what, count) in [("skipped", proof.skipped), ("repeated", proof.repeated)] {
            let metric = format!("{what} in {events} events");
            tell(&row("follow_kills", metric, (count as f64, 0.0), "lines", proof.lines))?;
        }
        Ok(proof.skipped + proof.repeated == 0)
    }
}

/// A figure beside its goal.
fn row(
    bench: &'static str,
    metric: String,
    (ours, goal): (f64, f64),
    unit: &'static str,
    lines: u64,
) -> Row {
    Row {
        bench,
        metric,
        ours,
        peer: "goal".to_owned(),
        theirs: goal,
        ratio: if goal > 0.0 { ours / goal } else { ours },
        unit,
        better: "lower",
        peer_version: String::new(),
        lines,
        pairs: 1,
    }
}
