//! Civil dates and times in UTC, without a clock and without time zones. Nanoseconds since 1970
//! come in and text goes out, or the other way round; an i64 reaches from 1677 to 2262.

mod day;
mod format;
mod parse;

pub use day::{Day, day_of};
pub use format::{TimestampCache, format_rfc3339};
pub use parse::{ParsedTime, from_epoch_float, from_epoch_number, parse_time, parse_timestamp};

/// Nanoseconds of a second.
pub const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// Seconds of a day.
pub const SECONDS_PER_DAY: i64 = 86_400;
