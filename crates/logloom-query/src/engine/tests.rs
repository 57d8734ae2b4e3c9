//! The engine beside a plain reading of all lines.

#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;
use std::sync::Arc;

use logloom_filter::Filter;
use logloom_record::time::format_rfc3339;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, Options};
use proptest::prelude::*;

use super::{Budget, Engine, Sizes};
use crate::{Key, LogFile, Order};

/// 2026-11-21T00:00:00Z
const DAY: i64 = 1_795_219_200;

fn engine(part: u64, held: usize) -> Engine {
    Engine::with_sizes(Arc::new(LinuxPlatform), Sizes { part, held })
}

fn files(folder: &tempfile::TempDir) -> Vec<LogFile> {
    let open = Directory::open(folder.path(), Options::reader(), Arc::new(LinuxPlatform)).unwrap();
    LogFile::of_directory(&open).unwrap()
}

/// Writes days whose lines have these seconds, and tells all lines with their places, newest first.
fn write(folder: &tempfile::TempDir, days: &[Vec<Option<i64>>]) -> Vec<String> {
    let mut all = Vec::new();
    for (number, seconds) in days.iter().enumerate() {
        let mut text = String::new();
        for (line, second) in seconds.iter().enumerate() {
            let time = second.map(|second| (DAY + second) * 1_000_000_000);
            let line = match time {
                Some(time) => {
                    format!(r#"{{"timestamp":"{}","n":{line}}}"#, format_rfc3339(time, 6))
                }
                None => format!(r#"{{"n":{line},"no":"time"}}"#),
            };
            let start = (DAY + number as i64 * 86_400) * 1_000_000_000;
            all.push(((time.unwrap_or(start), number, text.len()), line.clone()));
            text += &(line + "\n");
        }
        let name = format!("2026-11-{}.jsonl", 21 + number);
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    all.sort();
    all.into_iter().rev().map(|(_, line)| line).collect()
}

fn newest(engine: &Engine, files: &[LogFile], limit: usize) -> Vec<String> {
    let mut rows = Vec::new();
    let report = engine.newest(files, &Filter::Always, &Budget::default(), &mut |_, line| {
        rows.push(String::from_utf8(line.to_vec()).unwrap());
        if rows.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert!(report.stats.problems.is_empty() && report.stop.is_none(), "{report:?}");
    rows
}

#[test]
fn few_rows_are_read_from_few_parts() {
    let folder = tempfile::tempdir().unwrap();
    let days: Vec<_> =
        (0..3).map(|day| (0..5_000).map(|n| Some(day * 86_400 + n)).collect()).collect();
    let all = write(&folder, &days);
    let (engine, files) = (engine(4_096, 1 << 20), files(&folder));
    assert_eq!(newest(&engine, &files, 100), all[..100]);
    assert!(newest(&engine, &files, usize::MAX) == all);
    let report = engine
        .newest(&files, &Filter::Always, &Budget::default(), &mut |_, _| ControlFlow::Break(()));
    assert!(report.stats.lines < 2_000, "{report:?}");
}

#[test]
fn disorder_beyond_memory_takes_more_passes_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let days: Vec<_> =
        (0..2).map(|_| (0..4_000).map(|n| Some(n * 7_919 % 4_000)).collect()).collect();
    let all = write(&folder, &days);
    let files = files(&folder);
    assert!(newest(&engine(10_000, 40_000), &files, usize::MAX) == all);
}

#[test]
fn gathering_sees_each_row_once() {
    let folder = tempfile::tempdir().unwrap();
    let all = write(&folder, &[(0..3_000).map(Some).collect(), vec![None; 500]]);
    let (gathered, report) = engine(5_000, 1 << 20).gather(
        &files(&folder),
        &Filter::Always,
        &Budget::default(),
        Vec::new,
        |lines: &mut Vec<(Key, Vec<u8>)>, key, line| {
            lines.push((key, line.to_vec()));
            ControlFlow::Continue(())
        },
    );
    let mut lines: Vec<_> = gathered.into_iter().flatten().collect();
    lines.sort();
    lines.reverse();
    let lines: Vec<_> =
        lines.into_iter().map(|(_, line)| String::from_utf8(line).unwrap()).collect();
    assert!(lines == all);
    assert_eq!(report.stats.matched, 3_500);
}

#[test]
fn a_run_that_may_not_go_on_says_so() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, &[(0..9_000).map(Some).collect()]);
    let files = files(&folder);
    let count = |budget: &Budget| {
        let mut rows = 0;
        let report = engine(4_096, 1 << 20).newest(&files, &Filter::Always, budget, &mut |_, _| {
            rows += 1;
            ControlFlow::Continue(())
        });
        (rows, report.stop)
    };
    let (rows, stop) = count(&Budget { lines: Some(2_000), ..Budget::default() });
    assert!(rows < 9_000 && stop == Some(super::Stop::Lines), "{rows}");
    let (rows, stop) =
        count(&Budget { time: Some(std::time::Duration::ZERO), ..Budget::default() });
    assert!(rows < 9_000 && stop == Some(super::Stop::Time), "{rows}");
    let cancel = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let (_, stop) = count(&Budget { cancel: Some(cancel), ..Budget::default() });
    assert_eq!(stop, Some(super::Stop::Cancelled));
}

#[test]
fn of_few_lines_the_newest_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let days: Vec<_> =
        (0..2).map(|day| (0..9_000).map(|n| Some(day * 86_400 + n)).collect()).collect();
    let all = write(&folder, &days);
    let files = files(&folder);
    let budget = Budget { lines: Some(500), ..Budget::default() };
    let mut rows = Vec::new();
    // One part is a day, so that the lines are over in its midst.
    let engine = engine(1 << 20, 1 << 20);
    let report = engine.newest(&files, &Filter::Always, &budget, &mut |_, line| {
        rows.push(String::from_utf8(line.to_vec()).unwrap());
        ControlFlow::Continue(())
    });
    assert_eq!(report.stop, Some(super::Stop::Lines));
    assert!(rows.len() >= 500 && rows[..] == all[..rows.len()], "{}", rows.len());
    let (gathered, _) = engine.gather(
        &files,
        &Filter::Always,
        &Budget { lines: Some(1), ..Budget::default() },
        || None::<Vec<u8>>,
        |newest, _, line| {
            *newest = Some(line.to_vec());
            ControlFlow::Continue(())
        },
    );
    assert!(gathered.contains(&Some(all[0].clone().into_bytes())), "{gathered:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn any_order_of_lines_comes_out_newest_first(
        days in prop::collection::vec(
            prop::collection::vec(prop::option::weighted(0.9, -50_000i64..200_000), 0..200), 1..4),
        part in 100u64..5_000,
        held in 500usize..20_000,
        limit in 1usize..400,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let all = write(&folder, &days);
        let files = files(&folder);
        let engine = engine(part, held);
        prop_assert_eq!(newest(&engine, &files, usize::MAX), &all[..]);
        let mut oldest = Vec::new();
        let give = &mut |_: Key, line: &[u8]| {
            oldest.push(String::from_utf8(line.to_vec()).unwrap());
            ControlFlow::Continue(())
        };
        engine.rows(&files, &Filter::Always, Order::OldestFirst, &Budget::default(), give);
        oldest.reverse();
        prop_assert_eq!(&oldest, &all);
        let wanted = &all[..limit.min(all.len())];
        prop_assert_eq!(newest(&engine, &files, limit), wanted);
    }
}
