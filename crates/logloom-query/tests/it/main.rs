//! Queries over real directories, compared with a plain reading of every line.

#![allow(clippy::unwrap_used)]

mod actions;
mod common;
mod foreign_times;
mod language;
mod live;
mod packed;
mod pipes_page;
mod questions;

use std::ops::ControlFlow;

use common::{Sample, line, open, write_day};
use logloom_filter::Filter;
use logloom_query::{Keep, LogFile, Order, Query};
use logloom_record::Level;
use proptest::prelude::*;

/// 2026-11-21T00:00:00Z
const DAY: i64 = 1_795_219_200;

fn rows(query: &Query, files: &[LogFile]) -> Vec<String> {
    let mut rows = Vec::new();
    query.run(files, &mut |row| {
        rows.push(String::from_utf8(row.line.to_vec()).unwrap());
        ControlFlow::Continue(())
    });
    rows
}

#[test]
fn a_copied_directory_is_read_without_its_catalogue() {
    let directory = tempfile::tempdir().unwrap();
    let early = line(DAY - 5, "INFO", "early");
    let late = line(DAY + 5, "ERROR", "late");
    write_day(&directory, "2026-11-20.jsonl", &[&early]);
    write_day(&directory, "2026-11-21.jsonl", &[&late, "{\"torn\":"]);
    let files = LogFile::of_directory(&open(&directory)).unwrap();
    // A line without a time counts as the first of its day.
    let torn = "{\"torn\":".to_owned();
    assert_eq!(rows(&Query::default(), &files), [early, torn, late.clone()]);
    let errors = Query { filter: Filter::LevelAtLeast(Level::Warn), ..Query::default() };
    assert_eq!(rows(&errors, &files), [late]);
    let stats = errors.run(&files, &mut |_| ControlFlow::Continue(()));
    assert_eq!((stats.files, stats.lines, stats.matched, stats.malformed), (2, 3, 1, 1));
    assert!(stats.problems.is_empty());
}

#[test]
fn a_single_file_of_any_name_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let first = line(DAY, "INFO", "first");
    write_day(&directory, "export.txt", &[&first]);
    let file = LogFile::of_path(&directory.path().join("export.txt")).unwrap();
    assert_eq!(file.key(), None);
    assert_eq!(rows(&Query::default(), &[file]), [first]);
    let error = LogFile::of_path(directory.path()).unwrap_err().to_string();
    assert!(error.contains("log directory"), "{error}");
}

#[test]
fn a_last_line_without_a_line_feed_counts_where_nobody_writes() {
    let directory = tempfile::tempdir().unwrap();
    let name = "2026-11-21.jsonl";
    let (first, last) = (line(DAY, "INFO", "first"), line(DAY + 1, "WARN", "last"));
    for (tail, is_record) in [(last.as_str(), true), ("{\"unfinished\":", false)] {
        write_day(&directory, name, &[&first]);
        let path = directory.path().join(name);
        let length = std::fs::metadata(&path).unwrap().len();
        std::fs::write(&path, format!("{first}\n{tail}")).unwrap();
        let named = LogFile::of_path(&path).unwrap();
        let found = LogFile::of_directory(&open(&directory)).unwrap();
        let known = Query { filter: Filter::LevelAtLeast(Level::Trace), ..Query::default() };
        for files in [vec![named], found] {
            let stats = known.run(&files, &mut |_| ControlFlow::Continue(()));
            assert_eq!((stats.lines, stats.malformed), (2, u64::from(!is_record)));
            assert_eq!(rows(&known, &files).len(), 1 + usize::from(is_record));
            let late = Query { since: Some((DAY + 1) * 1_000_000_000), ..Query::default() };
            assert_eq!(rows(&late, &files).len(), usize::from(is_record));
        }
        // As far as a writer has come, who is still at it.
        let open = LogFile::of_path(&path).unwrap().up_to(length);
        assert_eq!(rows(&Query::default(), &[open]), std::slice::from_ref(&first));
    }
}

#[test]
fn a_file_that_vanished_is_reported_and_the_rest_is_given() {
    let directory = tempfile::tempdir().unwrap();
    let kept = line(DAY, "INFO", "kept");
    write_day(&directory, "2026-11-20.jsonl", &[&line(DAY - 9, "INFO", "gone")]);
    write_day(&directory, "2026-11-21.jsonl", &[&kept]);
    let files = LogFile::of_directory(&open(&directory)).unwrap();
    std::fs::remove_file(directory.path().join("2026-11-20.jsonl")).unwrap();
    for limit in [None, Some(5)] {
        let query = Query { limit, ..Query::default() };
        assert_eq!(rows(&query, &files), std::slice::from_ref(&kept));
        let stats = query.run(&files, &mut |_| ControlFlow::Continue(()));
        assert_eq!(stats.problems.len(), 1);
        assert!(stats.problems[0].to_string().contains("2026-11-20"));
    }
}

