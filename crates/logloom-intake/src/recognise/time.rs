//! Times as other programs write them.
//!
//! A time that names its zone is read as it stands. One without a zone is read only when a zone
//! was configured, and the traditional form of the system log (`Nov 21 10:00:00`) takes the year
//! that brings it nearest to the last change of its source, or to its arrival. Everything else is left unread.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use logloom_record::time::parse_timestamp;

use super::Defaults;

/// The time of a text that is nothing but a time.
pub(super) fn of_text(text: &str, defaults: &Defaults) -> Option<i64> {
    let text = text.trim();
    match leading_iso(text) {
        Some((stamp, false)) if stamp.len() == text.len() => {
            // Loggers that write JSON leave the zone out when they mean UTC.
            in_zone(stamp, defaults.zone.as_ref().unwrap_or(&TimeZone::UTC))
        }
        Some((stamp, true)) if stamp.len() == text.len() => parse_zoned(stamp),
        _ => parse_timestamp(text),
    }
}

/// The time at the head of a plain line, in brackets or not.
pub(super) fn leading(line: &str, defaults: &Defaults) -> Option<i64> {
    let line = line.strip_prefix('[').unwrap_or(line);
    match leading_iso(line) {
        Some((stamp, true)) => parse_zoned(stamp),
        Some((stamp, false)) => in_zone(stamp, defaults.zone.as_ref()?),
        None => leading_syslog(line, defaults),
    }
}

