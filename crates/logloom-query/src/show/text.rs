//! Text from records on its way to a terminal: nothing but what appears there, in known columns.
//!
//! Takes any text, gives text that cannot move the cursor, change the title or the order of
//! letters, nor hide any: control characters of both sets, the marks that turn the direction of
//! writing, and characters that are not seen, are shown as `\u{1b}` and the like. Characters of two columns count as two.

use std::borrow::Cow;
use std::fmt::Write;

use logloom_record::terminal::is_deceptive;
use unicode_width::UnicodeWidthChar;

/// Text on one line: everything that is no visible character is spelt out.
#[must_use]
pub fn safe_line(text: &str) -> Cow<'_, str> {
    safe(text, |character| is_deceptive(character) || character == '\n' || character == '\t')
}

/// Text that may have several lines, and tabulators within them.
#[must_use]
pub fn safe_text(text: &str) -> Cow<'_, str> {
    safe(text, is_deceptive)
}

fn safe(text: &str, is_hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' if is_hidden(character) => out.push_str("\\n"),
            '\t' if is_hidden(character) => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            _ if is_hidden(character) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// Columns that a character takes: none, one, or two of East Asian writing and pictures.
fn columns_of(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// Columns that a text without colours and tabulators takes.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// A text with spaces behind it, up to so many columns; a wider one stays as it is.
#[must_use]
pub fn padded(text: &str, width: usize) -> String {
    let spaces = width.saturating_sub(columns(text));
    format!("{text}{:spaces$}", "")
}

/// As much of a text as so many columns take, with a mark where some was left out.
#[must_use]
pub fn shortened(text: &str, columns_max: usize) -> Cow<'_, str> {
    if columns(text) <= columns_max {
        return Cow::Borrowed(text);
    }
    let mut left = columns_max.saturating_sub(1);
    let mut short = String::with_capacity(columns_max + 4);
    for character in text.chars() {
        let Some(rest) = left.checked_sub(columns_of(character)) else { break };
        left = rest;
        short.push(character);
    }
    short.push('\u{2026}');
    Cow::Owned(short)
}

/// As [`shortened`], but with so many of the columns for the end of the text.
pub(crate) fn shortened_within(text: &str, columns_max: usize, end_columns: usize) -> Cow<'_, str> {
    if columns(text) <= columns_max || end_columns == 0 {
        return shortened(text, columns_max);
    }
    let mut left = end_columns;
    let mut start = text.len();
    for (at, character) in text.char_indices().rev() {
        let Some(rest) = left.checked_sub(columns_of(character)) else { break };
        (left, start) = (rest, at);
    }
    // What stands there ends with the mark, whether it was cut or not.
    let head = shortened(text, columns_max.saturating_sub(end_columns));
    Cow::Owned(format!("{head}{}", &text[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_but_letters() {
        assert_eq!(safe_line("a\u{1b}[2Jb\n\tc\r"), "a\\u{1b}[2Jb\\n\\tc\\r");
        assert_eq!(safe_text("a\n\tb\u{9b}31m"), "a\n\tb\\u{9b}31m");
        assert_eq!(safe_text("\u{202e}gpj.exe"), "\\u{202e}gpj.exe");
        assert_eq!(safe_line("ad\u{200b}min\u{feff}"), "ad\\u{200b}min\\u{feff}");
        assert!(matches!(safe_line("h\u{e9}llo \u{4f60}"), Cow::Borrowed(_)));
    }

    #[test]
    fn long_text_is_marked_as_shortened() {
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened("abcd", 3), "ab\u{2026}");
        assert_eq!(shortened("abcd", 0), "\u{2026}");
    }

    #[test]
    fn wide_characters_take_two_columns_and_accents_none() {
        assert_eq!(columns("h\u{e9}llo"), 5);
        assert_eq!(
            (columns("\u{4f60}\u{597d}"), columns("\u{1f600}"), columns("e\u{301}")),
            (4, 2, 1)
        );
        assert_eq!(shortened("\u{4f60}\u{597d}\u{5417}", 4), "\u{4f60}\u{2026}");
        assert_eq!(padded("\u{4f60}", 4), "\u{4f60}  ");
        for columns_max in 0..12 {
            let row = "a\u{4f60}\u{1f600}e\u{301}b\u{597d}c";
            assert!(columns(&shortened(row, columns_max)) <= columns_max.max(1), "{columns_max}");
        }
    }
}
