//! Credentials behind the words `Bearer` and `Basic`, as in the header `Authorization`.

use super::super::bytes::{BASE64, TOKEN, escape_end, may_begin};
use super::super::hit::{Form, Hit};
use super::super::percent;
use super::shape::{ANY, Place, is_mixed};
use super::{Finder, Kind};

const GROUP: &str = "bearer";

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "bearer_token",
        group: GROUP,
        looks: "`Bearer` and at least 16 of `[A-Za-z0-9._~+/=-]`, digits among them",
        anchors: &["bearer", "Bearer", "BEARER"],
        finder: Finder::Code(bearer),
    },
    Kind {
        name: "basic_credentials",
        group: GROUP,
        looks: "`Basic` and the base64 of `user:password`",
        anchors: &["asic ", "ASIC ", "asic%20", "ASIC%20", "asic+", "ASIC+"],
        finder: Finder::Code(basic),
    },
];

/// Shortest token. Shorter words behind `bearer` are prose.
const TOKEN_BYTES_MIN: usize = 16;
/// Blanks between the word and its token.
const BLANKS_MAX: usize = 16;

fn bearer(place: &Place<'_>) -> Option<Hit> {
    let bytes = place.bytes;
    let gap = place.at + place.anchor.len();
    let start = gap + gap_len(bytes, gap)?;
    let end = start + percent::run(bytes, start, TOKEN, ANY).0;
    let is_token = end - start >= TOKEN_BYTES_MIN && is_mixed(&bytes[start..end]);
    let hit = Hit { start, end, kind: "bearer_token", form: Form::Shape };
    (is_token && may_begin(bytes, place.at)).then_some(hit)
}

/// Blanks and tabs, `: `, or `%20`.
fn gap_len(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    // A tab is `\\t` in JSON.
    let gaps: [&[u8]; 5] = [b": ", b"%20", b"+", b"\\t", b"\t"];
    let blanks = rest.iter().take(BLANKS_MAX).take_while(|byte| **byte == b' ').count();
    gaps.into_iter()
        .find(|gap| rest.starts_with(gap))
        .map(<[u8]>::len)
        .or((blanks > 0).then_some(blanks))
}

fn basic(place: &Place<'_>) -> Option<Hit> {
    let bytes = place.bytes;
    let word = place.at.checked_sub(1).filter(|at| matches!(bytes[*at], b'b' | b'B'))?;
    let start = place.at + place.anchor.len();
    let end = start + percent::run(bytes, start, BASE64, ANY).0;
    let hit = Hit { start, end, kind: "basic_credentials", form: Form::Shape };
    let begins = may_begin(bytes, word) || escape_end(bytes, word).is_some();
    (begins && end - start >= 8 && holds_a_pair(&bytes[start..end])).then_some(hit)
}

/// Whether this is the base64 of a name, `:` and something, in printable characters.
fn holds_a_pair(encoded: &[u8]) -> bool {
    let mut has_colon = false;
    let mut bits = 0_u32;
    let mut count = 0;
    for byte in percent::characters(encoded).take_while(|byte| *byte != b'=') {
        bits = bits << 6 | value(byte);
        count += 6;
        if count >= 8 {
            count -= 8;
            let decoded = (bits >> count) as u8;
            if decoded < 0x20 || decoded == 0x7F {
                return false;
            }
            has_colon |= decoded == b':';
        }
    }
    has_colon
}

fn value(byte: u8) -> u32 {
    u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_told_from_words() {
        assert!(holds_a_pair(b"dXNlcjpwYXNzd29yZA=="));
        assert!(holds_a_pair(b"QWxhZGRpbjpvcGVuIHNlc2FtZQ"));
        assert!(!holds_a_pair(b"authentication"));
        assert!(!holds_a_pair(b"dXNlcg=="));
    }
}
