//! The Common Event Format: `CEF:0|vendor|product|version|id|name|severity|key=value ...`.
//!
//! Severities 0 to 3 are INFO, 4 to 6 WARN, 7 and 8 ERROR, 9 and 10 FATAL, as the words for them
//! are. The time is `rt` or `end` where these are numbers since 1970. Behind the head of a system
//! log, its time and host hold.

use logloom_record::Level;
use logloom_record::time::from_epoch_number;

use super::{Defaults, Format, Parsed, Starts};
use crate::clock::Time;

pub(super) static FORMAT: Format = Format {
    name: "cef",
    certainty: 95,
    starts: Starts::Capital,
    example: "CEF:0|Security|threatmanager|1.0|100|worm successfully stopped|10|src=10.0.0.1 \
              dst=2.1.2.2 spt=1232",
    parse,
};

pub(super) fn parse(line: &str, _: &Defaults) -> Option<Parsed> {
    let [version, vendor, product, release, class, name, severity, extension] = head(line)?;
    if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let level = level(&severity)?;
    let pairs = pairs(&extension);
    let time = pairs.iter().find(|(name, _)| matches!(*name, "rt" | "end"));
    let time = time.and_then(|(_, value)| from_epoch_number(value.parse().ok()?));
    let mut parsed = Parsed::new(time.map_or(Time::Absent, Time::Known), Some(level), &name)
        .module(&product)
        .text("vendor", &vendor)
        .text("product_version", &release)
        .text("event_class", &class)
        .number("severity", &severity);
    for (name, value) in pairs {
        parsed = parsed.number(name, &value);
    }
    Some(parsed)
}

/// The version, six parts and the extension, divided by bars that have no backslash before them.
fn head(line: &str) -> Option<[String; 8]> {
    let mut parts: [String; 8] = Default::default();
    let mut number = 0;
    let mut is_escaped = false;
    let text = line.strip_prefix("CEF:")?;
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => {
                parts[number].push(character);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            '|' => number += 1,
            other => parts[number].push(other),
        }
        if number == 7 {
            text[at + 1..].clone_into(&mut parts[7]);
            return Some(parts);
        }
    }
    None
}

fn level(severity: &str) -> Option<Level> {
    Some(match severity {
        "0" | "1" | "2" | "3" | "Low" | "Unknown" => Level::Info,
        "4" | "5" | "6" | "Medium" => Level::Warn,
        "7" | "8" | "High" => Level::Error,
        "9" | "10" | "Very-High" => Level::Fatal,
        _ => return None,
    })
}

/// Values reach up to the next key, blanks included.
fn pairs(extension: &str) -> Vec<(&str, String)> {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for word in extension.split(' ') {
        let key = word.split_once('=').filter(|(key, _)| {
            !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
        });
        match (key, pairs.last_mut()) {
            (Some((key, value)), _) => pairs.push((key, plain(value))),
            (None, Some((_, value))) => {
                value.push(' ');
                value.push_str(&plain(word));
            }
            (None, None) if word.is_empty() => {}
            (None, None) => pairs.push(("extension", plain(word))),
        }
    }
    pairs
}

fn plain(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        let next = (character == '\\').then(|| characters.next_if(|next| "\\=|nr".contains(*next)));
        out.push(match next.flatten() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some(escaped) => escaped,
            None => character,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(
            &FORMAT,
            FORMAT.example,
            "- FATAL threatmanager: worm successfully stopped {vendor='Security' \
             product_version='1.0' event_class='100' severity=10 src='10.0.0.1' dst='2.1.2.2' \
             spt=1232}",
        );
        check(
            &FORMAT,
            r"CEF:0|a\|b|p|1|x|n|Low|rt=1795255200000 msg=two words a\=b",
            "2026-11-21T10:00:00.000Z INFO p: n {vendor='a|b' product_version='1' event_class='x' \
             severity='Low' rt=1795255200000 msg='two words a=b'}",
        );
        refuses(&FORMAT, "CEF:0|a|b|c|d|e|5");
        refuses(&FORMAT, "CEF:x|a|b|c|d|e|5|");
    }
}
