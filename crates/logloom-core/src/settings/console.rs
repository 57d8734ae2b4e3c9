//! Takes what a person at a terminal wants to see, hands it to the console output; refuses
//! nothing. The console is a copy: a terminal that does not read skips and counts.

use logloom_record::Level;

/// Copy of the records on stderr for a person at a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleSettings {
    /// Whether anything is shown. Default true, once there are console settings at all.
    pub enabled: bool,
    /// How a record is shown. Default [`ConsoleFormat::Pretty`].
    pub format: ConsoleFormat,
    /// Lowest level that is shown, of what `levels` records. Default [`Level::Trace`]: all of it.
    pub level: Level,
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        ConsoleSettings { enabled: true, format: ConsoleFormat::Pretty, level: Level::Trace }
    }
}

/// How the console shows a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConsoleFormat {
    /// One aligned line for people, coloured when stderr is a terminal.
    #[default]
    Pretty,
    /// The line as it stands in the day file.
    Json,
}

impl ConsoleFormat {
    /// The name in `logloom.yaml`.
    pub fn as_str(self) -> &'static str {
        match self {
            ConsoleFormat::Pretty => "pretty",
            ConsoleFormat::Json => "json",
        }
    }
}
