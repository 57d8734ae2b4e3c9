//! `logloom query`: the records that flags ask for, in time order.
//!
//! Files that cannot be read are told, and those of all others are given. On a terminal a last
//! line on the standard error says what was looked at.

use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use logloom_query::{Keep, LogFile, Order, Query, Stats};
use logloom_ring::clock;
use logloom_store::Directory;

use crate::args::{Format, QueryArguments};
use crate::exit::{Failure, Outcome, say};
use crate::output::{self, Printer, Stamp, bytes, counted};
use crate::{place, selection};

pub(crate) fn run(arguments: &QueryArguments) -> Result<Outcome, Failure> {
    let query = query(arguments)?;
    if arguments.explain {
        output::write_all(format!("{}\n", query.condition()).as_bytes())?;
        return Ok(Outcome::Done);
    }
    let start = Instant::now();
    let directories = place::open_for_reading(&arguments.place)?;
    let files = files(&directories)?;
    let mut printer = Printer::new(&arguments.show, Stamp::Date);
    let (mut rows, mut failure) = (0u64, None);
    let stats = query.run(&files, &mut |row| match printer.row(row.line) {
        Ok(()) => {
            rows += 1;
            ControlFlow::Continue(())
        }
        Err(error) => {
            failure = Some(error);
            ControlFlow::Break(())
        }
    });
    match failure {
        Some(failure) => return Err(failure),
        None => printer.finish()?,
    }
    stats.problems.iter().for_each(say);
    let is_readable = matches!(arguments.show.format(), Format::Pretty | Format::Table);
    if is_readable && io::stdout().is_terminal() && io::stderr().is_terminal() {
        say(counts(rows, &stats, start.elapsed()));
    }
    outcome(rows, &stats)
}

fn query(arguments: &QueryArguments) -> Result<Query, Failure> {
    let mut query = selection::query(&arguments.select, clock::real_time())?;
    query.limit = arguments.limit;
    query.keep = if arguments.oldest { Keep::Oldest } else { Keep::Newest };
    query.order = if arguments.newest_first { Order::NewestFirst } else { Order::OldestFirst };
    Ok(query)
}

/// The files of all directories as they stand now.
pub(crate) fn files(directories: &[Directory]) -> Result<Vec<LogFile>, Failure> {
    let mut files = Vec::new();
    for directory in directories {
        let found = LogFile::of_directory(directory);
        files.extend(found.map_err(|error| Failure::System(error.to_string()))?);
    }
    Ok(files)
}

/// Nothing found is only certain when everything was read.
fn outcome(rows: u64, stats: &Stats) -> Result<Outcome, Failure> {
    match (rows, stats.problems.is_empty()) {
        (_, false) => Err(Failure::System("the answer is not complete".to_owned())),
        (0, true) => Ok(Outcome::Nothing),
        _ => Ok(Outcome::Done),
    }
}

fn counts(rows: u64, stats: &Stats, took: Duration) -> String {
    let damaged = match stats.malformed {
        0 => String::new(),
        count => format!(", {}", counted(count, "damaged line")),
    };
    format!(
        "{} of {} in {}{damaged}, {} read in {} ms",
        counted(rows, "record"),
        counted(stats.lines, "line"),
        counted(stats.files, "file"),
        bytes(stats.bytes),
        took.as_millis()
    )
}
