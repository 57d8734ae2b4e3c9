//! Matching lines as they are committed.
//!
//! Takes a directory and a query, gives each matching line once, in the order of its file; lines of
//! several files come as they are committed, not sorted by time. Limit, order and which rows a limit
//! keeps do not matter here. A slow caller is behind, and nobody else is.

use std::time::Duration;

use logloom_filter::Matcher;
use logloom_store::read::{Cursor, Follow, Start};
use logloom_store::{Directory, FileKey, StoreError};

use crate::Query;

/// A line that was committed and matches.
#[derive(Clone, Copy, Debug)]
pub struct TailedLine<'a> {
    /// The file it stands in.
    pub file: FileKey,
    /// Where it starts there.
    pub offset: u64,
    /// The line without its line feed.
    pub line: &'a [u8],
}

/// Keeps up with a log directory.
pub struct Tail {
    follow: Follow,
    matcher: Matcher,
}

impl Tail {
    /// Starts at `start`; a cursor of an earlier run continues that one.
    ///
    /// # Errors
    /// The catalogue or the directory cannot be read.
    pub fn new(directory: &Directory, start: Start, query: &Query) -> Result<Tail, StoreError> {
        let matcher = query.condition().compile();
        Ok(Tail { follow: Follow::new(directory, start)?, matcher })
    }

    /// Waits for at most `timeout` for committed lines, gives those that match, and returns how
    /// many lines there were, matching or not; 0 when the time is over.
    ///
    /// # Errors
    /// A file or the catalogue cannot be read. Calling again goes on at the same place.
    pub fn next(
        &mut self,
        timeout: Duration,
        give: &mut dyn FnMut(TailedLine<'_>),
    ) -> Result<u64, StoreError> {
        let Some(batch) = self.follow.next_batch(timeout)? else {
            return Ok(0);
        };
        let mut lines = 0;
        for (offset, line) in batch.lines() {
            lines += 1;
            if self.matcher.matches(line) {
                give(TailedLine { file: batch.key, offset, line });
            }
        }
        Ok(lines)
    }

    /// The place after the last line that was looked at.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.follow.cursor()
    }
}
