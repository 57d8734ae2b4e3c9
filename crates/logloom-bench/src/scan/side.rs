//! One program that answers a question: takes its command line and what its answer must hold, hands on
//! seconds and memory.
//!
//! A run whose answer is not the one that the input was made for is an error.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// How often memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// A program, and what its answer must hold.
pub(super) struct Side {
    pub(super) name: String,
    pub(super) command: Vec<String>,
    pub(super) expected: String,
}

impl Side {
    /// Seconds from the start of the program to its end.
    pub(super) fn seconds(&self) -> Result<f64, String> {
        let begun = Instant::now();
        let child = self.start()?;
        self.conclude(child)?;
        Ok(begun.elapsed().as_secs_f64())
    }

    /// The most memory it took, in MiB: `VmHWM` of the program, looked at each millisecond, since a
    /// process that has ended tells it no more. Of a pipeline it is the largest of its programs, as
    /// the kernel tells it at their end.
    pub(super) fn memory_mib(&self) -> Result<f64, String> {
        let child = self.start()?;
        let status = format!("/proc/{}/status", child.id());
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watch = scope.spawn(|| {
                let mut most = 0.0_f64;
                while !is_over.load(Ordering::Relaxed) {
                    let text = std::fs::read_to_string(&status).unwrap_or_default();
                    most = most.max(high_water_mib(&text));
                    std::thread::sleep(LOOK_EVERY);
                }
                most
            });
            let largest = self.conclude(child);
            is_over.store(true, Ordering::Relaxed);
            let most = watch.join().map_err(|_| "looking at the memory failed")?;
            let largest = largest?;
            Ok(if self.is_pipeline() { largest } else { most })
        })
    }

    fn is_pipeline(&self) -> bool {
        self.command[0] == "sh"
    }

    fn start(&self) -> Result<Child, String> {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).stdin(Stdio::null()).stdout(Stdio::piped());
        command.spawn().map_err(|error| format!("{}: {error}", self.name))
    }

    /// Reads the answer and waits for the end; the memory of the largest process in MiB.
    fn conclude(&self, mut child: Child) -> Result<f64, String> {
        let told = |error: std::io::Error| format!("{}: {error}", self.name);
        let mut answer = String::new();
        let mut out = child.stdout.take().ok_or("no output")?;
        out.read_to_string(&mut answer).map_err(told)?;
        let ended = child.wait4().map_err(told)?;
        if !ended.status.success() || !answer.contains(&self.expected) {
            let head: String = answer.chars().take(300).collect();
            let expected = &self.expected;
            return Err(format!("{}: {expected:?} is not in the answer: {head}", self.name));
        }
        Ok(ended.rusage.maxrss as f64 / 1_048_576.0)
    }
}

/// `VmHWM` of a process's status; 0 where there is none.
fn high_water_mib(status: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1_024.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_high_water_mark_is_read() {
        assert_eq!(high_water_mib("VmPeak:\t 9 kB\nVmHWM:\t    2048 kB\n"), 2.0);
        assert_eq!(high_water_mib("Name:\tx\n"), 0.0);
    }

    #[test]
    fn a_wrong_answer_is_an_error() {
        let side = |expected: &str| Side {
            name: "echo".to_owned(),
            command: ["echo", "12"].map(str::to_owned).to_vec(),
            expected: expected.to_owned(),
        };
        assert!(side("12").seconds().unwrap() > 0.0);
        assert!(side("13").seconds().unwrap_err().contains("is not in the answer"));
    }
}
