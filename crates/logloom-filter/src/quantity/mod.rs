//! What a text is as a number: plain, a duration, a size, a time or an IPv4 address.
//!
//! Text comes in, an [`Amount`] goes out, or `None` where the text is none of these. As in LogsQL
//! all amounts are on one scale: durations are nanoseconds, sizes bytes, times nanoseconds since
//! 1970, addresses their 32 bits. Whole numbers are exact up to 128 bits, others are floats.

mod decimal;

use std::cmp::Ordering;

use logloom_record::time::parse_time;

use decimal::Decimal;

/// A number that a text stands for.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
    /// A whole number.
    Whole(i128),
    /// Any other; never NaN.
    Real(f64),
}

impl Amount {
    /// Reads the whole text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Amount> {
        // Most texts that are asked are no numbers, and all numbers begin in one of few ways.
        match text.as_bytes() {
            [b'0'..=b'9', ..] => {}
            [b'-' | b'+' | b'.', b'0'..=b'9' | b'.', ..] => {}
            _ => return None,
        }
        plain(text)
            .or_else(|| duration_ns(text).map(|ns| Amount::Whole(i128::from(ns))))
            .or_else(|| size_bytes(text).map(Amount::Whole))
            .or_else(|| scientific(text))
            .or_else(|| parse_time(text).map(|time| Amount::Whole(i128::from(time.time_ns))))
            .or_else(|| ipv4(text).map(|address| Amount::Whole(i128::from(address))))
    }

    /// Reads the bound of a range, which may be infinite too (`inf`, `-inf`).
    #[must_use]
    pub fn parse_bound(text: &str) -> Option<Amount> {
        match text.to_ascii_lowercase().as_str() {
            "inf" | "+inf" => Some(Amount::Real(f64::INFINITY)),
            "-inf" => Some(Amount::Real(f64::NEG_INFINITY)),
            _ => Amount::parse(text),
        }
    }

    /// The order of two amounts.
    #[must_use]
    pub fn compare(&self, other: &Amount) -> Ordering {
        match (self, other) {
            (Amount::Whole(left), Amount::Whole(right)) => left.cmp(right),
            _ => self.to_float().total_cmp(&other.to_float()),
        }
    }

    /// The nearest float.
    #[must_use]
    pub fn to_float(&self) -> f64 {
        match self {
            Amount::Whole(whole) => *whole as f64,
            // Only one zero, so that the order of floats is the order of numbers.
            Amount::Real(real) => *real + 0.0,
        }
    }
}

fn plain(text: &str) -> Option<Amount> {
    let (is_negative, unsigned) = sign(text);
    let (decimal, rest) = Decimal::take(unsigned)?;
    if !rest.is_empty() {
        return None;
    }
    Some(match decimal.whole() {
        Some(whole) => Amount::Whole(if is_negative { -whole } else { whole }),
        None => {
            let real = decimal.to_float();
            Amount::Real(if is_negative { -real } else { real })
        }
    })
}

