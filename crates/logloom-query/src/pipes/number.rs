//! What a text is worth as a number, a duration, a size, an address or a time.
//!
//! Takes any text, gives a magnitude or none; never fails. Plain numbers may have an exponent;
//! durations are nanoseconds, sizes bytes, IPv4 addresses 32 bits.

use logloom_filter::quantity;
use logloom_record::time::parse_timestamp;

/// Longer texts are no numbers.
const LENGTH_MAX: usize = 64;

/// What a value is worth when it is compared.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Magnitude {
    /// A number, and all its whole digits: beyond 2^53 a float holds them no more.
    Number { float: f64, whole: i128 },
    /// Nanoseconds since 1970.
    Time(i64),
}

/// The magnitude of a text.
pub(crate) fn magnitude(text: &str) -> Option<Magnitude> {
    if !may_be_number(text) {
        return None;
    }
    // No number looks like a date.
    if let Some(time) = time(text) {
        return Some(Magnitude::Time(time));
    }
    if let Some(whole) = whole(text) {
        return Some(Magnitude::Number { float: whole as f64, whole });
    }
    let number = |float: f64| Magnitude::Number { float, whole: float as i128 };
    number_with_unit(text).map(number)
}

/// Numbers, sizes, durations, addresses and times all begin with a digit, or a minus and one.
fn may_be_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    digits.first().is_some_and(u8::is_ascii_digit) && text.len() <= LENGTH_MAX
}

/// A whole number, without any unit.
pub(crate) fn whole(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole { text.parse().ok() } else { None }
}

/// A number without any unit; it may have an exponent.
pub(crate) fn plain(text: &str) -> Option<f64> {
    if !may_be_number(text) {
        return None;
    }
    let is_plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    let ends_with_digit = text.as_bytes().last().is_some_and(u8::is_ascii_digit);
    match ends_with_digit && text.bytes().all(is_plain) {
        true => text.parse().ok().filter(|float: &f64| float.is_finite()),
        false => None,
    }
}

/// A number, a duration in nanoseconds, a size in bytes or an address.
pub(crate) fn number_with_unit(text: &str) -> Option<f64> {
    if !may_be_number(text) {
        return None;
    }
    plain(text)
        .or_else(|| duration(text))
        .or_else(|| size(text))
        .or_else(|| address(text).map(f64::from))
}

/// As in a query: a number that may have `_` between its digits, or one with a unit.
pub(crate) fn written(text: &str) -> Option<f64> {
    match text.contains('_') {
        true => number_with_unit(&text.replace('_', "")),
        false => number_with_unit(text),
    }
}

/// A time in the form of the log, as nanoseconds since 1970.
pub(crate) fn time(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let is_date = bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-';
    if is_date { parse_timestamp(text) } else { None }
}

/// A duration such as `1h5m`, in nanoseconds.
pub(crate) fn duration(text: &str) -> Option<f64> {
    quantity::duration_ns(text).map(|nanoseconds| nanoseconds as f64)
}

/// A size such as `1.5KiB`, in bytes.
fn size(text: &str) -> Option<f64> {
    quantity::size_bytes(text).map(|bytes| bytes as f64)
}

/// An IPv4 address.
pub(crate) fn address(text: &str) -> Option<u32> {
    quantity::ipv4(text)
}

/// A number as the language writes it: no exponent, no zeros that say nothing.
pub(crate) fn show(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    // Minus zero is zero.
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

/// Nanoseconds as a duration: `1h5m0.5s`, and `1ms500µs` below a second.
pub(crate) fn show_duration(nanoseconds: i64) -> String {
    const LONG: &[(u64, &str)] = &[
        (604_800_000_000_000, "w"),
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
    ];
    const SHORT: &[(u64, &str)] = &[(1_000_000, "ms"), (1_000, "\u{b5}s"), (1, "ns")];
    if nanoseconds == 0 {
        return "0".to_owned();
    }
    let mut text = if nanoseconds < 0 { "-".to_owned() } else { String::new() };
    let mut left = nanoseconds.unsigned_abs();
    let is_long = left >= 1_000_000_000;
    for (size, unit) in if is_long { LONG } else { SHORT } {
        if left >= *size {
            text += &format!("{}{unit}", left / size);
            left %= size;
        }
    }
    if left >= 1_000_000_000 {
        text += &format!("{}s", show(left as f64 / 1e9));
        left = 0;
    }
    for (size, unit) in SHORT {
        if left >= *size {
            text += &format!("{}{unit}", left / size);
            left %= size;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_their_units() {
        let check =
            |text: &str, expect: Option<f64>| assert_eq!(number_with_unit(text), expect, "{text}");
        check("12", Some(12.0));
        check("-1.5", Some(-1.5));
        check("1e3", Some(1000.0));
        check("1.5KiB", Some(1536.0));
        check("-2KB", Some(-2000.0));
        check("10m", Some(600e9));
        check("1h5m", Some(3900e9));
        check("1.5\u{b5}s", Some(1500.0));
        check("10.0.0.1", Some(167_772_161.0));
        for text in ["", "-", "1.", ".5", "x", "1x", "1hx", "inf", "nan", "1..2", "+1", "1 s"] {
            check(text, None);
        }
        assert_eq!(written("1_000"), Some(1000.0));
        assert_eq!(time("2026-11-21T10:00:00Z"), Some(1_795_255_200_000_000_000));
    }

    #[test]
    fn numbers_and_durations_are_shown_as_the_language_writes_them() {
        let shown = [0.0, -0.0, 1.5, 1e21, -3.0, f64::NAN, f64::INFINITY].map(show);
        assert_eq!(shown, ["0", "0", "1.5", "1000000000000000000000", "-3", "NaN", "+Inf"]);
        let check = |nanoseconds: i64, expect: &str| assert_eq!(show_duration(nanoseconds), expect);
        check(0, "0");
        check(1_500, "1\u{b5}s500ns");
        check(1_500_000_000, "1.5s");
        check(-3_900_000_000_000, "-1h5m");
        check(60_500_000_000, "1m500ms");
        check(86_400_000_000_000, "1d");
    }
}
