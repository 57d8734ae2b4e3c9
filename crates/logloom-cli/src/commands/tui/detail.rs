//! The chosen record as a whole: its message, then each field, wrapped; errors with their frames.
//!
//! A field can be chosen, to be put into the filter with its value. Values beyond a limit are cut and
//! marked, so that no record takes the screen's time.

use logloom_filter::LineView;
use logloom_query::Key;
use logloom_query::pipes::Row;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyCode;
use ratatui::layout::Rect;

use super::app::{App, Effect, Focus};
use super::draw::{Pen, framed};
use super::entry::Place;
use super::reader::{Ask, Cancel};
use super::terms::{Sense, value_of};
use super::wrap::wrapped;
use crate::output::{Shown, bytes, told_exception};
use crate::terminal::{columns, padded, safe_line, safe_text, shortened};

/// Bytes of a value that are shown.
const VALUE_BYTES_MAX: usize = 64 << 10;

/// Rows of a record that are shown.
const ROWS_MAX: usize = 5_000;

/// The widest that the column of names is made.
const NAMES_WIDTH_MAX: usize = 24;

/// What a row of the pane is, which gives its style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Message,
    Value,
    /// The frames of an error.
    Frame,
    Error,
}

/// A row of the pane.
#[derive(Clone, Debug)]
struct Line {
    name: String,
    text: String,
    style: Style,
    /// The field that it is of.
    field: Option<String>,
}

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Detail {
    pub(super) is_open: bool,
    /// The chosen row and the first one in view.
    chosen: usize,
    top: usize,
    height: usize,
    /// What the rows were made of, and for how many columns.
    made: Option<(Place, usize)>,
    lines: Vec<Line>,
    /// A line that was too long to be kept.
    whole: Option<(Place, Option<Vec<u8>>)>,
    asked: Option<(u64, Place, Cancel)>,
    tickets: u64,
}

impl Detail {
    /// Takes a line that was too long to be kept.
    pub(super) fn take(&mut self, ticket: u64, line: Option<Vec<u8>>) {
        if let Some((_, place, _)) = self.asked.take_if(|(asked, ..)| *asked == ticket) {
            self.whole = Some((place, line));
            self.made = None;
        }
    }

    fn fit(&mut self, height: usize) {
        self.height = height.max(1);
        self.chosen = self.chosen.min(self.lines.len().saturating_sub(1));
        let earliest = (self.chosen + 1).saturating_sub(self.height);
        self.top = self.top.clamp(earliest, self.chosen.max(earliest));
        self.top =
            self.top.min(self.lines.len().saturating_sub(self.height)).max(earliest.min(self.top));
    }
}

impl App {
    pub(super) fn toggle_detail(&mut self) {
        if !self.detail.is_open && self.window.len() > 0 {
            // The record that was chosen stays.
            self.is_following = false;
        }
        self.detail.is_open = !self.detail.is_open && self.window.len() > 0;
    }

    pub(super) fn detail_key(&mut self, code: KeyCode, is_control: bool) {
        let page = self.detail.height.saturating_sub(1).max(1) as isize;
        match code {
            KeyCode::Char('d') if is_control => self.step_detail(page / 2),
            KeyCode::Char('u') if is_control => self.step_detail(-page / 2),
            KeyCode::Char('j') | KeyCode::Down => self.step_detail(1),
            KeyCode::Char('k') | KeyCode::Up => self.step_detail(-1),
            KeyCode::PageDown | KeyCode::Char(' ') => self.step_detail(page),
            KeyCode::PageUp | KeyCode::Char('b') => self.step_detail(-page),
            KeyCode::Home | KeyCode::Char('g') => self.step_detail(isize::MIN),
            KeyCode::End => self.step_detail(isize::MAX),
            KeyCode::Enter | KeyCode::Char('+') => self.narrow_by_detail(Sense::With),
            KeyCode::Char('-') => self.narrow_by_detail(Sense::Without),
            _ => {}
        }
    }

