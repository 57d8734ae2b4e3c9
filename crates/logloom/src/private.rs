//! What the macros' expansion needs. Comes and goes with them: no program may name it.

pub use logloom_record::{MessageKind, message_kind};
pub use logloom_ring::site::{OFF, Site};

use logloom_record::{Encode, Fields, Level};
use logloom_ring::front::{self, Call};
use logloom_ring::site::UNKNOWN;

pub use crate::capture::{Captured, ViaDebug, ViaDisplay, ViaNothing};
pub use crate::scratch::Scratch;
pub use crate::value::{Given, ViaError, ViaErrorLike, ViaValue};

/// Whether a call under way is to be recorded: one load, except for the first call of a site and where
/// a rule of sampling decides about each.
#[inline(always)]
pub fn word(site: &'static Site) -> u32 {
    let word = site.word();
    if word == UNKNOWN { front::resolve(site) } else { word }
}

/// Whether a site is on, for who asks without a call being under way.
#[must_use]
pub fn is_on(site: &'static Site) -> bool {
    front::known_word(site) != OFF
}

/// Publishes the record.
#[inline(always)]
pub fn emit<F: Fields>(
    site: &'static Site,
    word: u32,
    level: Level,
    message: Option<&str>,
    fields: F,
) {
    front::emit(site, word, level, &Call { message, fields });
}

/// Says with one clear error that a value cannot be a field.
#[inline(always)]
pub fn encodable<T: Encode + ?Sized>(value: &T) -> &T {
    value
}

/// Whether the field with this number is hidden; fields from the 64th on share the last bit.
#[inline(always)]
pub const fn is_masked(mask: u64, index: u32) -> bool {
    mask >> (if index < 63 { index } else { 63 }) & 1 != 0
}

/// Whether the caller formats the message.
#[inline(always)]
pub const fn is_formatted(kind: MessageKind) -> bool {
    matches!(kind, MessageKind::Formatted)
}

/// The name without the `r#` of a raw identifier.
pub const fn field_name(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

/// Which fields a literal's holes name, as bits: their values must not get into the message when
/// they are masked. `{name:?}` names `name`.
pub const fn holes(literal: &str, fields: &[&str]) -> u64 {
    let bytes = literal.as_bytes();
    let mut found = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'{' {
            let end = name_end(bytes, at + 1);
            found |= named(bytes, at + 1, end, fields);
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

/// Where the name of a hole ends.
const fn name_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len() && !matches!(bytes[at], b'}' | b':' | b'{') {
        at += 1;
    }
    at
}

const fn named(bytes: &[u8], from: usize, to: usize, fields: &[&str]) -> u64 {
    let (mut found, mut index) = (0, 0);
    while index < fields.len() {
        let name = fields[index].as_bytes();
        let mut same = 0;
        while same < name.len() && from + same < to && bytes[from + same] == name[same] {
            same += 1;
        }
        if same == name.len() && from + same == to {
            found |= 1 << (if index < 63 { index } else { 63 });
        }
        index += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_matched_with_fields_by_their_whole_name() {
        let fields = ["a", "ab", "b"];
        for (literal, expected) in [
            ("", 0),
            ("a b", 0),
            ("{a}", 0b001),
            ("{ab:?} {b}", 0b110),
            ("{} {0} {c}", 0),
            ("{a", 0b001),
            ("{{a}}", 0b001),
        ] {
            assert_eq!(holes(literal, &fields), expected, "{literal}");
        }
    }

    #[test]
    fn raw_identifiers_lose_their_prefix() {
        assert_eq!((field_name("r#type"), field_name("route")), ("type", "route"));
    }

    #[test]
    fn a_field_finds_its_bit() {
        assert!(is_masked(0b10, 1) && !is_masked(0b10, 0));
        assert!(is_masked(1 << 63, 63) && is_masked(1 << 63, 200) && !is_masked(1 << 62, 63));
    }
}
