//! A query that begins with a minus, which is a negation in LogsQL, among flags that begin with one too.
//!
//! Takes the arguments as they were typed, gives them with a space before such a query, so that it is
//! taken for a value. Only what cannot be a flag is taken for a query; what could be either is
//! refused, with what to write for each.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{ArgAction, Command};
use logloom_record::Level;

/// The arguments with queries told from flags.
///
/// # Errors
/// One of them could be either.
pub(crate) fn told_apart(
    arguments: impl IntoIterator<Item = OsString>,
    command: &Command,
) -> Result<Vec<OsString>, String> {
    let mut all: Vec<OsString> = arguments.into_iter().collect();
    let query =
        command.find_subcommand("query").filter(|_| all.get(1).is_some_and(|one| one == "query"));
    let Some(query) = query else { return Ok(all) };
    for index in 2..all.len() {
        if all[index] == "--" {
            break;
        }
        let Some(text) = all[index].to_str() else { continue };
        if takes_value(&all[index - 1], query) {
            continue;
        }
        match meaning(text, query) {
            Meaning::Flag => {}
            Meaning::Query => all[index] = format!(" {text}").into(),
            Meaning::Either(short) => return Err(ambiguous(text, short)),
        }
    }
    Ok(all)
}

#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    Flag,
    Query,
    /// This flag with the rest as its value, or a query.
    Either(char),
}

fn meaning(text: &str, command: &Command) -> Meaning {
    let Some(rest) = text.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else {
        return Meaning::Flag;
    };
    let Some(first) = rest.chars().next() else { return Meaning::Flag };
    if matches!(first, '"' | '\'' | '`' | '(' | '*') {
        return Meaning::Query;
    }
    let name = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '-' | '@'));
    let is_of_field = name.is_some_and(|end| end > 1 && rest[end..].starts_with(':'));
    if !is_of_field {
        return Meaning::Flag;
    }
    let flag = command.get_arguments().find(|argument| argument.get_short() == Some(first));
    match (flag.map(|flag| flag.get_id().as_str()), &rest[first.len_utf8()..]) {
        // No level has a colon in it, and no number.
        (None | Some("level" | "limit" | "after" | "before" | "context"), _) => Meaning::Query,
        // A condition of this flag has another sign.
        (Some("field"), value) if !value.contains('=') => Meaning::Query,
        (Some(_), _) => Meaning::Either(first),
    }
}

/// What to say beside a failure of `query` where one of its arguments looks like a negated word that was taken for
/// a flag; `None` where none does. `arguments` are as they were typed; a flag with any text as its value counts only
/// where the failure is one of the arguments themselves (`is_of_arguments`).
pub(crate) fn hint(
    arguments: &[OsString],
    command: &Command,
    is_of_arguments: bool,
) -> Option<String> {
    let query = command.find_subcommand("query");
    let query = query.filter(|_| arguments.get(1).is_some_and(|one| one == "query"))?;
    let behind = |index: &usize| takes_value(&arguments[index - 1], query);
    let end = arguments.iter().position(|one| one == "--").unwrap_or(arguments.len());
    let mut texts = (2..end).filter(|index| !behind(index)).filter_map(|at| arguments[at].to_str());
    texts.find_map(|text| mistaken(text, query, is_of_arguments))
}

fn mistaken(text: &str, query: &Command, is_of_arguments: bool) -> Option<String> {
    let word = text.strip_prefix('-')?;
    let first = word.chars().next().filter(|first| first.is_alphanumeric())?;
    let value = &word[first.len_utf8()..];
    let flag = query.get_arguments().find(|argument| argument.get_short() == Some(first));
    let is_possible = match flag.map(|flag| flag.get_id().as_str()) {
        Some(_) if value.is_empty() => false,
        Some("limit" | "after" | "before" | "context") => value.parse::<u64>().is_err(),
        Some("level") => Level::parse(value).is_err(),
        Some("field") => !value.contains('='),
        Some("dir") => !Path::new(value).exists(),
        Some(_) => is_of_arguments,
        None => true,
    };
    let taken = match flag {
        Some(_) => format!("was taken for the flag -{first} with `{value}`"),
        None => "is no flag".to_owned(),
    };
    is_possible.then(|| {
        format!(
            "`{text}` {taken}; if the query begins with a negated word, put -- before the query or \
             write NOT {word}"
        )
    })
}

