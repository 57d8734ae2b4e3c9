//! Home directories: the name of the user in `/Users/name/`, `/home/name/` and `C:\Users\name\`.

use super::bytes::{ALPHANUMERIC, is_in};
use super::hit::{Form, Hit};
use super::kinds::Place;

/// What the search looks for.
pub(super) const ANCHORS: &[&str] = &["/Users/", "/home/", "\\Users\\"];

/// Directories beside those of users.
const SHARED: [&[u8]; 4] = [b"Shared", b"Public", b"Default", b"linuxbrew"];

/// Longest name of a user.
const NAME_BYTES_MAX: usize = 64;

pub(super) fn find(place: &Place<'_>) -> Option<Hit> {
    let bytes = place.bytes;
    let mut start = place.at + place.anchor.len();
    let is_windows = place.anchor.starts_with(b"\\");
    if is_windows {
        start += bytes[start..].iter().take(8).take_while(|byte| **byte == b'\\').count();
    } else if let Some(before) = place.at.checked_sub(1) {
        // `https://host/home/x` and `/var/home/x` are no home directories, `file:///home/x` is one.
        let is_path = is_in(bytes[before], ALPHANUMERIC)
            || bytes[before] >= 0x80
            || super::bytes::is_behind_mark(bytes, place.at);
        if is_path && super::bytes::escape_end(bytes, before) != Some(place.at) {
            return None;
        }
    }
    let rest = bytes.get(start..)?.iter().take(NAME_BYTES_MAX + 1);
    let length = rest.take_while(|byte| is_name(**byte)).count();
    let name = &bytes[start..start + length];
    let is_user = (1..=NAME_BYTES_MAX).contains(&length)
        && !name.starts_with(b"[USER")
        && !name.starts_with(b".")
        && !SHARED.contains(&name);
    is_user.then_some(Hit { start, end: start + length, kind: "home_directory", form: Form::User })
}

fn is_name(byte: u8) -> bool {
    let ends = b"/\\\"'`:;,()<>|*?$&{}=";
    !byte.is_ascii_whitespace() && !byte.is_ascii_control() && !ends.contains(&byte)
}
