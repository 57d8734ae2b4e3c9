//! Truncation: texts of more than so many characters end in `[TRUNCATED 1000 chars]`.
//!
//! Lines of JSON come in, the same go out with their long strings cut between characters, after
//! secrets were masked in them. A text that was cut before stays as it is; names of members are never
//! cut. What was cut is gone, unless full texts are kept: then `[FULL digits]` behind the mark tells which
//! text it was, whether or not it can be kept in the end, so that the same record always gives the same
//! line.

use std::borrow::Cow;

use logloom_store::TextId;

use crate::settings::TruncateSettings;
use scan::{escaped_len, plain_len, string_len, unescaped, without_mark};

mod scan;

/// Cuts long texts. Made once of the settings.
#[derive(Clone, Debug)]
pub struct Truncator {
    most: usize,
    fields: Vec<String>,
    /// Bytes that all full texts may take; `None` where they are not kept.
    full_room: Option<u64>,
}

/// A text of which a line holds only the beginning: as it stood in the line, masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullText {
    /// What stands in the line's mark.
    pub id: TextId,
    /// Its bytes, mostly UTF-8.
    pub text: Vec<u8>,
}

/// Where cut lines go.
struct Cutting<'a> {
    out: Vec<u8>,
    full: &'a mut Vec<FullText>,
    /// Bytes by which the lines may still grow: a mark may be longer than what it stands for.
    room: usize,
    count: usize,
}

impl Truncator {
    /// The truncator of these settings; `None` when they cut nothing.
    #[must_use]
    pub fn new(settings: &TruncateSettings) -> Option<Self> {
        let most = usize::try_from(settings.max_chars?).ok()?;
        let full_room = settings.keep_full.then_some(settings.full_max_size);
        Some(Self { most, fields: settings.fields.clone(), full_room })
    }

    /// Bytes that all full texts of a directory may take together; `None` where they are not kept.
    pub(crate) fn full_room(&self) -> Option<u64> {
        self.full_room
    }

