//! Reads a line from left to right.
//!
//! Takes a line, hands out its parts one after the other. Every step gives `None` where the line
//! goes on differently, so that a format refuses a line at the first place that does not fit.

use logloom_record::Level;
use memchr::{memchr, memchr2};

use super::escape;
use crate::clock::{Civil, Pattern};

/// What of a line was not read yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Self { rest: line }
    }

    /// Everything that was not read.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Exactly this text.
    pub(super) fn literal(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    /// Any number of blanks and tabs, at least one.
    pub(super) fn blanks(&mut self) -> Option<()> {
        let after = self.rest.trim_start_matches([' ', '\t']);
        let found = after.len() < self.rest.len();
        self.rest = after;
        found.then_some(())
    }

    /// The text before the mark; the mark is read too.
    pub(super) fn until(&mut self, mark: &str) -> Option<&'a str> {
        let at = match mark.as_bytes() {
            [byte] => memchr(*byte, self.rest.as_bytes())?,
            _ => self.rest.find(mark)?,
        };
        let before = &self.rest[..at];
        self.rest = &self.rest[at + mark.len()..];
        Some(before)
    }

    /// What stands between these two, the second being the next one of its kind.
    pub(super) fn between(&mut self, open: &str, close: &str) -> Option<&'a str> {
        self.literal(open)?;
        self.until(close)
    }

    /// The same, where what is inside may hold pairs of the brackets itself.
    pub(super) fn nested(&mut self, open: char, close: char) -> Option<&'a str> {
        let inside = self.rest.strip_prefix(open)?;
        let mut depth = 1;
        for (at, character) in inside.char_indices() {
            if character == open {
                depth += 1;
            } else if character == close {
                depth -= 1;
            }
            if depth == 0 {
                self.rest = &inside[at + close.len_utf8()..];
                return Some(&inside[..at]);
            }
        }
        None
    }

    /// The text up to the next blank or the end; empty is refused. The blank is not read.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        self.take(|character| character != ' ' && character != '\t')
    }

    /// Digits, at least one.
    pub(super) fn digits(&mut self) -> Option<&'a str> {
        self.take(|character| character.is_ascii_digit())
    }

    /// A whole number.
    pub(super) fn number(&mut self) -> Option<u64> {
        self.digits()?.parse().ok()
    }

    /// Characters of this kind, at least one.
    pub(super) fn take(&mut self, is_part: impl Fn(char) -> bool) -> Option<&'a str> {
        let end = self.rest.find(|character| !is_part(character)).unwrap_or(self.rest.len());
        let (part, after) = self.rest.split_at(end);
        self.rest = after;
        (!part.is_empty()).then_some(part)
    }

    /// The name of a level: letters that mean one.
    pub(super) fn level(&mut self) -> Option<Level> {
        Level::from_name(self.take(|character| character.is_ascii_alphabetic())?)
    }

    /// A time of this form; see [`Pattern`].
    pub(super) fn time(&mut self, pattern: Pattern) -> Option<Civil<'a>> {
        let (civil, after) = Civil::read(self.rest, pattern)?;
        self.rest = after;
        Some(civil)
    }

    /// A text in double quotes, without them and without the escapes that C, Go and web servers
    /// write.
    pub(super) fn quoted(&mut self) -> Option<String> {
        self.raw_quoted().map(escape::undone)
    }

    /// A text in double quotes as written, without them.
    pub(super) fn raw_quoted(&mut self) -> Option<&'a str> {
        let inside = self.rest.strip_prefix('"')?;
        let mut from = 0;
        loop {
            let at = from + memchr2(b'"', b'\\', &inside.as_bytes()[from..])?;
            if inside.as_bytes()[at] == b'"' {
                self.rest = &inside[at + 1..];
                return Some(&inside[..at]);
            }
            // Whatever stands behind a backslash closes nothing, be it of several bytes.
            from = (at + 2).min(inside.len());
        }
    }

    /// What follows but for one blank before it: the message.
    pub(super) fn message(&self) -> &'a str {
        self.rest.strip_prefix(' ').unwrap_or(self.rest)
    }

    /// The name of a class, a module or a logger: no blank, and it does not end in a colon.
    pub(super) fn logger(&mut self) -> Option<&'a str> {
        self.take(|character| {
            character.is_alphanumeric() || matches!(character, '.' | '_' | '$' | '-' | '/' | '#')
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Scan;

    #[test]
    fn parts_come_one_after_the_other() {
        let mut scan = Scan::new("[a [b] c]  12 name: \u{e9}");
        assert_eq!(scan.nested('[', ']'), Some("a [b] c"));
        assert_eq!(scan.blanks(), Some(()));
        assert_eq!(scan.number(), Some(12));
        assert_eq!(scan.blanks(), Some(()));
        assert_eq!(scan.logger(), Some("name"));
        assert_eq!(scan.literal(": "), Some(()));
        assert_eq!(scan.word(), Some("\u{e9}"));
        assert_eq!(scan.word(), None);
        assert_eq!(scan.number(), None);
        assert_eq!(Scan::new("[never closed").nested('[', ']'), None);
        let mut scan = Scan::new(r#""a \"b\" \\" c"#);
        assert_eq!((scan.raw_quoted(), scan.message()), (Some(r#"a \"b\" \\"#), "c"));
        assert_eq!(Scan::new("\"never \\\"").quoted(), None);
        assert_eq!(Scan::new("\"never \\").quoted(), None);
        assert_eq!(Scan::new("\"\\\u{e9}\"").quoted().as_deref(), Some("\\\u{e9}"));
    }
}
