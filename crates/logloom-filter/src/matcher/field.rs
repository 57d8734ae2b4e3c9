//! Finds one field in many lines.
//!
//! Gives the same value as [`LineView::get`] on every well-formed line, and goes straight to the
//! key where the line leaves no doubt that it is the one. In a well-formed line the key in
//! quotes, with a colon behind it, is nothing but a key: inside a text its quotes would be escaped. It is
//! the first one at the top when neither an object nor a list begins before it, and no key before it can
//! be the same one in other letters. Else the line is walked through.
//!
//! In a damaged line a field beyond the damage may be found; the answer for such a line never
//! depends on its fields.

use memchr::memmem::Finder;
use memchr::{memchr, memchr2};

use crate::{LineView, RawValue};
use logloom_record::line::skip_space;

/// A path, ready to be looked for in many lines.
#[derive(Clone, Debug)]
pub(super) struct Field {
    path: String,
    /// The key with its quotes, unless it leads into objects or has to be escaped.
    key: Option<Box<Finder<'static>>>,
}

/// What a short look at a line tells.
enum Found<'a> {
    Value(RawValue<'a>),
    Missing,
    Unknown,
}

impl Field {
    pub(super) fn new(path: &str) -> Self {
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'@');
        let key = (!path.is_empty() && path.bytes().all(is_plain)).then(|| {
            let quoted = format!("\"{path}\"");
            Box::new(Finder::new(&quoted).into_owned())
        });
        Self { path: path.to_owned(), key }
    }

    /// The value of the field in this line.
    pub(super) fn value<'a>(&self, line: &LineView<'a>) -> Option<RawValue<'a>> {
        let Some(key) = &self.key else { return line.get(&self.path) };
        match look(line.raw(), key) {
            Found::Value(value) => Some(value),
            Found::Missing => None,
            Found::Unknown => line.get(&self.path),
        }
    }
}

fn look<'a>(line: &'a [u8], key: &Finder<'_>) -> Found<'a> {
    let length = key.needle().len();
    let mut searched = 0;
    while let Some(found) = key.find(&line[searched..]) {
        let start = searched + found;
        let colon = skip_space(line, start + length);
        if line.get(colon) == Some(&b':') && line.get(start.wrapping_sub(1)) != Some(&b'\\') {
            return match is_first_at_top(&line[..start]) {
                true => RawValue::at(line, skip_space(line, colon + 1))
                    .map_or(Found::Unknown, Found::Value),
                false => Found::Unknown,
            };
        }
        // A value that reads as the key does, or the end of a longer key.
        searched = start + 1;
    }
    match memchr(b'\\', line) {
        Some(_) if may_conceal_key(line) => Found::Unknown,
        _ => Found::Missing,
    }
}

/// Whether a key behind this part of a line is one at the top, and none before it is the same.
fn is_first_at_top(before: &[u8]) -> bool {
    let open = skip_space(before, 0);
    let inside = before.get(open + 1..).unwrap_or_default();
    memchr2(b'{', b'[', inside).is_none() && !may_conceal_key(before)
}

/// Whether the letters of a key may stand here as numbers; a key of plain letters has no other
/// way to be written.
fn may_conceal_key(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(found) = memchr(b'\\', rest) {
        if rest.get(found + 1) == Some(&b'u') {
            return true;
        }
        rest = rest.get(found + 2..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::Field;
    use crate::LineView;

    #[test]
    fn the_value_is_that_of_a_walk() {
        for line in [
            r#"{"a":1,"status":2}"#,
            r#"{"status" : "x","status":2}"#,
            r#" {"a":"status","status":2}"#,
            r#"{"a":"\"status\":5","b":{"status":1},"status":2}"#,
            r#"{"b":{"status":1}}"#,
            r#"{"b":[{"status":1}],"status":[2]}"#,
            r#"{"x\"status":1,"status":2}"#,
            r#"{"x\\":1,"status":2}"#,
            r#"{"\u0073tatus":1,"status":2}"#,
            r#"{"a":"\\u0073tatus","status":2}"#,
            r#"{"a":"\n{","status":2}"#,
            r#"{"a":1,"\u0073tatus":1}"#,
            r#"{"a":"status"}"#,
            r#"{"statuses":1,"tatus":2}"#,
            "{}",
            "",
        ] {
            let view = LineView::new(line.as_bytes());
            let found = Field::new("status").value(&view).map(|value| value.raw());
            assert_eq!(found, view.get("status").map(|value| value.raw()), "{line}");
        }
    }
}
