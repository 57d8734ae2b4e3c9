//! Truncation: texts of more than so many characters end in `[TRUNCATED 1000 chars]`.
//!
//! Lines of JSON come in, the same go out with their long strings cut between characters, after
//! secrets were masked in them. A text that was cut before stays as it is; names of members are never
//! cut. What was cut is gone: it is in no file.

use std::borrow::Cow;

use crate::settings::TruncateSettings;

/// What tells that a text was cut, without the number.
const MARK: &[u8] = b"[TRUNCATED ";
const MARK_END: &[u8] = b" chars]";

/// Cuts long texts. Made once of the settings.
#[derive(Clone, Debug)]
pub struct Truncator {
    most: usize,
    fields: Vec<String>,
}

impl Truncator {
    /// The truncator of these settings; `None` when they cut nothing.
    #[must_use]
    pub fn new(settings: &TruncateSettings) -> Option<Self> {
        let most = usize::try_from(settings.max_chars?).ok()?;
        Some(Self { most, fields: settings.fields.clone() })
    }

    /// The text cut, if it is too long.
    ///
    /// ```
    /// use logloom_core::settings::TruncateSettings;
    /// use logloom_core::truncate::Truncator;
    ///
    /// let settings = TruncateSettings { max_chars: Some(4), ..TruncateSettings::default() };
    /// let truncator = Truncator::new(&settings).expect("something is cut");
    /// assert_eq!(truncator.text("abcdefg"), "abcd[TRUNCATED 3 chars]");
    /// ```
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some((kept, cut)) = self.cut(text.as_bytes(), plain_len) else {
            return Cow::Borrowed(text);
        };
        Cow::Owned(format!("{}[TRUNCATED {cut} chars]", &text[..kept]))
    }

    /// Cuts the long texts of a batch of lines in place; says how many there were.
    pub fn lines(&self, lines: &mut Vec<u8>) -> usize {
        let is_long = |line: &[u8]| line.len() > self.most;
        if !each_line(lines).any(is_long) {
            return 0;
        }
        let (mut out, mut count) = (Vec::with_capacity(lines.len()), 0);
        for line in each_line(lines) {
            match is_long(line) {
                true => count += self.line(line, &mut out),
                false => out.extend_from_slice(line),
            }
        }
        *lines = out;
        count
    }

    fn line(&self, line: &[u8], out: &mut Vec<u8>) -> usize {
        let (mut at, mut count, mut name) = (0, 0, &line[..0]);
        while let Some(quote) = memchr::memchr(b'"', &line[at..]) {
            let start = at + quote + 1;
            out.extend_from_slice(&line[at..start]);
            let end = start + string_len(&line[start..]);
            let text = &line[start..end];
            let is_name = line[end..].starts_with(b"\":");
            let cut =
                if is_name || !self.covers(name) { None } else { self.cut(text, escaped_len) };
            match cut {
                Some((kept, chars)) => {
                    out.extend_from_slice(&text[..kept]);
                    out.extend_from_slice(format!("[TRUNCATED {chars} chars]").as_bytes());
                    count += 1;
                }
                None => out.extend_from_slice(text),
            }
            if is_name {
                name = text;
            }
            // A line that ends within a string is no JSON; it stays as it is.
            let closing = usize::from(end < line.len());
            out.extend_from_slice(&line[end..end + closing]);
            at = end + closing;
        }
        out.extend_from_slice(&line[at..]);
        count
    }

    fn covers(&self, name: &[u8]) -> bool {
        self.fields.is_empty() || self.fields.iter().any(|field| field.as_bytes() == name)
    }

    /// Bytes of the text that stay, and characters that do not. `None` when all of it stays.
    fn cut(&self, text: &[u8], char_len: fn(&[u8]) -> usize) -> Option<(usize, u64)> {
        if text.len() <= self.most {
            return None;
        }
        let (text, cut_before) = without_mark(text);
        let (mut at, mut chars, mut kept) = (0, 0, None);
        while at < text.len() {
            if chars == self.most {
                kept = Some(at);
            }
            at += char_len(&text[at..]).max(1);
            chars += 1;
        }
        let kept = kept?;
        Some((kept, (chars - self.most) as u64 + cut_before))
    }
}

/// The lines, each with its line feed.
fn each_line(lines: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b'\n', lines).map(|feed| feed + 1);
    let mut start = 0;
    ends.chain([lines.len()]).filter_map(move |end| {
        let line = &lines[start..end];
        start = end;
        (!line.is_empty()).then_some(line)
    })
}

