//! Reads times in the usual written forms and as numbers. What is no time gives `None`.

use super::{Day, NANOS_PER_SECOND, SECONDS_PER_DAY};

/// A time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedTime {
    /// Nanoseconds since 1970.
    pub time_ns: i64,
    /// Whether the text said its zone; without one UTC is assumed.
    pub has_zone: bool,
}

/// The time of [`parse_time`], without saying whether there was a zone.
pub fn parse_timestamp(text: &str) -> Option<i64> {
    parse_time(text).map(|parsed| parsed.time_ns)
}

/// Reads RFC 3339 and the forms close to it: `T`, `t`, `_` or a space between date and time,
/// slashes in the date, a fraction behind a point or comma (digits beyond nine are cut), no
/// seconds, and `Z`, `z`, `UTC`, `+hh:mm`, `+hhmm`, `+hh` or nothing for the zone. A 60th second
/// counts as the 59th.
pub fn parse_time(text: &str) -> Option<ParsedTime> {
    let mut scan = Scan { rest: text.trim().as_bytes() };
    let date = scan.date()?;
    scan.any_of(b"Tt _")?;
    let clock = scan.clock()?;
    let nanos = scan.fraction()?;
    let zone = scan.zone()?;
    if !scan.rest.is_empty() {
        return None;
    }
    let seconds = date.days_since_1970() * SECONDS_PER_DAY + clock - zone.unwrap_or(0);
    // In 128 bits, because the first second of the range begins before it.
    let time_ns = i128::from(seconds) * i128::from(NANOS_PER_SECOND) + i128::from(nanos);
    Some(ParsedTime { time_ns: i64::try_from(time_ns).ok()?, has_zone: zone.is_some() })
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl Scan<'_> {
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (head, tail) = self.rest.split_at_checked(digits)?;
        let number = head.iter().try_fold(0, |number, byte| {
            byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
        })?;
        self.rest = tail;
        Some(number)
    }

    fn any_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (&first, tail) = self.rest.split_first()?;
        if !wanted.contains(&first) {
            return None;
        }
        self.rest = tail;
        Some(first)
    }

    fn date(&mut self) -> Option<Day> {
        let year = self.number(4)?;
        let divider = self.any_of(b"-/")?;
        let month = self.number(2)?;
        self.any_of(&[divider])?;
        Day::new(year as i32, month as u8, self.number(2)? as u8)
    }

    fn clock(&mut self) -> Option<i64> {
        let hour = self.number(2)?;
        self.any_of(b":")?;
        let minute = self.number(2)?;
        let second = match self.any_of(b":") {
            Some(_) => self.number(2)?,
            None => 0,
        };
        let is_possible = hour < 24 && minute < 60 && second <= 60;
        is_possible.then_some(hour * 3600 + minute * 60 + second.min(59))
    }

    fn fraction(&mut self) -> Option<i64> {
        if self.any_of(b".,").is_none() {
            return Some(0);
        }
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return None;
        }
        let nanos = self.number(count.min(9))? * 10_i64.pow(9 - count.min(9) as u32);
        self.rest = &self.rest[count.saturating_sub(9)..];
        Some(nanos)
    }

    /// The offset in seconds; `Some(None)` where the text says none.
    fn zone(&mut self) -> Option<Option<i64>> {
        while self.any_of(b" ").is_some() {}
        if self.rest.is_empty() {
            return Some(None);
        }
        if [&b"Z"[..], b"z", b"UTC", b"GMT"].contains(&self.rest) {
            self.rest = &[];
            return Some(Some(0));
        }
        let sign = if self.any_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.number(2)?;
        let has_colon = self.any_of(b":").is_some();
        let minutes = if self.rest.is_empty() && !has_colon { 0 } else { self.number(2)? };
        (hours < 24 && minutes < 60).then_some(Some(sign * (hours * 3600 + minutes * 60)))
    }
}

/// A number of seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by its
/// magnitude: below 10^11 seconds (until the year 5138), below 10^14 milliseconds, below 10^17
/// microseconds. Seconds beyond the range of the result give `None`.
pub fn from_epoch_number(number: i64) -> Option<i64> {
    number.checked_mul(unit(number.unsigned_abs() as f64))
}

/// The same for a number with a fraction. A number that is not finite gives `None`.
pub fn from_epoch_float(number: f64) -> Option<i64> {
    if !number.is_finite() {
        return None;
    }
    let unit = unit(number.abs());
    // Whole and fraction apart, since a double cannot hold the nanoseconds of today.
    let whole = number.trunc();
    let fraction = ((number - whole) * unit as f64).round() as i64;
    if whole.abs() >= i64::MAX as f64 {
        return None;
    }
    (whole as i64).checked_mul(unit)?.checked_add(fraction)
}

fn unit(magnitude: f64) -> i64 {
    match magnitude {
        below if below < 1e11 => 1_000_000_000,
        below if below < 1e14 => 1_000_000,
        below if below < 1e17 => 1_000,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::super::format_rfc3339;
    use super::*;

    #[test]
    fn the_usual_forms() {
        let expected = Some(1_763_735_535_123_456_000);
        for text in [
            "2025-11-21T14:32:15.123456Z",
            "2025-11-21 14:32:15,123456",
            "2025-11-21t14:32:15.123456000999z",
            "2025-11-21T15:32:15.123456+01:00",
            "2025-11-21T07:02:15.123456-0730",
            "2025-11-21 16:32:15.123456 +02",
            "2025/11/21_14:32:15.123456 UTC",
            " 2025-11-21T14:32:15.123456 ",
        ] {
            assert_eq!(parse_timestamp(text), expected, "{text}");
        }
        assert_eq!(parse_time("2025-11-21 14:32").map(|time| time.has_zone), Some(false));
        assert_eq!(parse_time("2025-11-21 14:32Z").map(|time| time.has_zone), Some(true));
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "2025-11-21",
            "2025-02-29T00:00:00Z",
            "2025-11-21T24:00:00Z",
            "2025-11-21T14:60:00Z",
            "2025-11-21T14:32:15.Z",
            "2025-11-21T14:32:15+1:00",
            "2025-11-21T14:32:15+01:",
            "2025-11-21T14:32:15Zx",
            "2025-11/21T14:32:15",
            "2025-11-21T14:32:15é",
            "9999-12-31T23:59:59Z",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_by_magnitude() {
        let second = 1_763_735_535;
        for (number, expected) in [
            (second, second * 1_000_000_000),
            (second * 1_000 + 5, second * 1_000_000_000 + 5_000_000),
            (second * 1_000_000, second * 1_000_000_000),
            (second * 1_000_000_000 + 7, second * 1_000_000_000 + 7),
        ] {
            assert_eq!(from_epoch_number(number), Some(expected));
        }
        assert_eq!(from_epoch_float(1_763_735_535.5), Some(1_763_735_535_500_000_000));
        assert_eq!(from_epoch_float(f64::NAN), None);
        assert_eq!(from_epoch_float(1e30), None);
        assert_eq!(from_epoch_number(99_999_999_999), None);
    }

    #[test]
    fn what_is_shown_is_read() {
        for time in [0, -1, i64::MIN, i64::MAX, 951_782_400_000_000_001] {
            assert_eq!(parse_timestamp(&format_rfc3339(time, 9)), Some(time));
        }
    }
}
