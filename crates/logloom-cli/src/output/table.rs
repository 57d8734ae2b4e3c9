//! Records as columns. The first rows are held back to find the widths; on a terminal the headings
//! and each record take one row and are cut to fit: the message gives room first, then the module,
//! then the fields go, then the service gives room.

use std::io::{self, IsTerminal};

use super::record::{Shown, value_text};
use super::time::Clock;
use crate::terminal::{self, Paint, columns, padded, safe_line, shortened};

/// Rows that are held back to find the widths.
const SAMPLE_ROWS: usize = 500;

const HEADINGS: [&str; 6] = ["TIME", "LEVEL", "SERVICE", "MODULE", "MESSAGE", "FIELDS"];

/// The widest that a column may be; the last one takes what is left.
const WIDTHS_MAX: [usize; 5] = [24, 5, 20, 28, 60];

/// Between two columns.
const GAP: usize = 2;

/// Fields that have less room than this are not worth it.
const FIELDS_MIN: usize = 8;

/// The message gives no more room to the fields than this leaves it.
const MESSAGE_MIN: usize = 20;

const SERVICE: usize = 2;
const MODULE: usize = 3;
const MESSAGE: usize = 4;
const FIELDS: usize = 5;

type Row = [String; 6];

/// The columns of each cell; the last one is `None` where it is not cut, and 0 where it is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    widths: [usize; 5],
    fields: Option<usize>,
}

pub(super) struct Table {
    clock: Clock,
    paint: Paint,
    /// Columns of the terminal; without one nothing is cut.
    columns: Option<usize>,
    waiting: Vec<Row>,
    widths: Option<[usize; 5]>,
    /// What is shown of each column on a terminal as wide as it was last.
    layout: Option<Layout>,
}

impl Table {
    pub(super) fn new(clock: Clock, paint: Paint) -> Self {
        let columns = io::stdout().is_terminal().then(terminal::width);
        Self { clock, paint, columns, waiting: Vec::new(), widths: None, layout: None }
    }

    /// The terminal has so many columns from now on.
    pub(super) fn clip(&mut self, columns: usize) {
        if self.columns != Some(columns) {
            self.columns = Some(columns);
            self.layout = self.widths.map(|widths| layout(widths, self.columns));
        }
    }

