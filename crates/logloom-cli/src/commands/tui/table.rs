//! Rows that are no records, such as those of `stats`, as columns under a heading.

use jiff::tz::TimeZone;
use logloom_query::Key;
use logloom_query::pipes::Row;
use logloom_record::time::parse_timestamp;

use super::entry::{Entry, Place};
use crate::output::{Clock, Stamp};
use crate::terminal::{columns, padded, safe_line, shortened};

/// The widest that a column is made.
const WIDTH_MAX: usize = 60;

/// Most columns; further fields are in the detail pane.
const COLUMNS_MAX: usize = 40;

struct Column {
    name: String,
    width: usize,
    is_number: bool,
}

/// The rows, aligned, and their heading.
pub(super) fn entries(lines: &[Vec<u8>], zone: &TimeZone) -> (Vec<Entry>, Option<String>) {
    let clock = Clock::in_zone(zone.clone(), false, Stamp::Date);
    let layout = layout(lines, &clock);
    let heading = layout.iter().map(|column| aligned(column, &safe_line(&column.name)));
    let heading = heading.collect::<Vec<_>>().join("  ");
    let entry = |(index, line): (usize, &Vec<u8>)| {
        let row = Row::of_line(line, Key::default());
        let cells = layout.iter().map(|column| aligned(column, &cell(&row, &column.name, &clock)));
        Entry::answer(Place::of_answer(index), cells.collect::<Vec<_>>().join("  "), line)
    };
    (lines.iter().enumerate().map(entry).collect(), Some(heading))
}

fn layout(lines: &[Vec<u8>], clock: &Clock) -> Vec<Column> {
    let mut layout: Vec<Column> = Vec::new();
    for line in lines {
        let row = Row::of_line(line, Key::default());
        for leaf in row.leaves() {
            let is_known = layout.iter().any(|column| column.name == leaf.name);
            if !is_known && layout.len() < COLUMNS_MAX {
                let width = columns(&safe_line(&leaf.name)).min(WIDTH_MAX);
                layout.push(Column { name: leaf.name.into_owned(), width, is_number: true });
            }
        }
        for column in &mut layout {
            let text = cell(&row, &column.name, clock);
            column.width = column.width.max(columns(&text).min(WIDTH_MAX));
            column.is_number &= text.is_empty() || text.parse::<f64>().is_ok();
        }
    }
    layout
}

fn cell(row: &Row<'_>, name: &str, clock: &Clock) -> String {
    let text = row.text(name);
    match parse_timestamp(&text).filter(|_| name == "timestamp") {
        Some(time) => clock.show(time),
        None => safe_line(&text).into_owned(),
    }
}

fn aligned(column: &Column, text: &str) -> String {
    let text = shortened(text, column.width);
    match column.is_number {
        true => format!("{}{text}", " ".repeat(column.width.saturating_sub(columns(&text)))),
        false => padded(&text, column.width),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_at_the_right() {
        let lines = [r#"{"service":"shop","n":7}"#, r#"{"service":"a\u001b","n":123,"x":"y"}"#];
        let lines: Vec<Vec<u8>> = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
        let (rows, heading) = entries(&lines, &TimeZone::UTC);
        assert_eq!(heading.as_deref(), Some("service    n  x"));
        let texts: Vec<&str> = rows.iter().map(|row| &*row.message).collect();
        assert_eq!(texts, ["shop       7   ", "a\\u{1b}  123  y"]);
    }
}
