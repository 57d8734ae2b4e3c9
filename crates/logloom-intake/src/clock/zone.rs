//! The zone behind a time: an offset, `Z`, `UTC`, or an abbreviation.
//!
//! Takes what follows a time, gives the zone and what follows that. A word is a zone only where it
//! is a known abbreviation, since any other word may begin the message.

/// The zone as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone<'a> {
    Unnamed,
    /// Seconds ahead of UTC.
    Seconds(i32),
    /// An abbreviation such as `CET`, which many zones of the world share.
    Named(&'a str),
}

/// Abbreviations in use, but for those of UTC. None of them is the name of a level.
const ABBREVIATIONS: &[&str] = &[
    "ACDT", "ACST", "ADT", "AEDT", "AEST", "AKDT", "AKST", "AST", "AWST", "BST", "CAT", "CDT",
    "CEST", "CET", "CST", "EAT", "EDT", "EEST", "EET", "EST", "HDT", "HKT", "HST", "IDT", "IST",
    "JST", "KST", "MDT", "MSK", "MST", "NDT", "NST", "NZDT", "NZST", "PDT", "PKT", "PST", "SAST",
    "SST", "WAT", "WEST", "WET", "WIB", "WIT", "WITA",
];

/// The zone at the head of the text and what follows it.
pub(super) fn read(rest: &str) -> (Zone<'_>, &str) {
    let (text, is_apart) = match rest.strip_prefix(' ') {
        Some(text) => (text, true),
        None => (rest, false),
    };
    let found = match text.as_bytes().first() {
        Some(b'+' | b'-') => offset(text, is_apart),
        Some(b'A'..=b'Z' | b'z') => word(text),
        _ => None,
    };
    match found {
        Some((zone, length)) => (zone, without_region(&text[length..])),
        None => (Zone::Unnamed, rest),
    }
}

/// `+hh:mm`, `+hhmm`, and `+hh` where no blank stands before it: that would be any number.
fn offset(text: &str, is_apart: bool) -> Option<(Zone<'_>, usize)> {
    let bytes = text.as_bytes();
    let pair = |from: usize| {
        let pair = bytes.get(from..from + 2)?;
        let is_number = pair.iter().all(u8::is_ascii_digit);
        is_number.then(|| i32::from(pair[0] - b'0') * 10 + i32::from(pair[1] - b'0'))
    };
    let hours = pair(1)?;
    let (minutes, length) = match bytes.get(3) {
        Some(b':') => match pair(4) {
            Some(minutes) => (minutes, 6),
            None => (0, 3),
        },
        _ => pair(3).map_or((0, 3), |minutes| (minutes, 5)),
    };
    let ends = bytes.get(length).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    if hours >= 24 || minutes >= 60 || !ends || is_apart && length == 3 {
        return None;
    }
    let seconds = hours * 3600 + minutes * 60;
    Some((Zone::Seconds(if bytes[0] == b'-' { -seconds } else { seconds }), length))
}

fn word(text: &str) -> Option<(Zone<'_>, usize)> {
    let length = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = &text[..length];
    let zone = match name {
        "Z" | "z" | "UTC" | "GMT" => Zone::Seconds(0),
        _ if ABBREVIATIONS.contains(&name) => Zone::Named(name),
        _ => return None,
    };
    Some((zone, length))
}

/// Java names the region behind the offset: `+01:00[Europe/Berlin]`.
fn without_region(rest: &str) -> &str {
    let region = rest.strip_prefix('[').and_then(|inside| inside.split_once(']'));
    match region {
        Some((name, after)) if name.contains('/') && !name.contains(' ') => after,
        _ => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::{Zone, read};

    #[test]
    fn zones() {
        let check = |text: &'static str, zone: Zone<'_>, rest: &str| {
            assert_eq!(read(text), (zone, rest), "{text}");
        };
        check("Z x", Zone::Seconds(0), " x");
        check(" UTC: x", Zone::Seconds(0), ": x");
        check("+01:00 x", Zone::Seconds(3600), " x");
        check("+05:45[Asia/Kathmandu] x", Zone::Seconds(20_700), " x");
        check(" -0330 x", Zone::Seconds(-12_600), " x");
        check("-03] x", Zone::Seconds(-10_800), "] x");
        check("-03: x", Zone::Seconds(-10_800), ": x");
        check(" -03 x", Zone::Unnamed, " -03 x");
        check("+99:00", Zone::Unnamed, "+99:00");
        check("+010000", Zone::Unnamed, "+010000");
        check(" CEST x", Zone::Named("CEST"), " x");
        check(" GET / x", Zone::Unnamed, " GET / x");
        check(" INFO x", Zone::Unnamed, " INFO x");
        check("\u{e9}", Zone::Unnamed, "\u{e9}");
        check("", Zone::Unnamed, "");
    }
}
