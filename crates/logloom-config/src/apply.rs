//! Takes one layer of values after the other, hands on the settings with the origin of each key
//! and everything that was wrong; refuses keys that are not in the table, keys given twice, and
//! values of the wrong kind, without ever stopping at the first.

use std::collections::BTreeMap;
use std::path::PathBuf;

use logloom_core::settings::{Settings, nearest};

use crate::convert::{Cause, convert};
use crate::keys::{self, Availability, Found, Key};
use crate::origin::Origin;
use crate::report::{Problem, Report};
use crate::value::{Entry, Node, Place, Value, quoted};

/// Problems that are listed in full; a file with more of them is no configuration.
const PROBLEMS_MAX: usize = 100;

/// What becomes of a level whose name is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// A problem, as all else.
    Strict,
    /// A warning; the level stays as it was.
    Lenient,
}

/// The settings while layers are laid over each other.
pub(crate) struct Applier<'a> {
    pub(crate) settings: Settings,
    pub(crate) origins: BTreeMap<String, Place>,
    pub(crate) report: Report,
    strictness: Strictness,
    home: Option<PathBuf>,
    /// Text of the file, for excerpts.
    text: &'a str,
}

impl<'a> Applier<'a> {
    /// Starts from the defaults.
    pub(crate) fn new(strictness: Strictness, home: Option<PathBuf>, text: &'a str) -> Self {
        Applier {
            settings: Settings::default(),
            origins: BTreeMap::new(),
            report: Report::default(),
            strictness,
            home,
            text,
        }
    }

    /// Lays the tree of a file over what is there.
    pub(crate) fn file(&mut self, root: &Node) {
        match &root.value {
            Value::Null => {}
            Value::Section(entries) => self.section(&mut Vec::new(), entries),
            _ => {
                let message = format!("expected a section of keys, found {}", root.found());
                self.problem(&root.place, &[], message);
            }
        }
    }

    /// Lays one value that did not come from a file over what is there; `None` is one that is no
    /// text at all.
    pub(crate) fn value(&mut self, names: &[String], text: Option<&str>, origin: Origin) {
        let place = Place { origin, width: 0 };
        let mut path: Vec<String> = Vec::new();
        for name in module_joined(names) {
            let name = keys::canonical(&path, &name);
            path.push(name);
        }
        let Some(text) = text else {
            return self.problem(&place, &path, "is not valid UTF-8".to_owned());
        };
        if path == ["levels"] {
            return self.level_list(text, &place);
        }
        let node = Node { value: Value::Untyped(text.to_owned()), place: place.clone() };
        self.entry(&path, &place, &node);
    }

