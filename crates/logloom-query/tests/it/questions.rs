//! Questions over a log, compared with the plain way: every line, one after the other, through the
//! same pipes.

use std::sync::Arc;

use logloom_filter::syntax::Context;
use logloom_query::engine::Engine;
use logloom_query::pipes::{Flow, Limits, Row};
use logloom_query::{Key, LogFile, Order, Question, Statement};
use logloom_store::sys::LinuxPlatform;
use proptest::prelude::*;

fn statement(text: &str) -> Statement {
    let statement = Statement::parse(text, &Context::default());
    statement.unwrap_or_else(|error| panic!("{}", error.render(text)))
}

/// Files of these lines, which have the times of their numbers.
fn files(folder: &std::path::Path, days: &[Vec<String>]) -> Vec<LogFile> {
    let path = |day: usize| folder.join(format!("2026-11-{:02}.jsonl", day + 1));
    let write = |(day, lines): (usize, &Vec<String>)| {
        std::fs::write(path(day), lines.concat()).unwrap();
        LogFile::of_path(&path(day)).unwrap()
    };
    days.iter().enumerate().map(write).collect()
}

fn answer(question: &Question, files: &[LogFile]) -> Vec<String> {
    let engine = Engine::new(Arc::new(LinuxPlatform));
    let mut rows = Vec::new();
    let report = question.answer(&engine, files, &mut |row| {
        rows.push(String::from_utf8_lossy(&row.line()).into_owned());
        Ok(Flow::Continue)
    });
    let report = report.unwrap();
    assert!(report.stop.is_none() && report.stats.problems.is_empty(), "{report:?}");
    rows
}

/// The answer in the plain way; rows of the log oldest first.
fn plainly(statement: &Statement, days: &[Vec<String>]) -> Vec<String> {
    let matcher = statement.filter.compile();
    let mut all: Vec<(Key, &str)> = Vec::new();
    for (file, lines) in days.iter().enumerate() {
        let mut offset = 0;
        for line in lines {
            let text = line.trim_end();
            let start = logloom_filter::LineView::new(text.as_bytes());
            let time = start.get("timestamp").map(|value| value.text().into_owned());
            let time = time.and_then(|time| logloom_record::time::parse_timestamp(&time));
            let time = time.unwrap_or(1_793_491_200_000_000_000 + file as i64 * 86_400_000_000_000);
            all.push((Key { time, birth: 0, file, offset }, text));
            offset += line.len() as u64;
        }
    }
    all.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
    let mut chain = statement.chain(&Limits::default());
    let mut rows = Vec::new();
    let mut out = |row: Row<'_>| {
        rows.push(row.into_owned());
        Ok(Flow::Continue)
    };
    for (key, line) in all.iter().filter(|(_, line)| matcher.matches(line.as_bytes())) {
        if chain.push(Row::of_line(line.as_bytes(), *key), &mut out).unwrap() == Flow::Enough {
            break;
        }
    }
    chain.finish(&mut out).unwrap();
    if statement.gives_log_rows() {
        rows.reverse();
    }
    rows.iter().map(|row| String::from_utf8_lossy(&row.line()).into_owned()).collect()
}

const QUERIES: &[&str] = &[
    "*",
    "a:>2",
    "b:x | fields a, b",
    "a:>2 | limit 3",
    "* | filter b:y | offset 1 | limit 4 | fields a",
    "* | sort by (a desc) limit 5",
    "b:* | last 3",
    "* | stats by (b) count() n, sum(a) s, row_any(a) r, values(a) v",
    "* | top 3 by (b)",
    "* | uniq by (b, a) with hits",
    "a:in(b:x | fields a) | stats count() n",
    "* | stats count() if (a:in(b:z | fields a)) n",
    "* | facets 2 | sort by (hits desc, field_value)",
    "timestamp:* | histogram 1m by (b)",
];

fn line() -> impl Strategy<Value = String> {
    let time = (0u32..3600).prop_map(|s| format!("2026-11-01T00:{:02}:{:02}Z", s / 60, s % 60));
    let valid = (time, 0i64..6, "[x-z]{0,1}")
        .prop_map(|(time, a, b)| format!("{{\"timestamp\":\"{time}\",\"a\":{a},\"b\":\"{b}\"}}\n"));
    prop_oneof![12 => valid, 1 => Just("damaged\n".to_owned()), 1 => Just("{\"a\":1}\n".to_owned())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn answers_are_those_of_the_plain_way(
        days in prop::collection::vec(prop::collection::vec(line(), 0..60), 1..4))
    {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), &days);
        for text in QUERIES {
            let statement = statement(text);
            let question = Question::new(statement.clone());
            let engine = Engine::new(Arc::new(LinuxPlatform));
            let resolved = question.resolved(&engine, &files).unwrap();
            let expect = plainly(&resolved, &days);
            prop_assert_eq!(&answer(&question, &files), &expect, "{}", text);
            if statement.gives_log_rows() {
                let question = Question { order: Order::NewestFirst, ..question };
                let mut newest = answer(&question, &files);
                newest.reverse();
                prop_assert_eq!(&newest, &expect, "newest first: {}", text);
            }
        }
    }
}

#[test]
fn records_around_others_are_those_of_their_source() {
    let folder = tempfile::tempdir().unwrap();
    let line = |n: u32| {
        let service = if n.is_multiple_of(2) { "even" } else { "odd" };
        let message = if n == 10 || n == 13 { "here" } else { "other" };
        format!(
            "{{\"timestamp\":\"2026-11-01T00:00:{n:02}Z\",\"service\":\"{service}\",\"message\":\"{message}\",\"n\":{n}}}\n"
        )
    };
    let files = files(folder.path(), &[(0..30).map(line).collect()]);
    let numbers = |text: &str, limit: Option<u64>| -> Vec<String> {
        let question = Question { around_limit: limit, ..Question::new(statement(text)) };
        let rows = answer(&question, &files);
        rows.iter()
            .map(|row| {
                let row = Row::of_line(row.as_bytes(), Key::default());
                if row.text("n").is_empty() { row.text("message") } else { row.text("n") }
                    .into_owned()
            })
            .collect()
    };
    let around = numbers("here | context before 1 after 2", None);
    assert_eq!(around, ["8", "10", "12", "14", "---", "11", "13", "15", "17"]);
    assert_eq!(numbers("here | context 1", Some(1)), ["11", "13", "15"]);
    assert_eq!(numbers("service:even n:>20 | context 2 | fields n | limit 2", None), ["18", "20"]);
    assert!(numbers("nowhere | context 1", None).is_empty());
}
