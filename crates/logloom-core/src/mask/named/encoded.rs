//! Names and values in a text that is encoded for a URL as a whole: `%22password%22%3A%22...%22`, also
//! twice.
//!
//! Takes a name with an escape behind it, decodes what follows as far as one parameter of a URL goes,
//! and looks for the value there. The hit is that of the text as it stands.

use std::borrow::Cow;

use super::super::hit::{Form, Hit};
use super::super::kinds::Place;
use super::super::percent;
use super::{Name, Wanted};

/// So much is decoded.
const WINDOW_BYTES: usize = 3 * 1024;
/// So much of it before the name.
const BEFORE_BYTES: usize = 256;
/// How often a text is decoded.
const TIMES_MAX: u8 = 2;

pub(super) fn find(name: &Name<'_>, wanted: Wanted<'_>) -> Option<Hit> {
    let Place { bytes, at, anchor, before, .. } = name.place;
    if name.decoded >= TIMES_MAX {
        return None;
    }
    // What stands before may be the other half of a pair.
    let before_name = percent::parameter_len_back(bytes, name.start, BEFORE_BYTES);
    let from = name.start - before_name;
    let window = &bytes[from..];
    let window = &window[..percent::parameter_len(window, WINDOW_BYTES)];
    let (places, mut text): (Vec<usize>, Vec<u8>) = percent::places(window).unzip();
    // Forms have a plus for a blank.
    for number in 1..text.len() {
        let is_plain = window.get(places[number]) == Some(&b'+');
        if is_plain && matches!(text[number - 1], b':' | b',') {
            text[number] = b' ';
        }
    }
    // The name itself has no escapes, so that it is as long as it was.
    let start = places.binary_search(&before_name).ok()?;
    let place = Place { bytes: &text, is_json: false, at: start + at - name.start, anchor, before };
    let inner = Name {
        place,
        start,
        end: start + name.end - name.start,
        name: Cow::Borrowed(&name.name),
        joined: name.joined,
        decoded: name.decoded + 1,
    };
    let hit = inner.secret(wanted)?;
    let outer = |at: usize| from + places.get(at).copied().unwrap_or(window.len());
    Some(Hit { start: outer(hit.start), end: outer(hit.end), form: form(hit.form), ..hit })
}

/// Quotes of its own would end the URL.
fn form(form: Form) -> Form {
    if matches!(form, Form::Quoted { .. }) { Form::Value } else { form }
}
