//! The query language beside SQL: the same questions to the same files, DuckDB's answers compared with ours row by row.
//!
//! Makes a small store, asks each pair of [`queries`], and hands on JSON lines: every difference, and how many were
//! compared. What differs on purpose is in the documents, and not asked here. Status 3 when an answer differs, 1 when
//! DuckDB is not here.

mod data;
mod queries;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use logloom_filter::syntax::Context;
use logloom_query::engine::{Budget, Engine};
use logloom_query::pipes::{Flow, Limits};
use logloom_query::{LogFile, Statement};
use logloom_store::Options as StoreOptions;
use logloom_store::sys::LinuxPlatform;

use crate::proof::{failed, say, scratch};
use crate::query::{DuckDb, open, pack};
use queries::Pair;

/// Differences that are told; more are counted.
const TOLD_MAX: usize = 20;

/// How it is run.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
    /// How many lines are asked of.
    #[arg(long, default_value_t = 5_000)]
    lines: u64,
    /// Where they lie while it runs [default: a memory file system].
    #[arg(long)]
    dir: Option<PathBuf>,
}

type Table = Vec<Vec<String>>;

/// Compares all.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    let folder = scratch(options.dir.clone(), "conformance")?;
    let outcome = compare_all(options, &folder);
    // What is left only takes space.
    let _ = std::fs::remove_dir_all(&folder);
    let (queries, differing) = outcome?;
    match options.json {
        true => say(&serde_json::json!({
            "bench": "conformance", "queries": queries, "differing": differing, "lines": options.lines
        })),
        false => say(&format!("{queries} queries compared, {differing} differ")),
    }
    Ok(if differing == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn compare_all(options: &Options, folder: &Path) -> Result<(usize, usize), String> {
    let mut duckdb = DuckDb::start(&crate::built::target()?)?;
    for (number, text) in data::days(options.lines).iter().enumerate() {
        let name = format!("2026-03-{:02}.jsonl", number + 1);
        std::fs::write(folder.join(name), text).map_err(failed("write a day"))?;
    }
    pack(folder)?;
    let view = view(folder);
    let (mut differing, all) = (0, queries::all());
    for pair in &all {
        let mut ours = ask(folder, &pair.logsql)?;
        let mut theirs = their_rows(&mut duckdb, pair, &view)?;
        if !pair.is_ordered {
            ours.sort();
            theirs.sort();
        }
        if !are_same(&ours, &theirs) {
            differing += 1;
            if differing <= TOLD_MAX {
                tell(pair, &ours, &theirs);
            }
        }
    }
    Ok((all.len(), differing))
}

fn view(folder: &Path) -> String {
    format!(
        "CREATE OR REPLACE VIEW logs AS SELECT timestamp, level, service, message, n, status, ms, id, ip, \
         \"user\".id AS user_id, \"user\".name AS user_name, json_extract_string(note, '$') AS note \
         FROM read_json('{}/*.jsonl.gz', format = 'newline_delimited', columns = {{timestamp: 'VARCHAR', \
         level: 'VARCHAR', service: 'VARCHAR', message: 'VARCHAR', n: 'BIGINT', status: 'BIGINT', ms: 'DOUBLE', \
         id: 'VARCHAR', ip: 'VARCHAR', \"user\": 'STRUCT(id BIGINT, name VARCHAR)', note: 'JSON'}})",
        folder.display()
    )
}

fn ask(folder: &Path, text: &str) -> Result<Table, String> {
    let context = Context { now_ns: data::START_NS, ..Context::default() };
    let statement = Statement::parse(text, &context).map_err(|error| error.render(text))?;
    let directory = open(folder, StoreOptions::reader())?;
    let files = LogFile::of_directory(&directory).map_err(|error| error.to_string())?;
    let engine = Engine::new(Arc::new(LinuxPlatform));
    let mut table = Vec::new();
    engine
        .answer(&files, &statement, &Limits::default(), &Budget::default(), &mut |row| {
            let texts = row.fields().into_iter().map(|field| number(&field.value.text()));
            table.push(texts.collect());
            Ok(Flow::Continue)
        })
        .map_err(|error| format!("{text}: {error}"))?;
    Ok(table)
}

fn their_rows(duckdb: &mut DuckDb, pair: &Pair, view: &str) -> Result<Table, String> {
    let (rows, _) =
        duckdb.rows(&pair.sql, view).map_err(|error| format!("{}: {error}", pair.sql))?;
    let text = |value: Option<String>| number(&value.unwrap_or_default());
    Ok(rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect())
}

/// Numbers in one form, so that `1.0` and `1` sort and compare alike.
fn number(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && text.len() < 20 => {
            let rounded = format!("{number:.6}");
            rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => text.to_owned(),
    }
}

fn are_same(ours: &Table, theirs: &Table) -> bool {
    let is_close = |one: &str, other: &str| match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1.0),
        _ => one == other,
    };
    ours.len() == theirs.len()
        && ours.iter().zip(theirs).all(|(one, other)| {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_close(one, other))
        })
}

fn tell(pair: &Pair, ours: &Table, theirs: &Table) {
    let place = ours.iter().zip(theirs).position(|(one, other)| one != other);
    let place = place.unwrap_or(ours.len().min(theirs.len()));
    say(&serde_json::json!({
        "bench": "conformance", "logsql": pair.logsql, "sql": pair.sql, "ours": ours.len(), "theirs": theirs.len(),
        "our_row": ours.get(place), "their_row": theirs.get(place),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_enough_questions_and_all_can_be_read() {
        let all = queries::all();
        assert!(all.len() >= 200, "{}", all.len());
        for pair in &all {
            let read = Statement::parse(&pair.logsql, &Context::default());
            assert!(read.is_ok(), "{}", pair.logsql);
        }
    }

    #[test]
    fn numbers_have_one_form() {
        assert_eq!(
            ["1.0", "1", "1.50", "-3", "x", "", "1e3"].map(number),
            ["1", "1", "1.5", "-3", "x", "", "1000"]
        );
    }
}
