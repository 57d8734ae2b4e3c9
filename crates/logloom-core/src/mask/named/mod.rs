//! Values beside a secret name: `"password": "..."`, `api_key=...`, `Authorization: ...`.
//!
//! Takes the place of the end of such a name (an anchor), finds the whole name, what divides it from
//! its value and where that ends, and decides by [`super::plausible`]. A quoted name with a colon is
//! data, and its value is masked whatever it looks like; running text needs more of a proof.
//!
//! Names with escapes are read by [`escaped`], texts that are encoded for a URL by [`encoded`]; where
//! name and value are members of a list or of one object, [`pair`] finds the value.

mod anchors;
mod cut;
mod encoded;
mod escaped;
mod gap;
mod header;
mod netrc;
mod pair;
mod wide;
mod words;

use std::borrow::Cow;

pub(super) use anchors::{
    ANCHORS, ESCAPED_ANCHORS, FULL_WIDTH_ANCHORS, TEXT_NAMES, WIDE_NAMES, escaped_variants,
    percent_variants, variants,
};

use logloom_record::names::SecretNames;

use super::bytes::{
    Alphabet, BEYOND_ASCII, DIGITS, DOTTED, WORD, backslashes_before, char_end, escape_end, is_in,
    run, run_back,
};
use super::hit::{Form, Hit};
use super::kinds::Place;
use super::percent;
use super::plausible::{Written, is_masked, is_moment, is_password, is_placeholder, is_token};
use super::quote::{Quote, ValueEnd, bracket_end, value_end};
use gap::{Gap, block_scalar, ends_line, gap};

/// Kinds of secrets that are known by a name, with what they look like. All are of the group `named`.
pub const NAMED_KINDS: &[(&str, &str)] = &[
    (
        "password",
        "the value beside a secret name with `pass`, `pwd`, `pin`, `otp`, `cvv`, `密码`, \
         `口令` or `验证码` in it",
    ),
    (
        "authorization",
        "the credentials in `Authorization: ...`, without a scheme at least 16 characters",
    ),
    ("cookie", "`Cookie: name=value; ...` and `Set-Cookie: ...`"),
    ("named_secret", "the value beside any other secret name"),
];

/// What names are made of.
const NAME: Alphabet = DOTTED;
/// Longest part of a name before or behind an anchor.
const NAME_BYTES_MAX: usize = 64;
/// So much of a value without quotes is judged. What turns out to be a secret is hidden to its end.
const RUN_BYTES_MAX: usize = 1024;

/// What is looked for: which names, and whether in running text too.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'w> {
    pub(super) names: &'w SecretNames,
    /// Whether `name=value` counts, or quoted names alone.
    pub(super) in_text: bool,
}

/// A name in a text, and what stands behind it.
struct Name<'t> {
    place: Place<'t>,
    /// Where it stands.
    start: usize,
    end: usize,
    /// What it is, without escapes.
    name: Cow<'t, [u8]>,
    /// Where the anchor begins in it, of a script without blanks: what is before it may be other words. In
    /// others, what is behind the letter of an escape.
    joined: Option<usize>,
    /// How often the text was decoded.
    decoded: u8,
}

/// What divides a name from its value.
struct Divider {
    /// Where the value begins, its quote included.
    value: usize,
    written: Written,
    /// Whether a line ends between it and the value.
    has_break: bool,
    /// Whether it is `%3D`.
    is_encoded: bool,
    /// The closing quote of the name.
    quote: Option<Quote>,
}

/// The secret beside the name that holds the anchor, if there is one.
pub(super) fn find(place: &Place<'_>, wanted: Wanted<'_>) -> Option<Hit> {
    let name = match escaped::is_escaped(place.anchor) {
        true => escaped::name(place),
        false => name(place),
    };
    let hit = name.and_then(|name| name.secret(wanted));
    if !wanted.in_text || hit.is_some() && place.anchor.is_ascii() {
        return hit;
    }
    // A name within a sentence may be followed by another one: the first value counts.
    match (hit, wide::find(place, wanted)) {
        (Some(hit), Some(wide)) => Some(if wide.start < hit.start { wide } else { hit }),
        (hit, wide) => hit.or(wide),
    }
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Password,
    Token,
    Authorization,
    Cookie,
}

