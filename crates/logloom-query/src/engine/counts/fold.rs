//! How often combinations of codes occur. In come the codes of some columns, line by line; out go combinations with
//! their numbers. Memory: 8 bytes for each combination that could be, at most 8 MiB; where there could be more, an
//! entry for each that was met.

use std::collections::HashMap;

/// Combinations of which each has its own place.
const PLACES_MAX: usize = 1 << 20;

/// Counts combinations.
pub(super) struct Fold {
    /// How many codes each column has, "not there" included.
    sizes: Vec<usize>,
    /// By all codes taken together as one number; empty when that could be too large.
    places: Vec<u64>,
    /// Places that are not 0.
    met: Vec<usize>,
    sparse: HashMap<Box<[u8]>, u64>,
}

impl Fold {
    pub(super) fn new(sizes: Vec<usize>) -> Fold {
        let all = sizes.iter().try_fold(1usize, |all, size| all.checked_mul(*size));
        let places = vec![0; all.filter(|all| *all <= PLACES_MAX).unwrap_or(0)];
        Fold { sizes, places, met: Vec::new(), sparse: HashMap::new() }
    }

    /// Counts lines: the columns are equally long, and no code is beyond the size of its column.
    pub(super) fn add(&mut self, columns: &[&[u8]], lines: usize) {
        if self.places.is_empty() {
            return self.add_sparse(columns, lines);
        }
        let (places, met) = (&mut self.places, &mut self.met);
        let mut note = |place: usize, lines: u64| {
            let count = &mut places[place];
            if *count == 0 {
                met.push(place);
            }
            *count += lines;
        };
        match (columns, &self.sizes[..]) {
            ([], _) => note(0, lines as u64),
            ([one], _) => one.iter().for_each(|code| note(usize::from(*code), 1)),
            ([one, other], [_, size]) => {
                for (one, other) in one.iter().zip(*other) {
                    note(usize::from(*one) * size + usize::from(*other), 1);
                }
            }
            (columns, sizes) => {
                for line in 0..lines {
                    let pairs = columns.iter().zip(sizes);
                    let place = pairs
                        .fold(0, |place, (column, size)| place * size + usize::from(column[line]));
                    note(place, 1);
                }
            }
        }
    }

    fn add_sparse(&mut self, columns: &[&[u8]], lines: usize) {
        let mut key = vec![0; columns.len()];
        for line in 0..lines {
            key.iter_mut().zip(columns).for_each(|(code, column)| *code = column[line]);
            match self.sparse.get_mut(key.as_slice()) {
                Some(count) => *count += 1,
                None => {
                    self.sparse.insert(key.clone().into_boxed_slice(), 1);
                }
            }
        }
    }

    /// Every combination that was met, and begins anew.
    pub(super) fn take(&mut self, each: &mut dyn FnMut(&[u8], u64)) {
        let mut codes = vec![0; self.sizes.len()];
        for place in self.met.drain(..) {
            let mut rest = place;
            for (code, size) in codes.iter_mut().zip(&self.sizes).rev() {
                *code = (rest % size) as u8;
                rest /= size;
            }
            each(&codes, std::mem::take(&mut self.places[place]));
        }
        self.sparse.drain().for_each(|(codes, count)| each(&codes, count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_are_counted() {
        for (columns, size) in [(0, 256), (1, 256), (2, 256), (3, 100), (3, 256)] {
            let codes = [vec![1u8, 2, 1, 0], vec![7, 7, 7, 9], vec![3, 3, 3, 3]];
            let slices: Vec<&[u8]> = codes[..columns].iter().map(Vec::as_slice).collect();
            let mut fold = Fold::new(vec![size; columns]);
            for _ in 0..2 {
                fold.add(&slices, 4);
                let mut found = Vec::new();
                fold.take(&mut |codes, count| found.push((codes.to_vec(), count)));
                found.sort();
                let mut expect = HashMap::new();
                for line in 0..4 {
                    let key: Vec<u8> = slices.iter().map(|column| column[line]).collect();
                    *expect.entry(key).or_insert(0u64) += 1;
                }
                let mut expect: Vec<_> = expect.into_iter().collect();
                expect.sort();
                assert_eq!(found, expect, "{columns}");
            }
        }
    }
}