/// The text without the mark of an earlier cut, and the characters that it tells of.
fn without_mark(text: &[u8]) -> (&[u8], u64) {
    let number = text.strip_suffix(MARK_END).and_then(|text| {
        let digits = text.iter().rev().take(20).take_while(|byte| byte.is_ascii_digit()).count();
        let (before, number) = text.split_at(text.len() - digits);
        let number = std::str::from_utf8(number).ok()?.parse().ok()?;
        Some((before.strip_suffix(MARK)?, number))
    });
    number.unwrap_or((text, 0))
}

/// Bytes up to the quote that ends a string.
fn string_len(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) {
        if bytes[at + found] == b'"' {
            return at + found;
        }
        at = (at + found + 2).min(bytes.len());
    }
    bytes.len()
}

/// Bytes of the first character.
fn plain_len(bytes: &[u8]) -> usize {
    1 + bytes[1..].iter().take(3).take_while(|byte| matches!(byte, 0x80..=0xBF)).count()
}

/// Bytes of the first character of the inside of a JSON string: `\n`, `\u00e9`, `\ud83d\ude00`.
fn escaped_len(bytes: &[u8]) -> usize {
    match bytes {
        [b'\\', b'u', ..] => {
            let is_high = bytes.len() >= 4
                && matches!(bytes[2], b'd' | b'D')
                && matches!(bytes[3], b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B');
            let is_pair = is_high && bytes.get(6..8) == Some(b"\\u");
            bytes.len().min(if is_pair { 12 } else { 6 })
        }
        [b'\\', _, ..] => 2,
        _ => plain_len(bytes),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn truncator(most: u32, fields: &[&str]) -> Truncator {
        let fields = fields.iter().map(|&name| name.to_owned()).collect();
        Truncator::new(&TruncateSettings { max_chars: Some(most), fields }).unwrap()
    }

    fn cut(truncator: &Truncator, line: &str) -> String {
        let mut lines = line.as_bytes().to_vec();
        truncator.lines(&mut lines);
        let again = lines.clone();
        let text = String::from_utf8(lines).unwrap();
        let mut twice = again.clone();
        assert_eq!(truncator.lines(&mut twice), 0, "{text}");
        assert_eq!(twice, again);
        text
    }

    #[test]
    fn long_texts_of_a_line_are_cut_and_told() {
        let truncator = truncator(5, &[]);
        for (given, expected) in [
            (r#"{"a":"12345"}"#, r#"{"a":"12345"}"#),
            (r#"{"a":"123456"}"#, r#"{"a":"12345[TRUNCATED 1 chars]"}"#),
            (
                r#"{"long name":"1","b":["123456",["1234567"]]}"#,
                r#"{"long name":"1","b":["12345[TRUNCATED 1 chars]",["12345[TRUNCATED 2 chars]"]]}"#,
            ),
            (r#"{"a":"\n\n\n\n\n\n"}"#, r#"{"a":"\n\n\n\n\n[TRUNCATED 1 chars]"}"#),
            (r#"{"a":"1234\ud83d\ude006"}"#, r#"{"a":"1234\ud83d\ude00[TRUNCATED 1 chars]"}"#),
            (r#"{"a":"1234\"6\\"}"#, r#"{"a":"1234\"[TRUNCATED 2 chars]"}"#),
            (r#"{"a":"äöüäöü"}"#, r#"{"a":"äöüäö[TRUNCATED 1 chars]"}"#),
            (r#"{"a":"123456[TRUNCATED 10 chars]"}"#, r#"{"a":"12345[TRUNCATED 11 chars]"}"#),
        ] {
            let found = cut(&truncator, given);
            assert_eq!(found, expected);
            serde_json::from_str::<Value>(&found).unwrap();
        }
    }

    #[test]
    fn only_the_fields_that_were_named_are_cut() {
        let truncator = truncator(2, &["output"]);
        let line = r#"{"message":"long","tool":{"output":"long"}}"#;
        assert_eq!(
            cut(&truncator, line),
            r#"{"message":"long","tool":{"output":"lo[TRUNCATED 2 chars]"}}"#
        );
    }

    #[test]
    fn lines_stay_lines() {
        let truncator = truncator(3, &[]);
        assert_eq!(
            cut(&truncator, "{\"a\":1}\n{\"a\":\"1234\"}\n"),
            "{\"a\":1}\n{\"a\":\"123[TRUNCATED 1 chars]\"}\n"
        );
        assert_eq!(cut(&truncator, "no JSON \" at all\\"), "no JSON \" at[TRUNCATED 5 chars]");
        assert!(Truncator::new(&TruncateSettings::default()).is_none());
    }
}
