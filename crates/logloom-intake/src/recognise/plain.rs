//! Plain text: the whole line is the message.
//!
//! Level and time are read from the head of the line where they stand there without doubt; the
//! line itself is not shortened by them, so that it reads as it was written.

use logloom_record::Record;

use super::{Defaults, blank, level, place_time};
use crate::clock;

pub(super) fn recognise(line: &str, defaults: &Defaults) -> Record {
    let mut record = blank(defaults);
    record.message = line.to_owned();
    record.level = level::from_plain(line).unwrap_or(defaults.level);
    place_time(&mut record, clock::leading(line, defaults));
    record
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use logloom_record::Level;

    use super::super::{Defaults, recognise};

    #[test]
    fn the_line_is_the_message() {
        let line = "2026-11-21T10:00:00Z ERROR  two  spaces\u{0} and { braces";
        let record = recognise(line, &Defaults::default());
        assert_eq!(record.message, line);
        assert_eq!(record.level, Level::Error);
        assert_eq!(record.time_ns, Some(1_795_255_200_000_000_000));
        assert!(record.fields.is_empty());
    }

    #[test]
    fn defaults_hold_where_the_line_is_silent() {
        let defaults = Defaults {
            service: Some("cron".into()),
            module: "stdout".into(),
            level: Level::Debug,
            ..Defaults::default()
        };
        let record = recognise("hello", &defaults);
        assert_eq!(record.service.as_deref(), Some("cron"));
        assert_eq!(record.module, "stdout");
        assert_eq!(record.level, Level::Debug);
        assert_eq!(record.time_ns, None);
    }
}
