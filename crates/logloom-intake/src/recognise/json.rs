//! JSON objects of other loggers.
//!
//! Takes a line, gives a record when the line is one JSON object: members with a known meaning
//! (see [`names`]) go to their place, all others stay fields in their order, nested ones as JSON
//! text. A member that has a known name but not its meaning (`"time": "soon"`) stays a field too.
//! Anything that is not exactly one JSON object, or is nested too deeply, is refused.

use logloom_record::time::{from_epoch_float, from_epoch_number};
use logloom_record::{Exception, Level, Record};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Defaults, blank, level, names, time, value};

/// A member that was not yet given a place.
struct Member<'a> {
    name: String,
    raw: &'a str,
}

/// The members of an object in their order, duplicates included.
struct Members<'a>(Vec<Member<'a>>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<value::AnyText>()? {
            let raw = map.next_value::<&RawValue>()?.get();
            members.push(Member { name: name.0, raw });
        }
        Ok(Members(members))
    }
}

pub(super) fn recognise(line: &str, defaults: &Defaults) -> Option<Record> {
    let members = serde_json::from_str::<Members<'_>>(line).ok()?.0;
    let mut members = Unplaced(members.into_iter().map(Some).collect());
    let mut record = blank(defaults);
    place_head(&mut record, &mut members, defaults);
    place_context(&mut record, &mut members);
    record.exception = exception(&mut members);
    for member in members.0.into_iter().flatten() {
        record.fields.push((member.name, value::typed(member.raw)?));
    }
    Some(record)
}

fn place_head(record: &mut Record, members: &mut Unplaced<'_>, defaults: &Defaults) {
    let has_logger_name = members.has_logger_name();
    record.time_ns = members.take(names::TIME, |member| time_of(member, defaults));
    record.level = members.take(names::LEVEL, level_of).unwrap_or(defaults.level);
    if let Some(message) = members.take(names::MESSAGE, words_of) {
        record.message = message;
    }
    let mut module = members.take(names::MODULE, text_of);
    if module.is_none() && has_logger_name {
        module = members.take(&[names::LOGGER_NAME], text_of);
    }
    if let Some(module) = module {
        record.module = module;
    }
    if let Some(service) = members.take(names::SERVICE, text_of) {
        record.service = Some(service);
    }
    record.template = members.take(names::TEMPLATE, text_of);
    if record.message.is_empty() {
        record.message = record.template.clone().unwrap_or_default();
    }
}

fn place_context(record: &mut Record, members: &mut Unplaced<'_>) {
    record.trace_id = members.take(names::TRACE_ID, words_of);
    record.span_id = members.take(names::SPAN_ID, words_of);
    record.session_id = members.take(names::SESSION_ID, words_of);
}

/// Members that still wait for a place; those that found one are `None`.
struct Unplaced<'a>(Vec<Option<Member<'a>>>);

impl<'a> Unplaced<'a> {
    /// Takes out the first member, in the order of the table, that `read` understands.
    fn take<T>(&mut self, table: &[&str], read: impl Fn(&Member<'a>) -> Option<T>) -> Option<T> {
        table.iter().find_map(|name| {
            let slot = self.find(name)?;
            let found = read(slot.as_ref()?)?;
            *slot = None;
            Some(found)
        })
    }

    fn find(&mut self, name: &str) -> Option<&mut Option<Member<'a>>> {
        self.0.iter_mut().find(|slot| slot.as_ref().is_some_and(|member| member.name == name))
    }

    /// Whether the bare `name` is the name of a logger here.
    fn has_logger_name(&mut self) -> bool {
        names::LOGGER_NAME_SIGNS.iter().any(|sign| self.find(sign).is_some())
    }
}

fn time_of(member: &Member<'_>, defaults: &Defaults) -> Option<i64> {
    let text = words_of(member)?;
    if let Ok(whole) = text.parse::<i64>() {
        return from_epoch_number(whole);
    }
    match text.parse::<f64>() {
        Ok(fraction) => from_epoch_float(fraction),
        Err(_) => time::of_text(&text, defaults),
    }
}

fn level_of(member: &Member<'_>) -> Option<Level> {
    level::from_member(&member.name, &words_of(member)?)
}

/// The text of a string.
fn text_of(member: &Member<'_>) -> Option<String> {
    value::text(member.raw)
}

/// The text of a string, a number, true or false.
fn words_of(member: &Member<'_>) -> Option<String> {
    match member.raw.as_bytes().first()? {
        b'"' => value::text(member.raw),
        b'{' | b'[' | b'n' => None,
        _ => Some(member.raw.to_owned()),
    }
}

/// An exception from a text member, or from an object that has a message or a type.
///
/// The object stays among the fields as well, since it may hold more than an exception has room
/// for; a plain text under `error` is a field like any other.
fn exception(members: &mut Unplaced<'_>) -> Option<Exception> {
    let text = members.take(names::EXCEPTION_TEXT, text_of);
    if let Some(message) = text {
        return Some(exception_of(String::new(), message));
    }
    names::EXCEPTION_OBJECT.iter().find_map(|name| {
        let raw = members.find(name)?.as_ref()?.raw;
        let inner = serde_json::from_str::<Members<'_>>(raw).ok()?.0;
        let mut inner = Unplaced(inner.into_iter().map(Some).collect());
        let type_name = inner.take(&["type", "name", "kind", "class"], text_of);
        let message = inner.take(&["message", "msg"], text_of);
        (type_name.is_some() || message.is_some())
            .then(|| exception_of(type_name.unwrap_or_default(), message.unwrap_or_default()))
    })
}

fn exception_of(type_name: String, message: String) -> Exception {
    Exception { type_name, message, frames: Vec::new(), cause: None }
}

#[cfg(test)]
mod tests;
