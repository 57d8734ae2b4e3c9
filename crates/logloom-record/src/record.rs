//! The owned record of foreign lines and dynamic callers: the log data model of OpenTelemetry with
//! the names used on disk. Call sites do not build it, they write straight into a ring.

use crate::{Exception, Level, Value};

/// A record whose parts are known only at run time.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// When it happened, nanoseconds since 1970; `None` means when it arrived.
    pub time_ns: Option<i64>,
    /// Severity.
    pub level: Level,
    /// Overrides the writer's service.
    pub service: Option<String>,
    /// The logger's name; may be empty.
    pub module: String,
    /// What it says; may be empty.
    pub message: String,
    /// The template that the message was made from.
    pub template: Option<String>,
    /// Any text; kept as it is.
    pub trace_id: Option<String>,
    /// Any text; kept as it is.
    pub span_id: Option<String>,
    /// Any text; kept as it is.
    pub session_id: Option<String>,
    /// Fields in the order of their source.
    pub fields: Vec<(String, Value)>,
    /// The error that it reports.
    pub exception: Option<Exception>,
    /// Where it was read from, so that reading can go on behind it.
    pub source: Option<SourcePosition>,
}

/// The end of a line in a file that is being followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourcePosition {
    /// Number of the source in the segment's dictionary.
    pub source: u32,
    /// Offset of the first byte behind the line.
    pub end: u64,
}

impl Record {
    /// A record with level, module and message, and nothing else.
    pub fn new(level: Level, module: impl Into<String>, message: impl Into<String>) -> Record {
        Record {
            time_ns: None,
            level,
            service: None,
            module: module.into(),
            message: message.into(),
            template: None,
            trace_id: None,
            span_id: None,
            session_id: None,
            fields: Vec::new(),
            exception: None,
            source: None,
        }
    }

    /// The same record with one more field at the end.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Record {
        self.fields.push((name.into(), value.into()));
        self
    }
}
