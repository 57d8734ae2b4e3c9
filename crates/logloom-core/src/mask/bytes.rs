//! Alphabets of secrets, and where in a text one may begin or end.
//!
//! Bytes come in, verdicts go out; nothing is refused. A text may have its characters escaped
//! (`\nsk-...`, `%3Dsk-...`, `\u001b[31msk-...`): the end of an escape is a border as good as a blank.

/// Classes of bytes that an alphabet is made of; a set of bits.
pub(super) type Alphabet = u16;

const DIGIT_01: Alphabet = 1;
const DIGIT_27: Alphabet = 1 << 1;
const DIGIT_89: Alphabet = 1 << 2;
const LOWER_A_F: Alphabet = 1 << 3;
const LOWER_G_Z: Alphabet = 1 << 4;
const UPPER_A_F: Alphabet = 1 << 5;
const UPPER_G_Z: Alphabet = 1 << 6;
const UNDERSCORE: Alphabet = 1 << 7;
const DASH: Alphabet = 1 << 8;
const DOT: Alphabet = 1 << 9;
const PLUS_SLASH: Alphabet = 1 << 10;
const EQUALS: Alphabet = 1 << 11;
const TILDE: Alphabet = 1 << 12;
const DIVIDER: Alphabet = 1 << 13;
/// All bytes of characters beyond ASCII.
pub(super) const BEYOND_ASCII: Alphabet = 1 << 14;

/// `0-9`
pub(super) const DIGITS: Alphabet = DIGIT_01 | DIGIT_27 | DIGIT_89;
/// `0-9a-f`
pub(super) const HEX_LOWER: Alphabet = DIGITS | LOWER_A_F;
/// `0-9a-fA-F`
pub(super) const HEX: Alphabet = HEX_LOWER | UPPER_A_F;
/// `A-Z`
pub(super) const UPPER: Alphabet = UPPER_A_F | UPPER_G_Z;
/// `a-z`
pub(super) const LOWER: Alphabet = LOWER_A_F | LOWER_G_Z;
/// `A-Z2-7`
pub(super) const BASE32: Alphabet = UPPER | DIGIT_27;
/// `0-9A-Za-z`
pub(super) const ALPHANUMERIC: Alphabet = DIGITS | UPPER | LOWER;
/// `0-9A-Z`
pub(super) const UPPER_DIGITS: Alphabet = DIGITS | UPPER;
/// `0-9a-z`
pub(super) const LOWER_DIGITS: Alphabet = DIGITS | LOWER;
/// `0-9A-Za-z_`
pub(super) const WORD: Alphabet = ALPHANUMERIC | UNDERSCORE;
/// `0-9A-Za-z_-`
pub(super) const URL_SAFE: Alphabet = WORD | DASH;
/// `0-9A-Za-z-`
pub(super) const DASHED: Alphabet = ALPHANUMERIC | DASH;
/// `0-9A-Za-z+/=`
pub(super) const BASE64: Alphabet = ALPHANUMERIC | PLUS_SLASH | EQUALS;
/// `0-9A-Za-z_.-`
pub(super) const DOTTED: Alphabet = URL_SAFE | DOT;
/// `0-9A-Za-z_.=-`
pub(super) const DOTTED_EQUALS: Alphabet = DOTTED | EQUALS;
/// `0-9A-Za-z_.~-`
pub(super) const UNRESERVED: Alphabet = DOTTED | TILDE;
/// What RFC 6750 allows in a bearer token: `0-9A-Za-z-._~+/=`
pub(super) const TOKEN: Alphabet = UNRESERVED | PLUS_SLASH | EQUALS;
/// What may follow the last word of a name: quotes, what divides it from its value, and signs within
/// names.
pub(super) const NAME_ENDS: Alphabet = DIVIDER | EQUALS | UNDERSCORE | DASH | DOT;

static CLASSES: [Alphabet; 256] = classes();

const fn classes() -> [Alphabet; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0' | b'1' => DIGIT_01,
            b'2'..=b'7' => DIGIT_27,
            b'8' | b'9' => DIGIT_89,
            b'a'..=b'f' => LOWER_A_F,
            b'g'..=b'z' => LOWER_G_Z,
            b'A'..=b'F' => UPPER_A_F,
            b'G'..=b'Z' => UPPER_G_Z,
            // The full-width colon and equals sign begin with it.
            0xEF => BEYOND_ASCII | DIVIDER,
            0x80.. => BEYOND_ASCII,
            b'_' => UNDERSCORE,
            b'-' => DASH,
            b'.' => DOT,
            b'+' | b'/' => PLUS_SLASH,
            b'=' => EQUALS,
            b'~' => TILDE,
            b'"' | b'\'' | b'`' | b':' | b' ' | b'\t' | b'\n' | b'\r' | b'\\' | b'>' | b'%' => {
                DIVIDER
            }
            _ => 0,
        };
        byte += 1;
    }
    classes
}

/// Whether the byte belongs to the alphabet.
#[inline]
pub(super) fn is_in(byte: u8, alphabet: Alphabet) -> bool {
    CLASSES[usize::from(byte)] & alphabet != 0
}

