//! `/log`: a whole request, run over the files of a log and written as text.
//!
//! Takes a request, files and a place to write to; writes a table, a JSON array or a summary, and
//! hands on what was shown and what went wrong. One pass counts all actions of the chosen days and
//! finds the rows; memory is 40 bytes a row that the limit keeps, and the rows that are shown are
//! read again one by one. Nothing is changed, no clock is read.

use std::io::{self, Write};
use std::ops::ControlFlow;

use jiff::tz::TimeZone;

use super::days::Days;
use super::lang::Lang;
use super::message::message;
use super::request::ActionFilter;
use super::rows;
use super::scan::{Counting, Place, Range, Scan};
use super::screen::Screen;
use super::summary::ActionSummary;
use super::table::{Row, RowClock, Table};
use super::tools::{ToolNames, Use};
use super::view::ActionView;
use crate::show::{Array, grouped};
use crate::{Keep, LogFile, QueryProblem};

/// Rows that are shown when no number was asked for: the last ones.
pub const ROWS_DEFAULT: usize = 50;

/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 64 << 10;

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// A table and a line with the total.
    #[default]
    Table,
    /// One JSON array of the lines as they stand in the log.
    Json,
    /// Counts.
    Summary,
}

/// Which rows of those that match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// The first so many.
    First(usize),
    /// The last so many.
    Last(usize),
}

impl Default for Rows {
    fn default() -> Self {
        Rows::Last(ROWS_DEFAULT)
    }
}

/// A request, as flags or a `/log` line give it.
#[derive(Clone, Debug)]
pub struct LogRequest {
    /// The days.
    pub days: Days,
    /// Which actions of these days.
    pub filter: ActionFilter,
    /// The form; default a table.
    pub format: LogFormat,
    /// How many rows; default the last 50. Summaries count all.
    pub rows: Rows,
    /// The zone of days and of the times that are shown.
    pub zone: TimeZone,
    /// Whether days and times are those of UTC, whatever the viewer's zone; default no.
    pub utc: bool,
    /// The language; default English.
    pub lang: Lang,
    /// Whether the query is printed instead of being run.
    pub explain: bool,
}

/// What came of a request.
#[derive(Debug, Default)]
pub struct LogOutcome {
    /// Rows that were shown; actions that were counted.
    pub shown: u64,
    /// Actions of the chosen days before filters. For JSON, which does not tell them, those that were looked at.
    pub total: u64,
    /// What is worth telling apart from the answer, a sentence each: damaged lines, strange names,
    /// files that could not be read.
    pub problems: Vec<String>,
    /// Whether a file could not be read, so that the answer may lack something.
    pub is_incomplete: bool,
}

impl LogRequest {
    /// A request for the last 50 actions of a day.
    #[must_use]
    pub fn new(days: Days, zone: TimeZone) -> Self {
        Self {
            days,
            filter: ActionFilter::default(),
            format: LogFormat::default(),
            rows: Rows::default(),
            zone,
            utc: false,
            lang: Lang::default(),
            explain: false,
        }
    }

    /// The zone of days and of times that are shown.
    fn shown_zone(&self) -> TimeZone {
        if self.utc { TimeZone::UTC } else { self.zone.clone() }
    }

    /// The request in the query language.
    #[must_use]
    pub fn query_text(&self) -> String {
        use logloom_filter::Filter;
        let (from, until) = self.days.bounds(&self.shown_zone());
        let bounds = match (from, until) {
            (None, None) => Filter::Always,
            (from, until) => Filter::TimeRange { from, until },
        };
        let filter = bounds.and(self.filter.condition());
        match (self.format, self.rows) {
            (LogFormat::Summary, _) => {
                format!("{filter} | stats by (action_type, status) count() actions")
            }
            (_, Rows::First(count)) => format!("{filter} | sort by (_time) limit {count}"),
            (_, Rows::Last(count)) => format!("{filter} | sort by (_time desc) limit {count}"),
        }
    }

    /// Runs the request over these files and writes the answer.
    ///
    /// # Errors
    /// Only those of writing; files that cannot be read are told in the outcome.
    pub fn run(
        &self,
        files: &[LogFile],
        screen: &Screen,
        out: &mut dyn Write,
    ) -> io::Result<LogOutcome> {
        let mut outcome =
            LogOutcome { problems: self.filter.warnings(self.lang), ..LogOutcome::default() };
        if self.explain {
            outcome.shown = 1;
            writeln!(out, "{}", self.query_text())?;
            return Ok(outcome);
        }
        match self.format {
            LogFormat::Summary => self.summary(files, out, &mut outcome)?,
            LogFormat::Table => self.table(files, screen, out, &mut outcome)?,
            LogFormat::Json => self.json(files, out, &mut outcome)?,
        }
        out.flush()?;
        Ok(outcome)
    }

    fn summary(
        &self,
        files: &[LogFile],
        out: &mut dyn Write,
        outcome: &mut LogOutcome,
    ) -> io::Result<()> {
        let bounds = self.days.bounds(&self.shown_zone());
        let mut summary = ActionSummary::of(files, bounds, &self.filter.condition(), self.lang);
        out.write_all(summary.text(&self.days, self.lang).as_bytes())?;
        outcome.shown = summary.actions;
        outcome.total = summary.actions;
        outcome.problems.append(&mut summary.problems);
        outcome.is_incomplete = summary.is_incomplete;
        Ok(())
    }

