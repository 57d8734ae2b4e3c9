//! One line of some program in, one record out; [`Recogniser`] finds the format of a source.
//!
//! A line that is a JSON object is taken as the record of another logger, its members mapped by a
//! table of names; every other line is plain text, kept whole as the message. Nothing is refused
//! and nothing is left out: what has no place of its own stays a field, what cannot be understood
//! stays text. Takes time linear in the length of the line.

mod json;
pub(crate) mod level;
mod names;
mod plain;
mod recogniser;
mod value;

use std::cell::Cell;

use jiff::tz::TimeZone;
use logloom_record::{Level, Record, Value};

use crate::clock::Time;
use crate::formats;
use crate::text::without_ansi;
use crate::{LINE_BYTES_MAX, Line};
pub(crate) use json::{FORMS, form_of};
pub(crate) use recogniser::TakenAs;
pub use recogniser::{Recogniser, UnknownFormat};
pub(crate) use value::text as json_text;

/// What holds for a line that does not say otherwise.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// The service that the line belongs to; default none.
    pub service: Option<String>,
    /// The name of the logger or the file; default empty.
    pub module: String,
    /// The level of a line that names none; default INFO.
    pub level: Level,
    /// The zone of times that name none; default none, which leaves such times unread, and the
    /// record has the time of its arrival.
    pub zone: Option<TimeZone>,
    /// When the line arrived, nanoseconds since 1970: chooses the year of times that have none.
    pub arrival_ns: i64,
    /// When the source was last written, nanoseconds since 1970, which for an old file chooses the
    /// year instead of the arrival; default none.
    pub written_ns: Option<i64>,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            service: None,
            module: String::new(),
            level: Level::Info,
            zone: None,
            arrival_ns: 0,
            written_ns: None,
        }
    }
}

/// Makes a record of one line.
///
/// `time_ns` stays `None` where the line names no time that can be read without doubt: the record
/// then has the time of its arrival. Never panics and never fails. Lines longer than
/// [`LINE_BYTES_MAX`] are plain text.
#[must_use]
pub fn recognise(line: &str, defaults: &Defaults) -> Record {
    recognise_json(line, defaults).unwrap_or_else(|| plain::recognise(line, defaults))
}

/// Makes a record of text that is one JSON object; `None` for all else.
pub(crate) fn recognise_json(text: &str, defaults: &Defaults) -> Option<Record> {
    let is_object = text.len() <= LINE_BYTES_MAX && text.trim_start().starts_with('{');
    is_object.then(|| json::recognise(text, defaults)).flatten()
}

/// Makes a record of a line as it was assembled; parts of a long line carry the fields `part` and,
/// the last one, `parts`.
#[must_use]
pub fn recognise_line(line: &Line, defaults: &Defaults) -> Record {
    let Some(part) = line.part else {
        return recognise(&line.text, defaults);
    };
    let mut record = plain::recognise(&line.text, defaults);
    record.fields.push(("part".to_owned(), Value::U64(u64::from(part.number))));
    if let Some(total) = part.total {
        record.fields.push(("parts".to_owned(), Value::U64(u64::from(total))));
    }
    record
}

/// The records of a line that holds any number of them, as one of OTLP does; `None` for all others.
#[must_use]
pub fn recognise_many(line: &str, defaults: &Defaults) -> Option<Vec<Record>> {
    json::recognise_many(line, defaults)
}

/// Wrappers of container runtimes within each other that are opened; what is deeper is plain text.
const WRAPPERS_MAX: u32 = 4;

thread_local! {
    /// Wrappers that are open around the line under the hand.
    static WRAPPERS: Cell<u32> = const { Cell::new(0) };
}

/// The record of a line that a container runtime has wrapped, whatever its format. A line may hold
/// thousands of wrappers, which must not use up the stack.
pub(crate) fn inside(line: &str, defaults: &Defaults) -> Record {
    let line = without_ansi(line.to_owned());
    let depth = WRAPPERS.get();
    if depth >= WRAPPERS_MAX {
        return plain::recognise(&line, defaults);
    }
    WRAPPERS.set(depth + 1);
    let found = recognise_json(&line, defaults).or_else(|| formats::best(&line, defaults));
    WRAPPERS.set(depth);
    found.unwrap_or_else(|| plain::recognise(&line, defaults))
}

/// Gives the record its time. One that could not be settled leaves the time of the arrival, says so
/// and stays as the text it was.
pub(crate) fn place_time(record: &mut Record, time: Time) {
    match time {
        Time::Known(time_ns) => record.time_ns = Some(time_ns),
        Time::Unsettled(text) => {
            if !text.is_empty() {
                record.fields.push(("time".to_owned(), Value::Text(text)));
            }
            let arrival = Value::Text("arrival".to_owned());
            record.fields.push(("time_source".to_owned(), arrival));
        }
        Time::Absent => {}
    }
}

/// A record that so far has only what the defaults say.
pub(crate) fn blank(defaults: &Defaults) -> Record {
    let mut record = Record::new(defaults.level, defaults.module.as_str(), "");
    record.service.clone_from(&defaults.service);
    record
}
