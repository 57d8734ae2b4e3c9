//! Times as RFC 3339 text in UTC.

use super::{Day, NANOS_PER_SECOND, SECONDS_PER_DAY};

/// The text of one second, `2026-11-21T14:32:15`, kept because most records share it with the one
/// before.
#[derive(Clone, Debug)]
pub struct TimestampCache {
    second: i64,
    text: [u8; 19],
}

impl Default for TimestampCache {
    fn default() -> TimestampCache {
        TimestampCache { second: 0, text: *b"1970-01-01T00:00:00" }
    }
}

impl TimestampCache {
    /// Appends a time with `digits` digits (at most 9) of its fraction and a `Z`.
    #[inline]
    pub fn push(&mut self, time_ns: i64, digits: u8, out: &mut Vec<u8>) {
        let second = time_ns.div_euclid(NANOS_PER_SECOND);
        if second != self.second {
            self.second = second;
            self.text = second_text(second);
        }
        let nanos = time_ns.rem_euclid(NANOS_PER_SECOND) as u32;
        let digits = usize::from(digits.min(9));
        let mut tail = *b".000000000Z";
        let (high, low) = (nanos / 10_000, nanos % 10_000);
        tail[1..3].copy_from_slice(&pair(high / 1000));
        tail[3] = b'0' + (high / 100 % 10) as u8;
        tail[4..6].copy_from_slice(&pair(high % 100));
        tail[6..8].copy_from_slice(&pair(low / 100));
        tail[8..10].copy_from_slice(&pair(low % 100));
        tail[digits + 1] = b'Z';
        out.extend_from_slice(&self.text);
        let from = usize::from(digits == 0);
        out.extend_from_slice(&tail[from..digits + 2]);
    }
}

#[inline]
fn pair(number: u32) -> [u8; 2] {
    [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]
}

#[cold]
fn second_text(second: i64) -> [u8; 19] {
    let day = Day::from_days_since_1970(second.div_euclid(SECONDS_PER_DAY));
    let rest = second.rem_euclid(SECONDS_PER_DAY) as u32;
    let year = day.year.clamp(0, 9999) as u32;
    let mut text = *b"0000-00-00T00:00:00";
    text[0..2].copy_from_slice(&pair(year / 100));
    text[2..4].copy_from_slice(&pair(year % 100));
    text[5..7].copy_from_slice(&pair(u32::from(day.month)));
    text[8..10].copy_from_slice(&pair(u32::from(day.day)));
    text[11..13].copy_from_slice(&pair(rest / 3600));
    text[14..16].copy_from_slice(&pair(rest / 60 % 60));
    text[17..19].copy_from_slice(&pair(rest % 60));
    text
}

/// A time such as `2026-11-21T14:32:15.123456Z` with this many digits (0 to 9) of its fraction.
pub fn format_rfc3339(time_ns: i64, digits: u8) -> String {
    let mut out = Vec::with_capacity(30);
    TimestampCache { second: i64::MIN, text: [0; 19] }.push(time_ns, digits, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_all_numbers_of_digits() {
        let time = 1_763_735_535_123_456_789;
        for (digits, expected) in [
            (0, "2025-11-21T14:32:15Z"),
            (3, "2025-11-21T14:32:15.123Z"),
            (6, "2025-11-21T14:32:15.123456Z"),
            (9, "2025-11-21T14:32:15.123456789Z"),
            (200, "2025-11-21T14:32:15.123456789Z"),
        ] {
            assert_eq!(format_rfc3339(time, digits), expected);
        }
        assert_eq!(format_rfc3339(-1, 9), "1969-12-31T23:59:59.999999999Z");
        assert_eq!(format_rfc3339(i64::MIN, 6), "1677-09-21T00:12:43.145224Z");
        assert_eq!(format_rfc3339(i64::MAX, 6), "2262-04-11T23:47:16.854775Z");
    }
}
