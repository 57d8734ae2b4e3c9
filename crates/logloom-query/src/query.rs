//! What is asked for.

use logloom_filter::Filter;

use crate::{Keep, LogFile, Order};

/// A question about the log.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which records; default all.
    pub filter: Filter,
    /// The first moment that counts, nanoseconds since 1970; default none.
    pub since: Option<i64>,
    /// The first moment that counts no more, nanoseconds since 1970; default none.
    pub until: Option<i64>,
    /// The most rows that are given; default none. Memory: that many rows, or 40 bytes a matching
    /// row where there is no limit.
    pub limit: Option<usize>,
    /// Which rows a limit keeps; default the newest.
    pub keep: Keep,
    /// In which order rows are given; default oldest first.
    pub order: Order,
    /// How far out of time order the lines of one file may stand, in nanoseconds, for a query for
    /// the newest rows to stop early; default none, which reads a file that may hold an answer to
    /// its start. With a value, a row that came later than this may be missed.
    pub disorder_ns: Option<i64>,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            filter: Filter::Always,
            since: None,
            until: None,
            limit: None,
            keep: Keep::default(),
            order: Order::default(),
            disorder_ns: None,
        }
    }
}

impl Query {
    /// The whole condition, time bounds included; its text form explains the query.
    #[must_use]
    pub fn condition(&self) -> Filter {
        let bounds = match (self.since, self.until) {
            (None, None) => Filter::Always,
            (from, until) => Filter::TimeRange { from, until },
        };
        bounds.and(self.filter.clone())
    }

    /// Whether the times of a file leave room for an answer. A file whose times are unknown may
    /// always hold one: records that came from elsewhere keep times that are not of their file's
    /// day.
    pub(crate) fn may_answer(&self, file: &LogFile) -> bool {
        let Some((first, last)) = file.times() else { return file.length() > 0 };
        self.since.is_none_or(|since| last >= since) && self.until.is_none_or(|until| first < until)
    }
}
