//! `logloom full`: prints a text of which the log holds only the beginning.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};

use logloom_store::{Directory, StoreError, TextId};

use crate::args::FullArguments;
use crate::exit::{Failure, Outcome, say};
use crate::place;
use crate::terminal::safe_text;

/// Fewer digits would soon name more than one text.
const DIGITS_MIN: usize = 8;

pub(crate) fn run(arguments: &FullArguments) -> Result<Outcome, Failure> {
    let digits = digits(&arguments.digits)?;
    let directories = place::open_actions(&arguments.place)?;
    let failed = |error: StoreError| Failure::System(error.to_string());
    let mut ids = BTreeSet::new();
    for directory in &directories {
        ids.extend(directory.full_texts(&digits).map_err(failed)?);
    }
    let mut ids = ids.into_iter();
    match (ids.next(), ids.next()) {
        (Some(_), Some(_)) => {
            Err(Failure::Usage(format!("{digits} begins more than one text: give more digits")))
        }
        (Some(id), None) => match find(&directories, &id).map_err(failed)? {
            Some(text) => print(&text).map_err(|error| Failure::output(&error)),
            None => Ok(missing(&digits)),
        },
        (None, _) => Ok(missing(&digits)),
    }
}

/// The digits as they stand in names; those of a whole mark are taken too.
fn digits(given: &str) -> Result<String, Failure> {
    let given = given.trim();
    let bare = given.strip_prefix("[FULL ").and_then(|rest| rest.strip_suffix(']'));
    let digits = bare.unwrap_or(given).to_ascii_lowercase();
    let fits = (DIGITS_MIN..=64).contains(&digits.len());
    match fits && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(digits),
        false => Err(Failure::Usage(format!(
            "{given}: expected the digits behind FULL in a mark, at least the first {DIGITS_MIN}"
        ))),
    }
}

fn find(directories: &[Directory], id: &TextId) -> Result<Option<Vec<u8>>, StoreError> {
    for directory in directories {
        if let Some(text) = directory.full_text(id)? {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

fn missing(digits: &str) -> Outcome {
    say(format!(
        "the text {digits} is not kept: it was deleted with the records of its time or for want of room \
         (truncate.full_max_size), could not be written, or is in another log directory (--dir)"
    ));
    Outcome::Nothing
}

fn print(text: &[u8]) -> io::Result<Outcome> {
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        let text = String::from_utf8_lossy(text);
        writeln!(out, "{}", safe_text(text.strip_suffix('\n').unwrap_or(&text)))?;
    } else {
        out.write_all(text)?;
    }
    out.flush().map(|()| Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_taken_as_they_are_copied() {
        let whole = "3fd2a81c".repeat(8);
        for given in [whole.clone(), format!("[FULL {whole}]"), whole.to_uppercase() + " "] {
            assert_eq!(digits(&given).ok(), Some(whole.clone()), "{given}");
        }
        assert_eq!(digits("3FD2A81C").ok().as_deref(), Some("3fd2a81c"));
        for wrong in ["", "3fd2a81", "3fd2a81x", "../../etc", &(whole.clone() + "0")] {
            assert!(digits(wrong).is_err(), "{wrong}");
        }
    }
}
