//! Hashes of passwords, as `htpasswd`, `/etc/shadow` and frameworks have them: who has one can try guesses.

use super::super::bytes::{ALPHANUMERIC, BASE64, is_in, run};
use super::super::hit::{Form, Hit};
use super::shape::Place;
use super::{Finder, Kind};

pub(super) const KINDS: &[Kind] = &[Kind {
    name: "password_hash",
    group: "hashes",
    looks: "`$1$`, `$apr1$`, `$5$`, `$6$`, `$y$`, `$2b$` and salt and hash of crypt, `$argon2id$...`, `{SHA}`, \
            `{SSHA}` and base64, `pbkdf2_sha256$...`, `pbkdf2:sha256:...$...`",
    // With what stands before them: three characters alone have many places in the table.
    anchors: &[
        ":$1$",
        " $1$",
        "=$1$",
        "'$1$",
        "\"$1$",
        ":$5$",
        " $5$",
        "=$5$",
        "'$5$",
        "\"$5$",
        ":$6$",
        " $6$",
        "=$6$",
        "'$6$",
        "\"$6$",
        "$y$j",
        "pr1$",
        "$2a$",
        "$2b$",
        "$2y$",
        "on2id$",
        "on2i$",
        "on2d$",
        "{SHA}",
        "{SSHA}",
        "bkdf2_sha",
        "bkdf2:sha",
    ],
    finder: Finder::Code(find),
}];

/// Longest salt, and what stands before it.
const SALT_BYTES_MAX: usize = 64;

fn find(place: &Place<'_>) -> Option<Hit> {
    let (bytes, start) = (place.bytes, place.at + place.anchor.len());
    let is_behind = |text: &[u8]| bytes[..place.at].ends_with(text);
    let end = match place.anchor {
        b"{SHA}" | b"{SSHA}" => {
            let length = run(bytes, start, BASE64, 256);
            (length >= 28).then_some(start + length)
        }
        b"pr1$" if !is_behind(b"$a") => None,
        anchor if anchor.starts_with(b"on2") && !is_behind(b"$arg") => None,
        anchor if anchor.starts_with(b"$2") => salted(bytes, start, 1, 53..=53),
        anchor if anchor.ends_with(b"1$") => salted(bytes, start, 1, 22..=22),
        anchor if anchor.ends_with(b"$y$j") => salted(bytes, start, 2, 43..=43),
        anchor if anchor.ends_with(b"5$") || anchor.ends_with(b"6$") => {
            salted(bytes, start, 2, 43..=86)
        }
        _ => salted(bytes, start, 4, 27..=128),
    }?;
    Some(Hit { start, end, kind: "password_hash", form: Form::Shape })
}

/// The end of a hash of such a length behind at most so many parts that end in `$`, salt and settings.
fn salted(
    bytes: &[u8],
    mut at: usize,
    parts: usize,
    lengths: std::ops::RangeInclusive<usize>,
) -> Option<usize> {
    for part in 0..=parts {
        let rest = bytes.get(at..)?;
        let length = rest.iter().take(256).take_while(|byte| is_of_hash(**byte)).count();
        match rest.get(length) {
            Some(b'$') if part < parts && length <= SALT_BYTES_MAX => at += length + 1,
            _ => {
                let hash = rest[..length].iter().take_while(|byte| !b",=:".contains(byte)).count();
                return (part > 0 && lengths.contains(&hash)).then_some(at + hash);
            }
        }
    }
    None
}

/// `v=19`, `m=65536,t=3,p=4`, `rounds=5000`, salt and hash.
fn is_of_hash(byte: u8) -> bool {
    is_in(byte, ALPHANUMERIC) || b"./+=,:-_".contains(&byte)
}
