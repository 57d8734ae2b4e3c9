//! Days as people give them for `--date` and `--date-range`, and the moments between which they lie.
//!
//! | written | means |
//! |---|---|
//! | `2025-11-21` | that day |
//! | `today`, `yesterday` | seen from now |
//! | `2025-11-15:2025-11-21` | from the first to the last, both included |
//! | `2025-11-15:`, `:2025-11-21` | from or up to a day, without another end |
//!
//! A day is one of the viewer's zone, which is a parameter as now is. Refused, each with its
//! reason: what is no day, a day that no calendar has, a range that ends before it begins.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::lang::Lang;

/// Years whose every moment is a number of nanoseconds since 1970 that the log can hold.
const YEARS: std::ops::RangeInclusive<i16> = 1678..=2261;

/// One or more days of the viewer's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day; `None` when there is no bound.
    pub first: Option<Date>,
    /// The last day, included; `None` when there is no bound.
    pub last: Option<Date>,
}

/// A text that means no days.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DaysError {
    /// It has not the form of a day.
    NoDay(String),
    /// It has the form of a day that no calendar has.
    NotInCalendar(String),
    /// It is a day whose moments the log cannot hold.
    BeyondTheLog(String),
    /// It has not the form of a range.
    NoRange(String),
    /// The range ends before it begins.
    Reversed {
        /// The day it begins on.
        first: Date,
        /// The day it ends on.
        last: Date,
    },
}

impl DaysError {
    /// What is wrong, and what to write instead.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let (since, until) = (YEARS.start(), YEARS.end());
        match (self, lang) {
            (DaysError::NoDay(text), Lang::English) => {
                format!("`{text}` is no day: write it like 2025-11-21, or today, or yesterday")
            }
            (DaysError::NoDay(text), Lang::Chinese) => {
                format!("`{text}` 不是日期：请写成 2025-11-21、today 或 yesterday")
            }
            (DaysError::NotInCalendar(day), Lang::English) => {
                format!("there is no day {day} in the calendar")
            }
            (DaysError::NotInCalendar(day), Lang::Chinese) => format!("日历中没有 {day} 这一天"),
            (DaysError::BeyondTheLog(day), Lang::English) => {
                format!("the log knows no day {day}: its years are {since} to {until}")
            }
            (DaysError::BeyondTheLog(day), Lang::Chinese) => {
                format!("日志不支持 {day}：年份须在 {since} 到 {until} 之间")
            }
            (DaysError::NoRange(text), Lang::English) => {
                format!("`{text}` is no range: write FIRST:LAST, such as 2025-11-15:2025-11-21")
            }
            (DaysError::NoRange(text), Lang::Chinese) => {
                format!("`{text}` 不是日期范围：请写成 2025-11-15:2025-11-21")
            }
            (DaysError::Reversed { first, last }, Lang::English) => format!(
                "the range ends on {last}, before it begins on {first}: write {last}:{first}"
            ),
            (DaysError::Reversed { first, last }, Lang::Chinese) => {
                format!("结束日期 {last} 早于开始日期 {first}：请写成 {last}:{first}")
            }
        }
    }
}

impl fmt::Display for DaysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::English))
    }
}

impl std::error::Error for DaysError {}

impl Days {
    /// Every day.
    pub const ALL: Days = Days { first: None, last: None };

    /// One day.
    #[must_use]
    pub fn one(day: Date) -> Days {
        Days { first: Some(day), last: Some(day) }
    }

    /// The day that it is now, in this zone.
    #[must_use]
    pub fn today(now: Timestamp, zone: &TimeZone) -> Days {
        Days::one(now.to_zoned(zone.clone()).date())
    }

