//! Times in the forms that programs write them.
//!
//! Takes the head of a line and the form that is expected there, gives the parts of the time as
//! written, and makes a moment of them by stated rules: a zone that is named holds; without one
//! the configured zone does; a missing year is the one that brings the time closest before the
//! last change of the source, a day of tolerance included. Nothing else is assumed: a time that
//! these rules do not settle is handed on as the text it is.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use super::Time;
use crate::recognise::Defaults;

/// The form of a time. Letters stand for parts, everything else for itself:
///
/// `Y` year of four digits, `y` of two; `m` month of two digits, `b` its English name of three
/// letters; `d` day of two digits, `e` of one or two with a blank before it; `H` `M` `S` hour,
/// minute, second of two digits; `f` the fraction of the second with its point or comma, if there
/// is one; `z` the zone, if one is named; `a` the English name of the weekday; `T` a `T` or blank.
pub(super) type Pattern = &'static str;

/// ISO 8601 and RFC 3339 with a `T` or a blank, comma or point, zone or none.
pub(super) const ISO: Pattern = "Y-m-dTH:M:Sfz";

/// The traditional form of the system log, with a fraction where there is one.
pub(super) const SYSLOG: Pattern = "b e H:M:Sf";

const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
const DAYS: &str = "MonTueWedThuFriSatSun";

/// The zone as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone<'a> {
    Unnamed,
    Seconds(i32),
    /// An abbreviation such as `CET`, which many zones of the world share.
    Named(&'a str),
}

/// The parts of a time as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Civil<'a> {
    text: &'a str,
    year: Option<i16>,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
    nanos: i32,
    zone: Zone<'a>,
}

impl<'a> Civil<'a> {
    /// Reads a time at the head of the text; gives what follows it too.
    pub(super) fn read(text: &'a str, pattern: Pattern) -> Option<(Self, &'a str)> {
        let mut civil = Self {
            text: "",
            year: None,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            nanos: 0,
            zone: Zone::Unnamed,
        };
        let mut rest = text;
        for part in pattern.bytes() {
            rest = civil.part(part, rest)?;
        }
        civil.text = &text[..text.len() - rest.len()];
        civil.is_possible().then_some((civil, rest))
    }

