//! The line of an action: the order of the action log instead of that of other lines.
//!
//! `timestamp level action_number action_type session_id execution_id status`, then the fields of its
//! type in their order, a message where a foreign record has one, further keyed fields, the fields of
//! its scope, `trace_id span_id`, and what the options add. A field that is null is left out at the top,
//! an empty text or list stays.
//!
//! The number is not known here: `0` in twenty digits stands for it in a line that belongs to a session,
//! and [`Rendered::number_at`](super::Rendered) says where. An action without a session has none, and
//! one that was numbered elsewhere keeps its own.

use super::options::{KeyTable, Span};
use super::parts::{Origin, key_name};
use super::plan::{SitePlan, member, push_key};
use super::render::Line;
use crate::json::append;
use crate::json::names::NameSet;
use crate::wire::{CONTEXT, FOREIGN, KEYED, KeyedIter, RecordView, ValueView};
use crate::{MessageKind, SiteDescription};

/// What stands before the number.
pub const NUMBER_MEMBER: &[u8] = b",\"action_number\":";
/// Digits of the greatest number: the room that a line has for its own.
pub const NUMBER_ROOM: usize = 20;
/// Longest action type as written, in bytes.
const TYPE_BYTES_MAX: usize = 128;
/// Names that a line of an action uses itself.
const OWN_NAMES: [&str; 9] = [
    "timestamp",
    "level",
    "action_number",
    "action_type",
    "session_id",
    "execution_id",
    "status",
    "trace_id",
    "span_id",
];

/// What is the same for all actions of a site.
#[derive(Clone, Debug)]
pub(super) struct ActionPlan {
    /// `,"action_type":"tool_call"`
    member: Vec<u8>,
    /// Number of the positional value that is the session.
    session: Option<usize>,
}

impl ActionPlan {
    /// `None` for a site whose records are no actions.
    pub(super) fn of(site: &SiteDescription) -> Option<ActionPlan> {
        let is_action = site.message_kind == MessageKind::Action;
        is_action.then(|| ActionPlan {
            member: member("action_type", &site.template, TYPE_BYTES_MAX),
            session: site.fields.iter().position(|field| field == "session_id"),
        })
    }

    fn own_session<'a>(&self, view: &RecordView<'a>) -> Own<'a> {
        let Some(index) = self.session else { return Own::None };
        let mut values = view.values();
        for _ in 0..index {
            if !matches!(values.next(), Some(Ok(_))) {
                return Own::None;
            }
        }
        if let Some(id) = values.next_text() {
            return Own::Text(id);
        }
        match values.next() {
            Some(Ok(value)) if value_is_there(&value) => Own::Other,
            _ => Own::None,
        }
    }

    /// What its lines may hold beside the texts of their records.
    pub(super) fn constants(&self) -> [&[u8]; 2] {
        [NUMBER_MEMBER, &self.member]
    }
}

/// The session of an action, as the bytes of its id; `None` where it has none, or is no action.
pub fn session_of<'a>(
    plan: &SitePlan,
    view: &RecordView<'a>,
    keys: &dyn KeyTable,
) -> Option<&'a [u8]> {
    let action = plan.action.as_ref()?;
    match action.own_session(view) {
        Own::None => told_session(&Parts::collect(view, keys)),
        own => own.id(),
    }
}

/// The session that is told apart from the fields of the type.
fn told_session<'a>(parts: &Parts<'a>) -> Option<&'a [u8]> {
    match parts.session {
        Some((ValueView::Text(id), _)) if !id.is_empty() => Some(id),
        _ => None,
    }
}

/// The session among the fields of an action.
#[derive(Clone, Copy)]
enum Own<'a> {
    /// There is none, or it is null.
    None,
    Text(&'a [u8]),
    /// It is no text.
    Other,
}

impl<'a> Own<'a> {
    fn id(self) -> Option<&'a [u8]> {
        match self {
            Own::Text(id) if !id.is_empty() => Some(id),
            _ => None,
        }
    }
}

fn value_is_there(value: &ValueView<'_>) -> bool {
    !matches!(value, ValueView::Null)
}

/// A value with the place where it stands.
type Found<'a> = (ValueView<'a>, (Origin, usize));

/// The keyed values that have a place of their own in the line.
#[derive(Default)]
struct Parts<'a> {
    number: Option<Found<'a>>,
    session: Option<Found<'a>>,
    execution: Option<Found<'a>>,
    status: Option<Found<'a>>,
    trace: Option<Found<'a>>,
    span: Option<Found<'a>>,
}

