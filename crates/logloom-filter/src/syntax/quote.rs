//! Quoted texts of a query: read and written.
//!
//! Takes the quoted text at the head of some text, gives what it stands for and its length, and the
//! way back. Escapes are those of Go, as in LogsQL; an unknown one is refused, with a remedy.

use std::fmt;

use super::SyntaxError;

/// A quoted text as it was read.
pub(super) struct Unquoted {
    pub(super) text: String,
    /// Bytes with both quotes.
    pub(super) length: usize,
}

/// Reads the text in quotes that begins at byte `start` of `query`.
pub(super) fn unquote(query: &str, start: usize) -> Result<Unquoted, SyntaxError> {
    let quoted = &query[start..];
    match quoted.as_bytes().first() {
        Some(b'`') => unquote_verbatim(quoted, start),
        _ => unquote_escaped(quoted, start),
    }
}

fn unquote_verbatim(quoted: &str, start: usize) -> Result<Unquoted, SyntaxError> {
    match quoted[1..].find('`') {
        Some(end) => Ok(Unquoted { text: quoted[1..=end].to_owned(), length: end + 2 }),
        None => Err(not_closed(quoted, start)),
    }
}

fn unquote_escaped(quoted: &str, start: usize) -> Result<Unquoted, SyntaxError> {
    let quote = quoted.as_bytes()[0];
    let mut text = Vec::new();
    let mut position = 1;
    loop {
        let rest = &quoted.as_bytes()[position..];
        match rest.first() {
            None => return Err(not_closed(quoted, start)),
            Some(byte) if *byte == quote => break,
            Some(b'\\') => {
                let Some(length) = unescape(rest, &mut text) else {
                    let at = start + position;
                    let length = quoted[position + 1..].chars().next().map_or(0, char::len_utf8);
                    return Err(wrong_escape(&quoted[position..=position + length], at));
                };
                position += length;
            }
            Some(byte) => {
                text.push(*byte);
                position += 1;
            }
        }
    }
    let length = position + 1;
    let text = String::from_utf8(text).map_err(|_| {
        SyntaxError::new(start..start + length, "the escapes of this text make no valid UTF-8")
    })?;
    Ok(Unquoted { text, length })
}

fn not_closed(quoted: &str, start: usize) -> SyntaxError {
    let quote = &quoted[..1];
    SyntaxError::new(start..start + 1, format!("the closing {quote} is missing")).with_hint(
        format!("close the text with {quote}, or put a text that holds {quote} into other quotes"),
    )
}

fn wrong_escape(escape: &str, at: usize) -> SyntaxError {
    SyntaxError::new(at..at + escape.len(), format!("`{escape}` is no escape"))
        .with_hint("write `\\\\` for a backslash, or put the text into backquotes: `...`")
}

/// Decodes the escape at the head of `rest`, gives its length.
fn unescape(rest: &[u8], text: &mut Vec<u8>) -> Option<usize> {
    let plain = match rest.get(1)? {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'v' => 0x0b,
        byte @ (b'"' | b'\'' | b'\\') => *byte,
        b'x' => {
            text.push(number(rest.get(2..4)?, 16)? as u8);
            return Some(4);
        }
        b'0'..=b'7' => {
            text.push(u8::try_from(number(rest.get(1..4)?, 8)?).ok()?);
            return Some(4);
        }
        b'u' => return unescape_character(rest.get(2..6)?, text),
        b'U' => return unescape_character(rest.get(2..10)?, text),
        _ => return None,
    };
    text.push(plain);
    Some(2)
}

fn unescape_character(digits: &[u8], text: &mut Vec<u8>) -> Option<usize> {
    let character = char::from_u32(number(digits, 16)?)?;
    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Some(2 + digits.len())
}

fn number(digits: &[u8], base: u32) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, digit| {
        sum.checked_mul(base)?.checked_add(char::from(*digit).to_digit(base)?)
    })
}

/// A text in double quotes, as a query has it.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for character in self.0.chars() {
            match character {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                control if control.is_control() => write!(f, "\\u{:04x}", u32::from(control))?,
                plain => write!(f, "{plain}")?,
            }
        }
        f.write_str("\"")
    }
}

/// A name or word, quoted unless it is plain.
///
/// Plain are letters, digits, `_`, `.` and `@`, unless the whole is a word of the language.
pub struct Name<'a>(pub &'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match is_plain(self.0) {
            true => f.write_str(self.0),
            false => write!(f, "{}", Quoted(self.0)),
        }
    }
}

/// Words that mean something where a name or a word might stand.
const RESERVED: &[&str] = &["and", "or", "not", "offset", "as", "by", "if"];

fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '@');
    !name.is_empty()
        && name.chars().all(plain)
        && !RESERVED.iter().any(|word| word.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Name, Quoted, unquote};

    #[test]
    fn quoted_texts_are_read() {
        let check = |query: &str, expect: &str, length: usize| {
            let read = unquote(query, 0).unwrap();
            assert_eq!((read.text.as_str(), read.length), (expect, length), "{query}");
        };
        check(r#""a b" c"#, "a b", 5);
        check(r#"'say "hi"'"#, "say \"hi\"", 10);
        check(r"`\d+'s`", r"\d+'s", 7);
        check(r#""\"\\\n\t\x41\u00e9\U0001f600\101""#, "\"\\\n\tA\u{e9}\u{1f600}A", 34);
        check("\"\u{4e2d}\nb\"", "\u{4e2d}\nb", 7);
        check(r#""\xc3\xa9""#, "\u{e9}", 10);
    }

    #[test]
    fn wrong_quotes_are_refused_with_their_place() {
        let check = |query: &str, at: usize, part: &str| {
            let error = unquote(query, 0).err().unwrap();
            assert_eq!(error.at.start, at, "{query}");
            assert!(error.message.contains(part), "{error}");
            assert!(error.at.end <= query.len() && query.is_char_boundary(error.at.end));
        };
        check("\"abc", 0, "closing");
        check("`abc", 0, "closing");
        check(r#""a\d""#, 2, r"\d");
        check("\"a\\\u{e9}\"", 2, "escape");
        check("\"a\\", 2, "escape");
        check(r#""\xff""#, 0, "UTF-8");
        check(r#""\ud800""#, 1, r"\u");
    }

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["", "a", "a\"b\\c\n\r\t\u{7}\u{85}", "\u{1f600} 'x' `y`"] {
            let quoted = Quoted(text).to_string();
            assert_eq!(unquote(&quoted, 0).unwrap().text, text);
        }
        assert_eq!(Name("user.id").to_string(), "user.id");
        assert_eq!(Name("Or").to_string(), "\"Or\"");
        assert_eq!(Name("a-b").to_string(), "\"a-b\"");
        assert_eq!(Name("").to_string(), "\"\"");
    }
}
