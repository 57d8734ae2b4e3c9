//! Takes samples, hands on percentiles and medians; refuses nothing: no samples give zero.

use std::collections::BTreeMap;

/// The percentiles that are published, with their names.
pub const PERCENTILES: &[(&str, f64)] =
    &[("p50", 0.50), ("p90", 0.90), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999)];

/// Adds `{name}_p50` to `{name}_p99.99` and `{name}_max` to the metrics.
pub fn percentiles(name: &str, samples: &mut [f64], metrics: &mut BTreeMap<String, f64>) {
    samples.sort_unstable_by(f64::total_cmp);
    for (label, share) in PERCENTILES {
        metrics.insert(format!("{name}_{label}"), percentile(samples, *share));
    }
    metrics.insert(format!("{name}_max"), samples.last().copied().unwrap_or(0.0));
}

/// The smallest of sorted samples that is not below that share of them.
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

/// The middle value, or the mean of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        length if length % 2 == 1 => sorted[middle],
        _ => (sorted[middle - 1] + sorted[middle]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples() {
        let mut samples: Vec<f64> = (1..=1000).rev().map(f64::from).collect();
        let mut metrics = BTreeMap::new();
        percentiles("single", &mut samples, &mut metrics);
        assert_eq!(metrics["single_p50"], 500.0);
        assert_eq!(metrics["single_p99.9"], 999.0);
        assert_eq!(metrics["single_p99.99"], 1000.0);
        assert_eq!(metrics["single_max"], 1000.0);
    }

    #[test]
    fn no_samples_give_zero() {
        let mut metrics = BTreeMap::new();
        percentiles("single", &mut [], &mut metrics);
        assert_eq!(metrics["single_p50"], 0.0);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn the_median_of_an_even_count_lies_between() {
        assert_eq!(median(&[4.0, 1.0, 3.0]), 3.0);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.5);
    }
}
