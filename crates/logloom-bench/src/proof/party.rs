//! The processes of a proof: this program started again with an order, watched, killed, stopped.
//!
//! In comes an [`Order`]; out goes a [`Party`], which ends when its standard input does. Whatever
//! still runs when a [`Party`] is dropped is killed.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::oracle::Run;
use super::{Outcome, failed};

/// Number of SIGKILL.
const SIGKILL: i32 = 9;

/// What a process is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    /// Log from several threads until told to end.
    Write,
    /// Recover every dead writer, once.
    Recover,
    /// Recover again and again until told to end.
    Sweep,
    /// Seal the newest open file again and again until told to end.
    Seal,
    /// Read along with a cursor until told to end, then to the last line.
    Follow,
    /// Open the directory as if the machine had started anew.
    Boot,
    /// Log from several threads and fork children that log.
    Fork,
}

/// An order to a process.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    /// What to do.
    pub(crate) role: Role,
    /// The log directory.
    pub(crate) dir: PathBuf,
    /// Where segments lie.
    pub(crate) rings: PathBuf,
    /// Where this process keeps its acknowledgements, or a follower its notes.
    pub(crate) board: PathBuf,
    /// Its number.
    pub(crate) run: u64,
    /// Threads that log.
    pub(crate) threads: u64,
    /// Calls between two acknowledgements.
    pub(crate) burst: u64,
    /// Pause of a thread after each acknowledgement, in microseconds.
    pub(crate) pause_us: u64,
    /// Records of each thread; 0 for no end.
    pub(crate) limit: u64,
    /// Bytes of a thread's ring.
    pub(crate) ring: u64,
    /// Bytes from which a new file is begun.
    pub(crate) max_file_size: u64,
    /// Most bytes of a batch.
    pub(crate) batch: u32,
    /// What a full ring means.
    pub(crate) policy: String,
    /// Whether some records are of yesterday.
    pub(crate) days: bool,
}

impl Order {
    /// The run as the oracle knows it.
    pub(crate) fn as_run(&self) -> Run {
        Run { number: self.run, threads: self.threads, board: self.board.clone() }
    }
}

/// A running process of a proof.
pub(crate) struct Party {
    child: Child,
    status: Option<ExitStatus>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself, with exit status 0.
    Well,
    /// By SIGKILL.
    Killed,
    /// By another status or signal.
    Badly,
    /// Not within the time given; it was killed then.
    Hung,
}

impl Party {
    /// Starts a process. `variables` are added to its environment; its standard error is appended
    /// to `errors`.
    pub(crate) fn start(
        order: &Order,
        variables: &[(&str, &str)],
        errors: &Path,
    ) -> Outcome<Party> {
        let words = serde_json::to_string(order).map_err(failed("write an order"))?;
        let program = std::env::current_exe().map_err(failed("find this program"))?;
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(errors);
        let child = Command::new(program)
            .args(["party", &words])
            .env_remove("LOGLOOM_KILL_AT")
            .env_remove("LOGLOOM_PLANT")
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors.map_err(failed("keep the errors of a process"))?)
            .spawn()
            .map_err(failed("start a process"))?;
        Ok(Party { child, status: None })
    }

    /// Number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it says that it is ready; `false` when it ended before that, or says nothing
    /// until the deadline.
    pub(crate) fn wait_ready(&mut self, deadline: Duration) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let Some(out) = self.child.stdout.as_mut() else { return false };
        let timeout = Timespec::try_from(deadline).ok();
        let answers = poll(&mut [PollFd::new(out, PollFlags::IN)], timeout.as_ref());
        answers.is_ok_and(|answers| answers > 0) && out.read_exact(&mut [0]).is_ok()
    }

    /// The lines that it prints, as they come, to its end; nobody waits for them here.
    pub(crate) fn lines(&mut self) -> Receiver<String> {
        let (send, lines) = channel();
        if let Some(out) = self.child.stdout.take() {
            std::thread::spawn(move || {
                // Nobody may be listening any more.
                BufReader::new(out)
                    .lines()
                    .map_while(Result::ok)
                    .try_for_each(|line| send.send(line))
            });
        }
        lines
    }

    /// Sends SIGKILL and waits for the end, which is [`End::Killed`] unless it came before.
    pub(crate) fn kill(&mut self) -> End {
        // It may have ended by itself, which the answer tells.
        let _ = self.child.kill();
        if let Ok(status) = self.child.wait() {
            self.status = Some(status);
        }
        self.end()
    }

    /// Stops it, or lets it go on.
    pub(crate) fn stop(&self, stopped: bool) {
        use rustix::process::{Pid, Signal, kill_process};
        let signal = if stopped { Signal::STOP } else { Signal::CONT };
        if let Some(process) = Pid::from_raw(self.child.id().cast_signed()) {
            // It may have ended meanwhile.
            let _ = kill_process(process, signal);
        }
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status.is_some()
    }

    /// Tells it to end.
    pub(crate) fn tell_to_end(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits for its end, at most `deadline`; kills it then.
    pub(crate) fn wait(&mut self, deadline: Duration) -> End {
        let start = Instant::now();
        while !self.has_ended() {
            if start.elapsed() > deadline {
                self.kill();
                return End::Hung;
            }
            std::thread::park_timeout(Duration::from_micros(300));
        }
        self.end()
    }

    fn end(&self) -> End {
        match self.status {
            Some(status) if status.success() => End::Well,
            Some(status) if status.signal() == Some(SIGKILL) => End::Killed,
            _ => End::Badly,
        }
    }

    /// Tells it to end and waits for that.
    pub(crate) fn finish(&mut self, deadline: Duration) -> End {
        self.tell_to_end();
        self.wait(deadline)
    }
}

impl Drop for Party {
    fn drop(&mut self) {
        if !self.has_ended() {
            self.kill();
        }
    }
}
