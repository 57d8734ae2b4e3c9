//! Formats of the lines that programs write, one file each.
//!
//! A file holds one [`Format`]: its name, how telling a match is, an example as the project
//! documents it, and a parser that takes a line apart or refuses it. To add one, write its file
//! and its line in [`FORMATS`]; `docs/intake.md` lists it.
//!
//! No format reads a clock or a file: zone, arrival and last change come with [`Defaults`].

mod access;
mod airflow;
mod apache_error;
mod apt;
mod audit;
mod cassandra;
mod cef;
mod celery;
mod cri;
mod django;
mod dmesg;
mod dpkg;
mod elasticsearch;
mod elixir_logger;
mod env_logger;
mod envoy;
mod escape;
mod fail2ban;
mod glog;
mod go_log;
mod gunicorn;
mod haproxy;
mod hdfs;
mod jetty;
mod kafka;
mod leveled;
mod log4j;
mod logback;
mod logcat;
mod logfmt;
mod loguru;
mod monolog;
mod mysql_classic;
mod mysql_error;
mod nginx_error;
mod nlog;
mod openstack;
mod postgresql;
mod postgresql_csv;
mod python_basic;
mod python_logging;
mod rabbitmq;
mod redis;
mod ruby_logger;
mod scan;
mod serilog;
mod spark;
mod spring_boot;
mod squid;
mod syslog;
mod syslog_5424;
mod table;
#[cfg(test)]
mod testing;
mod tomcat;
mod tracing;
mod update_alternatives;
mod uvicorn;
mod wrapped;
mod zookeeper;

use std::sync::LazyLock;

use logloom_record::{Level, Record, Value};

use crate::agents::AGENTS;
use crate::clock::Time;
use crate::recognise::{Defaults, FORMS, blank, form_of, place_time};
use crate::spare;
pub(crate) use postgresql::level as postgresql_level;
pub use table::FORMATS;

/// What the lines of a format begin with, so that most formats need not be asked about a line.
#[derive(Clone, Copy, Debug)]
enum Starts {
    Any,
    /// A digit.
    Digit,
    /// A capital letter of ASCII.
    Capital,
    /// This byte.
    Byte(u8),
}

impl Starts {
    fn fits(self, first: u8) -> bool {
        match self {
            Starts::Any => true,
            Starts::Digit => first.is_ascii_digit(),
            Starts::Capital => first.is_ascii_uppercase(),
            Starts::Byte(byte) => byte == first,
        }
    }
}

/// The places in [`FORMATS`] of those that a line may be of, by its first byte.
static BY_START: LazyLock<Vec<Vec<usize>>> = LazyLock::new(|| {
    let fitting = |first: u8| {
        let places = FORMATS.iter().enumerate();
        places.filter(|(_, format)| format.starts.fits(first)).map(|(place, _)| place).collect()
    };
    (0..=u8::MAX).map(fitting).collect()
});

/// The places in [`FORMATS`] of the formats that the line may be of.
pub(crate) fn candidates(line: &str) -> &'static [usize] {
    line.as_bytes().first().map_or(&[], |first| &BY_START[usize::from(*first)])
}

/// Whether a name is that of a format, of the JSON of a logger, or has another meaning of its own.
pub(crate) fn is_known(name: &str) -> bool {
    names().any(|known| known == name)
}

/// Every name that settles a format: `auto`, `json`, `plain`, those of [`FORMATS`], and those of
/// loggers that write JSON.
pub fn names() -> impl Iterator<Item = &'static str> {
    let formats = FORMATS.iter().map(|format| format.name);
    // A logger that writes two forms of JSON has a row for each.
    let is_first = |at: usize| FORMS[..at].iter().all(|form| form.name != FORMS[at].name);
    let loggers = (0..FORMS.len()).filter(move |at| is_first(*at)).map(|at| FORMS[at].name);
    ["auto", "json", "plain"].into_iter().chain(formats).chain(loggers)
}

/// The names of the agents whose session files are read as actions, each with a line of one. They
/// are read so only when they are asked for by name.
pub fn agents() -> impl Iterator<Item = (&'static str, &'static str)> {
    AGENTS.into_iter()
}

/// The names of the loggers whose JSON is known, each with a line of it. How such a line is read
/// follows from its members: the names serve reports and hints.
pub fn json_forms() -> impl Iterator<Item = (&'static str, &'static str)> {
    FORMS.iter().map(|form| (form.name, form.example))
}

/// The name of the logger that writes JSON like this line; `json` where none is known.
#[must_use]
pub fn json_form(line: &str) -> &'static str {
    form_of(line)
}

/// The record of a line by the format that fits it best.
pub(crate) fn best(line: &str, defaults: &Defaults) -> Option<Record> {
    let mut formats: Vec<&Format> = candidates(line).iter().map(|place| FORMATS[*place]).collect();
    formats.sort_by_key(|format| std::cmp::Reverse(format.certainty));
    formats.into_iter().find_map(|format| format.parse(line, defaults))
}

/// One form of a line.
#[derive(Debug)]
pub struct Format {
    /// Its name in settings and reports.
    pub name: &'static str,
    /// How telling a match is, 0 to 100: of two formats that fit a line, the higher one has it.
    pub certainty: u8,
    /// What its lines begin with.
    starts: Starts,
    /// A line as the project documents it.
    pub example: &'static str,
    parse: fn(&str, &Defaults) -> Option<Parsed>,
}

impl Format {
    /// The highest [`Format::certainty`]: that of patterns of one's own and of JSON.
    pub(crate) const CERTAINTY_MAX: u8 = 100;

