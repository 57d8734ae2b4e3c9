//! Day files that other programs wrote, with times in forms of their own, read with the catalogue that
//! registered them and without one: the answers are the same.

use std::ops::ControlFlow;
use std::sync::Arc;

use logloom_query::{Keep, LogFile, Query};
use logloom_record::time::format_rfc3339;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, Options};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::DAY;
use crate::common::{line, write_day};

/// A line that tells a second of the day in one of the forms that are met.
fn told(second: i64, form: u8) -> String {
    let time = format_rfc3339((DAY + second) * 1_000_000_000, 6);
    let ahead = format_rfc3339((DAY + second + 3_600) * 1_000_000_000, 0);
    let (date, clock) = (&time[..10], &time[11..19]);
    let (slashed, ahead) = (date.replace('-', "/"), ahead.trim_end_matches('Z'));
    match form {
        0 => format!(r#"{{"time":{},"n":{second}}}"#, DAY + second),
        1 => format!(r#"{{"ts":"{time}","n":{second}}}"#),
        2 => format!(r#"{{"timestamp":"{date} {clock}","n":{second}}}"#),
        3 => format!(r#"{{"n":{second},"timestamp":"{ahead}+01:00"}}"#),
        4 => format!(r#"{{"timestamp":"{slashed}T{clock}Z","level":"INFO"}}"#),
        5 => format!(r#"{{"timestamp":{},"n":{second}}}"#, (DAY + second) * 1_000),
        6 => format!(r#"{{"\u0074imestamp":"{time}","timestamp":"{date}T00:00:00Z"}}"#),
        7 => format!(r#"{{"timestamp":"{date}T23:59:60Z","n":{second}}}"#),
        _ => line(DAY + second, "INFO", "usual"),
    }
}

/// The files with the times of a catalogue that has found them.
fn registered(directory: &TempDir) -> Vec<LogFile> {
    let open = Directory::open(directory.path(), Options::default(), Arc::new(LinuxPlatform));
    LogFile::of_directory(&open.unwrap()).unwrap()
}

/// The same files as if nothing was known of them.
fn unknown(files: &[LogFile]) -> Vec<LogFile> {
    files.iter().map(|file| LogFile::of_path(file.path()).unwrap()).collect()
}

/// Places and lines of an answer.
fn answer(query: &Query, files: &[LogFile]) -> Vec<(String, u64)> {
    let mut rows = Vec::new();
    query.run(files, &mut |row| {
        rows.push((row.file.key().unwrap().file_name(), row.offset));
        ControlFlow::Continue(())
    });
    rows
}

#[test]
fn a_file_is_passed_over_only_when_all_its_times_are_known() {
    let directory = tempfile::tempdir().unwrap();
    let usual = line(DAY, "INFO", "usual");
    for form in 0..8 {
        let name = format!("2026-11-21.{:03}.jsonl", form + 1);
        write_day(&directory, &name, &[&usual, &told(9_000, form)]);
    }
    write_day(&directory, "2026-11-21.900.jsonl", &[&usual]);
    let files = registered(&directory);
    let since = Some((DAY + 9_000) * 1_000_000_000);
    let query = Query { since, ..Query::default() };
    let stats = query.run(&files, &mut |_| ControlFlow::Continue(()));
    assert_eq!((stats.files, stats.files_skipped), (8, 1));
    // "2026-11-21 02:30:00", with a zone, with slashes, under an escaped name, the last second of the day.
    assert_eq!(stats.matched, 5);
    assert_eq!(query.summarise(&files).records, 5);
    let limited = Query { limit: Some(100), ..query };
    assert_eq!(answer(&limited, &files).len(), 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_catalogue_changes_no_answer(
        lines in prop::collection::vec((0usize..3, -90_000i64..90_000, 0u8..24), 0..12),
        limit in prop::option::of(0usize..6),
        newest: bool,
        bounds in (
            prop::option::of(-100_000i64..100_000),
            prop::option::of(-100_000i64..100_000),
        ),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let names = ["2026-11-20.jsonl", "2026-11-21.jsonl", "2026-11-21.001.jsonl"];
        for (number, name) in names.iter().enumerate() {
            let lines: Vec<String> = lines.iter().filter(|(file, ..)| *file == number)
                .map(|(_, second, form)| told(*second, *form)).collect();
            write_day(&directory, name, &lines.iter().map(String::as_str).collect::<Vec<_>>());
        }
        let files = registered(&directory);
        let nanoseconds = |second: i64| (DAY + second) * 1_000_000_000;
        let query = Query {
            since: bounds.0.map(nanoseconds),
            until: bounds.1.map(nanoseconds),
            limit,
            keep: if newest { Keep::Newest } else { Keep::Oldest },
            ..Query::default()
        };
        prop_assert_eq!(answer(&query, &files), answer(&query, &unknown(&files)));
    }
}
