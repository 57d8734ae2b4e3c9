//! What the screen asks of the threads that read, and what they answer.
//!
//! Each question carries a flag that ends it, and a number by which an answer that nobody waits for
//! any more is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use logloom_query::Statement;
use logloom_record::Level;

use super::super::entry::{Entry, Place};
use crate::commands::query::steps::Counts;

/// Ends a question whose answer is not wanted any more.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Cancel(pub(in super::super) Arc<AtomicBool>);

impl Cancel {
    pub(in super::super) fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(in super::super) fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What is looked at.
#[derive(Debug)]
pub(in super::super) struct Plan {
    /// Counts up with each filter.
    pub(in super::super) generation: u64,
    pub(in super::super) statement: Statement,
    /// Ends everything that is asked about this plan.
    pub(in super::super) cancel: Cancel,
}

impl Plan {
    /// Whether rows are lines of the log one by one, which can be paged and followed; else the pipes
    /// give one answer.
    pub(in super::super) fn is_paged(&self) -> bool {
        self.statement.is_streaming()
    }
}

/// In which direction rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Way {
    Older,
    Newer,
}

/// Some rows next to each other, or the next one of a kind.
#[derive(Clone, Debug)]
pub(in super::super) struct RowsAsk {
    pub(in super::super) ticket: u64,
    pub(in super::super) cancel: Cancel,
    /// Rows behind this place, which does not belong to them; `None` is the end of the log.
    pub(in super::super) from: Option<Place>,
    pub(in super::super) way: Way,
    /// Only rows that are at least this severe.
    pub(in super::super) level: Option<Level>,
    pub(in super::super) count: usize,
}

/// What the screen asks.
#[derive(Clone, Debug)]
pub(in super::super) enum Ask {
    /// From now on it is about this plan.
    Open(Arc<Plan>),
    Rows(RowsAsk),
    /// More rows of the last such question.
    More(usize),
    /// A line that was too long to be kept.
    Whole {
        ticket: u64,
        cancel: Cancel,
        place: Place,
    },
    /// The rows that pipes give at the end.
    Answer {
        ticket: u64,
        cancel: Cancel,
    },
    /// Records over time, in at most so many steps.
    Histogram {
        plan: Arc<Plan>,
        steps: usize,
    },
    /// The most frequent values of a field.
    Facet {
        plan: Arc<Plan>,
        field: String,
    },
    /// Values of a field, for completion.
    Values {
        field: String,
    },
}

/// Why no more rows come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Progress {
    /// More of this page may come.
    Going,
    /// The page is full.
    Page,
    /// There are no more rows, but for what this says.
    End(Option<String>),
}

/// Records over time.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Histogram {
    /// Nanoseconds of a step.
    pub(in super::super) step: i64,
    pub(in super::super) steps: Vec<(i64, Counts)>,
    /// Records without a time, which are in none of them.
    pub(in super::super) untimed: u64,
    /// Why it is not complete.
    pub(in super::super) problem: Option<String>,
}

/// What the threads answer.
#[derive(Debug)]
pub(in super::super) enum Answer {
    Rows {
        ticket: u64,
        rows: Vec<Entry>,
        progress: Progress,
    },
    /// Rows that pipes have given, with the names of their columns where they are no records.
    Outcome {
        ticket: u64,
        rows: Vec<Entry>,
        heading: Option<String>,
        problem: Option<String>,
    },
    Whole {
        ticket: u64,
        line: Option<Vec<u8>>,
    },
    /// Records that were committed just now: their number, and the last ones, or all, where they are wanted.
    Live {
        generation: u64,
        count: usize,
        rows: Vec<Entry>,
        is_whole: bool,
    },
    Histogram {
        generation: u64,
        histogram: Histogram,
        took_ms: u64,
    },
    Facet {
        generation: u64,
        field: String,
        values: Vec<(String, u64)>,
        problem: Option<String>,
    },
    Values {
        field: String,
        values: Vec<String>,
    },
    /// How far the rows that are looked for are, in percent.
    Searched {
        ticket: u64,
        percent: u8,
    },
    /// What could not be done.
    Failed {
        generation: u64,
        text: String,
    },
}