    fn part(&mut self, part: u8, rest: &'a str) -> Option<&'a str> {
        match part {
            b'Y' => number(rest, 4).map(|(year, rest)| (self.year = Some(year), rest).1),
            b'y' => number(rest, 2).map(|(year, rest)| (self.year = Some(century(year)), rest).1),
            b'm' => small(rest, &mut self.month),
            b'd' => small(rest, &mut self.day),
            b'e' => match rest.strip_prefix(' ') {
                Some(rest) => single(rest, &mut self.day),
                None => small(rest, &mut self.day).or_else(|| single(rest, &mut self.day)),
            },
            b'H' => small(rest, &mut self.hour),
            b'M' => small(rest, &mut self.minute),
            b'S' => small(rest, &mut self.second),
            b'b' => {
                self.month = named(rest, MONTHS)?;
                rest.get(3..)
            }
            b'a' => named(rest, DAYS).and_then(|_| rest.get(3..)),
            b'f' => Some(self.fraction(rest)),
            b'z' => Some(self.zone(rest)),
            b'T' => rest.strip_prefix(['T', 't', ' ']),
            exact => rest.strip_prefix(char::from(exact)),
        }
    }

    fn fraction(&mut self, rest: &'a str) -> &'a str {
        let Some(after) = rest.strip_prefix(['.', ',']) else { return rest };
        let count = after.bytes().take_while(u8::is_ascii_digit).count();
        let mut unit = 100_000_000;
        for byte in after.bytes().take(count.min(9)) {
            self.nanos += i32::from(byte - b'0') * unit;
            unit /= 10;
        }
        if count == 0 { rest } else { &after[count..] }
    }

    fn zone(&mut self, rest: &'a str) -> &'a str {
        let text = rest.strip_prefix(' ').unwrap_or(rest);
        let length = text
            .find(|character: char| {
                !character.is_ascii_alphanumeric() && !"+-:".contains(character)
            })
            .unwrap_or(text.len());
        // A colon behind a zone belongs to what follows.
        let name = text[..length].trim_end_matches(':');
        let Some(zone) = zone_of(name) else { return rest };
        // Three capitals behind a blank may be a level or any other word.
        if matches!(zone, Zone::Named(_)) && logloom_record::Level::parse(name).is_ok() {
            return rest;
        }
        self.zone = zone;
        &text[name.len()..]
    }

    fn is_possible(&self) -> bool {
        DateTime::new(
            self.year.unwrap_or(2000),
            self.month,
            self.day,
            self.hour,
            self.minute,
            self.second.min(59),
            self.nanos,
        )
        .is_ok()
            && self.second <= 60
    }

    /// The moment, or the text where the rules do not settle it.
    pub(super) fn settle(self, defaults: &Defaults) -> Time {
        match self.moment(defaults) {
            Some(time_ns) => Time::Known(time_ns),
            None => Time::Unsettled(self.text.to_owned()),
        }
    }

    /// The text of a time that has no date, so that nothing can settle it.
    pub(super) fn unsettled(self) -> Time {
        Time::Unsettled(self.text.to_owned())
    }

    fn moment(&self, defaults: &Defaults) -> Option<i64> {
        let zone = match self.zone {
            Zone::Seconds(seconds) => TimeZone::fixed(Offset::from_seconds(seconds).ok()?),
            Zone::Unnamed | Zone::Named(_) => defaults.zone.clone()?,
        };
        let time_ns = match self.year {
            Some(year) => self.in_year(year, &zone)?,
            None => {
                self.in_latest_year(&zone, defaults.written_ns.unwrap_or(defaults.arrival_ns))?
            }
        };
        self.zone_agrees(time_ns, &zone).then_some(time_ns)
    }

    /// A named zone holds only where the configured one has that name at that time.
    fn zone_agrees(&self, time_ns: i64, zone: &TimeZone) -> bool {
        let Zone::Named(name) = self.zone else { return true };
        Timestamp::from_nanosecond(i128::from(time_ns))
            .is_ok_and(|moment| zone.to_offset_info(moment).abbreviation() == name)
    }

    fn in_year(&self, year: i16, zone: &TimeZone) -> Option<i64> {
        let second = self.second.min(59);
        let civil =
            DateTime::new(year, self.month, self.day, self.hour, self.minute, second, self.nanos);
        i64::try_from(zone.to_timestamp(civil.ok()?).ok()?.as_nanosecond()).ok()
    }

    /// The year that brings the time closest before the source was last written.
    fn in_latest_year(&self, zone: &TimeZone, written_ns: i64) -> Option<i64> {
        let latest = Timestamp::from_nanosecond(i128::from(written_ns)).ok()? + 24.hours();
        let year = zone.to_datetime(latest).year();
        // The last day of February may be eight years away.
        (0..=8)
            .filter_map(|back| self.in_year(year - back, zone))
            .find(|time| i128::from(*time) <= latest.as_nanosecond())
    }
}

/// Seconds since 1970 with three digits behind the point, read without rounding.
pub(super) fn epoch(text: &str) -> Option<Time> {
    let (seconds, millis) = text.split_once('.')?;
    let millis = millis.parse::<u16>().ok().filter(|_| millis.len() == 3)?;
    let seconds = seconds.parse::<u32>().ok()?;
    let time_ns = i64::from(seconds) * 1_000_000_000 + i64::from(millis) * 1_000_000;
    Some(Time::Known(time_ns))
}

fn number(text: &str, digits: usize) -> Option<(i16, &str)> {
    let head = text.get(..digits)?;
    let is_number = head.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Some((head.parse().ok()?, &text[digits..]))).flatten()
}

fn small<'a>(text: &'a str, place: &mut i8) -> Option<&'a str> {
    let (value, rest) = number(text, 2)?;
    *place = i8::try_from(value).ok()?;
    Some(rest)
}

fn single<'a>(text: &'a str, place: &mut i8) -> Option<&'a str> {
    let (value, rest) = number(text, 1)?;
    *place = i8::try_from(value).ok()?;
    Some(rest)
}

fn century(year: i16) -> i16 {
    if year < 69 { 2000 + year } else { 1900 + year }
}

/// Which of the names of three letters the text begins with, from 1.
fn named(text: &str, names: &str) -> Option<i8> {
    let place = names.find(text.get(..3)?).filter(|place| place % 3 == 0)?;
    i8::try_from(place / 3 + 1).ok()
}

