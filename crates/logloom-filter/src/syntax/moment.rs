//! Times as a query writes them: a moment, or a period by leaving out the smaller parts.

use std::ops::Range;

use logloom_record::time::{Day, from_epoch_float, from_epoch_number};

use super::{Context, Zone};
use crate::quantity::duration_ns;

/// Numbers with fewer digits are no times: they would be moments before 1974.
const EPOCH_DIGITS_MIN: usize = 9;

const SECOND_NS: i128 = 1_000_000_000;

/// The moments from the first one to the one behind the last, in nanoseconds since 1970. Moments
/// beyond the years 1677 to 2262 are cut to them.
pub(super) type Period = Range<i64>;

/// The period that a text names; `None` where it names none.
///
/// `2026`, `2026-11`, `2026-11-21`, then hours, minutes and seconds behind a `T`, with a zone or in
/// that of the context; `now`, `now-1h`, `-1h` and `1h` (that long ago); seconds, milliseconds,
/// microseconds or nanoseconds since 1970.
pub(super) fn period(text: &str, context: &Context) -> Option<Period> {
    if let Some(moment) = relative(text, context.now_ns) {
        return Some(moment..moment.saturating_add(1));
    }
    if let Some(period) = absolute(text, &context.zone) {
        return Some(period);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits < EPOCH_DIGITS_MIN {
        return None;
    }
    let moment = match text.parse::<i64>() {
        Ok(number) => from_epoch_number(number)?,
        Err(_) => {
            let is_plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-'));
            from_epoch_float(text.parse().ok().filter(|_| is_plain)?)?
        }
    };
    Some(moment..moment.saturating_add(1))
}

/// Whether a text is meant as a time and not as a duration.
pub(super) fn is_likely(text: &str) -> bool {
    let has_year = text.len() >= 4 && text.bytes().take(4).all(|byte| byte.is_ascii_digit());
    text.to_ascii_lowercase().starts_with("now")
        || has_year && matches!(text.as_bytes().get(4), None | Some(b'-' | b'+' | b'Z' | b'z'))
}

fn relative(text: &str, now_ns: i64) -> Option<i64> {
    let lower = text.to_ascii_lowercase();
    if let Some(rest) = lower.strip_prefix("now") {
        return match rest.as_bytes().first() {
            None => Some(now_ns),
            Some(b'+' | b'-') => Some(now_ns.saturating_add(duration_ns(rest)?)),
            Some(_) => None,
        };
    }
    let duration = duration_ns(text)?;
    Some(now_ns.saturating_sub(duration.saturating_abs()))
}

fn absolute(text: &str, zone: &Zone) -> Option<Period> {
    let mut scan = Scan { rest: text };
    let written = scan.calendar()?;
    let zone = match scan.rest {
        "" => zone.clone(),
        "Z" | "z" => Zone::Utc,
        offset => Zone::Offset(offset_seconds(offset)?),
    };
    let moment = |wall: i128| {
        let clamped = wall.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        if i128::from(clamped) == wall { zone.moment(clamped) } else { clamped }
    };
    Some(moment(written.start)..moment(written.end))
}

fn offset_seconds(text: &str) -> Option<i32> {
    let negative = match text.as_bytes().first()? {
        b'+' => false,
        b'-' => true,
        _ => return None,
    };
    let mut scan = Scan { rest: &text[1..] };
    let hours = scan.number(2)?;
    if !scan.take(':') && !scan.rest.is_empty() && scan.rest.len() != 2 {
        return None;
    }
    let minutes = if scan.rest.is_empty() { 0 } else { scan.number(2)? };
    let seconds = (hours * 3600 + minutes * 60) as i32;
    (scan.rest.is_empty() && hours < 24 && minutes < 60).then_some(if negative {
        -seconds
    } else {
        seconds
    })
}

struct Scan<'a> {
    rest: &'a str,
}

