//! Lines that a container runtime has written in parts.
//!
//! Docker and CRI runtimes divide a line of more than 16 KiB into several of their own. Takes these
//! lines in their order, gives one line with the text of all parts and the head of the last one, so
//! that what is inside can be recognised. Parts are put together while nothing else comes between
//! them and up to [`LINE_BYTES_MAX`] bytes; otherwise they are given as they are, so that a position
//! never passes a part that was not given. Lines of other programs pass unchanged.

use crate::{LINE_BYTES_MAX, Line};

/// How long a part waits for the next one, in nanoseconds: runtimes write them at once.
const WAIT_NS: i64 = 300_000_000;

/// What a line of a runtime begins with, in Docker's `json-file`.
const DOCKER_HEAD: &str = "{\"log\":\"";

/// A line of a runtime taken apart.
#[derive(Clone, Copy, Debug)]
struct Wrapped<'a> {
    stream: &'a str,
    is_part: bool,
    /// Up to the text.
    head: &'a str,
    text: &'a str,
    /// Behind the text.
    tail: &'a str,
}

/// Parts that wait for the rest of their line, as the line that they are so far.
#[derive(Debug)]
struct Held {
    line: Line,
    last_ns: i64,
}

/// Puts the parts of lines together.
#[derive(Debug, Default)]
pub(super) struct Partials {
    held: Option<Held>,
}

impl Partials {
    /// Whether the line may pass without a look at it.
    pub(super) fn is_concerned(&self, line: &Line) -> bool {
        self.held.is_some()
            || line.part.is_none() && wrapped(&line.text).is_some_and(|line| line.is_part)
    }

    /// Takes the next line and gives those that are whole by it, or have no more to wait for.
    pub(super) fn push(&mut self, line: Line, now_ns: i64, give: &mut dyn FnMut(Line)) {
        let line = match self.held.take() {
            None => line,
            Some(held) => match joined(&held.line, &line) {
                Some(text) => Line { text, part: None, end: line.end },
                None => {
                    give(held.line);
                    line
                }
            },
        };
        if line.part.is_none() && wrapped(&line.text).is_some_and(|line| line.is_part) {
            self.held = Some(Held { line, last_ns: now_ns });
        } else {
            give(line);
        }
    }

    /// When what is held has waited long enough.
    pub(super) fn deadline_ns(&self) -> Option<i64> {
        self.held.as_ref().map(|held| held.last_ns.saturating_add(WAIT_NS))
    }

    /// What is held, as it is.
    pub(super) fn take(&mut self) -> Option<Line> {
        self.held.take().map(|held| held.line)
    }
}

/// The text of a held part and the line that goes on with it.
fn joined(held: &Line, next: &Line) -> Option<String> {
    let (before, after) = (wrapped(&held.text)?, wrapped(&next.text)?);
    let has_room = held.text.len() + next.text.len() <= LINE_BYTES_MAX;
    let belongs = before.stream == after.stream && next.part.is_none() && has_room;
    belongs.then(|| [after.head, before.text, after.text, after.tail].concat())
}

fn wrapped(line: &str) -> Option<Wrapped<'_>> {
    match line.as_bytes().first()? {
        b'{' => docker(line),
        b'0'..=b'9' => cri(line),
        _ => None,
    }
}

/// `time stream tag text`; the tag `P` marks a part.
fn cri(line: &str) -> Option<Wrapped<'_>> {
    let (time, rest) =
        line.split_once(' ').filter(|(time, _)| time.as_bytes().get(10) == Some(&b'T'))?;
    let (stream, rest) = rest.split_once(' ')?;
    let (tag, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_part = match tag.split(':').next()? {
        "P" => true,
        "F" => false,
        _ => return None,
    };
    let is_stream = matches!(stream, "stdout" | "stderr") && !time.is_empty();
    let head = &line[..line.len() - text.len()];
    is_stream.then_some(Wrapped { stream, is_part, head, text, tail: "" })
}

/// `{"log":"text","stream":"stdout",...}`; text without a line feed at its end is a part.
fn docker(line: &str) -> Option<Wrapped<'_>> {
    let inside = line.strip_prefix(DOCKER_HEAD)?;
    let end = end_of_string(inside.as_bytes())?;
    let (text, tail) = inside.split_at(end);
    let after = tail.strip_prefix("\",\"stream\":\"")?;
    let (stream, _) = after.split_once('"')?;
    Some(Wrapped { stream, is_part: !ends_with_feed(text), head: DOCKER_HEAD, text, tail })
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
    use super::{Line, Partials};

    fn whole(lines: &[&str]) -> Vec<(String, u64)> {
        let mut partials = Partials::default();
        let mut given = Vec::new();
        for (number, text) in lines.iter().enumerate() {
            let line = Line { text: (*text).to_owned(), part: None, end: number as u64 + 1 };
            partials.push(line, 0, &mut |line| given.push((line.text, line.end)));
        }
        given.extend(partials.take().map(|line| (line.text, line.end)));
        given
    }

    fn check(lines: &[&str], expect: &[(&str, u64)]) {
        let given = whole(lines);
        let given: Vec<_> = given.iter().map(|(text, end)| (text.as_str(), *end)).collect();
        assert_eq!(given, expect);
    }

    const T: &str = "2016-10-06T00:17:09.669794202Z";

    #[test]
    fn parts_of_cri_become_one_line() {
        let line = |rest: &str| format!("{T} {rest}");
        let (a, b, c) = (line("stdout P one "), line("stdout P two "), line("stdout F three"));
        let other = line("stderr F other");
        check(&[&a, &b, &c, &other], &[(&line("stdout F one two three"), 3), (&other, 4)]);
        check(&[&a, &other, &c], &[(&a, 1), (&other, 2), (&c, 3)]);
        check(&[&a, "plain"], &[(&a, 1), ("plain", 2)]);
        check(&[&a], &[(&a, 1)]);
    }

    #[test]
    fn parts_of_docker_become_one_line() {
        let line = |text: &str| format!(r#"{{"log":"{text}","stream":"stdout","time":"{T}"}}"#);
        let (a, b) = (line(r#"{\"msg\":\"on"#), line(r#"e\"}\n"#));
        check(&[&a, &b, &b], &[(&line(r#"{\"msg\":\"one\"}\n"#), 2), (&b, 3)]);
        let path = line(r"C:\\n");
        check(&[&path, &b], &[(&line(r#"C:\\ne\"}\n"#), 2)]);
    }

    #[test]
    fn what_is_too_long_stays_in_parts() {
        let long = format!("{T} stdout P {}", "x".repeat(600_000));
        check(&[&long, &long], &[(&long, 1), (&long, 2)]);
    }
}
