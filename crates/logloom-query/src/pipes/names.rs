//! Names of fields as pipes take them: whole names, and beginnings that end with `*`.

use std::fmt;

use super::Row;
use super::text::Name;

/// A name, or the beginning of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// This field.
    One(String),
    /// All fields whose path begins with this; every field where it is empty.
    Prefix(String),
}

impl Names {
    /// Whether the field of this path is meant.
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        match self {
            Names::One(name) => name == path,
            Names::Prefix(prefix) => path.starts_with(prefix.as_str()),
        }
    }

    /// The texts of what is meant in a row; a single field is empty text where there is none.
    pub(crate) fn texts(names: &[Names], row: &Row<'_>, each: &mut dyn FnMut(&str)) {
        for name in names {
            match name {
                Names::One(name) => each(&row.text(name)),
                Names::Prefix(_) => {
                    for leaf in row.leaves().into_iter().filter(|leaf| name.holds(&leaf.name)) {
                        each(&leaf.value.text());
                    }
                }
            }
        }
    }

    /// Whether all of these are single fields.
    pub(crate) fn are_single(names: &[Names]) -> bool {
        names.iter().all(|name| matches!(name, Names::One(_)))
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Names::One(name) => write!(f, "{}", Name(name)),
            Names::Prefix(prefix) if prefix.is_empty() => f.write_str("*"),
            Names::Prefix(prefix) => write!(f, "{}*", Name(prefix)),
        }
    }
}