fn name<'t>(place: &Place<'t>) -> Option<Name<'t>> {
    let bytes = place.bytes;
    // A short name is looked for with the quote before it.
    let at = place.at + usize::from(matches!(place.anchor, [b'"' | b'\'', ..]));
    // The letters before a name of ASCII are those of the sentence that it stands in.
    let of_names = if place.anchor.is_ascii() { NAME } else { NAME | BEYOND_ASCII };
    let mut start = at - run_back(bytes, at, of_names, NAME_BYTES_MAX);
    // What is behind `\\n` and `%26` begins a name.
    if let Some(end) = escape_end(bytes, start) {
        start = end.min(at);
    } else if start > 0 && percent::escaped(bytes, start - 1).is_some() {
        // `%2522` is an escape that was escaped.
        let is_twice = percent::escaped(bytes, start - 1) == Some(b'%')
            && run(bytes, start + 2, super::bytes::HEX, 2) == 2;
        start = (start + if is_twice { 4 } else { 2 }).min(at);
    }
    let length = run(bytes, at, of_names, 2 * NAME_BYTES_MAX);
    let sign = (at..at + length).position(|sign| wide_sign(bytes, sign).is_some());
    let end = at + sign.unwrap_or(length);
    let name = Cow::Borrowed(&bytes[start..end]);
    // In JSON within JSON, the `n` of `\\\\n` is no letter of the name.
    let may_be_escape = || {
        backslashes_before(bytes, start) >= 2
            && matches!(bytes.get(start), Some(b'n' | b'r' | b't'))
    };
    let joined = match place.anchor.is_ascii() {
        true => may_be_escape().then_some(1),
        false => Some(at - start),
    };
    let is_short = end < at + 2 * NAME_BYTES_MAX;
    is_short.then_some(Name { place: *place, start, end, name, joined, decoded: 0 })
}

impl<'t> Name<'t> {
    /// The secret that belongs to it.
    fn secret(&self, wanted: Wanted<'_>) -> Option<Hit> {
        let hit = match self.divider() {
            Some(divider) => self.behind(&divider, wanted),
            None if self.is_before_escape() => encoded::find(self, wanted),
            None => pair::find(self, wanted).or_else(|| netrc::find(self)),
        }?;
        // Asked last: most values beside such names are none of a secret, and the table takes longer.
        self.is_one_of(wanted.names).then_some(hit)
    }

    /// The value behind what divides it from its name.
    fn behind(&self, divider: &Divider, wanted: Wanted<'_>) -> Option<Hit> {
        let has_header = || !divider.has_break;
        match divider.quote {
            Some(quote) => self.field(quote, divider),
            None if !wanted.in_text => None,
            None => match self.sort() {
                Sort::Authorization if has_header() => {
                    header::authorization(self.place.bytes, divider.value)
                }
                Sort::Cookie if has_header() => header::cookie(&self.place, divider.value),
                sort => self.assigned(sort, divider),
            },
        }
    }

    /// Whether it is a secret name. Scripts without blanks join it to the words before.
    fn is_one_of(&self, names: &SecretNames) -> bool {
        let is_secret =
            |name: &[u8]| std::str::from_utf8(name).is_ok_and(|name| names.is_secret(name));
        let joined = || self.joined.and_then(|at| self.name.get(at..));
        is_secret(&self.name) || joined().is_some_and(is_secret)
    }

    /// Whether what follows is encoded for a URL.
    fn is_before_escape(&self) -> bool {
        percent::escaped(self.place.bytes, self.end).is_some()
    }

    fn divider(&self) -> Option<Divider> {
        let Place { bytes, is_json, .. } = self.place;
        let end = self.end;
        let quoted = Quote::at(bytes, end);
        let (quote, behind) = quoted.map_or((None, end), |(quote, behind)| (Some(quote), behind));
        let before = gap(bytes, behind, is_json);
        let at = behind + before.length;
        let rest = bytes.get(at..)?;
        let (length, mut written) = match rest {
            // The line that the name ends is no assignment.
            _ if quote.is_none() && before.has_break => return None,
            [b'=', b'=', ..] | [b':', b':', ..] => return None,
            [b'=', b'>', ..] | [b':', b'=', ..] => (2, Written::Spaced),
            [b'=', ..] => (1, Written::Assigned),
            [b':', ..] => (1, Written::Spaced),
            [b'%', b'3', b'D' | b'd', ..] if quote.is_none() => (3, Written::Assigned),
            [b'%', b'2', b'5', b'3', b'D' | b'd', ..] if quote.is_none() => (5, Written::Assigned),
            [b'>', ..] if self.is_tag() => (1, Written::Assigned),
            [0xEF | b'\\', ..] => wide::divider(rest)?,
            _ if quote.is_none() && self.name.starts_with(b"--") => match before.length {
                0 => return None,
                1 => (0, Written::Assigned),
                _ => (0, Written::Spaced),
            },
            _ => return None,
        };
        let is_encoded = rest.starts_with(b"%");
        let mut value = at + length;
        let mut behind = gap(bytes, value, is_json);
        if let Some(scalar) = block_scalar(bytes, value + behind.length, is_json) {
            behind = Gap { length: behind.length + scalar, has_break: true };
        }
        if before.length > 0 && length > 0 || behind.length > 0 {
            written = Written::Spaced;
        }
        value += behind.length;
        let is_data = written == Written::Spaced || quote.is_none();
        let has_break = behind.has_break;
        is_data.then_some(Divider { value, written, has_break, is_encoded, quote })
    }

