//! Compressed days answer as plain ones do, whoever compressed them.

use std::process::Command;
use std::sync::Arc;

use logloom_filter::Filter;
use logloom_query::{Keep, LogFile, Order, Query};
use logloom_record::Level;
use logloom_store::life::LifeSettings;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, NoSegments, Options};
use tempfile::TempDir;

use crate::common::{line, open};
use crate::rows;

/// 2020-01-02T00:00:00Z, past on every machine.
const DAY: i64 = 1_577_923_200;

/// Two days of lines that are not quite in order, in several members each.
fn write(directory: &TempDir) {
    for (day, name) in [(DAY, "2020-01-02.jsonl"), (DAY - 86_400, "2020-01-01.jsonl")] {
        let lines = (0..6_000i64).map(|n| {
            let level = Level::ALL[(n % 6) as usize];
            line(day + (n * 7_919) % 6_000, level.as_str(), &format!("number {n}")) + "\n"
        });
        std::fs::write(directory.path().join(name), lines.collect::<String>()).unwrap();
    }
}

fn queries() -> Vec<Query> {
    let mut queries = Vec::new();
    for filter in [Filter::Always, Filter::LevelAtLeast(Level::Error)] {
        for limit in [None, Some(7), Some(5_000)] {
            for keep in [Keep::Newest, Keep::Oldest] {
                for order in [Order::OldestFirst, Order::NewestFirst] {
                    let filter = filter.clone();
                    let since = Some((DAY - 80_000) * 1_000_000_000);
                    queries.push(Query { filter, limit, keep, order, since, ..Query::default() });
                }
            }
        }
    }
    queries
}

fn answers(directory: &TempDir) -> Vec<Vec<String>> {
    let files = LogFile::of_directory(&open(directory)).unwrap();
    assert_eq!(files.len(), 2);
    let mut answers: Vec<_> = queries().iter().map(|query| rows(query, &files)).collect();
    let summary = Query::default().summarise(&files);
    assert!(summary.stats.problems.is_empty());
    answers.push(vec![format!("{:?} {:?}", summary.levels, summary.first_ns)]);
    answers
}

#[test]
fn compressed_days_answer_as_plain_ones() {
    let directory = tempfile::tempdir().unwrap();
    write(&directory);
    let plain = answers(&directory);
    assert!(plain.iter().all(|rows| !rows.is_empty()));
    let store =
        Directory::open(directory.path(), Options::default(), Arc::new(LinuxPlatform)).unwrap();
    let settings = LifeSettings { compress_after_days: Some(0), ..LifeSettings::none() };
    let report = store.keep_house(&settings, &NoSegments, &|| false).unwrap();
    assert_eq!(report.compressed.len(), 2, "{report:?}");
    assert!(answers(&directory) == plain, "with a catalogue");
    std::fs::remove_dir_all(directory.path().join(".logloom")).unwrap();
    assert!(answers(&directory) == plain, "without one");
}

#[test]
fn days_that_somebody_else_compressed_answer_as_plain_ones() {
    let directory = tempfile::tempdir().unwrap();
    write(&directory);
    let plain = answers(&directory);
    for name in ["2020-01-02.jsonl", "2020-01-01.jsonl"] {
        let path = directory.path().join(name);
        assert!(Command::new("gzip").arg(path).status().unwrap().success());
    }
    assert!(answers(&directory) == plain);
}
