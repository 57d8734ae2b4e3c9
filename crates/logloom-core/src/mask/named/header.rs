//! Headers whose value is a secret as a whole: `Authorization: ...`, `Cookie: ...`.

use super::super::bytes::{DASHED, DOTTED, HEX, TOKEN, char_end, run};
use super::super::hit::{Form, Hit};
use super::super::kinds::Place;
use super::super::plausible::is_masked;

/// Shortest credentials behind the name of a scheme.
const CREDENTIALS_BYTES_MIN: usize = 8;
/// Shortest credentials without one.
const BARE_BYTES_MIN: usize = 16;
/// Longest value of a cookie header.
const COOKIE_BYTES_MAX: usize = 16 << 10;

/// Schemes whose credentials need no digits to be told from words.
const SCHEMES: [&[u8]; 9] = [
    b"basic",
    b"bearer",
    b"negotiate",
    b"ntlm",
    b"kerberos",
    b"token",
    b"apikey",
    b"api-key",
    b"key",
];
/// Longest list of parameters of `Digest` and the like.
const PARAMETERS_BYTES_MAX: usize = 2048;

/// `Basic dXNlcjpwYXNz`, `Token 0123...`, `Digest ..., response="..."`, or the credentials alone.
pub(super) fn authorization(bytes: &[u8], at: usize) -> Option<Hit> {
    let word = run(bytes, at, DASHED, 24);
    let behind = at + word;
    let scheme = &bytes[at..behind];
    if scheme.eq_ignore_ascii_case(b"digest") {
        return digest(bytes, behind);
    }
    let has_scheme = word >= 3 && bytes.get(behind) == Some(&b' ');
    let (start, least) = match has_scheme {
        true => (behind + 1, CREDENTIALS_BYTES_MIN),
        false => (at, BARE_BYTES_MIN),
    };
    let end = start + run(bytes, start, TOKEN, 4096);
    let value = &bytes[start..end];
    let is_known = has_scheme && SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme));
    let looks_encoded = || {
        let rest = value.get(1..).unwrap_or_default();
        rest.iter().any(|byte| byte.is_ascii_uppercase()) || value.ends_with(b"=")
    };
    let is_mixed = value.iter().any(u8::is_ascii_digit) || is_known && looks_encoded();
    let hit = Hit { start, end, kind: "authorization", form: Form::Shape };
    (value.len() >= least && is_mixed).then_some(hit)
}

/// The answer among the parameters from `at` on.
fn digest(bytes: &[u8], at: usize) -> Option<Hit> {
    const NAME: &[u8] = b"response=";
    let rest = &bytes[at..bytes.len().min(at + PARAMETERS_BYTES_MAX)];
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let rest = &rest[..rest.iter().position(is_end).unwrap_or(rest.len())];
    let name = at + memchr::memmem::find(rest, NAME)? + NAME.len();
    let quotes = bytes[name..].iter().take(16).take_while(|byte| b"\\\"'".contains(byte)).count();
    let start = name + quotes;
    let end = start + run(bytes, start, HEX, 128);
    let hit = Hit { start, end, kind: "authorization", form: Form::Shape };
    (end - start >= 32).then_some(hit)
}

/// `name=value; other=value` up to the end of the line or of the text it stands in.
pub(super) fn cookie(place: &Place<'_>, start: usize) -> Option<Hit> {
    let name = run(place.bytes, start, DOTTED, 64);
    if place.bytes.get(start + name) != Some(&b'=') {
        return None;
    }
    let rest = place.bytes.get(start..)?.iter().take(COOKIE_BYTES_MAX);
    let end = start
        + rest
            .take_while(|byte| {
                !byte.is_ascii_control() && !matches!(byte, b'"' | b'\'' | b'\\' | b'`')
            })
            .count();
    let value = place.bytes[start..char_end(place.bytes, end)].trim_ascii_end();
    let end = start + value.len();
    let is_cookie = value.len() >= CREDENTIALS_BYTES_MIN
        && (value.iter().any(u8::is_ascii_digit) || is_session(&place.bytes[start..start + name]))
        && !is_masked(value);
    is_cookie.then_some(Hit { start, end, kind: "cookie", form: Form::Value })
}

/// Whether a cookie of this name is what keeps somebody logged in.
fn is_session(name: &[u8]) -> bool {
    const WORDS: [&[u8]; 6] = [b"sess", b"sid", b"auth", b"login", b"remember", b"user"];
    let lower = name.to_ascii_lowercase();
    WORDS.iter().any(|word| memchr::memmem::find(&lower, word).is_some())
}
