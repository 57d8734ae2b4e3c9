//! Times in the forms that programs write them.
//!
//! Takes the head of a line and the form that is expected there ([`Civil::read`]), or any text that
//! may be or begin with a time ([`leading`], [`whole`]), gives the parts of the time as written,
//! and makes a moment of them by stated rules: a zone that is named holds; without one the
//! configured zone does; a missing year is the one that brings the time closest before the last
//! change of the source, a day of tolerance included. Of an hour that occurs twice the first one
//! is meant, and an hour that a zone leaves out is read as if it had not; 24:00:00 is the midnight
//! that the next day begins with. Nothing else is assumed: a time that these rules do not settle,
//! that is on no calendar, or that lies outside 1677 to 2262, is handed on as the text it is. Never
//! reads a clock.

mod forms;
mod setting;
mod zone;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use logloom_record::time::{Day, NANOS_PER_SECOND, SECONDS_PER_DAY, day_of};

use crate::recognise::Defaults;
pub(crate) use forms::{epoch, leading, whole};
pub use setting::{UnknownZone, zone};
use zone::Zone;

/// The form of a time. Letters stand for parts, everything else for itself:
///
/// `Y` year of four digits, `y` of two; `m` month of two digits, `b` its English name of three
/// letters; `d` day of two digits, `e` of one or two with a blank before it; `H` hour of
/// two digits or of one with a blank before it, `M` `S` minute and second of two digits; `f` the fraction of the second with its point or comma, if there
/// is one; `p` AM or PM; `z` the zone, if one is named; `a` the English name of the weekday; `T` a
/// `T` or blank.
pub(crate) type Pattern = &'static str;

/// ISO 8601 and RFC 3339 with a `T` or a blank, comma or point, zone or none.
pub(crate) const ISO: Pattern = "Y-m-dTH:M:Sfz";

/// The traditional form of the system log, with a fraction where there is one.
pub(crate) const SYSLOG: Pattern = "b e H:M:Sf";

/// When a line says it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// Nanoseconds since 1970.
    Known(i64),
    /// A time that no rule settles, as written; empty where the line says that it is not known.
    Unsettled(String),
    /// The line has none.
    Absent,
}

const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
const DAYS: &[u8] = b"MonTueWedThuFriSatSun";

/// The parts of a time as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Civil<'a> {
    text: &'a str,
    year: Option<u16>,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    nanos: u32,
    zone: Zone<'a>,
}

impl<'a> Civil<'a> {
    /// What a text says that names no part of a time.
    const UNKNOWN: Self = Self {
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

    /// Reads a time at the head of the text; gives what follows it too.
    pub(crate) fn read(text: &'a str, pattern: Pattern) -> Option<(Self, &'a str)> {
        if pattern == ISO {
            return Self::read_iso(text);
        }
        Self::read_parts(text, pattern)
    }

    /// [`ISO`] as nearly every line has it, without a look at the pattern for each part.
    fn read_iso(text: &'a str) -> Option<(Self, &'a str)> {
        let head: &[u8; 19] = text.as_bytes().first_chunk()?;
        let is_iso = head[4] == b'-'
            && head[7] == b'-'
            && matches!(head[10], b'T' | b't' | b' ')
            && head[13] == b':'
            && head[16] == b':';
        if !is_iso {
            return None;
        }
        let pair = |at: usize| {
            let (tens, ones) = (head[at].wrapping_sub(b'0'), head[at + 1].wrapping_sub(b'0'));
            (tens < 10 && ones < 10).then(|| tens * 10 + ones)
        };
        let digit = |at: usize| Some(head[at].wrapping_sub(b'0')).filter(|digit| *digit < 10);
        let mut civil = Self {
            year: Some(u16::from(pair(0)?) * 100 + u16::from(pair(2)?)),
            month: pair(5)?,
            day: pair(8)?,
            // MariaDB pads the hour with a blank.
            hour: if head[11] == b' ' { digit(12)? } else { pair(11)? },
            minute: pair(14)?,
            second: pair(17)?,
            ..Self::UNKNOWN
        };
        let rest = civil.fraction(text.get(19..)?);
        let rest = civil.zone(rest);
        civil.text = &text[..text.len() - rest.len()];
        civil.is_possible().then_some((civil, rest))
    }

    fn read_parts(text: &'a str, pattern: Pattern) -> Option<(Self, &'a str)> {
        let mut civil = Self::UNKNOWN;
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
            b'm' => small(rest, 2, &mut self.month),
            b'd' => small(rest, 2, &mut self.day),
            b'e' => match rest.strip_prefix(' ') {
                Some(rest) => small(rest, 1, &mut self.day),
                None => small(rest, 2, &mut self.day).or_else(|| small(rest, 1, &mut self.day)),
            },
            b'H' => match rest.strip_prefix(' ') {
                Some(rest) => small(rest, 1, &mut self.hour),
                None => small(rest, 2, &mut self.hour),
            },
            b'M' => small(rest, 2, &mut self.minute),
            b'S' => small(rest, 2, &mut self.second),
            b'b' => {
                self.month = named(rest, MONTHS)?;
                rest.get(3..)
            }
            b'a' => named(rest, DAYS).and_then(|_| rest.get(3..)),
            b'f' => Some(self.fraction(rest)),
            b'p' => self.half_of_day(rest),
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
            self.nanos += u32::from(byte - b'0') * unit;
            unit /= 10;
        }
        if count == 0 { rest } else { &after[count..] }
    }

