//! Moments as people give them on a command line, for `--since` and `--until`.
//!
//! | written | means |
//! |---|---|
//! | `10m`, `2h`, `1d`, `45s`, `1w`, `1h30m` | that long before now |
//! | `now`, `today`, `yesterday` | now; the midnight that began today; the one before |
//! | `2026-11-21` | midnight of that day |
//! | `2026-11-21 10:00`, `2026-11-21T10:00:00` | that moment |
//! | `2026-11-21T10:00:00Z`, `...+01:00` | that moment, in that zone |
//!
//! Without a zone the zone that is given counts, which a command line takes from the machine.
//! Now and the zone are parameters: no clock is read here. Everything else is refused.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

/// A text that is no moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeBoundError {
    given: String,
    reason: &'static str,
}

impl fmt::Display for TimeBoundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` {}: give a time like 2026-11-21T10:00:00Z, a date like 2026-11-21, a time ago \
             like 10m, 2h or 1d, or today, yesterday, now",
            self.given.escape_debug(),
            self.reason
        )
    }
}

impl std::error::Error for TimeBoundError {}

/// The moment that `text` means, in nanoseconds since 1970.
///
/// # Errors
/// When the text is none of the forms above, or lies outside the years 1678 to 2261.
pub fn parse_time_bound(text: &str, now_ns: i64, zone: &TimeZone) -> Result<i64, TimeBoundError> {
    let refused = |reason| TimeBoundError { given: text.to_owned(), reason };
    let trimmed = text.trim();
    let now = Timestamp::from_nanosecond(i128::from(now_ns))
        .map_err(|_| refused("needs a clock that is set"))?;
    if let Some(seconds) = seconds_ago(trimmed) {
        let ago = seconds.and_then(|seconds| seconds.checked_mul(1_000_000_000));
        return ago
            .and_then(|ago| now_ns.checked_sub(ago))
            .ok_or_else(|| refused("is too long ago"));
    }
    let moment = match trimmed.to_ascii_lowercase().as_str() {
        "now" => Some(now),
        "today" => midnight(now.to_zoned(zone.clone()).date(), zone),
        "yesterday" => now
            .to_zoned(zone.clone())
            .date()
            .checked_sub(1.day())
            .ok()
            .and_then(|day| midnight(day, zone)),
        _ => written_out(trimmed, zone),
    };
    let moment = moment.ok_or_else(|| refused("is no moment that is known here"))?;
    i64::try_from(moment.as_nanosecond()).map_err(|_| refused("is out of range"))
}

fn midnight(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    day.to_zoned(zone.clone()).ok().map(|midnight| midnight.timestamp())
}

fn written_out(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.replacen(',', ".", 1);
    text.parse::<Timestamp>()
        .or_else(|_| text.parse::<Zoned>().map(|zoned| zoned.timestamp()))
        .or_else(|_| text.parse::<DateTime>().and_then(|civil| zone.to_timestamp(civil)))
        .ok()
}

/// Sums `1h30m` to seconds. `None` when the text has another form, `Some(None)` when the sum is
/// too large.
fn seconds_ago(text: &str) -> Option<Option<i64>> {
    let mut sum = Some(0i64);
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = unit_seconds(&rest[digits..digits + letters])?;
        if digits == 0 {
            return None;
        }
        let part = rest[..digits].parse::<i64>().ok().and_then(|count| count.checked_mul(unit));
        sum = sum.zip(part).and_then(|(sum, part)| sum.checked_add(part));
        rest = &rest[digits + letters..];
    }
    Some(sum)
}

fn unit_seconds(unit: &str) -> Option<i64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "s" | "sec" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::tz::{Offset, TimeZone};

    use super::parse_time_bound;

    /// 2026-11-21T10:00:00Z, which is 11:00 in the zone of the tests.
    const NOW: i64 = 1_795_255_200;
    const DAY: i64 = 86_400;

    fn seconds(text: &str) -> Option<i64> {
        let zone = TimeZone::fixed(Offset::constant(1));
        parse_time_bound(text, NOW * 1_000_000_000, &zone).ok().map(|ns| ns / 1_000_000_000)
    }

    #[test]
    fn moments_are_read() {
        let check = |text: &str, expect: i64| assert_eq!(seconds(text), Some(expect), "{text}");
        check("now", NOW);
        check("10m", NOW - 600);
        check("2h", NOW - 7200);
        check("1d", NOW - DAY);
        check("1W", NOW - 7 * DAY);
        check("1h30m", NOW - 5400);
        check(" 45s ", NOW - 45);
        check("today", NOW - 11 * 3600);
        check("Yesterday", NOW - 11 * 3600 - DAY);
        check("2026-11-21", NOW - 11 * 3600);
        check("2026-11-21 10:00", NOW - 3600);
        check("2026-11-21T10:00:00", NOW - 3600);
        check("2026-11-21T10:00:00Z", NOW);
        check("2026-11-21T11:00:00.25+01:00", NOW);
        check("2026-11-21 10:00:00,5Z", NOW);
    }

    #[test]
    fn anything_else_is_refused_with_examples() {
        for text in [
            "",
            "x",
            "10",
            "10x",
            "m",
            "2026-13-01",
            "tomorrow",
            "-5m",
            "1.5h",
            "h2",
            "99999999999999999999s",
            "99999999999w",
            "2026-11-21T",
            "\u{e9}",
        ] {
            let zone = TimeZone::UTC;
            let error = parse_time_bound(text, NOW, &zone).unwrap_err().to_string();
            assert!(error.contains("10m, 2h or 1d"), "{error}");
        }
    }
}