impl Scan<'_> {
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (head, tail) = self.rest.split_at_checked(digits)?;
        if !head.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.rest = tail;
        head.parse().ok()
    }

    fn take(&mut self, wanted: char) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes a part behind `divider`; `Some(None)` where there is none.
    fn part(&mut self, divider: char) -> Option<Option<i64>> {
        // `2026-02:00` has a zone behind the year and `2026-02` a month.
        let is_zone = matches!(divider, '-') && self.rest.as_bytes().get(3) == Some(&b':');
        if is_zone || !self.take(divider) {
            return Some(None);
        }
        self.number(2).map(Some)
    }

    /// The time on the wall from the first to behind the last moment that fits.
    fn calendar(&mut self) -> Option<Range<i128>> {
        let year = self.number(4)?;
        let Some(month) = self.part('-')? else {
            return Some(day(year, 1, 1)?..first_of(year + 1, 1));
        };
        let Some(date) = self.part('-')? else {
            let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            return Some(day(year, month, 1)?..first_of(next.0, next.1));
        };
        let start = day(year, month, date)?;
        if !(self.take('T') || self.take('t') || self.take(' ')) {
            return Some(start..start + 86_400 * SECOND_NS);
        }
        self.clock(start)
    }

    fn clock(&mut self, day: i128) -> Option<Range<i128>> {
        let hour = self.number(2).filter(|hour| *hour < 24)?;
        let start = day + i128::from(hour) * 3600 * SECOND_NS;
        let Some(minute) = self.part(':')? else {
            return Some(start..start + 3600 * SECOND_NS);
        };
        let start = start + i128::from(minute) * 60 * SECOND_NS;
        let Some(second) = self.part(':')?.map(|second| second.min(59)) else {
            return (minute < 60).then_some(start..start + 60 * SECOND_NS);
        };
        let start = start + i128::from(second) * SECOND_NS;
        let length = self.fraction()?;
        (minute < 60).then_some(start + length.0..start + length.0 + length.1)
    }

    /// The nanoseconds behind the point, and how long the last digit of them is.
    fn fraction(&mut self) -> Option<(i128, i128)> {
        if !self.take('.') {
            return Some((0, SECOND_NS));
        }
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let kept = count.min(9);
        let digits: i128 = self.rest.get(..kept)?.parse().ok()?;
        self.rest = &self.rest[count..];
        let unit = 10_i128.pow(9 - kept as u32);
        Some((digits * unit, unit))
    }
}

/// Midnight before this day, in nanoseconds since 1970 as if in UTC.
fn day(year: i64, month: i64, day: i64) -> Option<i128> {
    let day = Day::new(year as i32, month as u8, day as u8)?;
    Some(i128::from(day.days_since_1970()) * 86_400 * SECOND_NS)
}

/// Midnight before the first day of a month; behind all times where there is no such year.
fn first_of(year: i64, month: i64) -> i128 {
    day(year, month, 1).unwrap_or(i128::MAX / 2)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use logloom_record::time::format_rfc3339;

    use super::super::{Context, Zone};
    use super::period;

    fn show(text: &str) -> Option<String> {
        let context = Context { now_ns: 1_000_000_000_000, zone: Zone::Offset(3600) };
        let period = period(text, &context)?;
        Some(format!("{} {}", format_rfc3339(period.start, 9), format_rfc3339(period.end, 9)))
    }

    #[test]
    fn times_are_periods() {
        let check = |text: &str, from: &str, until: &str| {
            let trim = |shown: &str| shown.replace(".000000000", "");
            assert_eq!(
                show(text).map(|shown| trim(&shown)),
                Some(format!("{from} {until}")),
                "{text}"
            );
        };
        check("2023Z", "2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z");
        check("2023-02Z", "2023-02-01T00:00:00Z", "2023-03-01T00:00:00Z");
        check("2023-12Z", "2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z");
        check("2024-02-28Z", "2024-02-28T00:00:00Z", "2024-02-29T00:00:00Z");
        check("2023-04-25", "2023-04-24T23:00:00Z", "2023-04-25T23:00:00Z");
        check("2023-04-25+05:30", "2023-04-24T18:30:00Z", "2023-04-25T18:30:00Z");
        check("2023-02-07:00", "2023-02-01T07:00:00Z", "2023-03-01T07:00:00Z");
        check("2023-02:00", "2023-01-01T02:00:00Z", "2024-01-01T02:00:00Z");
        check("2023-04-25T22Z", "2023-04-25T22:00:00Z", "2023-04-25T23:00:00Z");
        check("2023-04-25T22:45Z", "2023-04-25T22:45:00Z", "2023-04-25T22:46:00Z");
        check("2023-04-25T22:45:59Z", "2023-04-25T22:45:59Z", "2023-04-25T22:46:00Z");
        check(
            "2023-04-25T22:45:59.5Z",
            "2023-04-25T22:45:59.500000000Z",
            "2023-04-25T22:45:59.600000000Z",
        );
        check("now", "1970-01-01T00:16:40Z", "1970-01-01T00:16:40.000000001Z");
        check("now-1m", "1970-01-01T00:15:40Z", "1970-01-01T00:15:40.000000001Z");
        check("-1m", "1970-01-01T00:15:40Z", "1970-01-01T00:15:40.000000001Z");
        check("1700000000", "2023-11-14T22:13:20Z", "2023-11-14T22:13:20.000000001Z");
        check("1700000000.5", "2023-11-14T22:13:20.500000000Z", "2023-11-14T22:13:20.500000001Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "202",
            "2023-13",
            "2023-02-30",
            "2023-02-01T24",
            "2023-02-01T10:60",
            "2023-",
            "nowx",
            "2023-02-01T10:00+25:00",
            "2023-02-01x",
            "soon",
            "2023-02-01T1",
            "now-",
            "2023-02-01T10:00.5",
        ] {
            assert_eq!(show(text), None, "{text}");
        }
        assert!(show("9999Z").is_some());
        assert!(show("0001Z").is_some());
    }
}
