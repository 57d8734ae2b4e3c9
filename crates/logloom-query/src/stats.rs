//! What a query went through to find its rows.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::damage::{Check, Damage};

/// Counts of one run.
#[derive(Debug, Default)]
pub struct Stats {
    /// Files that were read.
    pub files: u64,
    /// Files that were left out because their times showed that they hold no answer.
    pub files_skipped: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Lines that were looked at.
    pub lines: u64,
    /// Lines that match the query, before the limit; a lower bound when the limit made it
    /// unnecessary to look at all lines.
    pub matched: u64,
    /// Lines that are no JSON object, as far as the scan had to look.
    pub malformed: u64,
    /// Where those stand that are no records although they are lines.
    pub damage: Damage,
    /// Files that could not be read, or not to their end. The rows of all others were given.
    pub problems: Vec<QueryProblem>,
}

impl Stats {
    /// Notes a line of a file if it is damaged.
    #[inline]
    pub(crate) fn note_damage(&mut self, check: Check, file: usize, offset: u64, line: &[u8]) {
        if check.is_damaged(line) {
            self.malformed += 1;
            self.damage.add(file, offset);
        }
    }
}

/// A file that could not be read.
#[derive(Debug)]
pub struct QueryProblem {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    pub error: io::Error,
}

impl fmt::Display for QueryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for QueryProblem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
