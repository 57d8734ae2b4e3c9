//! JSON over several lines.
//!
//! Takes lines, tells whether the brackets outside of strings are closed. What cannot be JSON is
//! told at the first line that shows it: words, a string without its end, two values side by side.
//! So a lone brace in some text holds nothing back that is not JSON itself.

/// Longer numbers are none.
const NUMBER_BYTES_MAX: usize = 1_000;

/// What a line makes of the JSON under way.
#[derive(Debug)]
pub(super) enum Step {
    /// More must follow.
    Open(Braces),
    /// The last bracket was closed.
    Closed,
    /// This is no JSON.
    NoJson,
}

/// The brackets that are open; only their number counts, so that memory is bounded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Braces {
    depth: usize,
}

impl Braces {
    /// JSON that begins with this line, or at its end: `payload: {`.
    pub(super) fn opened_by(line: &str) -> Step {
        let line = line.trim();
        let begins = match line.as_bytes() {
            [b'{' | b'['] => true,
            [b'{', .., b'}'] => return Step::Closed,
            // A bracket often stands around a time or a level: then no JSON begins by it.
            [b'{', rest @ ..] => rest.trim_ascii_start().starts_with(b"\""),
            [b'[', rest @ ..] => rest.trim_ascii_start().starts_with(b"{"),
            _ => false,
        };
        if begins {
            return count(0, line);
        }
        match line.as_bytes() {
            [.., b' ' | b':' | b'=', b'{' | b'['] => Step::Open(Braces { depth: 1 }),
            _ => Step::NoJson,
        }
    }

    /// The next line.
    pub(super) fn step(self, line: &str) -> Step {
        count(self.depth, line)
    }
}

/// Brackets outside of strings; strings never span lines.
fn count(mut depth: usize, line: &str) -> Step {
    let mut rest = line.trim();
    let mut is_closed = false;
    // Two values stand in one line only with a comma or a colon between them.
    let mut is_after_value = false;
    while let Some(first) = rest.bytes().next() {
        let length = match first {
            _ if is_closed => return Step::NoJson,
            b'}' | b']' if depth > 0 => 1,
            b',' | b':' => 1,
            _ if is_after_value => return Step::NoJson,
            b'{' | b'[' => 1,
            b'"' => match string_length(rest) {
                Some(length) => length,
                None => return Step::NoJson,
            },
            _ => match literal_length(rest) {
                Some(length) => length,
                None => return Step::NoJson,
            },
        };
        match first {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                is_closed = depth == 0;
            }
            _ => {}
        }
        is_after_value = !matches!(first, b'{' | b'[' | b',' | b':');
        rest = rest[length..].trim_start();
    }
    if is_closed { Step::Closed } else { Step::Open(Braces { depth }) }
}

/// The bytes of the string that the text begins with, quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The bytes of the number or the word that the text begins with.
fn literal_length(text: &str) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let literal = &text[..end];
    let is_number = literal.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && literal.len() <= NUMBER_BYTES_MAX
        && literal.parse::<f64>().is_ok();
    (is_number || matches!(literal, "true" | "false" | "null")).then_some(end)
}
