//! Conditions on the time of day and the day of the week, each day or week again.

use std::fmt;

use crate::quantity::format_duration;

const DAY_NS: i64 = 86_400_000_000_000;
const MINUTE_NS: i64 = 60_000_000_000;

/// One end of a [`DayRange`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayBound {
    /// Minutes since midnight, at most 1440.
    pub minute: u16,
    /// Whether that moment itself belongs to the range.
    pub is_included: bool,
}

/// A part of every day, in UTC unless an offset says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRange {
    /// Where the part begins.
    pub from: DayBound,
    /// Where it ends.
    pub until: DayBound,
    /// How far the clocks that are meant are ahead of UTC, in nanoseconds.
    pub offset_ns: i64,
}

/// Some days of every week, in UTC unless an offset says otherwise. 0 is Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekRange {
    /// The first day.
    pub first: u8,
    /// The last day, which belongs to the range.
    pub last: u8,
    /// How far the clocks that are meant are ahead of UTC, in nanoseconds.
    pub offset_ns: i64,
}

impl DayRange {
    /// Whether this moment (nanoseconds since 1970) is in the range.
    #[must_use]
    pub fn contains(&self, time_ns: i64) -> bool {
        let of_day = shifted(time_ns, self.offset_ns).rem_euclid(i128::from(DAY_NS)) as i64;
        let from = i64::from(self.from.minute) * MINUTE_NS + i64::from(!self.from.is_included);
        let until = i64::from(self.until.minute) * MINUTE_NS - i64::from(!self.until.is_included);
        from <= of_day && of_day <= until
    }
}

impl WeekRange {
    /// Whether this moment (nanoseconds since 1970) is in the range.
    #[must_use]
    pub fn contains(&self, time_ns: i64) -> bool {
        let days = shifted(time_ns, self.offset_ns).div_euclid(i128::from(DAY_NS));
        // 1970 began with a Thursday.
        let day = (days + 4).rem_euclid(7) as u8;
        self.first <= day && day <= self.last
    }
}

fn shifted(time_ns: i64, offset_ns: i64) -> i128 {
    i128::from(time_ns) + i128::from(offset_ns)
}

/// The days of the week, Sunday first, as they are printed.
pub(crate) const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

impl fmt::Display for DayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = if self.from.is_included { '[' } else { '(' };
        let close = if self.until.is_included { ']' } else { ')' };
        let (from, until) = (self.from.minute, self.until.minute);
        write!(f, "_time:day_range{open}{:02}:{:02}, ", from / 60, from % 60)?;
        write!(f, "{:02}:{:02}{close}", until / 60, until % 60)?;
        write_offset(f, self.offset_ns)
    }
}

impl fmt::Display for WeekRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |day: u8| DAYS[usize::from(day % 7)];
        write!(f, "_time:week_range[{}, {}]", name(self.first), name(self.last))?;
        write_offset(f, self.offset_ns)
    }
}

fn write_offset(f: &mut fmt::Formatter<'_>, offset_ns: i64) -> fmt::Result {
    match offset_ns {
        0 => Ok(()),
        offset => write!(f, " offset {}", format_duration(offset)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use logloom_record::time::parse_timestamp;

    use super::{DayBound, DayRange, WeekRange};

    #[test]
    fn parts_of_days() {
        let check = |from_in: bool, until_in: bool, offset_ns: i64, time: &str, expect: bool| {
            let range = DayRange {
                from: DayBound { minute: 8 * 60, is_included: from_in },
                until: DayBound { minute: 18 * 60, is_included: until_in },
                offset_ns,
            };
            let time_ns = parse_timestamp(time).unwrap();
            assert_eq!(range.contains(time_ns), expect, "{range} {time}");
        };
        check(true, false, 0, "2026-11-21T08:00:00Z", true);
        check(false, false, 0, "2026-11-21T08:00:00Z", false);
        check(false, false, 0, "2026-11-21T08:00:00.000000001Z", true);
        check(true, false, 0, "2026-11-21T17:59:59.999999999Z", true);
        check(true, false, 0, "2026-11-21T18:00:00Z", false);
        check(true, true, 0, "2026-11-21T18:00:00Z", true);
        check(true, true, 0, "2026-11-21T18:00:00.000000001Z", false);
        check(true, false, 7_200_000_000_000, "2026-11-21T06:00:00Z", true);
        check(true, false, 7_200_000_000_000, "2026-11-21T16:00:00Z", false);
        check(true, false, 0, "1969-12-31T09:00:00Z", true);
        check(true, false, i64::MIN, "1969-12-31T09:00:00Z", true);
    }

    #[test]
    fn days_of_weeks() {
        let workdays = WeekRange { first: 1, last: 5, offset_ns: 0 };
        let contains = |time: &str| workdays.contains(parse_timestamp(time).unwrap());
        assert!(!contains("2026-11-21T12:00:00Z"));
        assert!(!contains("2026-11-22T23:59:59Z"));
        assert!(contains("2026-11-23T00:00:00Z"));
        assert!(contains("1970-01-01T00:00:00Z"));
        let ahead = WeekRange { offset_ns: 3_600_000_000_000, ..workdays };
        assert!(ahead.contains(parse_timestamp("2026-11-22T23:30:00Z").unwrap()));
    }
}
