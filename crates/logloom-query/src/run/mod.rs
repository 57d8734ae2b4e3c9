//! Runs a query: which files, in which direction, and what becomes of matching lines.
//!
//! With a limit the best rows are kept while scanning; files are taken in the order that fills the
//! answer soonest, and a file that can no longer change it is left out. Without a limit the places
//! of all matching rows are sorted and the rows read again in that order.

mod all;
mod limited;

use std::ops::ControlFlow;

pub(crate) use all::Window;

use logloom_filter::LineView;
use logloom_record::time::parse_timestamp;

use crate::order::Key;
use crate::{LogFile, Query, QueryProblem, Stats};

/// One row of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The file it stands in.
    pub file: &'a LogFile,
    /// Where it starts there.
    pub offset: u64,
    /// Its time in nanoseconds since 1970; that of its file's day when it names none.
    pub time_ns: i64,
    /// The line as it stands in the file, without its line feed.
    pub line: &'a [u8],
}

impl Query {
    /// Gives the matching rows of these files in the order asked for, until `give` breaks.
    ///
    /// Reads files and may take as long as that takes; writes nothing and holds no lock. A file
    /// that cannot be read is reported in [`Stats::problems`] and does not end the run.
    pub fn run(
        &self,
        files: &[LogFile],
        give: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>,
    ) -> Stats {
        match self.limit {
            Some(limit) => limited::run(self, limit, files, give),
            None => all::run(self, files, give),
        }
    }
}

/// The place of a line among all rows.
pub(crate) fn key_of(index: usize, file: &LogFile, offset: u64, line: &[u8]) -> Key {
    let time = time_of(line).unwrap_or_else(|| file.day_start_ns());
    Key { time, birth: file.birth(), file: index, offset }
}

/// The time that a line carries.
pub(crate) fn time_of(line: &[u8]) -> Option<i64> {
    parse_timestamp(&LineView::new(line).get("timestamp")?.text())
}

/// Whether a line is plainly no object; cheap enough for every line.
pub(crate) fn looks_malformed(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    !(line.starts_with(b"{") && line.ends_with(b"}"))
}

/// Notes what became of one file.
pub(crate) fn note(
    stats: &mut Stats,
    file: &LogFile,
    outcome: std::io::Result<crate::scan::Scanned>,
) {
    stats.files += 1;
    match outcome {
        Ok(scanned) => {
            stats.bytes += scanned.bytes;
            stats.malformed += scanned.too_long;
            stats.problems.extend(scanned.damage.into_iter().map(|text| QueryProblem {
                path: file.path().to_owned(),
                error: std::io::Error::new(std::io::ErrorKind::InvalidData, text),
            }));
        }
        Err(error) => {
            stats.problems.push(QueryProblem { path: file.path().to_owned(), error });
        }
    }
}
