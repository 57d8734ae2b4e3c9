//! All values of a group, for quantiles: exact, each distinct value once with its count.
//!
//! Numbers take 16 bytes each, other values their text. Numbers come first, then all else in the
//! order of `sort`.

use std::collections::BTreeMap;
use std::io;

use crate::pipes::codec::{Reader, put_bytes, put_number};
use crate::pipes::number;
use crate::pipes::order::compare;

/// Values that are waited for before they are sorted in.
const PENDING_MAX: usize = 4096;

/// Values and how often each is there.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples {
    /// In order, each once.
    numbers: Vec<(f64, u64)>,
    pending: Vec<(f64, u64)>,
    others: BTreeMap<Box<str>, u64>,
    others_bytes: usize,
}

impl Samples {
    pub(super) fn add(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match number::plain(text) {
            Some(number) => self.add_number(number, 1),
            None => self.add_other(text, 1),
        }
    }

    fn add_number(&mut self, number: f64, count: u64) {
        self.pending.push((number, count));
        if self.pending.len() >= PENDING_MAX.max(self.numbers.len() / 4) {
            self.settle();
        }
    }

    fn add_other(&mut self, text: &str, count: u64) {
        match self.others.get_mut(text) {
            Some(own) => *own += count,
            None => {
                self.others_bytes += text.len() + 64;
                self.others.insert(text.into(), count);
            }
        }
    }

    pub(super) fn merge(&mut self, other: Samples) {
        self.pending.extend(other.numbers);
        self.pending.extend(other.pending);
        self.settle();
        other.others.iter().for_each(|(text, count)| self.add_other(text, *count));
    }

    /// Sorts what is pending in.
    fn settle(&mut self) {
        self.numbers.append(&mut self.pending);
        self.numbers.sort_by(|one, other| one.0.total_cmp(&other.0));
        self.numbers.dedup_by(|next, kept| {
            let is_same = next.0.total_cmp(&kept.0).is_eq();
            kept.1 += if is_same { next.1 } else { 0 };
            is_same
        });
    }

    /// The value at `floor(share * count)`, as VictoriaLogs counts; empty where there is none.
    pub(super) fn quantile(&mut self, share: f64) -> String {
        self.settle();
        let total: u64 =
            self.numbers.iter().map(|(_, count)| count).chain(self.others.values()).sum();
        if total == 0 {
            return String::new();
        }
        let mut left = ((share * total as f64) as u64).min(total - 1);
        for (number, count) in &self.numbers {
            if left < *count {
                return number::show(*number);
            }
            left -= count;
        }
        let mut others: Vec<_> = self.others.iter().collect();
        others.sort_by(|one, other| compare(one.0, other.0));
        for (text, count) in others {
            if left < *count {
                return text.to_string();
            }
            left -= count;
        }
        String::new()
    }

    pub(super) fn memory(&self) -> usize {
        std::mem::size_of::<Samples>()
            + 16 * (self.numbers.len() + self.pending.len())
            + self.others_bytes
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_number(out, (self.numbers.len() + self.pending.len()) as u64);
        for (number, count) in self.numbers.iter().chain(&self.pending) {
            out.extend_from_slice(&number.to_le_bytes());
            put_number(out, *count);
        }
        put_number(out, self.others.len() as u64);
        for (text, count) in &self.others {
            put_bytes(out, text.as_bytes());
            put_number(out, *count);
        }
    }

    pub(super) fn decode(bytes: &mut Reader<'_>) -> io::Result<Self> {
        let mut samples = Samples::default();
        for _ in 0..bytes.number()? {
            let number = f64::from_le_bytes(bytes.array()?);
            samples.pending.push((number, bytes.number()?));
        }
        for _ in 0..bytes.number()? {
            let text = bytes.text()?;
            samples.add_other(text, bytes.number()?);
        }
        samples.settle();
        Ok(samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_exact_however_values_came() {
        let mut one = Samples::default();
        let mut other = Samples::default();
        for n in 0..20_000 {
            let samples = if n % 3 == 0 { &mut one } else { &mut other };
            samples.add(&(n % 1000).to_string());
        }
        one.add("");
        let mut bytes = Vec::new();
        other.encode(&mut bytes);
        one.merge(Samples::decode(&mut Reader(&bytes)).unwrap_or_default());
        let found = [0.0, 0.5, 0.99, 1.0].map(|share| one.quantile(share));
        assert_eq!(found, ["0", "500", "990", "999"]);
        assert!(one.memory() < 200_000, "{}", one.memory());
    }

    #[test]
    fn values_that_are_no_numbers_come_behind() {
        let mut samples = Samples::default();
        ["b", "1", "a", "2s"].iter().for_each(|text| samples.add(text));
        let found = [0.0, 0.25, 0.5, 1.0].map(|share| samples.quantile(share));
        assert_eq!(found, ["1", "2s", "a", "b"]);
        assert_eq!(Samples::default().quantile(0.5), "");
    }
}
