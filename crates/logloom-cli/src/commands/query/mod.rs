//! `logloom query`: the rows that a query and the flags ask for.
//!
//! Files that cannot be read are told, and those of all others are given. On a terminal a last
//! line on the standard error says what was looked at. An answer that is not complete ends with
//! status 3.

pub(super) mod ask;
mod bars;
mod explain;
pub(super) mod foreign;
mod hints;
mod hot;
pub(super) mod saved;
pub(super) mod steps;
mod watched;

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use logloom_query::actions::Lang;
use logloom_query::engine::{Budget, Engine, Report};
use logloom_query::pipes::{Flow, PipeError, Row};
use logloom_query::{LogFile, QueryProblem, Question, Stats};
use logloom_store::Directory;
use logloom_store::sys::LinuxPlatform;

use crate::args::{QueryArguments, TailArguments};
use crate::exit::{Failure, Outcome, say};
use crate::output::{Clock, Printer, Stamp, bytes, counted};
use crate::place;
use watched::Watched;

pub(crate) fn run(arguments: &QueryArguments) -> Result<Outcome, Failure> {
    if arguments.saved {
        return saved::list(arguments);
    }
    if let Some(name) = &arguments.forget {
        return saved::forget(&arguments.place, name);
    }
    let mut question = ask::question(arguments)?;
    if let Some(name) = &arguments.save {
        let is_all = question.statement.as_ref().is_none_or(|one| one.to_string() == "*");
        if arguments.query.is_none() && is_all {
            let text = format!("--save {name}: give the query, as in --save {name} 'level:error'");
            return Err(Failure::Usage(text));
        }
        return saved::save(&arguments.place, name, &question);
    }
    if arguments.explain {
        return explain::print(&question, Searched::open(arguments).ok().as_ref());
    }
    if arguments.follow {
        return follow(arguments, &question);
    }
    let start = Instant::now();
    let watched = Watched::begin(&mut question.budget)?;
    let mut searched = Searched::open_within(arguments, &mut question.budget)?;
    searched.watched = watched;
    if arguments.histogram {
        return bars::run(arguments, &question, &searched);
    }
    rows(arguments, &question, &searched, start)
}

/// What is searched.
pub(in crate::commands) struct Searched {
    pub(in crate::commands) files: Vec<LogFile>,
    pub(super) engine: Engine,
    /// Who is told how far it is.
    watched: Watched,
    /// Files that were made for the search, which go with it.
    made: Vec<foreign::Made>,
    /// Files that cannot be searched.
    problems: Vec<QueryProblem>,
}

impl Searched {
    /// What the arguments name: the log, or files of any program.
    pub(in crate::commands) fn open(arguments: &QueryArguments) -> Result<Self, Failure> {
        Self::open_within(arguments, &mut Budget::default())
    }

    /// The same. Reading files of other programs takes half of the time at most, and the rest is left in the budget.
    fn open_within(arguments: &QueryArguments, budget: &mut Budget) -> Result<Self, Failure> {
        let engine = Engine::new(Arc::new(LinuxPlatform));
        let named = arguments.files();
        if !named.is_empty() {
            let mut reading = foreign::Reading::of(&arguments.intake, &arguments.place)?;
            let begun = Instant::now();
            reading.bound.until = budget.time.map(|time| begun + time / 2);
            reading.bound.cancel.clone_from(&budget.cancel);
            let foreign::Opened { files, made, problems } = foreign::open(&named, &reading)?;
            budget.time = budget.time.map(|time| time.saturating_sub(begun.elapsed()));
            // What was read until it was cancelled is searched.
            if let Some(cancel) = &budget.cancel {
                cancel.store(false, Ordering::Relaxed);
            }
            return Ok(Self { files, engine, watched: Watched::default(), made, problems });
        }
        let directories = place::open_for_reading(&arguments.place)?;
        let files = files(&directories)?;
        let (made, problems) = (Vec::new(), Vec::new());
        Ok(Self { files, engine, watched: Watched::default(), made, problems })
    }

