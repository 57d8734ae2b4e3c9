//! Groups of lines that stand between each other, in an order in which positions stay true.
//!
//! Takes groups as they are complete, gives them in the order of their first lines, once no line
//! before their last one waits elsewhere. Groups between whose lines lines of others stand are given
//! together, and only the last of them is settled: a reader that starts again at its position has
//! all of them. Memory is bounded by whoever asks [`Order::is_full`] and ends what is waited for.

use super::Joined;
use crate::LINE_BYTES_MAX;

/// Most groups and bytes that are held.
const GROUPS_MAX: usize = 1_000;
const BYTES_MAX: usize = LINE_BYTES_MAX;

/// Groups that wait for others.
#[derive(Debug, Default)]
pub(crate) struct Order {
    held: Vec<Joined>,
    bytes: usize,
}

impl Order {
    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether nothing more should be waited for.
    pub(crate) fn is_full(&self) -> bool {
        self.held.len() > GROUPS_MAX || self.bytes > BYTES_MAX
    }

    pub(crate) fn add(&mut self, group: Joined) {
        self.bytes += group.text.len();
        self.held.push(group);
    }

    /// Gives what nothing stands in the way of. `open` is the position after the first line of the
    /// first group that is not complete.
    pub(crate) fn release(&mut self, open: Option<u64>, give: &mut dyn FnMut(Joined)) {
        if self.held.is_empty() {
            return;
        }
        self.held.sort_by_key(|group| group.first_end);
        let mut rest = std::mem::take(&mut self.held).into_iter().peekable();
        let mut together = Vec::new();
        while let Some(first) = rest.next() {
            let mut end = first.end;
            together.push(first);
            while let Some(next) = rest.next_if(|next| next.first_end <= end) {
                end = end.max(next.end);
                together.push(next);
            }
            if open.is_some_and(|open| open <= end) {
                self.held = together.into_iter().chain(rest).collect();
                return;
            }
            self.give_together(&mut together, end, give);
        }
    }

    fn give_together(&mut self, groups: &mut Vec<Joined>, end: u64, give: &mut dyn FnMut(Joined)) {
        let last = groups.len().saturating_sub(1);
        for (number, group) in groups.drain(..).enumerate() {
            self.bytes = self.bytes.saturating_sub(group.text.len());
            let is_settled = number == last;
            let end = if is_settled { end } else { group.end };
            give(Joined { end, is_settled, ..group });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Joined, Order};
    use crate::Line;

    fn group(first_end: u64, end: u64) -> Joined {
        let line = Line { text: format!("{first_end}-{end}"), part: None, end };
        Joined { first_end, ..Joined::alone(line, None) }
    }

    fn released(order: &mut Order, open: Option<u64>) -> Vec<(String, Option<u64>)> {
        let mut given = Vec::new();
        order.release(open, &mut |group| {
            given.push((group.text, group.is_settled.then_some(group.end)));
        });
        given
    }

    #[test]
    fn what_stands_between_each_other_is_given_together() {
        let mut order = Order::default();
        for (first_end, end) in [(4, 4), (3, 5), (1, 1), (2, 6), (8, 9)] {
            order.add(group(first_end, end));
        }
        let expect = [("1-1", Some(1)), ("2-6", None), ("3-5", None), ("4-4", Some(6))];
        let expect = expect.map(|(text, end)| (text.to_owned(), end));
        assert_eq!(released(&mut order, Some(2)), expect[..1]);
        assert_eq!(released(&mut order, Some(6)), []);
        assert_eq!(released(&mut order, Some(7)), expect[1..]);
        assert_eq!(released(&mut order, None), [("8-9".to_owned(), Some(9))]);
        assert!(order.is_empty() && order.bytes == 0);
    }

    #[test]
    fn what_is_held_has_a_limit() {
        let mut order = Order::default();
        (0..1_001).for_each(|number| order.add(group(number, number)));
        assert!(order.is_full());
    }
}