/// The text of a date and time at the head of a line, and whether it names its zone.
fn leading_iso(line: &str) -> Option<(&str, bool)> {
    const SHAPE: &[u8] = b"dddd-dd-dd dd:dd:dd";
    let bytes = line.as_bytes();
    let head = bytes.get(..SHAPE.len())?;
    let fits = head.iter().zip(SHAPE).all(|(byte, shape)| match shape {
        b'd' => byte.is_ascii_digit(),
        b' ' => matches!(byte, b' ' | b'T' | b't'),
        exact => byte == exact,
    });
    if !fits {
        return None;
    }
    let mut end = SHAPE.len();
    if matches!(bytes.get(end), Some(b'.' | b',')) {
        let digits = bytes[end + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        end += if digits > 0 { digits + 1 } else { 0 };
    }
    let zone = zone_length(&bytes[end..]);
    Some((&line[..end + zone], zone > 0))
}

/// The length of `Z`, `+hh:mm`, `+hhmm` or `+hh`, with the blank before it.
fn zone_length(rest: &[u8]) -> usize {
    let blank = usize::from(rest.first() == Some(&b' '));
    let rest = &rest[blank..];
    let digits = |from: usize| {
        rest.get(from..from + 2).is_some_and(|pair| pair.iter().all(u8::is_ascii_digit))
    };
    let length = match rest.first() {
        Some(b'Z' | b'z') => 1,
        Some(b'+' | b'-') if digits(1) && rest.get(3) == Some(&b':') && digits(4) => 6,
        Some(b'+' | b'-') if digits(1) && digits(3) => 5,
        _ => 0,
    };
    let ends = rest.get(length).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    if length > 0 && ends { blank + length } else { 0 }
}

/// A time with its zone, which may stand apart from it.
fn parse_zoned(stamp: &str) -> Option<i64> {
    match stamp.rsplit_once(' ') {
        Some((before, zone)) if zone.starts_with(['+', '-', 'Z', 'z']) => {
            parse_timestamp(&format!("{before}{zone}"))
        }
        _ => parse_timestamp(stamp),
    }
}

/// A date and time without a zone, as it was in this one.
fn in_zone(stamp: &str, zone: &TimeZone) -> Option<i64> {
    let as_if_utc = parse_timestamp(stamp)?;
    let civil = Timestamp::from_nanosecond(i128::from(as_if_utc)).ok()?;
    zoned(TimeZone::UTC.to_datetime(civil), zone)
}

fn zoned(civil: DateTime, zone: &TimeZone) -> Option<i64> {
    let moment = zone.to_timestamp(civil).ok()?;
    i64::try_from(moment.as_nanosecond()).ok()
}

/// `Nov 21 10:00:00 ` at the head of a line; needs a zone, and takes the year from the arrival.
fn leading_syslog(line: &str, defaults: &Defaults) -> Option<i64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let zone = defaults.zone.as_ref()?;
    let head = line.get(..15)?;
    let month = MONTHS.find(head.get(..3)?).filter(|place| place % 3 == 0)? / 3 + 1;
    let bytes = head.as_bytes();
    let blanks = bytes[3] == b' ' && bytes[6] == b' ' && bytes[9] == b':' && bytes[12] == b':';
    let number = |from: usize| head.get(from..from + 2)?.trim_start().parse::<i8>().ok();
    if !blanks || line.as_bytes().get(15).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let latest =
        Timestamp::from_nanosecond(i128::from(defaults.written_ns.unwrap_or(defaults.arrival_ns)))
            .ok()?
            + 24.hours();
    let this_year = zone.to_datetime(latest).year();
    [this_year, this_year - 1].into_iter().find_map(|year| {
        let month = i8::try_from(month).ok()?;
        let civil =
            DateTime::new(year, month, number(4)?, number(7)?, number(10)?, number(13)?, 0).ok()?;
        zoned(civil, zone).filter(|time| i128::from(*time) <= latest.as_nanosecond())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::tz::{Offset, TimeZone};

    use super::super::Defaults;
    use super::{leading, of_text};

    /// 2026-11-21T10:00:00Z
    const TEN: i64 = 1_795_255_200;

    fn defaults(hours: Option<i8>) -> Defaults {
        Defaults {
            zone: hours.map(|hours| TimeZone::fixed(Offset::constant(hours))),
            arrival_ns: TEN * 1_000_000_000,
            ..Defaults::default()
        }
    }

    #[test]
    fn leading_times() {
        let check = |line: &str, zone: Option<i8>, expect: Option<i64>| {
            let seconds = leading(line, &defaults(zone)).map(|ns| ns / 1_000_000_000);
            assert_eq!(seconds, expect, "{line}");
        };
        check("2026-11-21T10:00:00Z x", None, Some(TEN));
        check("[2026-11-21T11:00:00.123456+01:00] x", None, Some(TEN));
        check("2026-11-21 11:00:00,536 +0100 x", None, Some(TEN));
        check("2026-11-21 10:00:00,536 - INFO", None, None);
        check("2026-11-21 10:00:00,536 - INFO", Some(0), Some(TEN));
        check("2026-11-21 10:00:00", Some(1), Some(TEN - 3600));
        check("2026-13-41 10:00:00 x", Some(0), None);
        check("2026-11-21 99:00:00Z x", None, None);
        check("Nov 21 10:00:00 host sshd[1]: x", None, None);
        check("Nov 21 10:00:00 host sshd[1]: x", Some(0), Some(TEN));
        check("Nov  1 10:00:00 host", Some(0), Some(TEN - 20 * 86_400));
        check("Dec 31 10:00:00 host", Some(0), Some(TEN - 325 * 86_400));
        check("Feb 30 10:00:00 host", Some(0), None);
        check("Novel 1 10:00:00", Some(0), None);
        check("2026-11-21", Some(0), None);
        check("x", Some(0), None);
        check("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", Some(0), None);
        check("", Some(0), None);
    }

    #[test]
    fn times_of_members() {
        let check = |text: &str, zone: Option<i8>, expect: Option<i64>| {
            let seconds = of_text(text, &defaults(zone)).map(|ns| ns / 1_000_000_000);
            assert_eq!(seconds, expect, "{text}");
        };
        check("2026-11-21T10:00:00.5Z", None, Some(TEN));
        check("2026-11-21 10:00:00,5", None, Some(TEN));
        check("2026-11-21 10:00:00,5", Some(1), Some(TEN - 3600));
        check("yesterday", None, None);
    }
}
