//! Name and value as members of one object or list: `{"name":"password","value":"..."}`,
//! `["--password","..."]`, and in YAML `name: DB_PASSWORD` with `value: ...` below it.
//!
//! Takes a name that nothing divides from a value of its own. Members of an object may stand between,
//! some few; before the name the value is only looked for directly.

use super::super::bytes::{LOWER, UPPER, backslashes_before, run, run_back};
use super::super::hit::{Form, Hit};
use super::super::kinds::Place;
use super::super::plausible::{Written, is_masked, is_password, is_placeholder, is_token};
use super::super::quote::{Quote, ValueEnd, bracket_end, closing, value_end};
use super::gap::gap;
use super::{Divider, Name, Sort, Wanted, cut};

/// What the member with the name is called.
const NAMES: [&[u8]; 9] = [
    b"name",
    b"key",
    b"field",
    b"header",
    b"option",
    b"param",
    b"parameter",
    b"variable",
    b"property",
];
/// What the member with the value is called.
const VALUES: [&[u8]; 3] = [b"value", b"values", b"val"];
/// Longest of these.
const LABEL_BYTES_MAX: usize = 10;
/// Members that may stand between.
const MEMBERS_BETWEEN: usize = 8;
/// Longest value before its name.
const VALUE_BYTES_MAX: usize = 1024;

pub(super) fn find(name: &Name<'_>, wanted: Wanted<'_>) -> Option<Hit> {
    let Place { bytes, is_json, .. } = name.place;
    let Some((quote, behind)) = Quote::at(bytes, name.end) else {
        return if wanted.in_text { yaml(name) } else { None };
    };
    let open = name.start.checked_sub(1 + quote.backslashes)?;
    let is_whole = Quote::at(bytes, open).is_some_and(|(begun, _)| begun.matches(quote, is_json));
    if !is_whole || backslashes_before(bytes, open) > 0 {
        return None;
    }
    if name.name.starts_with(b"-") {
        let before = blanks_back(name, open).checked_sub(1).map(|at| bytes[at]);
        let is_member = matches!(before, Some(b'[' | b',' | b'('));
        return if is_member { argument(name, quote, behind) } else { None };
    }
    let label = label(name, quote, open).filter(|label| is_one(label.text, &NAMES))?;
    value_behind(name, quote, behind).or_else(|| value_before(name, quote, label.start))
}

fn is_one(label: &[u8], known: &[&[u8]]) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(label))
}

/// The name of a member.
struct Label<'t> {
    text: &'t [u8],
    /// Where its quote begins.
    start: usize,
}

/// The name of the member whose value begins at `at`, its quotes being such as `quote`.
fn label<'t>(name: &Name<'t>, quote: Quote, at: usize) -> Option<Label<'t>> {
    let bytes = name.place.bytes;
    let colon = blanks_back(name, at);
    let colon = colon.checked_sub(1).filter(|at| bytes[*at] == b':')?;
    let end = blanks_back(name, colon);
    let end = end.checked_sub(1 + quote.backslashes)?;
    let text = end - run_back(bytes, end, LOWER | UPPER, LABEL_BYTES_MAX);
    let start = text.checked_sub(1 + quote.backslashes)?;
    let is_quote = |at: usize| Quote::at(bytes, at).is_some_and(|(other, _)| other == quote);
    let is_quoted = is_quote(end) && is_quote(start) && text < end;
    is_quoted.then_some(Label { text: &bytes[text..end], start })
}

/// Where the blanks before `at` begin.
fn blanks_back(name: &Name<'_>, at: usize) -> usize {
    let Place { bytes, is_json, .. } = name.place;
    let is_blank = |byte: &u8| match byte {
        b' ' | b'\t' => true,
        b'\n' | b'\r' => !is_json,
        _ => false,
    };
    at - bytes[..at].iter().rev().take(64).take_while(|byte| is_blank(byte)).count()
}

/// The value in a member behind the name.
fn value_behind(name: &Name<'_>, quote: Quote, mut at: usize) -> Option<Hit> {
    let Place { bytes, is_json, .. } = name.place;
    let skip = |at: usize| at + gap(bytes, at, is_json).length;
    for _ in 0..MEMBERS_BETWEEN {
        at = skip(at);
        if bytes.get(at) != Some(&b',') {
            return None;
        }
        let (open, inside) = Quote::at(bytes, skip(at + 1))?;
        let end = closing(bytes, inside, open, is_json).filter(|_| open.matches(quote, is_json))?;
        let (_, colon) = Quote::at(bytes, end)?;
        let colon = skip(colon);
        if bytes.get(colon) != Some(&b':') {
            return None;
        }
        let value = skip(colon + 1);
        if is_one(&bytes[inside..end], &VALUES) {
            return name.field(quote, &divider(value, Some(quote)));
        }
        at = member_end(name, quote, value)?;
    }
    None
}

