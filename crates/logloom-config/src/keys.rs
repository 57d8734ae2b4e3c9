//! Takes nothing, is the one definition of the configuration: every key with its kind, default and
//! words. Parsing, the environment, `config show`, the JSON Schema and the table in
//! `docs/configuration.md` are all made from it; refuses to hold a second list anywhere.

mod kind;
mod table;

pub(crate) use kind::{Kind, Shape};
pub(crate) use table::KEYS;

use logloom_record::Level;

/// One key of the configuration.
pub(crate) struct Key {
    /// Path from the top, sections separated by dots; `levels.*` stands for any module.
    pub(crate) path: &'static str,
    /// What it takes, and which setting it fills.
    pub(crate) kind: Kind,
    /// The default in words, as the documentation prints it.
    pub(crate) default: &'static str,
    /// One or two sentences for the documentation.
    pub(crate) summary: &'static str,
    /// When a new value takes effect.
    pub(crate) change: Change,
    /// Whether this version does what the key says.
    pub(crate) availability: Availability,
}

impl Key {
    /// Whether a later version only does what it says.
    pub(crate) fn is_later(&self) -> bool {
        self.availability == Availability::Later
    }
}

/// When a new value in the file takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// With the next look at the file.
    Running,
    /// With the next start of the program.
    Restart,
}

/// Whether this version does what a key says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Availability {
    /// It does.
    Now,
    /// It checks the value, warns, and does nothing else.
    Later,
}

/// What a path means.
pub(crate) enum Found {
    /// A key with a value.
    Key(&'static Key),
    /// A section that holds keys.
    Section,
    /// Neither.
    Nothing,
}

/// What the path of these names means.
pub(crate) fn find(names: &[String]) -> Found {
    // Only a module's name may hold a dot: `store.dir` as one key of a file is not `dir` of `store`.
    match names {
        [section, _] if section == "levels" => {}
        _ if names.iter().any(|name| name.contains('.')) => return Found::Nothing,
        _ => {}
    }
    let path = names.join(".");
    if let Some(key) = KEYS.iter().find(|key| key.path == path) {
        return Found::Key(key);
    }
    match names {
        [section, _] if section == "levels" => module_key(),
        [_] if children(&path).next().is_some() => Found::Section,
        [_, _] if children(&path).next().is_some() => Found::Section,
        _ => Found::Nothing,
    }
}

fn module_key() -> Found {
    KEYS.iter().find(|key| key.path == "levels.*").map_or(Found::Nothing, Found::Key)
}

/// Names directly beneath a section, in the order of the table; the top for an empty path.
pub(crate) fn children(section: &str) -> impl Iterator<Item = &'static str> {
    let mut last = "";
    KEYS.iter().filter_map(move |key| {
        let rest = match section {
            "" => key.path,
            _ => key.path.strip_prefix(section)?.strip_prefix('.')?,
        };
        let name = rest.split('.').next().unwrap_or(rest);
        let new = name != last;
        last = name;
        new.then_some(name)
    })
}

/// The name a key has in the table, for one that may be spelt in several ways: levels have other
/// names and come in any case, `::` and `.` separate a module's parts alike, and `*` is what some
/// call the default.
pub(crate) fn canonical(section: &[String], name: &str) -> String {
    match section {
        [only] if only == "levels" && name == "*" => "default".to_owned(),
        [only] if only == "levels" => name.replace("::", "."),
        [only] if only == "overflow" || only == "sample" => {
            Level::parse(name).map_or_else(|_| name.to_owned(), |level| level.as_str().to_owned())
        }
        _ => name.to_owned(),
    }
}

/// A path as it is shown: names that hold a dot are quoted.
pub(crate) fn shown(names: &[String]) -> String {
    let quoted = |name: &String| match name.contains('.') {
        true => format!("\"{name}\""),
        false => name.clone(),
    };
    names.iter().map(quoted).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &[&str]) -> Vec<String> {
        path.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn paths_are_keys_or_sections() {
        assert!(matches!(find(&names(&["service"])), Found::Key(_)));
        assert!(matches!(find(&names(&["store"])), Found::Section));
        assert!(matches!(find(&names(&["store", "retention"])), Found::Section));
        assert!(matches!(find(&names(&["levels", "a.b::c"])), Found::Key(_)));
        assert!(matches!(find(&names(&["store", "nothing"])), Found::Nothing));
        assert!(matches!(find(&names(&["service", "name"])), Found::Nothing));
        assert!(matches!(find(&names(&["store.dir"])), Found::Nothing));
        assert!(matches!(find(&[]), Found::Nothing));
    }

    #[test]
    fn keys_of_a_section_stand_together() {
        for section in ["", "store", "store.retention", "mask", "overflow"] {
            let mut seen: Vec<&str> = children(section).collect();
            let count = seen.len();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), count, "{section} is torn apart in the table");
        }
    }

    #[test]
    fn names_have_several_spellings() {
        let overflow = names(&["overflow"]);
        assert_eq!(canonical(&overflow, "warning"), "WARN");
        assert_eq!(canonical(&overflow, "timeout"), "timeout");
        let levels = names(&["levels"]);
        assert_eq!(canonical(&levels, "error"), "error");
        assert_eq!(canonical(&levels, "a::b"), "a.b");
        assert_eq!(canonical(&levels, "*"), "default");
    }
}
