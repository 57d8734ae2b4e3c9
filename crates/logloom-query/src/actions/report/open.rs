//! Things that have begun and not ended, by name, at most so many: the oldest are given up first.

use std::collections::{HashMap, VecDeque};

/// What is open.
#[derive(Debug)]
pub(super) struct Open<T> {
    most: usize,
    known: HashMap<String, T>,
    /// Names in the order in which they came; those that are gone stay until they are met.
    order: VecDeque<String>,
}

impl<T> Open<T> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, known: HashMap::new(), order: VecDeque::new() }
    }

    pub(super) fn begin(&mut self, name: String, value: T) {
        while self.order.len() >= self.most {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
        if self.known.insert(name.clone(), value).is_none() {
            self.order.push_back(name);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.known.get(name)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.known.get_mut(name)
    }

    pub(super) fn end(&mut self, name: &str) -> Option<T> {
        let ended = self.known.remove(name);
        if self.known.is_empty() {
            self.order.clear();
        }
        ended
    }

    /// All that is still open.
    pub(super) fn into_all(self) -> impl Iterator<Item = T> {
        self.known.into_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_given_up() {
        let mut open = Open::new(3);
        (0..5).for_each(|n: u32| open.begin(n.to_string(), n));
        assert_eq!((open.get("1"), open.get("2")), (None, Some(&2)));
        assert_eq!(open.end("4"), Some(4));
        open.begin("2".to_owned(), 7);
        assert_eq!(open.get("2"), Some(&7));
        assert!(open.known.len() <= 3 && open.order.len() <= 3);
    }
}