fn divider(value: usize, quote: Option<Quote>) -> Divider {
    Divider { value, written: Written::Spaced, has_break: false, is_encoded: false, quote }
}

/// Where the value of another member ends.
fn member_end(name: &Name<'_>, quote: Quote, at: usize) -> Option<usize> {
    let Place { bytes, is_json, .. } = name.place;
    match *bytes.get(at)? {
        b'{' | b'[' => bracket_end(bytes, at, quote, is_json),
        byte if byte.is_ascii_alphanumeric() || byte == b'-' => {
            let is_plain = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
            Some(at + bytes[at..].iter().take(64).take_while(is_plain).count())
        }
        _ => {
            let (open, inside) = Quote::at(bytes, at)?;
            let end = closing(bytes, inside, open, is_json)?;
            Quote::at(bytes, end).map(|(_, behind)| behind)
        }
    }
}

/// The value in the member directly before that with the name, which begins at `at`.
fn value_before(name: &Name<'_>, quote: Quote, at: usize) -> Option<Hit> {
    let Place { bytes, is_json, .. } = name.place;
    let comma = blanks_back(name, at).checked_sub(1).filter(|at| bytes[*at] == b',')?;
    let end = blanks_back(name, comma).checked_sub(1 + quote.backslashes)?;
    Quote::at(bytes, end).filter(|(other, _)| *other == quote)?;
    let least = end.saturating_sub(VALUE_BYTES_MAX);
    let is_open = |at: &usize| {
        bytes[*at] == quote.byte && backslashes_before(bytes, *at) == quote.backslashes
    };
    let start = (least..end).rev().find(is_open)? + 1;
    let is_whole = closing(bytes, start, quote, is_json) == Some(end);
    let label = label(name, quote, start - 1 - quote.backslashes)?;
    let value = &bytes[start..end];
    let is_secret = is_whole
        && is_one(label.text, &VALUES)
        && !value.is_empty()
        && !is_masked(value)
        && (is_json && quote.is_of_the_line() || !is_placeholder(value));
    is_secret.then_some(Hit { start, end, kind: name.kind(), form: Form::Value })
}

/// The argument behind an option, in a list: in a line of JSON whatever it is, in a program what looks
/// like a secret.
fn argument(name: &Name<'_>, quote: Quote, behind: usize) -> Option<Hit> {
    let Place { bytes, is_json, .. } = name.place;
    let comma = behind + gap(bytes, behind, is_json).length;
    if bytes.get(comma) != Some(&b',') {
        return None;
    }
    let start = comma + 1;
    let (open, inside) = Quote::at(bytes, start + gap(bytes, start, is_json).length)?;
    let end = value_end(bytes, inside, open, is_json).filter(|_| open.matches(quote, is_json))?;
    let (end, is_data) = match end {
        ValueEnd::Closed(end) => (end, is_json && quote.is_of_the_line()),
        ValueEnd::Cut(end) => (cut::end_of_word(bytes, inside, end)?, false),
    };
    let value = &bytes[inside..end];
    let behind = Quote::at(bytes, end).map_or(end, |(_, behind)| behind);
    let is_key = bytes.get(behind + gap(bytes, behind, is_json).length) == Some(&b':');
    let is_secret = match name.sort() {
        _ if is_key => false,
        _ if value.is_empty() || value.starts_with(b"-") || is_masked(value) => false,
        _ if is_data => !is_placeholder(value),
        Sort::Password => is_password(value, Written::Quoted),
        _ => is_token(value, Written::Quoted),
    };
    let hit = Hit { start: inside, end, kind: name.kind(), form: Form::Value };
    is_secret.then_some(hit)
}

/// `name: DB_PASSWORD` and `value: ...` on the next line.
fn yaml(name: &Name<'_>) -> Option<Hit> {
    let Place { bytes, is_json, .. } = name.place;
    let behind = gap(bytes, name.end, is_json);
    if !behind.has_break {
        return None;
    }
    let colon = blanks_back(name, name.start).checked_sub(1).filter(|at| bytes[*at] == b':')?;
    let label = colon - run_back(bytes, colon, LOWER | UPPER, LABEL_BYTES_MAX);
    let start = name.end + behind.length;
    let length = run(bytes, start, LOWER | UPPER, LABEL_BYTES_MAX);
    let is_pair = is_one(&bytes[label..colon], &NAMES)
        && is_one(&bytes[start..start + length], &VALUES)
        && bytes.get(start + length) == Some(&b':');
    let value = start + length + 1;
    let value = value + gap(bytes, value, is_json).length;
    if !is_pair {
        return None;
    }
    let sort = if name.sort() == Sort::Password { Sort::Password } else { Sort::Token };
    name.assigned(sort, &divider(value, None))
}
