//! Facets: the most frequent values of some fields among the rows that are found, and how often each
//! occurs. One can be put into the filter.

use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyCode;
use ratatui::layout::Rect;

use super::app::{App, Effect, Focus};
use super::draw::{Pen, framed};
use super::prompt::Kind;
use super::reader::Ask;
use super::terms::Sense;
use crate::output::grouped;
use crate::terminal::{safe_line, shortened};

/// Fields that are shown first.
const FIELDS: &[&str] = &["level", "service", "module"];

/// Fields that are shown at once.
const FIELDS_MAX: usize = 12;

/// Counts are not made anew sooner than this.
const PAUSE_MIN: Duration = Duration::from_secs(2);

/// A field and what is known of it.
#[derive(Debug)]
struct Facet {
    field: String,
    values: Vec<(String, u64)>,
    problem: Option<String>,
    counts: Counts,
}

/// Of when counts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counts {
    /// There are none of this query.
    Missing,
    /// Records have come since.
    Aged,
    Fresh,
}

/// The pane.
#[derive(Debug)]
pub(super) struct Facets {
    pub(super) is_open: bool,
    facets: Vec<Facet>,
    /// The field that is being counted, since when.
    pending: Option<(String, Instant)>,
    /// Before this moment nothing is counted anew.
    rests_until: Option<Instant>,
    /// The chosen value, or the field itself where it has none.
    chosen: (usize, usize),
    top: usize,
}

impl Default for Facets {
    fn default() -> Self {
        let facets = FIELDS.iter().map(|field| Facet::new(field)).collect();
        Facets { is_open: false, facets, pending: None, rests_until: None, chosen: (0, 0), top: 0 }
    }
}

impl Facet {
    fn new(field: &str) -> Facet {
        let (values, field) = (Vec::new(), field.to_owned());
        Facet { field, values, problem: None, counts: Counts::Missing }
    }
}

impl Facets {
    /// Another query is shown.
    pub(super) fn forget(&mut self) {
        self.facets.iter_mut().for_each(|facet| facet.counts = Counts::Missing);
        self.pending = None;
        self.rests_until = None;
    }

    /// Records came.
    pub(super) fn age(&mut self) {
        let fresh = self.facets.iter_mut().filter(|facet| facet.counts == Counts::Fresh);
        fresh.for_each(|facet| facet.counts = Counts::Aged);
    }

    /// Takes the values of a field.
    pub(super) fn take(
        &mut self,
        field: &str,
        values: Vec<(String, u64)>,
        problem: Option<String>,
        now: Instant,
    ) {
        let Some((_, since)) = self.pending.take_if(|(pending, _)| pending == field) else {
            return;
        };
        // What takes long is done seldom.
        let took = now.saturating_duration_since(since);
        self.rests_until = Some(now + (took * 20).max(PAUSE_MIN));
        if let Some(facet) = self.facets.iter_mut().find(|facet| facet.field == field) {
            (facet.values, facet.problem) = (values, problem);
            facet.counts = Counts::Fresh;
        }
        let values = self.facets.get(self.chosen.0).map_or(0, |facet| facet.values.len());
        self.chosen.1 = self.chosen.1.min(values.saturating_sub(1));
    }

    fn step(&mut self, is_down: bool) {
        let (mut field, mut value) = self.chosen;
        let count =
            |field: usize| self.facets.get(field).map_or(0, |facet| facet.values.len().max(1));
        if is_down && value + 1 < count(field) {
            value += 1;
        } else if is_down && field + 1 < self.facets.len() {
            (field, value) = (field + 1, 0);
        } else if !is_down && value > 0 {
            value -= 1;
        } else if !is_down && field > 0 {
            (field, value) = (field - 1, count(field - 1) - 1);
        }
        self.chosen = (field, value);
    }
}

impl App {
    pub(super) fn toggle_facets(&mut self) {
        self.facets.is_open = !self.facets.is_open;
        self.focus = if self.facets.is_open { Focus::Facets } else { Focus::List };
    }

    pub(super) fn facets_key(&mut self, code: KeyCode) {
        match code {
            KeyCode::Down | KeyCode::Char('j') => self.facets.step(true),
            KeyCode::Up | KeyCode::Char('k') => self.facets.step(false),
            KeyCode::Enter | KeyCode::Char('+') => self.narrow_by_facet(Sense::With),
            KeyCode::Char('-') => self.narrow_by_facet(Sense::Without),
            KeyCode::Char('a') => self.begin_prompt(Kind::Field),
            KeyCode::Char('d') | KeyCode::Delete => {
                if self.facets.chosen.0 < self.facets.facets.len() {
                    self.facets.facets.remove(self.facets.chosen.0);
                }
                let last = self.facets.facets.len().saturating_sub(1);
                self.facets.chosen = (self.facets.chosen.0.min(last), 0);
            }
            KeyCode::PageUp | KeyCode::PageDown | KeyCode::Home | KeyCode::End => {
                self.list_key(code, false);
            }
            _ => {}
        }
    }

