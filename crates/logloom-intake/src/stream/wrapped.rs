//! Lines that a container runtime has put around those of a program.
//!
//! Takes a line of Docker's `json-file` or of CRI, gives the name of the stream it came by, the text
//! inside, and whether that is only a part of a longer line, as the runtimes divide lines of more than
//! 16 KiB. Two parts become one line with the time of the first. Lines of all others are not wrapped.

use crate::recognise::json_text;
use crate::text::without_ansi;

/// What a line of a runtime begins with, in Docker's `json-file`.
const DOCKER_HEAD: &str = "{\"log\":\"";

/// The streams of a program.
pub(super) const STREAMS: [&str; 2] = ["stdout", "stderr"];

/// A line of a runtime taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wrapped<'a> {
    /// Which of [`STREAMS`].
    pub(super) stream: usize,
    pub(super) is_part: bool,
    kind: Kind,
    /// Up to the text.
    head: &'a str,
    text: &'a str,
    /// Behind the text.
    tail: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Cri,
    Docker,
}

impl Wrapped<'_> {
    /// The line that both parts are of, as the runtime would have written it: with the time of the
    /// first, and what the second one says of whether more follows.
    pub(super) fn with(&self, next: &Wrapped<'_>) -> String {
        match self.kind {
            Kind::Docker => [self.head, self.text, next.text, self.tail].concat(),
            Kind::Cri => {
                let time = self.head.split(' ').next().unwrap_or_default();
                let next_time = next.head.split(' ').next().unwrap_or_default();
                [time, &next.head[next_time.len()..], self.text, next.text].concat()
            }
        }
    }

    /// Whether a line can go on with this one.
    pub(super) fn is_like(&self, next: &Wrapped<'_>) -> bool {
        (self.kind, self.stream) == (next.kind, next.stream)
    }

    /// The line that the program wrote, without its end; `None` where it is several.
    pub(super) fn inside(&self) -> Option<String> {
        let text = match self.kind {
            Kind::Cri => self.text.to_owned(),
            Kind::Docker => json_text(&format!("\"{}\"", self.text))?,
        };
        let text = text
            .strip_suffix('\n')
            .map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        (!text.contains('\n')).then(|| without_ansi(text.to_owned()))
    }
}

/// A line of a runtime; `None` for every other.
pub(super) fn wrapped(line: &str) -> Option<Wrapped<'_>> {
    match line.as_bytes().first()? {
        b'{' => docker(line),
        b'0'..=b'9' => cri(line),
        _ => None,
    }
}

/// `time stream tag text`; the tag `P` marks a part.
fn cri(line: &str) -> Option<Wrapped<'_>> {
    let (_, rest) =
        line.split_once(' ').filter(|(time, _)| time.as_bytes().get(10) == Some(&b'T'))?;
    let (stream, rest) = rest.split_once(' ')?;
    let (tag, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_part = match tag.split(':').next()? {
        "P" => true,
        "F" => false,
        _ => return None,
    };
    let stream = STREAMS.iter().position(|known| *known == stream)?;
    let head = &line[..line.len() - text.len()];
    Some(Wrapped { stream, is_part, kind: Kind::Cri, head, text, tail: "" })
}

/// `{"log":"text","stream":"stdout",...}`; text without a line feed at its end is a part.
fn docker(line: &str) -> Option<Wrapped<'_>> {
    let inside = line.strip_prefix(DOCKER_HEAD)?;
    let end = end_of_string(inside.as_bytes())?;
    let (text, tail) = inside.split_at(end);
    let after = tail.strip_prefix("\",\"stream\":\"")?;
    let (stream, _) = after.split_once('"')?;
    let stream = STREAMS.iter().position(|known| *known == stream)?;
    let is_part = !ends_with_feed(text);
    Some(Wrapped { stream, is_part, kind: Kind::Docker, head: DOCKER_HEAD, text, tail })
}

/// Where the quote is that closes the string.
fn end_of_string(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', &bytes[at..])?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at = (at + 2).min(bytes.len());
    }
}

/// Whether the escapes end in a line feed, rather than in a backslash and the letter.
fn ends_with_feed(text: &str) -> bool {
    let Some(before) = text.strip_suffix('n') else { return false };
    before.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::wrapped;

    fn check(lines: &[&str], inside: Option<&str>, is_part: bool) -> String {
        let mut whole = lines[0].to_owned();
        for line in &lines[1..] {
            whole = wrapped(&whole).unwrap().with(&wrapped(line).unwrap());
        }
        let found = wrapped(&whole).unwrap();
        assert_eq!((found.inside().as_deref(), found.is_part), (inside, is_part), "{whole}");
        whole
    }

    #[test]
    fn parts_of_cri_become_one_line_with_the_first_time() {
        let parts =
            ["2016-10-06T00:17:09.6Z stdout P one ", "2016-10-06T00:17:10Z stdout P:x two "];
        assert_eq!(
            check(&parts, Some("one two "), true),
            "2016-10-06T00:17:09.6Z stdout P:x one two "
        );
        let parts = [parts[0], parts[1], "2016-10-06T00:17:11Z stdout F three"];
        let whole = check(&parts, Some("one two three"), false);
        assert_eq!(whole, "2016-10-06T00:17:09.6Z stdout F one two three");
        check(&["2016-10-06T00:17:09.6Z stderr F "], Some(""), false);
        check(&["2016-10-06T00:17:09.6Z stderr F \u{1b}[31mred\u{1b}[0m"], Some("red"), false);
    }

    #[test]
    fn parts_of_docker_become_one_line_with_the_first_time() {
        let line = |text: &str, second: u8| {
            format!(r#"{{"log":"{text}","stream":"stdout","time":"2026-11-21T10:00:0{second}Z"}}"#)
        };
        let (a, b) = (line(r#"{\"msg\":\"on"#, 1), line(r#"e\"}\r\n"#, 2));
        let whole = check(&[&a, &b], Some(r#"{"msg":"one"}"#), false);
        assert_eq!(whole, line(r#"{\"msg\":\"one\"}\r\n"#, 1));
        check(&[&line(r"C:\\n", 1)], Some(r"C:\n"), true);
        check(&[&line(r"one\ntwo\n", 1)], None, false);
        check(&[&line(r"\u001b[1mbold\ud83d\n", 1)], Some("bold\u{fffd}"), false);
    }

    #[test]
    fn other_lines_are_not_wrapped() {
        for line in [
            "",
            "{",
            "2016-10-06T00:17:09Z stdin F x",
            "2016-10-06T00:17:09Z stdout X x",
            r#"{"log":"x","stream":"other","time":"2026-11-21T10:00:00Z"}"#,
            r#"{"log":"x","time":"2026-11-21T10:00:00Z"}"#,
        ] {
            assert!(wrapped(line).is_none(), "{line}");
        }
    }
}
