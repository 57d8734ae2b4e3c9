//! The examples of `docs/query-language.md`, run over the records that the page shows.
//!
//! Tables headed `query | finds` name the records by their `n`, or say with which words the query
//! is refused.

use std::collections::BTreeSet;

use logloom_filter::syntax::{Context, Lexer};
use logloom_filter::{Filter, LineView};
use logloom_query::Statement;
use logloom_record::time::parse_timestamp;

/// The page itself, so that it cannot be left behind.
const PAGE: &str = include_str!("../../../../docs/query-language.md");

/// The text of a fenced block that begins with this line.
fn block(fence: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("\n{fence}\n")).unwrap();
    rest.split_once("\n```").unwrap().0
}

fn context() -> Context {
    let now_ns = parse_timestamp("2026-11-21T12:00:00Z").unwrap();
    Context { now_ns, ..Context::default() }
}

/// The rows of all tables of examples: the query, and what is said of it.
fn examples() -> Vec<(String, &'static str)> {
    let mut examples = Vec::new();
    let mut is_inside = false;
    for line in PAGE.lines() {
        if line == "| query | finds |" {
            is_inside = true;
            continue;
        }
        is_inside &= line.starts_with('|');
        if !is_inside || line.starts_with("|---") {
            continue;
        }
        let cells = line.strip_prefix("| ").unwrap().strip_suffix('|').unwrap();
        let end = cells.match_indices(" |").find(|(at, _)| !cells[..*at].ends_with('\\'));
        let (query, finds) = cells.split_at(end.unwrap().0);
        let query = code(query);
        examples.push((query.replace("\\|", "|"), finds.trim_start_matches(" |").trim()));
    }
    examples
}

/// The inside of code between backquotes, of which there are two where it holds one itself.
fn code(cell: &str) -> &str {
    let quotes = cell.bytes().take_while(|byte| *byte == b'`').count();
    cell[quotes..cell.len() - quotes].trim()
}

/// The records that a filter finds; values of other records are looked up first.
fn find<'r>(filter: Filter, records: &[&'r str]) -> Vec<&'r str> {
    let filter = filter.resolve(&mut |of, field| {
        let found = find(of.clone(), records);
        let values = found.iter().filter_map(|line| LineView::new(line.as_bytes()).get(field));
        values.map(|value| value.text().into_owned()).collect()
    });
    let matcher = filter.compile();
    records.iter().copied().filter(|line| matcher.matches(line.as_bytes())).collect()
}

/// What the page is to say of a query; of a refusal only `says` itself, when it is true.
fn outcome(query: &str, says: &str, records: &[&str]) -> String {
    match Statement::parse(query, &context()) {
        Ok(statement) => {
            let filter = statement.filter;
            let numbers: Vec<&str> =
                find(filter, records).into_iter().map(|line| &line[5..6]).collect();
            numbers.join(" ")
        }
        Err(error) => {
            let drawn = error.render(query);
            let is_told = says.strip_prefix("refused: ").is_some_and(|part| drawn.contains(part));
            if is_told { says.to_owned() } else { format!("refused: {drawn}") }
        }
    }
}

#[test]
fn tables_find_what_they_say() {
    let records: Vec<&str> = block("```jsonl").lines().collect();
    let examples = examples();
    assert!(examples.len() > 100, "{} examples were found", examples.len());
    let mut wrong = Vec::new();
    for (query, says) in examples {
        let shown = outcome(&query, says, &records);
        if shown != says {
            wrong.push(format!("`{query}` is said to find {says:?}, and finds {shown:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_error_is_drawn_as_shown() {
    let shown = block("```text");
    let query = shown.lines().nth(1).unwrap().trim();
    let error = Filter::parse(query, &context()).unwrap_err();
    assert_eq!(error.render(query), shown);
}

#[test]
fn every_example_of_a_query_can_be_read() {
    let queries: BTreeSet<&str> = PAGE
        .split("\n```logsql\n")
        .skip(1)
        .map(|rest| rest.split_once("\n```").unwrap().0)
        .collect();
    assert!(!queries.is_empty());
    for query in queries {
        Lexer::new(query).unwrap();
    }
}
