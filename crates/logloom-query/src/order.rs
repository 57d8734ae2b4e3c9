//! The order of rows: by time, then by the birth of their file, then by place in the file.
//!
//! Files are not sorted by time (late writers and recovery append what is older), so every row
//! carries its key, and a limit keeps the best rows seen so far.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Which rows a limit keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// The latest ones.
    #[default]
    Newest,
    /// The earliest ones.
    Oldest,
}

/// In which order rows are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Earliest first, as a log reads.
    #[default]
    OldestFirst,
    /// Latest first.
    NewestFirst,
}

/// Where a row stands among all rows; smaller is earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Nanoseconds since 1970; that of the file's day for a line without a time.
    pub time: i64,
    /// Birth number of the file.
    pub birth: u64,
    /// Index of the file in the query's list; tells files apart that have no birth number.
    pub file: usize,
    /// Offset of the line.
    pub offset: u64,
}

/// A matching row and where it stands.
pub(crate) struct Found {
    pub(crate) key: Key,
    pub(crate) line: Vec<u8>,
}

/// Ranks order so that the greatest is the one to give up first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Oldest(Key),
    Newest(Reverse<Key>),
}

struct Ranked {
    rank: Rank,
    line: Vec<u8>,
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

/// The best rows seen so far, at most `limit` of them. Memory: those rows.
pub(crate) struct Selection {
    keep: Keep,
    limit: usize,
    heap: BinaryHeap<Ranked>,
}

impl Selection {
    pub(crate) fn new(keep: Keep, limit: usize) -> Self {
        Self { keep, limit, heap: BinaryHeap::new() }
    }

    /// Whether any row would be kept.
    pub(crate) fn has_room(&self) -> bool {
        self.heap.len() < self.limit
    }

    /// Whether a row with this key would be kept.
    pub(crate) fn wants(&self, key: Key) -> bool {
        self.has_room() || self.heap.peek().is_some_and(|worst| self.rank(key) < worst.rank)
    }

    /// The time of the row to give up next, once there is no more room.
    pub(crate) fn worst_time(&self) -> Option<i64> {
        if self.has_room() {
            return None;
        }
        self.heap.peek().map(|worst| match worst.rank {
            Rank::Oldest(key) | Rank::Newest(Reverse(key)) => key.time,
        })
    }

    pub(crate) fn add(&mut self, key: Key, line: &[u8]) {
        if !self.wants(key) {
            return;
        }
        if self.heap.len() >= self.limit {
            self.heap.pop();
        }
        self.heap.push(Ranked { rank: self.rank(key), line: line.to_vec() });
    }

    /// The kept rows in the order asked for.
    pub(crate) fn into_rows(self, order: Order) -> Vec<Found> {
        let mut rows: Vec<Found> = self
            .heap
            .into_iter()
            .map(|ranked| match ranked.rank {
                Rank::Oldest(key) | Rank::Newest(Reverse(key)) => Found { key, line: ranked.line },
            })
            .collect();
        match order {
            Order::OldestFirst => rows.sort_by_key(|row| row.key),
            Order::NewestFirst => rows.sort_by_key(|row| Reverse(row.key)),
        }
        rows
    }

    fn rank(&self, key: Key) -> Rank {
        match self.keep {
            Keep::Oldest => Rank::Oldest(key),
            Keep::Newest => Rank::Newest(Reverse(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Keep, Key, Order, Selection};

    #[test]
    fn the_best_rows_are_kept_in_either_order() {
        let check = |keep: Keep, limit: usize, order: Order, expect: &[i64]| {
            let mut selection = Selection::new(keep, limit);
            for time in [5, 1, 9, 3, 7] {
                selection.add(Key { time, birth: 0, file: 0, offset: 0 }, b"x");
            }
            let times: Vec<i64> =
                selection.into_rows(order).iter().map(|row| row.key.time).collect();
            assert_eq!(times, expect, "{keep:?} {limit} {order:?}");
        };
        check(Keep::Newest, 2, Order::OldestFirst, &[7, 9]);
        check(Keep::Newest, 2, Order::NewestFirst, &[9, 7]);
        check(Keep::Oldest, 2, Order::OldestFirst, &[1, 3]);
        check(Keep::Oldest, 3, Order::NewestFirst, &[5, 3, 1]);
        check(Keep::Newest, 9, Order::OldestFirst, &[1, 3, 5, 7, 9]);
        check(Keep::Newest, 0, Order::OldestFirst, &[]);
    }
}
