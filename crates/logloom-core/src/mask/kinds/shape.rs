//! A secret that is a prefix and runs of characters, which most keys are, as it is or as a URL has it.

use super::super::bytes::{Alphabet, DIGITS, LOWER, UPPER, is_in, may_begin, may_end};
use super::super::hit::{Form, Hit};
use super::super::percent;

/// Where a kind is to be compared.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Place<'t> {
    /// The whole text.
    pub(in super::super) bytes: &'t [u8],
    /// Whether the text is lines of JSON.
    pub(in super::super) is_json: bool,
    /// Where the anchor was found.
    pub(in super::super) at: usize,
    /// Bytes of the anchor.
    pub(in super::super) anchor: &'t [u8],
    /// Bytes of the prefix before it, of a kind that is a prefix and runs.
    pub(in super::super) before: usize,
}

/// A prefix and what follows it.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Shape {
    /// The text it begins with.
    pub(in super::super) prefix: &'static str,
    /// Bytes of it that are shown.
    pub(in super::super) kept: usize,
    /// What follows.
    pub(in super::super) parts: &'static [Part],
    /// Whether digits and letters must both be among what follows: prose has no digits.
    pub(in super::super) is_mixed: bool,
}

/// A part of a secret.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Part {
    /// This text.
    Text(&'static str),
    /// Characters of an alphabet, at least and at most so many. As many as there are are taken.
    Run(Alphabet, usize, usize),
    /// This text and that many characters, if they are there.
    Maybe(&'static str, Alphabet, usize, usize),
}

/// A length that no key reaches.
pub(in super::super) const ANY: usize = 4096;

/// A text that was cut before it came here ends so.
const CUT: &[u8] = b"[TRUNCATED ";

/// What remains of a key that was cut, at least.
const CUT_BYTES_MIN: usize = 4;

impl Shape {
    /// A prefix of which all is shown.
    pub(in super::super) const fn new(prefix: &'static str, parts: &'static [Part]) -> Shape {
        Shape { prefix, kept: prefix.len(), parts, is_mixed: true }
    }

    /// The same of which only so many bytes are shown.
    pub(super) const fn keeping(self, kept: usize) -> Shape {
        Shape { kept, ..self }
    }

    /// The same without the demand for digits.
    pub(super) const fn of_any(self) -> Shape {
        Shape { is_mixed: false, ..self }
    }

    /// Where the prefix has the anchor, which may be longer than the prefix, and written as in a URL.
    pub(super) fn offset(&self, anchor: &str) -> Option<usize> {
        let anchor: String = percent::characters(anchor.as_bytes()).map(char::from).collect();
        if anchor.starts_with(self.prefix) { Some(0) } else { self.prefix.find(&anchor) }
    }

    pub(super) fn find(&self, place: &Place<'_>, kind: &'static str) -> Option<Hit> {
        let bytes = place.bytes;
        let start = place.at.checked_sub(place.before)?;
        let prefix = percent::text_len(bytes, start, self.prefix.as_bytes())?;
        if !may_begin(bytes, start) {
            return None;
        }
        let body = start + prefix;
        let end = follow(bytes, body, self.parts)?;
        if self.is_mixed && !is_mixed(&bytes[body..end]) {
            return None;
        }
        let start = percent::behind(bytes, start, self.kept);
        Some(Hit { start, end, kind, form: Form::Shape })
    }
}

/// Where the parts end that begin at `at`. `None` when something else stands there.
pub(in super::super) fn follow(bytes: &[u8], mut at: usize, parts: &[Part]) -> Option<usize> {
    let start = at;
    for part in parts {
        match *part {
            Part::Text(text) => match percent::text_len(bytes, at, text.as_bytes()) {
                Some(length) => at += length,
                None => return cut_end(bytes, start, at),
            },
            Part::Run(alphabet, least, most) => {
                let (length, count) = percent::run(bytes, at, alphabet, most);
                at += length;
                if count < least {
                    return cut_end(bytes, start, at);
                }
            }
            Part::Maybe(text, alphabet, least, most) => {
                let Some(text) = percent::text_len(bytes, at, text.as_bytes()) else { continue };
                let (length, count) = percent::run(bytes, at + text, alphabet, most);
                if count >= least {
                    at += text + length;
                }
            }
        }
    }
    may_end(bytes, at).then_some(at)
}

/// The end of what is left of a key in a text that was cut there.
fn cut_end(bytes: &[u8], start: usize, at: usize) -> Option<usize> {
    (at >= start + CUT_BYTES_MIN && bytes[at..].starts_with(CUT)).then_some(at)
}

/// Whether there are digits and letters, which is so for all random keys of a usual length.
pub(super) fn is_mixed(bytes: &[u8]) -> bool {
    let has = |alphabet| percent::characters(bytes).any(|byte| is_in(byte, alphabet));
    has(DIGITS) && has(UPPER | LOWER)
}

#[cfg(test)]
mod tests {
    use super::super::super::bytes::{ALPHANUMERIC, HEX_LOWER};
    use super::*;

    const SHAPE: Shape = Shape::new("key_", &[Part::Run(ALPHANUMERIC, 8, 12)]);

    fn found(text: &str) -> Option<&str> {
        let at = text.find("key_")?;
        let place =
            Place { bytes: text.as_bytes(), is_json: false, at, anchor: b"key_", before: 0 };
        let hit = SHAPE.find(&place, "test")?;
        Some(&text[hit.start..hit.end])
    }

    #[test]
    fn a_key_has_its_borders_and_lengths() {
        assert_eq!(found("a key_abcd1234 b"), Some("abcd1234"));
        assert_eq!(found("\"key_abcd12345678\""), Some("abcd12345678"));
        assert_eq!(found("key_abcd123"), None);
        assert_eq!(found("key_abcd123456789"), None);
        assert_eq!(found("monkey_abcd1234"), None);
        assert_eq!(found("key_abcdefgh"), None);
    }

    #[test]
    fn what_is_left_of_a_cut_key_is_hidden() {
        assert_eq!(found("key_abc1[TRUNCATED 9 chars]"), Some("abc1"));
        assert_eq!(found("key_ab1[TRUNCATED 9 chars]"), None);
    }

    #[test]
    fn parts_follow_each_other() {
        let parts =
            [Part::Run(HEX_LOWER, 2, 2), Part::Text("-"), Part::Maybe(":", HEX_LOWER, 1, 2)];
        assert_eq!(follow(b"ab-", 0, &parts), Some(3));
        assert_eq!(follow(b"ab-:12 ", 0, &parts), Some(6));
        assert_eq!(follow(b"ab:", 0, &parts), None);
        assert_eq!(follow(b"ab", 0, &parts), None);
    }
}
