//! Passwords that are words, where what stands around them says that they are passwords: in connection
//! strings (`Server=...;Password=letmein;`), queries (`?user=a&password=letmein`), options
//! (`--password=letmein`) and the environment of a command (`PGPASSWORD=letmein psql`).
//!
//! Takes a name with an equals sign behind it. Elsewhere a word behind it may be code or prose.

use super::super::bytes::{WORD, run};
use super::super::plausible::{Written, is_masked, is_placeholder};
use super::{Divider, Name, Sort};

/// Shortest password that is a word.
const LETTERS_MIN: usize = 4;
/// Shortest token that is one.
const TOKEN_LETTERS_MIN: usize = 8;
/// Longest value in a connection string.
const VALUE_BYTES_MAX: usize = 128;
/// What a switch may be set to, and what stands for a value in manuals.
const OTHERS: [&str; 24] = [
    "enabled",
    "disabled",
    "required",
    "optional",
    "allowed",
    "denied",
    "always",
    "never",
    "empty",
    "hidden",
    "default",
    "prompt",
    "stdin",
    "file",
    "pass",
    "passwd",
    "mypassword",
    "yourpassword",
    "value",
    "text",
    "test",
    "user",
    "username",
    "self",
];

/// Whether a value that nothing tells from a word is a secret all the same.
pub(super) fn is_secret(name: &Name<'_>, divider: &Divider, sort: Sort, value: &[u8]) -> bool {
    match sort {
        Sort::Password => is_argument(name, divider) && is_password(value),
        _ => is_option(name) && value.len() >= TOKEN_LETTERS_MIN && is_password(value),
    }
}

/// Whether the value is an argument and no part of a program or a sentence.
fn is_argument(name: &Name<'_>, divider: &Divider) -> bool {
    let before = name.start.checked_sub(1).map(|before| name.place.bytes[before]);
    let is_assigned = divider.written == Written::Assigned && divider.quote.is_none();
    let is_capital = |byte: &u8| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'0'..=b'9');
    let is_variable = name.name.len() >= "SSHPASS".len()
        && &*name.name != b"PASSWORD"
        && name.name.iter().all(is_capital)
        && !matches!(before, Some(b'.' | b'$' | b'{' | b'('));
    let is_behind_another = matches!(before, Some(b';' | b'&' | b'?'));
    is_assigned && (is_option(name) || is_behind_another || is_variable)
}

/// `--name=`
fn is_option(name: &Name<'_>) -> bool {
    name.name.starts_with(b"--") && name.place.bytes.get(name.end) == Some(&b'=')
}

/// Whether words may be a password: not what stands for one, nor a switch.
fn is_password(value: &[u8]) -> bool {
    let is_plain = value.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b' ');
    let is_name = value.iter().all(u8::is_ascii_uppercase);
    let lower = value.to_ascii_lowercase();
    let is_other = OTHERS.iter().any(|other| lower == other.as_bytes());
    let names_one = ["token", "secret", "passw"]
        .iter()
        .any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some());
    let is_none = is_masked(value) || is_placeholder(value) || is_other || is_name || names_one;
    is_plain && value.len() >= LETTERS_MIN && !is_none
}

/// The end of a value with blanks in a connection string: at the `;` before the next name.
pub(super) fn connection_end(name: &Name<'_>, divider: &Divider) -> Option<usize> {
    let (bytes, start) = (name.place.bytes, divider.value);
    let is_one = name.start > 0 && bytes[name.start - 1] == b';' && is_argument(name, divider);
    let rest = bytes.get(start..).filter(|_| is_one)?;
    let is_within = |byte: &&u8| !byte.is_ascii_control() && !b";\"'`\\<>".contains(byte);
    let length = rest.iter().take(VALUE_BYTES_MAX).take_while(is_within).count();
    let has_blank = rest[..length].contains(&b' ');
    let next = length + 1 + run(rest, length + 1, WORD, 32);
    // `User Id=`
    let next =
        if rest.get(next) == Some(&b' ') { next + 1 + run(rest, next + 1, WORD, 32) } else { next };
    let is_followed = rest.get(length) == Some(&b';') && rest.get(next) == Some(&b'=');
    (has_blank && is_followed).then_some(start + length)
}
