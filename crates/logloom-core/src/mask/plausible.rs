//! Whether a value beside a secret name is a secret, or a word, a placeholder, a variable.
//!
//! The name alone proves little in running text: programs are full of `token = next_token()` and
//! manuals of `password: <your password>`. What a value must look like depends on how it is written.

use super::bytes::{ALPHANUMERIC, BASE64, HEX, LOWER, UPPER, URL_SAFE, is_in};
use super::entropy::entropy;
use super::percent::escaped;

/// How a value stands behind its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// `name=value`, `--name value`
    Assigned,
    /// `name: value`, `name = value`
    Spaced,
    /// `name="value"`
    Quoted,
}

/// Whether the value is what a masker has left.
pub(super) fn is_masked(value: &[u8]) -> bool {
    const MARK: &[u8] = b"***[MASKED";
    // Before it stand the first letters of a key, or one word such as `Bearer`; a sentence is more than that.
    let is_of_key = |at: usize| !value[..at].trim_ascii_end().iter().any(u8::is_ascii_whitespace);
    let mark = value.windows(MARK.len()).take(32).position(|part| part == MARK);
    value.starts_with(b"[MASKED") || mark.is_some_and(is_of_key)
}

/// Whether the value stands for one that somebody is to fill in.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 12] = [
        b"none",
        b"null",
        b"nil",
        b"true",
        b"false",
        b"undefined",
        b"example",
        b"redacted",
        b"changeme",
        b"string",
        b"secret",
        b"password",
    ];
    let Some(first) = value.first() else { return true };
    // `%TOKEN%` is a variable, `%2Fabc` a value in a URL.
    let is_encoded = escaped(value, 0).is_some() && !value.ends_with(b"%");
    let is_variable = matches!(first, b'$' | b'<' | b'{' | b'%' | b'*' | b'&') && !is_encoded;
    let is_one = value.len() > 2 && value.iter().all(|byte| byte == first);
    let starts =
        |text: &[u8]| value.len() >= text.len() && value[..text.len()].eq_ignore_ascii_case(text);
    is_variable
        || is_one
        || starts(b"your")
        || starts(b"...")
        || WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Whether this is the password of a field whose name says that it is one.
pub(super) fn is_password(value: &[u8], written: Written) -> bool {
    let least = if written == Written::Spaced { 6 } else { 4 };
    if value.len() < least || is_masked(value) || is_placeholder(value) || is_code(value) {
        return false;
    }
    let has_blank = value.contains(&b' ');
    let digits = value.iter().any(u8::is_ascii_digit);
    let letters = value.iter().any(|byte| is_in(*byte, LOWER | UPPER) || *byte >= 0x80);
    let signs = value
        .iter()
        .any(|byte| byte.is_ascii_punctuation() && !is_in(*byte, URL_SAFE) && *byte != b'.');
    match written {
        _ if has_blank => digits && signs && entropy(value) >= 3.5,
        Written::Spaced => digits && letters,
        Written::Assigned | Written::Quoted => {
            letters && (digits || signs) || digits && value.len() >= 6
        }
    }
}

/// Whether this is the key or token of a field whose name says that it is one.
pub(super) fn is_token(value: &[u8], written: Written) -> bool {
    let least = if written == Written::Spaced { 16 } else { 8 };
    if value.len() < least || is_masked(value) || is_placeholder(value) || is_code(value) {
        return false;
    }
    let is_plain = value.iter().all(|byte| {
        is_in(*byte, BASE64 | URL_SAFE)
            || matches!(byte, b'.' | b':' | b'~' | b'%' | b'|' | b'!' | b'*')
    });
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = value.iter().any(|byte| is_in(*byte, LOWER | UPPER));
    if !is_plain || !letters || digits == 0 || is_worded(value) || is_uuid(value) {
        return false;
    }
    match value.len() {
        ..16 => digits >= 2 && entropy(value) >= 2.75,
        _ => entropy(value) >= 3.0,
    }
}

/// `name.of_a_field`, `call(`, `0x7f00`, `/a/path`, `std::string`: code and not a value.
fn is_code(value: &[u8]) -> bool {
    let is_identifier =
        value.iter().all(|byte| is_in(*byte, LOWER | UPPER) || matches!(byte, b'_' | b'.'));
    let is_path = value.starts_with(b"/") || value.starts_with(b"./") || value.starts_with(b"~/");
    let is_address = value.starts_with(b"0x") && value[2..].iter().all(|byte| is_in(*byte, HEX));
    let calls = value.windows(2).any(|pair| matches!(pair, b"::" | b"->" | b"()" | b"&&" | b"||"));
    is_identifier || is_path || is_address || calls
}

/// `my-service-token-v2`, `2026-11-22T07:00:00`, `1.2.3-beta`: words and numbers, each short and of
/// one sort, between dashes, dots and underscores.
fn is_worded(value: &[u8]) -> bool {
    let mut words = value.split(|byte| !is_in(*byte, ALPHANUMERIC)).filter(|word| !word.is_empty());
    let is_word = |word: &[u8]| {
        let letters = word.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let case = word[..letters].iter().skip(1).all(u8::is_ascii_lowercase)
            || word[..letters].iter().all(u8::is_ascii_uppercase);
        let rest = &word[letters..];
        let number = rest.iter().all(u8::is_ascii_digit);
        let single = letters == 0 || rest.len() <= 2;
        number && single && case && word.len() <= 14 || is_time(word)
    };
    words.all(is_word)
}

/// `22T07`, `00Z` in a time stamp.
fn is_time(word: &[u8]) -> bool {
    word.len() <= 6 && word.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'T' | b'Z'))
}

/// `2026-11-22T07:00:00Z`, `07:00:00.123Z`: what a line of a log begins with.
pub(super) fn is_moment(value: &[u8]) -> bool {
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    matches!((digits, value.get(digits)), (4, Some(b'-' | b'/')) | (2, Some(b':')))
}

/// An identifier that programs give to everything; where it is a key, its field is JSON.
fn is_uuid(value: &[u8]) -> bool {
    let is_dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let fits =
        |(at, byte): (usize, &u8)| if is_dash(at) { *byte == b'-' } else { is_in(*byte, HEX) };
    value.len() == 36 && value.iter().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_told_from_words() {
        for value in ["hunter2", "Tr0ub4dor&3", "p@ssword", "123456", "correct9horse"] {
            assert!(is_password(value.as_bytes(), Written::Assigned), "{value}");
        }
        for value in [
            "",
            "self.password",
            "password",
            "$PASSWORD",
            "<your>",
            "None",
            "****",
            "get",
            "args::Password",
            "[MASKED]",
        ] {
            assert!(!is_password(value.as_bytes(), Written::Assigned), "{value}");
        }
        assert!(!is_password(b"incorrect", Written::Spaced));
        assert!(is_password(b"hunter2", Written::Spaced));
    }

    #[test]
    fn tokens_are_told_from_code() {
        for value in [
            "9f86d081884c7d659a2feaa0c55ad015",
            "a8F3kLm29xQz",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzz1KEY",
        ] {
            assert!(is_token(value.as_bytes(), Written::Assigned), "{value}");
        }
        for value in [
            "next_token",
            "my-service-token-v2",
            "2026-11-22T07:00:00Z",
            "1.2.3-beta.4",
            "0x7fff12345678",
            "4096",
            "12345678901234567890",
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            "token_1",
            "sha256",
        ] {
            assert!(!is_token(value.as_bytes(), Written::Assigned), "{value}");
        }
    }
}
