//! Formats of the lines that programs write, one file each.
//!
//! A file holds one [`Format`]: its name, how telling a match is, an example as the project
//! documents it, and a parser that takes a line apart or refuses it. To add one, write its file
//! and its line in [`FORMATS`]; `docs/intake.md` lists it.
//!
//! No format reads a clock or a file: zone, arrival and last change come with [`Defaults`].

mod access;
mod apache_error;
mod audit;
mod cef;
mod celery;
mod clock;
mod cri;
mod dpkg;
mod elasticsearch;
mod env_logger;
mod glog;
mod go_log;
mod gunicorn;
mod hadoop;
mod hdfs;
mod kafka;
mod logback;
mod logcat;
mod logfmt;
mod loguru;
mod monolog;
mod mysql_error;
mod nginx_error;
mod nlog;
mod openstack;
mod postgresql;
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
mod uvicorn;
mod zookeeper;

use logloom_record::{Level, Record, Value};

use crate::recognise::{Defaults, blank};
pub use table::FORMATS;

/// One form of a line.
#[derive(Debug)]
pub struct Format {
    /// Its name in settings and reports.
    pub name: &'static str,
    /// How telling a match is, 0 to 100: of two formats that fit a line, the higher one has it.
    pub certainty: u8,
    /// A line as the project documents it.
    pub example: &'static str,
    parse: fn(&str, &Defaults) -> Option<Parsed>,
}

impl Format {
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

/// The format of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.name == name)
}

/// When a line says it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Time {
    /// Nanoseconds since 1970.
    Known(i64),
    /// A time that no rule settles, as written; empty where the line says that it is not known.
    Unsettled(String),
    /// The format has none.
    Absent,
}

/// A line taken apart.
#[derive(Debug)]
struct Parsed {
    time: Time,
    level: Option<Level>,
    module: Option<String>,
    message: String,
    fields: Vec<(String, Value)>,
}

impl Parsed {
    fn new(time: Time, level: Option<Level>, message: &str) -> Self {
        let message = message.to_owned();
        Self { time, level, module: None, message, fields: Vec::new() }
    }

    fn module(mut self, module: &str) -> Self {
        self.module = (!module.is_empty()).then(|| module.to_owned());
        self
    }

    /// A field of text; nothing where the line has `-` or nothing in its place.
    fn text(mut self, name: &str, text: &str) -> Self {
        if !text.is_empty() && text != "-" {
            self.fields.push((name.to_owned(), Value::Text(text.to_owned())));
        }
        self
    }

    /// A field that is a number where it can be one without changing its text.
    fn number(mut self, name: &str, text: &str) -> Self {
        let value = match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Value::I64(number),
            _ => match text.parse::<f64>() {
                Ok(number) if format!("{number:?}") == text => Value::F64(number),
                _ => return self.text(name, text),
            },
        };
        self.fields.push((name.to_owned(), value));
        self
    }

    fn into_record(self, defaults: &Defaults) -> Record {
        let mut record = blank(defaults);
        record.level = self.level.unwrap_or(defaults.level);
        record.message = self.message;
        if let Some(module) = self.module {
            record.module = module;
        }
        record.fields = self.fields;
        match self.time {
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
        record
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::{FORMATS, by_name};
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
    }

    #[test]
    fn the_manual_lists_every_format() {
        let manual = include_str!("../../../../docs/intake.md");
        for format in FORMATS {
            let row = format!("| `{}` |", format.name);
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
