//! JSON Web Tokens: the base64 of `{"`, and two more parts (five of an encrypted one) behind dots.

use super::super::bytes::{URL_SAFE, may_begin, run};
use super::super::hit::{Form, Hit};
use super::shape::{ANY, Place};
use super::{Finder, Kind};

pub(super) const KINDS: &[Kind] = &[Kind {
    name: "json_web_token",
    group: "jwt",
    looks: "`eyJ...`, `.`, `eyJ...`, `.`, signature; encrypted ones have five parts",
    anchors: &["eyJ"],
    finder: Finder::Code(find),
}];

/// Characters of a part, at least. The shortest header, `{"alg":"none"}`, has 19.
const PART_BYTES_MIN: usize = 10;

fn find(place: &Place<'_>) -> Option<Hit> {
    let (bytes, start) = (place.bytes, place.at);
    if !may_begin(bytes, start) {
        return None;
    }
    let first = start + run(bytes, start, URL_SAFE, ANY);
    if first - start < PART_BYTES_MIN || bytes.get(first) != Some(&b'.') {
        return None;
    }
    let second = first + 1 + run(bytes, first + 1, URL_SAFE, usize::MAX);
    let is_signed = bytes[first + 1..].starts_with(b"eyJ") && second - first > PART_BYTES_MIN;
    let mut end = second;
    let mut parts = 2;
    while parts < 5 && bytes.get(end) == Some(&b'.') {
        let length = run(bytes, end + 1, URL_SAFE, usize::MAX);
        if length == 0 {
            break;
        }
        (end, parts) = (end + 1 + length, parts + 1);
    }
    let hit = Hit { start: start + 3, end, kind: "json_web_token", form: Form::Shape };
    // The claims alone tell who somebody is, with or without a signature.
    (is_signed || parts == 5).then_some(hit)
}
