//! Lines of `.pgpass`, in which programs look for passwords.

use super::super::bytes::{DIGITS, DOTTED, run, run_back};
use super::super::hit::{Form, Hit};
use super::super::plausible::is_placeholder;
use super::shape::Place;
use super::{Finder, Kind};

const GROUP: &str = "commands";

pub(super) const KINDS: &[Kind] = &[Kind {
    name: "pgpass_password",
    group: GROUP,
    looks: "`host:port:database:user:password`, of which one is `*`, or behind a line with `pgpass` in it",
    anchors: &[":*:", "pgpass"],
    finder: Finder::Code(pgpass),
}];

/// Longest line, and longest word of one.
const WORD_BYTES_MAX: usize = 256;

/// Blanks and line breaks, also with escapes.
fn gap(bytes: &[u8], at: usize, is_json: bool) -> usize {
    let mut length = 0;
    while let Some(rest) = bytes.get(at + length..).filter(|_| length < 64) {
        let backslashes = rest.iter().take(16).take_while(|byte| **byte == b'\\').count();
        length += match (backslashes, rest.get(backslashes)) {
            (0, Some(b' ' | b'\t')) => 1,
            (0, Some(b'\n' | b'\r')) if !is_json => 1,
            (1.., Some(b'n' | b'r' | b't')) => backslashes + 1,
            _ => break,
        };
    }
    length
}

fn word_len(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default().iter().take(WORD_BYTES_MAX);
    rest.take_while(|byte| byte.is_ascii_graphic() && !b"\"'`\\".contains(byte)).count()
}

fn value(bytes: &[u8], start: usize, length: usize) -> Option<Hit> {
    let end = start + length;
    let text = &bytes[start..end];
    // A mask within is that of a shape, which was the whole secret then.
    let is_none = memchr::memmem::find(text, b"[MASKED").is_some() || is_placeholder(text);
    (!is_none).then_some(Hit { start, end, kind: "pgpass_password", form: Form::Value })
}

fn pgpass(place: &Place<'_>) -> Option<Hit> {
    let bytes = place.bytes;
    let start = match place.anchor {
        b"pgpass" => {
            let behind = place.at + place.anchor.len();
            let rest = bytes.get(behind..)?;
            let quote = rest.iter().take(4).take_while(|byte| b"'\"` ".contains(byte)).count();
            let start = behind + if place.is_json { 0 } else { quote };
            start + Some(gap(bytes, start, place.is_json)).filter(|length| *length > 0)?
        }
        _ => {
            let is_of_line = |byte: &&u8| {
                matches!(byte, b'*' | b':' | b'.' | b'-' | b'_') || byte.is_ascii_alphanumeric()
            };
            let before = bytes[..place.at].iter().rev().take(WORD_BYTES_MAX);
            let start = place.at - before.take_while(is_of_line).count();
            super::super::bytes::escape_end(bytes, start).unwrap_or(start).min(place.at)
        }
    };
    let length = word_len(bytes, start);
    let line = &bytes[start..start + length];
    let mut fields = line.splitn(5, |byte| *byte == b':');
    let mut next = || fields.next();
    let (host, port, database, user, password) = (next()?, next()?, next()?, next()?, next()?);
    let is_name = |field: &[u8]| {
        field == b"*" || !field.is_empty() && run(field, 0, DOTTED, field.len()) == field.len()
    };
    let is_port = port == b"*"
        || (2..=5).contains(&port.len()) && run_back(port, port.len(), DIGITS, 5) == port.len();
    let has_end = password.iter().all(|byte| *byte != b':');
    let is_line = is_name(host) && is_port && is_name(database) && is_name(user) && has_end;
    let wide = [host, port, database].contains(&&b"*"[..]) || place.anchor == b"pgpass";
    // Without letters or digits it is a pattern.
    let is_word = password.iter().any(u8::is_ascii_alphanumeric) && password.len() >= 4;
    if !(is_line && wide && is_word) {
        return None;
    }
    value(bytes, start + length - password.len(), password.len())
}
