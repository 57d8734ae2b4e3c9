//! How often combinations of codes occur. In come the codes of some columns, line by line; out go combinations with
//! their numbers. Memory: 2 bytes for each combination of two columns, or an entry for each that was met.

use std::collections::HashMap;

/// Counts combinations.
pub(super) struct Fold {
    columns: usize,
    /// By the codes of at most two columns.
    dense: Vec<u32>,
    sparse: HashMap<Box<[u8]>, u64>,
}

impl Fold {
    pub(super) fn new(columns: usize) -> Fold {
        let places = match columns {
            0 | 1 => 1 << 8,
            2 => 1 << 16,
            _ => 0,
        };
        Fold { columns, dense: vec![0; places], sparse: HashMap::new() }
    }

    /// Counts lines: the columns are equally long.
    pub(super) fn add(&mut self, columns: &[&[u8]], lines: usize) {
        match columns {
            [] => self.dense[0] += lines as u32,
            [one] => one.iter().for_each(|code| self.dense[usize::from(*code)] += 1),
            [one, other] => {
                for (one, other) in one.iter().zip(*other) {
                    self.dense[usize::from(*one) << 8 | usize::from(*other)] += 1;
                }
            }
            _ => self.add_many(columns, lines),
        }
    }

    fn add_many(&mut self, columns: &[&[u8]], lines: usize) {
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
        for (place, count) in self.dense.iter_mut().enumerate().filter(|(_, count)| **count > 0) {
            let codes = [(place >> 8) as u8, place as u8];
            let codes = &codes[2 - self.columns.min(2)..];
            each(codes, u64::from(std::mem::take(count)));
        }
        self.sparse.drain().for_each(|(codes, count)| each(&codes, count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_are_counted() {
        for columns in 0..4 {
            let codes = [vec![1u8, 2, 1, 0], vec![7, 7, 7, 9], vec![3, 3, 3, 3]];
            let slices: Vec<&[u8]> = codes[..columns].iter().map(Vec::as_slice).collect();
            let mut fold = Fold::new(columns);
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
