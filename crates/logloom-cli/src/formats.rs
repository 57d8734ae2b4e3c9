//! Which format the lines of a source have, as the command line says.
//!
//! Takes the arguments that `run`, `follow`, `import` and `intake test` share, gives a recogniser
//! and the zone of times that name none. Refuses unknown names and files of patterns with anything
//! wrong in them.

use std::io::Read;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use logloom_core::settings::IntakeSettings;
use logloom_intake::{Patterns, Recogniser};
use logloom_record::{Record, Value};

use crate::args::FormatArguments;
use crate::exit::Failure;

/// The largest file of patterns, in bytes.
const PATTERNS_BYTES_MAX: u64 = 1 << 20;

/// The arguments, completed by the settings where they say nothing.
pub(crate) fn over(arguments: &FormatArguments, settings: &IntakeSettings) -> FormatArguments {
    let configured = (settings.patterns != "none").then(|| PathBuf::from(&settings.patterns));
    FormatArguments {
        input_format: arguments.input_format.clone(),
        patterns: arguments.patterns.clone().or(configured),
        zone: arguments.zone.clone().or_else(|| Some(settings.zone.clone())),
    }
}

/// A recogniser for one source; to be cloned for each further one.
pub(crate) fn recogniser(arguments: &FormatArguments) -> Result<Recogniser, Failure> {
    let patterns = match &arguments.patterns {
        Some(path) => patterns(path)?,
        None => Patterns::default(),
    };
    let name = arguments.input_format.as_deref().unwrap_or("auto");
    Recogniser::with_patterns(name, &patterns)
        .map_err(|error| Failure::Usage(format!("--input-format: {error}")))
}

/// The zone of times that name none: the one that was asked for, else that of the system.
pub(crate) fn zone(arguments: &FormatArguments) -> Result<TimeZone, Failure> {
    let name = arguments.zone.as_deref().unwrap_or("local");
    logloom_intake::zone(name).map_err(|error| Failure::Usage(format!("--zone: {error}")))
}

/// Dates a record that has no time of its own, or none that can be kept: it belongs where it stands in its file, so
/// it has the time of the record before it and says so. The first ones of a file have none, and say that it is that
/// of their arrival.
pub(crate) fn date(record: &mut Record, previous_ns: Option<i64>) {
    record.time_ns = record.time_ns.or(previous_ns);
    let source = if record.time_ns.is_some() { "previous" } else { "arrival" };
    let value = Value::Text(source.to_owned());
    match record.fields.iter_mut().find(|(name, _)| name == "time_source") {
        Some((_, known)) => *known = value,
        None => record.fields.push(("time_source".to_owned(), value)),
    }
}

fn patterns(path: &std::path::Path) -> Result<Patterns, Failure> {
    let name = path.display().to_string();
    let read = || -> std::io::Result<String> {
        // A device or a pipe tells no length, so what is read is counted.
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(PATTERNS_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > PATTERNS_BYTES_MAX {
            return Err(std::io::Error::other(
                "larger than 1 MiB, the limit of a file of patterns",
            ));
        }
        String::from_utf8(bytes).map_err(std::io::Error::other)
    };
    let text = read().map_err(|error| Failure::system(format!("read {name}"), error))?;
    Patterns::parse(&name, &text).map_err(|problems| Failure::Problems(problems.to_string()))
}
