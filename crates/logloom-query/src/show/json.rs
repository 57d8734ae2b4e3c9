//! JSON formats: lines as they stand in the file, in an array or one by one.
//!
//! A damaged line, which is no JSON, is given as `{"damaged":"..."}`. Control characters that may
//! stand in JSON strings as they are, and marks of writing direction, are written as escapes.

use logloom_filter::LineView;
use logloom_record::json::{escape_bytes_into, escape_into};

use super::is_harmful;

/// One array over several lines.
#[derive(Debug, Default)]
pub struct Array {
    is_begun: bool,
}

impl Array {
    /// Appends a line as the next element.
    pub fn row(&mut self, line: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(if self.is_begun { b",\n" } else { b"[\n" });
        self.is_begun = true;
        push_line(line, out);
    }

    /// Appends the end; an array of nothing is `[]`.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.is_begun { b"\n]\n" } else { b"[]\n" });
    }
}

/// Appends one line as one JSON object, whatever it is.
pub fn push_line(line: &[u8], out: &mut Vec<u8>) {
    let line = line.trim_ascii();
    match std::str::from_utf8(line) {
        Ok(text) if LineView::new(line).is_well_formed() => push_harmless(text, out),
        _ => {
            out.extend_from_slice(b"{\"damaged\":\"");
            let mut escaped = Vec::new();
            escape_bytes_into(line, &mut escaped);
            push_harmless(&String::from_utf8_lossy(&escaped), out);
            out.extend_from_slice(b"\"}");
        }
    }
}

/// Appends JSON with its harmful characters escaped. Outside strings JSON has none.
fn push_harmless(json: &str, out: &mut Vec<u8>) {
    // Harmful characters that may stand in JSON are DEL and some that are not ASCII.
    if json.is_ascii() && memchr::memchr(0x7f, json.as_bytes()).is_none() {
        out.extend_from_slice(json.as_bytes());
        return;
    }
    let mut utf8 = [0; 4];
    for character in json.chars() {
        if is_harmful(character) {
            out.extend_from_slice(format!("\\u{:04x}", u32::from(character)).as_bytes());
        } else {
            out.extend_from_slice(character.encode_utf8(&mut utf8).as_bytes());
        }
    }
}

/// A text as a JSON string.
#[must_use]
pub fn text(text: &str) -> String {
    let mut escaped = Vec::with_capacity(text.len());
    escape_into(text, &mut escaped);
    let mut out = vec![b'"'];
    push_harmless(&String::from_utf8_lossy(&escaped), &mut out);
    out.push(b'"');
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn line(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        push_line(bytes, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_stay_what_they_are() {
        for text in [r#"{"a":1.50,"b":"\u001b[31m"}"#, "{\"a\":\"h\u{e9}\"}", "{}"] {
            assert_eq!(line(text.as_bytes()), text);
        }
    }

    #[test]
    fn harmful_characters_are_escaped_and_values_unchanged() {
        let harmful = "{\"a\":\"\u{7f}\u{9b}31m\u{202e}x\"}";
        let shown = line(harmful.as_bytes());
        assert_eq!(shown, r#"{"a":"\u007f\u009b31m\u202ex"}"#);
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&shown), value(harmful));
    }

    #[test]
    fn damaged_lines_become_objects() {
        assert_eq!(line(b"plain \"x\""), r#"{"damaged":"plain \"x\""}"#);
        let value: serde_json::Value = serde_json::from_str(&line(b"{\"a\":\xff")).unwrap();
        assert!(value["damaged"].is_string());
    }

    #[test]
    fn an_array_may_be_empty() {
        let (mut array, mut out) = (Array::default(), Vec::new());
        array.finish(&mut out);
        assert_eq!(out, b"[]\n");
    }
}
