//! Values rounded down to a step, for `stats by (field:step offset …)`.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use logloom_record::time::format_rfc3339;

use crate::pipes::number::{self, show};

/// How wide a bucket is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// So much: nanoseconds for times and durations, bytes for sizes, addresses for networks.
    Size(f64),
    /// Seven days from Monday.
    Week,
    /// A month of the calendar.
    Month,
    /// A year of the calendar.
    Year,
}

/// A step with its offset, and how it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    /// How wide.
    pub step: Step,
    /// Where the first one begins.
    pub offset: f64,
    /// The step and its offset as they were written.
    pub written: String,
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

const DAY_NS: i64 = 86_400_000_000_000;

impl Bucket {
    /// The start of the bucket that holds a value; a value without magnitude is its own.
    pub(super) fn start<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let first = text.strip_prefix('-').unwrap_or(text).bytes().next();
        if !first.is_some_and(|byte| byte.is_ascii_digit()) {
            return Cow::Borrowed(text);
        }
        let started = if let Some(time) = number::time(text) {
            show_time(self.time_start(time))
        } else if let Some(whole) = number::whole(text).filter(|_| self.size().fract() == 0.0) {
            let (size, offset) = (self.size() as i128, self.offset as i128);
            ((whole - offset).div_euclid(size) * size + offset).to_string()
        } else if let Some(float) = number::plain(text) {
            show(self.float_start(float))
        } else if let Some(address) = number::address(text) {
            let start = self.float_start(f64::from(address)).clamp(0.0, f64::from(u32::MAX));
            std::net::Ipv4Addr::from(start as u32).to_string()
        } else if let Some(duration) = number::duration(text) {
            number::show_duration(self.float_start(duration) as i64)
        } else if let Some(size) = number::number_with_unit(text) {
            show(self.float_start(size))
        } else {
            return Cow::Borrowed(text);
        };
        Cow::Owned(started)
    }

    /// The start of the bucket of a moment.
    pub(crate) fn time_start(&self, time_ns: i64) -> i64 {
        let offset = self.offset as i64;
        let shifted = time_ns.saturating_sub(offset);
        let start = match self.step {
            Step::Month | Step::Year => calendar_start(shifted, self.step),
            // 1970 began on a Thursday.
            Step::Week => floor(shifted.saturating_sub(4 * DAY_NS), 7 * DAY_NS) + 4 * DAY_NS,
            Step::Size(size) => floor(shifted, (size as i64).max(1)),
        };
        start.saturating_add(offset)
    }

    /// Where the bucket of a moment ends: the start of the next.
    pub(crate) fn time_end(&self, time_ns: i64) -> i64 {
        let start = self.time_start(time_ns);
        match self.step {
            // The second of the next month or year, whichever those are, lies less than a month beyond its start.
            Step::Month => self.time_start(start.saturating_add(32 * DAY_NS)),
            Step::Year => self.time_start(start.saturating_add(367 * DAY_NS)),
            Step::Week => start.saturating_add(7 * DAY_NS),
            Step::Size(size) => start.saturating_add((size as i64).max(1)),
        }
    }

    fn size(&self) -> f64 {
        match self.step {
            Step::Size(size) if size > 0.0 => size,
            Step::Week => 7.0 * DAY_NS as f64,
            _ => 1.0,
        }
    }

    /// The start for a number that may have digits behind the point. Steps like 0.1 have no exact
    /// form in binary: the result is rounded to the digits that the step has.
    fn float_start(&self, value: f64) -> f64 {
        let size = self.size();
        let start = ((value - self.offset) / size).floor() * size + self.offset;
        let digits = show(size).split_once('.').map_or(0, |(_, digits)| digits.len());
        let scale = 10f64.powi(digits.min(15) as i32);
        (start * scale).round() / scale
    }
}

fn floor(value: i64, size: i64) -> i64 {
    value.saturating_sub(value.rem_euclid(size))
}

fn calendar_start(time_ns: i64, step: Step) -> i64 {
    let date = Timestamp::from_nanosecond(i128::from(time_ns))
        .map(|moment| moment.to_zoned(TimeZone::UTC).date());
    let first = date.map(|date| match step {
        Step::Year => date.first_of_year(),
        _ => date.first_of_month(),
    });
    let start = first.and_then(|date| date.to_zoned(TimeZone::UTC));
    let start = start.ok().and_then(|start| i64::try_from(start.timestamp().as_nanosecond()).ok());
    start.unwrap_or(time_ns)
}

/// A time with as many digits as it needs.
pub(crate) fn show_time(time_ns: i64) -> String {
    let digits = match time_ns.rem_euclid(1_000_000_000) {
        0 => 0,
        rest if rest % 1_000_000 == 0 => 3,
        rest if rest % 1_000 == 0 => 6,
        _ => 9,
    };
    format_rfc3339(time_ns, digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_ends_where_the_next_begins() {
        let steps = [Step::Size(60e9), Step::Size(0.5), Step::Week, Step::Month, Step::Year];
        for step in steps {
            for offset in [0.0, 3600e9, -90e9] {
                let bucket = Bucket { step, offset, written: String::new() };
                for day in 0..800 {
                    let time = 1_700_000_000_000_000_000 + day * DAY_NS + day * 7_919_000_000_000;
                    let end = bucket.time_end(time);
                    assert!(end > time, "{step:?}");
                    assert_eq!(bucket.time_start(end), end, "{step:?}");
                    assert_eq!(bucket.time_start(end - 1), bucket.time_start(time), "{step:?}");
                }
            }
        }
    }

    #[test]
    fn values_are_rounded_down_to_the_step() {
        let check = |step: Step, offset: f64, value: &str, expect: &str| {
            let bucket = Bucket { step, offset, written: String::new() };
            assert_eq!(bucket.start(value), expect, "{value} {step:?}");
        };
        let minute = Step::Size(60e9);
        check(minute, 0.0, "2026-11-21T10:00:59.999Z", "2026-11-21T10:00:00Z");
        check(minute, 30e9, "2026-11-21T10:00:15Z", "2026-11-21T09:59:30Z");
        check(Step::Week, 0.0, "2026-11-21T10:00:00Z", "2026-11-16T00:00:00Z");
        check(Step::Month, 0.0, "2026-11-21T10:00:00Z", "2026-11-01T00:00:00Z");
        check(Step::Year, 3600e9, "2026-11-21T10:00:00Z", "2026-01-01T01:00:00Z");
        check(Step::Size(10.0), 0.0, "27", "20");
        check(Step::Size(10.0), 0.0, "-3", "-10");
        check(Step::Size(10.0), 5.0, "27", "25");
        check(Step::Size(0.1), 0.0, "0.37", "0.3");
        check(Step::Size(10.0), 0.0, "12.5", "10");
        check(Step::Size(256.0), 0.0, "10.1.2.3", "10.1.2.0");
        check(Step::Size(1e9), 0.0, "1.7s", "1s");
        check(Step::Size(1000.0), 0.0, "1.5KiB", "1000");
        check(Step::Size(10.0), 0.0, "text", "text");
        check(Step::Size(10.0), 0.0, "", "");
        check(Step::Size(10.0), 0.0, "9x", "9x");
    }
}
