//! Records as columns. The first rows are held back to find the widths; on a terminal each record
//! takes one line and is cut to fit.

use std::io::{self, IsTerminal};

use super::record::{Shown, value_text};
use super::time::Clock;
use crate::terminal::{self, Paint, columns, padded, safe_line, shortened};

/// Rows that are held back to find the widths.
const SAMPLE_ROWS: usize = 500;

const HEADINGS: [&str; 6] = ["TIME", "LEVEL", "SERVICE", "MODULE", "MESSAGE", "FIELDS"];

/// The widest that a column may be on a terminal; the last one takes what is left.
const WIDTHS_MAX: [usize; 5] = [24, 5, 20, 28, 60];

type Row = [String; 6];

pub(super) struct Table {
    clock: Clock,
    paint: Paint,
    /// Columns of the terminal; without one nothing is cut.
    columns: Option<usize>,
    waiting: Vec<Row>,
    widths: Option<[usize; 5]>,
}

impl Table {
    pub(super) fn new(clock: Clock, paint: Paint) -> Self {
        let columns = io::stdout().is_terminal().then(terminal::width);
        Self { clock, paint, columns, waiting: Vec::new(), widths: None }
    }

    pub(super) fn row(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let row = self.cells(line);
        match self.widths {
            Some(widths) => self.push(&row, &widths, out),
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
        let headings = HEADINGS.map(str::to_owned);
        out.extend_from_slice(self.paint.bold().as_bytes());
        push_cells(&headings, &widths, out);
        out.extend_from_slice(self.paint.off().as_bytes());
        out.push(b'\n');
        for row in &waiting {
            self.push(row, &widths, out);
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
            shown.time_ns.map(|time| self.clock.show(time)).unwrap_or_default(),
            text(&shown.level),
            text(&shown.service),
            text(&shown.module),
            text(&shown.message),
            fields.join(" "),
        ]
    }

    fn push(&self, row: &Row, widths: &[usize; 5], out: &mut Vec<u8>) {
        let mut row = row.clone();
        if let Some(columns) = self.columns {
            let used: usize = widths.iter().map(|width| width + 2).sum();
            let limits = widths.iter().copied().chain([columns.saturating_sub(used).max(1)]);
            for (cell, limit) in row.iter_mut().zip(limits) {
                *cell = shortened(cell, limit).into_owned();
            }
        }
        let start = out.len();
        push_cells(&row, widths, out);
        let colour = self.paint.level(&row[1]);
        if !colour.is_empty() {
            let line = String::from_utf8_lossy(&out[start..]);
            let coloured = format!("{colour}{}{}", row[1], self.paint.off());
            let line = line.replacen(&row[1], &coloured, 1);
            out.truncate(start);
            out.extend_from_slice(line.as_bytes());
        }
        out.push(b'\n');
    }
}

fn widths(rows: &[Row]) -> [usize; 5] {
    std::array::from_fn(|column| {
        let longest = rows.iter().map(|row| columns(&row[column])).max().unwrap_or(0);
        longest.clamp(HEADINGS[column].len(), WIDTHS_MAX[column])
    })
}

fn push_cells(row: &Row, widths: &[usize; 5], out: &mut Vec<u8>) {
    let mut text = String::new();
    for (cell, width) in row.iter().zip(widths.iter().copied().chain([0])) {
        text.push_str(&padded(cell, width));
        text.push_str("  ");
    }
    out.extend_from_slice(text.trim_end().as_bytes());
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
}
