//! Credentials in URLs: `scheme://user:password@host`, `https://token@host`, also of a URL that is a
//! parameter of another one, or of one that is encoded twice.

use std::ops::Range;

use super::super::bytes::{ALPHANUMERIC, DOTTED, URL_SAFE, is_in, run, run_back};
use super::super::entropy::entropy;
use super::super::hit::{Form, Hit};
use super::super::percent;
use super::super::plausible::{is_masked, is_placeholder};
use super::shape::{Place, is_mixed};
use super::{Finder, Kind};

const KIND: &str = "url_credentials";

pub(super) const KINDS: &[Kind] = &[URL, BARE, ORACLE];

const URL: Kind = Kind {
    name: KIND,
    group: "url",
    looks: "`scheme://user:password@host`, and `scheme://token@host`",
    anchors: &[
        "://",
        // As JSON may have it, up to three times.
        ":\\/\\/",
        ":\\\\/\\\\/",
        ":\\\\\\/\\\\\\/",
        ":\\\\\\\\/\\\\\\\\/",
        "：//",
        "：／／",
        "%3A%2F%2F",
        "%3a%2f%2f",
        // Without their `%`, `%25` and `%253`: digits stand everywhere.
        "3A//",
        "3a//",
        "A%252F%252F",
        "a%252f%252f",
    ],
    finder: Finder::Code(find),
};

const BARE: Kind = Kind {
    name: "bare_url_credentials",
    group: "url",
    looks: "`//user:password@host`",
    anchors: &[" //", "\"//", "'//"],
    finder: Finder::Code(bare),
};

const ORACLE: Kind = Kind {
    name: "oracle_credentials",
    group: "url",
    looks: "`jdbc:oracle:thin:user/password@host`",
    anchors: &["e:thin:"],
    finder: Finder::Code(oracle),
};

/// Longest part before the `@`.
const USER_BYTES_MAX: usize = 512;
/// That of Chinese texts.
const WIDE_COLON: &[u8] = "：".as_bytes();
/// Shortest name that is taken for a token.
const TOKEN_BYTES_MIN: usize = 20;

fn find(place: &Place<'_>) -> Option<Hit> {
    let bytes = place.bytes;
    let (colon, times) = divider(place)?;
    if run_back(bytes, colon, ALPHANUMERIC, 2) < 2 {
        return None;
    }
    let start = place.at + place.anchor.len();
    let rest = &bytes[start..];
    let secret = match times {
        Some(times) => encoded_secret(rest, times)?,
        None => secret(rest).or_else(|| half_encoded_secret(rest))?,
    };
    let (start, end) = (start + secret.start, start + secret.end);
    let value = &bytes[start..end];
    let is_empty = value.is_empty() || is_masked(value) || is_placeholder(value);
    let hit = Hit { start, end, kind: KIND, form: Form::Value };
    (!is_empty).then_some(hit)
}

/// The password in what follows `//`.
fn bare(place: &Place<'_>) -> Option<Hit> {
    let start = place.at + place.anchor.len();
    let found = secret(&place.bytes[start..])?;
    let value = &place.bytes[start + found.start..start + found.end];
    let is_password =
        found.start > 1 && value.len() >= 4 && !is_masked(value) && !is_placeholder(value);
    let (start, end) = (start + found.start, start + found.end);
    is_password.then_some(Hit { start, end, kind: "bare_url_credentials", form: Form::Value })
}

/// The password in `jdbc:oracle:thin:user/password@host`.
fn oracle(place: &Place<'_>) -> Option<Hit> {
    let user = place.at + place.anchor.len();
    let start = user + 1 + run(place.bytes, user, DOTTED, 64);
    let rest = place.bytes.get(start..)?.iter().take(USER_BYTES_MAX);
    let end = start + rest.take_while(|byte| is_user_info(**byte)).count();
    let value = &place.bytes[start..end];
    let is_one = place.bytes[start - 1] == b'/' && place.bytes.get(end) == Some(&b'@');
    let is_empty = value.is_empty() || is_masked(value) || is_placeholder(value);
    let hit = Hit { start, end, kind: "oracle_credentials", form: Form::Value };
    (is_one && !is_empty).then_some(hit)
}

