//! Starts the command, reads what it kept, awaits conditions.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Longer than anything takes here on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A log directory of its own with a home that holds no configuration.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A log directory that holds these lines as the file of one day.
    pub(crate) fn with_day(lines: &str) -> Self {
        let place = Self::new();
        std::fs::create_dir(place.log()).unwrap();
        std::fs::write(place.log().join("2026-11-21.jsonl"), lines.trim_start()).unwrap();
        assert_eq!(place.logloom("recover", &[] as &[&str]).status.code(), Some(0));
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The log directory.
    pub(crate) fn log(&self) -> PathBuf {
        self.path("log")
    }

    /// The command, seeing nothing of the machine's own configuration.
    pub(crate) fn command(&self) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_logloom"))
    }

    /// Another command that sees the same.
    pub(crate) fn command_of(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env("HOME", self.folder.path()).env("TZ", "UTC");
        // A language of the machine is none of the test.
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            command.env_remove(name);
        }
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("LOGLOOM") || name.starts_with("XDG_") || name == "NO_COLOR" {
                command.env_remove(name);
            }
        }
        command
    }

    /// `logloom NAME --dir LOG ARGUMENTS...`, run to its end.
    pub(crate) fn logloom<A: AsRef<OsStr>>(&self, name: &str, arguments: &[A]) -> Output {
        self.ready(name, arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// `logloom NAME --dir LOG ARGUMENTS...`, not started yet.
    pub(crate) fn ready<A: AsRef<OsStr>>(&self, name: &str, arguments: &[A]) -> Command {
        let mut command = self.command();
        command.arg(name).arg("--dir").arg(self.log()).args(arguments);
        command
    }

    /// Runs a shell script under `logloom run`.
    pub(crate) fn run_script(&self, script: &str) -> Output {
        self.logloom("run", &["--", "sh", "-c", script])
    }

    /// Every record by `logloom query`, but those that `logloom run` makes of its own.
    pub(crate) fn records(&self) -> Vec<Value> {
        let is_own = |record: &Value| record["module"] == "logloom.run";
        self.all_records().into_iter().filter(|record| !is_own(record)).collect()
    }

    /// What `logloom run` has told of this: start, signal, exit or restart.
    pub(crate) fn events(&self, event: &str) -> Vec<Value> {
        let name = format!("logloom.run.{event}");
        self.all_records().into_iter().filter(|record| record["event"] == name).collect()
    }

    /// Every record by `logloom query`.
    pub(crate) fn all_records(&self) -> Vec<Value> {
        let output = self.logloom("query", &["--json"]);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The messages of these records.
    pub(crate) fn messages(&self) -> Vec<String> {
        let text = |record: &Value| record["message"].as_str().unwrap_or_default().to_owned();
        self.records().iter().map(text).collect()
    }
}

/// A process that is killed when the test ends before it does.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits until it ends by SIGTERM in its own way, and not by itself.
    pub(crate) fn await_handler(&self) {
        const TERM: u32 = 15;
        let path = format!("/proc/{}/status", self.0.id());
        await_that("signals are watched", || {
            let status = std::fs::read_to_string(&path).unwrap();
            let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
            let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
            (caught >> (TERM - 1) & 1 == 1).then_some(())
        });
    }

    /// Waits for the end.
    pub(crate) fn end(&mut self) -> ExitStatus {
        await_that("the process ends", || self.0.try_wait().unwrap())
    }

    /// Reads its standard output until it holds this text.
    pub(crate) fn read_until(&mut self, text: &str) -> String {
        let out = self.0.stdout.as_mut().unwrap();
        let mut read = Vec::new();
        let mut byte = [0];
        while !read.ends_with(text.as_bytes()) {
            let count = out.read(&mut byte).unwrap();
            assert!(count > 0, "ended before {text:?}: {}", String::from_utf8_lossy(&read));
            read.push(byte[0]);
        }
        String::from_utf8(read).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Looks again and again until there is an answer.
pub(crate) fn await_that<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "it never came to pass that {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// The standard error as text.
pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The standard output as text.
pub(crate) fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Bytes of a file, 0 when there is none.
pub(crate) fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |found| found.len())
}
