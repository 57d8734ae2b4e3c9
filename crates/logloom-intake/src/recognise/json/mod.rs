//! JSON objects of other loggers.
//!
//! Takes a line, gives a record when the line is one JSON object: members with a known meaning
//! (see [`names`]) go to their place, all others stay fields in their order, nested ones as JSON
//! text. A member that has a known name but not its meaning (`"time": "soon"`) stays a field too.
//! Loggers that put these members into objects of their own, or mean something else by the same
//! names, have a file in `forms/`. Anything that is not exactly one JSON object, or is nested too
//! deeply, is refused.

mod forms;
mod own;
mod scan;

use std::borrow::Cow;

use logloom_record::{Exception, Level, Record, Value};

use super::names::{Meaning, sign};
use super::{Defaults, blank, level, place_time};
use crate::clock::{self, Time};
use crate::spare;
pub(crate) use forms::{FORMS, form_of};
use scan::Member;

pub(super) fn recognise(line: &str, defaults: &Defaults) -> Option<Record> {
    let members = scan::members(line)?;
    let signs = signs(&members);
    if signs == 0 {
        generic(members, signs, defaults)
    } else {
        forms::read(members, signs, defaults)
    }
}

/// The records of a line that holds any number of them; `None` for every other line.
pub(super) fn recognise_many(line: &str, defaults: &Defaults) -> Option<Vec<Record>> {
    let head = line.trim_start().strip_prefix('{')?.trim_start();
    head.starts_with("\"resourceLogs\"").then(|| forms::otlp::records(line, defaults)).flatten()
}

fn signs(members: &[Member<'_>]) -> u32 {
    members.iter().fold(0, |signs, member| signs | member.known.signs)
}

/// The record of members whose names say what they are.
fn generic(members: Vec<Member<'_>>, signs: u32, defaults: &Defaults) -> Option<Record> {
    let mut record = blank(defaults);
    record.fields.reserve(members.len());
    let mut members = Unplaced::new(members);
    let time = members.time(defaults);
    members.place_head(&mut record, signs & sign::NAME_IS_LOGGER != 0, defaults);
    record.trace_id = members.take(Meaning::TraceId, words_of);
    record.span_id = members.take(Meaning::SpanId, words_of);
    record.session_id = members.take(Meaning::SessionId, words_of);
    record.exception = members.exception();
    for member in members.all.into_iter().filter(|member| !member.is_placed) {
        let value = member.typed()?;
        record.fields.push((field_name(member.name), value));
    }
    place_time(&mut record, time);
    Some(record)
}

/// Members, some of which have found their place.
struct Unplaced<'a> {
    all: Vec<Member<'a>>,
    /// The place of the most telling member of each meaning.
    first: [Option<usize>; Meaning::COUNT],
}

impl<'a> Unplaced<'a> {
    fn new(all: Vec<Member<'a>>) -> Self {
        let mut first: [Option<usize>; Meaning::COUNT] = [None; Meaning::COUNT];
        for (at, member) in all.iter().enumerate() {
            if member.known.meaning == Meaning::Field {
                continue;
            }
            let best = &mut first[member.known.meaning as usize];
            if best.is_none_or(|other| member.known.rank < all[other].known.rank) {
                *best = Some(at);
            }
        }
        Self { all, first }
    }

