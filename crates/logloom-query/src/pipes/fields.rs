//! `fields` and `delete`: which fields of a row go on.

use super::each::{Change, Outcome};
use super::{Field, Names, Row};

/// Keeps these fields, in this order.
pub(super) struct Keeping(pub(super) Vec<Names>);

impl Change for Keeping {
    fn apply<'a>(&self, row: Row<'a>) -> Outcome<'a> {
        let everything = Names::Prefix(String::new());
        if self.0.contains(&everything) {
            return Outcome::Row(row);
        }
        let key = row.key();
        let mut kept: Vec<Field<'static>> = Vec::with_capacity(self.0.len());
        for names in &self.0 {
            match names {
                Names::One(name) => {
                    if let Some(value) = row.value(name) {
                        push(&mut kept, Field::new(name.clone(), value.into_owned()));
                    }
                }
                Names::Prefix(_) => {
                    for leaf in row.leaves().into_iter().filter(|leaf| names.holds(&leaf.name)) {
                        push(&mut kept, leaf.into_owned());
                    }
                }
            }
        }
        Outcome::Row(Row::made(kept).with_key(key))
    }
}

fn push(kept: &mut Vec<Field<'static>>, field: Field<'static>) {
    if !kept.iter().any(|other| other.name == field.name) {
        kept.push(field);
    }
}

/// Takes these fields away.
pub(super) struct Deleting(pub(super) Vec<Names>);

impl Change for Deleting {
    fn apply<'a>(&self, mut row: Row<'a>) -> Outcome<'a> {
        for names in &self.0 {
            match names {
                Names::One(name) => row.remove(name),
                Names::Prefix(_) => row.retain_leaves(&|path| !names.holds(path)),
            }
        }
        Outcome::Row(row)
    }
}

/// Takes empty fields away, and rows that have no others.
pub(super) struct DroppingEmpty;

impl Change for DroppingEmpty {
    fn apply<'a>(&self, row: Row<'a>) -> Outcome<'a> {
        let key = row.key();
        let mut leaves = row.leaves();
        leaves.retain(|leaf| !leaf.value.text().is_empty());
        if leaves.is_empty() {
            return Outcome::Nothing;
        }
        Outcome::Row(Row::made(leaves.into_iter().map(Field::into_owned).collect()).with_key(key))
    }
}
