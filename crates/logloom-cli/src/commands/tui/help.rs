//! All keys, in a box over the screen, which is scrolled where they do not all fit. Any other key closes it.

use logloom_query::actions::Lang;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyCode;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, BorderType, Clear, Widget};

use super::app::App;
use super::draw::Pen;
use super::keys::HELP;
use crate::terminal::{columns, padded};

impl App {
    /// Takes a key while the box is shown.
    pub(super) fn help_key(&mut self, code: KeyCode) {
        let top = self.help.unwrap_or(0);
        self.help = match code {
            KeyCode::Down | KeyCode::PageDown | KeyCode::Char('j' | ' ') => {
                Some((top + 1).min(HELP.len() - 1))
            }
            KeyCode::Up | KeyCode::PageUp | KeyCode::Char('k') => Some(top.saturating_sub(1)),
            _ => None,
        };
    }
}

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
    let shown = usize::from(inner.height);
    let top = app.help.unwrap_or(0).min(HELP.len().saturating_sub(shown));
    let more = if top + shown < HELP.len() { " \u{2193} " } else { "" };
    block.title_bottom(more).render(area, buffer);
    for (row, help) in inner.rows().zip(&HELP[top..]) {
        let mut pen = Pen::new(buffer, row);
        pen.put(&format!("  {}", padded(help.0, keys)), theme.key());
        pen.put("  ", theme.plain());
        pen.put(text(help), theme.plain());
    }
}
