//! The two logs read at once, each by a thread of its own, and merged by time.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use logloom_core::mask::Masker;
use logloom_query::{Question, Statement};

use super::pairing::{Entry, Pairing, Side};
use crate::args::{CompareArguments, PlaceArguments, QueryArguments};
use crate::commands::query::Searched;
use crate::exit::Failure;
use crate::output::Shown;
use crate::place;

/// Records that one side may be ahead.
const AHEAD: usize = 4096;

/// Reads both sides to their ends.
pub(super) fn read(
    arguments: &CompareArguments,
    statement: &Statement,
    pairing: &mut Pairing,
) -> Result<(), Failure> {
    let old = Searched::open(&searched(arguments, &arguments.old))?;
    let new = open_new(arguments)?;
    let place = PlaceArguments { config: arguments.config.clone(), ..PlaceArguments::default() };
    let masker = &Masker::new(&place::settings(&place)?.mask);
    let (old_sender, old_entries) = sync_channel(AHEAD);
    let (new_sender, new_entries) = sync_channel(AHEAD);
    thread::scope(|scope| {
        let old = scope.spawn(|| give(&old, statement, masker, old_sender));
        let new = scope.spawn(|| give(&new, statement, masker, new_sender));
        merge(&old_entries, &new_entries, pairing);
        for side in [old, new] {
            side.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(())
    })
}

/// Several directories or several files, not both: a directory is a log of ours.
fn open_new(arguments: &CompareArguments) -> Result<Searched, Failure> {
    let mut directories = arguments.new.iter().filter(|path| path.is_dir());
    match (directories.next(), arguments.new.len()) {
        (None, _) => Searched::open(&searched(arguments, &arguments.new)),
        (Some(dir), 1) => {
            let mut asked = searched(arguments, &[]);
            asked.place.dir = Some(dir.clone());
            Searched::open(&asked)
        }
        (Some(dir), _) => Err(Failure::Usage(format!(
            "--new: {} is a directory: give one directory, or files",
            dir.display()
        ))),
    }
}

fn searched(arguments: &CompareArguments, files: &[PathBuf]) -> QueryArguments {
    QueryArguments {
        files: files.to_vec(),
        intake: arguments.intake.clone(),
        place: PlaceArguments { config: arguments.config.clone(), ..PlaceArguments::default() },
        ..QueryArguments::default()
    }
}

/// Hands the records of one side on, oldest first.
fn give(
    searched: &Searched,
    statement: &Statement,
    masker: &Masker,
    entries: SyncSender<Entry>,
) -> Result<(), Failure> {
    let question = Question::new(statement.clone());
    let report = searched.answer(&question, &mut |row| {
        let line = row.line();
        let Some(shown) = Shown::of(&line) else { return Ok(()) };
        // Whoever hears goes on until both sides have ended.
        entries.send(entry(&shown, masker)).map_err(|_| Failure::OutputClosed)
    })?;
    crate::commands::query::outcome(1, &report, &searched.files).map(drop)
}

/// What is compared: the text as the log would hold it, without blanks at its ends.
fn entry(shown: &Shown<'_>, masker: &Masker) -> Entry {
    Entry {
        // A line whose time cannot be read stands first on its side.
        time_ns: shown.time_ns.unwrap_or(0),
        level: shown.level.to_string(),
        text: masker.text(shown.message.trim()).into_owned(),
    }
}

/// Takes the older of the two next records each time.
fn merge(old: &Receiver<Entry>, new: &Receiver<Entry>, pairing: &mut Pairing) {
    let (mut next_old, mut next_new) = (old.recv().ok(), new.recv().ok());
    loop {
        let side = match (&next_old, &next_new) {
            (Some(old), Some(new)) if old.time_ns <= new.time_ns => Side::Old,
            (_, Some(_)) => Side::New,
            (Some(_), None) => Side::Old,
            (None, None) => break,
        };
        let (next, entries) = match side {
            Side::Old => (&mut next_old, old),
            Side::New => (&mut next_new, new),
        };
        if let Some(entry) = next.take() {
            pairing.push(side, entry);
        }
        *next = entries.recv().ok();
    }
    pairing.end();
}