/// Floats with an exponent, with more digits than fit, without digits before the point; whole
/// numbers behind `0x`, `0o` and `0b`.
fn scientific(text: &str) -> Option<Amount> {
    let (is_negative, unsigned) = sign(text);
    let base = match unsigned.get(..2) {
        Some("0x" | "0X") => Some(16),
        Some("0o" | "0O") => Some(8),
        Some("0b" | "0B") => Some(2),
        _ => None,
    };
    if let Some(base) = base {
        let digits = unsigned.get(2..).filter(|digits| !digits.starts_with('+'))?;
        let whole = i128::from(u64::from_str_radix(digits, base).ok()?);
        return Some(Amount::Whole(if is_negative { -whole } else { whole }));
    }
    let is_float =
        text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    let real: f64 = text.parse().ok().filter(|_| is_float)?;
    Some(Amount::Real(real))
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// Suffixes of durations with their nanoseconds; of two that fit the longer stands first.
const DURATIONS: &[(&str, i64)] = &[
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("ns", 1),
    ("y", 365 * 86_400 * 1_000_000_000),
    ("w", 7 * 86_400 * 1_000_000_000),
    ("d", 86_400 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("s", 1_000_000_000),
];

/// Suffixes of sizes with their bytes; of two that fit the longer stands first.
const SIZES: &[(&str, i64)] = &[
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
    ("K", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
];

/// A duration such as `5m`, `1h30m` or `-1.5s` in nanoseconds. Units: ns, µs (us), ms, s, m, h, d,
/// w, y (365 days).
#[must_use]
pub fn duration_ns(text: &str) -> Option<i64> {
    i64::try_from(sum_of_units(text, DURATIONS)?).ok()
}

/// A size such as `10KiB`, `1.5MB` or `3M` in bytes.
#[must_use]
pub fn size_bytes(text: &str) -> Option<i128> {
    sum_of_units(text, SIZES)
}

fn sum_of_units(text: &str, units: &[(&str, i64)]) -> Option<i128> {
    let (is_negative, mut rest) = sign(text);
    let mut sum = 0_i128;
    while !rest.is_empty() {
        let (decimal, behind) = Decimal::take(rest)?;
        let (suffix, unit) = units.iter().find(|(suffix, _)| behind.starts_with(suffix))?;
        sum = sum.checked_add(decimal.times(*unit)?)?;
        rest = &behind[suffix.len()..];
    }
    (text.len() > 1).then_some(if is_negative { -sum } else { sum })
}

/// An IPv4 address as its 32 bits. Leading zeros are refused, as some read them as octal.
#[must_use]
pub fn ipv4(text: &str) -> Option<u32> {
    text.parse::<std::net::Ipv4Addr>().ok().map(u32::from)
}

/// A duration as the language writes it, exactly.
#[must_use]
pub fn format_duration(ns: i64) -> String {
    let units =
        [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000)];
    let unit = units.into_iter().find(|(_, unit)| ns != 0 && ns % unit == 0);
    match unit {
        Some((suffix, unit)) => format!("{}{suffix}", ns / unit),
        None => format!("{ns}ns"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::cmp::Ordering;

    use super::{Amount, duration_ns, format_duration, size_bytes};

    #[test]
    fn texts_are_amounts() {
        let check = |text: &str, expect: Option<f64>| {
            assert_eq!(Amount::parse(text).map(|amount| amount.to_float()), expect, "{text}");
        };
        check("12345", Some(12_345.0));
        check("-12.5", Some(-12.5));
        check("1_234.5_0", Some(1_234.5));
        check("+7", Some(7.0));
        check("1e3", Some(1_000.0));
        check("-1.5E-2", Some(-0.015));
        check(".5", Some(0.5));
        check("0x1F", Some(31.0));
        check("-0o17", Some(-15.0));
        check("0b101", Some(5.0));
        check("0x+1", None);
        check("007", Some(7.0));
        check("10KiB", Some(10_240.0));
        check("1.5K", Some(1_500.0));
        check("1h30m", Some(5.4e12));
        check("-2ms", Some(-2e6));
        check("1.2.3.4", Some(16_909_060.0));
        check("2026-11-21T00:00:00Z", Some(1_795_219_200e9));
        for text in [
            "", "-", ".", "_1", "e5", "abc", "4.2 s", "inf", "nan", "NaN", "1.2.3", "0x", "5 m",
            "1..2", "--1", "+-1", "1e", "1m2", "infinity",
        ] {
            check(text, None);
        }
        assert_eq!(Amount::parse_bound("-Inf").unwrap().to_float(), f64::NEG_INFINITY);
    }

    #[test]
    fn large_whole_numbers_stay_exact() {
        let compare = |left: &str, right: &str| {
            Amount::parse(left).unwrap().compare(&Amount::parse(right).unwrap())
        };
        assert_eq!(compare("9007199254740993", "9007199254740992"), Ordering::Greater);
        assert_eq!(compare("18446744073709551617", "18446744073709551616"), Ordering::Greater);
        assert_eq!(compare("-0.0", "0"), Ordering::Equal);
        assert_eq!(compare("1.0", "1"), Ordering::Equal);
        let beyond = "9".repeat(60);
        assert_eq!(compare(&beyond, "1e60"), Ordering::Equal);
        assert_eq!(compare(&format!("-{beyond}"), "0"), Ordering::Less);
    }

    #[test]
    fn durations_and_sizes() {
        assert_eq!(duration_ns("2.5d15m42.345s"), Some(216_942_345_000_000));
        assert_eq!(duration_ns("1.23\u{b5}s"), Some(1_230));
        assert_eq!(duration_ns("1w"), Some(604_800_000_000_000));
        assert_eq!(duration_ns("300y"), None);
        assert_eq!(duration_ns("5"), None);
        assert_eq!(duration_ns("5x"), None);
        assert_eq!(duration_ns("-"), None);
        assert_eq!(size_bytes("2Gi"), Some(2 << 30));
        assert_eq!(size_bytes("1MB500KB"), Some(1_500_000));
        for ns in [0, 1, -7_200_000_000_000, 90_000_000_000, 1_500_000_000, i64::MAX, i64::MIN + 1]
        {
            assert_eq!(duration_ns(&format_duration(ns)), Some(ns), "{ns}");
        }
    }
}
