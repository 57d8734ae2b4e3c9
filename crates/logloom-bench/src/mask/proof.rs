//! The proof: secrets planted in a hundred megabytes of text, and the same text without them.
//!
//! What is counted: planted secrets whose hidden part is masked to the last byte (recall), masked
//! spans that lie on a planted secret (precision), and masked spans where nothing was planted.

use std::collections::BTreeMap;
use std::ops::Range;

use logloom_core::mask::{Hit, Masker, Syntax};
use logloom_record::json::escape_into;

use super::embed::{EMBEDDINGS, embed};
use super::secrets::{kinds, secret};
use super::text::Background;
use crate::proof::dice::Dice;

/// What is planted into how much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) secrets: usize,
    pub(super) bytes: usize,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) bytes: usize,
    pub(super) planted: usize,
    pub(super) found: usize,
    pub(super) spans: usize,
    pub(super) spans_on_secrets: usize,
    /// Masked spans in the same text without secrets.
    pub(super) spans_unplanted: usize,
    /// Kinds and embeddings that were missed, with how often.
    pub(super) missed: BTreeMap<String, usize>,
    /// Some of the texts that were masked for nothing.
    pub(super) strange: Vec<String>,
}

impl Verdict {
    pub(super) fn recall(&self) -> f64 {
        self.found as f64 / self.planted.max(1) as f64
    }

    pub(super) fn precision(&self) -> f64 {
        self.spans_on_secrets as f64 / self.spans.max(1) as f64
    }
}

/// A secret within a block.
struct Planted {
    what: String,
    /// The piece of text it was planted as.
    piece: Range<usize>,
    /// What must be hidden.
    body: Range<usize>,
}

/// Runs it. With [`Syntax::Json`] the text stands in lines of a day file, escaped once more.
pub(super) fn run(size: Size, syntax: Syntax, seed: u64) -> Verdict {
    let masker = Masker::default();
    let mut verdict = Verdict::default();
    let (mut background, mut dice) = (Background::new(seed), Dice::new(seed));
    let mut number = 0;
    while verdict.bytes < size.bytes || number < size.secrets {
        let plain = background.block();
        let due = (verdict.bytes as u128 * size.secrets as u128 / size.bytes as u128) as usize + 1;
        let mut text = wrapped(&plain, syntax);
        let hits = find(&masker, &text, syntax);
        verdict.spans_unplanted += hits.len();
        note_strange(&mut verdict, &hits, &text);
        let mut planted = Vec::new();
        while number < due.min(size.secrets) {
            planted.extend(plant(number, &mut dice, &mut text, syntax));
            number += 1;
        }
        judge(&mut verdict, &find(&masker, &text, syntax), &planted, hits.len());
        verdict.bytes += text.len();
    }
    verdict
}

fn find(masker: &Masker, text: &str, syntax: Syntax) -> Vec<Hit> {
    let mut hits = Vec::new();
    masker.find(text.as_bytes(), syntax, &mut hits);
    hits
}

/// Appends a secret of the next kind in the next embedding.
fn plant(number: usize, dice: &mut Dice, text: &mut String, syntax: Syntax) -> Option<Planted> {
    let secret = secret(number % kinds(), dice);
    let ways = EMBEDDINGS.iter().cycle().skip(number / kinds() + number % kinds());
    let (way, (whole, body)) = ways
        .take(EMBEDDINGS.len())
        .find_map(|way| embed(&secret, *way).map(|embedded| (way, embedded)))?;
    let body = match syntax {
        Syntax::Text => body,
        Syntax::Json => escaped(&body),
    };
    let start = text.len();
    text.push_str(&wrapped(&(whole + "\n"), syntax));
    let at = start + text[start..].find(&body)?;
    let what = format!("{} in {way:?}", secret.kind);
    Some(Planted { what, piece: start..text.len(), body: at..at + body.len() })
}

fn judge(verdict: &mut Verdict, hits: &[Hit], planted: &[Planted], before: usize) {
    verdict.planted += planted.len();
    for secret in planted {
        if is_hidden(hits, &secret.body) {
            verdict.found += 1;
        } else {
            *verdict.missed.entry(secret.what.clone()).or_default() += 1;
        }
    }
    let on_secret = |hit: &&Hit| planted.iter().any(|secret| secret.piece.contains(&hit.start));
    verdict.spans += hits.len() - before.min(hits.len());
    verdict.spans_on_secrets += hits.iter().filter(on_secret).count();
}

/// Whether marks cover the whole range.
fn is_hidden(hits: &[Hit], body: &Range<usize>) -> bool {
    let mut at = body.start;
    for hit in hits.iter().filter(|hit| hit.end > body.start && hit.start < body.end) {
        if hit.start > at {
            return false;
        }
        at = hit.end;
    }
    at >= body.end
}

fn note_strange(verdict: &mut Verdict, hits: &[Hit], text: &str) {
    for hit in hits.iter().take(20usize.saturating_sub(verdict.strange.len())) {
        let start = text.floor_char_boundary(hit.start.saturating_sub(40));
        verdict.strange.push(format!("{}: {}", hit.kind, &text[start..hit.end]));
    }
}

/// The lines as they are, or each as the message of a record.
fn wrapped(text: &str, syntax: Syntax) -> String {
    match syntax {
        Syntax::Text => text.to_owned(),
        Syntax::Json => {
            let head =
                "{\"timestamp\":\"2026-11-21T10:11:12.345678Z\",\"level\":\"INFO\",\"message\":\"";
            let text = text.trim_end_matches('\n');
            format!("{head}{}\"}}\n", escaped(text))
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = Vec::new();
    escape_into(text, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short form of the proof: every kind in at least five embeddings.
    #[test]
    fn planted_secrets_are_found_and_nothing_else() {
        for syntax in [Syntax::Text, Syntax::Json] {
            let verdict = run(Size { secrets: 400, bytes: 2_000_000 }, syntax, 11);
            assert_eq!(verdict.planted, 400);
            assert!(
                verdict.recall() >= 0.98,
                "{syntax:?} {} {:?}",
                verdict.recall(),
                verdict.missed
            );
            assert!(verdict.precision() >= 0.995, "{syntax:?} {}", verdict.precision());
            assert!(verdict.spans_unplanted <= 10, "{syntax:?} {:?}", verdict.strange);
        }
    }
}
