//! The order of values: nothing, numbers by size, then times, then text with the numbers in it by size.
//!
//! A total order, whatever is compared, so that sorted runs can be merged: each text is read once
//! as what it is. Durations, sizes and addresses are numbers here (nanoseconds, bytes, 32 bits).

use std::cmp::Ordering;

use super::number::{Magnitude, magnitude};

/// Compares two values as `sort` does.
#[must_use]
pub fn compare(left: &str, right: &str) -> Ordering {
    if left == right || left.is_empty() || right.is_empty() {
        return left.len().cmp(&right.len());
    }
    match (magnitude(left), magnitude(right)) {
        (Some(one), Some(other)) => one.compare(&other).then_with(|| left.cmp(right)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => natural(left, right).then_with(|| left.cmp(right)),
    }
}

/// A number that stands to others as the values do, or is equal where that is not enough to tell.
pub(crate) fn rank(text: &str) -> u64 {
    const NUMBER: u64 = 1 << 62;
    const TIME: u64 = 2 << 62;
    const TEXT: u64 = 3 << 62;
    const SIGN: u64 = 1 << 63;
    if text.is_empty() {
        return 0;
    }
    match magnitude(text) {
        Some(Magnitude::Number { float, .. }) => {
            let bits = float.to_bits();
            NUMBER | (if bits & SIGN == 0 { bits | SIGN } else { !bits }) >> 2
        }
        Some(Magnitude::Time(time)) => TIME | (time as u64 ^ SIGN) >> 2,
        None => {
            let mut head = [0; 8];
            let (before, ..) = split_digits(text.as_bytes());
            head.iter_mut().zip(before).for_each(|(to, from)| *to = *from);
            TEXT | u64::from_be_bytes(head) >> 2
        }
    }
}

/// Compares lists of values.
pub(crate) fn compare_all<'a>(
    left: impl IntoIterator<Item = &'a str>,
    right: impl IntoIterator<Item = &'a str>,
) -> Ordering {
    let mut right = right.into_iter();
    for one in left {
        let Some(other) = right.next() else { return Ordering::Greater };
        match compare(one, other) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    if right.next().is_some() { Ordering::Less } else { Ordering::Equal }
}

/// Compares texts so that `node2` comes before `node10`.
fn natural(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    loop {
        let (one, other) = (split_digits(left), split_digits(right));
        let text = one.0.cmp(other.0);
        if text != Ordering::Equal || one.1.is_empty() || other.1.is_empty() {
            return text.then_with(|| left.cmp(right));
        }
        let number = compare_digits(one.1, other.1);
        if number != Ordering::Equal {
            return number;
        }
        (left, right) = (one.2, other.2);
    }
}

/// What stands before the first digits, these, and the rest.
fn split_digits(text: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let start = text.iter().position(u8::is_ascii_digit).unwrap_or(text.len());
    let count = text[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    (&text[..start], &text[start..start + count], &text[start + count..])
}

fn compare_digits(left: &[u8], right: &[u8]) -> Ordering {
    let strip = |digits: &[u8]| digits.iter().take_while(|digit| **digit == b'0').count();
    let (left, right) = (&left[strip(left)..], &right[strip(right)..]);
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

impl Magnitude {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Magnitude::Number { float, whole }, Magnitude::Number { float: f, whole: w }) => {
                float.total_cmp(f).then_with(|| whole.cmp(w))
            }
            (Magnitude::Time(one), Magnitude::Time(other)) => one.cmp(other),
            (Magnitude::Number { .. }, Magnitude::Time(_)) => Ordering::Less,
            (Magnitude::Time(_), Magnitude::Number { .. }) => Ordering::Greater,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_stand_as_people_expect() {
        let sorted = [
            "",
            "-5",
            "0",
            "1",
            "1.5",
            "2",
            "10",
            "1h",
            "9007199254740993",
            "9007199254740994",
            "2026-11-21T10:00:00Z",
            "2026-11-21T10:00:00.5Z",
            "a",
            "node2",
            "node10",
            "node10b",
            "z",
        ];
        for pair in sorted.windows(2) {
            let order = compare(pair[0], pair[1]);
            assert_eq!(order, Ordering::Less, "{pair:?}");
        }
    }

    fn value() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-9a-b.]{0,4}",
            "[a-b0-1]{6,10}",
            "-?[0-9]{1,20}(\\.[0-9]{1,3})?",
            "(1969|2026)-1[0-2]-[0-3][0-9]T10:00:00(\\.[0-9]{1,9})?Z",
            "-?[0-9]{1,2}(ms|s|KB|)",
            "n[0-9]{1,3}x?",
            Just("2026-11-21T10:00:00Z".to_owned()),
            Just("10.0.0.1".to_owned()),
        ]
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in value(), b in value(), c in value()) {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
                prop_assert_ne!(compare(&a, &c), Ordering::Greater);
            }
            let ranks = rank(&a).cmp(&rank(&b));
            prop_assert!(ranks == Ordering::Equal || ranks == compare(&a, &b), "{a} {b}");
        }
    }
}
