//! What must stand in a text for a regular expression to match there.
//!
//! Takes the parsed expression, gives texts of which one must be there, and whole words that must.
//! What is not certain is left out: an answer that says too little costs time, one that says too
//! much would lose records.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::syntax::is_word_character;
use crate::words::fold_character;

/// Texts that are looked for at most instead of an expression.
const TEXTS_MAX: usize = 8;

/// Shorter texts stand nearly everywhere.
const TEXT_BYTES_MIN: usize = 2;

/// Texts of which one must stand wherever the expression matches; empty where none is known.
pub(crate) fn required_texts(hir: &Hir) -> Vec<String> {
    required(hir).unwrap_or_default()
}

fn required(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            (text.len() >= TEXT_BYTES_MIN).then(|| vec![text.to_owned()])
        }
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        // Of the parts that must follow each other, the one that is rarest: few, long texts.
        HirKind::Concat(parts) => parts.iter().filter_map(required).min_by_key(|texts| {
            let shortest = texts.iter().map(String::len).min().unwrap_or(0);
            (texts.len() > 1, std::cmp::Reverse(shortest))
        }),
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(required(branch)?);
            }
            (all.len() <= TEXTS_MAX).then_some(all)
        }
        _ => None,
    }
}

/// Whole words that must stand where the expression matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Inner {
    /// Nothing is known.
    Unknown,
    /// All of these words, in upper and lower case perhaps.
    Words(Vec<String>),
    /// All of these.
    All(Vec<Inner>),
    /// One of these.
    OneOf(Vec<Inner>),
}

/// The words that must stand, as a whole, where the expression matches.
///
/// A word counts where the expression itself has characters before and behind it that belong to
/// no word. Letters of both cases count as the one.
pub(crate) fn inner_words(hir: &Hir) -> Inner {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => words_of_run(std::slice::from_ref(hir)),
        HirKind::Capture(capture) => inner_words(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => inner_words(&repetition.sub),
        HirKind::Concat(parts) => inner_words_of_parts(parts),
        HirKind::Alternation(branches) => {
            let branches: Vec<Inner> = branches.iter().map(inner_words).collect();
            match branches.contains(&Inner::Unknown) {
                true => Inner::Unknown,
                false => Inner::OneOf(branches),
            }
        }
        _ => Inner::Unknown,
    }
}

/// Runs of fixed characters are read as one text; what stands between them is looked at alone.
fn inner_words_of_parts(parts: &[Hir]) -> Inner {
    let mut all = Vec::new();
    for run in parts.chunk_by(|left, right| is_fixed(left) && is_fixed(right)) {
        let found = match run {
            [single] if !is_fixed(single) => inner_words(single),
            run => words_of_run(run),
        };
        match found {
            Inner::Unknown => {}
            found => all.push(found),
        }
    }
    match all.len() {
        0 => Inner::Unknown,
        1 => all.remove(0),
        _ => Inner::All(all),
    }
}

fn is_fixed(hir: &Hir) -> bool {
    fixed_text(hir).is_some()
}

/// The text of a literal, or the letter of a class that holds one letter in both cases.
fn fixed_text(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(std::str::from_utf8(&literal.0).ok()?.to_owned()),
        HirKind::Class(Class::Unicode(class)) => {
            let mut letters = class.iter().flat_map(|range| [range.start(), range.end()]);
            let first = fold_character(letters.next()?);
            // Only of ASCII is it sure that all ways to fold a letter agree.
            let is_one_letter = first.is_ascii()
                && class.iter().all(|range| range.start() == range.end())
                && letters.all(|letter| fold_character(letter) == first);
            is_one_letter.then(|| first.to_string())
        }
        _ => None,
    }
}

fn words_of_run(run: &[Hir]) -> Inner {
    let text: String = run.iter().filter_map(fixed_text).collect();
    let words: Vec<String> = whole_words_inside(&text).map(str::to_owned).collect();
    match words.is_empty() {
        true => Inner::Unknown,
        false => Inner::Words(words),
    }
}

/// The words of a text that touch neither end of it.
pub(crate) fn whole_words_inside(text: &str) -> impl Iterator<Item = &str> {
    let is_divider = |character: char| !is_word_character(character);
    let start = text.find(is_divider).unwrap_or(text.len());
    let end = text.rfind(is_divider).unwrap_or(start);
    crate::words::words(text.get(start..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Inner, inner_words, required_texts};
    use crate::pattern::Pattern;

    #[test]
    fn required_texts_are_found() {
        let check = |text: &str, expect: &[&str]| {
            assert_eq!(required_texts(Pattern::new(text).unwrap().hir()), expect, "{text}");
        };
        check("timeout", &["timeout"]);
        check("time(out)+ after", &[" after"]);
        check("err|warning", &["err", "warning"]);
        check("(foo|bar)baz+", &["ba"]);
        check("status=50[0-3]", &["status=50"]);
        check("x?timeout", &["timeout"]);
        check("(timeout)?", &[]);
        check("(?i)timeout", &[]);
        check("a|.*", &[]);
        check("[0-9]+", &[]);
        check("ab(c|de)fgh", &["fgh"]);
        check("^$", &[]);
    }

    #[test]
    fn whole_words_are_found() {
        let check = |text: &str, expect: Inner| {
            assert_eq!(inner_words(Pattern::new(text).unwrap().hir()), expect, "{text}");
        };
        let words =
            |all: &[&str]| Inner::Words(all.iter().map(|word| (*word).to_owned()).collect());
        check("timeout", Inner::Unknown);
        check("a timeout b", words(&["timeout"]));
        check("(?i)a timeOUT b", words(&["timeout"]));
        check("a timeOUT b", words(&["timeOUT"]));
        check("(?i) stop ", Inner::Unknown);
        check(r"open (file|dir) \d+ failed: x", words(&["failed"]));
        check("( a c )|( b d )", Inner::OneOf(vec![words(&["a", "c"]), words(&["b", "d"])]));
        check("( a )|b", Inner::Unknown);
        check(" a .* b ", Inner::All(vec![words(&["a"]), words(&["b"])]));
        check("status=50[0-3]", Inner::Unknown);
        check("x=[Kk]=y", words(&["k"]));
        check("x=[kl]=y", Inner::Unknown);
    }
}
