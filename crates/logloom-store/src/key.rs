//! Names of files: a UTC day and a split of it. In come dates, times or file names; out go
//! [`Day`] and [`FileKey`]. Refuses dates that do not exist and years outside 1970 to 9999.

use std::fmt;

const NS_A_DAY: i64 = 86_400_000_000_000;
const DAYS_MAX: u32 = 2_932_896; // 9999-12-31

/// A calendar day in UTC, 1970-01-01 to 9999-12-31. Ordered by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u32);

impl Day {
    /// The day of a date; `None` when there is no such date in 1970 to 9999.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Day> {
        let known = (1970..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=month_length(year, month)).contains(&day);
        known.then(|| Day(days_from_civil(year, month, day)))
    }

    /// The UTC day of a time in nanoseconds since 1970; earlier times count as the first day.
    pub fn from_unix_ns(time: i64) -> Day {
        Day((time.max(0) / NS_A_DAY) as u32)
    }

    /// Days since 1970-01-01.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The inverse of [`Day::number`]; `None` after the year 9999.
    pub fn from_number(number: u32) -> Option<Day> {
        (number <= DAYS_MAX).then_some(Day(number))
    }

    /// Year, month and day of the month.
    pub fn civil(self) -> (u16, u8, u8) {
        civil_from_days(self.0)
    }

    /// First nanosecond of the day, since 1970.
    pub fn start_ns(self) -> i64 {
        i64::from(self.0).saturating_mul(NS_A_DAY)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// One day file: the day and its split, counted from 0. Ordered as the files follow each other.
/// A key is given to one file only and never again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey {
    /// The UTC day of the records.
    pub day: Day,
    /// 0 for `2026-11-21.jsonl`, 1 for `2026-11-21.001.jsonl`.
    pub split: u32,
}

impl FileKey {
    /// The key as one word for an intent in shared memory; never 0, which means "no file".
    pub fn to_word(self) -> u64 {
        (u64::from(self.day.0) + 1) << 32 | u64::from(self.split)
    }

    /// The inverse of [`FileKey::to_word`]; `None` for 0 and for words no key has.
    pub fn from_word(word: u64) -> Option<FileKey> {
        let number = u32::try_from((word >> 32).checked_sub(1)?).ok()?;
        Some(FileKey { day: Day::from_number(number)?, split: word as u32 })
    }

    /// The file's name inside the log directory.
    pub fn file_name(self) -> String {
        match self.split {
            0 => format!("{}.jsonl", self.day),
            split => format!("{}.{split:03}.jsonl", self.day),
        }
    }

    /// The key of a file name; `None` for every name that [`FileKey::file_name`] does not make.
    pub fn from_file_name(name: &str) -> Option<FileKey> {
        let stem = name.strip_suffix(".jsonl")?;
        let (date, split) = match stem.split_once('.') {
            None => (stem, 0),
            Some((date, split)) => (date, split.parse().ok()?),
        };
        let mut parts = date.splitn(3, '-');
        let year = parts.next()?.parse().ok()?;
        let month = parts.next()?.parse().ok()?;
        let day = parts.next()?.parse().ok()?;
        let key = FileKey { day: Day::new(year, month, day)?, split };
        (key.file_name() == name).then_some(key)
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.file_name())
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn month_length(year: u16, month: u8) -> u8 {
    match month {
        2 => 28 + u8::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

// Both directions count in years that begin in March, so that the leap day comes last.
fn days_from_civil(year: u16, month: u8, day: u8) -> u32 {
    let shifted_year = u32::from(year) - u32::from(month <= 2);
    let shifted_month = (u32::from(month) + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + u32::from(day) - 1;
    let days = shifted_year * 365 + shifted_year / 4 - shifted_year / 100 + shifted_year / 400;
    days + day_of_year - 719_468
}

fn civil_from_days(number: u32) -> (u16, u8, u8) {
    let shifted = number + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u32::from(month <= 2);
    (year as u16, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn days_count_without_gap() {
        let mut expected = 0;
        for year in 1970..=9999u16 {
            for month in 1..=12 {
                for day in [1, month_length(year, month)] {
                    let found = Day::new(year, month, day).unwrap();
                    assert_eq!(found.civil(), (year, month, day));
                    assert_eq!(found.0, expected + u32::from(day) - 1);
                }
                expected += u32::from(month_length(year, month));
            }
        }
        assert_eq!(expected, DAYS_MAX + 1);
    }

    #[test]
    fn impossible_dates_are_refused() {
        for (year, month, day) in [
            (1969, 12, 31),
            (2026, 2, 29),
            (2026, 0, 1),
            (2026, 13, 1),
            (2026, 4, 31),
            (2026, 1, 0),
        ] {
            assert_eq!(Day::new(year, month, day), None);
        }
        assert!(Day::new(2024, 2, 29).is_some());
    }

    #[test]
    fn names_and_words_round_trip() {
        let day = Day::new(2026, 11, 21).unwrap();
        for (split, name) in [
            (0, "2026-11-21.jsonl"),
            (1, "2026-11-21.001.jsonl"),
            (12_345, "2026-11-21.12345.jsonl"),
        ] {
            let key = FileKey { day, split };
            assert_eq!(key.file_name(), name);
            assert_eq!(FileKey::from_file_name(name), Some(key));
            assert_eq!(FileKey::from_word(key.to_word()), Some(key));
        }
        assert_eq!(FileKey::from_word(0), None);
        assert_eq!(FileKey::from_word(u64::MAX), None);
    }

    #[test]
    fn foreign_names_are_refused() {
        for name in [
            "2026-11-21.jsonl.gz",
            "2026-11-21.000.jsonl",
            "2026-11-21.1.jsonl",
            "+026-11-21.jsonl",
            "2026-1-21.jsonl",
            "x.jsonl",
            ".jsonl",
            "2026-11-21",
            "2026-02-30.jsonl",
            "2026-11-21.+01.jsonl",
        ] {
            assert_eq!(FileKey::from_file_name(name), None, "{name}");
        }
    }
}
