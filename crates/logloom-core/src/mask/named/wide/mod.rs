//! Names and values as Chinese texts have them: `密码是...`, `【密码】...`, `验证码 123456`, letters, colons
//! and blanks of full width, and all of these with the escapes of JSON.
//!
//! Takes the place of a Chinese name, of letters of full width or of an escape; [`plain`] writes what stands
//! around it anew, in the letters and signs of ASCII as far as there are such, and the value is looked for
//! there. The hit is that of the text as it stands. Refuses values that are words or amounts.

mod plain;

use super::super::bytes::is_behind_mark;
use super::super::hit::{Form, Hit};
use super::super::kinds::Place;
use super::super::plausible::{Written, is_masked, is_password, is_token};
use super::anchors::{WIDE_NAMES, WIDE_PASSWORDS};
use super::{Wanted, escaped};
use plain::Plain;

/// Names of numbers that are valid once.
const CODES: [&str; 2] = ["验证码", "驗證碼"];
/// Digits of such a number.
const CODE_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;
/// Words between a name and its value.
const COPULAS: [&str; 6] = ["就是", "是", "即为", "即為", "为", "為"];
/// What closes the brackets or quotes around a name.
const CLOSING: [&str; 7] = ["】", "」", "』", "”", "’", "）", "》"];
/// What opens those around a value.
const OPENING: [&str; 9] = ["【", "「", "『", "“", "‘", "（", "《", "[", "("];
/// What is counted, or measured: the number before it is an amount.
const UNITS: [&str; 20] = [
    "位", "個", "个", "次", "条", "條", "天", "日", "月", "年", "小时", "分", "秒", "字", "种",
    "项", "元", "ms", "s ", "%",
];
/// How the names of algorithms and encodings begin.
const ALGORITHMS: [&str; 16] = [
    "base", "sha", "md5", "utf", "aes", "rsa", "des", "sm2", "sm3", "sm4", "bcrypt", "pbkdf",
    "crc", "ipv", "oauth", "http",
];
/// Longest value.
const VALUE_BYTES_MAX: usize = 256;
/// Bytes between a number and the name behind it.
const BEFORE_BYTES_MAX: usize = 36;

/// What divides a name from its value, in full width or with an escape: its bytes, and how the value is
/// written.
pub(super) fn divider(rest: &[u8]) -> Option<(usize, Written)> {
    let (character, length) = plain::wide(rest)?;
    match character {
        ':' => Some((length, Written::Spaced)),
        '=' => Some((length, Written::Assigned)),
        _ => None,
    }
}

/// The secret beside the name that holds the anchor, if there is one.
pub(super) fn find(place: &Place<'_>, wanted: Wanted<'_>) -> Option<Hit> {
    let is_encoded = place.anchor.contains(&b'%');
    if place.anchor.is_ascii() && !escaped::is_escaped(place.anchor) && !is_encoded {
        return None;
    }
    let text = Plain::around(place);
    let hit = chinese(&text).or_else(|| full_width(place, &text, wanted))?;
    Some(Hit { start: text.outer(hit.start), end: text.outer(hit.end), ..hit })
}

/// The value beside a name in letters of full width, or beside one with escapes in running text.
fn full_width(place: &Place<'_>, text: &Plain, wanted: Wanted<'_>) -> Option<Hit> {
    let rest = text.behind(text.at);
    let letters = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let anchor = &rest.as_bytes()[..letters];
    if anchor.len() < 3 {
        return None;
    }
    let inner = Place { bytes: text.bytes(), at: text.at, anchor, before: 0, ..*place };
    // What a mark hides was part of the same word.
    let name = super::name(&inner).filter(|name| !is_behind_mark(text.bytes(), name.start))?;
    name.secret(wanted)
}

