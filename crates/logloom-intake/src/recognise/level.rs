//! Levels as other programs write them: by name, by number, as a word at the start of a line.
//!
//! Gives nothing rather than a guess: a word counts as a level only where it cannot be part of a
//! sentence.

use logloom_record::Level;

/// How far into a plain line a level is looked for, in bytes.
const SEARCHED_BYTES: usize = 80;

/// The names that count as a level in plain text.
const NAMES_IN_TEXT: &[&str] = &[
    "TRACE",
    "DEBUG",
    "INFO",
    "NOTICE",
    "WARN",
    "WARNING",
    "ERROR",
    "ERR",
    "SEVERE",
    "FATAL",
    "CRIT",
    "CRITICAL",
    "ALERT",
    "EMERG",
    "EMERGENCY",
    "PANIC",
];

/// The level that a member called `name` gives with this text or number.
pub(super) fn from_member(name: &str, text: &str) -> Option<Level> {
    match text.trim().parse::<u32>() {
        Ok(number) => from_number(name, number),
        // Serilog's lowest level has a name that means more elsewhere.
        Err(_) if name == "@l" && text == "Verbose" => Some(Level::Trace),
        Err(_) => Level::from_name(text.trim()),
    }
}

/// Numbers mean different things under different names; a `level` counts as pino and bunyan do.
fn from_number(name: &str, number: u32) -> Option<Level> {
    match name {
        "PRIORITY" => from_syslog(number),
        "levelno" => Some(match number {
            0..10 => Level::Trace,
            10..20 => Level::Debug,
            20..30 => Level::Info,
            30..40 => Level::Warn,
            40..50 => Level::Error,
            _ => Level::Fatal,
        }),
        "severity_number" | "severityNumber" => match number {
            1..=4 => Some(Level::Trace),
            5..=8 => Some(Level::Debug),
            9..=12 => Some(Level::Info),
            13..=16 => Some(Level::Warn),
            17..=20 => Some(Level::Error),
            21..=24 => Some(Level::Fatal),
            _ => None,
        },
        _ => match number {
            10..20 => Some(Level::Trace),
            20..30 => Some(Level::Debug),
            30..40 => Some(Level::Info),
            40..50 => Some(Level::Warn),
            50..60 => Some(Level::Error),
            60..=100 => Some(Level::Fatal),
            _ => None,
        },
    }
}

/// Severities of the system log: 0 is an emergency, 7 is debugging.
fn from_syslog(number: u32) -> Option<Level> {
    match number {
        0..=2 => Some(Level::Fatal),
        3 => Some(Level::Error),
        4 => Some(Level::Warn),
        5..=6 => Some(Level::Info),
        7 => Some(Level::Debug),
        _ => None,
    }
}

/// The level that a plain line names in its first 80 bytes.
///
/// Counted are a bracketed word (`[warn]`, `<Error>`), a word in capitals with nothing but dates,
/// numbers and signs before it (`10:00:01 ERROR`), and a first word with a colon (`error: ...`).
pub(crate) fn from_plain(line: &str) -> Option<Level> {
    let mut end = line.len().min(SEARCHED_BYTES);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let mut only_signs_before = true;
    for (position, word) in line[..end].split_ascii_whitespace().enumerate() {
        if let Some(level) = bracketed(word) {
            return Some(level);
        }
        if only_signs_before {
            let bare = word.trim_end_matches([':', ',', '|', ';', '-']);
            let leads = position == 0 && word.ends_with(':');
            let stands_out = leads || bare.bytes().all(|byte| byte.is_ascii_uppercase());
            if let Some(level) = named(bare).filter(|_| stands_out) {
                return Some(level);
            }
        }
        only_signs_before &= is_sign(word);
    }
    None
}

fn bracketed(word: &str) -> Option<Level> {
    let inner = word.trim_end_matches([':', ',']);
    let inner = [('[', ']'), ('<', '>'), ('(', ')')]
        .into_iter()
        .find_map(|(open, close)| inner.strip_prefix(open)?.strip_suffix(close))?;
    named(inner)
}

/// Only words that mean nothing else: `config`, `log` or `all` may stand in any line.
fn named(word: &str) -> Option<Level> {
    let known = NAMES_IN_TEXT.iter().any(|name| name.eq_ignore_ascii_case(word));
    known.then(|| Level::from_name(word)).flatten()
}

/// A date, a number, a punctuation mark: no word of a sentence.
fn is_sign(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
        || !word.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use logloom_record::Level;

    use super::{from_member, from_plain};

    #[test]
    fn levels_of_members() {
        let check = |name: &str, text: &str, expect: Option<Level>| {
            assert_eq!(from_member(name, text), expect, "{name}={text}");
        };
        check("level", "warning", Some(Level::Warn));
        check("level", "30", Some(Level::Info));
        check("level", "60", Some(Level::Fatal));
        check("level", "35", Some(Level::Info));
        check("level", "3", None);
        check("level", "loud", None);
        check("levelno", "30", Some(Level::Warn));
        check("PRIORITY", "3", Some(Level::Error));
        check("severityNumber", "17", Some(Level::Error));
        check("severity", "ERROR", Some(Level::Error));
    }

    #[test]
    fn levels_of_plain_lines() {
        let check =
            |line: &str, expect: Option<Level>| assert_eq!(from_plain(line), expect, "{line}");
        check("ERROR disk full", Some(Level::Error));
        check("WARN: slow", Some(Level::Warn));
        check("error: no such file", Some(Level::Error));
        check("2015-07-29 17:41:41,536 - INFO  [main] x", Some(Level::Info));
        check("081109 203615 148 WARN dfs.DataNode", Some(Level::Warn));
        check("[Sun Dec 04 04:47:44 2005] [error] mod_jk", Some(Level::Error));
        check("[warn] careful", Some(Level::Warn));
        check("an ERROR happened", None);
        check("errors are fine", None);
        check("config: read", None);
        check("[log] x", None);
        check("panic: index out of range", Some(Level::Fatal));
        check("error happened", None);
        check("no level at all", None);
        check("", None);
        check(&format!("{}[error]", "x ".repeat(50)), None);
        check(&"\u{e9}".repeat(60), None);
    }
}
