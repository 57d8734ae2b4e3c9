//! Rows that are no records, such as those of `stats`, with a column for each field.
//!
//! The first rows are held back to find names and widths; later ones keep them, and their further
//! fields follow as `name=value`. Numbers stand at the right. On a terminal rows are cut to fit.

use std::io::{self, IsTerminal};

use logloom_query::Key;
use logloom_query::pipes::Row;
use logloom_record::time::parse_timestamp;

use super::csv::names;
use super::time::Clock;
use crate::terminal::{self, Paint, clipped, columns, padded, safe_line};

/// Rows that are held back.
const SAMPLE_ROWS: usize = 500;

/// The widest that a column is made.
const WIDTH_MAX: usize = 60;

pub(super) struct Columns {
    clock: Clock,
    paint: Paint,
    waiting: Vec<Vec<u8>>,
    layout: Option<Vec<Column>>,
}

struct Column {
    name: String,
    width: usize,
    is_number: bool,
}

impl Columns {
    pub(super) fn new(clock: Clock, paint: Paint) -> Self {
        Self { clock, paint, waiting: Vec::new(), layout: None }
    }

    pub(super) fn row(&mut self, line: &[u8], out: &mut Vec<u8>) {
        match &self.layout {
            Some(layout) => push(&self.clock, layout, line, out),
            None => {
                self.waiting.push(line.to_vec());
                if self.waiting.len() >= SAMPLE_ROWS {
                    self.flush(out);
                }
            }
        }
    }

    /// Writes the rows that were held back.
    pub(super) fn flush(&mut self, out: &mut Vec<u8>) {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return;
        }
        let is_begun = self.layout.is_some();
        let clock = &self.clock;
        let layout = self.layout.get_or_insert_with(|| layout(clock, &waiting));
        if !is_begun {
            let heads = layout.iter().map(|column| (column, safe_line(&column.name).into_owned()));
            let head = joined(heads);
            out.extend_from_slice(
                format!("{}{head}{}\n", self.paint.bold(), self.paint.off()).as_bytes(),
            );
        }
        waiting.iter().for_each(|line| push(clock, layout, line, out));
    }
}

/// The value of a column as it is shown; times of the log in the zone of the reader.
fn cell(clock: &Clock, row: &Row<'_>, name: &str) -> String {
    let text = row.text(name);
    match parse_timestamp(&text).filter(|_| name == "timestamp") {
        Some(time) => clock.show(time),
        None => safe_line(&text).into_owned(),
    }
}

fn layout(clock: &Clock, lines: &[Vec<u8>]) -> Vec<Column> {
    let of_name = |name: String| {
        let mut width = columns(&safe_line(&name));
        let mut is_number = true;
        for line in lines {
            let text = cell(clock, &Row::of_line(line, Key::default()), &name);
            width = width.max(columns(&text));
            is_number &= text.is_empty() || text.parse::<f64>().is_ok();
        }
        Column { name, width: width.min(WIDTH_MAX), is_number }
    };
    names(lines).into_iter().map(of_name).collect()
}

fn push(clock: &Clock, layout: &[Column], line: &[u8], out: &mut Vec<u8>) {
    let row = Row::of_line(line, Key::default());
    let mut text = joined(layout.iter().map(|column| (column, cell(clock, &row, &column.name))));
    for leaf in row.leaves() {
        if !layout.iter().any(|column| column.name == leaf.name) {
            let (name, value) = (safe_line(&leaf.name).into_owned(), leaf.value.text());
            text += &format!("  {name}={}", safe_line(&value));
        }
    }
    let text = match io::stdout().is_terminal() {
        true => clipped(&text, terminal::width()),
        false => text,
    };
    out.extend_from_slice(text.trim_end().as_bytes());
    out.push(b'\n');
}

fn joined<'c>(cells: impl Iterator<Item = (&'c Column, String)>) -> String {
    let cells: Vec<String> = cells
        .map(|(column, text)| match column.is_number {
            true => format!("{}{text}", " ".repeat(column.width.saturating_sub(columns(&text)))),
            false => padded(&text, column.width),
        })
        .collect();
    cells.join("  ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::output::Stamp;

    #[test]
    fn columns_are_those_of_the_rows() {
        let clock = Clock::new(true, Stamp::Date);
        let mut table = Columns::new(clock, Paint::new(false));
        let mut out = Vec::new();
        for line in [
            r#"{"timestamp":"2026-11-21T10:00:00Z","service":"a","n":7}"#,
            r#"{"timestamp":"2026-11-21T11:00:00Z","service":"longer\u001b","n":123}"#,
        ] {
            table.row(line.as_bytes(), &mut out);
        }
        table.flush(&mut out);
        table.row(br#"{"n":1,"later":"x"}"#, &mut out);
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "timestamp                 service         n");
        assert_eq!(lines[1], "2026-11-21 10:00:00.000Z  a               7");
        assert_eq!(lines[2], "2026-11-21 11:00:00.000Z  longer\\u{1b}  123");
        assert!(lines[3].ends_with("  1  later=x"), "{}", lines[3]);
    }
}
