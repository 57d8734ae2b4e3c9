//! Headers whose value is a secret as a whole: `Authorization: ...`, `Cookie: ...`.

use super::super::bytes::{DASHED, DOTTED, TOKEN, char_end, run};
use super::super::hit::{Form, Hit};
use super::super::kinds::Place;
use super::super::plausible::is_masked;

/// Shortest credentials behind the name of a scheme.
const CREDENTIALS_BYTES_MIN: usize = 8;
/// Shortest credentials without one.
const BARE_BYTES_MIN: usize = 16;
/// Longest value of a cookie header.
const COOKIE_BYTES_MAX: usize = 16 << 10;

/// `Basic dXNlcjpwYXNz`, `Token 0123...`, or the credentials alone.
pub(super) fn authorization(bytes: &[u8], at: usize) -> Option<Hit> {
    let word = run(bytes, at, DASHED, 24);
    let behind = at + word;
    let has_scheme = word >= 3 && bytes.get(behind) == Some(&b' ');
    let (start, least) = match has_scheme {
        true => (behind + 1, CREDENTIALS_BYTES_MIN),
        false => (at, BARE_BYTES_MIN),
    };
    let end = start + run(bytes, start, TOKEN, 4096);
    let value = &bytes[start..end];
    let is_secret = value.len() >= least && value.iter().any(u8::is_ascii_digit);
    let hit = Hit { start, end, kind: "authorization", form: Form::Shape };
    is_secret.then_some(hit)
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
        && value.iter().any(u8::is_ascii_digit)
        && !is_masked(value);
    is_cookie.then_some(Hit { start, end, kind: "cookie", form: Form::Value })
}
