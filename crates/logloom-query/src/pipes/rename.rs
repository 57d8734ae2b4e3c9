//! `rename` and `copy`: fields under other names.

use std::fmt;

use super::each::{Change, Outcome};
use super::{Field, Names, Row};

/// A field, or all with a beginning, and what it is called then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming {
    /// What it is called.
    pub from: Names,
    /// What it is called then; of the same kind as `from`.
    pub to: Names,
}

impl fmt::Display for Renaming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {}", self.from, self.to)
    }
}

impl Renaming {
    /// The new name of a field; none where the field is not meant.
    fn target(&self, name: &str) -> Option<String> {
        match (&self.from, &self.to) {
            (Names::One(from), Names::One(to) | Names::Prefix(to)) => {
                (from == name).then(|| to.clone())
            }
            (Names::Prefix(from), Names::One(to) | Names::Prefix(to)) => {
                name.strip_prefix(from.as_str()).map(|rest| format!("{to}{rest}"))
            }
        }
    }

    /// The fields that are meant, under their new names, and what they were called.
    fn found(&self, row: &Row<'_>) -> Vec<(String, Field<'static>)> {
        let named = |name: &str| self.target(name).map(|to| (name.to_owned(), to));
        let owned = |field: Field<'_>| {
            let (from, to) = named(&field.name)?;
            Some((from, Field::new(to, field.into_owned().value)))
        };
        match &self.from {
            Names::One(name) => {
                let value = row.value(name).map(|value| Field::new(name.clone(), value));
                value.and_then(owned).into_iter().collect()
            }
            Names::Prefix(_) => row.leaves().into_iter().filter_map(owned).collect(),
        }
    }
}

/// The pipe at work.
pub(super) struct Moving {
    pub(super) pairs: Vec<Renaming>,
    pub(super) keeps: bool,
}

impl Change for Moving {
    fn apply<'a>(&self, mut row: Row<'a>) -> Outcome<'a> {
        for pair in &self.pairs {
            let found = pair.found(&row);
            // What stands under the new name is replaced, also where there is nothing to put there.
            if found.is_empty()
                && let (Names::One(from), Names::One(to)) = (&pair.from, &pair.to)
                && from != to
            {
                row.remove(to);
            }
            for (from, field) in found {
                if from == field.name {
                    continue;
                }
                if !self.keeps {
                    row.remove(&from);
                }
                row.set(&field.name, field.value);
            }
        }
        Outcome::Row(row)
    }
}
