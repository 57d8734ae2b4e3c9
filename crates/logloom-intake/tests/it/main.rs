//! Whole inputs through the whole path: bytes, lines, records.

#![allow(clippy::unwrap_used)]

mod formats;
mod loghub;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use logloom_intake::{
    Defaults, FollowOptions, Follower, LINE_BYTES_MAX, LineAssembler, LocalFiles, recognise,
    recognise_line,
};
use logloom_record::Value;
use proptest::prelude::*;

/// All text that was given: messages, and where a line was JSON, nothing of it but its count.
fn records(bytes: &[u8]) -> Vec<logloom_record::Record> {
    let mut assembler = LineAssembler::new(0);
    let mut records = Vec::new();
    let defaults = Defaults::default();
    assembler.push(bytes, &mut |line| records.push(recognise_line(&line, &defaults)));
    assembler.finish_each(&mut |line| records.push(recognise_line(&line, &defaults)));
    records
}

#[test]
fn a_line_of_a_hundred_megabytes_is_kept_in_parts() {
    let size = 100 * 1024 * 1024;
    let mut assembler = LineAssembler::new(0);
    let (mut bytes, mut parts) = (0, 0u64);
    let chunk = vec![b'{'; 1 << 20];
    let defaults = Defaults::default();
    let mut count = |line: logloom_intake::Line| {
        let record = recognise_line(&line, &defaults);
        bytes += record.message.len();
        parts += 1;
        assert_eq!(record.fields[0], ("part".to_owned(), Value::U64(parts)));
    };
    for _ in 0..size / chunk.len() {
        assembler.push(&chunk, &mut count);
    }
    assembler.push(b"end\n", &mut count);
    assert_eq!(bytes, size + 3);
    assert_eq!(parts as usize, size.div_ceil(LINE_BYTES_MAX) + 1);
}

#[test]
fn hostile_json_takes_linear_time_and_is_kept() {
    let started = Instant::now();
    let half = LINE_BYTES_MAX / 2;
    let inputs = [
        "[".repeat(10_000),
        format!("{{\"a\":{}", "[".repeat(half)),
        format!("{{\"a\":{}{}}}", "{\"a\":".repeat(10_000), "1".to_owned() + &"}".repeat(10_000)),
        "{\"a\":1,".repeat(half / 8),
        format!("{{\"a\":\"{}", "\\".repeat(half)),
        format!("{{\"a\":\"{}", "\\ud800".repeat(half / 8)),
        format!("{{{}\"z\":1}}", "\"m\":1,".repeat(half / 8)),
        format!("{{\"n\":{}}}", "9".repeat(half)),
        "{".repeat(half),
        "\"".repeat(half),
    ];
    for input in &inputs {
        let record = recognise(input, &Defaults::default());
        assert!(record.message == *input || !record.fields.is_empty());
    }
    // Linear, it is seconds on the slowest machine; quadratic, it is hours.
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

#[test]
fn bad_bytes_stay_visible() {
    let found = records(b"nul\0byte\n\xff\xfe broken \xc3\n{\"msg\":\"in\xffside\"}\nlast");
    let messages: Vec<&str> = found.iter().map(|record| record.message.as_str()).collect();
    assert_eq!(
        messages,
        ["nul\0byte", "\u{fffd}\u{fffd} broken \u{fffd}", "in\u{fffd}side", "last"]
    );
}

#[test]
fn sample_logs_lose_no_line() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/loghub");
    let Ok(entries) = std::fs::read_dir(&directory) else {
        eprintln!("skipped: the sample logs are not beside this checkout");
        return;
    };
    let defaults = Defaults {
        zone: Some(jiff::tz::TimeZone::UTC),
        arrival_ns: 1_795_255_200_000_000_000,
        ..Defaults::default()
    };
    let is_log = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "log");
    let mut files = 0;
    for path in entries.map(|entry| entry.unwrap().path()).filter(is_log) {
        let bytes = std::fs::read(&path).unwrap();
        let mut lines = Vec::new();
        let mut assembler = LineAssembler::new(0);
        assembler.push(&bytes, &mut |line| lines.push(line));
        assembler.finish_each(&mut |line| lines.push(line));
        let messages: Vec<String> =
            lines.iter().map(|line| recognise_line(line, &defaults).message).collect();
        let expect = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        assert_eq!(messages.join("\n"), expect.trim_end_matches('\n'), "{}", path.display());
        files += 1;
    }
    assert!(files >= 8, "{files} sample logs");
}

#[test]
fn rotation_of_real_files_loses_and_repeats_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.log");
    let mut file = std::fs::File::create(&path).unwrap();
    let mut follower =
        Follower::new(LocalFiles, vec![directory.path().to_owned()], &[], FollowOptions::default());
    let mut found = Vec::new();
    for number in 0..200_i64 {
        writeln!(file, "line {number}").unwrap();
        if number % 23 == 22 {
            let moved = directory.path().join(format!("app.log.{number}"));
            std::fs::rename(&path, moved).unwrap();
            file = std::fs::File::create(&path).unwrap();
        }
        if number % 7 == 0 {
            follower.poll(number * 60_000_000, &mut |line| found.push(line.line.text));
        }
    }
    for number in 200..260 {
        follower.poll(number * 60_000_000, &mut |line| found.push(line.line.text));
    }
    found.sort_by_key(|line| line[5..].parse::<u32>().unwrap());
    let expect: Vec<String> = (0..200).map(|number| format!("line {number}")).collect();
    assert_eq!(found, expect);
}

#[test]
fn a_pipe_is_refused_with_a_remedy() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no mkfifo here");
        return;
    }
    let mut follower = Follower::new(LocalFiles, vec![path], &[], FollowOptions::default());
    let polled = follower.poll(0, &mut |_| {});
    assert_eq!(polled.problems.len(), 1);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_lose_a_line(bytes in prop::collection::vec(prop_oneof![
        Just(b'\n'), Just(b'{'), Just(b'}'), Just(b'"'), Just(b':'), Just(b','), Just(b'\\'),
        Just(b'u'), Just(b'1'), Just(b'a'), any::<u8>().prop_filter("ends or leaves out lines", |byte| !matches!(byte, b'\r' | 0))],
        0..120))
    {
        // No mark of another encoding at the start.
        let bytes = [b"x", &bytes[..]].concat();
        let feeds = bytes.iter().filter(|byte| **byte == b'\n').count();
        let unfinished = usize::from(bytes.last() != Some(&b'\n'));
        prop_assert_eq!(records(&bytes).len(), feeds + unfinished);
    }

    #[test]
    fn plain_lines_are_kept_whole(line in "[^{\n][^\n]{0,100}") {
        let record = recognise(&line, &Defaults::default());
        if !line.trim_start().starts_with('{') {
            prop_assert_eq!(record.message, line);
        }
    }
}
