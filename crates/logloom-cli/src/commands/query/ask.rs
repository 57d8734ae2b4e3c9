//! From the query and the flags to one question.
//!
//! Flags are shorthand: each becomes a part of the filter, or a pipe at the end, so that
//! `--explain` can print them all as one query.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use logloom_filter::syntax::{Context, Zone};
use logloom_query::engine::Budget;
use logloom_query::pipes::{Limits, Names, Pipe, Sort, SortBy};
use logloom_query::{Around, Order, Question, Statement};
use logloom_ring::clock;

use super::saved::Queries;
use crate::args::QueryArguments;
use crate::exit::Failure;
use crate::selection;

/// What is asked.
pub(super) fn question(arguments: &QueryArguments) -> Result<Question, Failure> {
    let mut statement = statement(arguments)?;
    let limit = if arguments.follow { None } else { arguments.limit };
    let limit = surrounded(&mut statement, around(arguments), limit)?;
    // With records around others the limit is one of those others.
    let around_limit = limit.filter(|_| statement.around.is_some());
    if let Some(limit) = limit.filter(|_| around_limit.is_none()) {
        statement.pipes.push(match arguments.oldest {
            true => {
                Pipe::Sort(Sort { by: selection::by_time(), limit: Some(limit), ..Sort::default() })
            }
            false => Pipe::Limit(limit),
        });
        if arguments.oldest && arguments.newest_first {
            let by =
                selection::by_time().into_iter().map(|by| SortBy { is_descending: true, ..by });
            statement.pipes.push(Pipe::Sort(Sort { by: by.collect(), ..Sort::default() }));
        }
    }
    let order = if arguments.newest_first { Order::NewestFirst } else { Order::OldestFirst };
    let budget =
        Budget { time: timeout(arguments)?, lines: arguments.max_lines, ..Budget::default() };
    let limits = limits(arguments)?;
    Ok(Question { statement: Some(statement), around_limit, order, limits, budget })
}

/// Whether rows are records, which have a time, a level and a message.
pub(super) fn gives_records(question: &Question) -> bool {
    question.statement.as_ref().is_none_or(are_records)
}

/// The names of the columns, where the last pipe says them.
pub(super) fn columns(question: &Question) -> Vec<String> {
    let last = question.statement.as_ref().and_then(|statement| statement.pipes.last());
    let Some(Pipe::Fields(names)) = last else { return Vec::new() };
    let exact = |name: &Names| match name {
        Names::One(name) => Some(name.clone()),
        Names::Prefix(_) => None,
    };
    names.iter().map(exact).collect::<Option<_>>().unwrap_or_default()
}

/// Whether the rows of a statement are records.
pub(in crate::commands) fn are_records(statement: &Statement) -> bool {
    let keeps_fields = |pipe: &Pipe| match pipe {
        Pipe::Fields(_) => false,
        Pipe::Sort(_) => true,
        other => other.keeps_rows(),
    };
    statement.pipes.iter().all(keeps_fields)
}

fn statement(arguments: &QueryArguments) -> Result<Statement, Failure> {
    let (now, zone) = (clock::real_time(), arguments.zone());
    let flags = selection::query_in(&arguments.select, now, &zone)?;
    let text = text(arguments)?;
    let context = Context { now_ns: now, zone: rules(zone) };
    let parsed = Statement::parse(&text, &context);
    let mut statement = parsed.map_err(|error| Failure::Problems(error.render(&text)))?;
    statement.filter = flags.condition().and(statement.filter);
    Ok(statement)
}

/// The text of the query, with what its names stand for.
fn text(arguments: &QueryArguments) -> Result<String, Failure> {
    // A negation at the start has come with a space before it.
    let text = arguments.query.as_deref().unwrap_or_default().trim_start();
    match text.contains('@') {
        true => Queries::of(&arguments.place)?.expanded(text).map_err(Failure::Usage),
        false => Ok(text.to_owned()),
    }
}

/// The zone as the parser asks for it.
pub(in crate::commands) fn rules(zone: TimeZone) -> Zone {
    if zone == TimeZone::UTC {
        return Zone::Utc;
    }
    Zone::Rules(std::sync::Arc::new(move |wall_ns| moment(&zone, wall_ns).unwrap_or(wall_ns)))
}

/// The moment at which clocks of a zone show this.
fn moment(zone: &TimeZone, wall_ns: i64) -> Option<i64> {
    let wall: DateTime =
        DateTime::constant(1970, 1, 1, 0, 0, 0, 0).checked_add(wall_ns.nanoseconds()).ok()?;
    let moment: Timestamp = wall.to_zoned(zone.clone()).ok()?.timestamp();
    i64::try_from(moment.as_nanosecond()).ok()
}

fn around(arguments: &QueryArguments) -> Option<Around> {
    let both = arguments.context;
    arguments.before.or(arguments.after).or(both)?;
    let before = arguments.before.or(both).unwrap_or(0);
    Some(Around { before, after: arguments.after.or(both).unwrap_or(0) })
}

/// Gives the statement the records around its own; the limit of its own ones.
fn surrounded(
    statement: &mut Statement,
    around: Option<Around>,
    limit: Option<u64>,
) -> Result<Option<u64>, Failure> {
    let Some(around) = around else { return Ok(limit) };
    if statement.around.is_some() {
        let text = "-A, -B and -C stand for `| context`, which the query has already";
        return Err(Failure::Usage(text.to_owned()));
    }
    statement.around = Some(around);
    // What is asked for are records around so many.
    let own = match statement.pipes.first() {
        Some(Pipe::Limit(own)) => Some(*own),
        _ => None,
    };
    if own.is_some() {
        statement.pipes.remove(0);
    }
    if let Some(pipe) = statement.pipes.iter().find(|pipe| !pipe.keeps_rows()) {
        let text = format!("-A, -B and -C show records: they do not go with `| {pipe}`");
        return Err(Failure::Usage(text));
    }
    Ok(own.into_iter().chain(limit).min())
}

fn timeout(arguments: &QueryArguments) -> Result<Option<std::time::Duration>, Failure> {
    let Some(text) = &arguments.timeout else { return Ok(None) };
    let nanoseconds = logloom_filter::quantity::duration_ns(text).filter(|ns| *ns > 0);
    match nanoseconds.and_then(|ns| u64::try_from(ns).ok()) {
        Some(ns) => Ok(Some(std::time::Duration::from_nanos(ns))),
        None => Err(Failure::Usage(format!("--timeout {text}: expected a time such as 10s or 5m"))),
    }
}

fn limits(arguments: &QueryArguments) -> Result<Limits, Failure> {
    let mut limits = Limits::default();
    if let Some(text) = &arguments.memory {
        let size = logloom_config::parse_size(text).and_then(|size| usize::try_from(size).ok());
        limits.memory = size.ok_or_else(|| {
            Failure::Usage(format!("--memory {text}: expected a size such as 64MiB or 1GiB"))
        })?;
        if limits.memory < Limits::MEMORY_MIN {
            let text =
                format!("--memory {text}: at least 1MiB; what does not fit goes to the disk");
            return Err(Failure::Usage(text));
        }
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_wall_clock_of_a_zone_is_read() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(moment(&zone, 7_200_000_000_000), Some(0));
        assert_eq!(rules(zone).moment(7_200_000_000_000), 0);
        assert!(matches!(rules(TimeZone::UTC), Zone::Utc));
    }
}
