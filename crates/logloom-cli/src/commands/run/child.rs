//! The program as a process: signals handed on to it, its end awaited.
//!
//! A signal is never sent to a process number that may belong to somebody else by now: the end is
//! noticed first, and the number given back under the lock that sending takes.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

use crate::exit::say;
use crate::signals::{self, Received};

/// Signals that are handed on.
const RELAYED: &[i32] = &[SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];

/// Where the program is in its life.
enum Stage {
    /// Not started; what came so far.
    Before(Vec<i32>),
    Running(Pid),
    Ended,
}

/// Hands signals on.
pub(super) struct Relay(Arc<Mutex<Stage>>);

impl Relay {
    /// Begins to watch; what comes before [`Relay::begin`] is handed on then.
    pub(super) fn watch() -> io::Result<Relay> {
        let stage = Arc::new(Mutex::new(Stage::Before(Vec::new())));
        let shared = stage.clone();
        signals::watch(RELAYED, move |signal| receive(&mut lock(&shared), signal))?;
        Ok(Relay(stage))
    }

    /// The program runs under this number.
    pub(super) fn begin(&self, process: u32) {
        let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) else { return };
        let mut stage = lock(&self.0);
        if let Stage::Before(signals) = std::mem::replace(&mut *stage, Stage::Running(process)) {
            signals.into_iter().for_each(|signal| send(process, signal));
        }
    }

    /// Waits for the end of the program.
    pub(super) fn wait(&self, child: &mut Child) -> io::Result<ExitStatus> {
        notice_end(child);
        let mut stage = lock(&self.0);
        *stage = Stage::Ended;
        child.wait()
    }
}

/// Returns when the program has ended, and leaves its number taken.
fn notice_end(child: &Child) {
    let Some(process) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return };
    let end = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while matches!(waitid(WaitId::Pid(process), end), Err(rustix::io::Errno::INTR)) {}
}

fn receive(stage: &mut Stage, signal: Received) {
    match stage {
        Stage::Before(signals) => signals.push(signal.number),
        // The terminal has sent its signals to the program itself.
        Stage::Running(process) if signal.is_from_process => send(*process, signal.number),
        Stage::Running(_) => {}
        Stage::Ended => {
            say("ended by a signal before all that the program printed was kept");
            std::process::exit(128 + signal.number);
        }
    }
}

fn send(process: Pid, signal: i32) {
    if let Some(signal) = Signal::from_named_raw(signal) {
        // It may have ended on its own: then there is nobody to tell.
        let _ = kill_process(process, signal);
    }
}

fn lock(stage: &Mutex<Stage>) -> MutexGuard<'_, Stage> {
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The exit status to hand on: the program's own, or 128 and the number of its signal.
pub(super) fn status_of(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
