//! `len`: the bytes of a field.

use super::each::{Change, Outcome};
use super::{Row, Value};

/// The pipe at work.
pub(super) struct Measuring {
    pub(super) field: String,
    pub(super) result: String,
}

impl Change for Measuring {
    fn apply<'a>(&self, mut row: Row<'a>) -> Outcome<'a> {
        let length = row.text(&self.field).len() as u64;
        row.set(&self.result, Value::count(length));
        Outcome::Row(row)
    }
}