/// The password, or the token, in what follows `://`.
fn secret(rest: &[u8]) -> Option<Range<usize>> {
    let length = |from: usize, has_at: bool| {
        let rest = rest[from..].iter().take(USER_BYTES_MAX);
        rest.take_while(|byte| is_user_info(**byte) || has_at && **byte == b'@').count()
    };
    let at = length(0, false);
    if rest.get(at) != Some(&b'@') || at == 0 {
        return None;
    }
    // A password may hold an `@` of its own.
    let end = at + 1 + length(at + 1, true);
    let at = at + rest[at..end].iter().rposition(|byte| *byte == b'@')?;
    if rest.get(at + 1).is_none_or(|byte| !is_host(*byte)) {
        return None;
    }
    let user = &rest[..at];
    let colon = user.iter().position(|byte| *byte == b':').map(|colon| colon + 1);
    let wide = || memchr::memmem::find(user, WIDE_COLON).map(|colon| colon + WIDE_COLON.len());
    match colon.or_else(wide) {
        Some(start) => Some(start..at),
        None => is_token(user).then_some(0..at),
    }
}

/// Where the colon begins, and how often it was encoded if it was.
fn divider(place: &Place<'_>) -> Option<(usize, Option<Times>)> {
    let before = &place.bytes[..place.at];
    Some(match place.anchor {
        [b':' | 0xEF, ..] => (place.at, None),
        anchor if anchor.starts_with(b"%") => (place.at, Some(Times::Once)),
        b"3A//" | b"3a//" if before.ends_with(b"%25") => (place.at - 3, Some(Times::Twice)),
        b"3A//" | b"3a//" if before.ends_with(b"%") => (place.at - 1, Some(Times::Once)),
        _ if before.ends_with(b"%253") => (place.at - 4, Some(Times::Twice)),
        _ => return None,
    })
}

/// How often a text was encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Times {
    Once,
    Twice,
}

/// The same in what follows `%3A%2F%2F`: a URL within another one.
fn encoded_secret(rest: &[u8], times: Times) -> Option<Range<usize>> {
    let most = if times == Times::Twice { 5 } else { 3 } * USER_BYTES_MAX;
    let rest = &rest[..rest.len().min(most)];
    let is_end = |byte: &u8| !is_user_info(*byte) && *byte != b'@' || *byte == b'&';
    let rest = &rest[..rest.iter().position(is_end).unwrap_or(rest.len())];
    let (mut places, mut text): (Vec<usize>, Vec<u8>) = percent::places(rest).unzip();
    if times == Times::Twice {
        let (outer, once) = (std::mem::take(&mut places), std::mem::take(&mut text));
        let inner = percent::places(&once).map(|(at, byte)| (outer[at], byte));
        (places, text) = inner.unzip();
    }
    let found = secret(&text)?;
    Some(places[found.start]..places[found.end])
}

/// The same in what follows `://`, where only `:` and `@` are encoded.
fn half_encoded_secret(rest: &[u8]) -> Option<Range<usize>> {
    let length = rest.iter().take(USER_BYTES_MAX).take_while(|byte| is_user_info(**byte)).count();
    let has = |sign: &[u8]| rest[..length].windows(sign.len()).any(|found| found == sign);
    let is_twice = has(b"%2540");
    // A query may hold an address.
    let is_other = || rest[..length].iter().any(|byte| matches!(byte, b'?' | b'=' | b'&' | b'#'));
    if !(has(b"%40") || is_twice) || is_other() {
        return None;
    }
    encoded_secret(rest, if is_twice { Times::Twice } else { Times::Once })
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
