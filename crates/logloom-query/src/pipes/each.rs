//! Pipes that look at one row at a time.

use super::Row;
use super::chain::{Flow, Next, PipeError, Stage};

/// What such a pipe makes of a row.
pub(super) enum Outcome<'a> {
    /// It goes on, changed or not.
    Row(Row<'a>),
    /// It is left out.
    Nothing,
}

/// A pipe that looks at one row at a time.
pub(super) trait Change: Send + 'static {
    fn apply<'a>(&self, row: Row<'a>) -> Outcome<'a>;
}

/// Such a pipe at work.
pub(super) struct Each<C>(pub(super) C);

impl<C: Change> Stage for Each<C> {
    fn push(&mut self, row: Row<'_>, next: Next<'_>) -> Result<Flow, PipeError> {
        match self.0.apply(row) {
            Outcome::Row(row) => next(row),
            Outcome::Nothing => Ok(Flow::Continue),
        }
    }
}

/// The pipe at work on the rows for which a filter holds; the others go on as they are.
pub(super) struct When<C> {
    pub(super) condition: Option<logloom_filter::Matcher>,
    pub(super) change: C,
}

impl<C: Change> Change for When<C> {
    fn apply<'a>(&self, row: Row<'a>) -> Outcome<'a> {
        match &self.condition {
            Some(condition) if !row.matches(condition) => Outcome::Row(row),
            _ => self.change.apply(row),
        }
    }
}
