//! E-mail addresses.

use super::super::bytes::{ALPHANUMERIC, DASHED, is_before_mark, is_in};

/// Longest parts, as in RFC 5321.
const LOCAL_BYTES_MAX: usize = 64;
const DOMAIN_BYTES_MAX: usize = 255;

pub(super) fn find(bytes: &[u8], found: &mut Vec<(usize, usize)>) {
    for at in memchr::memchr_iter(b'@', bytes) {
        let before = bytes[..at].iter().rev().take(LOCAL_BYTES_MAX);
        let start = at - before.take_while(|byte| is_local(**byte)).count();
        let Some(end) = domain_end(bytes, at + 1) else { continue };
        let is_remote = bytes.get(end) == Some(&b':')
            && bytes.get(end + 1).is_some_and(|byte| is_in(*byte, ALPHANUMERIC));
        if start < at && !is_remote {
            found.push((start, end));
        }
    }
}

fn is_local(byte: u8) -> bool {
    is_in(byte, ALPHANUMERIC) || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-')
}

/// The end of a name of two labels at least, the last of letters alone.
fn domain_end(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes[start..].iter().take(DOMAIN_BYTES_MAX);
    let length = rest.take_while(|byte| is_in(**byte, DASHED) || **byte == b'.').count();
    let domain = &bytes[start..start + length];
    // A full stop ends the sentence.
    let trimmed = domain.iter().rposition(|byte| !matches!(byte, b'.' | b'-'))? + 1;
    let domain = &domain[..trimmed];
    let dot = domain.iter().rposition(|byte| *byte == b'.')?;
    let last = &domain[dot + 1..];
    let is_name = dot > 0 && last.len() >= 2 && last.iter().all(u8::is_ascii_alphabetic);
    let is_cut = is_before_mark(bytes, start + length);
    (is_name && !is_cut && domain[0] != b'.').then_some(start + trimmed)
}
