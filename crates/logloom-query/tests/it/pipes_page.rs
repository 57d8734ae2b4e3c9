//! The examples of pipes in `docs/query-language.md`, run over the records that the page shows: a
//! block of a query, and the block of its rows behind it.

use std::sync::Arc;

use logloom_filter::syntax::Context;
use logloom_query::engine::Engine;
use logloom_query::pipes::Flow;
use logloom_query::{LogFile, Question, Statement};
use logloom_record::time::parse_timestamp;
use logloom_store::sys::LinuxPlatform;

const PAGE: &str = include_str!("../../../../docs/query-language.md");

fn context() -> Context {
    let now_ns = parse_timestamp("2026-11-21T12:00:00Z").unwrap();
    Context { now_ns, ..Context::default() }
}

/// Each query with the rows that are said to come of it.
fn examples() -> Vec<(&'static str, &'static str)> {
    let mut examples = Vec::new();
    for part in PAGE.split("\n```logsql\n").skip(1) {
        let (query, rest) = part.split_once("\n```").unwrap();
        if let Some(rows) = rest.strip_prefix("\n\n```json\n") {
            examples.push((query, rows.split_once("```").unwrap().0.trim_end()));
        }
    }
    examples
}

#[test]
fn pipes_give_the_rows_that_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let (_, rest) = PAGE.split_once("\n```jsonl\n").unwrap();
    let path = folder.path().join("2026-11-21.jsonl");
    std::fs::write(&path, rest.split_once("```").unwrap().0).unwrap();
    let files = [LogFile::of_path(&path).unwrap()];
    let engine = Engine::new(Arc::new(LinuxPlatform));
    let (examples, mut wrong) = (examples(), Vec::new());
    assert!(examples.len() >= 15, "{} examples were found", examples.len());
    for (query, expect) in examples {
        let statement = Statement::parse(query, &context());
        let statement = statement.unwrap_or_else(|error| panic!("{}", error.render(query)));
        let mut rows = Vec::new();
        let question = Question::new(statement);
        let answered = question.answer(&engine, &files, &mut |row| {
            rows.push(String::from_utf8_lossy(&row.line()).into_owned());
            Ok(Flow::Continue)
        });
        answered.unwrap();
        if rows.join("\n") != expect {
            wrong.push(format!("{query}\ngives\n{}\n", rows.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_query_of_the_page_is_a_statement() {
    for part in PAGE.split("\n```logsql\n").skip(1) {
        let query = part.split_once("\n```").unwrap().0;
        let statement = Statement::parse(query, &context());
        assert!(statement.is_ok(), "{}", statement.err().unwrap().render(query));
    }
}
