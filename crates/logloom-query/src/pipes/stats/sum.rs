//! Sums that do not depend on the order of their parts.
//!
//! Whole numbers are added as such, to 128 bits; all others by parts that do not overlap, so that
//! the result is the exact sum, rounded once (Shewchuk 1997).

use std::io;

use crate::pipes::codec::{Reader, put_number};
use crate::pipes::number;

/// A sum under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sum {
    whole: i128,
    /// How often 2^128 is to be added to it: sums on the way may be larger than their result.
    carries: i64,
    parts: Vec<f64>,
    count: u64,
}

impl Sum {
    /// Adds a value where it is a number.
    pub(super) fn add(&mut self, text: &str) {
        if let Some(whole) = number::whole(text) {
            self.add_whole(whole);
            self.count += 1;
        } else if let Some(float) = number::plain(text) {
            self.add_part(float);
            self.count += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Sum) {
        self.add_whole(other.whole);
        self.carries += other.carries;
        other.parts.iter().for_each(|part| self.add_part(*part));
        self.count += other.count;
    }

    fn add_whole(&mut self, added: i128) {
        let (sum, is_over) = self.whole.overflowing_add(added);
        self.whole = sum;
        if is_over {
            self.carries += if added > 0 { 1 } else { -1 };
        }
    }

    /// Beyond the floats a sum is infinite, and stays so.
    fn add_part(&mut self, mut added: f64) {
        if let [only] = self.parts[..]
            && only.is_infinite()
        {
            return;
        }
        let mut kept = 0;
        for index in 0..self.parts.len() {
            let (mut large, mut small) = (added, self.parts[index]);
            if large.abs() < small.abs() {
                (large, small) = (small, large);
            }
            let sum = large + small;
            if sum.is_infinite() {
                self.parts = vec![sum];
                return;
            }
            let lost = small - (sum - large);
            if lost != 0.0 {
                self.parts[kept] = lost;
                kept += 1;
            }
            added = sum;
        }
        self.parts.truncate(kept);
        self.parts.push(added);
    }

    /// The sum; `NaN` where nothing was numeric.
    pub(super) fn total(&self) -> String {
        match (self.count, self.parts.is_empty()) {
            (0, _) => "NaN".to_owned(),
            (_, true) if self.carries == 0 => self.whole.to_string(),
            _ => number::show(self.float()),
        }
    }

    /// The mean; `NaN` where nothing was numeric.
    pub(super) fn mean(&self) -> String {
        if self.count == 0 {
            "NaN".to_owned()
        } else {
            number::show(self.float() / self.count as f64)
        }
    }

    fn float(&self) -> f64 {
        let mut all = Sum { parts: self.parts.clone(), ..Sum::default() };
        all.add_part(self.carries as f64 * 2_f64.powi(128));
        // Two parts hold what one float does not.
        let high = self.whole as f64;
        all.add_part(high);
        all.add_part(self.whole.saturating_sub(high as i128) as f64);
        all.parts.iter().rev().fold(0.0, |sum, part| sum + part)
    }

    pub(super) fn memory(&self) -> usize {
        std::mem::size_of::<Sum>() + 8 * self.parts.len()
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.whole.to_le_bytes());
        out.extend_from_slice(&self.carries.to_le_bytes());
        put_number(out, self.count);
        put_number(out, self.parts.len() as u64);
        self.parts.iter().for_each(|part| out.extend_from_slice(&part.to_le_bytes()));
    }

    pub(super) fn decode(bytes: &mut Reader<'_>) -> io::Result<Self> {
        let whole = i128::from_le_bytes(bytes.array()?);
        let carries = i64::from_le_bytes(bytes.array()?);
        let count = bytes.number()?;
        let parts = (0..bytes.number()?)
            .map(|_| bytes.array().map(f64::from_le_bytes))
            .collect::<io::Result<_>>()?;
        Ok(Self { whole, carries, parts, count })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(texts: &[&str]) -> Sum {
        let mut sum = Sum::default();
        texts.iter().for_each(|text| sum.add(text));
        sum
    }

    #[test]
    fn numbers_are_added_and_all_else_is_passed_over() {
        assert_eq!(sum(&["1", "x", "2", ""]).total(), "3");
        assert_eq!(sum(&["1", "0.5"]).total(), "1.5");
        assert_eq!(
            sum(&["9223372036854775807", "9223372036854775807"]).total(),
            "18446744073709551614"
        );
        assert_eq!(sum(&["1e16", "1", "-1e16"]).total(), "1");
        let most = i128::MAX.to_string();
        assert_eq!(sum(&[&most, "1", "-1"]).total(), most);
        assert_eq!(sum(&["-1", &i128::MIN.to_string(), "1"]).total(), i128::MIN.to_string());
        assert_eq!(sum(&[&most, &most, "2"]).total(), number::show(2_f64.powi(128)));
        assert_eq!(sum(&["1e308", "1e308", "-1"]).total(), number::show(f64::INFINITY));
        assert_eq!((sum(&["x"]).total(), sum(&[]).mean()), ("NaN".into(), "NaN".into()));
        assert_eq!(sum(&["1", "2"]).mean(), "1.5");
    }

    proptest! {
        #[test]
        fn the_order_does_not_count(
            values in prop::collection::vec(-1e18f64..1e18, 0..20), cut in 0usize..20)
        {
            let texts: Vec<String> = values.iter().map(f64::to_string).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let all = sum(&texts);
            let (left, right) = texts.split_at(cut.min(texts.len()));
            let mut merged = sum(right);
            merged.merge(&sum(left));
            prop_assert_eq!(all.total(), merged.total());
            prop_assert_eq!(all.mean(), merged.mean());
        }
    }
}
