//! How many records there are over time, in steps that people use.
//!
//! Takes a question, gives the questions that find the span of its records and count them, and
//! gathers the counts. Steps without records are counted too, as none; warnings and errors are told
//! apart.

use logloom_filter::Filter;
use logloom_query::Question;
use logloom_query::pipes::{Bucket, By, Call, Function, Names, Pipe, Row, Stats, Step};
use logloom_record::time::parse_timestamp;

use crate::output::level;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::commands) struct Counts {
    pub(in crate::commands) all: u64,
    pub(in crate::commands) warnings: u64,
    pub(in crate::commands) errors: u64,
}

/// The question for the times between which there are matching records, and for how many these are,
/// those without a time among them.
pub(in crate::commands) fn span(question: &Question) -> Question {
    let time = || vec![Names::One("timestamp".to_owned())];
    let function =
        |call: Call, name: &str| Function { call, condition: None, name: name.to_owned() };
    let functions = vec![
        function(Call::Min(time()), "first"),
        function(Call::Max(time()), "last"),
        function(Call::Count(Vec::new()), "rows"),
    ];
    with(question, Stats { by: Vec::new(), functions })
}

/// What the only row of [`span`] says: the first moment and the last.
pub(in crate::commands) fn span_of(row: &Row<'_>) -> Option<(i64, i64)> {
    let moment = |name: &str| parse_timestamp(&row.text(name));
    moment("first").zip(moment("last"))
}

/// The same question for records with a time alone: one that is no time would be the least or the greatest.
pub(in crate::commands) fn timed(question: &Question) -> Question {
    let mut question = question.clone();
    if let Some(statement) = &mut question.statement {
        let timed = Filter::TimeRange { from: Some(i64::MIN), until: None };
        let filter = std::mem::replace(&mut statement.filter, Filter::Always);
        statement.filter = filter.and(timed);
    }
    question
}

/// How many records there are, as that row says.
pub(in crate::commands) fn rows_of(row: &Row<'_>) -> u64 {
    row.text("rows").parse().unwrap_or(0)
}

/// The shortest step of which less than `steps_max` lie between two moments, and its name.
pub(in crate::commands) fn step(first: i64, last: i64, steps_max: i64) -> (i64, &'static str) {
    let fits = |(step, _): &&(i64, &str)| last.saturating_sub(first) / step < steps_max - 1;
    STEPS.iter().find(fits).or(STEPS.last()).copied().unwrap_or((SECOND, "1s"))
}

/// The question for the counts by step and level; steps begin at multiples of it, moved by an offset.
pub(in crate::commands) fn counting(
    question: &Question,
    (step, written): (i64, &str),
    offset: i64,
) -> Question {
    let written = match offset {
        0 => written.to_owned(),
        _ => format!("{written} offset {offset}ns"),
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

/// Adds a row of [`counting`] to the steps; rows come in the order of their times.
pub(in crate::commands) fn add_row(steps: &mut Vec<(i64, Counts)>, step: i64, row: &Row<'_>) {
    let hits = row.text("hits").parse().unwrap_or(0);
    if let Some(time) = parse_timestamp(&row.text("timestamp")) {
        add(steps, step, time, &level(row.text("level")), hits);
    }
}

/// Adds to a step, and the steps without records before it.
pub(super) fn add(steps: &mut Vec<(i64, Counts)>, step: i64, time: i64, level: &str, hits: u64) {
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

/// The question with another pipe at its end.
fn with(question: &Question, stats: Stats) -> Question {
    let mut question = question.clone();
    if let Some(statement) = &mut question.statement {
        statement.pipes.push(Pipe::Stats(stats));
    }
    question
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_that_people_use_and_none_is_left_out() {
        assert_eq!(step(0, 3_600 * SECOND, 49).1, "5m");
        assert_eq!(step(0, 0, 49).1, "1ms");
        assert_eq!(step(0, i64::MAX, 49).1, "365d");
        let mut steps = Vec::new();
        add(&mut steps, 60, 0, "INFO", 2);
        add(&mut steps, 60, 0, "WARN", 1);
        add(&mut steps, 60, 180, "ERROR", 5);
        let counts: Vec<(i64, u64)> = steps.iter().map(|(time, one)| (*time, one.all)).collect();
        assert_eq!(counts, [(0, 3), (60, 0), (120, 0), (180, 5)]);
    }
}
