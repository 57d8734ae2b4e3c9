//! The screen as a whole: which pane stands where, and the pen that writes within one row.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::app::{App, Focus};
use super::{detail, facets, foot, head, histogram, list};
use crate::terminal::{columns, shortened};

/// From this width on the detail pane stands beside the list, else below it.
const BESIDE: u16 = 150;

/// Columns of the facets.
const FACETS_WIDTH: u16 = 30;

/// Fewer rows have no room for a histogram.
const BARS_HEIGHT_MIN: u16 = 16;

/// Writes texts one behind the other in one row; what does not fit is marked.
pub(super) struct Pen<'b> {
    buffer: &'b mut Buffer,
    row: Rect,
    column: usize,
    is_full: bool,
}

impl<'b> Pen<'b> {
    pub(super) fn new(buffer: &'b mut Buffer, row: Rect) -> Self {
        Self { buffer, row, column: 0, is_full: row.height == 0 }
    }

    /// Columns that are left.
    pub(super) fn left(&self) -> usize {
        usize::from(self.row.width).saturating_sub(self.column)
    }

    pub(super) fn put(&mut self, text: &str, style: Style) {
        let left = self.left();
        if self.is_full || left == 0 {
            return;
        }
        let width = columns(text);
        self.is_full = width > left;
        let text = shortened(text, left);
        let x = self.row.x + self.column as u16;
        self.buffer.set_stringn(x, self.row.y, &text, left, style);
        self.column += width.min(left);
    }

    /// Puts a text at the right end, where there is room for it.
    pub(super) fn put_right(&mut self, text: &str, style: Style) {
        let width = columns(text);
        if width < self.left() {
            let x = self.row.x + self.row.width - width as u16;
            self.buffer.set_stringn(x, self.row.y, text, width, style);
            self.row.width -= width as u16 + 1;
        }
    }

    /// Nothing more comes.
    pub(super) fn end(self) {}
}

/// Writes a text in a row of an area.
pub(super) fn set_row(buffer: &mut Buffer, area: Rect, row: u16, text: &str, style: Style) {
    if row < area.height {
        let row = Rect { y: area.y + row, height: 1, ..area };
        Pen::new(buffer, row).put(text, style);
    }
}

/// Takes rows off the top of an area.
fn take_top(area: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    let top = Rect { height: rows, ..*area };
    *area = Rect { y: area.y + rows, height: area.height - rows, ..*area };
    top
}

fn take_bottom(area: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    area.height -= rows;
    Rect { y: area.y + area.height, height: rows, ..*area }
}

fn take_right(area: &mut Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width);
    area.width -= columns;
    Rect { x: area.x + area.width, width: columns, ..*area }
}

/// Draws everything.
pub(super) fn draw(app: &mut App, frame: &mut Frame<'_>) {
    let mut area = frame.area();
    let buffer = frame.buffer_mut();
    let top = take_top(&mut area, 2);
    let bottom = take_bottom(&mut area, 1);
    let prompt = Rect { y: top.y + 1, height: top.height.saturating_sub(1), ..top };
    if app.bars.is_open && area.height + 3 >= BARS_HEIGHT_MIN {
        let rows = if area.height >= 40 { 6 } else { 4 };
        histogram::draw(app, take_top(&mut area, rows), buffer);
    }
    panes(app, area, buffer);
    head::draw(app, top, buffer);
    foot::draw(app, bottom, buffer);
    let popup = Rect { y: prompt.y + 1, height: bottom.y.saturating_sub(prompt.y + 1), ..prompt };
    let cursor = head::draw_prompt(app, prompt, popup, buffer);
    if app.help.is_some() {
        super::help::draw(app, frame.area(), frame.buffer_mut());
    } else if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

/// The list, and the panes that are open.
fn panes(app: &mut App, mut area: Rect, buffer: &mut Buffer) {
    if app.facets.is_open {
        let is_narrow = area.width < 2 * FACETS_WIDTH;
        let columns = if is_narrow { area.width } else { FACETS_WIDTH };
        let side = take_right(&mut area, columns);
        facets::draw(app, side, buffer);
    }
    if app.detail.is_open {
        let is_beside =
            area.width >= BESIDE || app.facets.is_open && area.width + FACETS_WIDTH >= BESIDE;
        let (columns, rows) = ((area.width * 9 / 20).max(60), (area.height * 11 / 20).max(5));
        let pane = match is_beside {
            true => take_right(&mut area, columns),
            false => take_bottom(&mut area, rows),
        };
        detail::draw(app, pane, is_beside, buffer);
    }
    list::draw(app, area, buffer);
}

/// Draws the line above a pane with its title, or the one beside it; gives what is within.
pub(super) fn framed(
    app: &App,
    area: Rect,
    (title, own): (&str, Focus),
    is_beside: bool,
    buffer: &mut Buffer,
) -> Rect {
    let theme = app.look.theme;
    let style = theme.rule(app.focus == own && app.prompt.is_none());
    let mut inner = area;
    if is_beside {
        for y in area.top()..area.bottom() {
            buffer.set_string(area.x, y, "\u{2502}", style);
        }
        inner = Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area };
    }
    let head = take_top(&mut inner, 1);
    let mut pen = Pen::new(buffer, head);
    if !is_beside {
        inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), ..inner };
        pen.put("\u{2500} ", style);
    }
    pen.put(title, style);
    if !is_beside {
        pen.put(" ", style);
        let rest = "\u{2500}".repeat(pen.left());
        pen.put(&rest, style);
    }
    inner
}
