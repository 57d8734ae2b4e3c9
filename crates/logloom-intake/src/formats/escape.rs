//! Escapes within quoted text.
//!
//! Takes text as it stands between quotes, gives what was meant. An escape that is none stays as it
//! was written, so that nothing is lost.

/// Undoes the escapes of C, Go, Apache and nginx: `\\n`, `\\t`, `\\r`, `\\"`, `\\\\`, `\\xhh`, `\\uhhhh`.
pub(super) fn undone(text: &str) -> String {
    let Some(first) = text.find('\\') else { return text.to_owned() };
    let mut bytes = text.as_bytes()[..first].to_vec();
    let mut rest = &text[first..];
    while let Some(after) = rest.strip_prefix('\\') {
        let length = 1 + escape(after, &mut bytes);
        let next = rest[length..].find('\\').map_or(rest.len(), |at| length + at);
        bytes.extend_from_slice(&rest.as_bytes()[length..next]);
        rest = &rest[next..];
    }
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into())
}

/// Adds what the escape means; gives its length behind the backslash, 0 where it is none.
fn escape(after: &str, bytes: &mut Vec<u8>) -> usize {
    let plain = match after.as_bytes().first() {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(byte @ (b'"' | b'\\' | b'/')) => *byte,
        Some(b'x') => {
            return match hex(after, 2).and_then(|code| u8::try_from(code).ok()) {
                Some(byte) => (bytes.push(byte), 3).1,
                None => (bytes.push(b'\\'), 0).1,
            };
        }
        Some(b'u') => {
            return match hex(after, 4).and_then(char::from_u32) {
                Some(found) => (bytes.extend(found.encode_utf8(&mut [0; 4]).bytes()), 5).1,
                None => (bytes.push(b'\\'), 0).1,
            };
        }
        _ => return (bytes.push(b'\\'), 0).1,
    };
    bytes.push(plain);
    1
}

fn hex(after: &str, digits: usize) -> Option<u32> {
    let digits = after.get(1..=digits)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// Takes out the backslashes before these characters and leaves all others: RFC 5424 escapes a
/// quote, a backslash and a closing bracket, and nothing else.
pub(super) fn of_structured_data(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.next_if(|next| character == '\\' && matches!(next, '"' | '\\' | ']'));
        out.push(next.unwrap_or(character));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{of_structured_data, undone};

    #[test]
    fn escapes() {
        let check = |text: &str, expect: &str| assert_eq!(undone(text), expect, "{text}");
        check("plain", "plain");
        check(r#"a \"b\" \\ \/ \t"#, "a \"b\" \\ / \t");
        check(r"caf\xc3\xa9 \x22 \u00e9", "caf\u{e9} \" \u{e9}");
        check(r"C:\dir \q \x2 \xzz \ud800 \", r"C:\dir \q \x2 \xzz \ud800 \");
        check(r"\xff", "\u{fffd}");
        check("\\\u{e9}", "\\\u{e9}");
        assert_eq!(of_structured_data(r#"C:\new \"x\" \] \\"#), "C:\\new \"x\" ] \\");
    }
}
