//! The first look at a text: where does one of the literals stand that every secret contains?
//!
//! Literals come in once, texts after that; out go the places, in order. The literals are searched
//! for with vector instructions where the processor has them, as many at a time as that search is
//! good for; nothing else of the text is looked at.

use aho_corasick::packed::{self, MatchKind};
use aho_corasick::{AhoCorasick, Input, Span};

/// Literals that one search takes. The more, the more often it stops for nothing.
const LITERALS_MAX: usize = 64;

/// A search for all literals.
#[derive(Debug)]
pub(super) struct Prefilter {
    searches: Vec<Search>,
}

#[derive(Debug)]
struct Search {
    engine: Engine,
    /// Number of its first literal.
    first: usize,
}

#[derive(Debug)]
enum Engine {
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
    Never,
}

/// A literal in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) at: usize,
    pub(super) literal: usize,
}

impl Prefilter {
    /// A search for these groups of literals; each group is a search of its own. A literal's number
    /// is its place in the sequence of all groups.
    pub(super) fn new(groups: &[Vec<String>]) -> Self {
        let mut first = 0;
        let mut searches = Vec::new();
        for group in groups {
            for part in group.chunks(LITERALS_MAX) {
                searches.push(Search { engine: Engine::new(part), first });
                first += part.len();
            }
        }
        Self { searches }
    }

    /// The places of literals in a text, from the front.
    pub(super) fn candidates<'p, 't>(&'p self, text: &'t [u8]) -> Candidates<'p, 't> {
        let next = self.searches.iter().map(|search| search.find(text, 0)).collect();
        Candidates { prefilter: self, text, next }
    }
}

impl Engine {
    fn new(literals: &[String]) -> Self {
        if literals.is_empty() {
            return Engine::Never;
        }
        let config = packed::Config::new().match_kind(MatchKind::LeftmostFirst).clone();
        if let Some(searcher) = config.builder().extend(literals).build() {
            return Engine::Packed(searcher);
        }
        AhoCorasick::new(literals).map_or(Engine::Never, Engine::Automaton)
    }
}

impl Search {
    fn find(&self, text: &[u8], from: usize) -> Option<Candidate> {
        let span = Span { start: from, end: text.len() };
        let found = match &self.engine {
            Engine::Packed(searcher) => searcher.find_in(text, span),
            Engine::Automaton(automaton) => automaton.find(Input::new(text).span(span)),
            Engine::Never => None,
        }?;
        Some(Candidate { at: found.start(), literal: self.first + found.pattern().as_usize() })
    }
}

/// The places of literals in one text.
pub(super) struct Candidates<'p, 't> {
    prefilter: &'p Prefilter,
    text: &'t [u8],
    next: Vec<Option<Candidate>>,
}

impl Candidates<'_, '_> {
    /// The next place.
    pub(super) fn next(&mut self) -> Option<Candidate> {
        let found = self.next.iter().flatten().min_by_key(|candidate| candidate.at).copied()?;
        for (search, next) in self.prefilter.searches.iter().zip(&mut self.next) {
            if next.is_some_and(|candidate| candidate == found) {
                *next = search.find(self.text, found.at + 1);
            }
        }
        Some(found)
    }

    /// Leaves out what lies before `end`.
    pub(super) fn skip_to(&mut self, end: usize) {
        for (search, next) in self.prefilter.searches.iter().zip(&mut self.next) {
            if next.is_some_and(|candidate| candidate.at < end) {
                *next = search.find(self.text, end.min(self.text.len()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(groups: &[&[&str]], text: &str) -> Vec<(usize, usize)> {
        let groups: Vec<Vec<String>> = groups
            .iter()
            .map(|group| group.iter().map(|&text| text.to_owned()).collect())
            .collect();
        let prefilter = Prefilter::new(&groups);
        let mut candidates = prefilter.candidates(text.as_bytes());
        std::iter::from_fn(|| candidates.next()).map(|found| (found.at, found.literal)).collect()
    }

    #[test]
    fn all_places_come_in_order() {
        let text = format!("{}abc{}xyz abc", ".".repeat(100), ".".repeat(50));
        let expected = [(100, 0), (153, 1), (157, 0)];
        assert_eq!(places(&[&["abc"], &["xyz"]], &text), expected);
        assert_eq!(places(&[&["abc", "xyz"]], &text), expected);
        assert_eq!(places(&[&[], &["zzz"]], &text), []);
        assert_eq!(places(&[&["aa"]], "aaa"), [(0, 0), (1, 0)]);
    }

    #[test]
    fn many_literals_are_searched_for_in_parts() {
        let literals: Vec<String> = (0..200).map(|number| format!("literal{number:03}")).collect();
        let prefilter = Prefilter::new(std::slice::from_ref(&literals));
        for (number, literal) in literals.iter().enumerate() {
            let text = format!("some text before {literal} and behind, to fill a vector or two");
            let found = prefilter.candidates(text.as_bytes()).next();
            assert_eq!(found, Some(Candidate { at: 17, literal: number }));
        }
    }

    #[test]
    fn what_is_skipped_is_left_out() {
        let prefilter = Prefilter::new(&[vec!["ab".to_owned()]]);
        let mut candidates = prefilter.candidates(b"ab ab ab");
        assert_eq!(candidates.next().map(|found| found.at), Some(0));
        candidates.skip_to(4);
        assert_eq!(candidates.next().map(|found| found.at), Some(6));
        assert_eq!(candidates.next(), None);
    }
}
