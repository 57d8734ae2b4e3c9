//! Chinese identity cards (GB 11643-1999): region, date of birth, number, checksum.

use super::digits::stands_alone;

/// Weights of the first 17 digits.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The last character by the sum modulo 11.
const CHECKS: &[u8; 11] = b"10X98765432";

pub(super) fn find(bytes: &[u8], found: &mut Vec<(usize, usize)>) {
    let mut at = 0;
    while at + 18 <= bytes.len() {
        let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_long_enough =
            digits == 18 || digits == 17 && matches!(bytes.get(at + 17), Some(b'X' | b'x'));
        if is_long_enough && stands_alone(bytes, at, at + 18) && is_card(&bytes[at..at + 18]) {
            found.push((at, at + 18));
        }
        at += digits.max(1);
    }
}

fn is_card(card: &[u8]) -> bool {
    let number = |range: std::ops::Range<usize>| {
        card[range].iter().fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    let (year, month, day) = (number(6..10), number(10..12), number(12..14));
    let is_date =
        (1850..=2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let sum: u32 =
        card.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let is_region = (b'1'..=b'8').contains(&card[0]);
    is_region && is_date && CHECKS[(sum % 11) as usize] == card[17].to_ascii_uppercase()
}
