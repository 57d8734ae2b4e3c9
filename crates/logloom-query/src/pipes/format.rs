//! `format`: a text made of fields.

use std::borrow::Cow;
use std::fmt::{self, Write};

use logloom_record::time::from_epoch_float;

use super::each::{Change, Outcome};
use super::pattern::{self, Step};
use super::stats::show_time;
use super::store::Overwrite;
use super::text::Name;
use super::{Row, Value, number};
use crate::show::json_text;
use logloom_filter::syntax::Quoted;

/// What may stand before a field's name.
const OPTIONS: &[&str] = &[
    "q",
    "uc",
    "lc",
    "time",
    "duration",
    "duration_seconds",
    "ipv4",
    "hexencode",
    "hexdecode",
    "hexnumencode",
    "hexnumdecode",
    "urlencode",
    "urldecode",
    "base64encode",
    "base64decode",
];

/// The pipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// The pattern as it was written.
    pub pattern: String,
    pub(crate) steps: Vec<Step>,
    /// The field that gets the text.
    pub result: String,
    /// What becomes of it where it is there.
    pub overwrite: Overwrite,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {}{}", Quoted(&self.pattern), Name(&self.result), self.overwrite)
    }
}

impl Format {
    /// Takes a pattern apart.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn new(pattern: String, result: String, overwrite: Overwrite) -> Result<Self, String> {
        let steps = pattern::steps(&pattern)?;
        let unknown = steps
            .iter()
            .find(|step| !step.option.is_empty() && !OPTIONS.contains(&step.option.as_str()));
        match unknown {
            None => Ok(Self { pattern, steps, result, overwrite }),
            Some(step) => Err(format!(
                "`{}:` is none of the conversions; they are {}",
                step.option,
                OPTIONS.join(", ")
            )),
        }
    }
}

impl Change for Format {
    fn apply<'a>(&self, mut row: Row<'a>) -> Outcome<'a> {
        let mut text = String::new();
        for step in &self.steps {
            text.push_str(&step.text);
            if !step.field.is_empty() {
                text.push_str(&converted(&step.option, &row.text(&step.field)));
            }
        }
        self.overwrite.set(&mut row, &self.result, Value::text_of(text));
        Outcome::Row(row)
    }
}

/// A value in another form; what has no such form stays as it is.
fn converted<'t>(option: &str, text: &'t str) -> Cow<'t, str> {
    let other = match option {
        "q" => Some(json_text(text)),
        "uc" => Some(text.to_uppercase()),
        "lc" => Some(text.to_lowercase()),
        "time" => number::plain(text).and_then(from_epoch_float).map(show_time),
        "duration" => number::plain(text).map(|number| number::show_duration(number as i64)),
        "duration_seconds" => number::duration(text).map(|number| number::show(number / 1e9)),
        "ipv4" => text.parse().ok().map(|number: u32| std::net::Ipv4Addr::from(number).to_string()),
        "hexencode" => Some(hex(text.as_bytes())),
        "hexdecode" => unhex(text).map(into_text),
        "hexnumencode" => text.parse().ok().map(|number: u64| format!("{number:016X}")),
        "hexnumdecode" => u64::from_str_radix(text, 16).ok().map(|number| number.to_string()),
        "urlencode" => Some(url_encoded(text)),
        "urldecode" => url_decoded(text).map(into_text),
        "base64encode" => Some(base64(text.as_bytes())),
        "base64decode" => unbase64(text).map(into_text),
        _ => None,
    };
    other.map_or(Cow::Borrowed(text), Cow::Owned)
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02X}");
    }
    text
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes().chunks(2).map(pair).collect()
}

fn url_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn url_decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    Some(out)
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit)) as usize & 63;
            out.push(if digit <= chunk.len() { char::from(DIGITS[index]) } else { '=' });
        }
    }
    out
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let digit = DIGITS.iter().position(|digit| *digit == byte)? as u32;
        bits = bits << 6 | digit;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_are_as_documented() {
        let check = |option: &str, text: &str, expect: &str| {
            assert_eq!(converted(option, text), expect, "{option}:{text}");
        };
        check("q", "a\"b\n", r#""a\"b\n""#);
        check("uc", "a\u{e9}", "A\u{c9}");
        check("lc", "AB", "ab");
        check("time", "1795255200", "2026-11-21T10:00:00Z");
        check("time", "1795255200123", "2026-11-21T10:00:00.123Z");
        check("duration", "3900000000000", "1h5m");
        check("duration_seconds", "1m1.5s", "61.5");
        check("ipv4", "167772161", "10.0.0.1");
        check("hexnumencode", "255", "00000000000000FF");
        check("hexnumdecode", "ff", "255");
        check("urlencode", "a b&\u{e9}", "a+b%26%C3%A9");
        check("urldecode", "a+b%26%C3%A9", "a b&\u{e9}");
        for (plain, coded) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj")] {
            check("base64encode", plain, coded);
            check("base64decode", coded, plain);
        }
        check("hexencode", "ab\u{1}", "616201");
        check("hexdecode", "6162", "ab");
        for option in OPTIONS.iter().filter(|option| option.ends_with("code") || **option == "time")
        {
            let _ = converted(option, "%zz\u{e9}");
        }
        check("hexdecode", "6", "6");
        check("urldecode", "%2", "%2");
    }
}
