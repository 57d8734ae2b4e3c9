//! Takes all rows and the machine, hands on one Markdown table for the README; refuses nothing: a
//! figure that was not measured is a dash.

use std::fmt::Write;

use super::machine::Machine;
use super::rows::Row;
use super::table::number;

/// What the README shows: workload, shape, threads, figure, and how it is called there.
const SHOWN: &[(&str, &str, u16, &str, &str)] = &[
    ("hotpath", "fields", 1, "mean20_p50", "call with 4 fields, mean of 20, p50 (ns)"),
    ("hotpath", "fields", 1, "mean20_p99", "the same, p99 (ns)"),
    ("hotpath", "fields", 1, "single_p50", "single call, p50 (ns)"),
    ("hotpath", "fields", 1, "single_p99", "single call, p99 (ns)"),
    ("hotpath", "fields", 1, "single_p99.9", "single call, p99.9 (ns)"),
    ("hotpath", "fields", 1, "single_p99.99", "single call, p99.99 (ns)"),
    ("hotpath", "fields", 1, "empty_p50", "empty clock pair beside it, p50 (ns)"),
    ("hotpath", "fields", 1, "empty_p99.99", "empty clock pair beside it, p99.99 (ns)"),
    ("hotpath", "fields", 1, "burst_p50", "in bursts of 20 after idle times, p50 (ns)"),
    ("hotpath", "fields", 1, "burst_p99", "in bursts of 20 after idle times, p99 (ns)"),
    ("hotpath", "fields", 2, "mean20_p50", "2 threads, mean of 20, p50 (ns)"),
    ("hotpath", "fields", 4, "mean20_p50", "4 threads, mean of 20, p50 (ns)"),
    ("hotpath", "message", 1, "mean20_p50", "message alone, mean of 20, p50 (ns)"),
    ("throughput", "fields", 1, "records_per_second", "records a second, to the last byte"),
    ("throughput", "fields", 1, "writer_cpu_per_record", "writer's processor time a record (ns)"),
    ("disabled", "fields", 1, "call", "call that is switched off (ns)"),
    ("idle", "fields", 1, "silent_percent", "a silent process (% of a core)"),
    ("idle", "fields", 1, "one_a_second_percent", "one record a second (% of a core)"),
];

/// The whole page: what it was measured on, and the table.
pub(crate) fn page(rows: &[Row], machine: &Machine, quick: bool) -> String {
    let mut peers: Vec<(&str, &str)> = Vec::new();
    for row in rows {
        if !peers.iter().any(|(name, _)| *name == row.peer) {
            peers.push((&row.peer, &row.peer_version));
        }
    }
    let mut page = format!(
        "Measured on {}: {}, {} processors, Linux {}.",
        machine.date, machine.model, machine.processors, machine.kernel
    );
    page += if quick { " A quick run: not for publication.\n\n" } else { "\n\n" };
    page += "| figure | Logloom |";
    for (name, version) in &peers {
        // Writing into a String cannot fail.
        let _ = write!(page, " {name} {version} |");
    }
    page += "\n|---|--:|";
    page += &"--:|".repeat(peers.len());
    page.push('\n');
    for shown in SHOWN {
        line(&mut page, rows, &peers, shown);
    }
    page
}

/// One line, where anybody has the figure.
fn line(
    page: &mut String,
    rows: &[Row],
    peers: &[(&str, &str)],
    (bench, shape, threads, metric, title): &(&str, &str, u16, &str, &str),
) {
    let mine = |row: &&Row| {
        (row.bench, row.shape, row.threads, row.metric.as_str())
            == (*bench, *shape, *threads, *metric)
    };
    let found: Vec<&Row> = rows.iter().filter(mine).collect();
    if found.is_empty() {
        return;
    }
    let ours: Vec<f64> = found.iter().map(|row| row.ours).collect();
    let _ = write!(page, "| {title} | {} |", number(logloom_bench::stats::median(&ours)));
    for (peer, _) in peers {
        let theirs = found.iter().find(|row| row.peer == *peer);
        let _ = write!(page, " {} |", theirs.map_or("-".to_owned(), |row| number(row.theirs)));
    }
    page.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(peer: &str, ours: f64, theirs: f64) -> Row {
        Row {
            bench: "hotpath",
            metric: "mean20_p50".to_owned(),
            shape: "fields",
            threads: 1,
            ours,
            peer: peer.to_owned(),
            theirs,
            ratio: None,
            unit: "ns",
            better: "lower",
            peer_version: "1".to_owned(),
            records: 1,
            pairs: 1,
            void: 0,
        }
    }

    #[test]
    fn each_peer_has_a_column_and_each_measured_figure_a_line() {
        let machine = Machine {
            date: "2026-01-01".to_owned(),
            model: "Example".to_owned(),
            processors: 2,
            kernel: "6".to_owned(),
        };
        let page = page(&[row("a", 10.0, 20.0), row("b", 12.0, 30.0)], &machine, false);
        assert!(page.contains("| figure | Logloom | a 1 | b 1 |"), "{page}");
        assert!(page.contains("| 11.0 | 20.0 | 30.0 |"), "{page}");
        assert_eq!(page.lines().count(), 5, "{page}");
    }
}
