//! Lazy access to the fields of one JSON line.
//!
//! Takes the bytes of a line, gives the raw text of single values. The line is walked from its
//! start to the field asked for and no further, so that the fields every line begins with
//! (`timestamp`, `level`, `service`) cost next to nothing. A damaged line ends where it is damaged:
//! fields before that place are found, [`LineView::is_well_formed`] tells the difference.

mod number;
mod scan;
mod text;
mod value;

pub use number::Number;
pub use text::escape;
pub use value::{Kind, RawValue};

pub use scan::skip_space;
use scan::{Check, skip_string, skip_value};

/// One line of a log file, its line feed left out or in.
#[derive(Clone, Copy, Debug)]
pub struct LineView<'a> {
    line: &'a [u8],
}

impl<'a> LineView<'a> {
    /// Looks at a line; nothing is parsed yet.
    #[must_use]
    pub fn new(line: &'a [u8]) -> Self {
        Self { line }
    }

    /// The line as it stands in the file.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.line
    }

    /// Whether the whole line is one valid JSON object in UTF-8, nested at most 256 deep.
    ///
    /// Walks the whole line; a few hundred nanoseconds for a usual one.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        let open = skip_space(self.line, 0);
        self.line.get(open) == Some(&b'{')
            && skip_value(self.line, open, Check::Grammar)
                .is_some_and(|end| skip_space(self.line, end) == self.line.len())
            && std::str::from_utf8(self.line).is_ok()
    }

    /// The value of a field, or `None` where the line has no such field before any damage.
    ///
    /// Dots lead into nested objects: `a.b` is the field `b` of the object `a`, and just as well a
    /// field that is called `a.b`. Of several the first in the line wins.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<RawValue<'a>> {
        self.members().resolve(path)
    }

    /// The fields of the line in their order, up to the end or to the first damage.
    #[must_use]
    pub fn members(&self) -> Members<'a> {
        Members::new(self.line)
    }
}

/// The members of one JSON object in the order in which they stand there.
///
/// Ends at the end of the object or at the first damage, which [`Members::is_damaged`] tells.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    bytes: &'a [u8],
    position: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Before,
    Between,
    Ended,
    Damaged,
}

impl<'a> Members<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0, state: State::Before }
    }

    /// Whether the walk so far met text that is no JSON.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.state == State::Damaged
    }

    /// The first member that `path` leads to; consumes the members before it.
    fn resolve(self, path: &str) -> Option<RawValue<'a>> {
        for (key, value) in self {
            if key.string_equals(path) {
                return Some(value);
            }
            let Some(rest) = path_below(path, &key) else { continue };
            if let Some(found) = value.members().and_then(|members| members.resolve(rest)) {
                return Some(found);
            }
        }
        None
    }

    /// Steps to the key of the next member; `None` at the end of the object or at damage.
    fn next_key(&mut self) -> Option<usize> {
        self.position = skip_space(self.bytes, self.position);
        match (self.state, self.bytes.get(self.position)?) {
            (State::Before, b'{') => {
                self.position = skip_space(self.bytes, self.position + 1);
                match self.bytes.get(self.position)? {
                    b'}' => self.state = State::Ended,
                    _ => self.state = State::Between,
                }
            }
            (State::Between, b',') => self.position = skip_space(self.bytes, self.position + 1),
            (State::Between, b'}') => self.state = State::Ended,
            _ => return None,
        }
        Some(self.position)
    }

    fn next_member(&mut self) -> Option<(RawValue<'a>, RawValue<'a>)> {
        let key = self.next_key()?;
        if self.state == State::Ended || self.bytes.get(key) != Some(&b'"') {
            return None;
        }
        let key_end = skip_string(self.bytes, key, Check::Shape)?;
        let colon = skip_space(self.bytes, key_end);
        if self.bytes.get(colon) != Some(&b':') {
            return None;
        }
        let value = skip_space(self.bytes, colon + 1);
        self.position = skip_value(self.bytes, value, Check::Shape)?;
        let value = &self.bytes[value..self.position];
        Some((RawValue::new(&self.bytes[key..key_end]), RawValue::new(value)))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (RawValue<'a>, RawValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if matches!(self.state, State::Ended | State::Damaged) {
            return None;
        }
        let member = self.next_member();
        if member.is_none() && self.state != State::Ended {
            self.state = State::Damaged;
        }
        member
    }
}

/// What remains of `path` below the member called `key`, when that member is on the way.
fn path_below<'p>(path: &'p str, key: &RawValue<'_>) -> Option<&'p str> {
    if !path.contains('.') {
        return None;
    }
    path.strip_prefix(key.text().as_ref())?.strip_prefix('.')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::LineView;

    fn text(line: &str, path: &str) -> Option<String> {
        LineView::new(line.as_bytes()).get(path).map(|value| value.text().into_owned())
    }

    #[test]
    fn fields_are_found() {
        let line = r#" { "a" : 1 , "b":{"c":{"d":"x\ny"},"e":[1,{"f":2}]},"b.c":"dot","\u0061b":true,
            "a":2,"":{"":"empty"},"b":{"z":9} } "#;
        let check = |path: &str, expect: Option<&str>| {
            assert_eq!(text(line, path).as_deref(), expect, "{path}");
        };
        check("a", Some("1"));
        check("ab", Some("true"));
        check("b.c.d", Some("x\ny"));
        check("b.c", Some(r#"{"d":"x\ny"}"#));
        check("b.e", Some(r#"[1,{"f":2}]"#));
        check("b.z", Some("9"));
        check("", Some(r#"{"":"empty"}"#));
        check(".", Some("empty"));
        check("b.e.f", None);
        check("a.b", None);
        check("missing", None);
    }

    #[test]
    fn literal_dots_count_when_they_come_first() {
        assert_eq!(text(r#"{"a.b":1,"a":{"b":2}}"#, "a.b").as_deref(), Some("1"));
        assert_eq!(text(r#"{"a":{"b":2},"a.b":1}"#, "a.b").as_deref(), Some("2"));
    }

    #[test]
    fn damage_ends_the_walk() {
        let line = LineView::new(br#"{"a":1,"b":tru,"c":3}"#);
        assert!(line.get("a").is_some());
        assert!(line.get("c").is_none());
        assert!(!line.is_well_formed());
        let mut members = line.members();
        assert_eq!(members.by_ref().count(), 1);
        assert!(members.is_damaged());
        for damaged in [
            "",
            "null",
            "[1]",
            "{",
            "{\"a\":1",
            "{\"a\":1}x",
            "{\"a\":1,}",
            "plain text",
            "{\"a\":\"\u{1}\"}",
        ] {
            assert!(!LineView::new(damaged.as_bytes()).is_well_formed(), "{damaged}");
        }
        assert!(!LineView::new(b"{\"a\":\"\xff\"}").is_well_formed());
        assert!(LineView::new(b" {\"a\":[]} \n").is_well_formed());
    }
}
