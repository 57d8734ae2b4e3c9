//! Records as they are printed, one file for each format.
//!
//! Takes lines of the log, gives bytes for the standard output. Nothing that a record holds can
//! do more to a terminal than appear on it: readable formats spell control characters out, JSON
//! formats escape them, which changes no value.

mod columns;
mod csv;
mod pretty;
mod raw;
mod record;
mod table;
mod time;

use std::io::{self, Write};

use crate::args::{Format, ReportFormat, RowFormat, ShowArguments};
use crate::exit::Failure;
use crate::terminal::Paint;

pub(crate) use logloom_query::show::{bytes, counted, grouped, json_text};
pub(crate) use pretty::told_exception;
pub(crate) use record::{Shown, level, value_text};
pub(crate) use time::{Clock, Stamp};

use columns::Columns;
use csv::Csv;
use logloom_query::show::{Array, push_line};
use pretty::Pretty;
use table::Table;

/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 64 << 10;

enum Style {
    Pretty(Pretty),
    Table(Table),
    /// Rows that are no records.
    Columns(Columns),
    Json(Array),
    Jsonl,
    Csv(Csv),
    Raw,
}

/// Prints records to the standard output.
pub(crate) struct Printer {
    style: Style,
    buffer: Vec<u8>,
}

impl Printer {
    /// A printer in the format that was asked for, whose times have this stamp.
    pub(crate) fn new(show: &ShowArguments, stamp: Stamp) -> Self {
        let format = match show.format() {
            Format::Pretty => RowFormat::Pretty,
            Format::Table => RowFormat::Table,
            Format::Json => RowFormat::Json,
            Format::Jsonl => RowFormat::Jsonl,
        };
        Self::of_rows(format, Clock::new(show.utc, stamp), true)
    }

    /// A printer of rows; those that are no records have columns of their own in readable formats.
    pub(crate) fn of_rows(format: RowFormat, clock: Clock, are_records: bool) -> Self {
        let paint = Paint::of_stdout();
        let style = match format {
            RowFormat::Pretty | RowFormat::Table if !are_records => {
                Style::Columns(Columns::new(clock, paint))
            }
            RowFormat::Pretty => Style::Pretty(Pretty::new(clock, paint)),
            RowFormat::Table => Style::Table(Table::new(clock, paint)),
            RowFormat::Json => Style::Json(Array::default()),
            RowFormat::Jsonl => Style::Jsonl,
            RowFormat::Csv => Style::Csv(Csv::default()),
            RowFormat::Raw => Style::Raw,
        };
        Self { style, buffer: Vec::with_capacity(BUFFER_BYTES) }
    }

    /// Names columns that are there even if no row has them, where columns are data.
    pub(crate) fn name_columns(&mut self, names: Vec<String>) {
        if let Style::Csv(csv) = &mut self.style {
            csv.name_columns(names);
        }
    }

    /// Whether records are shown to somebody who reads, and not handed on as data.
    pub(crate) fn is_for_reading(&self) -> bool {
        matches!(self.style, Style::Pretty(_) | Style::Table(_))
    }

    /// Cuts readable records at so many columns, one row each.
    pub(crate) fn clip(&mut self, columns: usize) {
        match &mut self.style {
            Style::Pretty(pretty) => pretty.clip(columns),
            Style::Table(table) => table.clip(columns),
            _ => {}
        }
    }

    /// Prints one line of the log; what is gathered is written when it is much.
    pub(crate) fn row(&mut self, line: &[u8]) -> Result<(), Failure> {
        let out = &mut self.buffer;
        match &mut self.style {
            Style::Pretty(pretty) => pretty.row(line, out),
            Style::Table(table) => table.row(line, out),
            Style::Columns(columns) => columns.row(line, out),
            Style::Csv(csv) => csv.row(line, out),
            Style::Raw => raw::push(line, out),
            Style::Json(array) => array.row(line, out),
            Style::Jsonl => {
                push_line(line, out);
                out.push(b'\n');
            }
        }
        if self.buffer.len() >= BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    /// Prints text of the command's own.
    pub(crate) fn text(&mut self, text: &str) {
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// Prints what belongs at the end and writes everything.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        self.end_of_page();
        if let Style::Json(array) = &mut self.style {
            array.finish(&mut self.buffer);
        }
        if let Style::Csv(csv) = &self.style {
            csv.tell_lost();
        }
        self.flush()
    }

    /// Prints the rows that wait for others to be aligned with.
    pub(crate) fn end_of_page(&mut self) {
        match &mut self.style {
            Style::Table(table) => table.flush(&mut self.buffer),
            Style::Columns(columns) => columns.flush(&mut self.buffer),
            Style::Csv(csv) => csv.flush(&mut self.buffer),
            _ => {}
        }
    }

    /// Writes what was gathered.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let written = write_all(&self.buffer);
        self.buffer.clear();
        written
    }
}

/// Prints a report: its objects as JSON, or its readable form.
pub(crate) fn report(
    format: ReportFormat,
    objects: impl Iterator<Item = String>,
    readable: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let text = match format {
        ReportFormat::Pretty => readable(),
        ReportFormat::Json => {
            format!("[\n{}\n]\n", objects.collect::<Vec<_>>().join(",\n"))
        }
        ReportFormat::Jsonl => objects.map(|object| object + "\n").collect(),
    };
    write_all(text.as_bytes())
}

/// Writes bytes to the standard output at once.
pub(crate) fn write_all(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    written.map_err(|error| Failure::output(&error))
}