    /// Whether it is the name of a tag.
    fn is_tag(&self) -> bool {
        self.start > 0 && self.place.bytes[self.start - 1] == b'<'
    }

    fn sort(&self) -> Sort {
        let ends = |part: &[u8]| {
            let tail = self.name.len().checked_sub(part.len()).and_then(|at| self.name.get(at..));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(part))
        };
        match () {
            () if ends(b"authorization") => Sort::Authorization,
            () if ends(b"cookie") => Sort::Cookie,
            () if self.names_a_password() => Sort::Password,
            () => Sort::Token,
        }
    }

    /// Whether one of some short words is part of the name.
    fn names_a_password(&self) -> bool {
        const THREE: u32 = 0xFF_FFFF;
        let mut last = 0_u32;
        let is_wide = |name: &&str| memchr::memmem::find(&self.name, name.as_bytes()).is_some();
        if !self.name.is_ascii() && anchors::WIDE_PASSWORDS.iter().any(is_wide) {
            return true;
        }
        self.name.iter().any(|byte| {
            last = last << 8 | u32::from(byte.to_ascii_lowercase());
            last == u32::from_be_bytes(*b"pass")
                || [*b"\0pwd", *b"\0pin", *b"\0otp", *b"\0cvv"]
                    .into_iter()
                    .any(|word| last & THREE == u32::from_be_bytes(word))
        })
    }

    fn kind(&self) -> &'static str {
        if self.sort() == Sort::Password { "password" } else { "named_secret" }
    }

    /// A field of data: `"name": value`.
    fn field(&self, quote: Quote, divider: &Divider) -> Option<Hit> {
        let Place { bytes, is_json, .. } = self.place;
        let start = divider.value;
        match *bytes.get(start)? {
            _ if bytes[start..].starts_with(b"[MASKED") => None,
            // In a program, `'tokens': [` begins code that may go on for pages.
            b'{' | b'[' if quote.byte == b'"' => {
                let end = bracket_end(bytes, start, quote, is_json)?;
                let is_empty = end == start + 2;
                let form = quoted(quote, is_json)?;
                (!is_empty).then(|| Hit { start, end, kind: self.kind(), form })
            }
            byte if byte == b'-' || byte.is_ascii_digit() => {
                let form = quoted(quote, is_json).filter(|_| self.sort() == Sort::Password)?;
                let length =
                    bytes[start..].iter().take(64).take_while(|byte| is_number(**byte)).count();
                let (end, form) = match word_end(bytes, start, start + length) {
                    Some(end) => (end, Form::Value),
                    None => (start + length, form),
                };
                Some(Hit { start, end, kind: self.kind(), form })
            }
            _ => {
                let (open, inside) = Quote::at(bytes, start)?;
                let end = value_end(bytes, inside, open, is_json)
                    .filter(|_| open.matches(quote, is_json))?;
                let end = match end {
                    ValueEnd::Closed(end) => end,
                    ValueEnd::Cut(end) => cut::end(self, inside, end)?,
                };
                let value = &bytes[inside..end];
                let own = is_json && quote.is_of_the_line();
                let is_empty =
                    value.is_empty() || is_masked(value) || !own && is_placeholder(value);
                let form = Form::Value;
                (!is_empty).then(|| Hit { start: inside, end, kind: self.kind(), form })
            }
        }
    }

    /// A value in running text.
    fn assigned(&self, sort: Sort, divider: &Divider) -> Option<Hit> {
        let Place { bytes, is_json, .. } = self.place;
        let mut start = divider.value;
        let mut written = divider.written;
        let open =
            Quote::at(bytes, start).filter(|(quote, _)| !(is_json && quote.is_of_the_line()));
        let end = match open {
            Some((quote, inside)) => {
                written = Written::Quoted;
                start = inside;
                match value_end(bytes, inside, quote, is_json)? {
                    ValueEnd::Closed(end) => end,
                    ValueEnd::Cut(end) => cut::end_of_word(bytes, inside, end)?,
                }
            }
            None => match words::connection_end(self, divider) {
                Some(end) => end,
                None => run_end(bytes, start, RUN_BYTES_MAX)?,
            },
        };
        // Of a URL within another one, the parameters are divided so.
        let is_next = |rest: &[u8]| rest.starts_with(b"%26") || rest.starts_with(b"%2526");
        let ampersand = || (start..end).position(|at| is_next(&bytes[at..end]));
        let next = divider.is_encoded.then(ampersand).flatten();
        let end = next.map_or(end, |next| start + next);
        let value = &bytes[start..end];
        // Words go on behind a value without blanks between them; those know `wide` how to tell apart.
        if self.joined.is_some() && open.is_none() && !value.is_ascii() {
            return None;
        }
        // What stands on the next line is the value when nothing else does.
        let is_alone = || ends_line(bytes, end) && !is_moment(value);
        if divider.has_break && open.is_none() && !is_alone() {
            return None;
        }
        let is_word = || open.is_none() && words::is_secret(self, divider, sort, value);
        let is_secret = match sort {
            Sort::Password => is_password(value, written) || is_word(),
            _ => is_token(value, written) || is_word(),
        };
        let is_long = open.is_none() && next.is_none() && end - start >= RUN_BYTES_MAX;
        let end = if is_secret && is_long { run_end(bytes, start, usize::MAX)? } else { end };
        // `<password>@host` is a placeholder, `<password>...</password>` is data.
        let is_closed = || bytes[end + gap(bytes, end, is_json).length..].starts_with(b"</");
        let is_open = self.is_tag() && !is_closed();
        (is_secret && !is_open).then_some(Hit { start, end, kind: self.kind(), form: Form::Value })
    }
}

