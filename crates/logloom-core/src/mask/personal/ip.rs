//! IPv4 and IPv6 addresses. Those that every machine gives itself tell nobody apart and stay.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Longest address as text.
const ADDRESS_BYTES_MAX: usize = 45;

pub(super) fn find(bytes: &[u8], found: &mut Vec<(usize, usize)>) {
    let mut at = 0;
    while at < bytes.len() {
        if !is_part(bytes[at]) {
            at += 1;
            continue;
        }
        let length = bytes[at..].iter().take_while(|byte| is_part(**byte)).count();
        if (2..=ADDRESS_BYTES_MAX + 8).contains(&length)
            && let Some((start, end)) = address(bytes, at, at + length)
        {
            found.push((start, end));
        }
        at += length;
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':')
}

/// The address in a run of characters that addresses are made of: the run itself, or without a port.
fn address(bytes: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let is_beside =
        |at: Option<&u8>| at.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let before = start.checked_sub(1).and_then(|before| bytes.get(before));
    let escaped = super::super::bytes::escape_end(bytes, start.saturating_sub(1)) == Some(start);
    if is_beside(before) && !escaped || is_beside(bytes.get(end)) {
        return None;
    }
    let text = std::str::from_utf8(&bytes[start..end]).ok()?.trim_end_matches(['.', ':']);
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        let is_own = address.is_loopback() || address.is_unspecified();
        let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
        return (!is_own && has_digit).then_some((start, start + text.len()));
    }
    let alone = text.split(':').next().unwrap_or_default();
    let address = alone.parse::<Ipv4Addr>().ok()?;
    let is_own = address.is_loopback() || address.is_unspecified();
    (!is_own).then_some((start, start + alone.len()))
}
