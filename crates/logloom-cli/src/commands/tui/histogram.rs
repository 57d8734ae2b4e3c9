//! Records over time as columns: errors at the bottom, warnings on them, the others above.

use std::ops::Range;
use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::app::{App, Effect};
use super::draw::set_row;
use super::reader::{Ask, Histogram};
use crate::commands::query::steps::Counts;
use crate::output::grouped;
use crate::terminal::columns;

/// Columns of a screen that does not tell its width yet.
const STEPS: usize = 78;

/// It is not made anew sooner than this.
const PAUSE_MIN: Duration = Duration::from_secs(1);

/// Blocks of one to eight eighths.
const EIGHTHS: [&str; 8] = [
    "\u{2581}", "\u{2582}", "\u{2583}", "\u{2584}", "\u{2585}", "\u{2586}", "\u{2587}", "\u{2588}",
];

/// The histogram and when it is made anew.
#[derive(Debug)]
pub(super) struct Bars {
    pub(super) is_open: bool,
    histogram: Option<Histogram>,
    is_pending: bool,
    is_fresh: bool,
    rests_until: Option<Instant>,
    /// Columns that there are for it.
    width: usize,
}

impl Default for Bars {
    fn default() -> Self {
        Bars {
            is_open: true,
            histogram: None,
            is_pending: false,
            is_fresh: false,
            rests_until: None,
            width: STEPS,
        }
    }
}

impl Bars {
    /// Another query is shown.
    pub(super) fn forget(&mut self) {
        self.histogram = None;
        (self.is_pending, self.is_fresh, self.rests_until) = (false, false, None);
    }

    /// Records came.
    pub(super) fn age(&mut self) {
        self.is_fresh = false;
    }

    pub(super) fn take(&mut self, histogram: Histogram, took_ms: u64, now: Instant) {
        self.histogram = Some(histogram);
        // What takes long is done seldom.
        let pause = Duration::from_millis(took_ms.saturating_mul(20)).max(PAUSE_MIN);
        self.rests_until = now.checked_add(pause);
        self.is_pending = false;
    }

    /// All records, and the errors among them.
    pub(super) fn sums(&self) -> Option<(u64, u64)> {
        let histogram = self.histogram.as_ref()?;
        let counts = || histogram.steps.iter().map(|(_, counts)| counts);
        let timed: u64 = counts().map(|one| one.all).sum();
        Some((timed + histogram.untimed, counts().map(|one| one.errors).sum()))
    }
}

impl App {
    pub(super) fn toggle_bars(&mut self) {
        self.bars.is_open = !self.bars.is_open;
    }

    pub(super) fn ask_histogram(&mut self, now: Instant) {
        let rests = self.bars.rests_until.is_some_and(|until| now < until);
        if self.bars.is_fresh || self.bars.is_pending || rests {
            return;
        }
        (self.bars.is_fresh, self.bars.is_pending) = (true, true);
        let steps = self.bars.width.max(16);
        self.effects.push(Effect::Ask(Ask::Histogram { plan: self.plan.clone(), steps }));
    }
}

/// Draws the columns, and the times below them.
pub(super) fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width.saturating_sub(2));
    if app.bars.width != width {
        app.bars.width = width;
        app.bars.is_fresh = false;
    }
    let Some(histogram) = &app.bars.histogram else {
        return set_row(
            buffer,
            area,
            1,
            app.words(" counting\u{2026}", " 统计中…"),
            app.look.theme.dim(),
        );
    };
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let rows = area.height.saturating_sub(1);
    let most = histogram.steps.iter().map(|(_, counts)| counts.all).max().unwrap_or(0);
    let shown = &histogram.steps[histogram.steps.len().saturating_sub(width)..];
    if shown.is_empty() || most == 0 {
        let text = histogram.problem.clone().unwrap_or_default();
        return set_row(buffer, area, 1, &text, app.look.theme.dim());
    }
    let columns = columns_of(shown.len(), width);
    let chosen = app.window.get(app.selected).and_then(|entry| entry.time);
    for ((time, counts), range) in shown.iter().zip(&columns) {
        let bar = Bar::of(counts, most, rows);
        for row in 0..rows {
            let (text, style) = bar.cell(rows - 1 - row, app);
            let cells = range.clone().map(|cell| area.x + cell as u16);
            cells.for_each(|x| buffer.set_string(x, area.y + row, text, style));
        }
        let is_chosen =
            chosen.is_some_and(|chosen| chosen >= *time && chosen - time < histogram.step);
        if is_chosen {
            let x = area.x + ((range.start + range.end) / 2) as u16;
            buffer.set_string(x, area.y + rows, "\u{25b4}", app.look.theme.active());
        }
    }
    axis(app, shown, (area, &columns), most, buffer);
}

/// A column in eighths of a row, from the bottom: errors, errors and warnings, all.
struct Bar([u64; 3]);

