//! The names that other loggers give to what every record has.
//!
//! One table a meaning, the most telling name first: of several members that could be the message,
//! the first in the table is, and the others stay fields.

/// When it happened.
pub(super) const TIME: &[&str] = &[
    "timestamp",
    "@timestamp",
    "time",
    "ts",
    "@t",
    "datetime",
    "asctime",
    "timeMillis",
    "eventTime",
    "date",
    "__REALTIME_TIMESTAMP",
];

/// How severe it is, as a name or a number.
pub(super) const LEVEL: &[&str] = &[
    "level",
    "lvl",
    "severity",
    "levelname",
    "severity_text",
    "severityText",
    "log.level",
    "log_level",
    "loglevel",
    "@level",
    "@l",
    "levelno",
    "severity_number",
    "severityNumber",
    "PRIORITY",
];

/// What happened, in words.
pub(super) const MESSAGE: &[&str] =
    &["message", "msg", "@message", "@m", "MESSAGE", "body", "event", "log", "text"];

/// Who says so within the program. The bare `name` is not here: see [`LOGGER_NAME`].
pub(super) const MODULE: &[&str] = &[
    "logger",
    "logger_name",
    "loggerName",
    "log.logger",
    "module",
    "target",
    "SourceContext",
    "category",
    "caller",
    "SYSLOG_IDENTIFIER",
];

/// The logger in records of pino, bunyan and Python; anywhere else a name may be anybody's.
pub(super) const LOGGER_NAME: &str = "name";

/// Members that tell records of those loggers.
pub(super) const LOGGER_NAME_SIGNS: &[&str] = &["hostname", "levelname", "levelno", "pid"];

/// Which program.
pub(super) const SERVICE: &[&str] = &["service", "service.name", "service_name", "serviceName"];

/// The trace that the record belongs to.
pub(super) const TRACE_ID: &[&str] =
    &["trace_id", "traceId", "trace.id", "traceid", "TraceId", "@tr"];

/// The span that the record belongs to.
pub(super) const SPAN_ID: &[&str] = &["span_id", "spanId", "span.id", "spanid", "SpanId", "@sp"];

/// The session that the record belongs to.
pub(super) const SESSION_ID: &[&str] = &["session_id", "sessionId", "session.id"];

/// The message before its holes were filled.
pub(super) const TEMPLATE: &[&str] = &["template", "message_template", "messageTemplate", "@mt"];

/// A whole traceback as one text.
pub(super) const EXCEPTION_TEXT: &[&str] = &["exception", "exc_info", "exc_text", "@x"];

/// An error as an object that has a message or a type of its own.
pub(super) const EXCEPTION_OBJECT: &[&str] = &["exception", "err", "error"];
