//! Lines of all kinds. In comes randomness, out go lines as programs write them, and such as no program should:
//! times and levels in other forms or missing, mixed types, nested values, escapes, damage.

use crate::proof::dice::Dice;

/// 2026-03-01T00:00:00Z.
pub(super) const DAY_NS: i64 = 1_772_323_200_000_000_000;
const SECOND: i64 = 1_000_000_000;

/// Words of messages and values, some of which are parts of others.
pub(super) const WORDS: &[&str] = &[
    "error",
    "errors",
    "Error",
    "timeout",
    "time",
    "out",
    "user",
    "42",
    "4",
    "user_42",
    "payment",
    "declined",
    "GET",
    "get",
    "\u{c4}rger",
    "\u{e4}rger",
    "na\u{ef}ve",
    "\u{65e5}\u{672c}",
    "x1",
    "7f3a9c",
    "10.0.0.7",
    "03",
    "2026",
    "10T10",
    "000Z",
    "limit",
    "a",
    "b",
];
const LEVELS: &[&str] = &[
    "TRACE", "DEBUG", "INFO", "INFO", "INFO", "WARN", "ERROR", "FATAL", "warn", "Warning", "err",
    "notice", "",
];
pub(super) const SERVICES: &[&str] = &["shop", "bank", "auth", "shop-api"];
const BETWEEN: &[&str] = &[" ", " ", " ", ", ", ": ", "-", ".", "/", "=", "\\\"", "\\n", "\\u00e9"];

/// Lines of one day, each without its line feed.
pub(super) fn day(number: i64, count: u64, dice: &mut Dice) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for line in 0..count {
        let step = 86_400 * SECOND / count as i64;
        let late = if dice.chance(1, 10) { dice.below(20_000) as i64 * SECOND } else { 0 };
        let time = DAY_NS + number * 86_400 * SECOND + line as i64 * step - late;
        // Several lines share a moment.
        let time = if dice.chance(1, 5) { time / (600 * SECOND) * 600 * SECOND } else { time };
        lines.push(self::line(time, number, dice));
    }
    lines
}

fn line(time: i64, day: i64, dice: &mut Dice) -> Vec<u8> {
    let mut text = String::from("{");
    let mut put = |member: String| {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&member);
    };
    if let Some(time) = timestamp(time, dice) {
        put(time);
    }
    if !dice.chance(1, 20) {
        put(format!("\"level\":\"{}\"", one(dice, LEVELS)));
    }
    put(format!("\"service\":\"{}\"", one(dice, SERVICES)));
    put(format!("\"message\":\"{}\"", words(6, dice)));
    put(format!("\"id\":\"{:016x}\"", dice.next() % 997 * 0x9e37_79b9 + day as u64));
    for (name, times) in [("n", 2), ("mixed", 3), ("user", 4), ("tags", 6), ("a.b", 8), ("a", 8)] {
        if dice.chance(1, times) {
            put(format!("\"{name}\":{}", value(name, dice)));
        }
    }
    let filler = "lorem ipsum ".repeat(dice.below(20) as usize);
    put(format!("\"pad\":\"{filler}{}\"", one(dice, WORDS)));
    text.push('}');
    doubled(text.into_bytes(), dice)
}

fn timestamp(time: i64, dice: &mut Dice) -> Option<String> {
    let usual = logloom_record::time::format_rfc3339(time, 6);
    let text = match dice.below(200) {
        0..=3 => return None,
        4 => usual.replace('T', " "),
        5 => usual.replace('Z', "+02:00"),
        6 => usual.replace('Z', ""),
        7 => logloom_record::time::format_rfc3339(time, 0),
        8 => logloom_record::time::format_rfc3339(time, 9),
        9 => return Some(format!("\"timestamp\":{}", time / SECOND)),
        10 => "not a time".to_owned(),
        11 => return Some("\"timestamp\":null".to_owned()),
        _ => usual,
    };
    Some(format!("\"timestamp\":\"{text}\""))
}

fn words(most: u64, dice: &mut Dice) -> String {
    let mut text = String::new();
    for at in 0..1 + dice.below(most) {
        if at > 0 {
            text.push_str(one(dice, BETWEEN));
        }
        text.push_str(one(dice, WORDS));
    }
    text
}

fn value(name: &str, dice: &mut Dice) -> String {
    let number = dice.below(60) as i64 - 10;
    match name {
        "n" => match dice.below(12) {
            0 => format!("{number}.50"),
            1 => format!("{number}e1"),
            2 => format!("\"{number}\""),
            3 => "123456789012345678901234567890".to_owned(),
            4 => format!("\"{number}ms\""),
            _ => number.to_string(),
        },
        "mixed" => match dice.below(9) {
            0 => "null".to_owned(),
            1 => "true".to_owned(),
            2 => "\"\"".to_owned(),
            3 => number.to_string(),
            4 => format!("[{number},\"{}\"]", one(dice, WORDS)),
            5 => format!("{{\"in\":\"{}\"}}", one(dice, WORDS)),
            6 => format!("{number}.0"),
            _ => format!("\"{}\"", words(2, dice)),
        },
        "user" => format!("{{\"id\":{number},\"name\":\"{}\"}}", one(dice, WORDS)),
        "tags" => format!("[\"{}\",\"{}\"]", one(dice, WORDS), one(dice, WORDS)),
        "a" => format!("{{\"b\":\"{}\"}}", one(dice, WORDS)),
        _ => format!("\"{}\"", one(dice, WORDS)),
    }
}

/// The same line, now and then with a field twice.
fn doubled(mut line: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    if dice.chance(1, 900) {
        line.splice(1..1, *b"\"message\":\"first error\",").for_each(drop);
    }
    line
}

/// What a fault of the device makes of some lines: cut in two, no UTF-8, no JSON at all. Their lengths stay.
pub(super) fn damage(line: &mut [u8], dice: &mut Dice) {
    let middle = line.len() / 2;
    match dice.below(300) {
        0 => line[middle] = b'\n',
        1 => {
            line.fill(b' ');
            line[..32].copy_from_slice(b"plain text with an error in it, ");
        }
        2 => line[1] = 0xff,
        3 => line[0] = b'\n',
        _ => {}
    }
}

pub(super) fn one<'a>(dice: &mut Dice, of: &[&'a str]) -> &'a str {
    of[dice.below(of.len() as u64) as usize]
}
