//! What the grammars share: names of errors, places in files, chains.
//!
//! Takes lines or pieces of them, gives what they name; `None` where they name no such thing.

use logloom_record::{Exception, Frame};

/// Links of a chain that are kept, as many as a record holds.
const LINKS_MAX: usize = 64;

pub(super) fn is_blank(line: &str) -> bool {
    line.bytes().all(|byte| byte.is_ascii_whitespace())
}

/// Whether a line continues the one before by its indentation.
pub(super) fn is_indented(line: &str) -> bool {
    line.starts_with([' ', '\t']) && !is_blank(line)
}

/// The bytes of white space that a line begins with.
pub(super) fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// A name and what it says: `a.b.NameError: message`, or the name alone. `separators` are the
/// characters that names of this language have besides letters, digits and underscores.
pub(super) fn header<'a>(line: &'a str, separators: &[char]) -> Option<(&'a str, &'a str)> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || separators.contains(&c);
    let end = line.find(|c| !is_name(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '\\') {
        return None;
    }
    // Where the colon is one of the separators, the one at the end belongs to the message.
    let (name, rest) = match name.strip_suffix(':') {
        Some(name) => (name, rest),
        None if rest.trim().is_empty() => (name, ""),
        None => (name, rest.strip_prefix(':')?),
    };
    let is_apart = rest.is_empty() || rest.starts_with([' ', '\t']);
    is_apart.then(|| (name, rest.trim()))
}

/// The same, for names that end as errors are named.
pub(super) fn error_header<'a>(line: &'a str, separators: &[char]) -> Option<(&'a str, &'a str)> {
    header(line, separators).filter(|(name, _)| is_error_name(name, separators))
}

fn is_error_name(name: &str, separators: &[char]) -> bool {
    let last = name.rsplit(separators).next().unwrap_or_default();
    last.starts_with(char::is_uppercase)
        && ["Exception", "Error", "Throwable"].iter().any(|ending| last.ends_with(ending))
}

/// `file:12` as its parts; the line is 0 where there is none.
pub(super) fn place(text: &str) -> (&str, u32) {
    match text.rsplit_once(':') {
        Some((file, line)) if is_number(line) => (file, line.parse().unwrap_or(0)),
        _ => (text, 0),
    }
}

/// `file:12:5` as its file and line.
pub(super) fn place_with_column(text: &str) -> Option<(&str, u32)> {
    let (rest, column) = text.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    (is_number(column) && is_number(line)).then(|| (file, line.parse().unwrap_or(0)))
}

pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A frame from its parts; `function` is divided at its last `separator`, which is left out.
pub(super) fn frame(function: &str, separator: &str, file: &str, line: u32) -> Frame {
    let (module, function) = function.rsplit_once(separator).unwrap_or(("", function));
    Frame { function: function.to_owned(), module: module.to_owned(), file: file.to_owned(), line }
}

pub(super) fn exception((type_name, message): (&str, &str)) -> Exception {
    Exception {
        type_name: type_name.to_owned(),
        message: message.to_owned(),
        ..Exception::default()
    }
}

/// One error of several, each caused by the one after it.
pub(super) fn chain(mut links: Vec<Exception>) -> Option<Exception> {
    links.truncate(LINKS_MAX);
    let mut links = links.into_iter().rev();
    let innermost = links.next()?;
    Some(links.fold(innermost, |cause, link| Exception { cause: Some(Box::new(cause)), ..link }))
}