impl<'a> Parts<'a> {
    fn collect(view: &RecordView<'a>, keys: &dyn KeyTable) -> Parts<'a> {
        let mut parts = Parts::default();
        if view.header().has(FOREIGN) {
            parts.add(Origin::Keyed, view.keyed().unwrap_or(KeyedIter::EMPTY), keys);
        }
        parts.add(Origin::Context, view.context(), keys);
        parts
    }

    fn add(&mut self, origin: Origin, entries: KeyedIter<'a>, keys: &dyn KeyTable) {
        let is_own = origin == Origin::Keyed;
        for (index, entry) in entries.enumerate() {
            let Ok(entry) = entry else { return };
            let slot = match &*key_name(entry.key, keys) {
                "action_number" if is_own => &mut self.number,
                "execution_id" if is_own => &mut self.execution,
                "status" if is_own => &mut self.status,
                "session_id" => &mut self.session,
                "trace_id" => &mut self.trace,
                "span_id" => &mut self.span,
                _ => continue,
            };
            if value_is_there(&entry.value) {
                slot.get_or_insert((entry.value, (origin, index)));
            }
        }
    }

    fn holds(&self, place: (Origin, usize)) -> bool {
        let all = [&self.number, &self.session, &self.execution];
        let rest = [&self.status, &self.trace, &self.span];
        all.into_iter().chain(rest).flatten().any(|(_, at)| *at == place)
    }
}

impl<'l, 'a> Line<'l, 'a> {
    /// Writes what stands between the time and what the options add; `false` when it is too long.
    pub(super) fn write_action(&mut self, action: &'l ActionPlan, out: &mut Vec<u8>) -> bool {
        let own = action.own_session(self.view);
        if self.view.header().flags & (CONTEXT | KEYED | FOREIGN) == 0 {
            return self.write_plain_action(action, own, out);
        }
        let mut parts = Parts::collect(self.view, self.keys);
        let session = match own {
            Own::None => told_session(&parts),
            own => {
                // The scope's session is another one then, or the same once more.
                parts.session = None;
                own.id()
            }
        };
        out.extend_from_slice(&self.plan.level);
        let mut start = out.len();
        self.number(&parts, session.is_some(), out);
        out.extend_from_slice(&action.member);
        if parts.number.is_none() {
            // What stands so far is no text of the record's.
            start = out.len();
        }
        let common = [
            ("session_id", &parts.session),
            ("execution_id", &parts.execution),
            ("status", &parts.status),
        ];
        self.members(&common, out);
        let mut names = NameSet::default();
        let keyed = self.view.keyed().unwrap_or(KeyedIter::EMPTY);
        let (view, options) = (self.view, self.options);
        let is_reserved = |name: &str| OWN_NAMES.contains(&name) || options.writes(name);
        let mut rest = |line: &mut Self, origin, entries, out: &mut Vec<u8>| {
            let is_elsewhere = |index, name: &str, value: &ValueView<'a>| {
                // The session of a scope is that of the action, which has told its own.
                let is_told = origin == Origin::Context && name == "session_id";
                is_told || !value_is_there(value) || parts.holds((origin, index))
            };
            line.keyed(entries, is_elsewhere, is_reserved, &mut names, out)
        };
        let mut is_whole = self.positional(&mut None, out);
        if let (true, Some(message)) = (is_whole, view.message()) {
            self.carried(message, out);
        }
        is_whole = is_whole
            && rest(self, Origin::Keyed, keyed, out)
            && rest(self, Origin::Context, view.context(), out);
        self.members(&[("trace_id", &parts.trace), ("span_id", &parts.span)], out);
        self.state.texts = Span { start, end: out.len() };
        is_whole
    }

    /// The same for an action with positional values only, the common case.
    fn write_plain_action(
        &mut self,
        action: &'l ActionPlan,
        own: Own<'a>,
        out: &mut Vec<u8>,
    ) -> bool {
        append(&self.plan.level, out);
        self.room_for_number(own.id().is_some(), out);
        append(&action.member, out);
        let start = out.len();
        let is_whole = self.positional(&mut None, out);
        if let (true, Some(message)) = (is_whole, self.view.message()) {
            self.carried(message, out);
        }
        self.state.texts = Span { start, end: out.len() };
        is_whole
    }

    fn number(&mut self, parts: &Parts<'a>, has_session: bool, out: &mut Vec<u8>) {
        if let Some((value, _)) = parts.number {
            self.state.number_at = None;
            out.extend_from_slice(NUMBER_MEMBER);
            return self.value(value, out);
        }
        self.room_for_number(has_session, out);
    }

