//! Files of other programs, prepared for searches on request: `logloom index --files`.
//!
//! Beside the file `app.json.gz` stands then the folder `app.json.gz.logloom`: a small log directory with the
//! file's records in our form, compressed and with their index, and `source.json`, which says what it was made
//! of. It is used by `logloom query --files` as long as the file is the same (length, time of change, both
//! ends) and its format was asked for in the same words; it is never made without being asked for, and may be
//! deleted at any time.

mod make;
mod source;

use std::io;
use std::path::{Path, PathBuf};

use logloom_store::Directory;

use crate::args::IndexArguments;
use crate::commands::query::foreign::{self, Reading};
use crate::exit::{Failure, Outcome, say};
use crate::output::{self, bytes, json_text};
use crate::place;
use crate::terminal::safe_line;
use source::{Look, Source};

/// The end of the name of a folder.
const SUFFIX: &str = ".logloom";

/// What is added while it is made.
const MAKING: &str = ".new";

/// The folder that stands beside a file.
fn folder_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SUFFIX);
    PathBuf::from(name)
}

/// The folder in which it is made.
fn making_of(folder: &Path) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(MAKING);
    PathBuf::from(name)
}

/// Whether a folder is being made here, or was until its process was killed.
fn is_making(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().as_encoded_bytes();
    name.strip_suffix(MAKING.as_bytes()).is_some_and(|name| name.ends_with(SUFFIX.as_bytes()))
        && source::path(folder).is_file()
}

/// Whether a folder was made here, so that it holds nothing but what is in the file beside it.
pub(crate) fn is_prepared(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().as_encoded_bytes();
    name.len() > SUFFIX.len() && name.ends_with(SUFFIX.as_bytes()) && source::path(folder).is_file()
}

/// Whether nothing in a folder is a log of its own: it is a copy of the file beside it, or will be one.
pub(crate) fn is_copy(folder: &Path) -> bool {
    is_prepared(folder) || is_making(folder)
}

/// How a file stands to its folder.
#[derive(Debug, PartialEq, Eq)]
enum State {
    Missing,
    Good,
    /// It is of another content, or cannot be used, for this reason.
    Stale(String),
}

fn state(path: &Path, reading: &Reading, look: Look) -> State {
    let folder = folder_of(path);
    if !source::path(&folder).is_file() {
        return State::Missing;
    }
    let told = Source::read(&folder)
        .and_then(|known| Source::of(path, reading).map(|now| (known.difference(&now), known)));
    match told {
        Ok((Some(reason), _)) => State::Stale(reason.to_owned()),
        Ok((None, known)) => known.damage(&folder, look).map_or(State::Good, State::Stale),
        Err(error) => State::Stale(error.to_string()),
    }
}

/// The records of a file as they were prepared, if they were and can be used. Why they cannot is told.
pub(in crate::commands) fn open(path: &Path, reading: &Reading) -> Option<Directory> {
    let reason = match state(path, reading, Look::Ends) {
        State::Missing => return None,
        State::Stale(reason) => reason,
        State::Good => match place::open_reader(&folder_of(path)) {
            Ok(directory) => return Some(directory),
            Err(error) => error.to_string(),
        },
    };
    say(format_args!(
        "what was prepared of {} is not used: {reason}; `logloom index --files` makes it anew",
        path.display()
    ));
    None
}

/// What is told of one file.
struct Told {
    path: PathBuf,
    state: &'static str,
    reason: Option<String>,
    /// Bytes of the folder.
    size: Option<u64>,
}

pub(crate) fn run(arguments: &IndexArguments) -> Result<Outcome, Failure> {
    let reading = Reading::of(&arguments.intake, &arguments.place)?;
    let mut told = Vec::new();
    for path in foreign::paths(&arguments.files)? {
        if path == Path::new("-") {
            let text = "--files -: the standard input cannot be read again; name files";
            return Err(Failure::Usage(text.to_owned()));
        }
        let one = see_to(arguments, &reading, &path);
        told.push(
            one.map_err(|error| Failure::system(format!("index {}", path.display()), error))?,
        );
    }
    output::report(arguments.report.format(), told.iter().map(json), || {
        told.iter().map(readable).collect()
    })?;
    let is_bad = |one: &Told| one.state == "stale";
    Ok(if told.iter().any(is_bad) { Outcome::Nothing } else { Outcome::Done })
}

fn see_to(arguments: &IndexArguments, reading: &Reading, path: &Path) -> io::Result<Told> {
    let folder = folder_of(path);
    if arguments.delete {
        let state = match is_prepared(&folder) {
            true => std::fs::remove_dir_all(&folder).map(|()| "deleted")?,
            false => "missing",
        };
        return Ok(Told { path: path.to_owned(), state, reason: None, size: None });
    }
    let look = if arguments.stats { Look::Ends } else { Look::Whole };
    let looked = state(path, reading, look);
    // Without another wish the request is to have it.
    let is_wanted = !arguments.check && !arguments.stats;
    let (state, reason) = match looked {
        State::Good => ("good", None),
        anew if is_wanted => {
            make::make(path, &folder, reading)?;
            let State::Stale(reason) = anew else { return told(path, ("made", None)) };
            ("made", Some(format!("anew: {reason}")))
        }
        State::Missing => ("missing", None),
        State::Stale(reason) => ("stale", Some(reason)),
    };
    told(path, (state, reason))
}

fn told(path: &Path, (state, reason): (&'static str, Option<String>)) -> io::Result<Told> {
    let folder = folder_of(path);
    let size = source::path(&folder).is_file().then(|| size_of(&folder)).transpose()?;
    Ok(Told { path: path.to_owned(), state, reason, size })
}

/// Bytes of all files in a folder and those within it.
fn size_of(folder: &Path) -> io::Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let found = entry.metadata()?;
        sum += if found.is_dir() { size_of(&entry.path())? } else { found.len() };
    }
    Ok(sum)
}

fn json(one: &Told) -> String {
    let path = one.path.to_string_lossy();
    let mut text = format!("{{\"file\":{},\"state\":\"{}\"", json_text(&path), one.state);
    if let Some(reason) = &one.reason {
        text += &format!(",\"reason\":{}", json_text(reason));
    }
    if let Some(size) = one.size {
        text += &format!(",\"bytes\":{size}");
    }
    text + "}"
}

fn readable(one: &Told) -> String {
    let path = one.path.to_string_lossy();
    let mut text = format!("{}: {}", safe_line(&path), one.state);
    if let Some(reason) = &one.reason {
        text += &format!(", {}", safe_line(reason));
    }
    if let Some(size) = one.size {
        let folder = folder_of(&one.path);
        text += &format!(", {} in {}", bytes(size), safe_line(&folder.to_string_lossy()));
    }
    text + "\n"
}