    /// How telling a match of this line is; `None` where it does not fit.
    #[must_use]
    pub fn probe(&self, line: &str, defaults: &Defaults) -> Option<u8> {
        (self.parse)(line, defaults).map(|_| self.certainty)
    }

    /// The record of a line that fits. A format that normally carries a time marks a record whose
    /// time could not be settled with `time_source: "arrival"` and keeps the text under `time`.
    #[must_use]
    pub fn parse(&self, line: &str, defaults: &Defaults) -> Option<Record> {
        (self.parse)(line, defaults).map(|parsed| parsed.into_record(defaults))
    }
}

/// A number where the text can be one without changing, else the text.
pub(crate) fn number(text: &str) -> Value {
    // Numbers of up to 18 digits that begin as they are written need no second look.
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let is_whole = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let is_plain = is_whole && (digits[0] != b'0' || text == "0");
    match text.parse::<i64>() {
        Ok(number) if is_plain => return Value::I64(number),
        _ if is_whole => return Value::Text(text.to_owned()),
        _ => {}
    }
    if !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return Value::Text(text.to_owned());
    }
    match text.parse::<f64>() {
        Ok(number) if format!("{number:?}") == text => Value::F64(number),
        _ => Value::Text(text.to_owned()),
    }
}

/// The format of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.name == name)
}

/// A line taken apart.
#[derive(Debug)]
struct Parsed {
    time: Time,
    level: Option<Level>,
    module: Option<String>,
    message: String,
    fields: Vec<(String, Value)>,
    /// The record of what the line wraps, which has all but the fields of the wrapping and its time.
    inner: Option<Box<Record>>,
}

impl Parsed {
    fn new(time: Time, level: Option<Level>, message: &str) -> Self {
        let message = spare::owned(message);
        Self { time, level, module: None, message, fields: Vec::new(), inner: None }
    }

    /// A line that wraps this record.
    fn around(mut inner: Record, time: Time) -> Self {
        inner.fields.pop_if(|(name, _)| name == "time_source");
        inner.time_ns = None;
        let inner = Some(Box::new(inner));
        Self { time, level: None, module: None, message: String::new(), fields: Vec::new(), inner }
    }

    fn module(mut self, module: &str) -> Self {
        self.module = (!module.is_empty()).then(|| spare::owned(module));
        self
    }

    /// A field of text; nothing where the line has `-` or nothing in its place.
    fn text(mut self, name: &str, text: &str) -> Self {
        if !text.is_empty() && text != "-" {
            self.fields.push((spare::owned(name), Value::Text(spare::owned(text))));
        }
        self
    }

    /// Method, path and protocol of the line of a request, where it has these three.
    fn request(self, request: &str) -> Self {
        let mut parts = request.split(' ');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(method), Some(path), Some(protocol), None) => {
                self.text("method", method).text("path", path).text("protocol", protocol)
            }
            _ => self,
        }
    }

    /// A field that is a number where it can be one without changing its text.
    fn number(mut self, name: &str, text: &str) -> Self {
        match number(text) {
            Value::Text(_) => self.text(name, text),
            value => {
                self.fields.push((spare::owned(name), value));
                self
            }
        }
    }

    fn into_record(self, defaults: &Defaults) -> Record {
        let mut record = match self.inner {
            Some(inner) => *inner,
            None => {
                let mut record = blank(defaults);
                record.level = self.level.unwrap_or(defaults.level);
                record.message = self.message;
                record
            }
        };
        if let Some(module) = self.module {
            record.module = module;
        }
        match record.fields.is_empty() {
            true => record.fields = self.fields,
            false => record.fields.extend(self.fields),
        }
        place_time(&mut record, self.time);
        record
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::{FORMATS, by_name, names};
    use crate::recognise::Defaults;

    #[test]
    fn every_example_fits_its_own_format_best() {
        let defaults = Defaults::default();
        for format in FORMATS {
            let found = format.probe(format.example, &defaults);
            assert_eq!(found, Some(format.certainty), "{}: {}", format.name, format.example);
            for other in FORMATS.iter().filter(|other| other.name != format.name) {
                let rival = other.probe(format.example, &defaults);
                let is_better = rival < Some(format.certainty);
                assert!(is_better, "{} takes the example of {}", other.name, format.name);
            }
        }
    }

    #[test]
    fn names_are_found() {
        for format in FORMATS {
            assert!(std::ptr::eq(by_name(format.name).unwrap(), *format));
        }
        assert!(by_name("nothing").is_none());
        let mut known = std::collections::HashSet::new();
        assert!(names().all(|name| known.insert(name)), "a name is listed twice");
    }

    #[test]
    fn the_manual_lists_every_format() {
        let manual = include_str!("../../../../docs/intake.md");
        for name in names().filter(|name| !matches!(*name, "auto" | "plain")) {
            let row = format!("| `{name}` |");
            assert!(manual.contains(&row), "docs/intake.md lacks a row {row}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn damaged_lines_never_panic(which in 0..FORMATS.len(), at in 0usize..200, junk in "\\PC{0,6}", cut in any::<bool>()) {
            let example = FORMATS[which].example;
            let mut at = at.min(example.len());
            while !example.is_char_boundary(at) {
                at -= 1;
            }
            let tail = if cut { "" } else { &example[at..] };
            let line = format!("{}{junk}{tail}", &example[..at]);
            for format in FORMATS {
                let _ = format.parse(&line, &Defaults::default());
            }
        }
    }
}
