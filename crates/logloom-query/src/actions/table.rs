//! Actions as a table: time, type, tool, status and what the action says.
//!
//! Takes rows one after the other, gives text. The first rows are held back to find the widths; on
//! a terminal the last column is cut to fit first, then the others. Every cell is one line, and
//! nothing in it is obeyed by a terminal. Wide characters count as two columns.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::lang::Lang;
use super::screen::Screen;
use crate::show::{columns, padded, safe_line, shortened};

/// Rows that are held back to find the widths.
const SAMPLE_ROWS: usize = 500;

/// Columns of the message where there is no terminal to fit.
const MESSAGE_COLUMNS: usize = 120;

/// The least that a column is cut to before the next one gives room.
const LEAST: [usize; 5] = [5, 6, 4, 4, 10];

/// In which order columns give room.
const GIVES: [usize; 5] = [4, 2, 1, 3, 0];

const MESSAGE: usize = 4;
const STATUS: usize = 3;

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) time_ns: i64,
    pub(crate) action_type: String,
    pub(crate) tool: String,
    pub(crate) status: String,
    pub(crate) message: String,
    pub(crate) is_error: bool,
}

pub(crate) struct Table {
    screen: Screen,
    lang: Lang,
    clock: RowClock,
    waiting: Vec<([String; 5], bool)>,
    widths: Option<[usize; 5]>,
}

/// How times are shown.
#[derive(Clone, Debug)]
pub(crate) struct RowClock {
    pub(crate) zone: TimeZone,
    /// The rows are of one day, so that the time of the day says all.
    pub(crate) is_one_day: bool,
    /// The heading says that times are in UTC.
    pub(crate) says_utc: bool,
}

impl RowClock {
    pub(crate) fn show(&self, time_ns: i64) -> String {
        let Ok(moment) = Timestamp::from_nanosecond(i128::from(time_ns)) else {
            return "-".to_owned();
        };
        let format = if self.is_one_day { "%H:%M:%S%.3f" } else { "%Y-%m-%d %H:%M:%S%.3f" };
        moment.to_zoned(self.zone.clone()).strftime(format).to_string()
    }
}

impl Table {
    pub(crate) fn new(screen: Screen, lang: Lang, clock: RowClock) -> Self {
        Self { screen, lang, clock, waiting: Vec::new(), widths: None }
    }

    /// Takes a row; appends what is ready to be shown.
    pub(crate) fn row(&mut self, row: &Row, out: &mut String) {
        let text = |text: &str| safe_line(text).into_owned();
        let cells = [
            self.clock.show(row.time_ns),
            text(&row.action_type),
            text(&row.tool),
            text(&row.status),
            text(&row.message),
        ];
        match self.widths {
            Some(widths) => self.push(&cells, row.is_error, widths, out),
            None => {
                self.waiting.push((cells, row.is_error));
                if self.waiting.len() >= SAMPLE_ROWS {
                    self.begin(out);
                }
            }
        }
    }

    /// Appends what is left, and the end of the table.
    pub(crate) fn finish(mut self, out: &mut String) {
        if self.widths.is_none() {
            self.begin(out);
        }
        if let Some(widths) = self.widths {
            rule(widths, ['└', '─', '┴', '┘'], out);
        }
    }

    fn begin(&mut self, out: &mut String) {
        let headings = headings(self.lang, self.clock.says_utc);
        let widths = fitted(natural(&headings, &self.waiting), self.screen.columns);
        self.widths = Some(widths);
        rule(widths, ['┏', '━', '┳', '┓'], out);
        let (bold, off) = (self.screen.bold(), self.screen.off());
        for (heading, width) in headings.iter().zip(widths) {
            out.push_str(&format!("┃ {bold}{}{off} ", padded(&shortened(heading, width), width)));
        }
        out.push_str("┃\n");
        rule(widths, ['┡', '━', '╇', '┩'], out);
        for (cells, is_error) in std::mem::take(&mut self.waiting) {
            self.push(&cells, is_error, widths, out);
        }
    }

    fn push(&self, cells: &[String; 5], is_error: bool, widths: [usize; 5], out: &mut String) {
        for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let shown = padded(&shortened(cell, width), width);
            let colour = match column {
                0 => self.screen.dim(),
                STATUS => self.screen.state(&cells[STATUS], is_error),
                1 if is_error => self.screen.state("", true),
                _ => "",
            };
            let off = if colour.is_empty() { "" } else { self.screen.off() };
            out.push_str(&format!("│ {colour}{shown}{off} "));
        }
        out.push_str("│\n");
    }
}