    fn room_for_number(&mut self, has_session: bool, out: &mut Vec<u8>) {
        self.state.number_at = None;
        if has_session {
            out.extend_from_slice(NUMBER_MEMBER);
            self.state.number_at = Some(out.len());
            out.extend_from_slice(&[b'0'; NUMBER_ROOM]);
        }
    }

    fn members(&mut self, members: &[(&str, &Option<Found<'a>>)], out: &mut Vec<u8>) {
        for (name, found) in members {
            if let Some((value, _)) = found {
                push_key(name, out);
                self.value(*value, out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::dialect::loom::{LoomOptions, Rendered, TimestampCache, render};
    use crate::wire::{SiteReference, encode_record};
    use crate::{Level, Record, Value};

    fn site(fields: &[&'static str]) -> SiteDescription {
        SiteDescription {
            level: Level::Info,
            module: "logloom.action".into(),
            file: "".into(),
            line: 0,
            template: "tool_call".into(),
            message_kind: MessageKind::Action,
            fields: fields.iter().map(|field| (*field).into()).collect(),
        }
    }

    fn line(record: &Record) -> (String, Rendered) {
        let options = LoomOptions { service: "shop".to_owned(), ..LoomOptions::default() };
        let plan = SitePlan::new(&site(&[]), &options);
        let mut bytes = Vec::new();
        encode_record(record, SiteReference::Known(7), 0, &mut |_| 0, 1 << 16, &mut bytes);
        let view = RecordView::parse(&bytes, 0).unwrap();
        let mut out = Vec::new();
        let stamps = &mut TimestampCache::default();
        let rendered = render(&plan, &options, stamps, 0, None, &view, &(), &mut out);
        (String::from_utf8(out).unwrap(), rendered)
    }

    fn action() -> Record {
        let mut record = Record::new(Level::Info, "logloom.action", "");
        record.session_id = Some("s".to_owned());
        record
    }

    #[test]
    fn the_order_is_that_of_the_action_log() {
        let mut record = action().with("tool_name", "bash").with("status", "success");
        record = record.with("args", Value::Array(Vec::new())).with("reason", "");
        record.trace_id = Some("t".to_owned());
        let (line, rendered) = line(&record.with("none", Value::Null).with("level", 3));
        let expected = "{\"timestamp\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"INFO\",\
            \"action_number\":00000000000000000000,\"action_type\":\"tool_call\",\"session_id\":\"s\",\
            \"status\":\"success\",\"tool_name\":\"bash\",\"args\":[],\"reason\":\"\",\"level_\":3,\
            \"trace_id\":\"t\"}\n";
        assert_eq!(line, expected);
        let at = rendered.number_at.unwrap();
        assert_eq!(&line[at..at + NUMBER_ROOM], "0".repeat(20));
    }

    #[test]
    fn an_action_without_a_session_has_no_number_and_one_with_a_number_keeps_it() {
        let mut record = action();
        record.session_id = None;
        let (text, rendered) = line(&record);
        assert!(!text.contains("action_number"), "{text}");
        assert_eq!(rendered.number_at, None);
        let (text, rendered) = line(&action().with("action_number", 1234));
        assert!(text.contains(",\"action_number\":1234,\"action_type\""), "{text}");
        assert_eq!(rendered.number_at, None);
    }

    #[test]
    fn a_long_action_keeps_to_the_limit_with_its_number() {
        let (text, rendered) = line(&action().with("output", "x".repeat(60_000)));
        assert!(rendered.number_at.is_some_and(|at| text[at..].starts_with("0000")));
        let options = LoomOptions { max_line_bytes: 16 << 10, ..LoomOptions::default() };
        let plan = SitePlan::new(&site(&[]), &options);
        let mut bytes = Vec::new();
        let record = action().with("output", "x".repeat(60_000));
        encode_record(&record, SiteReference::Known(7), 0, &mut |_| 0, 1 << 17, &mut bytes);
        let view = RecordView::parse(&bytes, 0).unwrap();
        let mut out = vec![b'-'; 5];
        let stamps = &mut TimestampCache::default();
        let rendered = render(&plan, &options, stamps, 0, None, &view, &(), &mut out);
        assert!(out.len() <= 5 + (16 << 10) && rendered.truncated);
        assert_eq!(&out[rendered.number_at.unwrap()..][..NUMBER_ROOM], [b'0'; NUMBER_ROOM]);
    }
}