    /// The day of a `--date`.
    ///
    /// # Errors
    /// The text is none of the forms above.
    pub fn parse_date(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Days, DaysError> {
        day(text, now, zone).map(Days::one)
    }

    /// The days of a `--date-range`.
    ///
    /// # Errors
    /// The text is none of the forms above, or the range ends before it begins.
    pub fn parse_range(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Days, DaysError> {
        let Some((first, last)) = text.split_once(':') else {
            return Err(DaysError::NoRange(text.escape_debug().to_string()));
        };
        let end = |text: &str| match text.trim() {
            "" => Ok(None),
            text => day(text, now, zone).map(Some),
        };
        let days = Days { first: end(first)?, last: end(last)? };
        match (days.first, days.last) {
            (Some(first), Some(last)) if first > last => Err(DaysError::Reversed { first, last }),
            _ => Ok(days),
        }
    }

    /// The first moment that counts and the first that counts no more, nanoseconds since 1970.
    #[must_use]
    pub fn bounds(&self, zone: &TimeZone) -> (Option<i64>, Option<i64>) {
        let after = self.last.and_then(|last| last.checked_add(1.day()).ok());
        (self.first.and_then(|day| start_of(day, zone)), after.and_then(|day| start_of(day, zone)))
    }

    /// Whether it is one day alone.
    #[must_use]
    pub fn is_one(&self) -> bool {
        self.first.is_some() && self.first == self.last
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (Some(first), Some(last)) if first == last => write!(f, "{first}"),
            (Some(first), Some(last)) => write!(f, "{first}:{last}"),
            (Some(first), None) => write!(f, "{first}:"),
            (None, Some(last)) => write!(f, ":{last}"),
            (None, None) => f.write_str("*"),
        }
    }
}

fn day(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Date, DaysError> {
    let text = text.trim();
    let today = now.to_zoned(zone.clone()).date();
    match text.to_ascii_lowercase().as_str() {
        "today" => return Ok(today),
        "yesterday" => return Ok(today.yesterday().unwrap_or(today)),
        _ => {}
    }
    // Only the plain form: a time of the day behind it would be ignored without a word.
    let is_plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    match text.parse::<Date>() {
        Ok(day) if is_plain && YEARS.contains(&day.year()) => Ok(day),
        Ok(_) if is_plain => Err(DaysError::BeyondTheLog(text.to_owned())),
        Err(_) if is_plain && logloom_record::time::Day::parse(text).is_none() => {
            Err(DaysError::NotInCalendar(text.to_owned()))
        }
        _ => Err(DaysError::NoDay(text.escape_debug().to_string())),
    }
}

fn start_of(day: Date, zone: &TimeZone) -> Option<i64> {
    let start: Zoned = day.to_zoned(zone.clone()).ok()?;
    i64::try_from(start.timestamp().as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::tz::Offset;

    use super::*;

    /// 2025-11-21T20:00:00Z, which is the 22nd in the zone of the tests.
    fn now() -> Timestamp {
        "2025-11-21T20:00:00Z".parse().unwrap()
    }

    fn zone() -> TimeZone {
        TimeZone::fixed(Offset::constant(8))
    }

    #[test]
    fn days_are_those_of_the_viewer() {
        let date = |text: &str| Days::parse_date(text, now(), &zone()).unwrap().to_string();
        assert_eq!(date("today"), "2025-11-22");
        assert_eq!(date("Yesterday"), "2025-11-21");
        assert_eq!(date(" 2025-11-21 "), "2025-11-21");
        let days = Days::parse_date("2025-11-21", now(), &zone()).unwrap();
        let (from, until) = days.bounds(&zone());
        let text =
            |ns: Option<i64>| Timestamp::from_nanosecond(ns.unwrap().into()).unwrap().to_string();
        assert_eq!(text(from), "2025-11-20T16:00:00Z");
        assert_eq!(text(until), "2025-11-21T16:00:00Z");
    }

    #[test]
    fn ranges_may_be_open() {
        let range = |text: &str| Days::parse_range(text, now(), &zone()).unwrap().to_string();
        assert_eq!(range("2025-11-15:2025-11-21"), "2025-11-15:2025-11-21");
        assert_eq!(range("2025-11-15:today"), "2025-11-15:2025-11-22");
        assert_eq!(range("2025-11-15:"), "2025-11-15:");
        assert_eq!(range(":yesterday"), ":2025-11-21");
        assert_eq!(range("2025-11-21:2025-11-21"), "2025-11-21");
        assert_eq!(Days::parse_range(":", now(), &zone()).unwrap(), Days::ALL);
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        let check = |text: &str, expect: &str| {
            let error = match text.contains(':') {
                true => Days::parse_range(text, now(), &zone()).unwrap_err(),
                false => Days::parse_date(text, now(), &zone()).unwrap_err(),
            };
            assert!(error.to_string().contains(expect), "{text}: {error}");
        };
        check("2025-02-30", "no day 2025-02-30 in the calendar");
        check("2025-13-01", "no day 2025-13-01 in the calendar");
        check("2999-01-01", "its years are 1678 to 2261");
        check("21.11.2025", "write it like 2025-11-21");
        check("2025-11-21T10:00", "write it like");
        check("", "write it like");
        check("2025-11-21:2025-11-15", "write 2025-11-15:2025-11-21");
        check("2025-11-21:2025-11-31", "no day 2025-11-31");
        let error = Days::parse_range("2025-11-21", now(), &zone()).unwrap_err();
        assert!(error.to_string().contains("write FIRST:LAST"), "{error}");
        assert!(error.text(Lang::Chinese).contains("不是日期范围"), "{error}");
    }
}