fn headings(lang: Lang, says_utc: bool) -> [&'static str; 5] {
    match lang {
        Lang::English => {
            let time = if says_utc { "Timestamp (UTC)" } else { "Timestamp" };
            [time, "Action Type", "Tool", "Status", "Message"]
        }
        Lang::Chinese => {
            let time = if says_utc { "时间 (UTC)" } else { "时间" };
            [time, "行动类型", "工具", "状态", "消息"]
        }
    }
}

/// A line across the table: its left end, what it is made of, its crossings, its right end.
fn rule(widths: [usize; 5], [left, line, cross, right]: [char; 4], out: &mut String) {
    out.push(left);
    for (column, width) in widths.into_iter().enumerate() {
        if column > 0 {
            out.push(cross);
        }
        out.extend(std::iter::repeat_n(line, width + 2));
    }
    out.push(right);
    out.push('\n');
}

/// The widths at which nothing is cut.
fn natural(headings: &[&str; 5], rows: &[([String; 5], bool)]) -> [usize; 5] {
    std::array::from_fn(|column| {
        let longest = rows.iter().map(|(cells, _)| columns(&cells[column])).max().unwrap_or(0);
        longest.max(columns(headings[column]))
    })
}

/// The widths in a terminal of so many columns.
fn fitted(mut widths: [usize; 5], terminal: Option<usize>) -> [usize; 5] {
    let Some(terminal) = terminal else {
        widths[MESSAGE] = widths[MESSAGE].min(MESSAGE_COLUMNS);
        return widths;
    };
    // A border and two spaces a column, and the last border.
    let room = terminal.saturating_sub(3 * widths.len() + 1);
    for least in [LEAST, [1; 5]] {
        for column in GIVES {
            let excess = widths.iter().sum::<usize>().saturating_sub(room);
            let floor = least[column].min(widths[column]);
            widths[column] = widths[column].saturating_sub(excess).max(floor);
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(action_type: &str, tool: &str, message: &str) -> Row {
        Row {
            time_ns: 1_763_735_535_123_456_000,
            action_type: action_type.to_owned(),
            tool: tool.to_owned(),
            status: "error".to_owned(),
            message: message.to_owned(),
            is_error: true,
        }
    }

    fn table(columns: Option<usize>, lang: Lang, rows: &[Row]) -> String {
        let clock = RowClock { zone: TimeZone::UTC, is_one_day: true, says_utc: false };
        let mut table = Table::new(Screen { columns, colours: false }, lang, clock);
        let mut out = String::new();
        rows.iter().for_each(|row| table.row(row, &mut out));
        table.finish(&mut out);
        out
    }

    #[test]
    fn the_form_is_that_of_the_document() {
        let text = table(None, Lang::English, &[row("tool_error", "bash", "Command not found")]);
        assert_eq!(
            text,
            "\
┏━━━━━━━━━━━━━━┳━━━━━━━━━━━━━┳━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┓
┃ Timestamp    ┃ Action Type ┃ Tool ┃ Status ┃ Message           ┃
┡━━━━━━━━━━━━━━╇━━━━━━━━━━━━━╇━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━━━━━━┩
│ 14:32:15.123 │ tool_error  │ bash │ error  │ Command not found │
└──────────────┴─────────────┴──────┴────────┴───────────────────┘
"
        );
    }

    #[test]
    fn rows_fit_the_terminal_whatever_they_hold() {
        let wide = "帮我实现一个登录功能".repeat(9);
        let rows = [row("agent_state_change", "mcp__files__read", &wide), row("x", "", "a\tb\n")];
        for lang in [Lang::English, Lang::Chinese] {
            for terminal in 21..200 {
                let text = table(Some(terminal), lang, &rows);
                let widths: Vec<usize> = text.lines().map(columns).collect();
                assert!(widths.iter().all(|width| *width == widths[0]), "{terminal}\n{text}");
                assert!(widths[0] <= terminal, "{terminal}\n{text}");
                assert_eq!(widths.len(), 6);
            }
        }
        let text = table(Some(100), Lang::Chinese, &rows);
        assert!(text.contains("登录") && text.contains('…') && text.contains(r"a\tb\n"), "{text}");
        assert!(text.contains("行动类型"), "{text}");
    }

    #[test]
    fn later_rows_keep_the_widths_of_the_first() {
        let rows: Vec<Row> =
            (0..SAMPLE_ROWS + 3).map(|n| row("tool_call", "t", &"x".repeat(n % 40))).collect();
        let text = table(Some(80), Lang::English, &rows);
        assert_eq!(text.lines().count(), rows.len() + 4);
        assert!(
            text.lines().all(|line| columns(line) == columns(text.lines().next().unwrap_or("")))
        );
    }
}