    /// `AM` or `PM`; twelve o'clock is the first hour of its half.
    fn half_of_day(&mut self, rest: &'a str) -> Option<&'a str> {
        // Java and .NET may write a narrow blank here.
        let text = rest.strip_prefix([' ', '\u{a0}', '\u{202f}']).unwrap_or(rest);
        let half = text.get(..2)?;
        let is_after_noon = half.eq_ignore_ascii_case("PM");
        if !(1..=12).contains(&self.hour) || !is_after_noon && !half.eq_ignore_ascii_case("AM") {
            return None;
        }
        self.hour = self.hour % 12 + if is_after_noon { 12 } else { 0 };
        Some(&text[2..])
    }

    fn zone(&mut self, rest: &'a str) -> &'a str {
        let (zone, rest) = zone::read(rest);
        self.zone = zone;
        rest
    }

    /// Whether somebody may have meant it as a time. The 30th of February is one, which only has no
    /// moment: the rest of its line is worth as much as that of any other.
    fn is_possible(&self) -> bool {
        let is_midnight = self.hour == 24 && self.minute == 0 && self.second == 0;
        (1..=12).contains(&self.month)
            && (1..=31).contains(&self.day)
            && (self.hour < 24 || is_midnight)
            && self.minute < 60
            && self.second <= 60
    }

    /// The moment, or the text where the rules do not settle it.
    pub(crate) fn settle(self, defaults: &Defaults) -> Time {
        match self.moment(defaults) {
            Some(time_ns) => Time::Known(time_ns),
            None => Time::Unsettled(self.text.to_owned()),
        }
    }

    /// The text of a time that has no date, so that nothing can settle it.
    pub(crate) fn unsettled(self) -> Time {
        Time::Unsettled(self.text.to_owned())
    }

    fn moment(&self, defaults: &Defaults) -> Option<i64> {
        if self.hour == 24 && self.nanos > 0 {
            return None;
        }
        let zone = match self.zone {
            Zone::Seconds(seconds) => return self.at_offset(self.year?, seconds),
            Zone::Unnamed | Zone::Named(_) => defaults.zone.as_ref()?,
        };
        let time_ns = match self.year {
            Some(year) => self.in_year(year, zone)?,
            None => {
                self.in_latest_year(zone, defaults.written_ns.unwrap_or(defaults.arrival_ns))?
            }
        };
        self.zone_agrees(time_ns, zone).then_some(time_ns)
    }

    /// A named zone holds only where the configured one has that name at that time.
    fn zone_agrees(&self, time_ns: i64, zone: &TimeZone) -> bool {
        let Zone::Named(name) = self.zone else { return true };
        Timestamp::from_nanosecond(i128::from(time_ns))
            .is_ok_and(|moment| zone.to_offset_info(moment).abbreviation() == name)
    }

    /// The moment in a zone that is so many seconds ahead of UTC.
    fn at_offset(&self, year: u16, seconds: i32) -> Option<i64> {
        let day = Day::new(i32::from(year), self.month, self.day)?;
        // A 60th second counts as the 59th.
        let clock = i64::from(self.hour) * 3600
            + i64::from(self.minute) * 60
            + i64::from(self.second.min(59));
        let seconds = day.days_since_1970() * SECONDS_PER_DAY + clock - i64::from(seconds);
        seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(i64::from(self.nanos))
    }

    fn in_year(&self, year: u16, zone: &TimeZone) -> Option<i64> {
        if let Ok(offset) = zone.to_fixed_offset() {
            return self.at_offset(year, offset.seconds());
        }
        let small = |part: u8| i8::try_from(part).ok();
        let civil = DateTime::new(
            i16::try_from(year).ok()?,
            small(self.month)?,
            small(self.day)?,
            small(self.hour % 24)?,
            small(self.minute)?,
            small(self.second.min(59))?,
            i32::try_from(self.nanos).ok()?,
        );
        // 24:00:00 is the end of the day: the first moment of the next one.
        let days = i64::from(self.hour / 24);
        let civil = civil.ok()?.checked_add(jiff::Span::new().days(days)).ok()?;
        i64::try_from(zone.to_timestamp(civil).ok()?.as_nanosecond()).ok()
    }

    /// The year that brings the time closest before the source was last written.
    fn in_latest_year(&self, zone: &TimeZone, written_ns: i64) -> Option<i64> {
        const DAY_NS: i64 = SECONDS_PER_DAY * NANOS_PER_SECOND;
        let latest_ns = written_ns.saturating_add(DAY_NS);
        // No zone is two days ahead of UTC, so that the latest time is in this year at most.
        let year = u16::try_from(day_of(latest_ns.saturating_add(2 * DAY_NS)).year).ok()?;
        // The last day of February may be eight years before the latest time.
        (0..=9)
            .filter_map(|back| self.in_year(year.checked_sub(back)?, zone))
            .find(|time_ns| *time_ns <= latest_ns)
    }
}

fn number(text: &str, digits: usize) -> Option<(u16, &str)> {
    let (head, rest) = text.as_bytes().split_at_checked(digits)?;
    let number = head.iter().try_fold(0_u16, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + u16::from(byte - b'0'))
    })?;
    Some((number, &text[text.len() - rest.len()..]))
}

fn small<'a>(text: &'a str, digits: usize, place: &mut u8) -> Option<&'a str> {
    let (value, rest) = number(text, digits)?;
    *place = u8::try_from(value).ok()?;
    Some(rest)
}

fn century(year: u16) -> u16 {
    if year < 69 { 2000 + year } else { 1900 + year }
}

/// Which of the names of three letters the text begins with, from 1.
fn named(text: &str, names: &[u8]) -> Option<u8> {
    let &[first, second, third, ..] = text.as_bytes() else { return None };
    // Byte by byte, because a comparison of slices is a call.
    let is_it = |name: &[u8]| name[0] == first && name[1] == second && name[2] == third;
    let place = names.chunks_exact(3).position(is_it)?;
    u8::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests;
