//! The lives of a program: started, attended, recorded, and started again where that is wanted.
//!
//! Takes the command, gives the exit status to hand on: that of the last life, or 128 and the
//! number of the signal that ended the wait for the next one. A signal that asks for the end
//! (SIGINT, SIGTERM, SIGQUIT, or SIGHUP where the program ended by it) ends the restarts too, and so
//! does the end of whoever read the output.

use std::ffi::OsString;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use logloom_intake::StreamOptions;
use logloom_ring::process;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::child::Relay;
use super::events::{self, Events};
use super::kept::Kept;
use super::pump::{Ended, Pump, Pumped};
use super::restart::Restarts;
use super::stream::Channel;
use crate::args::RunArguments;
use crate::exit::{Failure, say};
use crate::signals::Received;

/// How a life ended.
struct Life {
    status: u8,
    lasted: Duration,
    /// Somebody asked for the end, and not only of this life.
    is_stopped: bool,
    /// Whoever read what it printed was gone before it ended.
    is_unread: bool,
}

/// Runs one command as often as is wanted.
pub(super) struct Supervisor<'a> {
    arguments: &'a RunArguments,
    options: StreamOptions,
    events: Events,
    relay: Relay,
    restarts: Restarts,
}

impl<'a> Supervisor<'a> {
    pub(super) fn new(
        arguments: &'a RunArguments,
        options: StreamOptions,
        events: Events,
        relay: Relay,
    ) -> Self {
        let restarts = Restarts::new(arguments.restart, arguments.restart_max);
        Self { arguments, options, events, relay, restarts }
    }

    /// Runs the command to its last end; gives the status to hand on.
    ///
    /// # Errors
    /// It cannot be started, or the system refuses what that takes.
    pub(super) fn run(mut self) -> Result<u8, Failure> {
        loop {
            let life = self.live()?;
            if life.is_stopped {
                return Ok(life.status);
            }
            let Some(pause) = self.restarts.after(life.status == 0, life.lasted) else {
                return Ok(life.status);
            };
            if life.is_unread {
                self.events.unread();
                say(format_args!("nobody reads the output any more: {}", self.events.not_again()));
                return Ok(life.status);
            }
            self.events.restarting(self.restarts.count(), pause);
            let mut stopped = None;
            self.relay.pause(pause, &mut |signal| {
                let is_end = asks_for_the_end(signal.number) || signal.number == SIGHUP;
                stopped = is_end.then_some(signal.number).or(stopped);
                is_end
            });
            if let Some(signal) = stopped {
                self.events.stopped(signal);
                return Ok(u8::try_from(128 + signal).unwrap_or(1));
            }
        }
    }

    /// One life. That it cannot be started is a failure at first, and later one more short life:
    /// a program that is being replaced is missing for a moment.
    fn live(&self) -> Result<Life, Failure> {
        let channels = [
            ("stdout", self.channel(io::stdout().as_fd())?),
            ("stderr", self.channel(io::stderr().as_fd())?),
        ];
        match start(&self.arguments.command, &channels) {
            Ok(child) => self.attend(child, channels),
            Err(Failure::Start { status, text }) => {
                self.events.refused(status, &text);
                if self.restarts.count() == 0 {
                    return Err(Failure::Start { status, text });
                }
                say(&text);
                Ok(Life { status, lasted: Duration::ZERO, is_stopped: false, is_unread: false })
            }
            Err(failure) => Err(failure),
        }
    }

    fn channel(&self, own: std::os::fd::BorrowedFd<'_>) -> Result<Channel, Failure> {
        Channel::open(own, !self.arguments.no_pty)
            .map_err(|error| Failure::system("make a pipe", error))
    }

    /// Takes the program's output over until it has ended.
    fn attend(
        &self,
        child: Child,
        mut channels: [(&'static str, Channel); 2],
    ) -> Result<Life, Failure> {
        let (start, number) = (Instant::now(), child.id());
        let failed = |error| Failure::system("take over the output of the program", error);
        let windows = channels.each_mut().map(|(_, channel)| channel.window.take());
        // Before anything that waits for the log: signals reach the program whatever happens to it.
        self.relay.begin(&child, windows.into_iter().flatten().collect()).map_err(failed)?;
        let begin = self.events.start(number);
        let (ended, end) = Ended::pair().map_err(failed)?;
        let until = ended.clone().map_err(failed)?;
        let announcer = std::thread::spawn(move || events::announce(&begin, &until));
        let mut pumps = Vec::new();
        for (name, Channel { reader, writer, copy, .. }) in channels {
            // The stream ends when the last one who writes has closed it.
            drop(writer);
            let kept = Kept::new(name, self.arguments.ansi, self.options.clone());
            let ended = ended.clone().map_err(failed)?;
            let pump = Pump::new(reader, copy, kept, ended, self.arguments.linger);
            let thread = std::thread::Builder::new().name(name.to_owned());
            // A copy into a file that may not grow any more is given up; the log goes on.
            let work = move || process::with_size_limit_as_error(|| pump.run());
            pumps.push(thread.spawn(work).map_err(failed)?);
        }
        let mut came = Vec::new();
        let mut told = |signal: Received| {
            self.events.signalled(number, signal);
            came.push(signal.number);
        };
        let outcome = self.relay.await_end(child, &mut told);
        let lasted = start.elapsed();
        drop(end);
        let is_unread = self.drain(pumps);
        // It hands a record over at the most.
        let _ = announcer.join();
        self.relay.late(&mut told);
        let end = outcome.map_err(|error| Failure::system("wait for the program", error))?;
        self.events.ended(number, &end, lasted);
        let is_hung_up = end.status.signal() == Some(SIGHUP) && came.contains(&SIGHUP);
        let is_stopped = is_hung_up || came.into_iter().any(asks_for_the_end);
        Ok(Life { status: status_of(end.status), lasted, is_stopped, is_unread })
    }

    /// Waits until everything that was printed is kept; says whether whoever read it is gone.
    fn drain(&self, pumps: Vec<JoinHandle<Pumped>>) -> bool {
        let pumped: Vec<Pumped> = pumps.into_iter().flat_map(JoinHandle::join).collect();
        if pumped.contains(&Pumped::LeftOpen) {
            say(format_args!(
                "the program has ended, but something that it started holds its output open; what \
                 that prints from now on is not kept (see --linger, now {:?})",
                self.arguments.linger
            ));
        }
        pumped.contains(&Pumped::Unwanted)
    }
}

fn asks_for_the_end(signal: i32) -> bool {
    matches!(signal, SIGINT | SIGTERM | SIGQUIT)
}

fn start(command: &[OsString], channels: &[(&str, Channel); 2]) -> Result<Child, Failure> {
    let (program, arguments) =
        command.split_first().ok_or_else(|| Failure::Usage("name a program to run".to_owned()))?;
    let writer = |channel: &Channel| channel.writer.try_clone().map(Stdio::from);
    let [(_, out), (_, errors)] = channels;
    let started = writer(out).and_then(|out| {
        Command::new(program).args(arguments).stdout(out).stderr(writer(errors)?).spawn()
    });
    started.map_err(|error| Failure::Start {
        status: if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 },
        text: format!("cannot run {}: {error}", program.to_string_lossy()),
    })
}

/// The exit status to hand on: the program's own, or 128 and the number of its signal.
fn status_of(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
