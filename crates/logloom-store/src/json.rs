//! JSON without recursion. In come bytes of any content; out goes whether a line is one object, or the
//! members of a small document. Refuses everything RFC 8259 refuses, invalid UTF-8 included.

/// Kinds of value a parser may meet next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
}

/// Whether `line` (without its newline) is exactly one JSON object.
pub(crate) fn is_object(line: &[u8]) -> bool {
    line.first() == Some(&b'{') && std::str::from_utf8(line).is_ok() && check(line).is_some()
}

/// Walks one value. Depth costs one byte a level, so any line that fits in memory can be checked.
fn check(bytes: &[u8]) -> Option<()> {
    let mut at = 0;
    let mut open: Vec<u8> = Vec::new();
    let mut expect = Expect::Value;
    loop {
        at = skip_space(bytes, at);
        let byte = *bytes.get(at)?;
        match (expect, byte) {
            (Expect::Value | Expect::ValueOrEnd, b'{') => {
                open.push(b'}');
                (at, expect) = (at + 1, Expect::KeyOrEnd);
                continue;
            }
            (Expect::Value | Expect::ValueOrEnd, b'[') => {
                open.push(b']');
                (at, expect) = (at + 1, Expect::ValueOrEnd);
                continue;
            }
            (Expect::ValueOrEnd | Expect::KeyOrEnd | Expect::CommaOrEnd, b'}' | b']') => {
                if open.pop()? != byte {
                    return None;
                }
                at += 1;
            }
            (Expect::Key | Expect::KeyOrEnd, b'"') => {
                at = skip_space(bytes, string(bytes, at)?);
                if bytes.get(at) != Some(&b':') {
                    return None;
                }
                (at, expect) = (at + 1, Expect::Value);
                continue;
            }
            (Expect::CommaOrEnd, b',') => {
                let in_object = open.last() == Some(&b'}');
                expect = if in_object { Expect::Key } else { Expect::Value };
                at += 1;
                continue;
            }
            (Expect::Value | Expect::ValueOrEnd, _) => at = scalar(bytes, at)?,
            _ => return None,
        }
        if open.is_empty() {
            return (skip_space(bytes, at) == bytes.len()).then_some(());
        }
        expect = Expect::CommaOrEnd;
    }
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

fn scalar(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => string(bytes, at),
        b'-' | b'0'..=b'9' => number(bytes, at),
        _ => ["true", "false", "null"]
            .iter()
            .find(|word| bytes[at..].starts_with(word.as_bytes()))
            .map(|word| at + word.len()),
    }
}

/// The position after the string that begins with the quote at `at`; `None` where it is none.
pub(crate) fn string(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => match bytes.get(at + 1)? {
                b'u' => {
                    let digits = bytes.get(at + 2..at + 6)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    at += 6;
                }
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                _ => return None,
            },
            0..=0x1f => return None,
            _ => at += 1,
        }
    }
}

pub(crate) fn number(bytes: &[u8], mut at: usize) -> Option<usize> {
    at += usize::from(bytes[at] == b'-');
    at = match bytes.get(at)? {
        b'0' => at + 1,
        b'1'..=b'9' => digits(bytes, at)?,
        _ => return None,
    };
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        at = digits(bytes, at)?;
    }
    Some(at)
}

fn digits(bytes: &[u8], start: usize) -> Option<usize> {
    let count = bytes.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count > 0).then_some(start + count)
}

/// Members of an object: undecoded names and raw text.
pub(crate) type Members<'a> = Vec<(&'a str, &'a [u8])>;

/// The members of an object, in order. `None` for anything else.
pub(crate) fn members(object: &[u8]) -> Option<Members<'_>> {
    let object = object.trim_ascii();
    if is_object(object) { members_of(object) } else { None }
}

/// The members of an object already known to be valid.
fn members_of(object: &[u8]) -> Option<Members<'_>> {
    if object.first() != Some(&b'{') {
        return None;
    }
    let mut found = Vec::new();
    let mut at = skip_space(object, 1);
    while object.get(at) == Some(&b'"') {
        let name_end = string(object, at)?;
        let name = std::str::from_utf8(&object[at + 1..name_end - 1]).ok()?;
        let value_start = skip_space(object, skip_space(object, name_end) + 1);
        let value_end = value_end(object, value_start)?;
        found.push((name, &object[value_start..value_end]));
        at = skip_space(object, value_end);
        if object.get(at) == Some(&b',') {
            at = skip_space(object, at + 1);
        }
    }
    Some(found)
}

/// The elements of a member that is an array of objects.
pub(crate) fn objects<'a>(members: &Members<'a>, name: &str) -> Option<Vec<Members<'a>>> {
    elements_of(raw(members, name)?)?.into_iter().map(members_of).collect()
}

/// The elements of a member that is an array of strings.
pub(crate) fn texts(members: &Members<'_>, name: &str) -> Option<Vec<String>> {
    elements_of(raw(members, name)?)?.into_iter().map(text_of).collect()
}

/// Raw text of the elements of an array already known to be valid.
fn elements_of(array: &[u8]) -> Option<Vec<&[u8]>> {
    if array.first() != Some(&b'[') {
        return None;
    }
    let mut found = Vec::new();
    let mut at = skip_space(array, 1);
    while *array.get(at)? != b']' {
        let end = value_end(array, at)?;
        found.push(&array[at..end]);
        at = skip_space(array, end);
        if array.get(at) == Some(&b',') {
            at = skip_space(array, at + 1);
        }
    }
    Some(found)
}

/// The end of the value that begins at `at`, in text already known to be valid.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    if !matches!(bytes.get(at)?, b'{' | b'[') {
        return scalar(bytes, at);
    }
    let (mut at, mut depth) = (at, 0usize);
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = string(bytes, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// The value of a member that is an unsigned number.
pub(crate) fn unsigned(members: &[(&str, &[u8])], name: &str) -> Option<u64> {
    let (_, raw) = members.iter().find(|member| member.0 == name)?;
    std::str::from_utf8(raw).ok()?.parse().ok()
}

/// The raw text of a member.
pub(crate) fn raw<'a>(members: &[(&str, &'a [u8])], name: &str) -> Option<&'a [u8]> {
    members.iter().find(|member| member.0 == name).map(|member| member.1)
}

/// The value of a member that is a string, escapes of `quote` undone.
pub(crate) fn text(members: &[(&str, &[u8])], name: &str) -> Option<String> {
    text_of(raw(members, name)?)
}

fn text_of(raw: &[u8]) -> Option<String> {
    let inner = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    unescape(std::str::from_utf8(inner).ok()?)
}

fn unescape(inner: &str) -> Option<String> {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(letter) = rest.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        text.push(match rest.next()? {
            'u' => {
                let digits: String = rest.by_ref().take(4).collect();
                char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
            }
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\u{8}',
            'f' => '\u{c}',
            other => other,
        });
    }
    Some(text)
}

/// A string as JSON text with its quotes.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            control if (control as u32) < 0x20 => {
                quoted.push_str(&format!("\\u{:04x}", control as u32));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
