//! One value of a line, as raw JSON text that is converted only when asked.
//!
//! Takes the text of a value that was walked over, gives its kind, its text, comparisons. Never
//! fails: what is damaged inside compares as it stands.

use std::borrow::Cow;

use super::{Members, Number, text};

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number of any size.
    Number,
    /// A string.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// The raw JSON text of one value (or key) of a line.
#[derive(Clone, Copy, Debug)]
pub struct RawValue<'a> {
    raw: &'a [u8],
}

impl<'a> RawValue<'a> {
    /// The value that this JSON text is.
    #[must_use]
    pub fn new(raw: &'a [u8]) -> Self {
        Self { raw }
    }

    /// The value that begins at this place of a line; `None` where it is damaged.
    pub fn at(line: &'a [u8], start: usize) -> Option<Self> {
        let end = super::skip_value(line, start, super::Check::Shape)?;
        Some(Self { raw: &line[start..end] })
    }

    /// The JSON text, quotes and escapes included.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// What this value is, told by its first byte.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.raw.first() {
            Some(b'"') => Kind::Text,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') | None => Kind::Null,
            Some(_) => Kind::Number,
        }
    }

    /// The text of a string without quotes and escapes; the JSON text of anything else.
    ///
    /// Borrowed unless escapes or invalid UTF-8 had to be replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'a, str> {
        match self.string_body() {
            Some(body) => text::decode(body),
            None => String::from_utf8_lossy(self.raw),
        }
    }

    /// The members of an object; `None` for anything else.
    #[must_use]
    pub fn members(&self) -> Option<Members<'a>> {
        (self.kind() == Kind::Object).then(|| Members::new(self.raw))
    }

    /// The elements of an array, in order; `None` for anything else.
    #[must_use]
    pub fn elements(&self) -> Option<impl Iterator<Item = RawValue<'a>> + use<'a>> {
        (self.kind() == Kind::Array).then_some(Elements { raw: self.raw, position: 1 })
    }

    /// Whether some string, number or word in this value, however deep, satisfies `test`, which
    /// is given its text. Keys do not count.
    pub fn any_leaf(&self, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match self.kind() {
            Kind::Object => Members::new(self.raw).any(|(_, value)| value.any_leaf(test)),
            Kind::Array => {
                Elements { raw: self.raw, position: 1 }.any(|value| value.any_leaf(test))
            }
            _ => test(&self.text()),
        }
    }

    /// Whether this is a string with exactly that text.
    pub(super) fn string_equals(&self, wanted: &str) -> bool {
        self.string_body().is_some_and(|body| text::equals(body, wanted))
    }

    /// Whether this value is what a person means by `wanted`.
    ///
    /// A string is compared by its text, a number by its value (so that `1` finds `1`, `1.0` and
    /// `"1"`), everything else by its JSON text; an empty `wanted` also finds null.
    #[must_use]
    pub fn equals_text(&self, wanted: &str) -> bool {
        match self.kind() {
            Kind::Text => self.string_equals(wanted),
            Kind::Number => {
                self.raw == wanted.as_bytes()
                    || Number::parse(wanted.as_bytes())
                        .is_some_and(|wanted| Number::parse(self.raw) == Some(wanted))
            }
            Kind::Null => wanted.is_empty() || wanted == "null",
            _ => self.raw == wanted.as_bytes(),
        }
    }

    fn string_body(&self) -> Option<&'a [u8]> {
        self.raw.strip_prefix(b"\"")?.strip_suffix(b"\"")
    }
}

struct Elements<'a> {
    raw: &'a [u8],
    position: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = RawValue<'a>;

    fn next(&mut self) -> Option<RawValue<'a>> {
        let start = super::skip_space(self.raw, self.position);
        let end = super::skip_value(self.raw, start, super::Check::Shape)?;
        // Over the comma or the closing bracket: after the latter nothing follows.
        self.position = super::skip_space(self.raw, end) + 1;
        Some(RawValue::new(&self.raw[start..end]))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::LineView;
    use super::Kind;

    #[test]
    fn values_compare_as_people_mean_them() {
        let line = LineView::new(
            br#"{"n":1,"f":1.50,"s":"1","t":true,"z":null,"e":"","l":[1,"a"],"big":18446744073709551617}"#,
        );
        let check = |path: &str, wanted: &str, expect: bool| {
            let value = line.get(path).unwrap();
            assert_eq!(value.equals_text(wanted), expect, "{path}={wanted}");
        };
        check("n", "1", true);
        check("n", "1.0", true);
        check("n", "01", false);
        check("n", "2", false);
        check("f", "1.5", true);
        check("s", "1", true);
        check("s", "1.0", false);
        check("t", "true", true);
        check("t", "false", false);
        check("z", "null", true);
        check("z", "", true);
        check("e", "", true);
        check("e", "x", false);
        check("l", r#"[1,"a"]"#, true);
        check("big", "18446744073709551617", true);
        check("big", "18446744073709551616", false);
    }

    #[test]
    fn leaves_and_elements_are_walked() {
        let line = LineView::new(br#"{"v":[1,{"k":["deep\n",null]},[],{}]}"#);
        let value = line.get("v").unwrap();
        let mut leaves = Vec::new();
        assert!(!value.any_leaf(&mut |leaf| {
            leaves.push(leaf.to_owned());
            false
        }));
        assert_eq!(leaves, ["1", "deep\n", "null"]);
        let kinds: Vec<Kind> = value.elements().unwrap().map(|element| element.kind()).collect();
        assert_eq!(kinds, [Kind::Number, Kind::Object, Kind::Array, Kind::Object]);
        assert!(line.get("v.k").is_none());
    }
}
