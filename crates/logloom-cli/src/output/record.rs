//! A line of the log taken apart for readers: what every record has, the error, the other fields.

use std::borrow::Cow;

use logloom_filter::{Kind, LineView, RawValue};
use logloom_record::Level;
use logloom_record::time::parse_timestamp;

use super::time::Clock;
use crate::terminal::safe_line;

/// Fields that are kept for machines and shown to nobody.
const HIDDEN: &[&str] = &["template", "lang_key"];

/// Long names of what a record belongs to; they come after what it says.
const IDS: &[&str] = &["trace_id", "span_id", "session_id", "execution_id"];

/// What a reader wants to see of a line.
pub(crate) struct Shown<'a> {
    pub(crate) time_ns: Option<i64>,
    /// The time is that of the arrival: the line named none, and may be much older.
    pub(crate) is_arrival: bool,
    pub(crate) level: Cow<'a, str>,
    pub(crate) service: Cow<'a, str>,
    pub(crate) module: Cow<'a, str>,
    pub(crate) message: Cow<'a, str>,
    /// Errors and texts of several lines, which are shown below the others.
    pub(crate) below: Vec<(Cow<'a, str>, RawValue<'a>)>,
    pub(crate) fields: Vec<(Cow<'a, str>, RawValue<'a>)>,
}

impl<'a> Shown<'a> {
    /// `None` for a damaged line.
    pub(crate) fn of(line: &'a [u8]) -> Option<Self> {
        let view = LineView::new(line);
        if !view.is_well_formed() {
            return None;
        }
        let mut shown = Self {
            time_ns: None,
            is_arrival: false,
            level: Cow::Borrowed(""),
            service: Cow::Borrowed(""),
            module: Cow::Borrowed(""),
            message: Cow::Borrowed(""),
            below: Vec::new(),
            fields: Vec::new(),
        };
        for (key, value) in view.members() {
            shown.is_arrival |= key.text() == "time_source" && value.equals_text("arrival");
            shown.add(key.text(), value);
        }
        shown.fields.sort_by_key(|(key, _)| IDS.contains(&key.as_ref()));
        Some(shown)
    }

    /// The time, marked where nobody but us has told it; `None` where there is none.
    pub(super) fn time(&self, clock: &Clock) -> Option<String> {
        let time = self.time_ns?;
        Some(if self.is_arrival { clock.show_arrival(time) } else { clock.show(time) })
    }

    fn add(&mut self, key: Cow<'a, str>, value: RawValue<'a>) {
        match key.as_ref() {
            "timestamp" => self.time_ns = parse_timestamp(&value.text()),
            "level" => self.level = level(value.text()),
            "service" => self.service = value.text(),
            "module" => self.module = value.text(),
            "message" => self.message = value.text(),
            "exception" => self.below.push((Cow::Borrowed(""), value)),
            hidden if HIDDEN.contains(&hidden) => {}
            _ if is_long(&value) => self.below.push((key, value)),
            _ => self.fields.push((key, value)),
        }
    }
}

/// The name of a level in our own spelling, whoever wrote the line; other words stay.
pub(crate) fn level(text: Cow<'_, str>) -> Cow<'_, str> {
    Level::from_name(text.trim()).map_or(text, |level| Cow::Borrowed(level.as_str()))
}

/// Whether a value is an error, or has several lines.
fn is_long(value: &RawValue<'_>) -> bool {
    match value.kind() {
        Kind::Text => {
            memchr::memmem::find(value.raw(), b"\\n").is_some() && value.text().contains('\n')
        }
        Kind::Object => {
            let names = value.members().into_iter().flatten().map(|(name, _)| name.text());
            names.filter(|name| matches!(name.as_ref(), "type" | "message")).count() == 2
        }
        _ => false,
    }
}

/// A field's value on one line: bare words as they are, everything else as JSON.
pub(crate) fn value_text<'a>(value: &RawValue<'a>) -> Cow<'a, str> {
    let text = value.text();
    let is_bare = |c: char| !c.is_whitespace() && !matches!(c, '"' | '\'' | '=' | '\\');
    let shown = match value.kind() {
        Kind::Text if !text.is_empty() && text.chars().all(is_bare) => text,
        Kind::Text => String::from_utf8_lossy(value.raw()),
        _ => text,
    };
    match safe_line(&shown) {
        Cow::Borrowed(_) => shown,
        Cow::Owned(safe) => Cow::Owned(safe),
    }
}
