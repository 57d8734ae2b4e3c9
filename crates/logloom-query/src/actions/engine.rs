//! [`LogQueryEngine`]: the action log asked by a program.
//!
//! Takes a log directory and filters, gives actions in the order of their times: a list, or one
//! after the other. Never holds a file in memory: one pass notes where the rows stand, 40 bytes
//! each, and they are read as they are asked for.

use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, Options, StoreError};

use super::command::{LogAnswer, LogLineError, answer_log_line};
use super::days::Days;
use super::log::Rows;
use super::request::ActionFilter;
use super::rows;
use super::scan::{Counting, Place, Range};
use super::screen::Screen;
use super::view::ActionView;
use crate::{Keep, LogFile, QueryProblem};

/// Rows of a list when no number was asked for: the first ones.
pub const EXECUTE_ROWS_DEFAULT: usize = 1_000;

/// Rows that an iterator reads at once.
const ROWS_AT_ONCE: usize = 256;

/// A question about one log directory. Cheap to clone; every run looks at the directory anew.
#[derive(Clone)]
pub struct LogQueryEngine {
    directory: Directory,
    filter: ActionFilter,
    days: Days,
    zone: TimeZone,
    rows: Option<Rows>,
}

impl fmt::Debug for LogQueryEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogQueryEngine")
            .field("directory", &self.directory.path())
            .field("filter", &self.filter)
            .field("days", &self.days)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

/// One action that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAction {
    /// The line as it stands in the log.
    pub line: Vec<u8>,
    /// Its time, nanoseconds since 1970; that of its file's day when it names none.
    pub time_ns: i64,
}

impl FoundAction {
    /// The action; `None` when the file was changed since it was found.
    #[must_use]
    pub fn view(&self) -> Option<ActionView<'_>> {
        ActionView::of(&self.line)
    }

    /// The text of a field, empty when there is none.
    #[must_use]
    pub fn text(&self, path: &str) -> String {
        self.view().map(|view| view.text(path).into_owned()).unwrap_or_default()
    }
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Found {
    /// The actions, oldest first.
    pub actions: Vec<FoundAction>,
    /// Actions of the chosen days before filters.
    pub total: u64,
    /// Files that could not be read.
    pub problems: Vec<QueryProblem>,
}

impl LogQueryEngine {
    /// Asks a log directory.
    ///
    /// # Errors
    /// It does not exist, or is none that this version reads.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let directory = Directory::open(path, Options::reader(), Arc::new(LinuxPlatform))?;
        Ok(Self::of(directory))
    }

    /// Asks a directory that is open already.
    #[must_use]
    pub fn of(directory: Directory) -> Self {
        Self {
            directory,
            filter: ActionFilter::default(),
            days: Days::ALL,
            zone: TimeZone::UTC,
            rows: None,
        }
    }

    /// Only these actions; default all.
    #[must_use]
    pub fn filter(mut self, filter: ActionFilter) -> Self {
        self.filter = filter;
        self
    }

    /// Only these days, as they are in this zone; default every day.
    #[must_use]
    pub fn days(mut self, days: Days, zone: TimeZone) -> Self {
        self.days = days;
        self.zone = zone;
        self
    }

    /// The first so many; default 1,000 of a list, all of an iterator.
    #[must_use]
    pub fn limit(mut self, count: usize) -> Self {
        self.rows = Some(Rows::First(count));
        self
    }

    /// The last so many.
    #[must_use]
    pub fn tail(mut self, count: usize) -> Self {
        self.rows = Some(Rows::Last(count));
        self
    }

    /// Finds the actions as a list.
    ///
    /// # Errors
    /// The directory cannot be read; single files that cannot are told in the answer.
    pub fn execute(&self) -> Result<Found, StoreError> {
        let mut rows = self.iter_rows(Some(EXECUTE_ROWS_DEFAULT))?;
        let actions = rows.by_ref().collect();
        Ok(Found { actions, total: rows.total, problems: rows.problems })
    }

    /// Finds the actions one after the other, oldest first.
    ///
    /// # Errors
    /// As for [`LogQueryEngine::execute`].
    pub fn iter(&self) -> Result<FoundActions, StoreError> {
        self.iter_rows(None)
    }

    /// Answers a whole `/log ...` line over the directory as it stands now; the engine's own filters
    /// do not matter.
    ///
    /// # Errors
    /// What is wrong with the line, or why the directory cannot be read.
    pub fn answer(
        &self,
        line: &str,
        now: Timestamp,
        zone: &TimeZone,
        screen: &Screen,
    ) -> Result<LogAnswer, LogLineError> {
        let files = LogFile::of_directory(&self.directory)
            .map_err(|error| LogLineError::new(error.to_string()))?;
        answer_log_line(line, &files, now, zone, screen)
    }

    fn iter_rows(&self, default: Option<usize>) -> Result<FoundActions, StoreError> {
        let files = LogFile::of_directory(&self.directory)?;
        let (limit, keep) = match self.rows {
            Some(Rows::First(count)) => (Some(count), Keep::Oldest),
            Some(Rows::Last(count)) => (Some(count), Keep::Newest),
            None => (default, Keep::Oldest),
        };
        let range = Range::new(&files, self.days.bounds(&self.zone));
        let scan = range.scan(&self.filter.condition(), limit, keep, Counting::All);
        Ok(FoundActions {
            files,
            places: scan.places,
            next: 0,
            ready: Vec::new().into_iter(),
            total: scan.total,
            problems: scan.problems,
        })
    }
}

/// Actions one after the other.
#[derive(Debug)]
pub struct FoundActions {
    files: Vec<LogFile>,
    places: Vec<Place>,
    next: usize,
    ready: std::vec::IntoIter<FoundAction>,
    total: u64,
    problems: Vec<QueryProblem>,
}

impl FoundActions {
    /// Actions of the chosen days before filters.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Files that could not be read so far.
    #[must_use]
    pub fn problems(&self) -> &[QueryProblem] {
        &self.problems
    }

    fn read_more(&mut self) {
        let end = (self.next + ROWS_AT_ONCE).min(self.places.len());
        let mut ready = Vec::with_capacity(end - self.next);
        let mut problems =
            rows::read(&self.files, &self.places[self.next..end], &mut |place, line| {
                ready.push(FoundAction { line: line.to_vec(), time_ns: place.key.time });
                ControlFlow::Continue(())
            });
        self.next = end;
        self.ready = ready.into_iter();
        problems.retain(|new| !self.problems.iter().any(|known| known.path == new.path));
        self.problems.append(&mut problems);
    }
}

impl Iterator for FoundActions {
    type Item = FoundAction;

    fn next(&mut self) -> Option<FoundAction> {
        loop {
            if let Some(action) = self.ready.next() {
                return Some(action);
            }
            if self.next >= self.places.len() {
                return None;
            }
            self.read_more();
        }
    }
}
