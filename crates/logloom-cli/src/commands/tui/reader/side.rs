//! What stands beside the rows: histogram, facets, values for completion. One question at a time.
//!
//! Where the pipes of a query make an answer of many rows, it is the rows that go into them which
//! are counted.

use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use logloom_filter::Filter;
use logloom_query::engine::Budget;
use logloom_query::pipes::{Flow, Limits, Pipe, Row, Top};
use logloom_query::{Question, Statement};

use super::pager::problem;
use super::protocol::{Answer, Ask, Cancel, Histogram, Plan};
use super::{Files, Shared};
use crate::commands::query::steps;
use crate::output::{Clock, Stamp};

/// Values of a facet.
const FACET_VALUES: u64 = 8;

/// Values that completion chooses from.
const VALUES_MAX: u64 = 50;

/// How long values for completion are looked for: who types has no more patience.
const VALUES_TIME: Duration = Duration::from_millis(1_500);

/// Answers until nobody asks any more.
pub(super) fn run(shared: &Shared, asks: &Receiver<Ask>) {
    while let Ok(ask) = asks.recv() {
        let answer = match ask {
            Ask::Histogram { plan, steps } if !plan.cancel.is_cancelled() => {
                Some(histogram(shared, &plan, steps))
            }
            Ask::Facet { plan, field } if !plan.cancel.is_cancelled() => {
                Some(facet(shared, &plan, field))
            }
            Ask::Values { field } => Some(values(shared, field)),
            _ => None,
        };
        if answer.is_some_and(|answer| !shared.tell(answer)) {
            return;
        }
    }
}

/// The question of the rows that a plan counts.
fn counted(plan: &Plan) -> Question {
    let statement = match plan.is_paged() {
        true => plan.statement.clone(),
        false => Statement::of_filter(plan.statement.filter.clone()),
    };
    Question { budget: budget(&plan.cancel), ..Question::new(statement) }
}

fn budget(cancel: &Cancel) -> Budget {
    Budget { cancel: Some(cancel.0.clone()), ..Budget::default() }
}

fn histogram(shared: &Shared, plan: &Plan, steps_max: usize) -> Answer {
    let start = Instant::now();
    let made = shared.files().and_then(|files| made(shared, plan, &files, steps_max));
    let histogram =
        made.unwrap_or_else(|problem| Histogram { problem: Some(problem), ..Histogram::default() });
    let took_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    Answer::Histogram { generation: plan.generation, histogram, took_ms }
}

fn made(
    shared: &Shared,
    plan: &Plan,
    files: &Files,
    steps_max: usize,
) -> Result<Histogram, String> {
    let mut question = counted(plan);
    let (mut span, mut rows) = (None, 0);
    answer(shared, files, &steps::span(&question), &mut |row| {
        (span, rows) = (steps::span_of(row), steps::rows_of(row));
    })?;
    if span.is_none() && rows > 0 {
        question = steps::timed(&question);
        answer(shared, files, &steps::span(&question), &mut |row| span = steps::span_of(row))?;
    }
    let Some((first, last)) = span else {
        shared.has_untimed.fetch_or(rows > 0, Ordering::Relaxed);
        return Ok(Histogram { untimed: rows, ..Histogram::default() });
    };
    let (step, written) = steps::step(first, last, i64::try_from(steps_max).unwrap_or(i64::MAX));
    let clock = Clock::in_zone(shared.zone.clone(), false, Stamp::Date);
    let offset = clock.offset_ns(first).rem_euclid(step);
    let counting = steps::counting(&question, (step, written), -offset);
    let mut histogram = Histogram { step, ..Histogram::default() };
    histogram.problem = answer(shared, files, &counting, &mut |row| {
        steps::add_row(&mut histogram.steps, step, row);
    })?;
    let timed: u64 = histogram.steps.iter().map(|(_, counts)| counts.all).sum();
    // Some may have been written in between, which makes more of them.
    shared.has_untimed.fetch_or(rows > timed, Ordering::Relaxed);
    histogram.untimed = rows.saturating_sub(timed);
    Ok(histogram)
}

fn facet(shared: &Shared, plan: &Plan, field: String) -> Answer {
    let found = top(shared, counted(plan), &field, FACET_VALUES);
    let (values, problem) = found.unwrap_or_else(|problem| (Vec::new(), Some(problem)));
    Answer::Facet { generation: plan.generation, field, values, problem }
}

fn values(shared: &Shared, field: String) -> Answer {
    let mut question = Question::new(Statement::of_filter(Filter::Always));
    question.budget.time = Some(VALUES_TIME);
    let found = top(shared, question, &field, VALUES_MAX).unwrap_or_default();
    let values = found.0.into_iter().map(|(value, _)| value).filter(|value| !value.is_empty());
    Answer::Values { values: values.collect(), field }
}

/// Values with their numbers, and why they may not be all.
type Found = (Vec<(String, u64)>, Option<String>);

/// The most frequent values of a field.
fn top(shared: &Shared, mut question: Question, field: &str, limit: u64) -> Result<Found, String> {
    let hits = "hits".to_owned();
    let top = Top { by: vec![field.to_owned()], limit, hits: hits.clone(), rank: None };
    if let Some(statement) = &mut question.statement {
        statement.pipes.push(Pipe::Top(top));
    }
    question.limits = Limits::default();
    let mut values = Vec::new();
    let problem = answer(shared, &shared.files()?, &question, &mut |row| {
        values.push((row.text(field).into_owned(), row.text(&hits).parse().unwrap_or(0)));
    })?;
    Ok((values, problem))
}

/// Gives the rows of an answer, and why it is not complete.
fn answer(
    shared: &Shared,
    files: &Files,
    question: &Question,
    give: &mut dyn FnMut(&Row<'_>),
) -> Result<Option<String>, String> {
    let report = question.answer(&shared.engine, &files.files, &mut |row| {
        give(&row);
        Ok(Flow::Continue)
    });
    report.map(|report| problem(&report, shared.lang)).map_err(|error| error.to_string())
}
