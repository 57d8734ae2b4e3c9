//! How durations are spread, in a few hundred bytes whatever their number.
//!
//! Takes milliseconds, gives percentiles that are right to four percent, and the exact largest and
//! sum.

/// Buckets for each doubling: neighbours differ by less than five percent.
const PER_DOUBLING: f64 = 16.0;

/// The durations of one tool or model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// Counts by bucket; a bucket's number is the logarithm of its durations in microseconds.
    buckets: Vec<u64>,
    /// Number of durations.
    pub count: u64,
    /// Their sum, in milliseconds.
    pub sum_ms: f64,
    /// The longest, in milliseconds.
    pub max_ms: f64,
}

impl Histogram {
    /// Adds a duration; what is negative or no number is left out.
    pub fn add(&mut self, milliseconds: f64) {
        if !milliseconds.is_finite() || milliseconds < 0.0 {
            return;
        }
        let bucket = ((milliseconds * 1e3).max(1.0).log2() * PER_DOUBLING) as usize;
        // 2^63 microseconds is longer than there are logs.
        let bucket = bucket.min(63 * PER_DOUBLING as usize);
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] += 1;
        self.count += 1;
        self.sum_ms += milliseconds;
        self.max_ms = self.max_ms.max(milliseconds);
    }

    /// The duration that this part (0 to 1) of all stay below, in milliseconds; `None` without any.
    #[must_use]
    pub fn quantile_ms(&self, part: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let rank = ((self.count as f64 * part).ceil() as u64).clamp(1, self.count);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank {
                let middle = ((bucket as f64 + 0.5) / PER_DOUBLING).exp2() / 1e3;
                return Some(middle.min(self.max_ms));
            }
        }
        Some(self.max_ms)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn percentiles_are_right_to_four_percent() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile_ms(0.5), None);
        (1..=10_000).for_each(|n| histogram.add(f64::from(n)));
        for (part, expect) in [(0.01, 100.0), (0.5, 5_000.0), (0.95, 9_500.0)] {
            let found = histogram.quantile_ms(part).unwrap();
            assert!((found / expect - 1.0).abs() < 0.04, "{part} {found}");
        }
        assert_eq!(histogram.quantile_ms(1.0), Some(10_000.0));
        assert_eq!((histogram.count, histogram.sum_ms), (10_000, 50_005_000.0));
        for odd in [f64::NAN, f64::INFINITY, -1.0] {
            histogram.add(odd);
        }
        assert_eq!(histogram.count, 10_000);
        histogram.add(1e300);
        assert!(histogram.quantile_ms(1.0).is_some());
    }
}
