//! `collapse_nums` and the templates of `patterns`: texts that differ in numbers become one.
//!
//! The rules are those of VictoriaLogs: a number stands alone or behind one of `TXxvshm`, and ends
//! before one of `TZsmhµun` or no letter; numbers with letters from a to f have an even number of
//! digits, four or more.

use super::each::{Change, Outcome};
use super::{Row, Value};

/// `collapse_nums`.
pub(super) struct Collapsing {
    pub(super) field: String,
    pub(super) is_pretty: bool,
}

impl Change for Collapsing {
    fn apply<'a>(&self, mut row: Row<'a>) -> Outcome<'a> {
        let text = row.text(&self.field);
        let collapsed = collapsed(&text, self.is_pretty);
        if collapsed != text {
            row.set(&self.field, Value::text_of(collapsed));
        }
        Outcome::Row(row)
    }
}

/// Gives each row the field `pattern`: its template, else its message with the numbers left out.
pub(super) struct Templating;

impl Change for Templating {
    fn apply<'a>(&self, mut row: Row<'a>) -> Outcome<'a> {
        let template = row.text("template").into_owned();
        let pattern = match template.is_empty() {
            true => collapsed(&row.text("message"), true),
            false => template,
        };
        row.set("pattern", Value::text_of(pattern));
        Outcome::Row(row)
    }
}

fn collapsed(text: &str, is_pretty: bool) -> String {
    let collapsed = collapse(text);
    if is_pretty { prettify(collapsed) } else { collapsed }
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Where the number under way begins, and up to where all is written.
    let (mut number, mut written) = (None, 0);
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        if character.is_ascii_hexdigit() {
            let may_begin = "TXxvshm".contains(before) || !is_word(before);
            number = number.or(may_begin.then_some(at));
        } else if let Some(start) = number.take() {
            let ends = "TZsmh\u{3bc}\u{b5}un".contains(character) || !is_word(character);
            push_number(&mut out, &text[written..start], &text[start..at], ends);
            written = at;
        }
        before = character;
    }
    match number {
        Some(start) => push_number(&mut out, &text[written..start], &text[start..], true),
        None => out.push_str(&text[written..]),
    }
    out
}

fn push_number(out: &mut String, before: &str, digits: &str, ends: bool) {
    out.push_str(before);
    let has_letters = digits.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_number = !has_letters || digits.len() >= 4 && digits.len().is_multiple_of(2);
    out.push_str(if ends && is_number { "<N>" } else { digits });
}

fn prettify(text: String) -> String {
    let text = text.replace("<N>-<N>-<N>-<N>-<N>", "<UUID>").replace("<N>.<N>.<N>.<N>", "<IP4>");
    let text = replace(&text, "<N>:<N>:<N>", "<TIME>", &[".<N>", ",<N>"]);
    let text = text.replace("<N>-<N>-<N>", "<DATE>").replace("<N>/<N>/<N>", "<DATE>");
    const ZONES: &[&str] = &["Z", "-<N>:<N>", "+<N>:<N>"];
    let text = replace(&text, "<DATE>T<TIME>", "<DATETIME>", ZONES);
    replace(&text, "<DATE> <TIME>", "<DATETIME>", ZONES)
}

/// Replaces a text with what may follow it.
fn replace(text: &str, old: &str, new: &str, tails: &[&str]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(old) {
        out.push_str(before);
        out.push_str(new);
        rest = tails.iter().find_map(|tail| behind.strip_prefix(tail)).unwrap_or(behind);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_collapsed_as_documented() {
        let plain = |text: &str, expect: &str| assert_eq!(collapsed(text, false), expect);
        plain(
            "2024-10-20T12:34:56Z request duration 1.34s",
            "<N>-<N>-<N>T<N>:<N>:<N>Z request duration <N>.<N>s",
        );
        plain("be ad foo abc cafe 1a2b 12x x12 user_42", "be ad foo abc <N> <N> 12x x<N> user_42");
        plain("\u{e9}1 \u{e9} 7\u{b5}s", "\u{e9}1 \u{e9} <N>\u{b5}s");
        plain("", "");
        let pretty = |text: &str, expect: &str| assert_eq!(collapsed(text, true), expect);
        pretty(
            "2edfed59-3e98-4073-bbb2-28d321ca71a7 - [2024/12/08 15:21:02] 10.71.20.32 GET /foo 200",
            "<UUID> - [<DATETIME>] <IP4> GET /foo <N>",
        );
        pretty("2024-10-20T12:34:56.789+01:00 x", "<DATETIME> x");
    }
}
