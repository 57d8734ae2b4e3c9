//! Private keys each line of which stands behind something: `web_1  | MIIE...`, `> MIIE...`, a time, the head of the
//! system log, a member of JSON.
//!
//! Takes the lines of one stream in their order and tells which part of a line is of the body of such a key. Such
//! lines are records of their own, so that nobody else can tell: they are hidden one by one. What stands before and
//! behind the first line of the key stands beside all of them, but that numbers (times, counts) may differ, and that
//! the last words before the first line may be its own.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::key::{Key, Next};

const BEGIN: &str = "-----BEGIN ";
static BEGINS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(BEGIN));

/// Most keys that are under way at a time.
const KEYS_MAX: usize = 8;
/// Lines of others before the first line of the body, and between two of its lines.
const LINES_BEFORE_MAX: u32 = 50;
const LINES_BETWEEN_MAX: u32 = 1_000;
/// Most bytes on each side of a line of a key.
const BESIDE_BYTES_MAX: usize = 4 << 10;

/// Keys that are under way, the last one behind all others.
#[derive(Debug, Default)]
pub(super) struct Prefixed(Vec<Rest>);

/// What is known of one.
#[derive(Debug)]
struct Rest {
    key: Key,
    before: String,
    after: String,
    /// Lines since its last one.
    lines_since: u32,
}

impl Prefixed {
    /// Takes a line; where it goes on with a key gives what of it is of the body, which may be nothing.
    pub(super) fn step(&mut self, line: &str) -> Option<Range<usize>> {
        if !self.0.is_empty()
            && let Some(body) = self.go_on(line)
        {
            return Some(body);
        }
        if Self::may_begin(line)
            && let Some(rest) = Rest::opened_by(line)
        {
            if self.0.len() >= KEYS_MAX {
                self.0.remove(0);
            }
            self.0.push(rest);
        }
        None
    }

    /// Whether a line may begin a key; hardly any does.
    pub(super) fn may_begin(line: &str) -> bool {
        BEGINS.find(line.as_bytes()).is_some()
    }

    fn go_on(&mut self, line: &str) -> Option<Range<usize>> {
        for at in (0..self.0.len()).rev() {
            let rest = &mut self.0[at];
            let Some((next, body)) = rest.next(line) else { continue };
            match next {
                Some(key) => (rest.key, rest.lines_since) = (key, 0),
                None => drop(self.0.remove(at)),
            }
            return Some(body);
        }
        // It ends without what its beginning stood behind.
        if line.trim().starts_with("-----END ") {
            self.0.pop();
        }
        self.0.iter_mut().for_each(|rest| rest.lines_since += 1);
        self.0.retain(Rest::is_awaited);
        None
    }
}

impl Rest {
    fn opened_by(line: &str) -> Option<Self> {
        let at = line.rfind(BEGIN)?;
        let end = at + BEGIN.len() + line[at + BEGIN.len()..].find("-----")? + "-----".len();
        let key = Key::opened_by(&line[at..end])?;
        let (before, after) = (&line[..at], line[end..].trim_end());
        // Lines behind nothing are joined.
        let is_bare = before.trim().is_empty() && after.is_empty();
        let has_room = before.len().max(after.len()) <= BESIDE_BYTES_MAX;
        let is_apart =
            !after.starts_with(|c: char| c.is_ascii_alphanumeric() || "+/=-".contains(c));
        let is_tracked = !is_bare && has_room && is_apart && !after.contains("-----END ");
        is_tracked.then(|| Self {
            key,
            before: before.to_owned(),
            after: after.to_owned(),
            lines_since: 0,
        })
    }

    fn is_awaited(&self) -> bool {
        let most = if self.key.has_body() { LINES_BETWEEN_MAX } else { LINES_BEFORE_MAX };
        self.lines_since <= most
    }

    /// What a line makes of the key (`None` where it was the last one), and what of it is of the body.
    fn next(&self, line: &str) -> Option<(Option<Key>, Range<usize>)> {
        let whole = fitting(&self.before, line).map(|(end, _)| end);
        [whole, self.behind_fewer_words(line)].into_iter().flatten().find_map(|start| {
            let own = self.without_after(&line[start..])?.trim_end();
            let start = start + own.len() - own.trim_start().len();
            let own = own.trim_start();
            match self.key.step(own) {
                Next::Open(key) if self.key.hides(own) => {
                    Some((Some(key), start..start + own.len()))
                }
                Next::Open(key) => Some((Some(key), 0..0)),
                Next::Closed => Some((None, 0..0)),
                Next::Other => None,
            }
        })
    }

    /// Where the last word of a line begins, if what stands before it begins what the first line stood behind.
    fn behind_fewer_words(&self, line: &str) -> Option<usize> {
        let trimmed = line.trim_end();
        let start = trimmed.rfind([' ', '\t']).filter(|_| self.after.is_empty())? + 1;
        let before = &line[..start];
        let is_leading = fitting(&self.before, before).is_none_or(|(end, _)| end == start)
            && fitting_part(&self.before, before);
        (is_leading && !before.trim().is_empty()).then_some(start)
    }

