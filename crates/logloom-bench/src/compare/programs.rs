//! Takes a job, starts the program of one side as a fresh process and hands on its report; refuses
//! a peer that could not be built, with a note, and goes on without it.
//!
//! Ours and the plain write are this program itself; the others are `bench-compare`, which is built
//! first when one of them is wanted, and spdlog beside it. Each run has an empty directory that is deleted afterwards.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use logloom_bench::report::{EXIT_VOID, RunReport};

use super::jobs::Job;
use super::note;
use crate::args::Options;
use crate::{built, ours, raw};

/// The peer that may be missing.
const SPDLOG: &str = "spdlog";

/// The programs of both sides.
pub(crate) struct Programs {
    own: PathBuf,
    others: PathBuf,
    directory: PathBuf,
    /// The loggers to compare with.
    pub(crate) peers: Vec<String>,
    runs: AtomicU64,
}

impl Programs {
    /// Builds what is missing or stale, and asks which loggers there are.
    pub(crate) fn find(options: &Options) -> Result<Programs, String> {
        let own = std::env::current_exe().map_err(|error| format!("this program: {error}"))?;
        let target = built::target()?;
        let (mut others, mut peers) = (PathBuf::new(), Vec::new());
        if options.peers.iter().any(|name| name != raw::NAME) || options.peers.is_empty() {
            others = built::release("bench-compare", "bench-compare", &target)?;
            peers = list(&others)?;
            let wants_spdlog = options.peers.is_empty() || options.peers.contains(&SPDLOG.into());
            let has_spdlog = wants_spdlog && build_spdlog(&target);
            peers.retain(|peer| has_spdlog || peer != SPDLOG);
        }
        peers.push(raw::NAME.to_owned());
        if let Some(unknown) = options.peers.iter().find(|name| !peers.contains(name)) {
            return Err(format!("there is no logger `{unknown}`; there are: {}", peers.join(", ")));
        }
        peers.retain(|peer| options.peers.is_empty() || options.peers.contains(peer));
        let directory = options.dir.clone().unwrap_or_else(|| target.join("bench"));
        Ok(Programs { own, others, directory, peers, runs: AtomicU64::new(0) })
    }

    /// One run of ours.
    pub(crate) fn ours(&self, job: &Job) -> Result<RunReport, String> {
        self.run(job, ours::NAME)
    }

    /// One run of another logger.
    pub(crate) fn theirs(&self, job: &Job, peer: &str) -> Result<RunReport, String> {
        self.run(job, peer)
    }

    fn run(&self, job: &Job, party: &str) -> Result<RunReport, String> {
        let mut command = if [ours::NAME, raw::NAME].contains(&party) {
            let mut command = Command::new(&self.own);
            command.arg("run");
            command
        } else {
            Command::new(&self.others)
        };
        let directory = self.fresh_directory()?;
        command.args([party, job.bench.name(), "--shape", job.shape.name()]);
        command.arg("--threads").arg(job.threads.to_string());
        command.arg("--dir").arg(&directory);
        if job.quick {
            command.arg("--quick");
        }
        let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
        // The next run has a directory of its own; what is left here only takes space.
        let _ = std::fs::remove_dir_all(&directory);
        let output = output.map_err(|error| format!("starting {party}: {error}"))?;
        if !output.status.success() && output.status.code() != Some(i32::from(EXIT_VOID)) {
            return Err(format!("{party}: {job}: ended with {}", output.status));
        }
        let line = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(line.trim())
            .map_err(|error| format!("{party}: {job}: its report cannot be read: {error}"))
    }

    fn fresh_directory(&self) -> Result<PathBuf, String> {
        let number = self.runs.fetch_add(1, Ordering::Relaxed);
        let directory = self.directory.join(format!("{}-{number}", std::process::id()));
        std::fs::create_dir_all(&directory)
            .map_err(|error| format!("{}: {error}", directory.display()))?;
        Ok(directory)
    }
}

/// Whether spdlog's side could be built; the script says why not.
fn build_spdlog(target: &Path) -> bool {
    let script = built::root().join("scripts/build-spdlog.sh");
    match Command::new(&script).arg(target).stdin(Stdio::null()).status() {
        Ok(status) => status.success(),
        Err(error) => {
            note(&format!("{}: {error}; spdlog is left out", script.display()));
            false
        }
    }
}

fn list(program: &Path) -> Result<Vec<String>, String> {
    let output = Command::new(program).arg("--list").output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    let names = String::from_utf8_lossy(&output.stdout);
    Ok(names.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}
