//! Takes the pairs of a job, hands on a row for each figure: medians of both sides, and the median
//! of the pairs' ratios; refuses figures that only one side has.
//!
//! The ratio of each pair is taken first and then their median, because what disturbs a machine for
//! a while disturbs both runs of a pair.

use logloom_bench::report::RunReport;
use logloom_bench::stats::median;
use logloom_bench::workload::Shape;
use serde::Serialize;

use super::jobs::Job;

/// Two runs that belong together.
pub(crate) struct Pair {
    /// Logloom's run.
    pub(crate) ours: RunReport,
    /// The other logger's run.
    pub(crate) theirs: RunReport,
}

/// One figure of both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Row {
    /// The workload.
    pub(crate) bench: &'static str,
    /// The figure's name.
    pub(crate) metric: String,
    /// `fields`, `message` or `action`.
    pub(crate) shape: &'static str,
    /// Threads that called.
    pub(crate) threads: u16,
    /// Logloom's median.
    pub(crate) ours: f64,
    /// The other logger's name.
    pub(crate) peer: String,
    /// Its median.
    pub(crate) theirs: f64,
    /// Median of ours divided by theirs, pair by pair; none where theirs is zero.
    pub(crate) ratio: Option<f64>,
    /// `ns`, `records/s`, `%` or `faults`.
    pub(crate) unit: &'static str,
    /// `lower` or `higher`.
    pub(crate) better: &'static str,
    /// The other logger's version.
    pub(crate) peer_version: String,
    /// Records of all runs of ours that counted.
    pub(crate) records: u64,
    /// Pairs that counted.
    pub(crate) pairs: usize,
    /// Pairs that did not, because records were dropped, lost or doubled.
    pub(crate) void: usize,
}

/// Rows of all figures, by name. No pairs, no rows.
pub(crate) fn rows(job: &Job, pairs: &[Pair], void: usize) -> Vec<Row> {
    let Some(first) = pairs.first() else { return Vec::new() };
    let names = first.ours.metrics.keys().filter(|name| first.theirs.metrics.contains_key(*name));
    names.map(|name| row(job, pairs, void, name)).collect()
}

fn row(job: &Job, pairs: &[Pair], void: usize, name: &str) -> Row {
    let figures = |side: fn(&Pair) -> &RunReport| -> Vec<f64> {
        let each = pairs.iter().map(|pair| side(pair).metrics.get(name).copied());
        each.flatten().collect()
    };
    let (ours, theirs) = (figures(|pair| &pair.ours), figures(|pair| &pair.theirs));
    let ratios: Vec<f64> = ours
        .iter()
        .zip(&theirs)
        .filter(|(_, theirs)| **theirs != 0.0)
        .map(|(ours, theirs)| ours / theirs)
        .collect();
    let theirs_report = &pairs[0].theirs;
    Row {
        bench: if job.shape == Shape::Action { "action" } else { job.bench.name() },
        metric: name.to_owned(),
        shape: job.shape.name(),
        threads: job.threads,
        ours: rounded(median(&ours)),
        peer: theirs_report.party.clone(),
        theirs: rounded(median(&theirs)),
        ratio: (!ratios.is_empty()).then(|| rounded(median(&ratios))),
        unit: unit(name),
        better: if name == "records_per_second" { "higher" } else { "lower" },
        peer_version: theirs_report.version.clone(),
        records: pairs.iter().map(|pair| pair.ours.records).sum(),
        pairs: pairs.len(),
        void,
    }
}

fn unit(name: &str) -> &'static str {
    match name {
        "records_per_second" => "records/s",
        "faults_count" => "faults",
        _ if name.ends_with("_percent") => "%",
        _ => "ns",
    }
}

/// Four decimals are more than any figure here is sure of.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::super::jobs::Bench;
    use super::*;
    use logloom_bench::found::Found;

    fn report(value: f64) -> RunReport {
        RunReport {
            party: "a".to_owned(),
            version: "1".to_owned(),
            bench: "hotpath".to_owned(),
            shape: "fields".to_owned(),
            threads: 1,
            records: 10,
            dropped: None,
            found: Found::default(),
            void: None,
            metrics: [("single_p50".to_owned(), value)].into(),
        }
    }

    fn pair(ours: f64, theirs: f64) -> Pair {
        Pair { ours: report(ours), theirs: report(theirs) }
    }

    #[test]
    fn the_ratio_is_the_median_of_the_pairs_ratios() {
        let job =
            Job { bench: Bench::Hotpath, shape: Shape::Fields, threads: 1, pairs: 3, quick: true };
        let rows = rows(&job, &[pair(10.0, 20.0), pair(30.0, 30.0), pair(100.0, 400.0)], 1);
        let row = &rows[0];
        assert_eq!((row.ours, row.theirs, row.ratio), (30.0, 30.0, Some(0.5)));
        assert_eq!((row.records, row.pairs, row.void, row.unit), (30, 3, 1, "ns"));
    }

    #[test]
    fn nothing_to_divide_by_gives_no_ratio() {
        let job =
            Job { bench: Bench::Disabled, shape: Shape::Fields, threads: 1, pairs: 1, quick: true };
        assert_eq!(rows(&job, &[pair(1.0, 0.0)], 0)[0].ratio, None);
        assert!(rows(&job, &[], 1).is_empty());
    }
}
