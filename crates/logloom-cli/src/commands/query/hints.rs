//! What may have been meant, where nothing was found: said on the standard error, and changes nothing.
//!
//! Takes the words of the query outside quotes, up to its pipes. Each is a valid one; these are habits from other
//! languages: a comparison without the colon, a level as a word, a file in the place of the query.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use logloom_filter::syntax::nearest;
use logloom_record::Level;
use rustix::fs::{FileType, fstat};

use crate::args::QueryArguments;
use crate::exit::say;

/// No more than this are said at once.
const HINTS_MAX: usize = 3;

/// Fields that every log has.
const FIELDS: &[&str] =
    &["level", "service", "module", "message", "timestamp", "trace_id", "span_id"];

const OPERATORS: &[&str] = &[">=", "<=", "!=", "==", "=~", "=", ">", "<"];

/// Says what comes to mind. A log that has no file may be a folder of other logs.
pub(super) fn say_all(arguments: &QueryArguments, is_empty: bool) {
    let text = arguments.query.as_deref().unwrap_or_default();
    let mut hints = of_text(text, &|word| Path::new(word).is_file());
    if arguments.files().is_empty() && input_is_given() {
        hints.push(
            "the standard input was not read: name it, as in `logloom query 'error' -`".to_owned(),
        );
    }
    let directory = arguments.place.dir.as_deref().filter(|_| is_empty);
    if let Some(directory) = directory.filter(|directory| has_other_files(directory)) {
        let directory = directory.display();
        hints.push(format!(
            "{directory} holds files of other programs, and no log of ours: `logloom query 'error' '{directory}/*.log'` \
             searches them, `logloom import {directory}` takes them over"
        ));
    }
    hints.iter().take(HINTS_MAX).for_each(say);
}

fn has_other_files(directory: &Path) -> bool {
    let mut entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.any(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
}

/// Whether something was piped in.
fn input_is_given() -> bool {
    let kind = fstat(io::stdin().as_fd()).map(|found| FileType::from_raw_mode(found.st_mode));
    matches!(kind, Ok(FileType::RegularFile | FileType::Fifo))
}

fn of_text(text: &str, is_file: &dyn Fn(&str) -> bool) -> Vec<String> {
    let words = words(text);
    let is_sql = words.first().is_some_and(|word| word.eq_ignore_ascii_case("select"));
    if is_sql && words.iter().any(|word| word.eq_ignore_ascii_case("from")) {
        return vec![
            "the query is LogsQL, not SQL: `level:error | fields timestamp, message`".to_owned(),
        ];
    }
    let of_word = |(at, word): (usize, &&str)| match OPERATORS.contains(word) {
        true => compared(words.get(at.checked_sub(1)?)?, word, words.get(at + 1)?),
        false => of_word(word, is_file),
    };
    words.iter().enumerate().filter_map(of_word).collect()
}

fn of_word(word: &str, is_file: &dyn Fn(&str) -> bool) -> Option<String> {
    if is_file(word) {
        return Some(format!("{word} is a file here: `logloom query 'error' {word}` searches it"));
    }
    if let Some((name, value)) = word.split_once(':') {
        return of_field(name, value);
    }
    if let Some(level) = level_of(word) {
        let level = level.as_str().to_ascii_lowercase();
        return Some(format!(
            "`{word}` was searched as a word; records of the level: level:>={level}"
        ));
    }
    let (at, operator) = OPERATORS
        .iter()
        .filter_map(|operator| word.find(operator).map(|at| (at, *operator)))
        .min_by_key(|(at, operator)| (*at, usize::MAX - operator.len()))?;
    compared(&word[..at], operator, &word[at + operator.len()..])
}

/// A field and a value with something between that compares them elsewhere.
fn compared(name: &str, operator: &str, value: &str) -> Option<String> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if name.is_empty() || value.is_empty() || !name.bytes().all(is_name) {
        return None;
    }
    let meant = match operator {
        "!=" => format!("-{name}:={value}"),
        "==" => format!("{name}:={value}"),
        "=~" => format!("{name}:~{value}"),
        other => format!("{name}:{other}{value}"),
    };
    Some(format!("`{name}{operator}{value}` was searched as words; a field is compared by {meant}"))
}

fn of_field(name: &str, value: &str) -> Option<String> {
    let name = name.trim_start_matches(['-', '!']);
    if name == "level" {
        let value = value.trim_start_matches(['=', '<', '>', '!']);
        let levels = ["trace", "debug", "info", "warn", "error", "fatal"];
        let known = nearest(value, &levels).filter(|_| level_of(value).is_none())?;
        return Some(format!("there is no level {value}: did you mean level:{known}?"));
    }
    let known = nearest(name, FIELDS).filter(|known| *known != name && name.len() > 3)?;
    Some(format!("did you mean the field {known} in place of {name}?"))
}

fn level_of(word: &str) -> Option<Level> {
    Level::ALL.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(word))
}

/// The words of the filter outside quotes.
fn words(text: &str) -> Vec<&str> {
    let filter = text.split('|').next().unwrap_or_default();
    if filter.contains(['"', '\'', '`']) {
        return Vec::new();
    }
    filter
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ','))
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::of_text;

    #[test]
    fn habits_from_other_languages_are_told() {
        let check = |text: &str, expect: &[&str]| {
            assert_eq!(of_text(text, &|word| word == "app.log"), expect, "{text}");
        };
        check(
            "status>=500",
            &["`status>=500` was searched as words; a field is compared by status:>=500"],
        );
        check("a and b != 5", &["`b!=5` was searched as words; a field is compared by -b:=5"]);
        check("ERROR", &["`ERROR` was searched as a word; records of the level: level:>=error"]);
        check("level:eror", &["there is no level eror: did you mean level:error?"]);
        check("levl:error", &["did you mean the field level in place of levl?"]);
        check("app.log", &["app.log is a file here: `logloom query 'error' app.log` searches it"]);
        check(
            "select * from logs",
            &["the query is LogsQL, not SQL: `level:error | fields timestamp, message`"],
        );
        check("timeout \"a=b\"", &[]);
        check("timeout (level:=error or service:x) status:>=500 | where a=b", &[]);
        check("\u{e9}=1 =x a= 1", &[]);
    }
}
