//! `logloom index`: the indexes of finished files made, checked, described or deleted.

use logloom_store::Directory;
use logloom_store::FileState;
use logloom_store::index::{IndexCheck, Made, NoIndex};
use logloom_store::read::{FileSnapshot, Order};

use crate::args::IndexArguments;
use crate::exit::{Failure, Outcome};
use crate::output::{self, bytes, json_text};
use crate::place;
use crate::terminal::safe_line;

/// What is to be told of the index of one file.
struct Told {
    file: String,
    state: State,
    check: Option<IndexCheck>,
}

enum State {
    Good,
    Made,
    Deleted,
    Missing,
    /// It is damaged, of another file, or cannot be made, for this reason.
    Bad(String),
    /// There is none, and cannot be, for this reason.
    Left(String),
}

impl State {
    fn name(&self) -> &'static str {
        match self {
            State::Good => "good",
            State::Made => "made",
            State::Deleted => "deleted",
            State::Missing => "missing",
            State::Bad(_) => "bad",
            State::Left(_) => "left",
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            State::Bad(reason) | State::Left(reason) => Some(reason),
            _ => None,
        }
    }
}

pub(crate) fn run(arguments: &IndexArguments) -> Result<Outcome, Failure> {
    if !arguments.files.is_empty() {
        return super::indexed::run(arguments);
    }
    let settings = place::settings(&arguments.place)?;
    if let Some(missing) = settings.store.dir.iter().find(|path| !path.exists()) {
        return Err(Failure::System(format!("there is no log directory {}", missing.display())));
    }
    let mut told = Vec::new();
    for path in &settings.store.dir {
        let opened = match arguments.build {
            true => place::open_for_appending(path, &settings),
            false => place::open_reader(path),
        };
        let directory = opened.map_err(|error| Failure::System(error.to_string()))?;
        let snapshot = directory
            .snapshot(Order::OldestFirst)
            .map_err(|error| Failure::System(error.to_string()))?;
        if arguments.build {
            // What is still written to is never finished, and is not told.
            let indexed = directory.index_open_files(&settings.store.index, &|| false);
            indexed.map_err(|error| Failure::System(error.to_string()))?;
        }
        let is_closed = |file: &&FileSnapshot| file.state != FileState::Open || file.slot.is_none();
        for file in snapshot.files.iter().filter(is_closed) {
            told.push(see_to(arguments, &directory, file, &settings.store.index)?);
        }
    }
    output::report(arguments.report.format(), told.iter().map(json), || {
        match told.is_empty() {
        true => {
            "no file is finished: only those that take no more records are indexed. Days that are over are finished \
             by the program that logs, or by `logloom clean`\n"
                .to_owned()
        }
        false => told.iter().map(readable).collect::<String>() + &sum(&told),
    }
    })?;
    let is_bad = |one: &Told| matches!(one.state, State::Bad(_));
    Ok(if told.iter().any(is_bad) { Outcome::Nothing } else { Outcome::Done })
}

fn see_to(
    arguments: &IndexArguments,
    directory: &Directory,
    file: &FileSnapshot,
    settings: &logloom_store::index::IndexSettings,
) -> Result<Told, Failure> {
    let failed = |error: logloom_store::StoreError| Failure::System(error.to_string());
    let name = file.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    let mut is_made = false;
    if arguments.delete {
        let is_there = directory.remove_index(file).map_err(failed)?;
        let state = if is_there { State::Deleted } else { State::Missing };
        return Ok(Told { file: name, state, check: None });
    }
    if arguments.build {
        // What is damaged inside looks right from outside, and would be kept.
        if directory.open_index(file).is_ok_and(|index| !index.check().damage.is_empty()) {
            directory.remove_index(file).map_err(failed)?;
        }
        match directory.make_index(file, settings, &|| false).map_err(failed)? {
            Made::Done { .. } => is_made = true,
            Made::Not(reason) => {
                return Ok(Told { file: name, state: State::Left(reason), check: None });
            }
            Made::Later => {
                return Err(Failure::System(
                    "another program is seeing to the finished files: try again when it is done"
                        .to_owned(),
                ));
            }
            _ => {}
        }
    }
    let (state, check) = match directory.open_index(file) {
        Ok(index) => {
            let check = index.check();
            let state = match (check.damage.is_empty(), is_made) {
                (false, _) => State::Bad(format!("damaged: {}", check.damage.join(", "))),
                (true, true) => State::Made,
                (true, false) => State::Good,
            };
            (state, Some(check))
        }
        Err(NoIndex::Missing) => (State::Missing, None),
        Err(unused) => (State::Bad(unused.to_string()), None),
    };
    Ok(Told { file: name, state, check })
}

fn json(one: &Told) -> String {
    let mut text =
        format!("{{\"file\":{},\"state\":\"{}\"", json_text(&one.file), one.state.name());
    if let Some(reason) = one.state.reason() {
        text += &format!(",\"reason\":{}", json_text(reason));
    }
    if let Some(check) = &one.check {
        let list =
            |all: &[String]| all.iter().map(|one| json_text(one)).collect::<Vec<_>>().join(",");
        let sections: Vec<String> =
            check.sections.iter().map(|(name, bytes)| format!("\"{name}\":{bytes}")).collect();
        text += &format!(
            ",\"bytes\":{},\"lines_bytes\":{},\"stored_bytes\":{},\"sections\":{{{}}},\"columns\":[{}],\
             \"left_out\":[{}],\"damage\":[{}]",
            check.bytes,
            check.raw,
            check.stored,
            sections.join(","),
            list(&check.columns),
            list(&check.left_out),
            list(&check.damage)
        );
    }
    text + "}"
}

fn readable(one: &Told) -> String {
    let mut text = format!("{}: {}", safe_line(&one.file), one.state.name());
    if let Some(reason) = one.state.reason() {
        text += &format!(", {}", safe_line(reason));
    }
    text.push('\n');
    let Some(check) = &one.check else { return text };
    text += &format!("  {} of {} of lines\n", share(check.bytes, check.raw), bytes(check.raw));
    for (name, size) in check.sections.iter().filter(|(_, size)| *size > 0) {
        text += &format!("  {name}: {}\n", share(*size, check.raw));
    }
    if !check.columns.is_empty() {
        text += &format!("  fields with columns: {}\n", safe_line(&check.columns.join(" ")));
    }
    for left in &check.left_out {
        text += &format!("  left out: {}\n", safe_line(left));
    }
    text
}

fn share(size: u64, raw: u64) -> String {
    format!("{}, {:.2} %", bytes(size), 100.0 * size as f64 / raw.max(1) as f64)
}

fn sum(told: &[Told]) -> String {
    let checks = || told.iter().filter_map(|one| one.check.as_ref());
    let (size, raw): (u64, u64) =
        checks().fold((0, 0), |(size, raw), check| (size + check.bytes, raw + check.raw));
    match raw {
        0 => String::new(),
        _ => format!("all indexes: {} of {} of lines\n", share(size, raw), bytes(raw)),
    }
}
