//! Foreign JSON: checked against the grammar, made compact, its depth limited. It is never
//! interpreted: numbers keep their digits, strings their escapes.

use std::fmt;

use super::write::DEPTH_LIMIT;

/// Why text is no JSON that can be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Byte at which it shows.
    pub offset: usize,
    /// What is wrong.
    pub reason: &'static str,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no valid JSON: {} at byte {}", self.reason, self.offset)
    }
}

impl std::error::Error for JsonError {}

/// Checks one JSON value with white space around it, nested at most [`DEPTH_LIMIT`] deep.
///
/// # Errors
/// The first place that breaks the grammar or the limit.
pub fn validate(text: &str) -> Result<(), JsonError> {
    scan(text.as_bytes(), DEPTH_LIMIT, &mut |_| {})
}

/// Checks one JSON value and returns it without white space; raw line separators, control and
/// other characters within strings that are no clean text on a terminal are escaped.
///
/// # Errors
/// The first place that breaks the grammar or the limit of [`DEPTH_LIMIT`] levels.
pub fn compact(text: &str) -> Result<String, JsonError> {
    let mut out = Vec::with_capacity(text.len());
    scan(text.as_bytes(), DEPTH_LIMIT, &mut |token| push_token(token, &mut out))?;
    String::from_utf8(out).map_err(|_| JsonError { offset: 0, reason: "text is no UTF-8" })
}

/// Whether bytes are one JSON value of at most this depth.
pub fn is_valid(bytes: &[u8], depth: usize) -> bool {
    std::str::from_utf8(bytes).is_ok() && scan(bytes, depth, &mut |_| {}).is_ok()
}

/// Appends a value that is valid; `false` and nothing appended when it is not.
pub(super) fn push_compact(bytes: &[u8], depth: usize, out: &mut Vec<u8>) -> bool {
    let start = out.len();
    let is_valid = std::str::from_utf8(bytes).is_ok()
        && scan(bytes, depth, &mut |token| push_token(token, out)).is_ok();
    if !is_valid {
        out.truncate(start);
    }
    is_valid
}

/// A string keeps its own escapes; only the raw characters that a line must not hold change.
fn push_token(token: &[u8], out: &mut Vec<u8>) {
    if token.is_ascii() && !token.contains(&0x7F) {
        return out.extend_from_slice(token);
    }
    for piece in token.split_inclusive(|&byte| byte == b'\\' || byte == b'"') {
        match piece.split_last() {
            Some((&last, text)) if last == b'\\' || last == b'"' => {
                super::escape_bytes_into(text, out);
                out.push(last);
            }
            _ => super::escape_bytes_into(piece, out),
        }
    }
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    /// A value or the end of an array that has just begun.
    FirstElement,
    /// A key or the end of an object that has just begun.
    FirstKey,
    Key,
    /// A comma or an end.
    After,
}

/// Walks over one value without recursion and hands every token on.
fn scan(bytes: &[u8], depth: usize, token: &mut dyn FnMut(&[u8])) -> Result<(), JsonError> {
    // One bit of nesting for each level: whether it is an object.
    let mut levels: Vec<bool> = Vec::new();
    let mut expect = Expect::Value;
    let mut at = 0;
    loop {
        at += bytes[at..].iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
        let error = |reason| JsonError { offset: at, reason };
        let Some(&byte) = bytes.get(at) else {
            let is_done = expect == Expect::After && levels.is_empty();
            return if is_done { Ok(()) } else { Err(error("the text ends too early")) };
        };
        let end = match (byte, expect) {
            (b'{' | b'[', Expect::Value | Expect::FirstElement) => {
                if levels.len() >= depth {
                    return Err(error("nested too deep"));
                }
                levels.push(byte == b'{');
                expect = if byte == b'{' { Expect::FirstKey } else { Expect::FirstElement };
                at + 1
            }
            (b'}', Expect::FirstKey | Expect::After) if levels.pop() == Some(true) => {
                expect = Expect::After;
                at + 1
            }
            (b']', Expect::FirstElement | Expect::After) if levels.pop() == Some(false) => {
                expect = Expect::After;
                at + 1
            }
            (b',', Expect::After) => {
                expect = match levels.last() {
                    Some(true) => Expect::Key,
                    Some(false) => Expect::Value,
                    None => return Err(error("something follows the value")),
                };
                at + 1
            }
            (b'"', Expect::FirstKey | Expect::Key) => {
                let end = string_end(bytes, at)?;
                token(&bytes[at..end]);
                at = end + bytes[end..].iter().take_while(|b| b" \t\r\n".contains(b)).count();
                if bytes.get(at) != Some(&b':') {
                    return Err(JsonError { offset: at, reason: "a colon is missing" });
                }
                expect = Expect::Value;
                at + 1
            }
            (_, Expect::Value | Expect::FirstElement) => {
                expect = Expect::After;
                scalar_end(bytes, at)?
            }
            _ => return Err(error("unexpected character")),
        };
        token(&bytes[at..end]);
        at = end;
    }
}

fn scalar_end(bytes: &[u8], at: usize) -> Result<usize, JsonError> {
    for word in [&b"true"[..], b"false", b"null"] {
        if bytes[at..].starts_with(word) {
            return Ok(at + word.len());
        }
    }
    if bytes[at] == b'"' {
        return string_end(bytes, at);
    }
    match number_len(&bytes[at..]) {
        0 => Err(JsonError { offset: at, reason: "unexpected character" }),
        length => Ok(at + length),
    }
}

/// Index behind the string that begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> Result<usize, JsonError> {
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => {
                at += escape_len(&bytes[at..])
                    .ok_or(JsonError { offset: at, reason: "an escape that is not known" })?
            }
            Some(0..0x20) => {
                return Err(JsonError { offset: at, reason: "a control character in a string" });
            }
            Some(_) => at += 1,
            None => return Err(JsonError { offset: at, reason: "a string does not end" }),
        }
    }
}

fn escape_len(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => {
            let code = hex_code(bytes)?;
            // A surrogate is only valid as one of a pair, which is taken as a whole.
            match code {
                0xD800..=0xDBFF => {
                    let low = hex_code(bytes.get(6..)?)?;
                    (bytes[6] == b'\\' && (0xDC00..=0xDFFF).contains(&low)).then_some(12)
                }
                0xDC00..=0xDFFF => None,
                _ => Some(6),
            }
        }
        _ => None,
    }
}

/// The code of `\uXXXX` at the front.
fn hex_code(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(2..6)?;
    let is_escape = bytes[1] == b'u';
    digits
        .iter()
        .filter(|_| is_escape)
        .try_fold(0, |code, &digit| Some(code * 16 + char::from(digit).to_digit(16)?))
}

/// Length of the JSON number at the front, 0 where there is none.
pub(super) fn number_len(bytes: &[u8]) -> usize {
    let digits = |from: usize| {
        bytes.get(from..).unwrap_or(&[]).iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    match (bytes.get(at), digits(at)) {
        (_, 0) => return 0,
        (Some(b'0'), _) => at += 1,
        (_, count) => at += count,
    }
    if bytes.get(at) == Some(&b'.') {
        match digits(at + 1) {
            0 => return 0,
            count => at += 1 + count,
        }
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        match digits(at + 1 + sign) {
            0 => return 0,
            count => at += 1 + sign + count,
        }
    }
    at
}