    pub(super) fn row(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let row = self.cells(line);
        match self.layout {
            Some(layout) => self.push(&row, &layout, out),
            None => {
                self.waiting.push(row);
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
        let widths = *self.widths.get_or_insert_with(|| widths(&waiting));
        let layout = *self.layout.get_or_insert_with(|| layout(widths, self.columns));
        out.extend_from_slice(self.paint.bold().as_bytes());
        out.extend_from_slice(layout.text(&HEADINGS.map(str::to_owned)).as_bytes());
        out.extend_from_slice(self.paint.off().as_bytes());
        out.push(b'\n');
        for row in &waiting {
            self.push(row, &layout, out);
        }
    }

    fn cells(&self, line: &[u8]) -> Row {
        let Some(shown) = Shown::of(line) else {
            let mut row = Row::default();
            row[4] = format!("damaged line: {}", safe_line(&String::from_utf8_lossy(line)));
            return row;
        };
        let mut fields: Vec<String> = Vec::new();
        for (key, value) in &shown.fields {
            fields.push(format!("{}={}", safe_line(key), value_text(value)));
        }
        for (key, value) in &shown.below {
            let key = if key.is_empty() { "exception".into() } else { safe_line(key) };
            fields.push(format!("{key}={}", value_text(value)));
        }
        let text = |text: &str| safe_line(text).into_owned();
        [
            shown.time(&self.clock).unwrap_or_default(),
            text(&shown.level),
            text(&shown.service),
            text(&shown.module),
            text(&shown.message),
            fields.join(" "),
        ]
    }

    fn push(&self, row: &Row, layout: &Layout, out: &mut Vec<u8>) {
        let line = layout.text(row);
        let colour = self.paint.level(&row[1]);
        // In a narrow row the level may be cut, and stays without its colour.
        let line = match colour {
            "" => line,
            _ => line.replacen(&row[1], &format!("{colour}{}{}", row[1], self.paint.off()), 1),
        };
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
    }
}

impl Layout {
    /// A row as it is shown.
    fn text(&self, row: &Row) -> String {
        let mut text = String::new();
        for (cell, width) in row[..FIELDS].iter().zip(self.widths) {
            match self.fields {
                // Nothing is cut.
                None => text.push_str(&padded(cell, width)),
                Some(_) if width == 0 => continue,
                Some(_) => text.push_str(&padded(&shortened(cell, width), width)),
            }
            text.push_str("  ");
        }
        match self.fields {
            None => text.push_str(&row[FIELDS]),
            Some(0) => {}
            Some(width) => text.push_str(&shortened(&row[FIELDS], width)),
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// How the columns share a terminal of this many; without one nothing is cut.
fn layout(mut widths: [usize; 5], terminal: Option<usize>) -> Layout {
    let Some(terminal) = terminal else { return Layout { widths, fields: None } };
    let taken = |widths: &[usize; 5]| {
        let shown = widths.iter().filter(|width| **width > 0);
        shown.map(|width| width + GAP).sum::<usize>()
    };
    let shrink = |widths: &mut [usize; 5], column: usize, least: usize, wanted: usize| {
        let excess = taken(widths).saturating_sub(wanted);
        widths[column] = widths[column].saturating_sub(excess).max(least.min(widths[column]));
    };
    let with_fields = terminal.saturating_sub(FIELDS_MIN);
    let mut shared = widths;
    shrink(&mut shared, MESSAGE, MESSAGE_MIN, with_fields);
    shrink(&mut shared, MODULE, HEADINGS[MODULE].len(), with_fields);
    if taken(&shared) <= with_fields {
        return Layout { widths: shared, fields: Some(terminal - taken(&shared)) };
    }
    // Behind the last column there is no gap.
    let alone = terminal + GAP;
    shrink(&mut widths, MESSAGE, MESSAGE_MIN, alone);
    for column in [MODULE, SERVICE, MESSAGE] {
        shrink(&mut widths, column, HEADINGS[column].len(), alone);
    }
    // Still too wide: what stands last goes first.
    for column in (0..widths.len()).rev() {
        shrink(&mut widths, column, 0, alone);
    }
    Layout { widths, fields: Some(0) }
}

fn widths(rows: &[Row]) -> [usize; 5] {
    std::array::from_fn(|column| {
        let longest = rows.iter().map(|row| columns(&row[column])).max().unwrap_or(0);
        longest.clamp(HEADINGS[column].len(), WIDTHS_MAX[column])
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::output::Stamp;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(Clock::new(true, Stamp::Date), Paint::new(false));
        table.columns = None;
        let mut out = Vec::new();
        for line in [
            r#"{"timestamp":"2026-11-21T10:00:00Z","level":"INFO","service":"a","message":"m","k":1}"#,
            r#"{"timestamp":"2026-11-21T10:00:00Z","level":"ERROR","service":"longer","module":"x","message":"two\nlines"}"#,
            "damaged",
        ] {
            table.row(line.as_bytes(), &mut out);
        }
        assert!(out.is_empty());
        table.flush(&mut out);
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "TIME                      LEVEL  SERVICE  MODULE  MESSAGE                FIELDS"
        );
        assert_eq!(
            lines[1],
            "2026-11-21 10:00:00.000Z  INFO   a                m                      k=1"
        );
        assert_eq!(lines[2], "2026-11-21 10:00:00.000Z  ERROR  longer   x       two\\nlines");
        assert!(lines[3].ends_with("damaged line: damaged"), "{}", lines[3]);
    }

    /// Rows as a terminal of this many columns shows them.
    fn at(terminal: usize, lines: &[&str]) -> Vec<String> {
        let mut table = Table::new(Clock::new(true, Stamp::Date), Paint::new(false));
        table.clip(terminal);
        let mut out = Vec::new();
        lines.iter().for_each(|line| table.row(line.as_bytes(), &mut out));
        table.flush(&mut out);
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn rows_and_headings_fit_the_terminal() {
        let message = "\u{8ba2}\u{5355}\u{5904}\u{7406}\u{5931}\u{8d25}".repeat(8);
        let long = format!(
            r#"{{"timestamp":"2026-11-21T10:00:00Z","level":"ERROR","service":"checkout-service","module":"shop.payments.gateway","message":"{message}","order":17,"customer":"{message}"}}"#
        );
        let short = r#"{"timestamp":"2026-11-21T10:00:00Z","level":"INFO","message":"m","k":1}"#;
        for terminal in 1..=200 {
            let rows = at(terminal, &[&long, short, "damaged"]);
            assert_eq!(rows.len(), 4);
            let is_narrow = |row: &String| columns(row) <= terminal;
            assert!(rows.iter().all(is_narrow), "{terminal}: {rows:#?}");
        }
        for terminal in [60, 80, 100, 120] {
            let rows = at(terminal, &[&long, short]);
            assert!(rows[0].contains("MESSAGE") && rows[1].contains('\u{8ba2}'), "{rows:#?}");
            let message = rows[0].find("MESSAGE").unwrap();
            let before: String = rows[1].chars().take_while(|c| *c != '\u{8ba2}').collect();
            assert_eq!(columns(&before), message, "{terminal}: {rows:#?}");
            assert_eq!(rows[0].contains("FIELDS"), terminal >= 100, "{terminal}: {rows:#?}");
        }
        assert!(at(120, &[&long])[1].contains("order=1"));
    }

    #[test]
    fn what_is_short_keeps_its_fields_in_a_narrow_terminal() {
        let rows = at(
            80,
            &[
                r#"{"timestamp":"2026-11-21T10:00:00Z","level":"INFO","service":"a","message":"m","k":1}"#,
            ],
        );
        assert!(rows[1].ends_with("m        k=1"), "{rows:#?}");
    }
}
