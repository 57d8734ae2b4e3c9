//! Writes the line of one record.

use super::options::{KeyTable, LoomOptions, Rendered, Span};
use super::parts::{ID_NAMES, LiftedValues, Origin, key_name};
use super::plan::{NAME_BYTES_MAX, PlannedMessage, Segment, SitePlan, push_key};
use crate::json::names::NameSet;
use crate::json::{Limits, append, push_string, push_text, push_view};
use crate::printf::Conversion;
use crate::time::TimestampCache;
use crate::wire::{CONTEXT, FOREIGN, KEYED, KeyedIter, RecordView, TRUNCATED, ValueView};

/// Longest thread name as written, in bytes.
const THREAD_BYTES_MAX: usize = 256;
/// Texts are not cut below this many bytes; fields are left out instead.
const TEXT_BYTES_MIN: usize = 32;

/// Appends the line of a record, line break included.
///
/// `plan` is that of the record's site; `time_ns` the record's time, own or converted; `thread`
/// the name of the thread that wrote it; `keys` the names of keys that have numbers.
#[expect(clippy::too_many_arguments, reason = "a line is made of this; a struct would hide it")]
pub fn render(
    plan: &SitePlan,
    options: &LoomOptions,
    cache: &mut TimestampCache,
    time_ns: i64,
    thread: Option<&str>,
    view: &RecordView<'_>,
    keys: &dyn KeyTable,
    out: &mut Vec<u8>,
) -> Rendered {
    let start = out.len();
    let limit = options.line_limit();
    let limits = Limits { text: limit, end: start + limit };
    let was_cut_before = view.header().has(TRUNCATED);
    let state = Rendered { truncated: was_cut_before, ..Rendered::default() };
    let mut line =
        Line { plan, options, cache, time_ns, thread, view, keys, limits, state, drops: false };
    out.reserve(view.header().length as usize + 256);
    if !line.write(out) || out.len() - start > limit {
        line.fit(start, limit, out);
    }
    line.state
}

/// The same for a record that carries its site itself.
///
/// Such a record costs a [`SitePlan`] of its own; one with a known site is used with the plan of
/// an unknown one, FATAL without a module, should it come here.
#[expect(clippy::too_many_arguments, reason = "the same as for `render`")]
pub fn render_inline(
    options: &LoomOptions,
    cache: &mut TimestampCache,
    time_ns: i64,
    thread: Option<&str>,
    view: &RecordView<'_>,
    keys: &dyn KeyTable,
    out: &mut Vec<u8>,
) -> Rendered {
    let site = match view.inline_site() {
        Some(site) => site.describe(),
        None => unknown_site(),
    };
    let plan = SitePlan::new(&site, options);
    render(&plan, options, cache, time_ns, thread, view, keys, out)
}

fn unknown_site() -> crate::SiteDescription {
    crate::SiteDescription {
        level: crate::Level::Fatal,
        module: "".into(),
        file: "".into(),
        line: 0,
        template: "".into(),
        message_kind: crate::MessageKind::Formatted,
        fields: Vec::new(),
    }
}

/// A line while it is written.
pub(super) struct Line<'l, 'a> {
    pub(super) plan: &'l SitePlan,
    pub(super) options: &'l LoomOptions,
    cache: &'l mut TimestampCache,
    time_ns: i64,
    thread: Option<&'l str>,
    pub(super) view: &'l RecordView<'a>,
    pub(super) keys: &'l dyn KeyTable,
    pub(super) limits: Limits,
    pub(super) state: Rendered,
    /// Whether fields beyond the limit are left out; if not, the line is given up there.
    pub(super) drops: bool,
}

impl<'l, 'a> Line<'l, 'a> {
    /// Finds the greatest length of single texts at which the line keeps to its limit.
    #[cold]
    fn fit(&mut self, start: usize, limit: usize, out: &mut Vec<u8>) {
        self.state.truncated = true;
        let (mut fits, mut too_long) = (0, limit);
        let mut text = limit / 2;
        while text >= TEXT_BYTES_MIN && too_long - fits > too_long / 16 {
            self.limits.text = text;
            out.truncate(start);
            if self.write(out) && out.len() - start <= limit {
                fits = text;
            } else {
                too_long = text;
            }
            text = fits.midpoint(too_long);
        }
        self.limits.text = fits.max(TEXT_BYTES_MIN);
        self.drops = fits == 0;
        if self.drops {
            self.limits.end = start + limit / 2;
        }
        out.truncate(start);
        self.write(out);
        self.state.texts = Span { start, end: out.len() };
    }