    /// `INFO,shop.payments=DEBUG`: the default and rules in one text.
    fn level_list(&mut self, text: &str, place: &Place) {
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (module, level) = part.split_once('=').unwrap_or(("default", part));
            let section = "levels".to_owned();
            let module = keys::canonical(std::slice::from_ref(&section), module.trim());
            let path = [section, module];
            let value = Value::Untyped(level.trim().to_owned());
            self.entry(&path, place, &Node { value, place: place.clone() });
        }
    }

    fn section(&mut self, path: &mut Vec<String>, entries: &[Entry]) {
        let mut seen: BTreeMap<String, &Place> = BTreeMap::new();
        for entry in entries {
            let name = keys::canonical(path, &entry.key);
            path.push(name.clone());
            match seen.get(&name) {
                Some(first) => {
                    let first = first.origin.clone();
                    self.problem(&entry.place, path, format!("given twice, first at {first}"));
                }
                None => self.entry(path, &entry.place, &entry.node),
            }
            seen.insert(name, &entry.place);
            path.pop();
        }
    }

    fn entry(&mut self, path: &[String], place: &Place, node: &Node) {
        match keys::find(path) {
            Found::Key(key) => self.key(key, path, place, node),
            Found::Section => match &node.value {
                Value::Section(entries) => self.section(&mut path.to_vec(), entries),
                Value::Null => {}
                _ => {
                    let message = format!("expected a section of keys, found {}", node.found());
                    self.problem(&node.place, path, message);
                }
            },
            Found::Nothing => {
                let message = unknown_key(path);
                self.problem(place, path, message);
            }
        }
    }

    fn key(&mut self, key: &Key, path: &[String], place: &Place, node: &Node) {
        let module = path.last().map_or("", String::as_str);
        let converted = convert(key.kind, module, node, self.home.as_deref(), &mut self.settings);
        match converted {
            Ok(()) => {
                self.origins.insert(keys::shown(path), node.place.clone());
                if key.availability == Availability::Later {
                    let message = "not available in this version, so it has no effect".to_owned();
                    self.warning(place, path, message);
                }
            }
            Err(refusal) => {
                // Nothing can be pointed at where a value is missing, so the key is.
                let missing = matches!(node.value, Value::Null);
                let whole = if missing { place } else { &node.place };
                let place = refusal.place.as_ref().filter(|_| !missing).unwrap_or(whole);
                let member = refusal.member.clone().into_iter();
                let path: Vec<String> = path.iter().cloned().chain(member).collect();
                let path = path.as_slice();
                let lenient = self.strictness == Strictness::Lenient;
                if lenient && refusal.cause == Cause::UnknownLevel {
                    self.warning(place, path, refusal.message + "; it is left as it was");
                } else {
                    self.problem(place, path, refusal.message);
                }
            }
        }
    }

    /// Adds what the settings themselves say cannot work, at the place where it was written.
    pub(crate) fn check_limits(&mut self) {
        for problem in self.settings.validate() {
            let written = self.origins.get(&problem.key).cloned();
            let place = written.or_else(|| self.first_beneath(&problem.key));
            let place = place.unwrap_or(Place { origin: Origin::Default, width: 0 });
            let problem = Problem::at(&place, &problem.key, problem.message, self.text);
            push(&mut self.report.problems, problem);
        }
    }

    fn first_beneath(&self, section: &str) -> Option<Place> {
        let prefix = format!("{section}.");
        let mut beneath = self.origins.iter().filter(|(key, _)| key.starts_with(&prefix));
        beneath.next().map(|(_, place)| place.clone())
    }

    fn problem(&mut self, place: &Place, path: &[String], message: String) {
        let problem = Problem::at(place, &keys::shown(path), message, self.text);
        push(&mut self.report.problems, problem);
    }

    fn warning(&mut self, place: &Place, path: &[String], message: String) {
        let warning = Problem::at(place, &keys::shown(path), message, self.text);
        push(&mut self.report.warnings, warning);
    }
}

fn push(list: &mut Vec<Problem>, problem: Problem) {
    if list.len() < PROBLEMS_MAX {
        list.push(problem);
    } else if list.len() == PROBLEMS_MAX {
        let message = format!("more than {PROBLEMS_MAX} problems, the others are not shown");
        let (origin, key) = (problem.origin, String::new());
        list.push(Problem { origin, key, message, excerpt: None });
    }
}

/// A module's name may hold dots, which a path from outside a file does not quote.
fn module_joined(names: &[String]) -> Vec<String> {
    match names {
        [first, rest @ ..] if first == "levels" && rest.len() > 1 => {
            vec![first.clone(), rest.join(".")]
        }
        _ => names.to_vec(),
    }
}

fn unknown_key(path: &[String]) -> String {
    let (name, section) = match path {
        [section @ .., name] => (name.as_str(), section),
        [] => return "a key is missing".to_owned(),
    };
    if keys::KEYS.iter().any(|key| key.path == name) && name.contains('.') {
        return format!("unknown key, write it as `{}`", nested(name));
    }
    let section = section.join(".");
    if let Some(nearest) = nearest(name, keys::children(&section)) {
        return format!("unknown key, did you mean `{nearest}`?");
    }
    let elsewhere = keys::KEYS.iter().find(|key| key.path.rsplit('.').next() == Some(name));
    if let Some(key) = elsewhere {
        return format!("unknown key, did you mean `{}`?", key.path);
    }
    let known: Vec<&str> = keys::children(&section).collect();
    match known.is_empty() {
        true => format!("unknown key {}", quoted(name)),
        false => format!("unknown key, expected one of {}", known.join(", ")),
    }
}

/// `store.dir` as it stands in a file: `store: { dir: ... }`.
fn nested(path: &str) -> String {
    let names: Vec<&str> = path.split('.').collect();
    let closing = " }".repeat(names.len() - 1);
    format!("{}: ...{closing}", names.join(": { "))
}
