//! How agents spend their time and tokens, and what goes wrong with them.
//!
//! One pass over the days in the order of their files. What was not measured is absent and never
//! estimated. Memory is bounded: [`NAMES_MAX`] tools and models, [`OPEN_MAX`] calls and requests
//! whose end has not come, [`RUNS_MAX`] rows of failures; what is beyond is counted under `-`, or
//! not followed.

mod advice;
mod gather;
mod histogram;
mod open;
mod text;

use std::ops::ControlFlow;

use jiff::tz::TimeZone;

use super::days::Days;
use super::head::Head;
use super::lang::Lang;
use super::request::ActionFilter;
use super::scan::Range;
use super::view::{ActionTest, ActionView};
use crate::damage::Damage;
use crate::{LogFile, QueryProblem, scan};

pub use advice::Advice;
pub use gather::{ModelUse, PermissionUse, Storm, ToolUse};
pub use histogram::Histogram;

/// Tools and models that are told apart.
pub(crate) const NAMES_MAX: usize = 500;

/// Calls and requests whose end is waited for.
pub(crate) const OPEN_MAX: usize = 20_000;

/// Rows of failures that are followed at the same time.
pub(crate) const RUNS_MAX: usize = 20_000;

/// Failures of the same call in a row that make a storm.
pub const STORM_FAILURES: u64 = 3;

/// What a report tells.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Actions.
    pub actions: u64,
    /// Those that are errors.
    pub errors: u64,
    /// Sessions.
    pub sessions: u64,
    /// The models, most tokens first.
    pub models: Vec<ModelUse>,
    /// The tools, most time first.
    pub tools: Vec<ToolUse>,
    /// Calls that failed again and again, longest row first, a hundred at most.
    pub storms: Vec<Storm>,
    /// What the user was asked.
    pub permissions: PermissionUse,
    /// What could be done about it, the weightiest first.
    pub advice: Vec<Advice>,
    /// Files that could not be read, and damaged lines, a sentence each.
    pub problems: Vec<String>,
    /// Whether a file could not be read.
    pub is_incomplete: bool,
}

impl Report {
    /// The report over the actions of these days that satisfy the filter; problems are told in the
    /// language.
    #[must_use]
    pub fn of(
        files: &[LogFile],
        days: &Days,
        zone: &TimeZone,
        filter: &ActionFilter,
        lang: Lang,
    ) -> Report {
        let range = Range::new(files, days.bounds(zone));
        let matcher = range.resolve(filter.condition()).compile();
        let test = ActionTest::new();
        let mut gathered = gather::Gathered::default();
        let (mut damage, mut problems) = (Damage::default(), Vec::new());
        for index in range.indexes() {
            let file = &files[index];
            let mut each = |offset: u64, line: &[u8]| {
                if range.is_damaged(line) {
                    damage.add(index, offset);
                } else if test.is_action(Head::of(line), line)
                    && let Some(time) = range.time(index, line)
                    && matcher.may_match(line)
                    && matcher.matches(line)
                    && let Some(action) = ActionView::of(line)
                {
                    gathered.add(&action, time);
                }
                ControlFlow::Continue(())
            };
            let read = file
                .open()
                .and_then(|reader| scan::forward(reader.as_ref(), file.length(), &mut each));
            if let Err(error) = read {
                problems.push(QueryProblem { path: file.path().to_owned(), error });
            }
        }
        let mut report = gathered.finish();
        report.problems = damage.sentences(files, lang);
        report.problems.extend(problems.iter().map(|problem| lang.problem(problem)));
        report.is_incomplete = !problems.is_empty();
        report.advice = advice::of(&report);
        report
    }
}