    /// Writes the line; `false` when it was given up because it is too long.
    #[inline]
    fn write(&mut self, out: &mut Vec<u8>) -> bool {
        self.state.texts = Span::default();
        out.extend_from_slice(b"{\"timestamp\":\"");
        self.cache.push(self.time_ns, self.options.digits(), out);
        out.push(b'"');
        let is_plain = self.view.header().flags & (CONTEXT | KEYED | FOREIGN) == 0;
        let is_whole = match &self.plan.action {
            Some(action) => self.write_action(action, out),
            None if is_plain => self.write_plain(out),
            None if self.write_planned(out) => true,
            None => self.write_keyed(out),
        };
        if !is_whole {
            return false;
        }
        out.extend_from_slice(&self.plan.place);
        if let (true, Some(thread)) = (self.options.include_thread, self.thread) {
            push_key("thread", out);
            let start = out.len();
            push_string(thread.as_bytes(), THREAD_BYTES_MAX, out);
            self.state.texts.extend(start, out.len());
        }
        out.extend_from_slice(&self.plan.process);
        out.extend_from_slice(b"}\n");
        true
    }

    /// A record with positional values only, the common case.
    #[inline]
    fn write_plain(&mut self, out: &mut Vec<u8>) -> bool {
        out.extend_from_slice(&self.plan.head);
        self.message(out);
        let mut exception = None;
        if !self.positional(&mut exception, out) {
            return false;
        }
        self.template_and_exception(exception, out);
        true
    }

    /// A record with keyed values or a context.
    #[inline(never)]
    fn write_keyed(&mut self, out: &mut Vec<u8>) -> bool {
        let own = self.view.keyed().unwrap_or_else(|_| {
            self.state.damaged = true;
            KeyedIter::EMPTY
        });
        let lifted = LiftedValues::collect(self.view, own, self.keys);
        out.extend_from_slice(&self.plan.level);
        let mut start = out.len();
        match lifted.service {
            Some(service) => self.short_member("service", service.value, out),
            None => out.extend_from_slice(&self.plan.service),
        }
        out.extend_from_slice(&self.plan.module);
        if lifted.service.is_none() {
            start = out.len();
        }
        self.message(out);
        for (name, id) in ID_NAMES.into_iter().zip(lifted.ids) {
            if let Some(id) = id {
                push_key(name, out);
                self.value(id.value, out);
            }
        }
        let mut exception = lifted.exception.map(|lifted| lifted.value);
        let mut names = NameSet::default();
        let (view, options) = (self.view, self.options);
        let is_reserved = |name: &str| options.is_reserved(name);
        let mut keyed = |line: &mut Self, origin, entries, out: &mut Vec<u8>| {
            let is_elsewhere = |index, _: &str, _: &_| lifted.holds(origin, index);
            line.keyed(entries, is_elsewhere, is_reserved, &mut names, out)
        };
        let is_whole = self.positional(&mut exception, out)
            && keyed(self, Origin::Keyed, own, out)
            && keyed(self, Origin::Context, view.context(), out);
        self.state.texts.extend(start, out.len());
        self.state.texts.start = start;
        if is_whole {
            self.template_and_exception(exception, out);
        }
        is_whole
    }

    pub(super) fn short_member(&mut self, name: &str, value: ValueView<'_>, out: &mut Vec<u8>) {
        let limits = self.limits;
        self.limits.text = limits.text.min(NAME_BYTES_MAX);
        push_key(name, out);
        self.value(value, out);
        self.limits = limits;
    }

    #[inline]
    pub(super) fn message(&mut self, out: &mut Vec<u8>) {
        let start = out.len();
        match (self.view.message(), &self.plan.message) {
            (Some(message), _) => self.carried(message, out),
            (None, PlannedMessage::Literal(member)) => return out.extend_from_slice(member),
            (None, PlannedMessage::Template(segments)) => self.fill(segments, out),
            (None, PlannedMessage::Carried) => return,
        }
        self.state.texts.extend(start, out.len());
    }

