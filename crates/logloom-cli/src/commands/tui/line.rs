//! A line of text that is typed: cursor, words, and the part of it that fits.

use crate::terminal::{columns, safe_line};

/// Longest text, in bytes: longer ones are no query.
const BYTES_MAX: usize = 60 << 10;

/// A line with its cursor.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    text: String,
    /// Byte before which the next character goes.
    cursor: usize,
}

impl Line {
    pub(super) fn new(text: &str) -> Line {
        Line { text: text.to_owned(), cursor: text.len() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn cursor(&self) -> usize {
        self.cursor
    }

    /// Puts text in at the cursor; what is pasted may have several lines.
    pub(super) fn insert(&mut self, text: &str) {
        for character in text.chars() {
            let character = if matches!(character, '\n' | '\r' | '\t') { ' ' } else { character };
            if self.text.len() < BYTES_MAX && !character.is_control() {
                self.text.insert(self.cursor, character);
                self.cursor += character.len_utf8();
            }
        }
    }

    /// Replaces what stands between a place and the cursor.
    pub(super) fn replace_from(&mut self, start: usize, text: &str) {
        self.text.replace_range(start..self.cursor, text);
        self.cursor = start + text.len();
    }

    pub(super) fn left(&mut self) {
        self.cursor = self.before(self.cursor);
    }

    pub(super) fn right(&mut self) {
        let next = self.text[self.cursor..].chars().next();
        self.cursor += next.map_or(0, char::len_utf8);
    }

    pub(super) fn home(&mut self) {
        self.cursor = 0;
    }

    pub(super) fn end(&mut self) {
        self.cursor = self.text.len();
    }

    /// To a byte, or the start of the character that it belongs to.
    pub(super) fn go_to(&mut self, place: usize) {
        self.cursor = self.text.floor_char_boundary(place.min(self.text.len()));
    }

    /// To the start of the word before the cursor.
    pub(super) fn word_left(&mut self) {
        let before = self.text[..self.cursor].trim_end();
        let space = before.rfind(char::is_whitespace);
        self.cursor =
            space.map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    }

    pub(super) fn word_right(&mut self) {
        let rest = &self.text[self.cursor..];
        let word = rest.len() - rest.trim_start().len();
        let end = rest[word..].find(char::is_whitespace).unwrap_or(rest.len() - word);
        self.cursor += word + end;
    }

    pub(super) fn backspace(&mut self) {
        let start = self.before(self.cursor);
        self.replace_from(start, "");
    }

    pub(super) fn delete(&mut self) {
        let start = self.cursor;
        self.right();
        self.replace_from(start, "");
    }

    pub(super) fn delete_word(&mut self) {
        let end = self.cursor;
        self.word_left();
        let start = self.cursor;
        self.cursor = end;
        self.replace_from(start, "");
    }

    pub(super) fn clear(&mut self) {
        self.go_to(0);
        self.delete_to_end();
    }

    pub(super) fn delete_to_end(&mut self) {
        self.text.truncate(self.cursor);
    }

    fn before(&self, place: usize) -> usize {
        self.text[..place].char_indices().next_back().map_or(0, |(at, _)| at)
    }

    /// The part around the cursor that so many columns show, and the columns before it that are not
    /// shown. Characters that a terminal must not be told are spelt out.
    pub(super) fn shown(&self, width: usize) -> (String, usize) {
        let cursor = self.column(self.cursor);
        let hidden = (cursor + 1).saturating_sub(width);
        let (mut text, mut column, mut start) = (String::new(), 0, hidden);
        for (at, character) in self.text.char_indices() {
            let safe = safe_line(&self.text[at..at + character.len_utf8()]).into_owned();
            if column < hidden {
                column += columns(&safe);
                start = column.max(hidden);
                continue;
            }
            column += columns(&safe);
            if column - start > width {
                break;
            }
            text += &safe;
        }
        (text, start)
    }

    /// The column of a byte, as the whole line is shown.
    pub(super) fn column(&self, place: usize) -> usize {
        columns(&safe_line(&self.text[..self.text.floor_char_boundary(place)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_edited_at_the_cursor() {
        let mut line = Line::new("level:error");
        line.insert(" x\ny");
        assert_eq!(line.text(), "level:error x y");
        line.left();
        line.backspace();
        line.insert("\u{4f60}");
        assert_eq!(line.text(), "level:error x\u{4f60}y");
        line.left();
        line.delete();
        assert_eq!(line.text(), "level:error xy");
        line.end();
        line.delete_word();
        assert_eq!(line.text(), "level:error ");
        line.word_left();
        assert_eq!(line.cursor(), 0);
        line.word_right();
        line.delete_to_end();
        assert_eq!((line.text(), line.cursor()), ("level:error", 11));
        line.clear();
        assert_eq!(line.text(), "");
        line.backspace();
        line.delete();
        assert_eq!(line.text(), "");
    }

    #[test]
    fn what_is_shown_fits_and_holds_the_cursor() {
        let mut line = Line::new("abc\u{4f60}\u{597d}\u{202e}d");
        for width in 1..20 {
            let (text, hidden) = line.shown(width);
            assert!(columns(&text) <= width, "{width}: {text}");
            assert!(line.column(line.cursor()) - hidden < width.max(1), "{width}");
            assert!(!text.contains('\u{202e}'));
        }
        line.home();
        assert_eq!(line.shown(4), ("abc".to_owned(), 0));
        assert_eq!(line.shown(5), ("abc\u{4f60}".to_owned(), 0));
    }
}
