//! A query as it was understood.

use std::fmt;

use logloom_filter::Filter;
use logloom_filter::syntax::{Context, SyntaxError};

use crate::pipes::{Chain, Limits, Pipe};

/// Lines of the same source around each row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// Lines before.
    pub before: u64,
    /// Lines after.
    pub after: u64,
}

/// A filter and what is done with its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Which rows of the log.
    pub filter: Filter,
    /// Lines around them that are given too.
    pub around: Option<Around>,
    /// What is done with the rows, the newest first.
    pub pipes: Vec<Pipe>,
}

impl Statement {
    /// Reads a query. An empty text, and one that begins with a pipe, is for all rows.
    ///
    /// # Errors
    /// What cannot be understood, with its place.
    pub fn parse(text: &str, context: &Context) -> Result<Statement, SyntaxError> {
        super::parse(text, context)
    }

    /// The names of all pipes, those of one pipe beside each other.
    pub fn pipe_names() -> impl Iterator<Item = &'static str> {
        ["context"].into_iter().chain(super::PIPES.iter().map(|(name, _)| *name))
    }

    /// The rows of a filter, as they are.
    #[must_use]
    pub fn of_filter(filter: Filter) -> Self {
        Self { filter, around: None, pipes: Vec::new() }
    }

    /// The pipes, ready for rows.
    #[must_use]
    pub fn chain(&self, limits: &Limits) -> Chain {
        Chain::new(&self.pipes, limits)
    }

    /// Whether the answer consists of rows of the log, which may be shown in the order of their
    /// times; else the pipes have put the rows in order.
    #[must_use]
    pub fn gives_log_rows(&self) -> bool {
        self.pipes.iter().all(Pipe::keeps_rows)
    }

    /// Whether the answer can be given row by row as the log grows.
    #[must_use]
    pub fn is_streaming(&self) -> bool {
        let is_row = |pipe: &Pipe| pipe.role() == crate::pipes::Role::Row;
        self.around.is_none() && self.pipes.iter().all(is_row)
    }

    /// The statement with each query within a filter replaced by the values that `lookup` finds,
    /// as [`Filter::resolve`] does.
    #[must_use]
    pub fn resolve(mut self, lookup: &mut dyn FnMut(&Filter, &str) -> Vec<String>) -> Self {
        self.filter = self.filter.resolve(lookup);
        for filter in self.pipes.iter_mut().flat_map(Pipe::filters_mut) {
            *filter = std::mem::replace(filter, Filter::Always).resolve(lookup);
        }
        self
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.filter)?;
        if let Some(around) = self.around {
            write!(f, " | context before {} after {}", around.before, around.after)?;
        }
        self.pipes.iter().try_for_each(|pipe| write!(f, " | {pipe}"))
    }
}