    fn range<'a>(&self, files: &'a [LogFile]) -> Range<'a> {
        Range::new(files, self.days.bounds(&self.shown_zone()))
    }

    fn find(&self, range: &Range<'_>, counting: Counting, outcome: &mut LogOutcome) -> Scan {
        let (limit, keep) = match self.rows {
            Rows::First(count) => (count, Keep::Oldest),
            Rows::Last(count) => (count, Keep::Newest),
        };
        let scan = range.scan(&self.filter.condition(), Some(limit), keep, counting);
        outcome.total = scan.total;
        outcome.problems.extend(scan.damage.sentences(range.files, self.lang));
        self.note(outcome, &scan.problems);
        scan
    }

    fn note(&self, outcome: &mut LogOutcome, problems: &[QueryProblem]) {
        outcome.is_incomplete |= !problems.is_empty();
        outcome.problems.extend(problems.iter().map(|problem| self.lang.problem(problem)));
    }

    fn json(
        &self,
        files: &[LogFile],
        out: &mut dyn Write,
        outcome: &mut LogOutcome,
    ) -> io::Result<()> {
        let range = self.range(files);
        let scan = self.find(&range, Counting::Looked, outcome);
        let mut pages = Pages::new(out);
        let (mut array, mut shown) = (Array::default(), 0);
        let problems = rows::read(files, &scan.places, &mut |_, line| {
            shown += 1;
            array.row(line, &mut pages.buffer);
            pages.turn()
        });
        outcome.shown = shown;
        self.note(outcome, &problems);
        array.finish(&mut pages.buffer);
        pages.finish()
    }

    fn table(
        &self,
        files: &[LogFile],
        screen: &Screen,
        out: &mut dyn Write,
        outcome: &mut LogOutcome,
    ) -> io::Result<()> {
        let range = self.range(files);
        let scan = self.find(&range, Counting::All, outcome);
        let names = ToolNames::find(&range, &uses(files, &scan.places));
        let clock = RowClock {
            zone: self.shown_zone(),
            is_one_day: self.days.is_one(),
            says_utc: self.utc,
        };
        let mut table = Table::new(*screen, self.lang, clock);
        let mut pages = Pages::new(out);
        let (mut text, mut shown) = (String::new(), 0);
        let problems = rows::read(files, &scan.places, &mut |place, line| {
            let Some(action) = ActionView::of(line) else { return ControlFlow::Continue(()) };
            shown += 1;
            table.row(&row(place, &action, &names, self.lang), &mut text);
            pages.buffer.extend_from_slice(text.as_bytes());
            text.clear();
            pages.turn()
        });
        outcome.shown = shown;
        self.note(outcome, &problems);
        if shown > 0 {
            table.finish(&mut text);
            text.push('\n');
        }
        text.push_str(&total_line(self.lang, shown, scan.total));
        pages.buffer.extend_from_slice(text.as_bytes());
        pages.finish()
    }
}

/// The last line of a table.
fn total_line(lang: Lang, shown: u64, total: u64) -> String {
    let (shown, total) = (grouped(shown), grouped(total));
    match lang {
        Lang::English => format!("Showing {shown} of {total} total actions\n"),
        Lang::Chinese => format!("显示 {shown} 条，共 {total} 条行动\n"),
    }
}

/// The rows that name no tool and belong to one.
fn uses(files: &[LogFile], places: &[Place]) -> Vec<Use> {
    let mut uses = Vec::new();
    // What cannot be read is told when the rows are shown.
    let _ = rows::read(files, places, &mut |place, line| {
        let action = ActionView::of(line);
        if let Some(action) = action.filter(|action| action.text("tool_name").is_empty()) {
            let id = action.text("tool_use_id");
            if !id.is_empty() {
                uses.push(Use { place: *place, id: id.into_owned() });
            }
        }
        ControlFlow::Continue(())
    });
    uses
}

fn row(place: &Place, action: &ActionView<'_>, names: &ToolNames, lang: Lang) -> Row {
    let own = action.text("tool_name");
    let tool = match own.is_empty() {
        true => names.name(&action.text("tool_use_id")).to_owned(),
        false => own.into_owned(),
    };
    Row {
        time_ns: place.key.time,
        action_type: action.action_type().into_owned(),
        tool,
        status: action.status().into_owned(),
        message: message(action, lang),
        is_error: action.is_error(),
    }
}

/// Writes what is gathered when it is much, and keeps the error that ended it.
struct Pages<'a> {
    out: &'a mut dyn Write,
    buffer: Vec<u8>,
    failed: Option<io::Error>,
}

impl<'a> Pages<'a> {
    fn new(out: &'a mut dyn Write) -> Self {
        Self { out, buffer: Vec::with_capacity(BUFFER_BYTES), failed: None }
    }

    fn turn(&mut self) -> ControlFlow<()> {
        if self.buffer.len() < BUFFER_BYTES {
            return ControlFlow::Continue(());
        }
        let written = self.out.write_all(&self.buffer);
        self.buffer.clear();
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn finish(self) -> io::Result<()> {
        match self.failed {
            Some(error) => Err(error),
            None => self.out.write_all(&self.buffer),
        }
    }
}
