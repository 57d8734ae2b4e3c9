//! The lines that both sides are asked of: small, of every kind of value that SQL can say something about. In comes a
//! number, out go lines of two days with a number of their own each.

use std::fmt::Write;

use logloom_record::time::format_rfc3339;

use crate::proof::dice::Dice;

/// 2026-03-01T00:00:00Z.
pub(super) const START_NS: i64 = 1_772_323_200_000_000_000;
/// Between two lines.
const STEP_NS: i64 = 34_567_000_000;

pub(super) const WORDS: &[&str] = &[
    "error",
    "errors",
    "Error",
    "timeout",
    "user",
    "payment",
    "declined",
    "limit",
    "\u{c4}rger",
    "na\u{ef}ve",
    "user_42",
    "x1",
    "42",
    "failed",
];
pub(super) const LEVELS: &[&str] = &["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
pub(super) const SERVICES: &[&str] = &["shop", "bank", "auth", "shop-api", "mail"];
const BETWEEN: &[&str] = &[" ", " ", ": ", "-", ", ", "/"];

/// So many lines by day.
pub(super) fn days(count: u64) -> Vec<String> {
    let mut dice = Dice::new(11);
    let mut days = vec![String::new(); 2];
    for number in 0..count {
        let time = START_NS + number as i64 * STEP_NS % (2 * 86_400_000_000_000);
        let day = ((time - START_NS) / 86_400_000_000_000) as usize;
        line(number, time, &mut dice, &mut days[day]);
    }
    days
}

fn line(number: u64, time: i64, dice: &mut Dice, text: &mut String) {
    let time = format_rfc3339(time, 6);
    let (level, service) = (one(dice, LEVELS), one(dice, SERVICES));
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{{\"timestamp\":\"{time}\",\"level\":\"{level}\",\"service\":\"{service}\",\"message\":\"{}\",\"n\":{number}",
        words(dice)
    );
    let _ = write!(text, ",\"status\":{}", [200, 200, 201, 404, 500, 503][dice.below(6) as usize]);
    let _ = write!(text, ",\"ms\":{}.{}", dice.below(900), 25 * dice.below(4));
    let _ = write!(text, ",\"id\":\"k{:08x}\"", dice.below(300) * 2_654_435_761 % (1 << 32));
    if dice.chance(2, 3) {
        let user = dice.below(40);
        let _ = write!(text, ",\"user\":{{\"id\":{user},\"name\":\"{}\"}}", one(dice, WORDS));
    }
    if dice.chance(1, 2) {
        let _ = write!(text, ",\"ip\":\"10.0.{}.{}\"", dice.below(4), dice.below(256));
    }
    match dice.below(6) {
        0 => text.push_str(",\"note\":null"),
        1 => text.push_str(",\"note\":\"\""),
        2 => {
            let _ = write!(text, ",\"note\":\"{} \\\"{}\\\"\"", one(dice, WORDS), one(dice, WORDS));
        }
        3 => {
            let _ = write!(text, ",\"note\":{}", dice.below(9) as i64 - 4);
        }
        _ => {}
    }
    text.push_str("}\n");
}

fn words(dice: &mut Dice) -> String {
    let mut text = one(dice, WORDS).to_owned();
    for _ in 0..dice.below(5) {
        text.push_str(one(dice, BETWEEN));
        text.push_str(one(dice, WORDS));
    }
    text
}

fn one<'a>(dice: &mut Dice, of: &[&'a str]) -> &'a str {
    of[dice.below(of.len() as u64) as usize]
}