    /// The text cut, if it is too long; without a word on where the full one is.
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
        let Some((kept, cut, _)) = self.cut(text.as_bytes(), plain_len) else {
            return Cow::Borrowed(text);
        };
        Cow::Owned(format!("{}[TRUNCATED {cut} chars]", &text[..kept]))
    }

    /// Cuts the long texts of a batch of lines in place; says how many there were. Texts that are to be kept
    /// are added to `full`. The lines grow by no more than `room` bytes: a text whose mark finds no room stays
    /// as it is.
    pub fn lines(&self, lines: &mut Vec<u8>, room: usize, full: &mut Vec<FullText>) -> usize {
        let is_long = |line: &[u8]| line.len() > self.most;
        if !each_line(lines).any(is_long) {
            return 0;
        }
        let mut cutting = Cutting { out: Vec::with_capacity(lines.len()), full, room, count: 0 };
        for line in each_line(lines) {
            match is_long(line) {
                true => self.line(line, &mut cutting),
                false => cutting.out.extend_from_slice(line),
            }
        }
        *lines = cutting.out;
        cutting.count
    }

    fn line(&self, line: &[u8], cutting: &mut Cutting<'_>) {
        let (mut at, mut name) = (0, &line[..0]);
        while let Some(quote) = memchr::memchr(b'"', &line[at..]) {
            let start = at + quote + 1;
            cutting.out.extend_from_slice(&line[at..start]);
            let end = start + string_len(&line[start..]);
            let text = &line[start..end];
            let is_name = line[end..].starts_with(b"\":");
            if is_name || !self.covers(name) || !self.put_cut(text, cutting) {
                cutting.out.extend_from_slice(text);
            }
            if is_name {
                name = text;
            }
            // A line that ends within a string is no JSON; it stays as it is.
            let closing = usize::from(end < line.len());
            cutting.out.extend_from_slice(&line[end..end + closing]);
            at = end + closing;
        }
        cutting.out.extend_from_slice(&line[at..]);
    }

    fn covers(&self, name: &[u8]) -> bool {
        self.fields.is_empty() || self.fields.iter().any(|field| field.as_bytes() == name)
    }

    /// Puts the text there with its end cut off; `false` when all of it stays.
    fn put_cut(&self, text: &[u8], cutting: &mut Cutting<'_>) -> bool {
        let Some((kept, chars, reference)) = self.cut(text, escaped_len) else { return false };
        let mut mark = format!("[TRUNCATED {chars} chars]").into_bytes();
        let mut full = None;
        match reference {
            // Cut once more: the full text is that of the first time.
            Some(reference) => mark.extend_from_slice(reference),
            None if self.full_room.is_some() => {
                let text = unescaped(text);
                let id = TextId::of(&text);
                mark.extend_from_slice(format!("[FULL {id}]").as_bytes());
                full = Some(FullText { id, text });
            }
            None => {}
        }
        let growth = (kept + mark.len()).saturating_sub(text.len());
        if growth > cutting.room {
            return false;
        }
        cutting.room -= growth;
        cutting.out.extend_from_slice(&text[..kept]);
        cutting.out.extend_from_slice(&mark);
        cutting.full.extend(full);
        cutting.count += 1;
        true
    }

    /// Bytes of the text that stay, characters that do not, and where the full text of an earlier cut is.
    /// `None` when all of it stays.
    fn cut<'t>(
        &self,
        text: &'t [u8],
        char_len: fn(&[u8]) -> usize,
    ) -> Option<(usize, u64, Option<&'t [u8]>)> {
        if text.len() <= self.most {
            return None;
        }
        let marked = without_mark(text);
        let text = marked.text;
        let (mut at, mut chars, mut kept) = (0, 0, None);
        while at < text.len() {
            if chars == self.most {
                kept = Some(at);
            }
            at += char_len(&text[at..]).max(1);
            chars += 1;
        }
        let kept = kept?;
        Some((kept, (chars - self.most) as u64 + marked.cut, marked.reference))
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn truncator(most: u32, fields: &[&str]) -> Truncator {
        let fields = fields.iter().map(|&name| name.to_owned()).collect();
        let settings =
            TruncateSettings { max_chars: Some(most), fields, ..TruncateSettings::default() };
        Truncator::new(&settings).unwrap()
    }

    fn cut_lines(truncator: &Truncator, lines: &mut Vec<u8>) -> usize {
        let mut full = Vec::new();
        let count = truncator.lines(lines, usize::MAX, &mut full);
        assert!(full.is_empty());
        count
    }

    fn cut(truncator: &Truncator, line: &str) -> String {
        let mut lines = line.as_bytes().to_vec();
        cut_lines(truncator, &mut lines);
        let again = lines.clone();
        let text = String::from_utf8(lines).unwrap();
        let mut twice = again.clone();
        assert_eq!(cut_lines(truncator, &mut twice), 0, "{text}");
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

    #[test]
    fn full_texts_are_kept_as_they_stood_and_named_behind_the_mark() {
        let settings = TruncateSettings { keep_full: true, ..truncate_at(16) };
        let truncator = Truncator::new(&settings).unwrap();
        let long = "b\u{e9}\n\"[MASKED 8 chars]\" and so on";
        let line =
            |text: &str| format!("{}\n", serde_json::json!({ "short": "x", "output": text }));
        let mut lines = [line(long), line("short"), line(long)].concat().into_bytes();
        let mut full = Vec::new();
        assert_eq!(truncator.lines(&mut lines, usize::MAX, &mut full), 2);
        let id = TextId::of(long.as_bytes());
        let kept = FullText { id, text: long.as_bytes().to_vec() };
        assert_eq!(full, [kept.clone(), kept]);
        let cut: String = long.chars().take(16).collect();
        let mark = format!("[TRUNCATED {} chars][FULL {id}]", long.chars().count() - 16);
        let expected = [line(&(cut.clone() + &mark)), line("short"), line(&(cut + &mark))].concat();
        assert_eq!(String::from_utf8(lines.clone()).unwrap(), expected);
        // What was cut stays as it is; cut once more, it still names the whole.
        assert_eq!(truncator.lines(&mut lines, usize::MAX, &mut full), 0);
        let shorter = TruncateSettings { max_chars: Some(4), ..settings };
        let shorter = Truncator::new(&shorter).unwrap();
        assert_eq!(shorter.lines(&mut lines, usize::MAX, &mut full), 3);
        let short_id = TextId::of(b"short");
        let chars = long.chars().count() - 4;
        let again = |text: &str| line(&format!("{text}[TRUNCATED {chars} chars][FULL {id}]"));
        let short = line(&format!("shor[TRUNCATED 1 chars][FULL {short_id}]"));
        let start: String = long.chars().take(4).collect();
        let expected = [again(&start), short, again(&start)].concat();
        assert_eq!(String::from_utf8(lines).unwrap(), expected);
        assert_eq!(full.len(), 3);
    }

    #[test]
    fn lines_never_grow_beyond_their_room() {
        let settings = TruncateSettings { keep_full: true, ..truncate_at(16) };
        let truncator = Truncator::new(&settings).unwrap();
        let line = format!("{{\"a\":[{}]}}\n", vec!["\"12345678901234567\""; 1000].join(","));
        for room in [0, 88, 89, 50_000, usize::MAX] {
            let mut lines = line.clone().into_bytes();
            let mut full = Vec::new();
            let count = truncator.lines(&mut lines, room, &mut full);
            assert_eq!((count, full.len()), ((room / 89).min(1000), count));
            assert!(lines.len() - line.len() <= room);
            serde_json::from_slice::<Value>(&lines).unwrap();
        }
    }

    fn truncate_at(most: u32) -> TruncateSettings {
        TruncateSettings { max_chars: Some(most), ..TruncateSettings::default() }
    }
}
