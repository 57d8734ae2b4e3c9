//! The rows that are kept in memory: those in view and some around them.
//!
//! Rows come in any order and stand in that of their places, each once. What is beyond the limits is
//! given up at the end that is farther from the view; it is read again when the view comes there.

use std::collections::VecDeque;

use super::entry::{Entry, Place};

/// Most rows that are kept.
pub(super) const ROWS_MAX: usize = 4_000;

/// Most bytes that they take, unless these are few rows.
const BYTES_MAX: usize = 16 << 20;

/// So many rows are kept however long they are.
const ROWS_MIN: usize = 256;

/// An end of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Oldest,
    Newest,
}

/// Rows next to each other, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Window {
    rows: VecDeque<Entry>,
    bytes: usize,
    /// Nothing is older than the first row.
    pub(super) has_oldest: bool,
    /// Nothing is newer than the last row; what comes is appended.
    pub(super) has_newest: bool,
    /// The names of the columns, where rows are no records.
    pub(super) heading: Option<String>,
}

impl Window {
    /// Nothing yet, at an end of the log.
    pub(super) fn at(end: End) -> Window {
        let (has_oldest, has_newest) = (end == End::Oldest, end == End::Newest);
        Window { has_oldest, has_newest, ..Window::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&Entry> {
        self.rows.get(index)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.rows.iter()
    }

    pub(super) fn place(&self, end: End) -> Option<Place> {
        let entry = match end {
            End::Oldest => self.rows.front(),
            End::Newest => self.rows.back(),
        };
        entry.map(|entry| entry.place)
    }

    /// Where the row with this place is, or the first one behind it.
    pub(super) fn position(&self, place: Place) -> Result<usize, usize> {
        self.rows.binary_search_by_key(&place, |entry| entry.place)
    }

    /// Puts a row where it belongs, and says where; `None` when it is there already.
    pub(super) fn insert(&mut self, entry: Entry) -> Option<usize> {
        let at = match self.rows.back() {
            Some(last) if last.place < entry.place => self.rows.len(),
            _ => self.position(entry.place).err()?,
        };
        self.bytes += entry.bytes();
        self.rows.insert(at, entry);
        Some(at)
    }

    /// Gives up rows at an end until the limits are kept; says how many.
    pub(super) fn trim(&mut self, end: End) -> usize {
        let before = self.rows.len();
        let is_over = |window: &Window| {
            let rows = window.rows.len();
            rows > ROWS_MAX || window.bytes > BYTES_MAX && rows > ROWS_MIN
        };
        while is_over(self) {
            let given_up = match end {
                End::Oldest => self.rows.pop_front(),
                End::Newest => self.rows.pop_back(),
            };
            self.bytes -= given_up.map_or(0, |entry| entry.bytes());
        }
        let given_up = before - self.rows.len();
        if given_up > 0 {
            match end {
                End::Oldest => self.has_oldest = false,
                End::Newest => self.has_newest = false,
            }
        }
        given_up
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn entry(number: usize) -> Entry {
        Entry::answer(Place::of_answer(number), number.to_string(), &[b' '; 100])
    }

    fn numbers(window: &Window) -> Vec<usize> {
        window.iter().map(|entry| entry.message.parse().unwrap()).collect()
    }

    #[test]
    fn rows_stand_in_their_order_each_once() {
        let mut window = Window::default();
        let places: Vec<_> = [5, 7, 3, 5, 6].map(|number| window.insert(entry(number))).into();
        assert_eq!(places, [Some(0), Some(1), Some(0), None, Some(2)]);
        assert_eq!(numbers(&window), [3, 5, 6, 7]);
        assert_eq!(window.position(Place::of_answer(4)), Err(1));
    }

    #[test]
    fn what_is_too_much_is_given_up_at_the_end_that_is_named() {
        let mut window = Window { has_oldest: true, has_newest: true, ..Window::default() };
        for number in 0..ROWS_MAX + 10 {
            window.insert(entry(number));
        }
        assert_eq!(window.trim(End::Oldest), 10);
        assert_eq!((window.has_oldest, window.has_newest), (false, true));
        assert_eq!(numbers(&window)[0], 10);
        let long = vec![b' '; 100 << 10];
        for number in 0..400 {
            window.insert(Entry::answer(Place::of_answer(9_000 + number), "1".into(), &long));
        }
        window.trim(End::Oldest);
        assert!(window.bytes <= BYTES_MAX || window.len() == ROWS_MIN, "{}", window.len());
        assert!(window.len() >= ROWS_MIN);
        let bytes: usize = window.iter().map(Entry::bytes).sum();
        assert_eq!(bytes, window.bytes, "what is given up is taken off");
    }
}
