//! Saved queries: names for query texts, kept with the log in `.logloom/queries.json`.
//!
//! `@NAME` at the head of a query stands for the text; pipes and conditions may follow. The file is
//! one JSON object, written whole and renamed into its place; it may be edited.

use std::collections::BTreeMap;
use std::path::PathBuf;

use logloom_query::Question;

use crate::args::PlaceArguments;
use crate::exit::{Failure, Outcome};
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
pub(super) fn list(place: &PlaceArguments) -> Result<Outcome, Failure> {
    let queries = load(place)?;
    let lines: Vec<String> =
        queries.iter().map(|(name, query)| format!("@{name}  {query}\n")).collect();
    output::write_all(lines.concat().as_bytes())?;
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
    let query = question.statement.as_ref().map(ToString::to_string);
    queries.insert(name.to_owned(), query.unwrap_or_default());
    let path = path(place)?;
    let failure = |error: &dyn std::fmt::Display| {
        Failure::system(format!("keep the query in {}", path.display()), error)
    };
    let text = serde_json::to_string_pretty(&queries).map_err(|error| failure(&error))?;
    let fresh = path.with_extension("json.new");
    let written = std::fs::write(&fresh, text + "\n").and_then(|()| std::fs::rename(&fresh, &path));
    written.map_err(|error| failure(&error))?;
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
