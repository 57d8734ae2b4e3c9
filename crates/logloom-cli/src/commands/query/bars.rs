//! `--histogram`: how many records there are over time, as bars on a terminal.
//!
//! The span of the matching records is found first, then cut into steps that people use, at most
//! some dozens. Steps without records are shown; warnings and errors are told apart.

use logloom_query::Question;
use logloom_query::pipes::{Bucket, By, Call, Function, Names, Pipe, Stats, Step};
use logloom_record::time::parse_timestamp;

use super::{Searched, outcome};
use crate::args::QueryArguments;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Clock, Printer, Stamp, grouped, level};
use crate::terminal::{self, Paint};

/// Most rows of bars.
const STEPS_MAX: i64 = 48;

const SECOND: i64 = 1_000_000_000;

/// Steps with their names, from the shortest on.
const STEPS: &[(i64, &str)] = &[
    (1_000_000, "1ms"),
    (10_000_000, "10ms"),
    (100_000_000, "100ms"),
    (SECOND, "1s"),
    (5 * SECOND, "5s"),
    (15 * SECOND, "15s"),
    (60 * SECOND, "1m"),
    (300 * SECOND, "5m"),
    (900 * SECOND, "15m"),
    (3_600 * SECOND, "1h"),
    (14_400 * SECOND, "4h"),
    (86_400 * SECOND, "1d"),
    (604_800 * SECOND, "7d"),
    (2_592_000 * SECOND, "30d"),
    (31_536_000 * SECOND, "365d"),
];

/// Records of one step: all, warnings, errors.
#[derive(Clone, Copy, Default)]
struct Counts {
    all: u64,
    warnings: u64,
    errors: u64,
}

pub(super) fn run(
    arguments: &QueryArguments,
    question: &Question,
    searched: &Searched,
) -> Result<Outcome, Failure> {
    let Some((first, last)) = span(question, searched)? else { return Ok(Outcome::Nothing) };
    let (step, written) = step(first, last);
    let clock = Clock::in_zone(arguments.zone(), arguments.utc, Stamp::Date);
    let offset = clock.offset_ns(first).rem_euclid(step);
    let question = counting(question, step, written, -offset);
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
        let hits = row.text("hits").parse().unwrap_or(0);
        if let Some(time) = parse_timestamp(&row.text("timestamp")) {
            add(&mut steps, step, time, &level(row.text("level")), hits);
        }
        Ok(())
    })?;
    output::write_all(drawn(&steps, &clock).as_bytes())?;
    outcome(steps.len() as u64, &report, &searched.files)
}

/// The times between which there are matching records.
fn span(question: &Question, searched: &Searched) -> Result<Option<(i64, i64)>, Failure> {
    let time = || vec![Names::One("timestamp".to_owned())];
    let function =
        |call: Call, name: &str| Function { call, condition: None, name: name.to_owned() };
    let functions = vec![function(Call::Min(time()), "first"), function(Call::Max(time()), "last")];
    let question = with(question, Stats { by: Vec::new(), functions });
    let mut found = None;
    searched.answer(&question, &mut |row| {
        let moment = |name: &str| parse_timestamp(&row.text(name));
        found = moment("first").zip(moment("last"));
        Ok(())
    })?;
    Ok(found)
}

/// The question with another pipe at its end.
fn with(question: &Question, stats: Stats) -> Question {
    let mut question = question.clone();
    if let Some(statement) = &mut question.statement {
        statement.pipes.push(Pipe::Stats(stats));
    }
    question
}

fn counting(question: &Question, step: i64, written: &str, offset: i64) -> Question {
    let written = match offset {
        0 => written.to_owned(),
        _ => format!("{written} offset {}ns", offset),
    };
    let bucket = Bucket { step: Step::Size(step as f64), offset: offset as f64, written };
    let by = vec![
        By { field: "timestamp".to_owned(), bucket: Some(bucket) },
        By { field: "level".to_owned(), bucket: None },
    ];
    let call = Call::Count(Vec::new());
    let functions = vec![Function { call, condition: None, name: "hits".to_owned() }];
    with(question, Stats { by, functions })
}

fn step(first: i64, last: i64) -> (i64, &'static str) {
    let fits = |(step, _): &&(i64, &str)| last.saturating_sub(first) / step < STEPS_MAX;
    STEPS.iter().find(fits).or(STEPS.last()).copied().unwrap_or((SECOND, "1s"))
}

/// Adds to a step, and the steps without records before it.
fn add(steps: &mut Vec<(i64, Counts)>, step: i64, time: i64, level: &str, hits: u64) {
    while let Some((last, _)) = steps.last().filter(|(last, _)| *last < time) {
        let next = last.saturating_add(step).min(time);
        steps.push((next, Counts::default()));
    }
    if steps.is_empty() {
        steps.push((time, Counts::default()));
    }
    if let Some((_, counts)) = steps.last_mut() {
        counts.all += hits;
        counts.warnings += if level == "WARN" { hits } else { 0 };
        counts.errors += if matches!(level, "ERROR" | "FATAL") { hits } else { 0 };
    }
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
    fn steps_are_those_that_people_use_and_none_is_left_out() {
        assert_eq!(step(0, 3_600 * SECOND).1, "5m");
        assert_eq!(step(0, 0).1, "1ms");
        assert_eq!(step(0, i64::MAX).1, "365d");
        let mut steps = Vec::new();
        add(&mut steps, 60, 0, "INFO", 2);
        add(&mut steps, 60, 0, "WARN", 1);
        add(&mut steps, 60, 180, "ERROR", 5);
        let counts: Vec<(i64, u64)> = steps.iter().map(|(time, one)| (*time, one.all)).collect();
        assert_eq!(counts, [(0, 3), (60, 0), (120, 0), (180, 5)]);
        let clock = Clock::new(true, Stamp::Date);
        let text = drawn(&steps, &clock);
        assert_eq!(text.lines().count(), 4);
        assert!(text.lines().last().is_some_and(|line| line.contains('\u{2588}')), "{text}");
    }
}
