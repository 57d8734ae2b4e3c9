//! JSON numbers compared exactly, whatever their size and however they are written.
//!
//! `1`, `1.0` and `10e-1` are equal; 20 digits are not rounded to a float first. Text that is no
//! JSON number (`007`, `+1`, `0x1`) is refused and compares as text only.

/// A JSON number as it was written.
#[derive(Clone, Copy)]
pub struct Number<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

impl<'a> Number<'a> {
    /// Reads a whole text as one JSON number.
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let (negative, rest) = match text {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        let (whole, rest) = digits(rest)?;
        if whole.len() > 1 && whole[0] == b'0' {
            return None;
        }
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => digits(rest)?,
            _ => (&rest[..0], rest),
        };
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => exponent(rest)?,
            _ => return None,
        };
        Some(Self { negative, whole, fraction, exponent })
    }

    /// A text that is the same for all numbers that are equal, and for no others.
    pub fn key(&self) -> String {
        let (digits, count, place) = self.significant();
        if count == 0 {
            return "0".to_owned();
        }
        let sign = if self.negative { "-" } else { "" };
        let digits: String = digits.map(char::from).collect();
        format!("{sign}{digits}e{place}")
    }

    /// The digits that count, without zeros at either end, and the place of the point.
    fn significant(&self) -> (impl Iterator<Item = u8>, usize, i64) {
        let total = self.whole.len() + self.fraction.len();
        let all = self.whole.iter().chain(self.fraction);
        let leading = all.clone().take_while(|digit| **digit == b'0').count();
        let trailing = all.clone().rev().take_while(|digit| **digit == b'0').count();
        let count = total.saturating_sub(leading + trailing);
        let place = self.exponent.saturating_add(self.whole.len() as i64 - leading as i64);
        (all.copied().skip(leading).take(count), count, place)
    }
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Self) -> bool {
        let (mine, my_count, my_place) = self.significant();
        let (theirs, their_count, their_place) = other.significant();
        if my_count == 0 || their_count == 0 {
            return my_count == their_count;
        }
        self.negative == other.negative
            && my_count == their_count
            && my_place == their_place
            && mine.eq(theirs)
    }
}

/// One digit or more, and what follows.
fn digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count > 0).then(|| text.split_at(count))
}

fn exponent(text: &[u8]) -> Option<i64> {
    let (negative, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (all, rest) = digits(rest)?;
    let size = all
        .iter()
        .fold(0i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    rest.is_empty().then_some(if negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Number;

    fn equal(left: &str, right: &str) -> Option<bool> {
        let (left, right) = (Number::parse(left.as_bytes())?, Number::parse(right.as_bytes())?);
        assert_eq!(left == right, left.key() == right.key());
        Some(left == right)
    }

    #[test]
    fn equal_however_written() {
        for (left, right) in [
            ("1", "1.0"),
            ("1", "10e-1"),
            ("100", "1E2"),
            ("0", "-0.00"),
            ("-12.50", "-1.25e1"),
            ("0.001", "1e-3"),
            ("120", "12e1"),
            (
                "340282366920938463463374607431768211456",
                "340282366920938463463374607431768211456.0",
            ),
        ] {
            assert_eq!(equal(left, right), Some(true), "{left} {right}");
        }
    }

    #[test]
    fn different_or_no_number() {
        for (left, right) in [
            ("1", "-1"),
            ("1", "10"),
            ("12", "21"),
            ("0", "1"),
            ("18446744073709551616", "18446744073709551617"),
            ("1e999999999999999999999", "1"),
        ] {
            assert_eq!(equal(left, right), Some(false), "{left} {right}");
        }
        for text in ["", "-", "007", "+1", "1.", ".5", "1e", "0x1", "1 ", "NaN"] {
            assert!(Number::parse(text.as_bytes()).is_none(), "{text}");
        }
    }
}
