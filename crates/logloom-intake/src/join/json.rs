//! JSON over several lines.
//!
//! Takes lines, tells whether the brackets outside of strings are closed. What cannot be JSON is
//! told at the first line that shows it: a line that ends within a string, or begins with what no
//! line of JSON begins with. So a lone brace in some text never holds back more than one line.

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
        let line = line.trim();
        let is_token = match line.as_bytes() {
            [] => true,
            [b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':' | b'-' | b'0'..=b'9', ..] => true,
            _ => ["true", "false", "null"].iter().any(|word| line.starts_with(word)),
        };
        if is_token { count(self.depth, line) } else { Step::NoJson }
    }
}

/// Brackets outside of strings; strings never span lines.
fn count(mut depth: usize, line: &str) -> Step {
    let mut is_string = false;
    let mut is_escaped = false;
    let mut is_closed = false;
    for byte in line.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            _ if is_string || byte.is_ascii_whitespace() => {}
            _ if is_closed => return Step::NoJson,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                let Some(left) = depth.checked_sub(1) else { return Step::NoJson };
                depth = left;
                is_closed = depth == 0;
            }
            _ => {}
        }
    }
    match (is_string, is_closed) {
        (true, _) => Step::NoJson,
        (false, true) => Step::Closed,
        (false, false) => Step::Open(Braces { depth }),
    }
}