/// Whether the argument behind this one is its value.
fn takes_value(argument: &OsStr, command: &Command) -> bool {
    let text = argument.to_string_lossy();
    let flag = match text.strip_prefix("--") {
        Some(long) => command.get_arguments().find(|known| known.get_long() == Some(long)),
        None => {
            let short = text.strip_prefix('-').filter(|shorts| shorts.chars().count() == 1);
            let short = short.and_then(|short| short.chars().next());
            command.get_arguments().find(|known| short.is_some() && known.get_short() == short)
        }
    };
    flag.is_some_and(|flag| matches!(flag.get_action(), ArgAction::Set | ArgAction::Append))
}

fn ambiguous(text: &str, short: char) -> String {
    let value = &text[1 + short.len_utf8()..];
    format!(
        "`{text}` could be a query that begins with a negation, or the flag -{short}: write \
         `logloom query -- '{text}'` for the query, with all flags before the `--`, or `-{short} \
         '{value}'` for the flag"
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::CommandFactory;

    use super::*;

    fn told(arguments: &[&str]) -> Result<Vec<String>, String> {
        let typed = ["logloom"].iter().chain(arguments).map(OsString::from);
        let told = told_apart(typed, &crate::args::Arguments::command())?;
        Ok(told.into_iter().skip(1).map(|one| one.into_string().unwrap()).collect())
    }

    #[test]
    fn a_negated_word_that_was_taken_for_a_flag_is_told() {
        let told = |arguments: &[&str], is_of_arguments| {
            let typed: Vec<OsString> =
                ["logloom"].iter().chain(arguments).map(OsString::from).collect();
            hint(&typed, &crate::args::Arguments::command(), is_of_arguments)
        };
        for word in ["declined", "number", "failed", "late", "error", "After", "zebra"] {
            let text = told(&["query", "--utc", &format!("-{word}")], false).unwrap_or_default();
            let expect = format!("put -- before the query or write NOT {word}");
            assert!(text.ends_with(&expect), "{word} {text}");
        }
        let text = told(&["query", "-grep", "x"], true).unwrap();
        assert!(text.contains("the flag -g with `rep`"), "{text}");
        for arguments in [
            &["query", "-n5", "-lwarn", "-fa=b", "-d.", "-gx", "-n", "5"][..],
            &["query", "--grep", "-failed", "x"],
            &["query", "--", "-failed"],
            &["query", "-d", "/nowhere", "--nothing"],
            &["tail", "-failed"],
        ] {
            assert_eq!(told(arguments, false), None, "{arguments:?}");
        }
    }

    #[test]
    fn negations_are_told_from_flags() {
        let check = |arguments: &[&str], expect: &[&str]| {
            assert_eq!(told(arguments).unwrap(), expect, "{arguments:?}");
        };
        check(&["query", "-level:error"], &["query", " -level:error"]);
        check(&["query", "-trace_id:=x", "-n", "5"], &["query", " -trace_id:=x", "-n", "5"]);
        check(&["query", "--json", "-\"a b\" c"], &["query", "--json", " -\"a b\" c"]);
        check(&["query", "-(a or b)"], &["query", " -(a or b)"]);
        check(&["query", "-n5", "-C", "3", "-lwarn"], &["query", "-n5", "-C", "3", "-lwarn"]);
        check(&["query", "-fuser=a:b", "--utc"], &["query", "-fuser=a:b", "--utc"]);
        check(&["query", "-field:x"], &["query", " -field:x"]);
        check(&["query", "--grep", "-level:x"], &["query", "--grep", "-level:x"]);
        check(&["query", "--", "-service:x"], &["query", "--", "-service:x"]);
        check(&["tail", "-level:x"], &["tail", "-level:x"]);
        check(&["query", "-timeout"], &["query", "-timeout"]);
        for either in ["-service:shop", "-d:x:y", "-grep:x", "-dir:x", "-file:=x"] {
            let outcome = told(&["query", either]);
            match either {
                "-d:x:y" => assert!(outcome.is_ok()),
                _ => {
                    let text = outcome.unwrap_err();
                    assert!(text.contains(&format!("logloom query -- '{either}'")), "{text}");
                }
            }
        }
    }
}
