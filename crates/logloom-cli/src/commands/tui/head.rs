//! The two rows at the top: which log and what is shown of it; the query, or what is being typed,
//! with candidates and errors below.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::app::App;
use super::draw::{Pen, set_row};
use super::prompt::{Fault, Kind, Prompt};
use crate::output::{counted, grouped};
use crate::terminal::{columns, safe_line};
use logloom_query::actions::Lang;

/// Draws the row of the log.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = app.look.theme;
    let row = Rect { height: area.height.min(1), ..area };
    let mut pen = Pen::new(buffer, row);
    pen.put(" logloom ", theme.active());
    let (state, style) = state(app);
    pen.put_right(&format!("{state} "), style);
    if let Some((all, errors)) = app.bars.sums() {
        let (records, of_errors) = match app.look.lang {
            Lang::English => (counted(all, "record"), counted(errors, "error")),
            Lang::Chinese => {
                (format!("{} 条记录", grouped(all)), format!("{} 个错误", grouped(errors)))
            }
        };
        if errors > 0 {
            pen.put_right(&of_errors, theme.bad());
        }
        pen.put_right(&records, theme.plain());
    }
    pen.put(&safe_line(&app.look.title), theme.dim());
}

/// Whether what is shown is up to date.
fn state(app: &App) -> (String, Style) {
    let theme = app.look.theme;
    if app.paging.is_finding() || app.paging.percent().is_some() {
        let percent = app.paging.percent().map_or(String::new(), |percent| format!(" {percent} %"));
        return (format!("{}{percent}", app.words("searching", "查找中")), theme.warning());
    }
    if !app.plan.is_paged() {
        let rows = app.window.len() as u64;
        let text = match app.look.lang {
            Lang::English => counted(rows, "row"),
            Lang::Chinese => format!("{} 行", grouped(rows)),
        };
        return (text, theme.dim());
    }
    match (app.is_following, app.unseen) {
        (true, _) => (format!("\u{25cf} {}", app.words("live", "实时")), theme.good()),
        (false, 0) => (app.words("paused", "已暂停").to_owned(), theme.dim()),
        (false, count) => {
            let count = grouped(count as u64);
            let text = match app.look.lang {
                Lang::English => format!("{count} new, G"),
                Lang::Chinese => format!("{count} 条新记录，按 G"),
            };
            (text, theme.warning())
        }
    }
}

/// Draws the query, or what is typed in its place; where the cursor is.
pub(super) fn draw_prompt(
    app: &App,
    area: Rect,
    popup: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let theme = app.look.theme;
    let label = match app.prompt.as_ref().map(|prompt| prompt.kind) {
        None | Some(Kind::Filter) => " \u{203a} ".to_owned(),
        Some(Kind::Time) => format!(" {} ", app.words("go to time:", "跳到时间：")),
        Some(Kind::Field) => format!(" {} ", app.words("field:", "字段：")),
    };
    let mut pen = Pen::new(buffer, area);
    pen.put(&label, theme.active());
    let start = columns(&label) as u16;
    let Some(prompt) = &app.prompt else {
        match app.query.is_empty() {
            true => {
                pen.put(app.words("all records; / to filter", "全部记录；按 / 过滤"), theme.dim())
            }
            false => pen.put(&safe_line(&app.query), theme.bold()),
        }
        return None;
    };
    let width = usize::from(area.width.saturating_sub(start + 1)).max(1);
    let (text, hidden) = prompt.line.shown(width);
    pen.put(&text, theme.plain());
    let column = prompt.line.column(prompt.line.cursor()).saturating_sub(hidden) as u16;
    let below = Rect {
        x: popup.x + start.min(popup.width),
        width: popup.width.saturating_sub(start),
        ..popup
    };
    match &prompt.fault {
        Some(fault) => draw_fault(app, prompt, fault, (below, hidden), buffer),
        None => draw_candidates(app, prompt, below, buffer),
    }
    Some(Position { x: (area.x + start + column).min(area.right().saturating_sub(1)), y: area.y })
}

fn draw_fault(
    app: &App,
    prompt: &Prompt,
    fault: &Fault,
    (area, hidden): (Rect, usize),
    buffer: &mut Buffer,
) {
    let theme = app.look.theme;
    let mut lines = Vec::new();
    match fault {
        Fault::Text(text) => lines.push((text.clone(), theme.bad())),
        Fault::Syntax(error) => {
            let column = prompt.line.column(error.at.start).saturating_sub(hidden);
            let width = prompt.line.column(error.at.end).saturating_sub(hidden + column).max(1);
            let caret = format!("{:column$}{}", "", "^".repeat(width.min(200)));
            lines.push((caret, theme.bad()));
            lines.push((error.message.clone(), theme.bad()));
            lines.extend(error.hint.iter().map(|hint| (hint.clone(), theme.warning())));
        }
    }
    let mut rows = Vec::new();
    for (text, style) in &lines {
        // The caret must stay below its place.
        let is_caret = text.trim_start().starts_with('^');
        let width = usize::from(area.width);
        match is_caret {
            true => rows.push((text.clone(), *style)),
            false => {
                let wrapped = super::wrap::wrapped(&safe_line(text), width);
                rows.extend(wrapped.into_iter().map(|text| (text, *style)));
            }
        }
    }
    for (row, (text, style)) in (0u16..).zip(&rows) {
        clear(buffer, area, row, area.width);
        set_row(buffer, area, row, text, *style);
    }
}

fn draw_candidates(app: &App, prompt: &Prompt, area: Rect, buffer: &mut Buffer) {
    let theme = app.look.theme;
    let shown: Vec<_> = prompt.candidates.iter().map(|text| safe_line(text)).collect();
    let width = shown.iter().map(|text| columns(text)).max().unwrap_or(0).clamp(12, 48) as u16 + 2;
    for (row, text) in (0u16..).zip(&shown) {
        clear(buffer, area, row, width);
        let row_area = Rect { y: area.y + row, width: width.min(area.width), height: 1, ..area };
        if row >= area.height {
            break;
        }
        let is_chosen = prompt.chosen == Some(usize::from(row));
        buffer.set_style(row_area, theme.chosen(true));
        let style = if is_chosen { theme.active() } else { theme.plain() };
        let mark = if is_chosen { "\u{203a}" } else { " " };
        set_row(buffer, row_area, 0, &format!("{mark}{text}"), style);
    }
}

/// Takes away what stands in a row of an area.
fn clear(buffer: &mut Buffer, area: Rect, row: u16, width: u16) {
    if row < area.height {
        let y = area.y + row;
        for x in area.x..area.x + width.min(area.width) {
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.reset();
            }
        }
    }
}