impl Bar {
    fn of(counts: &Counts, most: u64, rows: u16) -> Bar {
        let full = u128::from(rows) * 8;
        let eighths = |count: u64| {
            let scaled = (u128::from(count) * full).div_ceil(u128::from(most.max(1)));
            u64::try_from(scaled.min(full)).unwrap_or(0)
        };
        let errors = eighths(counts.errors);
        let warnings = eighths(counts.errors.saturating_add(counts.warnings)).max(errors);
        // What is there is seen, however little it is.
        let all = eighths(counts.all).max(warnings);
        Bar([errors, warnings, all])
    }

    /// The block in a row, counted from the bottom. Where two kinds share a cell, the upper one is behind
    /// the lower one.
    fn cell(&self, row: u16, app: &App) -> (&'static str, Style) {
        let theme = app.look.theme;
        let styles = [theme.bad_bar(), theme.warning_bar(), theme.bar()];
        let start = u64::from(row) * 8;
        let within = self.0.map(|height| height.saturating_sub(start).min(8));
        let Some(kind) = within.iter().position(|height| *height > 0) else {
            return (" ", theme.plain());
        };
        // A cell has two colours: another kind is behind where it fills the rest, else the worst one
        // takes all of it, so that an error is seen beside any number of other records.
        let behind = (kind + 1..3).find(|other| within[*other] == 8).filter(|_| within[kind] < 8);
        match behind.and_then(|other| styles[other].fg) {
            Some(colour) => (EIGHTHS[(within[kind] - 1) as usize], styles[kind].bg(colour)),
            None => (EIGHTHS[(within[2] - 1) as usize], styles[kind]),
        }
    }
}

/// Times below the columns: the first, the last, and how long a column is.
fn axis(
    app: &App,
    shown: &[(i64, Counts)],
    (area, places): (Rect, &[Range<usize>]),
    most: u64,
    buffer: &mut Buffer,
) {
    let (Some((first, _)), Some((last, _)), Some(histogram)) =
        (shown.first(), shown.last(), &app.bars.histogram)
    else {
        return;
    };
    let y = area.y + area.height - 1;
    let form = form(last.saturating_sub(*first), histogram.step);
    let dim = app.look.theme.dim();
    let total = usize::from(area.width);
    let most_text = most_text(histogram, most);
    let end = total.saturating_sub(columns(&most_text) + 2);
    let mut free = 0;
    for ((time, _), place) in shown.iter().zip(places) {
        let text = app.clock.formatted(*time, form);
        let (at, width) = (place.start, columns(&text) + 1);
        let is_round = at == 0 || is_round(app, *time, histogram.step, (shown.len(), total));
        let is_free = |at: usize| {
            let mut cells = (at..at + width).map(|x| (area.x + x as u16, y));
            cells.all(|place| buffer.cell(place).is_none_or(|cell| cell.symbol() == " "))
        };
        if is_round && at >= free && at + width <= end && is_free(at) {
            buffer.set_string(area.x + at as u16, y, format!("\u{2514}{text}"), dim);
            free = at + width + 3;
        }
    }
    if free <= end {
        set_right(buffer, area, y, &most_text, dim);
    }
}

/// How many records the highest column has.
fn most_text(histogram: &Histogram, most: u64) -> String {
    let problem = if histogram.problem.is_some() { "\u{2265}" } else { "" };
    format!("{problem}{} max", grouped(most))
}

fn set_right(buffer: &mut Buffer, area: Rect, y: u16, text: &str, style: Style) {
    let width = columns(text) as u16;
    let x = area.right().saturating_sub(width);
    let is_free =
        (x..area.right()).all(|x| buffer.cell((x, y)).is_none_or(|cell| cell.symbol() == " "));
    if is_free {
        buffer.set_string(x, y, text, style);
    }
}

/// The columns of each step, of all that there are.
fn columns_of(steps: usize, width: usize) -> Vec<Range<usize>> {
    // At most so many for one, so that few steps do not become walls.
    let width = width.min(steps * 12);
    (0..steps).map(|step| step * width / steps..(step + 1) * width / steps).collect()
}

/// Whether a step is one that is worth its place on the axis: it begins at a round time, of which there are
/// few enough for the columns.
fn is_round(app: &App, time: i64, step: i64, (steps, columns): (usize, usize)) -> bool {
    const SECOND: i64 = 1_000_000_000;
    const ROUND: [i64; 13] = [
        1, 10, 60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000, 31_536_000,
    ];
    let local = time.saturating_add(app.clock.offset_ns(time));
    let marks = (columns / 16).max(1) as i64;
    let span = step.saturating_mul(steps as i64);
    let is_enough = |one: &i64| one.saturating_mul(marks) >= span && *one >= step;
    let wanted = ROUND.map(|seconds| seconds * SECOND).into_iter().find(is_enough);
    wanted.is_some_and(|wanted| local.rem_euclid(wanted) < step)
}

/// How times are written: no more of them than tells them apart.
fn form(span: i64, step: i64) -> &'static str {
    const SECOND: i64 = 1_000_000_000;
    match (span / SECOND, step) {
        (172_800.., 86_400_000_000_000..) => "%Y-%m-%d",
        (86_400.., _) => "%m-%d %H:%M",
        (_, step) if step >= 60 * SECOND => "%H:%M",
        (_, step) if step >= SECOND => "%H:%M:%S",
        _ => "%H:%M:%S%.3f",
    }
}