/// The value beside a Chinese name.
fn chinese(text: &Plain) -> Option<Hit> {
    let rest = text.behind(text.at);
    let name = WIDE_NAMES.iter().find(|name| rest.starts_with(**name))?;
    let is_code = CODES.contains(name);
    let behind = text.at + name.len();
    let (start, is_linked) = value_start(text, behind);
    let end = start + value_len(text.behind(start));
    let value = &text.behind(start)[..end - start];
    let next = text.behind(end);
    let is_secret = match () {
        () if is_masked(value.as_bytes()) || is_call(value, next) || is_amount(value, next) => {
            false
        }
        () if is_code && is_code_of(value) => is_linked || is_number(value),
        () if !is_linked => false,
        () if is_code || WIDE_PASSWORDS.contains(name) => is_password_of(value, next),
        () => is_token(value.as_bytes(), Written::Assigned),
    };
    let kind = if WIDE_PASSWORDS.contains(name) { "password" } else { "named_secret" };
    let hit = |start, end| Hit { start, end, kind, form: Form::Value };
    match is_secret {
        true => Some(hit(start, end)),
        false if is_code => number_before(text).map(|(start, end)| hit(start, end)),
        false => None,
    }
}

/// Where the value begins behind a name that ends at `at`, and whether more than blanks divide them.
fn value_start(text: &Plain, mut at: usize) -> (usize, bool) {
    let start = at;
    let skip = |at: usize, known: &[&str]| {
        let rest = text.behind(at);
        known.iter().find(|sign| rest.starts_with(**sign)).map_or(0, |sign| sign.len())
    };
    let blanks =
        |at: usize| text.behind(at).bytes().take(64).take_while(|byte| *byte == b' ').count();
    at += skip(at, &CLOSING);
    at += if text.is_encoded { skip(at, &["\"", "'"]) } else { 0 };
    at += blanks(at);
    at += skip(at, &COPULAS);
    at += blanks(at);
    at += skip(at, &[":", "=", "->", "→"]);
    at += blanks(at);
    at += skip(at, &OPENING);
    at += blanks(at);
    let is_linked = text.behind(start)[..at - start].chars().any(|sign| sign != ' ');
    // The `"` of a line of JSON is the end of the text.
    let quotes: &[&str] =
        if text.is_json && !text.is_encoded { &["'", "`"] } else { &["\"", "'", "`"] };
    (at + if is_linked { skip(at, quotes) } else { 0 }, is_linked)
}

/// Bytes of the value at the front.
fn value_len(rest: &str) -> usize {
    let is_of_value = |byte: &u8| byte.is_ascii_graphic() && !b"\"'`\\,;<>[](){}".contains(byte);
    let length = rest.bytes().take(VALUE_BYTES_MAX).take_while(is_of_value).count();
    let value = &rest[..length];
    value.trim_end_matches(['.', '!', '?', ':', '|']).len()
}

/// `getenv(`, `map[`, `https://host`: no value but code, or a place.
fn is_call(value: &str, next: &str) -> bool {
    next.starts_with(['(', '[']) || value.contains("://")
}

/// Whether the value is a number of something: `6位`, `1700 ms`.
fn is_amount(value: &str, next: &str) -> bool {
    let next = next.strip_prefix(' ').unwrap_or(next);
    is_number(value) && UNITS.iter().any(|unit| next.starts_with(unit))
}

fn is_number(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number that is valid once, or letters and digits of a picture.
fn is_code_of(value: &str) -> bool {
    CODE_DIGITS.contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && value.bytes().any(|byte| byte.is_ascii_digit())
}

/// A password, with `next` behind it.
fn is_password_of(value: &str, next: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let is_algorithm = ALGORITHMS.iter().any(|name| lower.starts_with(name)) && value.len() < 12;
    let is_within_words = next.starts_with(|sign: char| ('\u{4e00}'..'\u{a000}').contains(&sign));
    let is_short_number = is_number(value) && CODE_DIGITS.contains(&value.len());
    match () {
        () if is_algorithm || is_within_words && is_number(value) => false,
        () => is_short_number || is_password(value.as_bytes(), Written::Assigned),
    }
}

/// The number in `472913是您的验证码`, `472913（登录验证码）`.
fn number_before(text: &Plain) -> Option<(usize, usize)> {
    let before = text.before(text.at);
    let end = before.rfind(|sign: char| sign.is_ascii())? + 1;
    let between = &before[end..];
    let is_told = ["是", "为", "為", "（", "("].iter().any(|sign| between.starts_with(sign));
    let digits = before[..end].bytes().rev().take(12).take_while(u8::is_ascii_digit).count();
    let start = end - digits;
    let is_alone = !before[..start].ends_with(|sign: char| sign.is_ascii_graphic());
    let is_code = is_told && is_alone && CODE_DIGITS.contains(&digits);
    (is_code && between.len() <= BEFORE_BYTES_MAX).then_some((start, end))
}
