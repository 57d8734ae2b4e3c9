//! What a terminal is told and what it must never be told.
//!
//! Takes text from records, gives text that cannot move the cursor, change the title or the order
//! of letters: control characters of both sets, and the marks that turn the direction of writing,
//! are shown as `\u{1b}` and the like. Colours go to a terminal only, and not where `NO_COLOR`
//! is set.

use std::borrow::Cow;
use std::fmt::Write;
use std::io::{self, IsTerminal};

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

/// Text on one line: everything that is no visible character is spelt out.
pub(crate) fn safe_line(text: &str) -> Cow<'_, str> {
    safe(text, |character| is_harmful(character) || character == '\n' || character == '\t')
}

/// Text that may have several lines, and tabulators within them.
pub(crate) fn safe_text(text: &str) -> Cow<'_, str> {
    safe(text, is_harmful)
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

/// Whether a character can do more to a terminal than appear on it.
pub(crate) fn is_harmful(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        // Both sets of control characters.
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        // Marks, embeddings, overrides and isolates of the direction of writing; line ends that
        // only some programs take for such.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' => true,
        '\u{2066}'..='\u{2069}' => true,
        _ => false,
    }
}

/// The first so many characters of a text, with a mark where some were left out.
pub(crate) fn shortened(text: &str, characters_max: usize) -> Cow<'_, str> {
    if text.chars().count() <= characters_max {
        return Cow::Borrowed(text);
    }
    let mut short: String = text.chars().take(characters_max.saturating_sub(1)).collect();
    short.push('\u{2026}');
    Cow::Owned(short)
}

/// A row of at most `columns` characters; colours take none. What was cut is marked, and colours
/// are switched off behind it.
pub(crate) fn clipped(row: &str, columns: usize) -> String {
    let mut out = String::with_capacity(row.len());
    let (mut shown, mut is_colour) = (0, false);
    for character in row.chars() {
        is_colour |= character == '\u{1b}';
        if !is_colour {
            shown += 1;
        }
        if shown >= columns && !is_colour && visible(row) > columns {
            out.push_str(if row.contains('\u{1b}') { "\u{1b}[0m\u{2026}" } else { "\u{2026}" });
            return out;
        }
        out.push(character);
        is_colour &= character != 'm';
    }
    out
}

/// Characters of a row that take a column.
fn visible(row: &str) -> usize {
    let mut is_colour = false;
    row.chars()
        .filter(|character| {
            let was_colour = is_colour || *character == '\u{1b}';
            is_colour = was_colour && *character != 'm';
            !was_colour
        })
        .count()
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
    fn nothing_reaches_the_terminal_but_letters() {
        assert_eq!(safe_line("a\u{1b}[2Jb\n\tc\r"), "a\\u{1b}[2Jb\\n\\tc\\r");
        assert_eq!(safe_text("a\n\tb\u{9b}31m"), "a\n\tb\\u{9b}31m");
        assert_eq!(safe_text("\u{202e}gpj.exe"), "\\u{202e}gpj.exe");
        assert!(matches!(safe_line("h\u{e9}llo \u{4f60}"), Cow::Borrowed(_)));
    }

    #[test]
    fn long_text_is_marked_as_shortened() {
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened("abcd", 3), "ab\u{2026}");
        assert_eq!(shortened("abcd", 0), "\u{2026}");
    }

    #[test]
    fn rows_are_cut_between_their_colours() {
        assert_eq!(clipped("abc", 3), "abc");
        assert_eq!(clipped("abcd", 3), "ab\u{2026}");
        let row = "\u{1b}[2mab\u{1b}[0mcd";
        assert_eq!(clipped(row, 4), row);
        assert_eq!(clipped(row, 3), "\u{1b}[2mab\u{1b}[0m\u{1b}[0m\u{2026}");
    }

    #[test]
    fn colours_can_be_off() {
        assert_eq!(Paint::new(false).level("ERROR"), "");
        assert_eq!(Paint::new(true).level("ERROR"), "\u{1b}[1;31m");
    }
}
