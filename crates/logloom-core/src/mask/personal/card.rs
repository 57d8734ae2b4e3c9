//! Payment cards: the issuers' ranges and Luhn's checksum (ISO/IEC 7812).

use super::digits;

pub(super) fn find(bytes: &[u8], found: &mut Vec<(usize, usize)>) {
    digits::each(bytes, |number| {
        if is_card(number.digits()) {
            found.push((number.start, number.end));
        }
    });
}

fn is_card(digits: &[u8]) -> bool {
    let first = |count: usize| {
        digits.iter().take(count).fold(0_u32, |number, digit| number * 10 + u32::from(*digit))
    };
    let fits = match digits.len() {
        13 => first(1) == 4,
        14 => matches!(first(2), 36 | 38 | 39) || (300..=305).contains(&first(3)),
        15 => matches!(first(2), 34 | 37),
        16 => {
            matches!(first(1), 4)
                || (51..=55).contains(&first(2))
                || (2221..=2720).contains(&first(4))
                || matches!(first(2), 62 | 65 | 35)
                || first(4) == 6011
        }
        17..=19 => first(2) == 62 || digits.len() == 19 && first(1) == 4,
        _ => false,
    };
    fits && luhn(digits)
}

fn luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let values = digits.iter().rev().map(|digit| u32::from(*digit)).enumerate();
    let sum: u32 = values.map(|(at, digit)| if at % 2 == 1 { doubled(digit) } else { digit }).sum();
    sum.is_multiple_of(10)
}
