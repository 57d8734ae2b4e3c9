//! Rows that wait, the newest in front. Where they take more memory than they may, the oldest are given up,
//! and the place of the newest of those is remembered: nothing at or before it is held any more.

use std::collections::BinaryHeap;

use crate::order::Key;

/// Bytes of a row beside its line.
const ROW_BYTES: usize = size_of::<Row>() + 16;

/// A row and where it stands; ordered by that alone, since no two rows stand in one place.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: Key,
    pub(super) line: Box<[u8]>,
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Row {}

impl PartialOrd for Row {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Row {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

/// Rows that wait.
#[derive(Debug)]
pub(super) struct Held {
    rows: BinaryHeap<Row>,
    bytes: usize,
    bytes_max: usize,
    floor: Option<Key>,
}

impl Held {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { rows: BinaryHeap::new(), bytes: 0, bytes_max, floor: None }
    }

    /// The newest row that was given up.
    pub(super) fn floor(&self) -> Option<Key> {
        self.floor
    }

    /// Whether a row of this place would be held.
    pub(super) fn wants(&self, key: Key) -> bool {
        self.floor.is_none_or(|floor| key > floor)
    }

    pub(super) fn add(&mut self, key: Key, line: &[u8]) {
        if self.wants(key) {
            self.push(Row { key, line: line.into() });
        }
    }

    /// Takes over what another holds, and what it has given up.
    pub(super) fn take(&mut self, other: Held) {
        if let Some(floor) = other.floor.filter(|floor| self.wants(*floor)) {
            self.floor = Some(floor);
            self.rows.retain(|row| row.key > floor);
            self.bytes = self.rows.iter().map(size).sum();
        }
        for row in other.rows {
            if self.wants(row.key) {
                self.push(row);
            }
        }
    }

    /// The newest row, if it is newer than this time.
    pub(super) fn pop_newer(&mut self, than: Option<i64>) -> Option<Row> {
        let newest = self.rows.peek()?.key.time;
        if than.is_some_and(|than| newest <= than) {
            return None;
        }
        let row = self.rows.pop()?;
        self.bytes -= size(&row);
        Some(row)
    }

    fn push(&mut self, row: Row) {
        self.bytes += size(&row);
        self.rows.push(row);
        if self.bytes > self.bytes_max && self.rows.len() > 1 {
            self.shed();
        }
    }

    /// Gives up the oldest rows, down to half of what there is room for.
    fn shed(&mut self) {
        let mut rows = std::mem::take(&mut self.rows).into_sorted_vec();
        rows.reverse();
        let mut bytes = 0;
        let is_over = |row: &Row| {
            bytes += size(row);
            bytes > self.bytes_max / 2
        };
        let kept = rows.iter().position(is_over).unwrap_or(rows.len()).max(1);
        self.floor = rows.get(kept).map(|row| row.key).or(self.floor);
        rows.truncate(kept);
        self.bytes = rows.iter().map(size).sum();
        self.rows = rows.into();
    }
}

fn size(row: &Row) -> usize {
    ROW_BYTES + row.line.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn key(time: i64) -> Key {
        Key { time, ..Key::default() }
    }

    fn times(held: &mut Held, than: Option<i64>) -> Vec<i64> {
        std::iter::from_fn(|| held.pop_newer(than)).map(|row| row.key.time).collect()
    }

    #[test]
    fn the_newest_come_first_and_those_that_must_wait_do() {
        let mut held = Held::new(1 << 20);
        for time in [5, 1, 9, 3] {
            held.add(key(time), b"x");
        }
        assert_eq!(times(&mut held, Some(3)), [9, 5]);
        assert_eq!(times(&mut held, None), [3, 1]);
        assert_eq!((held.bytes, held.floor()), (0, None));
    }

    #[test]
    fn what_is_given_up_is_older_than_all_that_is_held() {
        let mut held = Held::new(20 * (ROW_BYTES + 10));
        for number in 0..1_000 {
            held.add(key(number * 7_919 % 1_000), &[0; 10]);
        }
        let floor = held.floor().unwrap().time;
        let mut other = Held::new(1 << 20);
        other.add(key(2_000), b"x");
        other.add(key(floor), b"x");
        held.take(other);
        let mut expect: Vec<i64> = (floor + 1..1_000).chain([2_000]).collect();
        expect.reverse();
        assert_eq!(times(&mut held, None), expect);
        assert!(!held.wants(key(floor)) && held.wants(key(floor + 1)));
    }

    #[test]
    fn the_floor_of_another_holds_here_too() {
        let mut held = Held::new(1 << 20);
        for time in [1, 5, 9] {
            held.add(key(time), b"x");
        }
        let mut other = Held::new(1 << 20);
        other.floor = Some(key(5));
        other.add(key(7), b"y");
        held.take(other);
        assert_eq!(times(&mut held, None), [9, 7]);
    }

    #[test]
    fn one_row_is_held_however_large() {
        let mut held = Held::new(10);
        held.add(key(1), &[0; 100]);
        held.add(key(2), &[0; 100]);
        assert_eq!(times(&mut held, None), [2]);
        assert_eq!(held.floor(), Some(key(1)));
    }
}
