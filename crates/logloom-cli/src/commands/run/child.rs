//! The program as a process: signals handed on to it, its end awaited.
//!
//! A signal is never sent to a process number that may belong to somebody else by now: the end is
//! noticed first, and the number given back under the lock that sending takes. A signal that the
//! terminal sends reaches the program by itself and is not sent a second time, except for the end of
//! a terminal whose session we lead. Signals are handed on by a thread of their own, which nothing
//! here keeps waiting, and told to the other side.

use std::io;
use std::process::Child;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_current_process_group, kill_process, waitid,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use wait4::{ResUse, Wait4};

use super::stream::Window;
use crate::exit::say;
use crate::signals::{self, Received};

/// Signals that are handed on, and the one that tells of a new size of the terminal.
const WATCHED: &[i32] = &[SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH];

/// Signals that wait to be told; beyond them they are handed on untold.
const TOLD_MAX: usize = 1_024;

/// Where the program is in its life.
enum Stage {
    /// Not started; what came so far.
    Before(Vec<i32>),
    Running {
        process: Pid,
        windows: Vec<Window>,
        was_asked: bool,
    },
    /// It has ended, and what it printed is taken over. A first signal may be late, and meant for
    /// the program as well: only the next one means us.
    Ended {
        was_asked: bool,
    },
    /// It will be started again.
    Between,
}

/// What the one who waits for the end is told.
enum News {
    Signal(Received),
    Ended,
}

/// Hands signals on and awaits the end of programs, one after the other.
pub(super) struct Relay {
    stage: Arc<Mutex<Stage>>,
    news: Receiver<News>,
    tell: SyncSender<News>,
}

impl Relay {
    /// Begins to watch; what comes before the program runs is handed on then.
    pub(super) fn watch() -> io::Result<Relay> {
        let stage = Arc::new(Mutex::new(Stage::Before(Vec::new())));
        let (tell, news) = mpsc::sync_channel(TOLD_MAX);
        let (shared, sender) = (stage.clone(), tell.clone());
        signals::watch(WATCHED, move |signal| receive(&mut lock(&shared), signal, &sender))?;
        Ok(Relay { stage, news, tell })
    }

    /// A program was started: from now on it gets the signals, those included that came before.
    ///
    /// # Errors
    /// There is no thread to await its end.
    pub(super) fn begin(&self, child: &Child, windows: Vec<Window>) -> io::Result<()> {
        let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let process = process.ok_or(io::ErrorKind::InvalidInput)?;
        self.run(process, windows);
        let (stage, tell) = (self.stage.clone(), self.tell.clone());
        let watcher = std::thread::Builder::new().name("end".to_owned());
        watcher.spawn(move || {
            notice_end(process);
            end(&mut lock(&stage));
            // The receiver lives as long as the relay.
            let _ = tell.send(News::Ended);
        })?;
        Ok(())
    }

    /// Awaits the end of the program that was begun with; signals are told meanwhile.
    ///
    /// # Errors
    /// The system does not let us wait.
    pub(super) fn await_end(
        &self,
        child: Child,
        told: &mut dyn FnMut(Received),
    ) -> io::Result<ResUse> {
        while let Ok(News::Signal(signal)) = self.news.recv() {
            told(signal);
        }
        child.wait4()
    }

    /// Tells the signals that came with the end or behind it.
    pub(super) fn late(&self, told: &mut dyn FnMut(Received)) {
        while let Ok(News::Signal(signal)) = self.news.try_recv() {
            told(signal);
        }
    }

    fn run(&self, process: Pid, windows: Vec<Window>) {
        let mut stage = lock(&self.stage);
        // It may have changed since the pseudo-terminals were made.
        adapt(&windows);
        let running = Stage::Running { process, windows, was_asked: false };
        if let Stage::Before(signals) = std::mem::replace(&mut *stage, running) {
            signals.into_iter().for_each(|signal| send(process, signal));
        }
    }

    /// Lets time pass between two lives; signals that come, or that came late in the life before,
    /// are told. Ends early when `told` says so.
    pub(super) fn pause(&self, time: Duration, told: &mut dyn FnMut(Received) -> bool) {
        *lock(&self.stage) = Stage::Between;
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.news.recv_timeout(left) {
                Ok(News::Signal(signal)) if told(signal) => return,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        // What comes from now on is for the program that is about to be started.
        *lock(&self.stage) = Stage::Before(Vec::new());
    }
}

/// Returns when the program has ended, and leaves its number taken.
fn notice_end(process: Pid) {
    let end = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while matches!(waitid(WaitId::Pid(process), end), Err(rustix::io::Errno::INTR)) {}
}

fn end(stage: &mut Stage) {
    let was_asked = matches!(stage, Stage::Running { was_asked: true, .. });
    *stage = Stage::Ended { was_asked };
}

fn receive(stage: &mut Stage, signal: Received, tell: &SyncSender<News>) {
    if signal.number == SIGWINCH {
        return resize(stage);
    }
    // Before it takes effect, so that it is told before the end that it may bring about.
    let _ = tell.try_send(News::Signal(signal));
    match stage {
        Stage::Before(signals) => signals.push(signal.number),
        Stage::Running { process, was_asked, .. } => {
            *was_asked = true;
            if signal.is_for_us_alone() {
                send(*process, signal.number);
            }
        }
        Stage::Between => {}
        Stage::Ended { was_asked: was_asked @ false } => *was_asked = true,
        Stage::Ended { .. } => {
            say("ended by a signal before all that the program printed was kept");
            std::process::exit(128 + signal.number);
        }
    }
}

/// Hands the size of the terminal on. The program had the terminal's own signal at the same time
/// as we, and may have looked too early: everybody in the foreground is told once more.
fn resize(stage: &Stage) {
    let Stage::Running { windows, .. } = stage else { return };
    if adapt(windows) {
        // We get it as well, and find nothing changed.
        let _ = kill_current_process_group(Signal::WINCH);
    }
}

/// Whether any of them has changed.
fn adapt(windows: &[Window]) -> bool {
    windows.iter().filter(|window| window.adapt()).count() > 0
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
