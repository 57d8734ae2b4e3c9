//! The row at the bottom: what there is to say, else the keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::App;
use super::draw::Pen;
use super::keys;
use crate::terminal::{columns, safe_line};

/// Draws the row.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = app.look.theme;
    let mut pen = Pen::new(buffer, area);
    pen.put(" ", theme.plain());
    if let Some(notice) = &app.notice {
        let style = if notice.is_problem { theme.bad() } else { theme.warning() };
        return pen.put(&safe_line(&notice.text), style);
    }
    for (index, (key, text)) in keys::foot(app).into_iter().enumerate() {
        let between = if index > 0 { "  " } else { "" };
        // No half of a key.
        if columns(between) + columns(key) + columns(text) + 1 > pen.left() {
            break;
        }
        pen.put(between, theme.plain());
        pen.put(key, theme.key());
        pen.put(" ", theme.plain());
        pen.put(text, theme.dim());
    }
}
