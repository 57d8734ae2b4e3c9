//! A place for a proof: a log directory with its segments, the runs that logged there, and the
//! judgement of what they left.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, Options};

use super::oracle::{self, Run, Verdict};
use super::party::{End, Order, Party, Role};
use super::{Outcome, failed};

/// How long any process may take to end or to recover.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// One directory of a proof.
pub(crate) struct Stage {
    /// Where everything of it lies.
    pub(crate) base: PathBuf,
    /// Who logged here.
    pub(crate) runs: Vec<Run>,
    /// Environment of every process: the mistake that is planted, if any.
    pub(crate) planted: Option<&'static str>,
    next_run: u64,
}

impl Stage {
    /// An empty place beneath `scratch`.
    pub(crate) fn new(scratch: &Path, name: &str) -> Outcome<Stage> {
        let base = scratch.join(name);
        for folder in ["log", "rings", "boards"] {
            let path = base.join(folder);
            let doing = format!("make {}", path.display());
            std::fs::create_dir_all(&path).map_err(failed(&doing))?;
        }
        Ok(Stage { base, runs: Vec::new(), planted: None, next_run: 1 })
    }

    /// The log directory.
    pub(crate) fn log(&self) -> PathBuf {
        self.base.join("log")
    }

    /// Where the segments lie.
    pub(crate) fn rings(&self) -> PathBuf {
        self.base.join("rings")
    }

    /// An order with small rings, small files and everything else as the library has it.
    pub(crate) fn order(&mut self, role: Role) -> Order {
        let run = self.next_run;
        self.next_run += 1;
        Order {
            role,
            dir: self.log(),
            rings: self.rings(),
            board: self.base.join("boards").join(run.to_string()),
            run,
            threads: 2,
            burst: 4,
            pause_us: 300,
            limit: 0,
            ring: 16 << 10,
            max_file_size: 32 << 10,
            batch: 256 << 10,
            policy: "block".to_owned(),
            days: true,
        }
    }

    /// Starts a process and remembers the run where it logs.
    pub(crate) fn start(&mut self, order: &Order, kill_at: Option<&str>) -> Outcome<Party> {
        if matches!(order.role, Role::Write | Role::Fork) {
            self.runs.push(order.as_run());
        }
        let mut variables = Vec::new();
        variables.extend(kill_at.map(|step| ("LOGLOOM_KILL_AT", step)));
        variables.extend(self.planted.map(|bug| ("LOGLOOM_PLANT", bug)));
        Party::start(order, &variables, &self.base.join("errors"))
    }

    /// One recovery by a fresh process.
    pub(crate) fn recover(&mut self, kill_at: Option<&str>) -> Outcome<End> {
        let order = self.order(Role::Recover);
        Ok(self.start(&order, kill_at)?.wait(PATIENCE))
    }

    /// Recovers every writer at once. `false` when some writer is left, or the recovery failed.
    pub(crate) fn recover_all(&mut self) -> Outcome<bool> {
        Ok(self.recover(None)? == End::Well)
    }

    /// The directory as a reader sees it.
    pub(crate) fn look(&self) -> Outcome<Directory> {
        Directory::open(&self.log(), Options::reader(), Arc::new(LinuxPlatform))
            .map_err(failed("read the log directory"))
    }

    /// What the oracle says now.
    pub(crate) fn judge(&self) -> Outcome<Verdict> {
        oracle::judge(&self.log(), &self.runs)
    }

    /// Removes everything.
    pub(crate) fn remove(self) {
        // What cannot be removed is found by the user in the scratch folder.
        let _ = std::fs::remove_dir_all(&self.base);
    }
}
