//! Benches of the store: figures with goals, measured in a folder of their own.
//!
//! Takes a name and the work, hands on JSON lines (`bench, metric, value, unit, goal, holds`) or lines for
//! people; exit status 3 says that a goal was missed. The folder is gone afterwards.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use clap::Args;
use logloom_bench::report::EXIT_VOID;
use logloom_store::sys::{LinuxPlatform, Platform};
use logloom_store::{Day, Directory};
use serde::Serialize;

/// What every bench of the store takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Common {
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
    /// Runs of each measurement; the best is told, since others use the machine too.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) runs: u32,
    /// Where the files lie while it runs [default: `bench` in the build folder].
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// What a figure is to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goal {
    /// It is only told.
    None,
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    fn holds(self, value: f64) -> bool {
        match self {
            Goal::None => true,
            Goal::AtLeast(goal) => value >= goal,
            Goal::AtMost(goal) => value <= goal,
        }
    }

    fn figure(self) -> Option<f64> {
        match self {
            Goal::None => None,
            Goal::AtLeast(goal) | Goal::AtMost(goal) => Some(goal),
        }
    }
}

/// One figure.
#[derive(Debug, Serialize)]
struct Row<'a> {
    bench: &'static str,
    metric: &'a str,
    value: f64,
    unit: &'static str,
    /// `None` where the figure is only told.
    goal: Option<f64>,
    holds: bool,
}

/// A bench while it runs.
pub(crate) struct Bench {
    name: &'static str,
    is_json: bool,
    folder: PathBuf,
    all_hold: bool,
}

/// Runs a bench; its files lie below the folder of the options, or where benches usually do. Status 3 when a
/// goal is missed.
pub(crate) fn run(
    name: &'static str,
    options: &Common,
    work: impl FnOnce(&mut Bench) -> Result<(), String>,
) -> Result<ExitCode, String> {
    let base = options
        .dir
        .clone()
        .map_or_else(|| crate::built::target().map(|target| target.join("bench")), Ok)?;
    let folder = base.join(format!("{name}-{}", std::process::id()));
    let mut bench = Bench { name, is_json: options.json, folder, all_hold: true };
    let outcome = work(&mut bench);
    // What is left only takes space.
    let _ = std::fs::remove_dir_all(&bench.folder);
    outcome?;
    Ok(if bench.all_hold { ExitCode::SUCCESS } else { ExitCode::from(EXIT_VOID) })
}

impl Bench {
    /// Tells one figure.
    pub(crate) fn tell(
        &mut self,
        metric: &str,
        value: f64,
        unit: &'static str,
        goal: Goal,
    ) -> Result<(), String> {
        let (figure, holds) = (goal.figure(), goal.holds(value));
        self.all_hold &= holds;
        let text = match self.is_json {
            true => {
                let row = Row { bench: self.name, metric, value, unit, goal: figure, holds };
                serde_json::to_string(&row).map_err(|error| error.to_string())?
            }
            false => {
                let goal = match goal {
                    Goal::None => String::new(),
                    Goal::AtLeast(goal) => format!(" (at least {goal})"),
                    Goal::AtMost(goal) => format!(" (at most {goal})"),
                };
                let missed = if holds { "" } else { " MISSED" };
                format!("{metric}: {value:.3} {unit}{goal}{missed}")
            }
        };
        crate::proof::say(&text);
        Ok(())
    }

    /// An empty folder.
    pub(crate) fn fresh(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.folder.join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("make {}: {error}", folder.display()))?;
        Ok(folder)
    }

    /// Bytes of the lines as one gzip member; `None` without gzip.
    pub(crate) fn gzip(&self, text: &[u8]) -> Result<Option<usize>, String> {
        let path = self.fresh("gzip")?.join("lines");
        write(&path, text)?;
        let packed =
            Command::new("gzip").args(["-6", "-c"]).arg(&path).stderr(Stdio::null()).output();
        let packed = packed.ok().filter(|output| output.status.success());
        if packed.is_none() {
            crate::proof::say(&"gzip is not installed: its ratio is not compared");
        }
        Ok(packed.map(|output| output.stdout.len()))
    }
}

/// Writes a whole file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|error| format!("write {}: {error}", path.display()))
}

/// The log directory in this folder.
pub(crate) fn open(folder: &Path) -> Result<Directory, String> {
    Directory::open(folder, logloom_store::Options::default(), Arc::new(LinuxPlatform))
        .map_err(|error| error.to_string())
}

/// The day so many days ago.
pub(crate) fn day(back: u32) -> Result<Day, String> {
    let today = Day::from_unix_ns(LinuxPlatform.realtime_ns()).number();
    today.checked_sub(back).and_then(Day::from_number).ok_or("the clock is not set".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_missed_goal_is_told_by_the_status_and_the_folder_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let options = Common { json: true, runs: 1, dir: Some(dir.path().to_owned()) };
        let status = |value| {
            run("some", &options, |bench| {
                write(&bench.fresh("a")?.join("b"), b"c")?;
                bench.tell("least", value, "", Goal::AtLeast(2.0))?;
                bench.tell("most", value, "", Goal::AtMost(3.0))?;
                bench.tell("told", value, "", Goal::None)
            })
        };
        for (value, is_reached) in [(1.9, false), (2.0, true), (3.0, true), (3.1, false)] {
            let expected = if is_reached { ExitCode::SUCCESS } else { ExitCode::from(EXIT_VOID) };
            assert_eq!(format!("{:?}", status(value).unwrap()), format!("{expected:?}"));
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