    /// Runs a question; what goes wrong with the output ends it.
    pub(in crate::commands) fn answer(
        &self,
        question: &Question,
        give: &mut dyn FnMut(&Row<'_>) -> Result<(), Failure>,
    ) -> Result<Report, Failure> {
        let mut failure = None;
        self.watched.start();
        // Rows and the line would stand in each other's way.
        let is_shown = io::stdout().is_terminal();
        let report = question.answer(&self.engine, &self.files, &mut |row| {
            if is_shown {
                self.watched.end();
            }
            Ok(match give(&row) {
                Ok(()) => Flow::Continue,
                Err(error) => {
                    failure = Some(error);
                    Flow::Enough
                }
            })
        });
        self.watched.end();
        match failure {
            Some(failure) => Err(failure),
            None => report.map_err(unanswered).map(|report| self.with_broken(report)),
        }
    }

    /// A text with the files that are meant in place of those that were made of them.
    fn with_names(&self, mut text: String) -> String {
        for made in &self.made {
            text = text.replace(&*made.path().to_string_lossy(), &made.source.to_string_lossy());
        }
        text
    }

    /// What could not be read, or not to its end, is missing in every answer.
    fn with_broken(&self, mut report: Report) -> Report {
        let broken = self.made.iter().filter_map(|made| made.broken.as_ref());
        let problems = self.problems.iter().chain(broken);
        report.stats.problems.extend(problems.map(|problem| QueryProblem {
            path: problem.path.clone(),
            error: io::Error::new(problem.error.kind(), problem.error.to_string()),
        }));
        report
    }
}

/// The failure that pipes could not do their work.
pub(super) fn unanswered(error: PipeError) -> Failure {
    Failure::System(error.to_string())
}

fn rows(
    arguments: &QueryArguments,
    question: &Question,
    searched: &Searched,
    start: Instant,
) -> Result<Outcome, Failure> {
    let are_records = ask::gives_records(question);
    let clock = Clock::in_zone(arguments.zone(), arguments.utc, Stamp::Date);
    let mut printer = Printer::of_rows(arguments.format(), clock, are_records);
    printer.name_columns(ask::columns(question));
    let mut rows = 0u64;
    let report = searched.answer(question, &mut |row| {
        rows += 1;
        printer.row(&row.line())
    })?;
    printer.finish()?;
    if rows == 0 {
        hints::say_all(arguments, searched.files.is_empty());
    }
    hot::index(&arguments.place, &searched.files);
    let is_watched = io::stdout().is_terminal() && io::stderr().is_terminal();
    if arguments.is_readable() && is_watched {
        say(counts(rows, are_records, &report.stats, start.elapsed()));
    }
    outcome(rows, &report, &searched.files)
}

/// Goes on with records as they come.
fn follow(arguments: &QueryArguments, question: &Question) -> Result<Outcome, Failure> {
    let is_streaming = question.statement.as_ref().is_none_or(|one| one.is_streaming());
    if !is_streaming || arguments.oldest {
        let text = "--follow: pipes that wait for all rows, and limits, have no end here; leave them \
                    out, or use -n COUNT for how many records to begin with";
        return Err(Failure::Usage(text.to_owned()));
    }
    let tail = TailArguments {
        select: Default::default(),
        lines: arguments.limit.map_or(10, |limit| usize::try_from(limit).unwrap_or(usize::MAX)),
        rate: false,
        wrap: true,
        show: Default::default(),
        place: arguments.place.clone(),
    };
    let clock = Clock::in_zone(arguments.zone(), arguments.utc, Stamp::Time);
    let printer = Printer::of_rows(arguments.format(), clock, true);
    super::tail::watch(&tail, question, printer)
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
pub(super) fn outcome(rows: u64, report: &Report, files: &[LogFile]) -> Result<Outcome, Failure> {
    report.stats.damage.sentences(files, Lang::English).iter().for_each(say);
    report.stats.problems.iter().for_each(say);
    if let Some(stop) = &report.stop {
        return Err(Failure::System(format!("the answer is not complete: {stop}")));
    }
    match (rows, report.stats.problems.is_empty()) {
        (_, false) => Err(Failure::System("the answer is not complete".to_owned())),
        (0, true) => Ok(Outcome::Nothing),
        _ => Ok(Outcome::Done),
    }
}

fn counts(rows: u64, are_records: bool, stats: &Stats, took: Duration) -> String {
    let damaged = match stats.malformed {
        0 => String::new(),
        count => format!(", {}", counted(count, "damaged line")),
    };
    format!(
        "{} of {} in {}{damaged}, {} read in {} ms",
        counted(rows, if are_records { "record" } else { "row" }),
        counted(stats.lines, "line"),
        counted(stats.files, "file"),
        bytes(stats.bytes),
        took.as_millis()
    )
}
