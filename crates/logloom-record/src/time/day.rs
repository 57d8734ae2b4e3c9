//! Days of the proleptic Gregorian calendar. Text that names no day is refused.

use std::fmt;

use super::{NANOS_PER_SECOND, SECONDS_PER_DAY};

/// A day; its order is that of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    /// Year, 0 to 9999.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

impl Day {
    /// The day, `None` where there is no such one.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Day> {
        let exists = (0..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=month_days(year, month)).contains(&day);
        exists.then_some(Day { year, month, day })
    }

    /// Reads `2026-11-21`, and nothing else.
    pub fn parse(text: &str) -> Option<Day> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let number = |range: std::ops::Range<usize>| {
            bytes[range].iter().try_fold(0_i32, |number, byte| {
                byte.is_ascii_digit().then(|| number * 10 + i32::from(byte - b'0'))
            })
        };
        Day::new(number(0..4)?, number(5..7)? as u8, number(8..10)? as u8)
    }

    /// Days since 1970-01-01, negative before it.
    pub fn days_since_1970(self) -> i64 {
        // Years begin in March here, so that the leap day is the last of its year.
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The day this many days after 1970-01-01.
    pub fn from_days_since_1970(days: i64) -> Day {
        let days = days.saturating_add(719_468);
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Day { year: year as i32, month: month as u8, day: day as u8 }
    }

    /// First nanosecond of the day in UTC; `None` outside 1677 to 2262.
    pub fn start_ns(self) -> Option<i64> {
        self.days_since_1970().checked_mul(SECONDS_PER_DAY * NANOS_PER_SECOND)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The day in UTC on which this time falls.
pub fn day_of(time_ns: i64) -> Day {
    Day::from_days_since_1970(time_ns.div_euclid(SECONDS_PER_DAY * NANOS_PER_SECOND))
}

pub(super) fn month_days(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_range_comes_back() {
        let mut previous = Day::from_days_since_1970(-107_000);
        for days in -106_999..107_000 {
            let day = Day::from_days_since_1970(days);
            assert_eq!(day.days_since_1970(), days);
            assert!(day > previous);
            previous = day;
        }
        assert_eq!(Day::from_days_since_1970(0).to_string(), "1970-01-01");
    }

    #[test]
    fn days_are_read_and_shown() {
        for good in ["2026-11-21", "2024-02-29", "2000-02-29", "1999-12-31"] {
            assert_eq!(Day::parse(good).map(|day| day.to_string()).as_deref(), Some(good));
        }
        for bad in ["2023-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-1-1", "x", ""] {
            assert_eq!(Day::parse(bad), None, "{bad}");
        }
        assert_eq!(Day::parse("2026-11-21\n"), None);
        assert_eq!(day_of(-1).to_string(), "1969-12-31");
    }
}
