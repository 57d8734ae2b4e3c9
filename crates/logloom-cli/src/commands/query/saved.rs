//! Saved queries: names for query texts, kept with the log in `.logloom/queries.json`.
//!
//! `@NAME` in a query stands for the text, at its head with pipes and all, elsewhere as a condition. The file is
//! one JSON object, written whole and renamed into its place; it may be edited.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use logloom_filter::syntax::{Context, Zone};
use logloom_query::{Question, Statement};

use crate::args::{PlaceArguments, QueryArguments, RowFormat};
use crate::exit::{Failure, Outcome, say};
use crate::output::{Clock, Printer, Stamp, json_text};
use crate::terminal::{columns, padded, safe_text};
use crate::{output, place};

/// The largest file of queries, in bytes.
const BYTES_MAX: u64 = 1 << 20;

/// The saved queries of a log directory, by name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::commands) struct Queries(BTreeMap<String, String>);

impl Queries {
    /// Those that are kept with the first log directory.
    pub(in crate::commands) fn of(place: &PlaceArguments) -> Result<Queries, Failure> {
        load(place).map(Queries)
    }

    /// The query with the saved ones that it names in place of their names; what is wrong with it.
    ///
    /// The name at its head is of a saved query; of others, words that are none stay words.
    pub(in crate::commands) fn expanded(&self, text: &str) -> Result<String, String> {
        let text = text.trim_start();
        let mut expanded = String::new();
        let mut rest = text;
        while let Some((before, name, after)) = next_name(rest) {
            let is_head = expanded.is_empty() && before.is_empty();
            expanded += before;
            match self.0.get(name) {
                Some(query) => expanded += &inserted(name, query, (is_head, after))?,
                None if is_head => return Err(self.unknown(name)),
                None => expanded += &rest[before.len()..rest.len() - after.len()],
            }
            rest = after;
        }
        Ok(expanded + rest)
    }

    fn unknown(&self, name: &str) -> String {
        let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
        let nearest = logloom_filter::syntax::nearest(name, &known);
        let hint = nearest.map_or_else(
            || "`logloom query --saved` lists them".to_owned(),
            |nearest| format!("did you mean @{nearest}?"),
        );
        format!("there is no saved query @{name}: {hint}")
    }
}

/// The text before the next `@NAME` outside quotes, the name, and the text behind it.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let mut quote = None;
    let mut is_start = true;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (None, '@') if is_start => {
                let name = &text[at + 1..];
                let (name, after) =
                    name.split_at(name.find(|c: char| !is_of_name(c)).unwrap_or(name.len()));
                // `@version:1` is a field of that name.
                if !after.starts_with(':') {
                    return Some((&text[..at], name, after));
                }
            }
            (None, '"' | '\'' | '`') => quote = Some(character),
            (Some('"' | '\''), '\\') => drop(characters.next()),
            (Some(open), closing) if open == closing => quote = None,
            _ => {}
        }
        is_start = character.is_whitespace() || matches!(character, '(' | '!' | '-');
    }
    None
}

/// A saved query as it stands among what is around its name.
fn inserted(name: &str, query: &str, (is_head, after): (bool, &str)) -> Result<String, String> {
    let after = after.trim_start();
    if is_head && (after.is_empty() || after.starts_with('|')) {
        return Ok(query.to_owned());
    }
    let context = Context { now_ns: 0, zone: Zone::Utc };
    match Statement::parse(query, &context) {
        // The bare rows of a filter: a part of another one.
        Ok(one) if one.pipes.is_empty() && one.around.is_none() => Ok(format!("({query})")),
        Ok(_) => Err(format!(
            "@{name} has pipes: it stands at the head, and only pipes may follow it, as in \
             `@{name} | filter level:error`"
        )),
        Err(error) => {
            Err(format!("the saved query @{name} cannot be read: {}", error.render(query)))
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
            let width = queries.keys().map(|name| columns(name)).max().unwrap_or(0);
            let line =
                |(name, query): (&String, &String)| format!("@{}  {query}\n", padded(name, width));
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
    write(&path, &queries)?;
    if let Some(before) = before.filter(|before| *before != query) {
        say(format_args!("@{name} stands for another query now; it was: {before}"));
    }
    Ok(Outcome::Done)
}

fn load(place: &PlaceArguments) -> Result<BTreeMap<String, String>, Failure> {
    let path = path(place)?;
    let failure = |error: &dyn std::fmt::Display| {
        Failure::system(format!("read the saved queries in {}", path.display()), error)
    };
    let length = match std::fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        other => other.map_err(|error| failure(&error))?.len(),
    };
    if length > BYTES_MAX {
        return Err(failure(&"it is larger than 1 MiB"));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| failure(&error))?;
    serde_json::from_str(&text).map_err(|error| failure(&error))
}

/// Forgets a saved query.
pub(super) fn forget(place: &PlaceArguments, name: &str) -> Result<Outcome, Failure> {
    let name = name.strip_prefix('@').unwrap_or(name);
    let mut queries = Queries::of(place)?;
    let Some(query) = queries.0.remove(name) else {
        return Err(Failure::Usage(queries.unknown(name)));
    };
    write(&path(place)?, &queries.0)?;
    say(format_args!("@{name} is forgotten; it was: {query}"));
    Ok(Outcome::Done)
}

/// Puts a new file in the place of the old one.
fn write(path: &Path, queries: &BTreeMap<String, String>) -> Result<(), Failure> {
    let failure = |error: &dyn std::fmt::Display| {
        Failure::system(format!("keep the queries in {}", path.display()), error)
    };
    let text = serde_json::to_string_pretty(queries).map_err(|error| failure(&error))?;
    let fresh = path.with_extension("json.new");
    let written = std::fs::write(&fresh, text + "\n").and_then(|()| std::fs::rename(&fresh, path));
    written.map_err(|error| failure(&error))
}

/// Where the queries of the first log directory are.
fn path(place: &PlaceArguments) -> Result<PathBuf, Failure> {
    let settings = place::settings(place)?;
    let none = || Failure::Usage("no log directory is configured: name one with --dir".to_owned());
    let directory = settings.store.dir.first().ok_or_else(none)?;
    Ok(directory.join(".logloom").join("queries.json"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn queries() -> Queries {
        let known = [("slow", "ms:>10 or ms:slow"), ("top", "* | top by (path)")];
        Queries(known.map(|(name, query)| (name.to_owned(), query.to_owned())).into())
    }

    #[test]
    fn names_become_conditions() {
        let check = |text: &str, expect: &str| {
            assert_eq!(queries().expanded(text).as_deref(), Ok(expect), "{text}");
        };
        check("error @ann", "error @ann");
        check("@slow:1", "@slow:1");
        check(" @slow", "ms:>10 or ms:slow");
        check("@slow | limit 1", "ms:>10 or ms:slow | limit 1");
        check("@slow error", "(ms:>10 or ms:slow) error");
        check("error !@slow", "error !(ms:>10 or ms:slow)");
        check("(@slow or x) @slow", "((ms:>10 or ms:slow) or x) (ms:>10 or ms:slow)");
        check("@top | limit 1", "* | top by (path) | limit 1");
        check(r#"ann@slow "a @slow \" @slow""#, r#"ann@slow "a @slow \" @slow""#);
    }

    #[test]
    fn what_cannot_stand_there_is_told() {
        let told = |text: &str| queries().expanded(text).unwrap_err();
        assert_eq!(told("@slwo"), "there is no saved query @slwo: did you mean @slow?");
        assert!(told("@top error").starts_with("@top has pipes"));
        assert!(told("error @top").starts_with("@top has pipes"));
    }
}
