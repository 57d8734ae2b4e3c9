//! `logloom run`: runs a program, passes through what it prints, and keeps each line of it.
//!
//! The program inherits the standard input and the process group, and gets a pseudo-terminal for
//! each of its streams that goes to a terminal, else a pipe. Its exit status is handed on; it is
//! started again where that is asked for. Lines are in the log before they are passed through.
//! Where the log cannot be written the program waits; nothing is dropped. What may be lost: what
//! something that the program left behind prints after the wait of `--linger`.

mod child;
mod command;
mod events;
mod kept;
mod pump;
mod restart;
mod stream;
mod supervisor;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use logloom_core::settings::Settings;
use logloom_intake::{Defaults, StreamOptions};
use logloom_record::names::SecretNames;

use crate::args::RunArguments;
use crate::engine::Engine;
use crate::exit::{Failure, Outcome};
use crate::formats::{over, recogniser, zone};
use crate::place;
use child::Relay;
use events::Events;
use supervisor::Supervisor;

pub(crate) fn run(arguments: RunArguments) -> Result<Outcome, Failure> {
    let mut settings = place::settings(&arguments.place)?;
    settings.service = service(&arguments);
    checked(&settings)?;
    let options = options(&arguments, &settings)?;
    let shown = command::shown(&arguments.command, &secrets(&settings));
    let directory = Engine::open(&mut settings)?;
    let relay = Relay::watch().map_err(|error| Failure::system("watch signals", error))?;
    let engine = Engine::start(settings, directory)?;
    let events = Events::new(name(&arguments.command), shown);
    let outcome = Supervisor::new(&arguments, options, events, relay).run();
    engine.stop();
    outcome.map(Outcome::Status)
}

/// The name in the records: the one that was asked for, else that of the program.
fn service(arguments: &RunArguments) -> String {
    arguments.service.clone().unwrap_or_else(|| name(&arguments.command))
}

/// The name of the program without its folder.
fn name(command: &[OsString]) -> String {
    let program = command.first().map(OsString::as_os_str).unwrap_or(OsStr::new(""));
    let name = Path::new(program).file_name().unwrap_or(program);
    name.to_string_lossy().chars().take(64).collect()
}

/// How the lines of each stream become records, as the command line says.
fn options(arguments: &RunArguments, settings: &Settings) -> Result<StreamOptions, Failure> {
    let format = over(&arguments.format, &settings.intake);
    let zone = Some(zone(&format)?);
    let defaults = Defaults { zone, ..Defaults::default() };
    let recogniser = recogniser(&format)?;
    Ok(StreamOptions { recogniser, defaults, tells_arrival: false, ..StreamOptions::default() })
}

/// Refuses a name that no record can have.
fn checked(settings: &Settings) -> Result<(), Failure> {
    match settings.validate().into_iter().find(|problem| problem.key == "service") {
        Some(problem) => Err(Failure::Usage(format!("--service: {}", problem.message))),
        None => Ok(()),
    }
}

/// The names whose values are masked in this log.
fn secrets(settings: &Settings) -> SecretNames {
    match settings.mask.enabled {
        true => SecretNames::with(settings.mask.fields.iter().map(String::as_str)),
        false => SecretNames::none(),
    }
}
