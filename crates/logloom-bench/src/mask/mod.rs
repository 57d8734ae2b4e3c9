//! Masking: how fast texts are searched, and how many planted secrets are found.
//!
//! Takes sizes, hands on a line of JSON or of text for each figure with its goal; exit status 3 says
//! that a figure of the proof misses its goal.

mod embed;
mod proof;
mod secrets;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use logloom_bench::report::EXIT_VOID;
use logloom_bench::stats::median;
use logloom_core::mask::{Masker, Syntax};
use serde::Serialize;

use crate::proof::{say, tell};
use proof::{Size, Verdict};
use text::Background;

/// What is run, and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
    /// Secrets that are planted.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    secrets: u32,
    /// Text that they are planted into, in megabytes.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    megabytes: u32,
    /// Seed of text and secrets.
    #[arg(long, default_value_t = 20_261_122)]
    seed: u64,
    /// Passes over each text; the median is told.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    passes: u32,
    /// Output of tools: a file, in place of the sources of this project.
    #[arg(long)]
    tool_output: Option<PathBuf>,
}

/// One figure.
#[derive(Debug, Serialize)]
struct Row {
    bench: &'static str,
    metric: String,
    ours: f64,
    unit: &'static str,
    goal: f64,
    better: &'static str,
    bytes: usize,
}

/// Runs all of it.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    let mut background = Background::new(options.seed);
    if !background.has_real() {
        tell(&"the sample logs are not at hand: all text is generated");
    }
    let samples = background.samples();
    if background.has_real() {
        tell_row(options, &speed(options, "sample_logs", samples.as_bytes(), 2.0))?;
    }
    let generated = background.generated();
    tell_row(options, &speed(options, "text_without_a_hit", generated.as_bytes(), 2.0))?;
    // Half of it are lines that come as near to a secret as text without one can.
    let near: String = std::iter::repeat_with(|| background.block()).take(400).collect();
    tell_row(options, &speed(options, "near_misses", near.as_bytes(), 0.0))?;
    let output = match &options.tool_output {
        Some(path) => {
            std::fs::read(path).map_err(|error| format!("read {}: {error}", path.display()))?
        }
        None => sources(),
    };
    tell_row(options, &speed(options, "tool_output", &output, 0.5))?;
    let size =
        Size { secrets: options.secrets as usize, bytes: options.megabytes as usize * 1_000_000 };
    let mut is_reached = true;
    for (name, syntax) in [("text", Syntax::Text), ("json_lines", Syntax::Json)] {
        let verdict = proof::run(size, syntax, options.seed);
        is_reached &= tell_verdict(options, name, &verdict)?;
    }
    Ok(if is_reached { ExitCode::SUCCESS } else { ExitCode::from(EXIT_VOID) })
}

fn tell_verdict(options: &Options, name: &str, verdict: &Verdict) -> Result<bool, String> {
    let row = |metric: &str, ours: f64, unit, goal, better| Row {
        bench: "mask",
        metric: format!("{metric}_{name}"),
        ours,
        unit,
        goal,
        better,
        bytes: verdict.bytes,
    };
    let unplanted = verdict.spans_unplanted as f64;
    let rows = [
        row("recall", verdict.recall(), "share", 0.98, "higher"),
        row("precision", verdict.precision(), "share", 0.995, "higher"),
        row("spans_unplanted", unplanted, "spans", 10.0, "lower"),
    ];
    rows.iter().try_for_each(|row| tell_row(options, row))?;
    for (what, times) in &verdict.missed {
        tell(&format!("missed {times}: {what}"));
    }
    for what in &verdict.strange {
        tell(&format!("masked for nothing: {what}"));
    }
    Ok(verdict.recall() >= 0.98 && verdict.precision() >= 0.995 && unplanted <= 10.0)
}

fn tell_row(options: &Options, row: &Row) -> Result<(), String> {
    let text = match options.json {
        true => serde_json::to_string(row).map_err(|error| error.to_string())?,
        false => format!(
            "{} {}: {:.4} {} (goal {}), {} bytes",
            row.bench, row.metric, row.ours, row.unit, row.goal, row.bytes
        ),
    };
    say(&text);
    Ok(())
}

/// Gigabytes a second, batch by batch as the writer has them.
fn speed(options: &Options, metric: &str, text: &[u8], goal: f64) -> Row {
    let masker = Masker::default();
    let mut hits = Vec::new();
    let mut rates = Vec::new();
    for _ in 0..options.passes {
        let start = Instant::now();
        for batch in text.chunks(256 << 10) {
            hits.clear();
            masker.find(batch, Syntax::Text, &mut hits);
        }
        rates.push(text.len() as f64 / start.elapsed().as_secs_f64() / 1e9);
    }
    Row {
        bench: "mask",
        metric: metric.to_owned(),
        ours: median(&rates),
        unit: "GB/s",
        goal,
        better: "higher",
        bytes: text.len(),
    }
}

/// What an agent's tools print most: files of a project, here of this one.
fn sources() -> Vec<u8> {
    let mut text = Vec::new();
    add_files(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.."), &mut text);
    text
}

fn add_files(folder: &Path, text: &mut Vec<u8>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            add_files(&path, text);
        } else if path
            .extension()
            .is_some_and(|end| ["rs", "md", "toml", "json"].iter().any(|known| end == *known))
        {
            text.extend(std::fs::read(&path).unwrap_or_default());
        }
    }
}
