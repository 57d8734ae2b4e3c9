//! Statements of all kinds. In comes randomness, out goes text of the query language that asks for what the lines
//! have, and for what they nearly have.

use logloom_record::time::format_rfc3339;

use super::lines::{DAY_NS, SERVICES, WORDS, one};
use crate::proof::dice::Dice;

const PATHS: &[&str] =
    &["message", "service", "id", "n", "mixed", "user.id", "user.name", "tags", "a.b", "a", "none"];
const SECOND: i64 = 1_000_000_000;

/// A statement.
pub(super) fn statement(dice: &mut Dice) -> String {
    if dice.chance(1, 12) {
        return count(dice);
    }
    let mut text = filter(3, dice);
    for _ in 0..dice.below(3) {
        text.push_str(" | ");
        text.push_str(&pipe(dice));
    }
    text
}

/// How often a word is there, which an index may know.
fn count(dice: &mut Dice) -> String {
    let word = one(dice, WORDS);
    let time = if dice.chance(1, 3) { by_time(dice) } else { String::new() };
    let by =
        one(dice, &["", "", "by (_time:1h) ", "by (_time:1d) ", "by (level) ", "by (message) "]);
    format!("\"{word}\" {time} | stats {by}count() hits")
}

fn filter(depth: u64, dice: &mut Dice) -> String {
    match dice.below(if depth == 0 { 6 } else { 11 }) {
        0 | 1 => condition(dice),
        2 => format!("{}:{}", one(dice, PATHS), condition(dice)),
        3 => by_level(dice),
        4 => by_time(dice),
        5 => by_number(dice),
        6 | 7 => format!("{} {}", filter(depth - 1, dice), filter(depth - 1, dice)),
        8 => format!("({} or {})", filter(depth - 1, dice), filter(depth - 1, dice)),
        9 => format!("!({})", filter(depth - 1, dice)),
        _ => "*".to_owned(),
    }
}

fn words(dice: &mut Dice) -> String {
    let mut text = one(dice, WORDS).to_owned();
    if dice.chance(1, 3) {
        text.push_str(one(dice, &[" ", ": ", "-", "."]));
        text.push_str(one(dice, WORDS));
    }
    text
}

fn condition(dice: &mut Dice) -> String {
    let word = one(dice, WORDS);
    let part: String = word.chars().take(1 + dice.below(4) as usize).collect();
    let id = format!("{:016x}", dice.next() % 997 * 0x9e37_79b9 + dice.below(3));
    match dice.below(16) {
        0 => format!("\"{}\"", words(dice)),
        1 => format!("\"{part}\"*"),
        2 => format!("=\"{}\"", words(dice)),
        3 => format!("=\"{part}\"*"),
        4 => format!("~\"{part}\""),
        5 => format!("~\"{}.{{0,3}}{}\"", one(dice, WORDS), one(dice, WORDS)),
        6 => "~\"[0-9]{2} [a-z]\"".to_owned(),
        7 => format!("i(\"{}\")", words(dice).to_lowercase()),
        8 => format!("in(\"{}\", \"{word}\", 7)", words(dice)),
        9 => format!("seq(\"{}\", \"{word}\")", one(dice, WORDS)),
        10 => format!("contains_any(\"{}\", \"{word}\")", words(dice)),
        11 => "*".to_owned(),
        12 => "\"\"".to_owned(),
        13 => format!("=\"{id}\""),
        14 => format!("\"{id}\""),
        _ => format!("\"{word}\""),
    }
}

fn by_level(dice: &mut Dice) -> String {
    let level = one(dice, &["debug", "info", "warn", "ERROR", "fatal"]);
    let sign = one(dice, &["", ">=", "<", "<=", ">", "="]);
    match dice.below(4) {
        0 => format!("service:=\"{}\"", one(dice, SERVICES)),
        1 => format!("*:\"{}\"", one(dice, WORDS)),
        _ => format!("level:{sign}{level}"),
    }
}

fn by_time(dice: &mut Dice) -> String {
    let mut moment = || {
        let time = DAY_NS - 50_000 * SECOND + dice.below(400_000) as i64 * SECOND;
        format_rfc3339(time / (600 * SECOND) * 600 * SECOND, 0)
    };
    let (one, other) = (moment(), moment());
    let (from, until) = if one <= other { (one, other) } else { (other, one) };
    match dice.below(5) {
        0 => format!("_time:>={from}"),
        1 => format!("_time:<{until}"),
        2 => format!("_time:{}", &from[..10]),
        3 => format!("_time:[{from}, {until}]"),
        _ => format!("_time:[{from}, {until})"),
    }
}

fn by_number(dice: &mut Dice) -> String {
    let path = one(dice, &["n", "user.id", "mixed"]);
    let number = dice.below(60) as i64 - 10;
    match dice.below(4) {
        0 => format!("{path}:range[{number}, {}]", number + dice.below(20) as i64),
        1 => format!("{path}:={number}"),
        2 => format!("{path}:in({number}, {})", dice.below(50)),
        _ => format!("{path}:{}{number}", one(dice, &["<", ">", ">=", "<="])),
    }
}

fn pipe(dice: &mut Dice) -> String {
    let path = one(dice, PATHS);
    match dice.below(16) {
        0 | 1 => format!("limit {}", dice.below(40)),
        2 => format!("offset {}", dice.below(20)),
        3 => format!("stats by ({path}) count() hits"),
        4 => "stats by (level) count() hits".to_owned(),
        5 => {
            format!("stats by (_time:{}, level) count() hits", one(dice, &["1m", "1h", "1d", "7m"]))
        }
        6 => "stats by (_time:1h offset 30m) count() hits".to_owned(),
        7 => format!("stats count() hits, count_uniq({path}) ids, count({path}) some"),
        8 => "stats by (service, level) count() hits, count() if (error) bad".to_owned(),
        9 => format!("stats by (service) min({path}) least, max({path}) most, sum(n) all"),
        10 => format!("sort by ({path} desc, id) limit {}", 1 + dice.below(20)),
        11 => format!("top 3 by ({path})"),
        12 => format!("uniq by ({path}) with hits"),
        13 => format!("fields id, {path}, _time"),
        14 => format!("filter {}", filter(1, dice)),
        _ => "stats by (service) quantile(0.9, n) q, uniq_values(level) levels".to_owned(),
    }
}