    fn narrow_by_facet(&mut self, sense: Sense) {
        let (field, value) = self.facets.chosen;
        let Some(facet) = self.facets.facets.get(field) else { return };
        let Some((value, _)) = facet.values.get(value) else { return };
        let (field, value) = (facet.field.clone(), value.clone());
        self.narrow(&field, &value, sense);
    }

    /// Shows a field among the facets.
    pub(super) fn add_facet(&mut self, field: &str) {
        let field = field.trim().trim_matches('"');
        let facets = &mut self.facets.facets;
        if field.is_empty() || facets.len() >= FIELDS_MAX {
            return;
        }
        let place = facets.iter().position(|facet| facet.field == field).unwrap_or(facets.len());
        if place == facets.len() {
            facets.push(Facet::new(field));
        }
        self.facets.chosen = (place, 0);
    }

    /// Asks for the counts of the next field that has none, or none of now.
    pub(super) fn ask_facets(&mut self, now: Instant) {
        let rests = self.facets.rests_until.is_some_and(|until| now < until);
        if !self.facets.is_open || self.facets.pending.is_some() {
            return;
        }
        let is_due = |facet: &&Facet| match facet.counts {
            Counts::Missing => true,
            Counts::Aged => !rests,
            Counts::Fresh => false,
        };
        let Some(facet) = self.facets.facets.iter().find(is_due) else { return };
        let field = facet.field.clone();
        self.facets.pending = Some((field.clone(), now));
        self.effects.push(Effect::Ask(Ask::Facet { plan: self.plan.clone(), field }));
    }
}

/// A row of the pane.
enum Line {
    Field(usize),
    Value(usize, usize),
    Nothing(usize),
    Blank,
}

fn lines(facets: &Facets) -> Vec<Line> {
    let mut lines = Vec::new();
    for (index, facet) in facets.facets.iter().enumerate() {
        if index > 0 {
            lines.push(Line::Blank);
        }
        lines.push(Line::Field(index));
        lines.extend((0..facet.values.len()).map(|value| Line::Value(index, value)));
        if facet.values.is_empty() {
            lines.push(Line::Nothing(index));
        }
    }
    lines
}

/// Draws the pane.
pub(super) fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) {
    let title = app.words("facets", "分面").to_owned();
    let inner = framed(app, area, (&title, Focus::Facets), true, buffer);
    if inner.height == 0 {
        return;
    }
    let lines = lines(&app.facets);
    let is_chosen = |line: &Line| match line {
        Line::Value(field, value) => (*field, *value) == app.facets.chosen,
        Line::Nothing(field) => *field == app.facets.chosen.0,
        _ => false,
    };
    let chosen = lines.iter().position(is_chosen).unwrap_or(0);
    let height = usize::from(inner.height).max(1);
    // With the name of the field above the chosen value.
    let latest = chosen.saturating_sub(1);
    let earliest = (chosen + 2).saturating_sub(height).min(latest);
    app.facets.top = app.facets.top.clamp(earliest, latest);
    for (row, line) in lines.iter().skip(app.facets.top).take(height).enumerate() {
        let row_area = Rect { y: inner.y + row as u16, height: 1, ..inner };
        if is_chosen(line) && app.focus == Focus::Facets {
            buffer.set_style(row_area, app.look.theme.chosen(true));
        }
        draw_line(app, line, &mut Pen::new(buffer, row_area));
    }
}

fn draw_line(app: &App, line: &Line, pen: &mut Pen<'_>) {
    let theme = app.look.theme;
    match line {
        Line::Blank => {}
        Line::Field(index) => {
            let facet = &app.facets.facets[*index];
            pen.put(&safe_line(&facet.field), theme.name());
        }
        Line::Nothing(index) => {
            let facet = &app.facets.facets[*index];
            let text = match (&facet.problem, facet.counts != Counts::Missing) {
                (Some(problem), _) => safe_line(problem).into_owned(),
                (None, true) => app.words("none", "无").to_owned(),
                (None, false) => "\u{2026}".to_owned(),
            };
            pen.put(&format!(" {text}"), theme.dim());
        }
        Line::Value(index, value) => {
            let facet = &app.facets.facets[*index];
            let Some((value, count)) = facet.values.get(*value) else { return };
            let mark = if facet.problem.is_some() { "\u{2265}" } else { "" };
            let count = match facet.counts {
                Counts::Missing => "\u{2026}".to_owned(),
                _ => format!("{mark}{}", grouped(*count)),
            };
            pen.put_right(&count, theme.dim());
            let shown = match value.as_str() {
                "" => app.words("(without)", "（无此字段）").to_owned(),
                value => safe_line(&value[..value.floor_char_boundary(200)]).into_owned(),
            };
            let level = logloom_record::Level::from_name(value).filter(|_| facet.field == "level");
            pen.put(" ", theme.plain());
            pen.put(&shortened(&shown, pen.left()), theme.level(level));
        }
    }
}
