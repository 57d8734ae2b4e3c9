//! All keys, in a box over the screen.

use logloom_query::actions::Lang;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, BorderType, Clear, Widget};

use super::app::App;
use super::draw::Pen;
use super::keys::HELP;
use crate::terminal::{columns, padded};

/// Draws the box.
pub(super) fn draw(app: &App, screen: Rect, buffer: &mut Buffer) {
    let theme = app.look.theme;
    let text = |(_, english, chinese): &super::keys::Help| match app.look.lang {
        Lang::English => *english,
        Lang::Chinese => *chinese,
    };
    let keys = HELP.iter().map(|(keys, ..)| columns(keys)).max().unwrap_or(0);
    let texts = HELP.iter().map(|row| columns(text(row))).max().unwrap_or(0);
    let width = ((keys + texts + 8) as u16).min(screen.width);
    let height = (HELP.len() as u16 + 2).min(screen.height);
    let area = Rect {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height - height) / 2,
        width,
        height,
    };
    Clear.render(area, buffer);
    let title = app.words(" keys ", " 按键 ");
    let block =
        Block::bordered().border_type(BorderType::Rounded).border_style(theme.dim()).title(title);
    let inner = block.inner(area);
    block.render(area, buffer);
    for (row, help) in inner.rows().zip(HELP) {
        let mut pen = Pen::new(buffer, row);
        pen.put(&format!("  {}", padded(help.0, keys)), theme.key());
        pen.put("  ", theme.plain());
        pen.put(text(help), theme.plain());
    }
}
