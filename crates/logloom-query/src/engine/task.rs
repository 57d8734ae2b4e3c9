//! Pieces of the work: parts of files, each with the span in which the times of its rows lie.

use std::ops::Range;

/// The times that rows may have, both ends included. Rows without a time have that of their file's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: i64,
    pub(super) last: i64,
}

impl Span {
    /// Any time.
    pub(super) const ANY: Span = Span { first: i64::MIN, last: i64::MAX };

    /// Nothing yet.
    pub(super) const EMPTY: Span = Span { first: i64::MAX, last: i64::MIN };

    /// The same with all times turned over.
    pub(super) fn turned(self) -> Span {
        Span { first: !self.last, last: !self.first }
    }

    pub(super) fn add(&mut self, time: i64) {
        self.first = self.first.min(time);
        self.last = self.last.max(time);
    }
}

/// A part of a file that has to be looked at.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// Index of the file.
    pub(super) file: usize,
    /// The lines that begin here.
    pub(super) range: Range<u64>,
    /// The block that is this range: which of the file's indexes, and which of its blocks.
    pub(super) block: Option<(usize, u32)>,
    /// When its rows are.
    pub(super) span: Span,
}

impl Task {
    pub(super) fn bytes(&self) -> u64 {
        self.range.end - self.range.start
    }
}

/// Parts of a file of which nothing is known.
pub(super) fn parts(file: usize, range: Range<u64>, size: u64, span: Span) -> Vec<Task> {
    let count = (range.end - range.start).div_ceil(size.max(1));
    let part = |number: u64| {
        let start = range.start + number * size;
        Task { file, range: start..(start + size).min(range.end), block: None, span }
    };
    (0..count).map(part).collect()
}
