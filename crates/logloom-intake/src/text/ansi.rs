//! Escape sequences of terminals.
//!
//! Takes a line, gives it without colours, movements of the cursor, titles and links. A sequence
//! that does not end within its line is taken out up to the end of its parameters only, so that no
//! text is lost. Takes time linear in the length of the line.

use memchr::{memchr, memchr2};

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;

/// Bytes of a title or a link; what is longer is not taken for one.
const STRING_BYTES_MAX: usize = 4096;

/// Whether there may be an escape sequence in the line.
pub(crate) fn has_ansi(line: &str) -> bool {
    memchr(ESCAPE, line.as_bytes()).is_some()
}

/// The line without escape sequences; the same where it has none.
pub(crate) fn without_ansi(line: String) -> String {
    if !has_ansi(&line) {
        return line;
    }
    let mut clean = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while let Some(at) = memchr(ESCAPE, rest.as_bytes()) {
        clean.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = sequence(rest.as_bytes());
        // A lone escape character stays visible.
        clean.push_str(if length == 0 { &rest[..1] } else { "" });
        rest = &rest[length.max(1)..];
    }
    clean.push_str(rest);
    clean
}

/// Bytes of the sequence at the head, which begins with an escape; 0 where it is none.
fn sequence(bytes: &[u8]) -> usize {
    match bytes.get(1) {
        Some(b'[') => control(bytes),
        Some(b']' | b'P' | b'^' | b'_' | b'X') => string(bytes),
        // Choices of a character set have one more letter.
        Some(b'(' | b')' | b'#' | b'%') if bytes.get(2).is_some_and(u8::is_ascii_graphic) => 3,
        Some(b'7' | b'8' | b'=' | b'>' | b'c' | b'D' | b'E' | b'H' | b'M') => 2,
        _ => 0,
    }
}

/// Parameters, then one letter.
fn control(bytes: &[u8]) -> usize {
    let parameters = bytes[2..].iter().take_while(|byte| matches!(byte, 0x20..=0x3f)).count();
    let end = 2 + parameters;
    end + usize::from(bytes.get(end).is_some_and(|byte| matches!(byte, 0x40..=0x7e)))
}

/// Text up to a bell or `ESC \`. Another escape before that ends the search, as it ends the
/// sequence in a terminal, so that no byte is looked at for more than one sequence.
fn string(bytes: &[u8]) -> usize {
    let searched = &bytes[..bytes.len().min(STRING_BYTES_MAX)];
    let Some(at) = memchr2(BELL, ESCAPE, &searched[2..]).map(|at| at + 2) else { return 2 };
    match (searched[at], searched.get(at + 1)) {
        (BELL, _) => at + 1,
        (_, Some(b'\\')) => at + 2,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::without_ansi;

    #[test]
    fn sequences_are_taken_out() {
        let check = |line: &str, expect: &str| assert_eq!(without_ansi(line.to_owned()), expect);
        check("plain", "plain");
        check("\u{1b}[31mred\u{1b}[0m end", "red end");
        check("\u{1b}[38;5;196mred\u{1b}[m", "red");
        check("\u{1b}[2K\u{1b}[1Gbuilding", "building");
        check("\u{1b}]0;title\u{7}text", "text");
        check("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link");
        check("\u{1b}]never closed", "never closed");
        check("\u{1b}]one \u{1b}[31mred\u{7}", "one red\u{7}");
        check("\u{1b}(Btext", "text");
        check("\u{1b}7a\u{1b}8b", "ab");
        check("cut \u{1b}[31", "cut ");
        check("lone \u{1b}", "lone \u{1b}");
        check("odd \u{1b}\u{e9}", "odd \u{1b}\u{e9}");
        check("\u{1b}[3\u{e9}", "\u{e9}");
    }

    proptest! {
        #[test]
        fn any_text_is_safe(line in "[\u{1b}\\[\\]\\\\;0-9mKa\u{e9}\u{7}]{0,40}") {
            let clean = without_ansi(line.clone());
            prop_assert!(clean.len() <= line.len());
        }
    }
}
