//! The names that other loggers give to what every record has.
//!
//! Takes the name of a member, says what it means and how telling that is. One list a meaning, the
//! most telling name first: of several members that could be the message, the first in the list
//! is, and the others stay fields.

use std::sync::LazyLock;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Meaning {
    /// When it happened.
    Time,
    /// How severe it is, as a name or a number.
    Level,
    /// What happened, in words.
    Message,
    /// Who says so within the program.
    Module,
    /// The bare `name`: the logger's in records of pino, bunyan and Python (see [`sign`]); anywhere
    /// else a name may be anybody's.
    Name,
    /// Which program.
    Service,
    /// The trace that the record belongs to.
    TraceId,
    /// The span that the record belongs to.
    SpanId,
    /// The session that the record belongs to.
    SessionId,
    /// The message before its holes were filled.
    Template,
    /// An error: a whole traceback as one text, or an object that has a message or a type.
    Exception,
    /// An error only where it is an object; a text is a field like any other.
    ExceptionObject,
    /// Nothing that every record has.
    Field,
}

impl Meaning {
    /// How many meanings there are.
    pub(super) const COUNT: usize = Meaning::Field as usize + 1;
}

const LISTS: &[(Meaning, &[&str])] = &[
    (
        Meaning::Time,
        &[
            "timestamp",
            "@timestamp",
            "time",
            "ts",
            "@t",
            "Timestamp",
            "datetime",
            "asctime",
            "timeMillis",
            "eventTime",
            "date",
            "__REALTIME_TIMESTAMP",
        ],
    ),
    (
        Meaning::Level,
        &[
            "level",
            "lvl",
            "severity",
            "levelname",
            "severity_text",
            "severityText",
            "log.level",
            "log_level",
            "loglevel",
            "LogLevel",
            "Level",
            "@level",
            "@l",
            "levelno",
            "severity_number",
            "severityNumber",
            "PRIORITY",
        ],
    ),
    (
        Meaning::Message,
        &[
            "message",
            "msg",
            "@message",
            "@m",
            "MESSAGE",
            "Message",
            "RenderedMessage",
            "short_message",
            "body",
            "event",
            "log",
            "text",
            "textPayload",
        ],
    ),
    (
        Meaning::Module,
        &[
            "logger",
            "logger_name",
            "loggerName",
            "log.logger",
            "module",
            "target",
            "SourceContext",
            "category",
            "Category",
            "caller",
            "SYSLOG_IDENTIFIER",
        ],
    ),
    (Meaning::Name, &["name"]),
    (Meaning::Service, &["service", "service.name", "service_name", "serviceName"]),
    (
        Meaning::TraceId,
        &[
            "trace_id",
            "traceId",
            "trace.id",
            "traceid",
            "TraceId",
            "@tr",
            "logging.googleapis.com/trace",
        ],
    ),
    (
        Meaning::SpanId,
        &[
            "span_id",
            "spanId",
            "span.id",
            "spanid",
            "SpanId",
            "@sp",
            "logging.googleapis.com/spanId",
        ],
    ),
    (Meaning::SessionId, &["session_id", "sessionId", "session.id"]),
    (
        Meaning::Template,
        &["template", "message_template", "messageTemplate", "MessageTemplate", "@mt"],
    ),
    (Meaning::Exception, &["exception", "exc_info", "exc_text", "@x", "Exception"]),
    (Meaning::ExceptionObject, &["err", "error"]),
];

/// Members that tell which logger wrote a record, one bit each.
pub(super) mod sign {
    /// A `name` beside it is the logger's.
    pub(in super::super) const NAME_IS_LOGGER: u32 = 1;
    pub(in super::super) const DOCKER: u32 = 1 << 1;
    pub(in super::super) const ECS: u32 = 1 << 2;
    pub(in super::super) const FIELDS: u32 = 1 << 3;
    pub(in super::super) const GELF: u32 = 1 << 4;
    pub(in super::super) const JOURNAL: u32 = 1 << 5;
    pub(in super::super) const LOGURU: u32 = 1 << 6;
    pub(in super::super) const MONGODB: u32 = 1 << 7;
    pub(in super::super) const OTLP: u32 = 1 << 8;
    pub(in super::super) const POSTGRESQL: u32 = 1 << 9;
    pub(in super::super) const TRAEFIK: u32 = 1 << 10;
    pub(in super::super) const MYSQL: u32 = 1 << 11;
}

const SIGNS: &[(&str, u32)] = &[
    ("hostname", sign::NAME_IS_LOGGER),
    ("levelname", sign::NAME_IS_LOGGER),
    ("levelno", sign::NAME_IS_LOGGER),
    ("pid", sign::NAME_IS_LOGGER),
    ("log", sign::DOCKER | sign::ECS),
    ("ecs", sign::ECS),
    ("ecs.version", sign::ECS),
    ("fields", sign::FIELDS),
    ("short_message", sign::GELF),
    ("__REALTIME_TIMESTAMP", sign::JOURNAL),
    ("record", sign::LOGURU),
    ("t", sign::MONGODB),
    ("resourceLogs", sign::OTLP),
    ("error_severity", sign::POSTGRESQL),
    ("DownstreamStatus", sign::TRAEFIK),
    ("err_code", sign::MYSQL),
];

/// What the name of a member says. Kept small: a line has many members.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) meaning: Meaning,
    /// Of two names of one meaning the lower one is more telling.
    pub(super) rank: u8,
    /// Which records it is a sign of: see [`sign`].
    pub(super) signs: u32,
}

const UNKNOWN: Known = Known { meaning: Meaning::Field, rank: 0, signs: 0 };

/// Names up to this length are in the table.
const LENGTH_MAX: usize = 32;

/// All names by their length, which leaves few to compare with.
struct Table {
    by_length: [Vec<(&'static str, Known)>; LENGTH_MAX],
    /// Which first letters the names of a length have, a bit each: most names of members are known
    /// by their first letter to be none of them.
    first_letters: [u128; LENGTH_MAX],
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut by_length = [const { Vec::new() }; LENGTH_MAX];
    for (meaning, names) in LISTS {
        for (rank, name) in (0..).zip(*names) {
            by_length[name.len()].push((*name, Known { meaning: *meaning, rank, signs: 0 }));
        }
    }
    for (name, signs) in SIGNS {
        let of_length: &mut Vec<(&str, Known)> = &mut by_length[name.len()];
        match of_length.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.signs |= signs,
            None => of_length.push((name, Known { signs: *signs, ..UNKNOWN })),
        }
    }
    let letters = |names: &Vec<(&str, Known)>| {
        names.iter().fold(0, |letters, (name, _)| letters | bit(name.as_bytes()[0]))
    };
    Table { first_letters: std::array::from_fn(|length| letters(&by_length[length])), by_length }
});

/// The bit of a letter; 0 for what is not ASCII, as no name begins.
fn bit(letter: u8) -> u128 {
    1_u128.checked_shl(u32::from(letter)).unwrap_or(0)
}

/// Looks a name up.
pub(super) fn known(name: &str) -> Known {
    let (Some(first), true) = (name.as_bytes().first(), name.len() < LENGTH_MAX) else {
        return UNKNOWN;
    };
    let table = &*TABLE;
    if table.first_letters[name.len()] & bit(*first) == 0 {
        return UNKNOWN;
    }
    let found = table.by_length[name.len()].iter().find(|(known, _)| *known == name);
    found.map_or(UNKNOWN, |(_, known)| *known)
}
