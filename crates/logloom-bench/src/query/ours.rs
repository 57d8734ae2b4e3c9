//! Our side. In comes a question and a log directory; out go its answer and how long it took, for an engine that
//! is open, for one that is opened over files that are not in memory, and until the first row.

use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use logloom_bench::stats::median;
use logloom_filter::syntax::Context;
use logloom_query::engine::{Budget, Engine, Report};
use logloom_query::pipes::{Flow, Limits};
use logloom_query::{LogFile, Statement};
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, Options};

use super::questions::{Answer, Question};
use super::store;

/// How long one question is asked again and again.
const PATIENCE: Duration = Duration::from_secs(3);
const RUNS_MAX: usize = 21;
const COLD_RUNS: usize = 3;

/// One side's figures for one question.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) answer: u64,
    /// The median, with an engine that is open and files in memory.
    pub(super) warm_ms: f64,
    /// Until the first row; 0 when there is none.
    pub(super) first_ms: f64,
    /// From opening on, with files that are not in memory.
    pub(super) cold_ms: f64,
    pub(super) report: Report,
}

/// A directory with an engine that is open.
pub(super) struct Ours {
    directory: Directory,
    engine: Engine,
}

impl Ours {
    pub(super) fn open(folder: &Path) -> Result<Self, String> {
        let directory = store::open(folder, Options::reader())?;
        Ok(Self { directory, engine: Engine::new(Arc::new(LinuxPlatform)) })
    }

    /// Asks with a snapshot taken now.
    pub(super) fn ask(&self, statement: &Statement, answer: Answer) -> Result<Asked, String> {
        let begun = Instant::now();
        let files = LogFile::of_directory(&self.directory).map_err(|error| error.to_string())?;
        let (mut rows, mut first, mut hits) = (0, None, None);
        let report = self
            .engine
            .answer(&files, statement, &Limits::default(), &Budget::default(), &mut |row| {
                first.get_or_insert_with(|| begun.elapsed());
                rows += 1;
                if answer == Answer::Hits {
                    hits = row.text("hits").parse().ok();
                }
                Ok(Flow::Continue)
            })
            .map_err(|error| error.to_string())?;
        if let Some(problem) = report.stats.problems.first() {
            return Err(problem.to_string());
        }
        let answer = match answer {
            Answer::Rows => rows,
            Answer::Hits => hits.ok_or("no hits are told")?,
        };
        Ok(Asked { answer, time: begun.elapsed(), first: first.unwrap_or_default(), report })
    }
}

/// What one run gave.
pub(super) struct Asked {
    pub(super) answer: u64,
    pub(super) time: Duration,
    first: Duration,
    report: Report,
}

/// Asks as often as is sensible.
pub(super) fn measure(folder: &Path, question: &Question) -> Result<Found, String> {
    let statement = parse(&question.text)?;
    let ours = Ours::open(folder)?;
    let mut last = ours.ask(&statement, question.answer)?;
    let (mut warm, mut first) = (Vec::new(), Vec::new());
    let begun = Instant::now();
    while warm.len() < RUNS_MAX && (warm.is_empty() || begun.elapsed() < PATIENCE) {
        let asked = ours.ask(&statement, question.answer)?;
        if asked.answer != last.answer {
            return Err(format!("{} and then {}", last.answer, asked.answer));
        }
        warm.push(millis(asked.time));
        first.push(millis(asked.first));
        last = asked;
    }
    let mut cold = Vec::new();
    for _ in 0..COLD_RUNS {
        forget(folder)?;
        let begun = Instant::now();
        Ours::open(folder)?.ask(&statement, question.answer)?;
        cold.push(millis(begun.elapsed()));
    }
    let (warm_ms, first_ms, cold_ms) = (median(&warm), median(&first), median(&cold));
    Ok(Found { answer: last.answer, warm_ms, first_ms, cold_ms, report: last.report })
}

/// Reads a question.
pub(super) fn parse(text: &str) -> Result<Statement, String> {
    Statement::parse(text, &Context::default()).map_err(|error| error.render(text))
}

pub(super) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Has the system forget what it holds of a directory's files. Those of others it keeps.
fn forget(folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() {
            let file = std::fs::File::open(&path).map_err(failed)?;
            file.sync_data().map_err(failed)?;
            rustix::fs::fadvise(file.as_fd(), 0, None, rustix::fs::Advice::DontNeed)
                .map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}