#[test]
fn a_summary_counts_levels_services_and_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let lines = [
        line(DAY + 3, "INFO", "a"),
        line(DAY + 1, "ERROR", "b"),
        "{\"level\":\"loud\"}".to_owned(),
    ];
    let texts: Vec<&str> = lines.iter().map(String::as_str).collect();
    write_day(&directory, "2026-11-21.jsonl", &texts);
    let files = LogFile::of_directory(&open(&directory)).unwrap();
    let summary = Query::default().summarise(&files);
    assert_eq!(summary.records, 3);
    assert_eq!(summary.bytes, texts.iter().map(|line| line.len() as u64 + 1).sum::<u64>());
    assert_eq!(summary.levels, [0, 0, 1, 0, 1, 0]);
    assert_eq!(summary.other_levels, 1);
    assert_eq!(summary.first_ns, Some((DAY + 1) * 1_000_000_000));
    assert_eq!(summary.last_ns, Some((DAY + 3) * 1_000_000_000));
    assert_eq!(
        summary.services.iter().collect::<Vec<_>>(),
        [(&String::new(), &1), (&"shop".to_owned(), &2)]
    );
}

#[test]
fn a_break_ends_the_rows() {
    let directory = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..9).map(|n| line(DAY + n, "INFO", "x")).collect();
    write_day(
        &directory,
        "2026-11-21.jsonl",
        &lines.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let files = LogFile::of_directory(&open(&directory)).unwrap();
    for limit in [None, Some(7)] {
        let mut given = 0;
        Query { limit, ..Query::default() }.run(&files, &mut |_| {
            given += 1;
            if given == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(given, 3);
    }
}

#[test]
fn a_bounded_disorder_stops_a_query_for_the_newest_early() {
    let directory = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..50_000).map(|n| line(DAY + n, "INFO", "x")).collect();
    write_day(
        &directory,
        "2026-11-21.jsonl",
        &lines.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let files = LogFile::of_directory(&open(&directory)).unwrap();
    let query = Query { limit: Some(3), disorder_ns: Some(60_000_000_000), ..Query::default() };
    assert_eq!(rows(&query, &files), lines[49_997..]);
    let stats = query.run(&files, &mut |_| ControlFlow::Continue(()));
    assert!(stats.lines < 5_000, "{stats:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_query_agrees_with_a_plain_reading(
        samples in prop::collection::vec(Sample::any(DAY), 0..60),
        limit in prop::option::of(0usize..20),
        newest: bool,
        newest_first: bool,
        bounds in (prop::option::of(0i64..40), prop::option::of(0i64..40)),
    ) {
        let directory = tempfile::tempdir().unwrap();
        for (index, name) in ["2026-11-20.jsonl", "2026-11-21.jsonl", "2026-11-21.001.jsonl"].iter().enumerate() {
            let lines: Vec<&str> = samples.iter().filter(|s| s.file == index).map(|s| s.line.as_str()).collect();
            write_day(&directory, name, &lines);
        }
        let files = LogFile::of_directory(&open(&directory)).unwrap();
        let query = Query {
            filter: Filter::LevelAtLeast(Level::Warn),
            since: bounds.0.map(|second| (DAY + second) * 1_000_000_000),
            until: bounds.1.map(|second| (DAY + second) * 1_000_000_000),
            limit,
            keep: if newest { Keep::Newest } else { Keep::Oldest },
            order: if newest_first { Order::NewestFirst } else { Order::OldestFirst },
            disorder_ns: None,
        };
        let mut expect: Vec<&Sample> = samples.iter().filter(|sample| {
            let inside = |second: i64| {
                bounds.0.is_none_or(|since| second >= since) && bounds.1.is_none_or(|until| second < until)
            };
            sample.level >= Level::Warn && sample.second.is_some_and(inside)
                || sample.level >= Level::Warn && sample.second.is_none() && bounds == (None, None) && sample.is_whole
        }).collect();
        // Files in the order of their birth, lines as they were written, then by time.
        expect.sort_by_key(|sample| sample.file);
        expect.sort_by_key(|sample| sample.second.unwrap_or(if sample.file == 0 { -86_400 } else { 0 }));
        if let Some(limit) = limit {
            let surplus = expect.len().saturating_sub(limit);
            if newest { expect.drain(..surplus); } else { expect.truncate(limit); }
        }
        if newest_first {
            expect.reverse();
        }
        let expect: Vec<&str> = expect.iter().map(|sample| sample.line.as_str()).collect();
        prop_assert_eq!(rows(&query, &files), expect);
    }
}
