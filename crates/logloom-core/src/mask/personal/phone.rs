//! Telephone numbers: with a country code, of North America in its usual groups, Chinese mobiles.

use super::digits::stands_alone;

/// A form that numbers have: a digit for `d`, one of 3 to 9 for `3`, one of 2 to 9 for `2`, blank or
/// dash for `-`, else the character itself.
const FORMS: [&[u8]; 6] = [
    b"13ddddddddd",
    b"13d-dddd-dddd",
    b"86-13ddddddddd",
    b"86-13d-dddd-dddd",
    b"(2dd) ddd-dddd",
    b"2dd-ddd-dddd",
];

pub(super) fn find(bytes: &[u8], found: &mut Vec<(usize, usize)>) {
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'+' => international_end(bytes, at),
            b'(' => local_end(bytes, at),
            byte if byte.is_ascii_digit() => {
                local_end(bytes, at).filter(|end| stands_alone(bytes, at, *end))
            }
            _ => None,
        };
        match end {
            Some(end) => {
                found.push((at, end));
                at = end;
            }
            None if bytes[at].is_ascii_digit() => {
                at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            }
            None => at += 1,
        }
    }
}

fn local_end(bytes: &[u8], at: usize) -> Option<usize> {
    let fits = |form: &&&[u8]| {
        let text = bytes.get(at..at + form.len()).unwrap_or_default();
        text.len() == form.len()
            && text.iter().zip(form.iter()).all(|(byte, wanted)| stands_for(*byte, *wanted))
    };
    let form = FORMS.iter().filter(fits).max_by_key(|form| form.len())?;
    let end = at + form.len();
    let is_whole = bytes.get(end).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-');
    is_whole.then_some(end)
}

fn stands_for(byte: u8, wanted: u8) -> bool {
    match wanted {
        b'd' => byte.is_ascii_digit(),
        b'3' => (b'3'..=b'9').contains(&byte),
        b'2' => (b'2'..=b'9').contains(&byte),
        b'-' => matches!(byte, b'-' | b' '),
        other => byte == other,
    }
}

/// `+`, a country code, and groups of 8 to 15 digits in all (E.164).
fn international_end(bytes: &[u8], start: usize) -> Option<usize> {
    let is_sum = start > 0
        && (bytes[start - 1].is_ascii_alphanumeric() || matches!(bytes[start - 1], b')' | b'+'));
    if is_sum || !bytes.get(start + 1).is_some_and(|byte| (b'1'..=b'9').contains(byte)) {
        return None;
    }
    let (mut at, mut end, mut digits) = (start + 1, start, 0);
    while let Some(&byte) = bytes.get(at).filter(|_| digits <= 15) {
        let next_is_digit = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                end = at + 1;
            }
            b' ' | b'-' | b'.' if next_is_digit || bytes.get(at + 1) == Some(&b'(') => {}
            b'(' if next_is_digit => {}
            b')' => {}
            _ => break,
        }
        at += 1;
    }
    let is_word = bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
    ((8..=15).contains(&digits) && !is_word).then_some(end)
}
