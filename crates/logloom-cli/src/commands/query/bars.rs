//! `--histogram`: how many records there are over time, as bars on a terminal.
//!
//! The span of the matching records is found first, then cut into steps that people use, at most
//! some dozens. Steps without records are shown; warnings and errors are told apart.

use logloom_query::Question;

use super::steps::{self, Counts, add_row};
use super::{Searched, outcome};
use crate::args::QueryArguments;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Clock, Printer, Stamp, grouped};
use crate::terminal::{self, Paint};

/// Most rows of bars.
const STEPS_MAX: i64 = 48;

pub(super) fn run(
    arguments: &QueryArguments,
    question: &Question,
    searched: &Searched,
) -> Result<Outcome, Failure> {
    let timed = steps::timed(question);
    let (question, span) = match span(question, searched)? {
        (None, 1..) => (&timed, span(&timed, searched)?.0),
        (span, _) => (question, span),
    };
    let Some((first, last)) = span else { return Ok(Outcome::Nothing) };
    // One more than is shown: the span may begin within a step.
    let (step, written) = steps::step(first, last, STEPS_MAX + 1);
    let clock = Clock::in_zone(arguments.zone(), arguments.utc, Stamp::Date);
    let offset = clock.offset_ns(first).rem_euclid(step);
    let question = steps::counting(question, (step, written), -offset);
    if !arguments.is_readable() {
        let mut printer = Printer::of_rows(arguments.format(), clock, false);
        let mut rows = 0;
        let report = searched.answer(&question, &mut |row| {
            rows += 1;
            printer.row(&row.line())
        })?;
        printer.finish()?;
        return outcome(rows, &report, &searched.files);
    }
    let mut steps: Vec<(i64, Counts)> = Vec::new();
    let report = searched.answer(&question, &mut |row| {
        add_row(&mut steps, step, row);
        Ok(())
    })?;
    output::write_all(drawn(&steps, &clock).as_bytes())?;
    outcome(steps.len() as u64, &report, &searched.files)
}

/// The times between which there are matching records, and how many these are. There is no time where one
/// of them is none.
fn span(question: &Question, searched: &Searched) -> Result<(Option<(i64, i64)>, u64), Failure> {
    let mut found = (None, 0);
    searched.answer(&steps::span(question), &mut |row| {
        found = (steps::span_of(row), steps::rows_of(row));
        Ok(())
    })?;
    Ok(found)
}

fn drawn(steps: &[(i64, Counts)], clock: &Clock) -> String {
    let paint = Paint::of_stdout();
    let most = steps.iter().map(|(_, counts)| counts.all).max().unwrap_or(0).max(1);
    let digits = grouped(most).len();
    let room = terminal::width().saturating_sub(clock.width() + digits + 4).clamp(10, 100) as u64;
    let mut text = String::new();
    for (time, counts) in steps {
        let cells = |count: u64| (count * room).div_ceil(most);
        let all = cells(counts.all);
        let errors = cells(counts.errors).min(all);
        let warnings = cells(counts.warnings).min(all - errors);
        let bar = |count: u64| "\u{2588}".repeat(count as usize);
        text += &format!(
            "{}{}{}  {:>digits$}  {}{}{}{}{}{}{}\n",
            paint.dim(),
            clock.show(*time),
            paint.off(),
            grouped(counts.all),
            bar(all - errors - warnings),
            paint.warning(),
            bar(warnings),
            paint.off(),
            paint.bad(),
            bar(errors),
            paint.off(),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_a_row() {
        let counts = |all, errors| Counts { all, errors, ..Counts::default() };
        let steps = [(0, counts(3, 0)), (60, counts(0, 0)), (120, counts(5, 5))];
        let clock = Clock::new(true, Stamp::Date);
        let text = drawn(&steps, &clock);
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().last().is_some_and(|line| line.contains('\u{2588}')), "{text}");
    }
}
