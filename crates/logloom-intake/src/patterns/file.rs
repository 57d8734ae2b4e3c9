//! From the tree of a file to its patterns.
//!
//! Every key is checked and every problem is told, so that a file is mended in one go.

use jiff::tz::TimeZone;
use logloom_record::Level;
use serde_saphyr::Spanned;

use super::nearest;
use super::pattern::{Pattern, expression};
use super::problem::PatternProblem;
use super::yaml::{self, Node, problem};
use crate::formats;

/// Patterns of one file.
const PATTERNS_MAX: usize = 200;

const KEYS: &[&str] = &["name", "pattern", "time", "zone", "levels", "service", "multiline"];

/// Reads a file; gives its patterns or all that is wrong.
pub(super) fn read(text: &str) -> Result<Vec<Pattern>, Vec<PatternProblem>> {
    let tree = yaml::parse(text).map_err(|problem| vec![problem])?;
    let mut reader = Reader { problems: Vec::new() };
    let patterns = reader.patterns(&tree);
    reader.problems.sort_by_key(|problem| (problem.line, problem.column));
    if reader.problems.is_empty() { Ok(patterns) } else { Err(reader.problems) }
}

struct Reader {
    problems: Vec<PatternProblem>,
}

impl Reader {
    fn tell<T>(&mut self, at: &Spanned<T>, key: &str, message: String) {
        self.problems.push(problem(Some(&at.referenced), key, message));
    }

    fn patterns(&mut self, tree: &Spanned<Node>) -> Vec<Pattern> {
        let Node::Section(entries) = &tree.value else {
            self.tell(tree, "", "expected a section with the key `patterns`".to_owned());
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut is_there = false;
        for (key, node) in entries {
            if key.value != "patterns" {
                self.unknown(key, "", &["patterns"]);
                continue;
            }
            is_there = true;
            match &node.value {
                Node::List(items) if items.len() <= PATTERNS_MAX => {
                    self.list(items, &mut found);
                }
                Node::List(items) => {
                    let message = format!("{} patterns; {PATTERNS_MAX} are the limit", items.len());
                    self.tell(node, "patterns", message);
                }
                other => {
                    let message = format!("expected a list of patterns, found {}", other.kind());
                    self.tell(node, "patterns", message);
                }
            }
        }
        if !is_there {
            self.tell(tree, "patterns", "missing; a file of patterns has this key".to_owned());
        }
        found
    }

    fn list(&mut self, items: &[Spanned<Node>], found: &mut Vec<Pattern>) {
        for (number, item) in items.iter().enumerate() {
            let path = format!("patterns[{number}]");
            let Node::Section(entries) = &item.value else {
                let message = format!("expected a section, found {}", item.value.kind());
                self.tell(item, &path, message);
                continue;
            };
            let told = self.problems.len();
            let pattern = self.pattern(item, entries, &path);
            let Some(pattern) = pattern.filter(|_| self.problems.len() == told) else { continue };
            if found.iter().any(|other| other.name() == pattern.name()) {
                let message = format!("{:?} is there twice; names must differ", pattern.name());
                self.tell(item, &format!("{path}.name"), message);
            } else {
                found.push(pattern);
            }
        }
    }

    fn pattern(
        &mut self,
        item: &Spanned<Node>,
        entries: &[(Spanned<String>, Spanned<Node>)],
        path: &str,
    ) -> Option<Pattern> {
        self.check_keys(entries, path);
        let mut missing = Vec::new();
        for key in ["name", "pattern"] {
            if !entries.iter().any(|(known, _)| known.value == key) {
                missing.push(key);
                self.tell(
                    item,
                    &format!("{path}.{key}"),
                    "missing; every pattern has one".to_owned(),
                );
            }
        }
        let mut read = Fields { reader: self, entries, path };
        let name = read.value("name", checked_name);
        let expressions =
            (read.value("pattern", checked_pattern), read.value("multiline", expression));
        let time = read.value("time", checked_time);
        let zone = read.value("zone", checked_zone);
        let service = read.value("service", |text| Ok(text.to_owned()));
        let levels = self.levels(entries, path);
        let (Some(regex), multiline) = expressions else { return None };
        Some(Pattern { name: name?, regex, multiline, time, zone, levels, service })
    }

    fn check_keys(&mut self, entries: &[(Spanned<String>, Spanned<Node>)], path: &str) {
        for (at, (key, _)) in entries.iter().enumerate() {
            if !KEYS.contains(&key.value.as_str()) {
                self.unknown(key, path, KEYS);
            } else if entries[..at].iter().any(|(earlier, _)| earlier.value == key.value) {
                self.tell(key, &format!("{path}.{}", key.value), "is there twice".to_owned());
            }
        }
    }

    fn unknown(&mut self, key: &Spanned<String>, path: &str, known: &[&str]) {
        let hint = match nearest(&key.value, known.iter().copied()) {
            Some(name) => format!("unknown key; did you mean `{name}`?"),
            None => format!("unknown key; there are {}", known.join(", ")),
        };
        let dot = if path.is_empty() { "" } else { "." };
        self.tell(key, &format!("{path}{dot}{}", key.value), hint);
    }

    /// `levels: { E: error }`.
    fn levels(
        &mut self,
        entries: &[(Spanned<String>, Spanned<Node>)],
        path: &str,
    ) -> Vec<(String, Level)> {
        let Some((_, node)) = entries.iter().find(|(key, _)| key.value == "levels") else {
            return Vec::new();
        };
        let Node::Section(pairs) = &node.value else {
            let message = "expected names of levels, such as { E: error }".to_owned();
            self.tell(node, &format!("{path}.levels"), message);
            return Vec::new();
        };
        let mut levels = Vec::new();
        for (word, node) in pairs {
            let name = if let Node::Text(name) = &node.value { name.as_str() } else { "" };
            match Level::parse(name) {
                Ok(level) => levels.push((word.value.clone(), level)),
                Err(unknown) => {
                    let key = format!("{path}.levels.{}", word.value);
                    self.tell(node, &key, unknown.to_string());
                }
            }
        }
        levels
    }
}

/// The texts of one pattern.
struct Fields<'a> {
    reader: &'a mut Reader,
    entries: &'a [(Spanned<String>, Spanned<Node>)],
    path: &'a str,
}