    /// A message that the record has itself.
    #[inline]
    pub(super) fn carried(&mut self, message: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"message\":");
        self.state.truncated |= push_string(message, self.limits.text, out);
    }

    /// Fills the holes of a template from the positional values.
    fn fill(&mut self, segments: &[Segment], out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"message\":\"");
        for segment in segments {
            if !self.has_room(out) {
                break;
            }
            match segment {
                Segment::Text(escaped) => out.extend_from_slice(escaped),
                Segment::Hole(index) => {
                    if let Some(Ok(value)) = self.view.values().nth(*index) {
                        self.hole(value, out);
                    }
                }
                Segment::Conversion(index, conversion) => {
                    if let Some(Ok(value)) = self.view.values().nth(*index) {
                        self.conversion(*conversion, value, out);
                    }
                }
            }
        }
        out.push(b'"');
    }

    /// Shows a value as a conversion has it; one that it does not take, such as a mask, as in a hole.
    fn conversion(&mut self, conversion: Conversion, value: ValueView<'_>, out: &mut Vec<u8>) {
        let is_text = conversion == Conversion::TEXT && matches!(value, ValueView::Text(_));
        let mut shown = String::new();
        if is_text || !conversion.format(value, &mut shown) {
            return self.hole(value, out);
        }
        self.state.truncated |= push_text(shown.as_bytes(), self.limits.text, out);
    }

    fn hole(&mut self, value: ValueView<'_>, out: &mut Vec<u8>) {
        match value {
            ValueView::Text(bytes) => {
                self.state.truncated |= push_text(bytes, self.limits.text, out);
            }
            ValueView::I64(_) | ValueView::U64(_) | ValueView::Bool(_) | ValueView::Null => {
                self.value(value, out);
            }
            // What the error says; its type, frames and causes stand in its field.
            ValueView::Exception(exception) => {
                if let Some(Ok(link)) = exception.links().next() {
                    self.state.truncated |= push_text(link.message, self.limits.text, out);
                }
            }
            other => {
                let mut text = Vec::new();
                let limits = Limits { text: self.limits.text, end: self.limits.text };
                let (was_cut, _) = push_view(other, limits, &mut text);
                self.state.truncated |= was_cut;
                let inside = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
                match inside {
                    // What is a string already is escaped already.
                    Some(inside) => out.extend_from_slice(inside),
                    None => {
                        self.state.truncated |= push_text(&text, self.limits.text, out);
                    }
                }
            }
        }
    }

    #[inline]
    pub(super) fn value(&mut self, value: ValueView<'_>, out: &mut Vec<u8>) {
        let (was_cut, damaged) = push_view(value, self.limits, out);
        self.state.truncated |= was_cut;
        self.state.damaged |= damaged;
    }

    /// Whether the line has not yet reached the length at which it is given up or cut short.
    #[inline]
    pub(super) fn has_room(&self, out: &[u8]) -> bool {
        out.len() <= self.limits.end
    }

    /// The values of the site's fields; an action has none that are null.
    #[inline]
    pub(super) fn positional(
        &mut self,
        exception: &mut Option<ValueView<'a>>,
        out: &mut Vec<u8>,
    ) -> bool {
        let has_null = self.plan.action.is_none();
        let plan = self.plan;
        let mut values = self.view.values();
        for field in &plan.fields {
            if !field.key.is_empty()
                && self.has_room(out)
                && let Some(text) = values.next_text()
            {
                append(&field.key, out);
                let start = out.len();
                self.state.truncated |= push_string(text, self.limits.text, out);
                self.state.texts.extend(start, out.len());
                continue;
            }
            let value = match values.next() {
                Some(Ok(value)) => value,
                Some(Err(_)) => {
                    self.state.damaged = true;
                    return true;
                }
                None => return true,
            };
            if field.key.is_empty() {
                continue;
            }
            if !self.has_room(out) {
                return self.drops;
            }
            if !has_null && matches!(value, ValueView::Null) {
                continue;
            }
            let is_lifted = field.is_exception && matches!(value, ValueView::Exception(_));
            if is_lifted && exception.is_none() {
                *exception = Some(value);
                continue;
            }
            append(&field.key, out);
            let start = out.len();
            self.value(value, out);
            if may_hold_text(&value) {
                self.state.texts.extend(start, out.len());
            }
        }
        true
    }

    /// Keyed values but those that stand elsewhere, each under a name that is free.
    pub(super) fn keyed<'n>(
        &mut self,
        entries: KeyedIter<'a>,
        is_elsewhere: impl Fn(usize, &str, &ValueView<'a>) -> bool,
        is_reserved: impl Fn(&str) -> bool,
        names: &mut NameSet<'n>,
        out: &mut Vec<u8>,
    ) -> bool
    where
        'l: 'n,
        'a: 'n,
    {
        let (keys, plan) = (self.keys, self.plan);
        let is_taken =
            |name: &str| is_reserved(name) || plan.fields.iter().any(|field| field.name == name);
        for (index, entry) in entries.enumerate() {
            let Ok(entry) = entry else {
                self.state.damaged = true;
                return true;
            };
            let name = key_name(entry.key, keys);
            if is_elsewhere(index, &name, &entry.value) {
                continue;
            }
            if !self.has_room(out) {
                return self.drops;
            }
            push_key(&names.unique(name, is_taken), out);
            self.value(entry.value, out);
        }
        true
    }

    #[inline]
    pub(super) fn template_and_exception(
        &mut self,
        exception: Option<ValueView<'_>>,
        out: &mut Vec<u8>,
    ) {
        if self.plan.keeps_template || self.view.header().has(FOREIGN) {
            out.extend_from_slice(&self.plan.template);
        }
        if let Some(exception) = exception {
            push_key("exception", out);
            let start = out.len();
            self.value(exception, out);
            self.state.texts.extend(start, out.len());
        }
        if self.drops {
            out.extend_from_slice(b",\"logloom.truncated\":true");
        }
    }
}

/// Whether a value is written with characters of the caller's.
#[inline]
fn may_hold_text(value: &ValueView<'_>) -> bool {
    let is_plain = matches!(
        value,
        ValueView::I64(_)
            | ValueView::U64(_)
            | ValueView::F64(_)
            | ValueView::Bool(_)
            | ValueView::Null
    );
    !is_plain
}
