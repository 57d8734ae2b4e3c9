//! What a terminal is told and what it must never be told.
//!
//! Takes text from records, gives text that cannot move the cursor, change the title or the order
//! of letters, nor hide any: control characters of both sets, the marks that turn the direction of
//! writing, and characters that are not seen, are shown as `\u{1b}` and the like. Colours go to a terminal only, and not where `NO_COLOR`
//! is set.

use std::io::{self, IsTerminal};

use unicode_width::UnicodeWidthChar;

use logloom_query::actions::Screen;
pub(crate) use logloom_query::show::{columns, padded, safe_line, safe_text, shortened};

/// Columns from one place of a tabulator to the next.
const TAB_COLUMNS: usize = 8;

/// Columns of text that goes to no terminal, or to one that does not tell its width.
const WIDTH_UNKNOWN: usize = 100;

/// Whether the standard output shows colours.
pub(crate) fn stdout_is_coloured() -> bool {
    is_coloured(io::stdout().is_terminal())
}

/// Whether the standard error shows colours.
pub(crate) fn stderr_is_coloured() -> bool {
    is_coloured(io::stderr().is_terminal())
}

fn is_coloured(is_terminal: bool) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    is_terminal && !refused && !is_dumb
}

/// Columns of the terminal at the standard output.
pub(crate) fn width() -> usize {
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 => usize::from(size.ws_col),
        _ => WIDTH_UNKNOWN,
    }
}

/// Columns that a character takes: none, one, or two of East Asian writing and pictures.
fn columns_of(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// The standard output as the library is told of it.
pub(crate) fn screen() -> Screen {
    let columns = io::stdout().is_terminal().then(width);
    Screen { columns, colours: stdout_is_coloured() }
}

/// A row of at most `columns_max` columns; colours take none, tabulators lead to the next eighth.
/// What was cut is marked, and colours are switched off behind it.
pub(crate) fn clipped(row: &str, columns_max: usize) -> String {
    let (mut column, mut is_colour) = (0, false);
    // The last place before which the mark still fits.
    let mut cut = 0;
    for (at, character) in row.char_indices() {
        is_colour |= character == '\u{1b}';
        if is_colour {
            is_colour = character != 'm';
            continue;
        }
        if column < columns_max {
            cut = at;
        }
        column += match character {
            '\t' => TAB_COLUMNS - column % TAB_COLUMNS,
            _ => columns_of(character),
        };
        if column > columns_max {
            let off = if row.contains('\u{1b}') { "\u{1b}[0m" } else { "" };
            return format!("{}{off}\u{2026}", &row[..cut]);
        }
    }
    row.to_owned()
}

/// Colours and styles of everything that is shown, or nothing in their place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    is_on: bool,
}

impl Paint {
    pub(crate) fn new(is_on: bool) -> Paint {
        Paint { is_on }
    }

    /// Colours where the standard output shows them.
    pub(crate) fn of_stdout() -> Paint {
        Paint::new(stdout_is_coloured())
    }

    pub(crate) fn off(self) -> &'static str {
        self.code("\u{1b}[0m")
    }

    pub(crate) fn dim(self) -> &'static str {
        self.code("\u{1b}[2m")
    }

    pub(crate) fn bold(self) -> &'static str {
        self.code("\u{1b}[1m")
    }

    pub(crate) fn good(self) -> &'static str {
        self.code("\u{1b}[32m")
    }

    pub(crate) fn warning(self) -> &'static str {
        self.code("\u{1b}[33m")
    }

    pub(crate) fn bad(self) -> &'static str {
        self.code("\u{1b}[31m")
    }

    /// The name of who speaks.
    pub(crate) fn service(self) -> &'static str {
        self.code("\u{1b}[36m")
    }

    /// The colour of a level's name; unknown names have none.
    pub(crate) fn level(self, name: &str) -> &'static str {
        self.code(match name {
            "FATAL" => "\u{1b}[1;97;41m",
            "ERROR" => "\u{1b}[1;31m",
            "WARN" => "\u{1b}[33m",
            "INFO" => "\u{1b}[32m",
            "DEBUG" => "\u{1b}[34m",
            "TRACE" => "\u{1b}[2m",
            _ => "",
        })
    }

    fn code(self, code: &'static str) -> &'static str {
        if self.is_on { code } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_between_their_colours() {
        assert_eq!(clipped("abc", 3), "abc");
        assert_eq!(clipped("abcd", 3), "ab\u{2026}");
        let row = "\u{1b}[2mab\u{1b}[0mcd";
        assert_eq!(clipped(row, 4), row);
        assert_eq!(clipped(row, 3), "\u{1b}[2mab\u{1b}[0m\u{1b}[0m\u{2026}");
        assert_eq!(clipped("a\tb", 9), "a\tb");
        assert_eq!(clipped("a\tb", 8), "a\u{2026}", "a tabulator leads to column 8");
    }

    #[test]
    fn wide_characters_take_two_columns_and_accents_none() {
        assert_eq!(columns("h\u{e9}llo"), 5);
        assert_eq!(
            (columns("\u{4f60}\u{597d}"), columns("\u{1f600}"), columns("e\u{301}")),
            (4, 2, 1)
        );
        assert_eq!(clipped("\u{4f60}\u{597d}", 4), "\u{4f60}\u{597d}");
        assert_eq!(clipped("\u{4f60}\u{597d}\u{5417}", 4), "\u{4f60}\u{2026}", "no half of one");
        assert_eq!(clipped("\u{4f60}\u{597d}\u{5417}", 5), "\u{4f60}\u{597d}\u{2026}");
        assert_eq!(shortened("\u{4f60}\u{597d}\u{5417}", 4), "\u{4f60}\u{2026}");
        assert_eq!(padded("\u{4f60}", 4), "\u{4f60}  ");
        for columns_max in 0..12 {
            let row = "a\u{4f60}\u{1f600}e\u{301}b\u{597d}c";
            assert!(columns(&clipped(row, columns_max)) <= columns_max.max(1), "{columns_max}");
            assert!(columns(&shortened(row, columns_max)) <= columns_max.max(1), "{columns_max}");
        }
    }

    #[test]
    fn colours_can_be_off() {
        assert_eq!(Paint::new(false).level("ERROR"), "");
        assert_eq!(Paint::new(true).level("ERROR"), "\u{1b}[1;31m");
    }
}
