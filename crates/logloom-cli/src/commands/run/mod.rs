//! `logloom run`: runs a program, passes through what it prints, and keeps each line of it.
//!
//! The program inherits the standard input and the process group. Its exit status is handed on.
//! Where the log cannot be written the program waits at its pipe; nothing is dropped. What may be
//! lost: lines that something the program left behind prints after the wait of `--linger`.

mod child;
mod pump;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use logloom_core::settings::Settings;

use crate::args::RunArguments;
use crate::capture::Capture;
use crate::engine::Engine;
use crate::exit::{Failure, Outcome, say};
use crate::place;
use child::{Relay, status_of};
use pump::{Ended, Pump, Pumped};

pub(crate) fn run(arguments: RunArguments) -> Result<Outcome, Failure> {
    let mut settings = place::settings(&arguments.place)?;
    settings.service = service(&arguments);
    checked(&settings)?;
    let directory = Engine::open(&mut settings)?;
    let relay = Relay::watch().map_err(|error| Failure::system("watch signals", error))?;
    let engine = Engine::start(settings, directory)?;
    let outcome = start(&arguments.command)
        .and_then(|child| attend(child, &relay, arguments.linger))
        .map(Outcome::Status);
    engine.stop();
    outcome
}

/// The name in the records: the one that was asked for, else that of the program.
fn service(arguments: &RunArguments) -> String {
    let program = arguments.command.first().map(OsString::as_os_str).unwrap_or(OsStr::new(""));
    let name = Path::new(program).file_name().unwrap_or(program);
    let short = |name: &OsStr| name.to_string_lossy().chars().take(64).collect();
    arguments.service.clone().unwrap_or_else(|| short(name))
}

/// Refuses a name that no record can have.
fn checked(settings: &Settings) -> Result<(), Failure> {
    match settings.validate().into_iter().find(|problem| problem.key == "service") {
        Some(problem) => Err(Failure::Usage(format!("--service: {}", problem.message))),
        None => Ok(()),
    }
}

fn start(command: &[OsString]) -> Result<Child, Failure> {
    let (program, arguments) =
        command.split_first().ok_or_else(|| Failure::Usage("name a program to run".to_owned()))?;
    let started =
        Command::new(program).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    started.map_err(|error| Failure::Start {
        status: if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 },
        text: format!("cannot run {}: {error}", program.to_string_lossy()),
    })
}

/// Takes the program's output over until it has ended; gives its status.
fn attend(mut child: Child, relay: &Relay, linger: Duration) -> Result<u8, Failure> {
    relay.begin(child.id());
    let failed = |error| Failure::system("take over the output of the program", error);
    let (ended, end) = Ended::pair().map_err(failed)?;
    let mut pumps = Vec::new();
    if let Some(pipe) = child.stdout.take() {
        let copy = io::stdout().as_fd().try_clone_to_owned();
        pumps.push(spawn(pipe.into(), copy, "stdout", &ended, linger).map_err(failed)?);
    }
    if let Some(pipe) = child.stderr.take() {
        let copy = io::stderr().as_fd().try_clone_to_owned();
        pumps.push(spawn(pipe.into(), copy, "stderr", &ended, linger).map_err(failed)?);
    }
    let status = relay.wait(&mut child);
    drop(end);
    let pumped: Vec<Pumped> = pumps.into_iter().flat_map(JoinHandle::join).collect();
    if pumped.contains(&Pumped::LeftOpen) {
        say(format_args!(
            "the program has ended, but something that it started holds its output open; what \
             that prints from now on is not kept (see --linger, now {linger:?})"
        ));
    }
    status.map(status_of).map_err(|error| Failure::system("wait for the program", error))
}

fn spawn(
    pipe: OwnedFd,
    copy: io::Result<OwnedFd>,
    stream: &'static str,
    ended: &Ended,
    linger: Duration,
) -> io::Result<JoinHandle<Pumped>> {
    // A standard output that is closed takes no copy, and is no reason not to keep the lines.
    let copy = copy.ok().map(File::from);
    let capture = Capture::new(None, ("stream", stream.to_owned()));
    let pump = Pump::new(pipe, copy, capture, ended.clone()?, linger);
    std::thread::Builder::new().name(stream.to_owned()).spawn(move || pump.run())
}
