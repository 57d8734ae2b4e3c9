//! The six levels of severity. A name in any usual spelling comes in, a [`Level`] goes out; a name
//! that no table entry covers is refused together with the nearest one that is known.

use std::fmt;

/// How severe a record is. The order of the variants is the order of severity.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Finest detail, of use only while a program is being taken apart.
    Trace = 1,
    /// What a developer wants to see.
    Debug = 2,
    /// What an operator wants to see.
    Info = 3,
    /// Something that may become a failure.
    Warn = 4,
    /// Something failed.
    Error = 5,
    /// The program cannot go on.
    Fatal = 6,
}

/// A name that is no level. The text says which known name is nearest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLevel {
    /// The name as given, at most its first 64 characters.
    pub given: String,
    /// The known level whose name is nearest.
    pub nearest: Level,
}

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown level {:?}; did you mean {}? Levels are TRACE DEBUG INFO WARN ERROR FATAL",
            self.given, self.nearest
        )
    }
}

impl std::error::Error for UnknownLevel {}

/// Every accepted name, in upper case. The first six are the names used on disk.
const NAMES: &[(&str, Level)] = &[
    ("TRACE", Level::Trace),
    ("DEBUG", Level::Debug),
    ("INFO", Level::Info),
    ("WARN", Level::Warn),
    ("ERROR", Level::Error),
    ("FATAL", Level::Fatal),
    ("TRC", Level::Trace),
    ("FINEST", Level::Trace),
    ("FINER", Level::Trace),
    ("ALL", Level::Trace),
    ("SILLY", Level::Trace),
    ("DBG", Level::Debug),
    ("FINE", Level::Debug),
    ("VERBOSE", Level::Debug),
    ("CONFIG", Level::Debug),
    ("INF", Level::Info),
    ("INFORMATION", Level::Info),
    ("INFORMATIONAL", Level::Info),
    ("NOTICE", Level::Info),
    ("LOG", Level::Info),
    ("SUCCESS", Level::Info),
    ("WARNING", Level::Warn),
    ("WRN", Level::Warn),
    ("ERR", Level::Error),
    ("SEVERE", Level::Error),
    ("FAILURE", Level::Error),
    ("CRITICAL", Level::Fatal),
    ("CRIT", Level::Fatal),
    ("EMERG", Level::Fatal),
    ("EMERGENCY", Level::Fatal),
    ("ALERT", Level::Fatal),
    ("PANIC", Level::Fatal),
    ("FTL", Level::Fatal),
    ("VRB", Level::Trace),
    ("PNC", Level::Fatal),
    ("DPANIC", Level::Fatal),
];

impl Level {
    /// All levels, least severe first.
    pub const ALL: [Level; 6] =
        [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal];

    /// The name used on disk.
    #[inline]
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Trace => "TRACE",
            Level::Debug => "DEBUG",
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
            Level::Fatal => "FATAL",
        }
    }

    /// The level with this number (1 to 6).
    #[inline]
    pub const fn from_number(number: u8) -> Option<Level> {
        match number {
            1 => Some(Level::Trace),
            2 => Some(Level::Debug),
            3 => Some(Level::Info),
            4 => Some(Level::Warn),
            5 => Some(Level::Error),
            6 => Some(Level::Fatal),
            _ => None,
        }
    }

    /// The first severity number of this level in the OpenTelemetry log data model.
    #[inline]
    pub const fn severity_number(self) -> u8 {
        (self as u8 - 1) * 4 + 1
    }

    /// Reads a name in any case, with white space around it, aliases of other loggers included.
    ///
    /// # Errors
    /// A name that is in no table, with the nearest known one.
    pub fn parse(name: &str) -> Result<Level, UnknownLevel> {
        let trimmed = name.trim();
        Level::from_name(trimmed).ok_or_else(|| UnknownLevel {
            given: trimmed.chars().take(64).collect(),
            nearest: nearest(trimmed),
        })
    }

    /// The level of this name, in any case, aliases included; `None` for any other text. Looks for
    /// no nearest name, so that it may be asked of every word of a foreign line.
    pub fn from_name(name: &str) -> Option<Level> {
        let known = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map(|&(_, level)| level)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(name: &str) -> Result<Level, UnknownLevel> {
        Level::parse(name)
    }
}

fn nearest(given: &str) -> Level {
    let given: Vec<u8> = given.bytes().take(64).map(|byte| byte.to_ascii_uppercase()).collect();
    NAMES
        .iter()
        .min_by_key(|(known, _)| edit_distance(&given, known.as_bytes()))
        .map_or(Level::Info, |&(_, level)| level)
}

/// Number of single-byte changes between two short names.
fn edit_distance(left: &[u8], right: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, &byte) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, &other) in right.iter().enumerate() {
            let above = row[column + 1];
            let changed = diagonal + usize::from(byte != other);
            row[column + 1] = changed.min(above + 1).min(row[column] + 1);
            diagonal = above;
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_alias_is_read_in_any_case() {
        for &(name, level) in NAMES {
            assert_eq!(Level::parse(name).unwrap(), level);
            assert_eq!(Level::parse(&format!(" {} ", name.to_lowercase())).unwrap(), level);
        }
    }

    #[test]
    fn the_nearest_name_is_offered() {
        for (given, expected) in
            [("wran", Level::Warn), ("eror", Level::Error), ("inof", Level::Info)]
        {
            let error = Level::parse(given).unwrap_err();
            assert_eq!(error.nearest, expected, "{given}");
            assert!(error.to_string().contains(expected.as_str()));
        }
        assert!(Level::parse("").is_err());
        assert_eq!((Level::from_name("wran"), Level::from_name(" warn")), (None, None));
    }

    #[test]
    fn severity_numbers_follow_the_data_model() {
        let numbers: Vec<u8> = Level::ALL.iter().map(|level| level.severity_number()).collect();
        assert_eq!(numbers, [1, 5, 9, 13, 17, 21]);
        assert!(Level::Trace < Level::Fatal);
        for level in Level::ALL {
            assert_eq!(Level::from_number(level as u8), Some(level));
        }
        assert_eq!(Level::from_number(0), None);
    }
}