    /// Takes out the member of this meaning, the most telling first, that `read` understands.
    fn take<T>(&mut self, meaning: Meaning, read: impl Fn(&Member<'a>) -> Option<T>) -> Option<T> {
        let mut at = self.first[meaning as usize]?;
        loop {
            let member = &mut self.all[at];
            if let Some(found) = read(member) {
                member.is_placed = true;
                return Some(found);
            }
            let rank = member.known.rank;
            at = self.next(meaning, (rank, at))?;
        }
    }

    /// The place of the member of this meaning that is next to the one of this rank and place.
    fn next(&self, meaning: Meaning, last: (u8, usize)) -> Option<usize> {
        let all = self.all.iter().enumerate().filter(|(_, member)| member.means(meaning));
        let ranked = all.map(|(at, member)| (member.known.rank, at)).filter(|rank| *rank > last);
        ranked.min().map(|(_, at)| at)
    }

    /// The time; where no member settles one, the member stays among the fields and the record says
    /// that its time is that of the arrival.
    fn time(&mut self, defaults: &Defaults) -> Time {
        let found = self.take(Meaning::Time, |member| match time_of(member, defaults) {
            Time::Known(time_ns) => Some(time_ns),
            Time::Unsettled(_) | Time::Absent => None,
        });
        match found {
            Some(time_ns) => Time::Known(time_ns),
            None if self.all.iter().any(|member| member.means(Meaning::Time)) => {
                Time::Unsettled(String::new())
            }
            None => Time::Absent,
        }
    }

    fn place_head(&mut self, record: &mut Record, name_is_logger: bool, defaults: &Defaults) {
        record.level = self.take(Meaning::Level, level_of).unwrap_or(defaults.level);
        if let Some(message) = self.take(Meaning::Message, words_of) {
            record.message = message;
        }
        let mut module = self.take(Meaning::Module, Member::text);
        if module.is_none() && name_is_logger {
            module = self.take(Meaning::Name, Member::text);
        }
        if let Some(module) = module {
            record.module = module;
        }
        if let Some(service) = self.take(Meaning::Service, Member::text) {
            record.service = Some(service);
        }
        record.template = self.take(Meaning::Template, Member::text);
        if record.message.is_empty() {
            record.message = record.template.clone().unwrap_or_default();
        }
    }

    /// An exception from a text member, or from an object that has a message or a type.
    ///
    /// The object stays among the fields as well, since it may hold more than an exception has room
    /// for, unless it has our own form; a plain text under `error` is a field like any other.
    fn exception(&mut self) -> Option<Exception> {
        let of_our_form = |member: &Member<'_>| {
            let is_ours = member.is_object() && member.name == "exception";
            is_ours.then(|| own::exception(member.raw)).flatten()
        };
        if let Some(exception) = self.take(Meaning::Exception, of_our_form) {
            return Some(exception);
        }
        if let Some(message) = self.take(Meaning::Exception, Member::text) {
            return Some(exception_of(String::new(), message));
        }
        let objects = self.all.iter().filter(|member| {
            member.is_object()
                && (member.means(Meaning::Exception) || member.means(Meaning::ExceptionObject))
        });
        let mut objects = objects.filter_map(|member| scan::members(member.raw));
        objects.find_map(|inner| {
            let text = |names: &[&str]| {
                let of_name = |name: &&str| inner.iter().find(|member| member.name == **name);
                names.iter().filter_map(of_name).find_map(Member::text)
            };
            let type_name = text(&["type", "name", "kind", "class"]);
            let message = text(&["message", "msg"]);
            (type_name.is_some() || message.is_some())
                .then(|| exception_of(type_name.unwrap_or_default(), message.unwrap_or_default()))
        })
    }
}

/// The name of a field that has no place of its own. What is called as the names of every record are,
/// but is no text, must not be shown as one of them.
fn field_name(name: Cow<'_, str>) -> String {
    match &*name {
        "service" | "module" => format!("{name}_"),
        _ => owned(name),
    }
}

fn owned(text: Cow<'_, str>) -> String {
    match text {
        Cow::Borrowed(text) => spare::owned(text),
        Cow::Owned(text) => text,
    }
}

fn time_of(member: &Member<'_>, defaults: &Defaults) -> Time {
    let Some(text) = member.words() else { return Time::Absent };
    match clock::whole(&text, defaults) {
        // Loggers that write JSON leave the zone out when they mean UTC.
        Time::Unsettled(_) if defaults.zone.is_none() => {
            let zone = Some(jiff::tz::TimeZone::UTC);
            clock::whole(&text, &Defaults { zone, ..defaults.clone() })
        }
        time => time,
    }
}

fn level_of(member: &Member<'_>) -> Option<Level> {
    level::from_member(&member.name, &member.words()?)
}

fn words_of(member: &Member<'_>) -> Option<String> {
    member.words().map(owned)
}

fn exception_of(type_name: String, message: String) -> Exception {
    Exception { type_name, message, frames: Vec::new(), cause: None }
}

/// A field of text in its place behind the others.
fn push_text(record: &mut Record, name: &str, text: &str) {
    record.fields.push((name.to_owned(), Value::Text(text.to_owned())));
}

#[cfg(test)]
mod tests;
