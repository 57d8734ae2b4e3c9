//! Times of lines in the usual form. In comes the text of a `timestamp`, out go nanoseconds since 1970. Every other
//! form is refused, however sensible: who reads lines decides what those mean.

use crate::key::Day;

const SECOND: i64 = 1_000_000_000;
/// `YYYY-MM-DDTHH:MM`.
const MINUTE_TEXT: usize = 16;

/// Reads times; remembers the minute read last, since the next line is mostly of the same.
#[derive(Default)]
pub(super) struct Clock {
    text: [u8; MINUTE_TEXT],
    minute_ns: i64,
}

impl Clock {
    /// The time that `text`, `YYYY-MM-DDTHH:MM:SSZ` with up to nine digits of a second, stands for.
    #[inline]
    pub(super) fn read(&mut self, text: &[u8]) -> Option<i64> {
        let (minute, rest) = text.split_first_chunk::<MINUTE_TEXT>()?;
        let [b':', tens, ones, fraction @ .., b'Z'] = rest else { return None };
        let second = two([*tens, *ones]).filter(|second| *second < 60)?;
        let nanos = match fraction {
            [] => 0,
            [b'.', digits @ ..] if (1..=9).contains(&digits.len()) => nanos(digits)?,
            _ => return None,
        };
        if *minute != self.text {
            self.minute_ns = minute_ns(minute)?;
            self.text = *minute;
        }
        self.minute_ns.checked_add(second * SECOND + nanos)
    }
}

fn nanos(digits: &[u8]) -> Option<i64> {
    let mut nanos = 0;
    for digit in digits {
        nanos = nanos * 10 + i64::from(digit.wrapping_sub(b'0'));
        if !digit.is_ascii_digit() {
            return None;
        }
    }
    Some(nanos * 10i64.pow(9 - digits.len() as u32))
}

fn two(digits: [u8; 2]) -> Option<i64> {
    let is_number = digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| i64::from(digits[0] - b'0') * 10 + i64::from(digits[1] - b'0'))
}

#[cold]
fn minute_ns(text: &[u8; MINUTE_TEXT]) -> Option<i64> {
    let [a, b, c, d, b'-', e, f, b'-', g, h, b'T', i, j, b':', k, l] = *text else { return None };
    let year = two([a, b])? * 100 + two([c, d])?;
    let day = Day::new(year as u16, two([e, f])? as u8, two([g, h])? as u8)?;
    let (hour, minute) = (two([i, j])?, two([k, l])?);
    let is_possible = hour < 24 && minute < 60;
    is_possible.then(|| day.start_ns().checked_add((hour * 60 + minute) * 60 * SECOND))?
}

/// Whether a word can be part of a time in the usual form in one of these years.
pub(super) fn may_be_of_time(word: &str, years: Option<(u16, u16)>) -> bool {
    let Some((first, last)) = years else { return false };
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    match word.as_bytes() {
        [a, b] if digits(&[*a, *b]) => true,
        [a, b, c, d] if digits(&[*a, *b, *c, *d]) => {
            word.parse::<u16>().is_ok_and(|year| (first..=last).contains(&year))
        }
        [a, b, b't' | b'T', c, d] => digits(&[*a, *b, *c, *d]),
        [fraction @ .., b'z' | b'Z'] => (1..=9).contains(&fraction.len()) && digits(fraction),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_form_is_read_and_no_other() {
        let mut clock = Clock::default();
        for text in [
            "2026-11-22T01:08:44.123456Z",
            "2026-11-22T01:08:45Z",
            "2026-11-22T01:08:45.1Z",
            "2026-11-22T01:08:45.123456789Z",
            "1970-01-01T00:00:00.000000Z",
            "2024-02-29T23:59:59.9Z",
        ] {
            assert_eq!(clock.read(text.as_bytes()), crate::time::parse(text), "{text}");
        }
        for text in [
            "",
            "Z",
            "2026-11-22T01:08:60Z",
            "2026-11-22T24:08:00Z",
            "2026-11-22T01:60:00Z",
            "2026-02-29T01:00:00Z",
            "2026-11-22T01:08:44.Z",
            "2026-11-22T01:08:44.1234567890Z",
            "2026-11-22 01:08:44Z",
            "2026-11-22T01:08:44+00:00",
            "2026-11-22T01:08:44z",
            "2026-11-22T01:08:4xZ",
            "2026-11-22T01:08:44.1x3Z",
        ] {
            assert_eq!(clock.read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn every_word_of_a_time_is_known_as_one() {
        let years = Some((2025, 2026));
        for text in
            ["2026-11-22T01:08:44.123456Z", "2025-01-02T23:59:59Z", "2026-01-01T00:00:00.1Z"]
        {
            for word in super::super::words::words_of(text) {
                assert!(may_be_of_time(word, years), "{word}");
                assert!(may_be_of_time(&word.to_lowercase(), years), "{word}");
                assert!(!may_be_of_time(word, None));
            }
        }
        for word in ["2024", "123", "ab", "1234567890z", "z", "22t1"] {
            assert!(!may_be_of_time(word, years), "{word}");
        }
    }
}