/// Bytes of the alphabet from `from` on, at most `most`.
#[inline]
pub(super) fn run(bytes: &[u8], from: usize, alphabet: Alphabet, most: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().take(most).take_while(|byte| is_in(**byte, alphabet)).count()
}

/// Bytes of the alphabet directly before `to`, at most `most`.
#[inline]
pub(super) fn run_back(bytes: &[u8], to: usize, alphabet: Alphabet, most: usize) -> usize {
    let before = bytes.get(..to).unwrap_or_default();
    before.iter().rev().take(most).take_while(|byte| is_in(**byte, alphabet)).count()
}

/// The first place from `at` on that is not within a character of UTF-8.
pub(super) fn char_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take(3).take_while(|byte| matches!(byte, 0x80..=0xBF)).count()
}

/// Backslashes directly before `at`.
pub(super) fn backslashes_before(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count()
}

/// Where the escape ends that `at` lies within: behind `\n`, `\u001b`. `None` when it lies in none.
pub(super) fn escape_end(bytes: &[u8], at: usize) -> Option<usize> {
    if at > bytes.len() {
        return None;
    }
    if backslashes_before(bytes, at) % 2 == 1 {
        let long = bytes.get(at) == Some(&b'u') && run(bytes, at + 1, HEX, 4) == 4;
        return Some(if long { at + 5 } else { (at + 1).min(bytes.len()) });
    }
    (2..=5).find_map(|back| {
        let start = at.checked_sub(back)?;
        let is_long = bytes[start..].starts_with(b"\\u") && run(bytes, start + 2, HEX, 4) == 4;
        let begins = is_long && backslashes_before(bytes, start).is_multiple_of(2);
        begins.then_some(start + 6)
    })
}

/// Whether a secret may begin here: nothing before it belongs to the same word.
pub(super) fn may_begin(bytes: &[u8], at: usize) -> bool {
    let Some(&before) = at.checked_sub(1).and_then(|before| bytes.get(before)) else { return true };
    match is_in(before, WORD) {
        true => is_behind_escape(bytes, at),
        false => !is_behind_mark(bytes, at),
    }
}

/// Whether a mark ends here: what it hides was part of the same word.
pub(super) fn is_behind_mark(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[..at];
    let has_fingerprint = || {
        before.ends_with(b"]") && before.len() >= 9 && before[before.len() - 9..].starts_with(b" #")
    };
    before.ends_with(b"]***") || before.ends_with(b"MASKED]") || has_fingerprint()
}

/// Whether a mark begins here.
pub(super) fn is_before_mark(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.starts_with(b"***[MASKED") || rest.starts_with(b"[MASKED")
}

/// Whether the word characters before `at` are the end of an escape: `\n`, `%3D`, a colour.
#[cold]
fn is_behind_escape(bytes: &[u8], at: usize) -> bool {
    // The longest escapes have six bytes, `\u001b`; that of a colour ends in an `m`.
    let near = &bytes[at.saturating_sub(6)..at];
    if near[near.len() - 1] != b'm' && !near.iter().any(|byte| matches!(byte, b'\\' | b'%')) {
        return false;
    }
    // In JSON within JSON there are more backslashes.
    let is_letter = matches!(bytes[at - 1], b'n' | b'r' | b't');
    is_letter && backslashes_before(bytes, at - 1) > 0
        || escape_end(bytes, at - 1) == Some(at)
        || is_behind_percent(bytes, at)
        || is_behind_colour(bytes, at)
}

fn is_behind_percent(bytes: &[u8], at: usize) -> bool {
    at >= 3 && bytes[at - 3] == b'%' && run(bytes, at - 2, HEX, 2) == 2
}

fn is_behind_colour(bytes: &[u8], at: usize) -> bool {
    let numbers = bytes[..at - 1].iter().rev().take(16);
    let length = numbers.take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    bytes[at - 1] == b'm' && bytes[..at - 1 - length].ends_with(b"[")
}

/// Whether a secret of exactly this length may end here.
pub(super) fn may_end(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| !is_in(*byte, WORD)) && !is_before_mark(bytes, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_borders() {
        for (text, border) in [
            ("sk", true),
            (" sk", true),
            ("ask", false),
            ("\\nsk", true),
            ("\\\\nsk", true),
            ("\\u001bsk", true),
            ("%3Dsk", true),
            ("\\u001b[1;31msk", true),
            ("homsk", false),
        ] {
            assert_eq!(may_begin(text.as_bytes(), text.len() - 2), border, "{text}");
        }
    }

    #[test]
    fn every_place_within_an_escape_is_known() {
        let text = b"a\\u00e9\\\\n\\nb";
        let ends: Vec<_> = (0..=text.len()).map(|at| escape_end(text, at)).collect();
        let long = Some(7);
        assert_eq!(ends[..8], [None, None, long, long, long, long, long, None]);
        assert_eq!(ends[8..], [Some(9), None, None, Some(12), None, None]);
    }
}
