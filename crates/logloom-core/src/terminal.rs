//! Text from records and files on its way to a terminal. Any text comes in, text that can only
//! appear on a terminal and do nothing else goes out; nothing is left out, what is harmful is shown
//! as an escape.

use std::borrow::Cow;
use std::fmt::Write as _;

use logloom_record::terminal::is_deceptive;
pub use logloom_record::terminal::is_harmful;

/// Appends text that may have several lines: later ones are indented, so that none can pass for a
/// line of its own; a tabulator becomes a space.
pub(crate) fn push_text(part: &str, out: &mut String) {
    for character in part.chars() {
        match character {
            '\n' => out.push_str("\n    "),
            '\t' => out.push(' '),
            hidden if is_deceptive(hidden) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(hidden));
            }
            other => out.push(other),
        }
    }
}

/// Lines of JSON with their harmful characters escaped; they mean the same as before. The renderer
/// has escaped all that JSON requires, so only DEL and some that are not ASCII are left, and
/// outside strings JSON has none of these.
pub(crate) fn json_lines(lines: &[u8]) -> Cow<'_, [u8]> {
    if lines.iter().all(|byte| byte.is_ascii() && *byte != 0x7f) {
        return Cow::Borrowed(lines);
    }
    let mut out = String::with_capacity(lines.len() + 64);
    for character in String::from_utf8_lossy(lines).chars() {
        if is_harmful(character) {
            let _ = write!(out, "\\u{:04x}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out.into_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn json_means_the_same_and_does_nothing() {
        let harmful = "{\"a\":\"\u{7f}\u{9b}31m\u{202e}x\u{e9}\"}\n{}\n";
        let shown = String::from_utf8(json_lines(harmful.as_bytes()).into_owned()).unwrap();
        assert_eq!(shown, "{\"a\":\"\\u007f\\u009b31m\\u202ex\u{e9}\"}\n{}\n");
        let value = |text: &str| {
            let first = text.lines().next().unwrap();
            serde_json::from_str::<serde_json::Value>(first).unwrap()
        };
        assert_eq!(value(&shown), value(harmful));
        assert!(matches!(json_lines(b"{\"a\":1}\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn text_is_shown_whole_and_harmless() {
        let mut out = String::new();
        push_text("a\u{1b}[31m\u{61c}b\tc\nd\u{200b}", &mut out);
        assert_eq!(out, "a\\u{1b}[31m\\u{61c}b c\n    d\\u{200b}");
    }
}