impl Fields<'_> {
    /// The checked value of a key; `None` where it is missing or wrong, which is told.
    fn value<T>(&mut self, key: &str, check: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let (_, node) = self.entries.iter().find(|(known, _)| known.value == key)?;
        let checked = match &node.value {
            Node::Text(text) => check(text),
            other => Err(format!("expected a text, found {}", other.kind())),
        };
        checked
            .map_err(|message| {
                self.reader.tell(node, &format!("{}.{key}", self.path), message);
            })
            .ok()
    }
}

fn checked_name(name: &str) -> Result<String, String> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(is_name) {
        return Err("use 1 to 64 letters, digits, `-`, `_` or `.`".to_owned());
    }
    if formats::is_known(name) {
        return Err(format!("{name:?} is the name of a built-in format; choose another one"));
    }
    Ok(name.to_owned())
}

fn checked_pattern(text: &str) -> Result<regex::Regex, String> {
    let regex = expression(text)?;
    if regex.capture_names().flatten().next().is_none() {
        return Err("has no named group; name the parts of a line, as in (?<message>.*)".to_owned());
    }
    Ok(regex)
}

/// A form is good when a time written in it can be read again.
fn checked_time(form: &str) -> Result<String, String> {
    let sample = jiff::civil::date(2026, 11, 21).at(10, 0, 0, 0).to_zoned(TimeZone::UTC);
    let written = sample.and_then(|sample| jiff::fmt::strtime::format(form, &sample));
    let read = written.and_then(|text| jiff::fmt::strtime::parse(form, text));
    match read {
        Ok(time) if time.hour().is_some() || time.timestamp().is_some() => Ok(form.to_owned()),
        Ok(_) => Err("names no hour; a time has at least %H or %s".to_owned()),
        Err(error) => Err(format!("not a form of a time: {error}")),
    }
}

fn checked_zone(name: &str) -> Result<TimeZone, String> {
    crate::zone(name).map_err(|error| error.to_string())
}