fn zone_of(name: &str) -> Option<Zone<'_>> {
    if matches!(name, "Z" | "z" | "UTC" | "GMT") {
        return Some(Zone::Seconds(0));
    }
    if (2..=5).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Some(Zone::Named(name));
    }
    let sign = match name.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = name[1..].replace(':', "");
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits, 2)?.0, 0),
        4 => (number(&digits, 2)?.0, number(&digits[2..], 2)?.0),
        _ => return None,
    };
    let is_possible = hours < 24 && minutes < 60;
    is_possible.then(|| Zone::Seconds(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::tz::{Offset, TimeZone};
    use logloom_record::time::format_rfc3339;

    use super::{Civil, ISO, Pattern, SYSLOG, Time};
    use crate::recognise::Defaults;

    /// Arrival at 2026-11-21T10:00:00Z, in the zone of this many hours.
    fn defaults(hours: Option<i8>) -> Defaults {
        Defaults {
            zone: hours.map(|hours| TimeZone::fixed(Offset::constant(hours))),
            arrival_ns: 1_795_255_200_000_000_000,
            ..Defaults::default()
        }
    }

    fn read(text: &str, pattern: Pattern, defaults: &Defaults) -> String {
        match Civil::read(text, pattern) {
            None => "refused".to_owned(),
            Some((civil, rest)) => match civil.settle(defaults) {
                Time::Known(time_ns) => format!("{}|{rest}", format_rfc3339(time_ns, 3)),
                Time::Unsettled(text) => format!("unsettled {text}|{rest}"),
                Time::Absent => "absent".to_owned(),
            },
        }
    }

    #[test]
    fn forms() {
        let check = |text: &str, pattern: Pattern, zone: Option<i8>, expect: &str| {
            assert_eq!(read(text, pattern, &defaults(zone)), expect, "{text}");
        };
        check("2026-11-21T10:00:00.5Z x", ISO, None, "2026-11-21T10:00:00.500Z| x");
        check("2026-11-21 10:00:00,5 +0100 x", ISO, None, "2026-11-21T09:00:00.500Z| x");
        check("2026-11-21 10:00:00 UTC [1]", ISO, None, "2026-11-21T10:00:00.000Z| [1]");
        check("2026-11-21 10:00:00 x", ISO, None, "unsettled 2026-11-21 10:00:00| x");
        check("2026-11-21 10:00:00 INFO", ISO, Some(1), "2026-11-21T09:00:00.000Z| INFO");
        check("2026-11-21 10:00:00 CET x", ISO, Some(0), "unsettled 2026-11-21 10:00:00 CET| x");
        check("2026-11-21 10:00:60Z", ISO, None, "2026-11-21T10:00:59.000Z|");
        check("2026-02-30 10:00:00Z", ISO, None, "refused");
        check("2026-11-21 10:00:00+99:00", ISO, Some(0), "2026-11-21T10:00:00.000Z|+99:00");
        check("Sun Dec 04 04:47:44 2005", "a b e H:M:S Y", Some(0), "2005-12-04T04:47:44.000Z|");
        check("081109 203615", "ymd HMS", Some(0), "2008-11-09T20:36:15.000Z|");
        check("Nov  1 10:00:00 host", SYSLOG, Some(0), "2026-11-01T10:00:00.000Z| host");
        check("Dec 31 10:00:00 host", SYSLOG, Some(0), "2025-12-31T10:00:00.000Z| host");
        check("Feb 29 10:00:00 host", SYSLOG, Some(0), "2024-02-29T10:00:00.000Z| host");
        check("Feb 29 10:00:00 host", SYSLOG, None, "unsettled Feb 29 10:00:00| host");
        check("10/Oct/2000:13:55:36 -0700]", "d/b/Y:H:M:Sz", None, "2000-10-10T20:55:36.000Z|]");
        check("9999-12-31T23:59:59Z", ISO, None, "unsettled 9999-12-31T23:59:59Z|");
        check("\u{e9}\u{e9}\u{e9}\u{e9}", ISO, None, "refused");
        check("", ISO, None, "refused");
    }

    #[test]
    fn the_year_is_that_of_the_source() {
        let year_2005 =
            Defaults { written_ns: Some(1_133_740_800_000_000_000), ..defaults(Some(0)) };
        assert_eq!(read("Jun 14 15:16:01", SYSLOG, &year_2005), "2005-06-14T15:16:01.000Z|");
    }
}
