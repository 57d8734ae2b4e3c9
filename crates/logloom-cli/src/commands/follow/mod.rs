//! `logloom follow`: takes over files that other programs write, as they grow, and the journal.
//!
//! How far each file was read travels in the batch that holds its lines, so that after a kill at
//! any instruction recovery knows exactly where to go on. About each second, and at the end, the
//! positions are saved in the log directory as well, for the time after the memory is gone.
//!
//! No two processes follow the same file, or the same units of the journal, into one log directory:
//! the second one says so and waits for the first to end.
//!
//! What may be lost: what [`logloom_intake::Follower`] says. What may be repeated: lines since the
//! last save when the whole machine goes down; the first of records that belong together and take more
//! than 2 MiB.

mod claims;
mod journal;
mod origin;
mod paths;
mod positions;
mod session;
pub(crate) mod tally;
mod tree;
mod waiting;

use std::convert::Infallible;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::FollowArguments;
use crate::engine::Engine;
use crate::exit::{Failure, Outcome, say};
use crate::formats::{over, recogniser, zone};
use crate::place;
use claims::Claims;
use journal::Journal;
use positions::Positions;
use session::{Ended, Kind, Session};
use waiting::Stop;

pub(crate) fn run(arguments: FollowArguments) -> Result<Outcome, Failure> {
    let mut settings = place::settings(&arguments.place)?;
    if arguments.service.as_deref() == Some("") {
        return Err(Failure::Usage("--service: an empty name is impossible".to_owned()));
    }
    let format = over(&arguments.format, &settings.intake);
    let kind = Kind { recogniser: recogniser(&format)?, zone: zone(&format)? };
    let directory = Engine::open(&mut settings)?;
    refuse_own_log(&arguments.paths, directory.path())?;
    let stop = Stop::watch().map_err(|error| Failure::system("watch signals", error))?;
    // What others follow by now is left to them, since how far they come is not among these positions.
    let mut claims = Claims::begin(directory.path())
        .map_err(|error| Failure::system("note which files are followed", error))?;
    let positions = Positions::load(&directory, &claims.name())?;
    let engine = Engine::start(settings, directory)?;
    let journal = Journal::start(&arguments, &positions, engine.directory(), &mut claims)?;
    let mut session = Session::new(&arguments, kind, positions, claims);
    session.begin();
    let ended = session.follow(engine.directory(), &stop);
    drop(journal);
    session.end(ended, engine.directory());
    let is_complete = engine.stop();
    session.save(engine.directory());
    match ended {
        _ if !is_complete => Err(Failure::System("the log was not written to its end".to_owned())),
        Ended::Asked => Ok(Outcome::Done),
        Ended::Full | Ended::Freed => begin_anew().map(|never| match never {}),
    }
}

/// The tables of one life are full, or a file is free that another process followed: another life
/// begins with empty tables and all positions. Everything that was read stands in the log, and what
/// was not is read then.
fn begin_anew() -> Result<Infallible, Failure> {
    let mut arguments = std::env::args_os();
    let mut command = Command::new("/proc/self/exe");
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    let error = command.args(arguments).exec();
    Err(Failure::system("begin anew with empty tables", error))
}

/// Following what is written by following would never end.
fn refuse_own_log(paths: &[PathBuf], log: &Path) -> Result<(), Failure> {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| absolute(path));
    let log = real(log);
    let is_own = |path: &&PathBuf| log.starts_with(real(path)) || real(path).starts_with(&log);
    match paths.iter().find(is_own) {
        None => Ok(()),
        Some(path) => Err(Failure::Usage(format!(
            "{} holds the log directory {} itself, or is part of it: name the files to follow, or \
             choose another log directory with --dir",
            path.display(),
            log.display()
        ))),
    }
}

/// Names in messages and records should mean the same wherever they are read.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Says what the store found out about its own files meanwhile.
fn tell_warnings(directory: &logloom_store::Directory) {
    directory.warnings().iter().for_each(say);
}