    fn step_detail(&mut self, rows: isize) {
        let last = self.detail.lines.len().saturating_sub(1);
        self.detail.chosen = self.detail.chosen.saturating_add_signed(rows).min(last);
    }

    fn narrow_by_detail(&mut self, sense: Sense) {
        let field = self.detail.lines.get(self.detail.chosen).and_then(|line| line.field.clone());
        let value =
            field.as_ref().zip(self.chosen_line()).and_then(|(field, line)| value_of(line, field));
        match field.zip(value) {
            Some((field, value)) if value.len() < 4_096 => self.narrow(&field, &value, sense),
            _ => self.tell(self.words("no field is chosen here", "此处没有可用的字段").to_owned()),
        }
    }

    /// The line of the chosen row, if it is here.
    fn chosen_line(&self) -> Option<&[u8]> {
        let entry = self.window.get(self.selected)?;
        let whole = || {
            let (place, line) = self.detail.whole.as_ref()?;
            line.as_deref().filter(|_| *place == entry.place)
        };
        entry.line.as_deref().or_else(whole)
    }

    /// Asks for a line that was too long to be kept.
    pub(super) fn ask_whole(&mut self) {
        let Some(entry) = self.window.get(self.selected).filter(|_| self.detail.is_open) else {
            return;
        };
        let place = entry.place;
        let is_known = self.detail.whole.as_ref().is_some_and(|(known, _)| *known == place)
            || self.detail.asked.as_ref().is_some_and(|(_, asked, _)| *asked == place);
        if entry.line.is_some() || is_known || self.paging.is_waiting() {
            return;
        }
        self.detail.tickets += 1;
        let (ticket, cancel) = (self.detail.tickets, Cancel::default());
        if let Some((_, _, old)) = self.detail.asked.replace((ticket, place, cancel.clone())) {
            old.cancel();
        }
        self.effects.push(Effect::Ask(Ask::Whole { ticket, cancel, place }));
    }

    /// Makes the rows of the chosen record, when they are not those that were made last.
    fn make_detail(&mut self, width: usize) {
        let Some(entry) = self.window.get(self.selected) else {
            self.detail.lines.clear();
            return;
        };
        let made = (entry.place, width);
        if self.detail.made == Some(made) {
            return;
        }
        let is_other = self.detail.made.is_none_or(|(place, _)| place != entry.place);
        let lines = match self.chosen_line() {
            Some(line) => lines(line, width),
            None => vec![Line {
                name: String::new(),
                text: self
                    .words("reading the whole record\u{2026}", "正在读取完整记录…")
                    .to_owned(),
                style: Style::Value,
                field: None,
            }],
        };
        self.detail.lines = lines;
        self.detail.made = Some(made);
        if is_other {
            (self.detail.chosen, self.detail.top) = (0, 0);
        }
    }
}

/// The rows of a record.
fn lines(line: &[u8], width: usize) -> Vec<Line> {
    if !LineView::new(line).is_well_formed() {
        let text = format!(
            "damaged line: {}",
            String::from_utf8_lossy(&line[..line.len().min(VALUE_BYTES_MAX)])
        );
        return text_rows(&text, width, Style::Value);
    }
    let mut lines = Vec::new();
    let Some(shown) = Shown::of(line) else { return lines };
    if !shown.message.is_empty() {
        lines.extend(text_rows(&shown.message, width, Style::Message));
        lines.push(blank());
    }
    let below = |name: &str| {
        let own = if name == "exception" { "" } else { name };
        shown.below.iter().find(|(known, _)| known == own).map(|(_, value)| value)
    };
    let row = Row::of_line(line, Key::default());
    let leaves: Vec<_> = row.leaves().into_iter().filter(|leaf| leaf.name != "message").collect();
    let own = |name: &str| name.split('.').next().and_then(below).is_none();
    let names =
        leaves.iter().filter(|leaf| own(&leaf.name)).map(|leaf| columns(&safe_line(&leaf.name)));
    let names_width = names.max().unwrap_or(0).min(NAMES_WIDTH_MAX).min(width / 3);
    for leaf in leaves.iter().filter(|leaf| own(&leaf.name)) {
        field_rows(&leaf.name, &leaf.value.text(), (names_width, width), &mut lines);
    }
    for (name, value) in &shown.below {
        lines.push(blank());
        error_rows(name, value, width, &mut lines);
    }
    lines.truncate(ROWS_MAX);
    lines
}

