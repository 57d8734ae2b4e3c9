//! One pattern and what it makes of a line.

use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use logloom_record::{Level, Record, Value};
use regex::{Captures, Regex, RegexBuilder};

use crate::clock::{self, Time};
use crate::formats::number;
use crate::recognise::{Defaults, blank, place_time};

/// Memory that one expression may take, in bytes.
const EXPRESSION_BYTES_MAX: usize = 1 << 20;

/// A format of one's own.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(super) name: String,
    pub(super) regex: Regex,
    /// What the first line of a record looks like.
    pub(super) multiline: Option<Regex>,
    /// The form of the time; `None` has it found.
    pub(super) time: Option<String>,
    /// The zone of times that name none, in place of the configured one.
    pub(super) zone: Option<TimeZone>,
    /// Words that stand for levels, besides the usual names.
    pub(super) levels: Vec<(String, Level)>,
    pub(super) service: Option<String>,
}

/// Compiles an expression of bounded size.
pub(super) fn expression(text: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(text)
        .size_limit(EXPRESSION_BYTES_MAX)
        .dfa_size_limit(EXPRESSION_BYTES_MAX)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            "takes more than 1 MiB; use fewer or smaller repetitions".to_owned()
        }
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default();
            format!("not a regular expression: {}", last.trim_start_matches("error: "))
        }
    })
}

impl Pattern {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the line goes on with the record before it.
    pub(crate) fn continues(&self, line: &str) -> bool {
        self.multiline.as_ref().is_some_and(|begins| !begins.is_match(line))
    }

    /// The record of a line that fits.
    pub(crate) fn parse(&self, line: &str, defaults: &Defaults) -> Option<Record> {
        if self.continues(line) {
            return None;
        }
        let found = self.regex.captures(line)?;
        let mut record = blank(defaults);
        record.service = self.service.clone().or(record.service);
        let mut time = Time::Absent;
        let mut has_message = false;
        for (name, text) in named(&self.regex, &found) {
            match name {
                "time" => time = self.time_of(text, defaults),
                "level" => match self.level_of(text) {
                    Some(level) => record.level = level,
                    None => record.fields.push((name.to_owned(), Value::Text(text.to_owned()))),
                },
                "message" => {
                    has_message = true;
                    text.clone_into(&mut record.message);
                }
                "module" => text.clone_into(&mut record.module),
                "service" => record.service = Some(text.to_owned()),
                "trace_id" => record.trace_id = Some(text.to_owned()),
                "span_id" => record.span_id = Some(text.to_owned()),
                "session_id" => record.session_id = Some(text.to_owned()),
                _ => record.fields.push((name.to_owned(), number(text))),
            }
        }
        if !has_message {
            line.clone_into(&mut record.message);
        }
        place_time(&mut record, time);
        Some(record)
    }

    fn level_of(&self, text: &str) -> Option<Level> {
        let own = self.levels.iter().find(|(word, _)| word == text);
        own.map(|(_, level)| *level).or_else(|| Level::from_name(text))
    }

    fn time_of(&self, text: &str, defaults: &Defaults) -> Time {
        let zone = self.zone.as_ref().or(defaults.zone.as_ref());
        let unsettled = || Time::Unsettled(text.to_owned());
        let Some(form) = &self.time else {
            let defaults = Defaults { zone: zone.cloned(), ..defaults.clone() };
            return match clock::whole(text, &defaults) {
                Time::Absent => unsettled(),
                time => time,
            };
        };
        moment(form, text, zone, defaults).map_or_else(unsettled, Time::Known)
    }
}

/// The groups that took part, by their names.
fn named<'r, 'l>(
    regex: &'r Regex,
    found: &'r Captures<'l>,
) -> impl Iterator<Item = (&'r str, &'l str)> {
    let groups = regex.capture_names().zip(found.iter());
    groups.filter_map(|(name, group)| Some((name?, group?.as_str())))
}

/// The moment of a time in this form, by the rules of [`clock`].
fn moment(form: &str, text: &str, zone: Option<&TimeZone>, defaults: &Defaults) -> Option<i64> {
    let mut time = strtime::parse(form, text).ok()?;
    if let Some(moment) = time.timestamp().or_else(|| time.to_timestamp().ok()) {
        return i64::try_from(moment.as_nanosecond()).ok();
    }
    let in_zone = |civil: DateTime| -> Option<i64> {
        i64::try_from(zone?.to_timestamp(civil).ok()?.as_nanosecond()).ok()
    };
    if time.year().is_some() {
        return in_zone(time.to_datetime().ok()?);
    }
    let written = i128::from(defaults.written_ns.unwrap_or(defaults.arrival_ns));
    let latest = Timestamp::from_nanosecond(written).ok()?.checked_add(24.hours()).ok()?;
    let year = zone?.to_datetime(latest).year();
    (0..=8)
        .filter_map(|back| {
            time.set_year(Some(year - back)).ok()?;
            in_zone(time.to_datetime().ok()?)
        })
        .find(|time_ns| i128::from(*time_ns) <= latest.as_nanosecond())
}
