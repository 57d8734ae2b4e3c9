//! Every form of a time that is known without a hint.
//!
//! Takes text that may begin with a time or be one, gives the time. Forms that two readers would
//! read differently, such as `03/04/2026`, are not among them.

use logloom_record::time::{from_epoch_float, from_epoch_number};

use super::{Civil, ISO, Pattern, SYSLOG, Time};
use crate::recognise::Defaults;

/// Forms that begin with a digit.
const OF_DIGITS: &[Pattern] = &[
    ISO,
    "Y/m/d H:M:Sfz",
    "Y.m.d H:M:Sfz",
    "Y-m-d_H:M:Sfz",
    "Y/m/d_H:M:Sfz",
    "YmdTHMSfz",
    "YmdTH:M:Sfz",
    "d.m.Y H:M:Sfz",
    "d/b/Y:H:M:Sfz",
    "d/b/Y H:M:Sfz",
    "e-b-Y H:M:Sfz",
    "e b Y H:M:Sfz",
    "Y-m-dTH:Mz",
];

/// Forms that begin with the name of a month or a day of the week.
const OF_LETTERS: &[Pattern] = &[
    SYSLOG,
    "b e Y H:M:Sfz",
    "b e, Y H:M:Sfpz",
    "b e, Y H:M:Sfz",
    "a b e H:M:Sf Y",
    "a b e H:M:Sfz Y",
    "a, e b Y H:M:Sfz",
    "a e b Y H:M:Sfz",
    "a Y-m-d H:M:Sfz",
];

/// The time at the head of a plain line, in brackets or not.
pub(crate) fn leading(line: &str, defaults: &Defaults) -> Time {
    let line = line.strip_prefix(['[', '(']).unwrap_or(line);
    match read(line) {
        Some((civil, rest)) if ends(rest) => civil.settle(defaults),
        _ => Time::Absent,
    }
}

/// The time that a text is: in one of the forms, or a number of seconds, milliseconds, microseconds
/// or nanoseconds since 1970, which its size tells apart. Text that is no time is absent.
pub(crate) fn whole(text: &str, defaults: &Defaults) -> Time {
    let text = text.trim();
    if let Some(time) = of_number(text) {
        return time.map_or_else(|| Time::Unsettled(text.to_owned()), Time::Known);
    }
    match read(text) {
        Some((civil, "")) => civil.settle(defaults),
        _ => Time::Absent,
    }
}

fn read(text: &str) -> Option<(Civil<'_>, &str)> {
    let forms = match text.as_bytes().first()? {
        b'0'..=b'9' => OF_DIGITS,
        b'A'..=b'Z' => OF_LETTERS,
        _ => return None,
    };
    forms.iter().find_map(|form| Civil::read(text, form))
}

/// A time does not end in the middle of a word or a number.
fn ends(rest: &str) -> bool {
    rest.as_bytes().first().is_none_or(|byte| !byte.is_ascii_alphanumeric())
}

/// `None` for what is no number, `Some(None)` for one that is no time.
fn of_number(text: &str) -> Option<Option<i64>> {
    let digits = text.strip_prefix(['@', '-']).unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte)) {
        return None;
    }
    let text = text.strip_prefix('@').unwrap_or(text);
    if let Ok(whole) = text.parse::<i64>() {
        return Some(from_epoch_number(whole));
    }
    match seconds(text) {
        Some(time_ns) => Some(Some(time_ns)),
        None => text.parse::<f64>().ok().map(from_epoch_float),
    }
}

/// Seconds with a fraction, read without rounding; refuses any other number.
fn seconds(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.')?;
    let is_plain = seconds.len() <= 10
        && (1..=9).contains(&fraction.len())
        && [seconds, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_plain {
        return None;
    }
    let nanos = fraction.parse::<i64>().ok()? * 10_i64.pow(9 - u32::try_from(fraction.len()).ok()?);
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos)
}

/// Seconds since 1970 with digits behind the point, as the head of a line has them.
pub(crate) fn epoch(text: &str) -> Option<Time> {
    seconds(text).map(Time::Known)
}