fn blank() -> Line {
    Line { name: String::new(), text: String::new(), style: Style::Value, field: None }
}

/// A text as far as it is shown, and how much of it is not.
fn cut(text: &str) -> (&str, Option<String>) {
    let end = text.floor_char_boundary(VALUE_BYTES_MAX);
    let rest = text.len() - end;
    (&text[..end], (rest > 0).then(|| format!("\u{2026} {} more", bytes(rest as u64))))
}

fn text_rows(text: &str, width: usize, style: Style) -> Vec<Line> {
    let (text, rest) = cut(text);
    let safe = safe_text(text);
    let rows = wrapped(&safe, width).into_iter().chain(rest);
    rows.map(|text| Line { name: String::new(), text, style, field: None }).collect()
}

fn field_rows(name: &str, value: &str, (names, width): (usize, usize), lines: &mut Vec<Line>) {
    let rows = text_rows(value, width.saturating_sub(names + 2).max(8), Style::Value);
    let shown = safe_line(name);
    let mut first = Some(shortened(&shown, names).into_owned());
    let rows = if rows.is_empty() { vec![blank()] } else { rows };
    for row in rows {
        let name_shown = padded(&first.take().unwrap_or_default(), names) + "  ";
        lines.push(Line { name: name_shown, field: Some(name.to_owned()), ..row });
    }
}

/// An error with its frames, or a text of several lines.
fn error_rows(
    name: &str,
    value: &logloom_filter::RawValue<'_>,
    width: usize,
    lines: &mut Vec<Line>,
) {
    let name = if name.is_empty() { "exception" } else { name };
    let told = told_exception(value, name);
    let (told, rest) = cut(&told);
    let is_error = value.kind() == logloom_filter::Kind::Object;
    for (index, text) in told.lines().enumerate() {
        // All lines have the same indentation, which a pane of its own does not need.
        let text = text.strip_prefix("    ").unwrap_or(text);
        let style = match () {
            () if text.starts_with("  at ") => Style::Frame,
            () if is_error || index == 0 => Style::Error,
            () => Style::Value,
        };
        lines.extend(text_rows(text, width, style));
    }
    lines.extend(rest.map(|text| Line { text, ..blank() }));
}

/// Draws the pane.
pub(super) fn draw(app: &mut App, area: Rect, is_beside: bool, buffer: &mut Buffer) {
    let theme = app.look.theme;
    let title = title(app);
    let inner = framed(app, area, (&title, Focus::Detail), is_beside, buffer);
    if inner.height == 0 {
        return;
    }
    app.make_detail(usize::from(inner.width));
    app.detail.fit(usize::from(inner.height));
    let detail = &app.detail;
    let has_keys = app.focus == Focus::Detail;
    for (row, line) in detail.lines.iter().skip(detail.top).take(detail.height).enumerate() {
        let row_area = Rect { y: inner.y + row as u16, height: 1, ..inner };
        if has_keys && detail.top + row == detail.chosen {
            buffer.set_style(row_area, theme.chosen(true));
        }
        let mut pen = Pen::new(buffer, row_area);
        pen.put(&line.name, theme.name());
        pen.put(
            &line.text,
            match line.style {
                Style::Message => theme.bold(),
                Style::Value => theme.plain(),
                Style::Frame => theme.dim(),
                Style::Error => theme.bad(),
            },
        );
    }
}

/// When and how severe.
fn title(app: &App) -> String {
    let Some(entry) = app.window.get(app.selected) else { return String::new() };
    let time = entry
        .time
        .map_or_else(String::new, |time| app.clock.formatted(time, "%Y-%m-%d %H:%M:%S%.6f %Z"));
    [time.as_str(), &entry.level_text]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("  ")
}