    fn without_after<'l>(&self, text: &'l str) -> Option<&'l str> {
        let Some(first) = self.after.chars().next() else { return Some(text) };
        let at = text.find(first)?;
        let end = fitting(&self.after, text[at..].trim_end())?.0;
        (end == text[at..].trim_end().len()).then_some(&text[..at])
    }
}

/// How many bytes of a text are like all of a pattern, and of the pattern.
fn fitting(pattern: &str, text: &str) -> Option<(usize, usize)> {
    let (end, of_pattern) = alike(pattern, text);
    let is_all = pattern[of_pattern..].trim().is_empty();
    is_all.then_some((end, of_pattern))
}

/// Whether all of a text is like the beginning of a pattern.
fn fitting_part(pattern: &str, text: &str) -> bool {
    alike(pattern, text).0 == text.len()
}

/// How far a text and a pattern are alike: numbers are, and white space is, whatever their length.
fn alike(pattern: &str, text: &str) -> (usize, usize) {
    let run = |text: &str, is_of: fn(char) -> bool| text.find(|c| !is_of(c)).unwrap_or(text.len());
    let (mut at, mut of_pattern) = (0, 0);
    while let Some(wanted) = pattern[of_pattern..].chars().next() {
        let (left, known) = (&text[at..], &pattern[of_pattern..]);
        let Some(found) = left.chars().next() else { break };
        let is_digit = |c: char| c.is_ascii_digit();
        let (own, other) = match () {
            () if is_digit(wanted) && is_digit(found) => {
                let (own, other) = (run(known, is_digit), run(left, is_digit));
                // A number at the end may touch what follows.
                if own == known.len() { (own, own.min(other)) } else { (own, other) }
            }
            () if wanted.is_whitespace() && found.is_whitespace() => {
                (run(known, char::is_whitespace), run(left, char::is_whitespace))
            }
            () if wanted == found => (wanted.len_utf8(), found.len_utf8()),
            () => break,
        };
        (of_pattern, at) = (of_pattern + own, at + other);
    }
    (at, of_pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpI";

    fn hidden(lines: &[String]) -> Vec<String> {
        let mut keys = Prefixed::default();
        lines.iter().map(|line| line[keys.step(line).unwrap_or(0..0)].to_owned()).collect()
    }

    fn check(lines: &[String], expect: &[&str]) {
        assert_eq!(hidden(lines), expect, "{lines:#?}");
    }

    fn key() -> [&'static str; 5] {
        let (begin, end) = ("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----");
        [begin, BODY, BODY, "abcd==", end]
    }

    #[test]
    fn the_lines_of_a_key_behind_something_are_found() {
        let expect = ["", BODY, BODY, "abcd==", ""];
        let put = |wrap: &dyn Fn(usize, &str) -> String| -> Vec<String> {
            key().iter().enumerate().map(|(number, line)| wrap(number, line)).collect()
        };
        check(&put(&|_, line| format!("web_1  | {line}")), &expect);
        check(&put(&|_, line| format!("> {line}\r")), &expect);
        check(&put(&|_, line| format!("+{line}")), &expect);
        check(&put(&|_, line| format!("[pod/web-7f9/web] {line}")), &expect);
        check(&put(&|n, line| format!("2026-11-21T10:00:{:02}.{}Z {line}", 9 + n, n * 7)), &expect);
        check(&put(&|n, line| format!("Nov 21 9:59:{} host app[{n}]: {line}", 58 + n)), &expect);
        check(
            &put(&|n, line| format!("{{\"t\":{n},\"msg\":\"{line}\",\"ms\":{}}}", n * 9)),
            &expect,
        );
        check(&put(&|_, line| format!("{{\"msg\":\"{line}\\n\"}}")), &expect);
        let told = |n, line: &str| match n {
            0 => format!("10:00:00 INFO app: the key is {line}"),
            _ => format!("10:00:0{n} INFO app: {line}"),
        };
        check(&put(&told), &expect);
    }

    #[test]
    fn lines_of_others_stay() {
        let own = |line: &str| format!("web_1  | {line}");
        let others =
            ["db_1   | ready", "web_1  | all is well", "web_1  | key: value"].map(str::to_owned);
        let mut lines: Vec<String> = Vec::new();
        for line in key() {
            lines.push(own(line));
            lines.extend(others.clone());
        }
        // Behind the last line of the key everything is shown.
        lines.push(own(BODY));
        let found: Vec<String> =
            hidden(&lines).into_iter().filter(|text| !text.is_empty()).collect();
        assert_eq!(found, [BODY, BODY, "abcd=="]);
        let title = own("Expecting: -----BEGIN PRIVATE KEY-----");
        check(&[title.clone(), own("aborted"), own("now")], &["", "", ""]);
        let many = vec![own("two words"); 51];
        let late = [vec![title], many, vec![own(BODY)]].concat();
        assert!(hidden(&late).iter().all(String::is_empty));
    }

    #[test]
    fn a_key_that_goes_on_behind_nothing_is_left_to_those_that_join() {
        let head = "2026-11-21 10:00:00 INFO - ";
        let mut lines: Vec<String> = key().map(str::to_owned).into();
        lines[0] = format!("{head}{}", lines[0]);
        lines.push(format!("{head}{BODY}"));
        assert!(hidden(&lines).iter().all(String::is_empty));
    }
}
