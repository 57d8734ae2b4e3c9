//! A statement and the files it is asked of: everything between the two and the rows.
//!
//! Queries within filters are answered first; lines around others are gathered; rows of the log are
//! given in the order of their times. Blocks until the answer is complete or the budget is spent,
//! which the report says.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use logloom_filter::Filter;

use crate::around::{self, Matches};
use crate::engine::{Budget, Engine, Report, Stop};
use crate::pipes::{Chain, Flow, Limits, Next, Pipe, PipeError, Row, Sort};
use crate::{LogFile, Order, Statement};

/// Distinct values that a query within a filter may find.
const VALUES_MAX: usize = 1_000_000;

/// After so many rows it is looked whether the time is over.
const ROWS_A_LOOK: u32 = 16;

/// What is asked, and how it may be answered.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The filter and its pipes.
    pub statement: Option<Statement>,
    /// The most matching rows around which lines are given, the newest ones; default all.
    pub around_limit: Option<u64>,
    /// The order of rows of the log; those that pipes make keep their own.
    pub order: Order,
    /// Memory and temporary files of the pipes.
    pub limits: Limits,
    /// Time and lines.
    pub budget: Budget,
}

impl Question {
    /// A question in the default order, without limits of time.
    #[must_use]
    pub fn new(statement: Statement) -> Self {
        Self { statement: Some(statement), ..Self::default() }
    }

    /// Gives the rows of the answer.
    ///
    /// # Errors
    /// Pipes need more memory than they may have, or there is no room for temporary files.
    pub fn answer(
        &self,
        engine: &Engine,
        files: &[LogFile],
        out: Next<'_>,
    ) -> Result<Report, PipeError> {
        let budget = engine.begun(&self.budget);
        let (statement, stop) = self.resolved_within(engine, files, &budget)?;
        let mut deadline =
            Deadline { engine, budget: &budget, until: None, rows: 0, is_over: false };
        let mut within = |row: Row<'_>| match deadline.is_over() {
            true => Ok(Flow::Enough),
            false => out(row),
        };
        let mut report = self.answer_resolved(statement, engine, (files, &budget), &mut within)?;
        report.stop = report.stop.or(stop).or(deadline.is_over.then_some(Stop::Time));
        Ok(report)
    }

    fn answer_resolved(
        &self,
        statement: Statement,
        engine: &Engine,
        (files, budget): (&[LogFile], &Budget),
        out: Next<'_>,
    ) -> Result<Report, PipeError> {
        if statement.around.is_some() {
            return self.answer_around(&statement, engine, (files, budget), out);
        }
        let is_in_order = self.order == Order::NewestFirst || !statement.gives_log_rows();
        if is_in_order {
            return engine.answer(files, &statement, &self.limits, budget, out);
        }
        if statement.is_streaming() {
            return engine.answer_in(self.order, files, &statement, (&self.limits, budget), out);
        }
        engine.answer(files, &in_log_order(statement), &self.limits, budget, out)
    }

    /// The statement with the queries within its filters answered.
    ///
    /// # Errors
    /// One of them finds too many values.
    pub fn resolved(&self, engine: &Engine, files: &[LogFile]) -> Result<Statement, PipeError> {
        self.resolved_within(engine, files, &self.budget).map(|(statement, _)| statement)
    }

    /// The same, and why not all of their answers was found, if so.
    fn resolved_within(
        &self,
        engine: &Engine,
        files: &[LogFile],
        budget: &Budget,
    ) -> Result<(Statement, Option<Stop>), PipeError> {
        let all = || Statement::of_filter(Filter::Always);
        let statement = self.statement.clone().unwrap_or_else(all);
        resolved(statement, engine, files, budget)
    }

    fn answer_around(
        &self,
        statement: &Statement,
        engine: &Engine,
        (files, budget): (&[LogFile], &Budget),
        out: Next<'_>,
    ) -> Result<Report, PipeError> {
        let mut matches = Matches::new(self.limits.memory / 2);
        let mut left = self.around_limit.unwrap_or(u64::MAX);
        let mut report = engine.newest(files, &statement.filter, budget, &mut |key, _| {
            if left == 0 || !matches.add(key) {
                return ControlFlow::Break(());
            }
            left -= 1;
            ControlFlow::Continue(())
        });
        matches.check()?;
        let mut chain = Chain::new(&statement.pipes, &self.limits);
        let lines = statement.around.unwrap_or_default();
        // What stands between chunks is for who reads them, and is not counted.
        let is_divided = statement.gives_log_rows();
        let problems = around::give(files, matches, lines, (self.order, is_divided), &mut |row| {
            chain.push(row, out)
        })?;
        report.stats.problems.extend(problems);
        chain.finish(out)?;
        Ok(report)
    }
}

/// The end of the time in which rows are given: pipes may take longer for them than it took to read them.
struct Deadline<'a> {
    engine: &'a Engine,
    budget: &'a Budget,
    /// Known when the first row is given.
    until: Option<u64>,
    rows: u32,
    is_over: bool,
}

impl Deadline<'_> {
    fn is_over(&mut self) -> bool {
        self.rows = self.rows.wrapping_add(1);
        if !self.is_over && self.rows % ROWS_A_LOOK == 1 && self.budget.until_ns.is_some() {
            let until = *self.until.get_or_insert_with(|| self.engine.gives_until(self.budget));
            self.is_over = self.engine.now_ns() >= until;
        }
        self.is_over
    }
}

/// The statement with its inner queries answered.
fn resolved(
    statement: Statement,
    engine: &Engine,
    files: &[LogFile],
    budget: &Budget,
) -> Result<(Statement, Option<Stop>), PipeError> {
    let (mut failure, mut stop) = (None, None);
    let resolved = statement.resolve(&mut |filter, field| {
        let each = |values: &mut BTreeSet<String>, key, line: &[u8]| {
            let text = Row::of_line(line, key).text(field).into_owned();
            if !text.is_empty() {
                values.insert(text);
            }
            match values.len() > VALUES_MAX {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let (all, report) = engine.gather(files, filter, budget, BTreeSet::new, each);
        stop = stop.or(report.stop);
        let values: BTreeSet<String> = all.into_iter().flatten().collect();
        if values.len() > VALUES_MAX {
            failure = Some(too_many(filter, field));
        }
        values.into_iter().collect()
    });
    failure.map_or(Ok((resolved, stop)), Err)
}

fn too_many(filter: &Filter, field: &str) -> PipeError {
    PipeError::Memory {
        what: format!("in({filter} | fields {field})"),
        limit: VALUES_MAX * 64,
        hint: "the inner query finds more than a million values; make it narrower",
    }
}

/// The statement with its rows put in the order of the log at last.
fn in_log_order(mut statement: Statement) -> Statement {
    statement.pipes.push(Pipe::Sort(Sort::default()));
    statement
}
