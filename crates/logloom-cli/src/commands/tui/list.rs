//! The list of records: which one is chosen, and a row for each.

use logloom_record::Level;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyCode;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::app::{App, Focus};
use super::draw::{Pen, set_row};
use super::entry::Entry;
use crate::terminal::{columns, padded, shortened};

/// From this width on the date stands beside the time, and the module beside the service.
const WIDE: u16 = 110;

impl App {
    pub(super) fn list_key(&mut self, code: KeyCode, is_control: bool) {
        let page = self.height.saturating_sub(1).max(1);
        match code {
            KeyCode::Char('d') if is_control => self.step(page as isize / 2),
            KeyCode::Char('u') if is_control => self.step(-(page as isize) / 2),
            KeyCode::Char('j') | KeyCode::Down => self.step(1),
            KeyCode::Char('k') | KeyCode::Up => self.step(-1),
            KeyCode::PageDown | KeyCode::Char(' ') => self.step(page as isize),
            KeyCode::PageUp | KeyCode::Char('b') => self.step(-(page as isize)),
            KeyCode::Char('g') | KeyCode::Home => self.show_oldest(),
            KeyCode::End => self.go_newest(),
            KeyCode::Enter => self.toggle_detail(),
            _ => {}
        }
    }

    /// Moves the choice; at the last of all rows it follows what comes.
    fn step(&mut self, rows: isize) {
        let last = self.window.len().saturating_sub(1);
        let next = self.selected.saturating_add_signed(rows).min(last);
        self.select(next);
        if rows > 0 && next == last && self.window.has_newest && self.plan.is_paged() {
            self.is_following = true;
            self.unseen = 0;
        }
    }

    /// To the newest row, to follow what comes.
    pub(super) fn go_newest(&mut self) {
        if !self.window.has_newest {
            return self.show_newest();
        }
        self.select(self.window.len().saturating_sub(1));
        self.is_following = self.plan.is_paged();
        self.unseen = 0;
    }

    /// Chooses a row, and stays there.
    pub(super) fn select(&mut self, index: usize) {
        self.is_following = false;
        self.selected = index.min(self.window.len().saturating_sub(1));
    }

    /// Moves the view so that the chosen row is in its middle.
    pub(super) fn centre(&mut self) {
        self.top = self.selected.saturating_sub(self.height / 2);
    }

    /// Moves the view as far as the chosen row needs it.
    pub(super) fn fit(&mut self, height: usize) {
        self.height = height.max(1);
        let last_top = self.window.len().saturating_sub(self.height);
        if self.is_following {
            self.top = last_top;
        }
        let earliest = (self.selected + 1).saturating_sub(self.height);
        self.top = self.top.clamp(earliest, self.selected.max(earliest)).min(last_top);
    }
}

/// Widths of the columns, the same for all rows in view.
struct Layout {
    time: &'static str,
    time_width: usize,
    speaker: usize,
    has_module: bool,
}

/// Draws the rows in view.
pub(super) fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) {
    let heading = app.window.heading.clone();
    let head = u16::from(heading.is_some());
    app.fit(usize::from(area.height.saturating_sub(head)));
    if let Some(heading) = heading {
        set_row(buffer, area, 0, &format!(" {heading}"), app.look.theme.bold());
    }
    if area.height <= head {
        return;
    }
    if app.window.len() == 0 {
        return empty(app, area, buffer);
    }
    let is_table = head == 1;
    let rows: Vec<(usize, &Entry)> =
        app.window.iter().enumerate().skip(app.top).take(app.height).collect();
    let layout = layout(area.width, rows.iter().map(|(_, entry)| *entry));
    for (row, (index, entry)) in (head..).zip(rows) {
        let line = Rect { y: area.y + row, height: 1, ..area };
        if index == app.selected {
            buffer.set_style(line, app.look.theme.chosen(app.focus == Focus::List));
        }
        match is_table {
            true => {
                set_row(buffer, area, row, &format!(" {}", entry.message), app.look.theme.plain())
            }
            false => record(app, entry, &layout, line, buffer),
        }
    }
}

fn layout<'e>(width: u16, entries: impl Iterator<Item = &'e Entry>) -> Layout {
    let is_wide = width >= WIDE;
    let speaker = |entry: &Entry| {
        let module =
            if is_wide && !entry.module.is_empty() { columns(&entry.module) + 1 } else { 0 };
        columns(&entry.service) + module
    };
    let widest = entries.map(speaker).max().unwrap_or(0);
    Layout {
        time: if is_wide { "%m-%d %H:%M:%S%.3f" } else { "%H:%M:%S%.3f" },
        time_width: if is_wide { 18 } else { 12 },
        speaker: widest.min(usize::from(width) / 5),
        has_module: is_wide,
    }
}

fn record(app: &App, entry: &Entry, layout: &Layout, line: Rect, buffer: &mut Buffer) {
    let theme = app.look.theme;
    let mut pen = Pen::new(buffer, line);
    pen.put(" ", theme.plain());
    let time = match entry.time {
        // A time that nobody but us has told is marked, and not told to the millisecond.
        Some(time) if entry.is_arrival => {
            format!("~{}", app.clock.formatted(time, layout.time.trim_end_matches("%.3f")))
        }
        Some(time) => app.clock.formatted(time, layout.time),
        None => "-".to_owned(),
    };
    pen.put(&padded(&time, layout.time_width), theme.dim());
    pen.put(" ", theme.plain());
    pen.put(&padded(&shortened(&entry.level_text, 5), 5), theme.level(entry.level));
    pen.put(" ", theme.plain());
    if layout.speaker > 0 {
        speaker(app, entry, layout, &mut pen);
    }
    let message = match entry.level {
        Some(level) if level >= Level::Error => theme.bold(),
        Some(Level::Trace | Level::Debug) => theme.dim(),
        _ => Style::new(),
    };
    pen.put(&entry.message, message);
    if entry.has_more {
        pen.put(" \u{2026}", theme.name());
    }
    if !entry.fields.is_empty() {
        pen.put("  ", theme.plain());
        pen.put(&entry.fields, theme.dim());
    }
    pen.end();
}

fn speaker(app: &App, entry: &Entry, layout: &Layout, pen: &mut Pen<'_>) {
    let theme = app.look.theme;
    let service = shortened(&entry.service, layout.speaker);
    let left = layout.speaker - columns(&service);
    pen.put(&service, theme.name());
    let module = match layout.has_module && left > 1 && !entry.module.is_empty() {
        true => format!("/{}", shortened(&entry.module, left - 1)),
        false => String::new(),
    };
    pen.put(&padded(&module, left), theme.dim());
    pen.put(" ", theme.plain());
}

/// What is said where there are no rows.
fn empty(app: &App, area: Rect, buffer: &mut Buffer) {
    let text = match (app.paging.is_waiting(), app.query.is_empty()) {
        (true, _) => app.words("reading\u{2026}", "读取中…"),
        (false, true) => app.words("the log is empty so far", "日志还是空的"),
        (false, false) => app.words(
            "nothing is found: / changes the filter, u goes back",
            "没有找到：按 / 修改过滤条件，按 u 返回",
        ),
    };
    let width = columns(text) as u16;
    let x = area.x + area.width.saturating_sub(width) / 2;
    let middle = Rect { x, width: area.width.saturating_sub(x - area.x), ..area };
    set_row(buffer, middle, area.height / 2, text, app.look.theme.dim());
}
