//! Saved queries: names for query texts, kept with the log in `.logloom/queries.json`.
//!
//! `@NAME` at the head of a query stands for the text; pipes and conditions may follow. The file is
//! one JSON object, written whole and renamed into its place; it may be edited.

use std::collections::BTreeMap;
use std::path::PathBuf;

use logloom_query::Question;

use crate::args::{PlaceArguments, QueryArguments, RowFormat};
use crate::exit::{Failure, Outcome, say};
use crate::output::{Clock, Printer, Stamp, json_text};
use crate::terminal::safe_text;
use crate::{output, place};

/// The largest file of queries, in bytes.
const BYTES_MAX: u64 = 1 << 20;

type Queries = BTreeMap<String, String>;

/// The query with the saved one that it names in place of the name.
pub(super) fn expanded(place: &PlaceArguments, text: String) -> Result<String, Failure> {
    let Some(rest) = text.trim_start().strip_prefix('@') else { return Ok(text) };
    let end = rest.find(|c: char| !is_of_name(c)).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let queries = load(place)?;
    match queries.get(name) {
        Some(query) => Ok(format!("{query}{rest}")),
        None => {
            let known: Vec<&str> = queries.keys().map(String::as_str).collect();
            let nearest = logloom_filter::syntax::nearest(name, &known);
            let hint = nearest.map_or_else(
                || "`logloom query --saved` lists them".to_owned(),
                |nearest| format!("did you mean @{nearest}?"),
            );
            Err(Failure::Usage(format!("there is no saved query @{name}: {hint}")))
        }
    }
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.')
}

/// Prints the saved queries.
pub(super) fn list(arguments: &QueryArguments) -> Result<Outcome, Failure> {
    let queries = load(&arguments.place)?;
    if queries.is_empty() {
        let path = path(&arguments.place)?;
        say(format_args!("no query is saved in {}: --save NAME keeps one", path.display()));
    }
    match arguments.format() {
        RowFormat::Pretty => {
            let line = |(name, query): (&String, &String)| format!("@{name}  {query}\n");
            let lines: String = queries.iter().map(line).collect();
            output::write_all(safe_text(&lines).as_bytes())?;
        }
        format => {
            let clock = Clock::new(arguments.utc, Stamp::Date);
            let mut printer = Printer::of_rows(format, clock, false);
            for (name, query) in &queries {
                let (name, query) = (json_text(name), json_text(query));
                printer.row(format!("{{\"name\":{name},\"query\":{query}}}").as_bytes())?;
            }
            printer.finish()?;
        }
    }
    Ok(if queries.is_empty() { Outcome::Nothing } else { Outcome::Done })
}

/// Keeps a query under a name.
pub(super) fn save(
    place: &PlaceArguments,
    name: &str,
    question: &Question,
) -> Result<Outcome, Failure> {
    if name.is_empty() || !name.chars().all(is_of_name) {
        let text = format!("--save {name}: a name has letters, digits, `_`, `-` and `.` only");
        return Err(Failure::Usage(text));
    }
    let mut queries = load(place)?;
    let query = question.statement.as_ref().map(ToString::to_string).unwrap_or_default();
    let path = path(place)?;
    let folder = path.parent().unwrap_or(&path);
    if !folder.is_dir() {
        return Err(Failure::System(format!(
            "there is no {}, where a log directory keeps saved queries: nothing has been logged there by \
             Logloom. Name a log directory with --dir, or make the folder: mkdir '{}'",
            folder.display(),
            folder.display()
        )));
    }
    let before = queries.insert(name.to_owned(), query.clone());
    let failure = |error: &dyn std::fmt::Display| {
        Failure::system(format!("keep the query in {}", path.display()), error)
    };
    let text = serde_json::to_string_pretty(&queries).map_err(|error| failure(&error))?;
    let fresh = path.with_extension("json.new");
    let written = std::fs::write(&fresh, text + "\n").and_then(|()| std::fs::rename(&fresh, &path));
    written.map_err(|error| failure(&error))?;
    if let Some(before) = before.filter(|before| *before != query) {
        say(format_args!("@{name} stands for another query now; it was: {before}"));
    }
    Ok(Outcome::Done)
}

fn load(place: &PlaceArguments) -> Result<Queries, Failure> {
    let path = path(place)?;
    let failure = |error: &dyn std::fmt::Display| {
        Failure::system(format!("read the saved queries in {}", path.display()), error)
    };
    let length = match std::fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Queries::new()),
        other => other.map_err(|error| failure(&error))?.len(),
    };
    if length > BYTES_MAX {
        return Err(failure(&"it is larger than 1 MiB"));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| failure(&error))?;
    serde_json::from_str(&text).map_err(|error| failure(&error))
}

/// Where the queries of the first log directory are.
fn path(place: &PlaceArguments) -> Result<PathBuf, Failure> {
    let settings = place::settings(place)?;
    let none = || Failure::Usage("no log directory is configured: name one with --dir".to_owned());
    let directory = settings.store.dir.first().ok_or_else(none)?;
    Ok(directory.join(".logloom").join("queries.json"))
}