/// `"[MASKED]"` in the quotes of the name. `None` at a depth that nothing real has.
fn quoted(quote: Quote, is_json: bool) -> Option<Form> {
    let backslashes = u8::try_from(quote.depth(is_json)).ok().filter(|count| *count < 16)?;
    Some(Form::Quoted { quote: quote.byte, backslashes })
}

fn is_number(byte: u8) -> bool {
    is_in(byte, DIGITS) || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
}

/// The end of a word that only begins like a number, of which `at` is the end.
fn word_end(bytes: &[u8], start: usize, at: usize) -> Option<usize> {
    let goes_on = bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    run_end(bytes, start, usize::MAX).filter(|_| goes_on)
}

/// The end of a value without quotes. `None` for a call or an index of a program.
fn run_end(bytes: &[u8], start: usize, most: usize) -> Option<usize> {
    let limit = bytes.len().min(start.saturating_add(most));
    let mut at = start;
    while at < limit {
        match bytes[at] {
            b'(' | b'[' => return None,
            b'"' | b'\'' | b'`' | b'\\' | b')' | b']' | b'}' | b'<' | b'>' => break,
            byte if byte.is_ascii_whitespace() || byte.is_ascii_control() => break,
            b',' | b';' | b'&' if separates(bytes, at) => break,
            0xE3 | 0xEF if wide_sign(bytes, at) == Some(Sign::Ends) => break,
            _ => at += 1,
        }
    }
    (at > start).then(|| char_end(bytes, at))
}

/// A sign of Chinese and Japanese texts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// It ends a value without quotes, as a full stop does.
    Ends,
    /// It may be part of one.
    Other,
}

/// The full-width sign at `at`, which is no part of a name.
fn wide_sign(bytes: &[u8], at: usize) -> Option<Sign> {
    match bytes.get(at..at + 3)? {
        // A blank, comma and full stop, brackets.
        [0xE3, 0x80, 0x80..=0x82 | 0x88..=0x91] => Some(Sign::Ends),
        // Marks, parentheses, comma and semicolon of full width.
        [0xEF, 0xBC, 0x81 | 0x88 | 0x89 | 0x8C | 0x9B | 0x9F] => Some(Sign::Ends),
        // Vertical and small colons.
        [0xEF, 0xB8, 0xB0] | [0xEF, 0xB9, 0x95 | 0xA6] => Some(Sign::Other),
        [0xE3, 0x80, 0x83..=0x9F] | [0xEF, 0xBC, 0x82..=0x8F | 0x9A..=0xA0 | 0xBB..=0xBF] => {
            Some(Sign::Other)
        }
        _ => None,
    }
}

/// Whether `,`, `;` or `&` ends a value, and is no part of it: blanks, quotes or another name follow.
fn separates(bytes: &[u8], at: usize) -> bool {
    let name = run(bytes, at + 1, WORD, NAME_BYTES_MAX);
    match bytes.get(at + 1 + name) {
        None => name == 0,
        Some(b'=' | b':') => true,
        Some(byte) => name == 0 && (!byte.is_ascii_graphic() || b"\"'\\,;&)]}".contains(byte)),
    }
}
