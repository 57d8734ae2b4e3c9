//! Takes text such as `1GiB` or `250ms`, hands on bytes and durations, and the shortest text for
//! them; refuses numbers without a unit where a unit could be meant otherwise.

use std::time::Duration;

const BYTE_UNITS: &[(&str, u64)] = &[
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

const TIME_UNITS: &[(&str, u64)] = &[
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Bytes of `1GiB`, `256 KiB`, `1.5MB`, `4096`; units of 1,024 and of 1,000, any case.
pub fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    if unit.is_empty() {
        return scaled(number, 1);
    }
    let found = BYTE_UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
    scaled(number, found?.1)
}

/// Time of `3s`, `250ms`, `1.5 m`, `1h`. A unit is required.
pub(crate) fn parse_time(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let found = TIME_UNITS.iter().find(|(name, _)| *name == unit);
    scaled(number, found?.1).map(Duration::from_nanos)
}

/// The number and the unit behind it.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (!number.is_empty()).then(|| (number, unit.trim_start()))
}

/// `number`, digits with at most one point, times `unit`; `None` when it does not fit, or when it
/// is no whole number of the smallest unit.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let dangling = number.contains('.') && fraction.is_empty();
    if whole.is_empty() || dangling || fraction.contains('.') || fraction.len() > 9 {
        return None;
    }
    let denominator = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    let product = digits.checked_mul(u128::from(unit))?;
    if !product.is_multiple_of(denominator) {
        return None;
    }
    u64::try_from(product / denominator).ok()
}

/// The size in the largest binary unit that divides it.
pub(crate) fn format_size(bytes: u64) -> String {
    let binary = BYTE_UNITS.iter().filter(|(name, _)| name.ends_with("iB"));
    for (name, unit) in binary {
        if bytes >= *unit && bytes.is_multiple_of(*unit) {
            return format!("{}{name}", bytes / unit);
        }
    }
    format!("{bytes}B")
}

/// The time in the largest unit that divides it.
pub(crate) fn format_time(time: Duration) -> String {
    let nanoseconds = time.as_nanos();
    for (name, unit) in TIME_UNITS {
        let unit = u128::from(*unit);
        if nanoseconds >= unit && nanoseconds.is_multiple_of(unit) {
            return format!("{}{name}", nanoseconds / unit);
        }
    }
    "0s".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_are_read() {
        let cases = [
            ("1GiB", Some(1 << 30)),
            ("256 KiB", Some(256 << 10)),
            ("10MB", Some(10_000_000)),
            ("10mb", Some(10_000_000)),
            ("1.5GiB", Some(3 << 29)),
            ("4096", Some(4096)),
            (" 7B ", Some(7)),
            ("0.5B", None),
            ("1.", None),
            (".5MB", None),
            ("1..5MB", None),
            ("-1MB", None),
            ("1 Gibi", None),
            ("99999999TiB", None),
            ("MiB", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_size(text), expected, "{text}");
        }
    }

    #[test]
    fn times_are_read() {
        let cases = [
            ("3s", Some(3_000)),
            ("250ms", Some(250)),
            ("1m", Some(60_000)),
            ("1.5 h", Some(5_400_000)),
            ("0s", Some(0)),
            ("3", None),
            ("3M", None),
            ("3 sec", None),
            ("-3s", None),
            ("", None),
        ];
        for (text, milliseconds) in cases {
            assert_eq!(parse_time(text), milliseconds.map(Duration::from_millis), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(number: u64) {
            prop_assert_eq!(parse_size(&format_size(number)), Some(number));
            let time = Duration::from_nanos(number);
            prop_assert_eq!(parse_time(&format_time(time)), Some(time));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = (parse_size(&text), parse_time(&text));
        }
    }
}
