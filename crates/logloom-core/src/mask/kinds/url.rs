//! Credentials in URLs: `scheme://user:password@host`, `https://token@host`.

use super::super::bytes::{ALPHANUMERIC, URL_SAFE, is_in, run_back};
use super::super::entropy::entropy;
use super::super::hit::{Form, Hit};
use super::super::plausible::{is_masked, is_placeholder};
use super::shape::{Place, is_mixed};
use super::{Finder, Kind};

pub(super) const KINDS: &[Kind] = &[Kind {
    name: "url_credentials",
    group: "url",
    looks: "`scheme://user:password@host`, and `scheme://token@host`",
    anchors: &["://"],
    finder: Finder::Code(find),
}];

/// Longest part before the `@`.
const USER_BYTES_MAX: usize = 512;
/// Shortest name that is taken for a token.
const TOKEN_BYTES_MIN: usize = 20;

fn find(place: &Place<'_>) -> Option<Hit> {
    let bytes = place.bytes;
    let start = place.at + place.anchor.len();
    let rest = bytes[start..].iter().take(USER_BYTES_MAX);
    let at = start + rest.take_while(|byte| is_user_info(**byte)).count();
    if bytes.get(at) != Some(&b'@') || at == start {
        return None;
    }
    // A password may hold an `@` of its own.
    let more = bytes[at + 1..].iter().take(USER_BYTES_MAX);
    let last = more.take_while(|byte| is_user_info(**byte) || **byte == b'@');
    let end = at + 1 + last.count();
    let at = at + bytes[at..end].iter().rposition(|byte| *byte == b'@')?;
    if run_back(bytes, place.at, ALPHANUMERIC, 2) < 2
        || bytes.get(at + 1).is_none_or(|byte| !is_host(*byte))
    {
        return None;
    }
    let user = &bytes[start..at];
    let secret = match user.iter().position(|byte| *byte == b':') {
        Some(colon) => start + colon + 1,
        None if is_token(user) => start,
        None => return None,
    };
    let value = &bytes[secret..at];
    let is_empty = value.is_empty() || is_masked(value) || is_placeholder(value);
    let hit = Hit { start: secret, end: at, kind: "url_credentials", form: Form::Value };
    (!is_empty).then_some(hit)
}

fn is_user_info(byte: u8) -> bool {
    !byte.is_ascii_control()
        && !matches!(
            byte,
            b' ' | b'/' | b'@' | b'"' | b'\'' | b'\\' | b'<' | b'>' | b'`' | b'(' | b')' | b','
        )
}

fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'[' | b'_' | b'$' | b'%') || byte >= 0x80
}

fn is_token(user: &[u8]) -> bool {
    let is_plain = user.iter().all(|byte| is_in(*byte, URL_SAFE));
    user.len() >= TOKEN_BYTES_MIN && is_plain && is_mixed(user) && entropy(user) >= 3.0
}
