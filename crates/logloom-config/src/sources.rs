//! Takes the environment and what code and command line ask for, hands on the layers of a
//! configuration and the file among them; refuses to look at anything else.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::apply::Applier;
use crate::file::{Chance, found_by_chance};
use crate::origin::Origin;
use crate::report::Problem;

/// Prefix of the variables that stand for keys: `LOGLOOM__STORE__DIR` is `store.dir`.
pub const VARIABLE_PREFIX: &str = "LOGLOOM__";
/// Variable that names the configuration file.
pub const FILE_VARIABLE: &str = "LOGLOOM_CONFIG";
/// Name of the file when it is looked for.
pub const FILE_NAME: &str = "logloom.yaml";

/// Where settings may come from, besides their defaults. Plain data: a test fills it by hand.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file that was asked for on the command line or in code; it must exist. Default: none,
    /// so that `$LOGLOOM_CONFIG`, `./logloom.yaml`, `~/.config/logloom/logloom.yaml` and
    /// `/etc/logloom/logloom.yaml` are tried in this order.
    pub file: Option<PathBuf>,
    /// Directory in which `./logloom.yaml` is looked for. Default: the working directory.
    pub working_directory: PathBuf,
    /// The environment. Variables that do not begin with `LOGLOOM` concern nobody, except `HOME`
    /// and `XDG_CONFIG_HOME`.
    pub environment: Vec<(OsString, OsString)>,
    /// Key and value as the program set them, later ones last.
    pub code: Vec<(String, String)>,
    /// Option, key and value as they stood on the command line, later ones last.
    pub flags: Vec<Flag>,
}

/// An option of the command line that stands for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The option as it is typed, for example `--dir`.
    pub flag: String,
    /// The key it sets, for example `store.dir`.
    pub key: String,
    /// The value as text; lists are separated by commas.
    pub value: String,
}

/// What looking for the file gave.
pub(crate) struct Located {
    pub(crate) path: Option<PathBuf>,
    pub(crate) warnings: Vec<Problem>,
}

impl Sources {
    /// The environment of this process, and no file, code or flags.
    pub fn from_process() -> Sources {
        Sources { environment: std::env::vars_os().collect(), ..Sources::default() }
    }

    /// Adds a value that code sets.
    pub fn set(&mut self, key: &str, value: &str) {
        self.code.push((key.to_owned(), value.to_owned()));
    }

    /// Adds a value that an option of the command line sets.
    pub fn flag(&mut self, flag: &str, key: &str, value: &str) {
        let [flag, key, value] = [flag, key, value].map(str::to_owned);
        self.flags.push(Flag { flag, key, value });
    }

    /// What `~` means.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.variable("HOME").map(PathBuf::from).filter(|path| path.is_absolute())
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&OsStr> {
        let found = self.environment.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_os_str()).filter(|value| !value.is_empty())
    }

    /// The file that counts: one that was named, else the first that is found.
    pub(crate) fn locate(&self) -> Located {
        let named = self.file.clone().or_else(|| self.variable(FILE_VARIABLE).map(PathBuf::from));
        let mut located = Located { path: named, warnings: Vec::new() };
        if located.path.is_some() {
            return located;
        }
        for candidate in self.candidates() {
            match found_by_chance(&candidate) {
                Chance::Missing => {}
                Chance::Trusted => {
                    located.path = Some(candidate);
                    break;
                }
                Chance::Foreign => located.warnings.push(foreign(&candidate)),
            }
        }
        located
    }

    fn candidates(&self) -> Vec<PathBuf> {
        let mut candidates = vec![self.working_directory.join(FILE_NAME)];
        let absolute = |path: &PathBuf| path.is_absolute();
        let config_home = self.variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(absolute);
        let config_home = config_home.or_else(|| self.home().map(|home| home.join(".config")));
        candidates.extend(config_home.map(|home| home.join("logloom").join(FILE_NAME)));
        candidates.push(Path::new("/etc/logloom").join(FILE_NAME));
        candidates
    }

    /// Lays the environment, code and command line over what `applier` holds.
    pub(crate) fn apply(&self, applier: &mut Applier<'_>) {
        for (variable, value) in self.variables() {
            let origin = Origin::Environment { variable: variable.clone() };
            let names = variable_path(&variable);
            applier.value(&names, value.to_str(), origin);
        }
        for (key, value) in &self.code {
            applier.value(&key_path(key), Some(value), Origin::Code);
        }
        for Flag { flag, key, value } in &self.flags {
            applier.value(&key_path(key), Some(value), Origin::Flag { flag: flag.clone() });
        }
    }

    /// Removes the variables that stand for keys.
    pub(crate) fn clear_variables(&mut self) {
        self.environment.retain(|(name, _)| !name.to_string_lossy().starts_with(VARIABLE_PREFIX));
    }

    /// Variables that stand for keys, in the order of their names so that every start agrees.
    fn variables(&self) -> Vec<(String, &OsStr)> {
        let mut variables = Vec::new();
        for (name, value) in &self.environment {
            let name = name.to_string_lossy();
            if name.starts_with(VARIABLE_PREFIX) {
                variables.push((name.into_owned(), value.as_os_str()));
            }
        }
        variables.sort();
        variables
    }
}

fn foreign(path: &Path) -> Problem {
    let message = "belongs to another user and is not read; name it with --config or \
                   LOGLOOM_CONFIG if it is meant";
    let origin = Origin::whole_file(&path.to_string_lossy());
    Problem { origin, key: String::new(), message: message.to_owned(), excerpt: None }
}

/// `LOGLOOM__STORE__DIR` as `store`, `dir`.
fn variable_path(variable: &str) -> Vec<String> {
    let rest = variable.strip_prefix(VARIABLE_PREFIX).unwrap_or(variable);
    rest.split("__").map(str::to_ascii_lowercase).collect()
}

/// `levels."shop.payments"` as `levels`, `shop.payments`.
fn key_path(key: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut quoted = false;
    for character in key.chars() {
        match character {
            '"' => quoted = !quoted,
            '.' if !quoted => names.push(String::new()),
            character => {
                if let Some(name) = names.last_mut() {
                    name.push(character);
                }
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_variables_are_paths() {
        assert_eq!(variable_path("LOGLOOM__STORE__RING_DIR"), ["store", "ring_dir"]);
        assert_eq!(key_path("store.dir"), ["store", "dir"]);
        assert_eq!(key_path("levels.\"shop.payments\""), ["levels", "shop.payments"]);
    }

    #[test]
    fn a_named_file_is_not_looked_for() {
        let mut sources = Sources::default();
        let variable = (FILE_VARIABLE.into(), "/etc/other.yaml".into());
        sources.environment.push(variable);
        assert_eq!(sources.locate().path, Some(PathBuf::from("/etc/other.yaml")));
        sources.file = Some(PathBuf::from("mine.yaml"));
        assert_eq!(sources.locate().path, Some(PathBuf::from("mine.yaml")));
    }
}
