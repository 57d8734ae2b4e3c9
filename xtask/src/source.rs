//! Rust source parted into code and comments.
//!
//! In comes the text of a Rust file; out come two texts of the same length and the same lines, one
//! with only its code (strings, characters and comments blanked), one with only its comments. It is
//! a scanner, not a parser: it refuses nothing, and an unclosed string simply runs to the end.

/// A Rust file parted in two; both parts have the line breaks of the whole.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Code, without the insides of strings and without comments.
    pub code: String,
    /// Comments alone, documentation included.
    pub comments: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

/// Parts a Rust file into code and comments.
pub fn part(text: &str) -> Parts {
    let bytes = text.as_bytes();
    let mut code = Vec::with_capacity(bytes.len());
    let mut comments = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (kind, end) = next(bytes, at);
        for &byte in &bytes[at..end] {
            let blank = if byte == b'\n' { b'\n' } else { b' ' };
            code.push(if kind == Kind::Code { byte } else { blank });
            comments.push(if kind == Kind::Comment { byte } else { blank });
        }
        at = end;
    }
    Parts {
        code: String::from_utf8_lossy(&code).into_owned(),
        comments: String::from_utf8_lossy(&comments).into_owned(),
    }
}

/// Kind and end of the piece that begins at `at`.
fn next(bytes: &[u8], at: usize) -> (Kind, usize) {
    let rest = &bytes[at..];
    if rest.starts_with(b"//") {
        let length = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        return (Kind::Comment, at + length);
    }
    if rest.starts_with(b"/*") {
        return (Kind::Comment, at + block_comment(rest));
    }
    if rest[0] == b'"' {
        return (Kind::Literal, at + quoted(rest, b'"'));
    }
    if rest[0] == b'\'' {
        return match character(rest) {
            Some(length) => (Kind::Literal, at + length),
            None => (Kind::Code, at + 1),
        };
    }
    let inside_word = at > 0 && is_word(bytes[at - 1]);
    if !inside_word && let Some(length) = raw_string(rest) {
        return (Kind::Literal, at + length);
    }
    (Kind::Code, at + 1)
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Length of a character literal, or none where the quote begins a lifetime.
fn character(rest: &[u8]) -> Option<usize> {
    if rest.get(1) == Some(&b'\\') {
        return Some(quoted(rest, b'\''));
    }
    // One character of one to four bytes, then the closing quote.
    (2..=5)
        .find(|&end| rest.get(end) == Some(&b'\'') && one_character(&rest[1..end]))
        .map(|e| e + 1)
}

fn one_character(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().count() == 1)
}

/// Length of `r"…"`, `r#"…"#`, `br"…"`, `cr"…"` when one begins here.
fn raw_string(rest: &[u8]) -> Option<usize> {
    let prefix = [&b"br"[..], b"cr", b"r"].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let hashes = rest[prefix.len()..].iter().take_while(|&&b| b == b'#').count();
    let open = prefix.len() + hashes;
    if rest.get(open) != Some(&b'"') {
        return None;
    }
    let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let body = &rest[open + 1..];
    let length = body.windows(close.len()).position(|window| window == close);
    Some(length.map_or(rest.len(), |length| open + 1 + length + close.len()))
}

/// Whether a byte can stand in an identifier.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Byte positions of a whole word.
pub fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = text.as_bytes();
    text.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let before = at == 0 || !is_word(bytes[at - 1]);
        let after = bytes.get(at + word.len()).is_none_or(|&byte| !is_word(byte));
        before && after
    })
}

/// The line, counted from 1, of a byte position.
pub fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// The end of the item that begins at `at`: past its `;`, or past the brace that closes it.
pub fn item_end(code: &str, at: usize) -> usize {
    let (mut round, mut braces) = (0_i32, 0_i32);
    for (offset, byte) in code.as_bytes()[at..].iter().enumerate() {
        match byte {
            b'(' | b'[' => round += 1,
            b')' | b']' => round -= 1,
            b'{' => braces += 1,
            b'}' => {
                braces -= 1;
                if braces <= 0 {
                    return at + offset + 1;
                }
            }
            b';' if round == 0 && braces == 0 => return at + offset + 1,
            _ => {}
        }
    }
    code.len()
}

/// Code with every item under `#[cfg(test)]` blanked, lines kept.
pub fn without_tests(code: &str) -> String {
    let mut kept = code.as_bytes().to_vec();
    for (at, mark) in code.match_indices("#[cfg(test)]") {
        let end = item_end(code, at + mark.len());
        for byte in &mut kept[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_leave_the_code() {
        let parts =
            part("let a = \"x // {\"; // one }\nlet b = r#\"\"{\"#; /* a /* b */ { */ c();");
        assert!(!parts.code.contains(['{', '}']), "{}", parts.code);
        assert!(parts.comments.contains("one }") && parts.code.contains("c();"));
        assert_eq!(parts.code.lines().count(), 2);
    }

    #[test]
    fn a_lifetime_is_no_character() {
        let parts = part("fn f<'a>(x: &'a str) { m('{'); m('\\''); m('\u{e9}') }");
        assert_eq!(parts.code.matches('{').count(), 1);
        assert!(parts.code.contains("'a str"));
    }

    #[test]
    fn a_name_that_ends_in_r_begins_no_raw_string() {
        assert!(part("bar\"x\"; y()").code.contains("y()"));
        assert!(part("let r#type = 1; y()").code.contains("y()"));
    }

    #[test]
    fn test_modules_are_blanked() {
        let code = without_tests("fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\nfn c() {}\n");
        assert!(code.contains("fn a") && !code.contains("fn b") && code.contains("fn c"));
    }

    #[test]
    fn whole_words_only() {
        assert_eq!(words("unsafe_code unsafe not_unsafe", "unsafe").collect::<Vec<_>>(), [12]);
    }
}
