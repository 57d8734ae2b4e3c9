//! `logloom follow` as a child, and what the system says of it.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A running follower, killed when it is dropped.
pub(super) struct Following(Child);

impl Following {
    /// Follows these paths into a log directory.
    pub(super) fn start(logloom: &Path, log: &Path, paths: &[&Path]) -> Result<Self, String> {
        let mut command = Command::new(logloom);
        command.args(["follow", "--quiet", "--history", "--dir"]).arg(log).args(paths);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
        let child = command.spawn();
        child.map(Self).map_err(|error| format!("start {}: {error}", logloom.display()))
    }

    /// Ends it in order.
    pub(super) fn stop(mut self) -> Result<(), String> {
        self.signal(Signal::TERM)?;
        let status = self.0.wait().map_err(|error| format!("wait for the follower: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("the follower ended with {status}")) }
    }

    /// Kills it at whatever it is doing; one that had ended by itself is an error.
    pub(super) fn kill(mut self) -> Result<(), String> {
        self.signal(Signal::KILL)?;
        let status = self.0.wait().map_err(|error| format!("wait for the follower: {error}"))?;
        match status.signal() {
            Some(signal) if signal == Signal::KILL.as_raw() => Ok(()),
            _ => Err(format!("the follower ended by itself with {status}")),
        }
    }

    /// The most memory it ever had, in bytes.
    pub(super) fn memory_bytes(&self) -> Result<u64, String> {
        peak_bytes(self.0.id())
    }

    fn signal(&self, signal: Signal) -> Result<(), String> {
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or("a follower without a number")?;
        kill_process(pid, signal).map_err(|error| format!("signal the follower: {error}"))
    }
}

/// The most memory that a process ever had, in bytes.
pub(super) fn peak_bytes(process: u32) -> Result<u64, String> {
    let path = format!("/proc/{process}/status");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.map(|kilobytes| kilobytes * 1_024).ok_or_else(|| format!("{path}: no VmHWM"))
}

impl Drop for Following {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
