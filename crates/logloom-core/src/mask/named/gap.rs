//! What may stand between a name, what divides it from its value, and the value: blanks and line breaks,
//! as they are or escaped.

use super::super::bytes::{DIGITS, is_in};

/// Most bytes of blanks, those of line breaks included.
const BYTES_MAX: usize = 128;

/// The blank of Chinese and Japanese texts, and how JSON may have it.
const WIDE_BLANK: &[u8] = "\u{3000}".as_bytes();

/// Blanks in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// Bytes.
    pub(super) length: usize,
    /// Whether a line ends there.
    pub(super) has_break: bool,
}

/// The blanks at `at`. In lines of JSON a line break is the end of the line, unless it is escaped.
pub(super) fn gap(bytes: &[u8], at: usize, is_json: bool) -> Gap {
    let rest = bytes.get(at..).unwrap_or_default();
    let rest = &rest[..rest.len().min(BYTES_MAX)];
    let mut gap = Gap { length: 0, has_break: false };
    while let Some(byte) = rest.get(gap.length) {
        let (length, is_break) = match byte {
            b' ' | b'\t' => (1, false),
            b'\n' | b'\r' if !is_json => (1, true),
            0xE3 if rest[gap.length..].starts_with(WIDE_BLANK) => (WIDE_BLANK.len(), false),
            b'\\' => match escaped(&rest[gap.length..]) {
                Some(found) => found,
                None => break,
            },
            _ => break,
        };
        gap = Gap { length: gap.length + length, has_break: gap.has_break || is_break };
    }
    gap
}

/// `\n`, `\r` or `\t` behind as many backslashes as it takes: its bytes, and whether it ends a line.
fn escaped(rest: &[u8]) -> Option<(usize, bool)> {
    let backslashes = rest.iter().take_while(|byte| **byte == b'\\').count();
    match rest.get(backslashes)? {
        b'n' | b'r' => Some((backslashes + 1, true)),
        b't' => Some((backslashes + 1, false)),
        b'u' if rest[backslashes..].starts_with(b"u3000") => Some((backslashes + 5, false)),
        _ => None,
    }
}

/// Bytes of `|` or `>-` with the line break behind it, by which YAML begins a text.
pub(super) fn block_scalar(bytes: &[u8], at: usize, is_json: bool) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let (b'|' | b'>') = rest.first()? else { return None };
    let signs = rest[1..].iter().take(2);
    let signs = signs.take_while(|byte| matches!(byte, b'+' | b'-') || is_in(**byte, DIGITS));
    let length = 1 + signs.count();
    let behind = gap(bytes, at + length, is_json);
    behind.has_break.then_some(length + behind.length)
}

/// Whether nothing else stands on the line, or in the text, behind `at`.
pub(super) fn ends_line(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        None | Some(b'\n' | b'\r' | b'"') => true,
        Some(b'\\') => {
            let rest = &bytes[at..];
            let backslashes = rest.iter().take(64).take_while(|byte| **byte == b'\\').count();
            matches!(rest.get(backslashes), Some(b'n' | b'r' | b'"' | b'\''))
        }
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_line_breaks_are_measured() {
        let check = |text: &[u8], is_json: bool, length: usize, has_break: bool| {
            assert_eq!(gap(text, 0, is_json), Gap { length, has_break });
        };
        check(b" \t x", false, 3, false);
        check(b"\r\n  x", false, 4, true);
        check(b" \n x", true, 1, false);
        check(b"\\r\\n  x", true, 6, true);
        check(b"\\\\n x", true, 4, true);
        check(b"\\t x", true, 3, false);
        check(b"\\\"x", true, 0, false);
        check(&[b' '; 500], false, BYTES_MAX, false);
    }

    #[test]
    fn a_text_of_yaml_begins_behind_its_sign() {
        assert_eq!(block_scalar(b"|\n  x", 0, false), Some(4));
        assert_eq!(block_scalar(b">-\n  x", 0, false), Some(5));
        assert_eq!(block_scalar(b"|\\n x", 0, true), Some(4));
        assert_eq!(block_scalar(b"| x", 0, false), None);
        assert_eq!(block_scalar(b"x", 0, false), None);
    }
}
