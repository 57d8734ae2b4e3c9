//! `filter`: the rows for which a filter holds.

use logloom_filter::Matcher;

use super::Row;
use super::each::{Change, Outcome};

/// The pipe at work.
pub(super) struct Sifting(pub(super) Matcher);

impl Change for Sifting {
    fn apply<'a>(&self, row: Row<'a>) -> Outcome<'a> {
        if row.matches(&self.0) { Outcome::Row(row) } else { Outcome::Nothing }
    }
}
