//! The first look at a text: where does one of the literals stand that every secret contains?
//!
//! Literals come in once, texts after that; out go the places, in order. Three bytes at every second
//! place are looked up in a table of bits: a literal of four bytes has three of them at an even
//! place or at the next odd one, wherever it stands. Only where the bit is set is anything compared.
//! That takes the same time for ten literals and for a thousand, and no time to begin again.

use super::bytes::{Alphabet, is_in};

/// Bits of the table's index: 16 KiB, which the fastest cache holds beside the text.
const INDEX_BITS: u32 = 17;
const WORDS: usize = 1 << (INDEX_BITS - 6);
/// Places that are looked up before any of them is judged.
const PROBES: usize = 8;
/// Bytes that this takes: each place needs four, of which three count.
const CHUNK: usize = 2 * PROBES + 2;

/// A search for all literals.
#[derive(Debug)]
pub(super) struct Prefilter {
    literals: Vec<Box<[u8]>>,
    bits: Box<[u64; WORDS]>,
    /// By index of the table: number of a list, 0 for none.
    lists: Vec<u16>,
    entries: Vec<Vec<Entry>>,
}

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// At least three bytes.
    pub(super) text: String,
    /// What stands beside a literal of three.
    pub(super) beside: Beside,
}

/// The byte beside a literal of three, without which it is no part of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// One of this alphabet before it.
    Before(Alphabet),
    /// One of this alphabet behind it.
    Behind(Alphabet),
    /// Behind it what divides a name from its value.
    Divider,
}

/// What may follow a name.
const DIVIDERS: &[u8] = b"\"'`=: \t\\>%";

/// Three bytes of a literal or beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    literal: u16,
    /// Where they begin in the literal: -1, 0 or 1.
    offset: i8,
}

/// A literal in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) at: usize,
    pub(super) literal: usize,
}

/// The place of three bytes in the table. The fourth is shifted out.
#[inline(always)]
fn index(four: [u8; 4]) -> u32 {
    (u32::from_le_bytes(four) << 8).wrapping_mul(0x9E37_79B1) >> (32 - INDEX_BITS)
}

impl Prefilter {
    /// A search for these literals.
    pub(super) fn new(literals: &[Literal]) -> Self {
        let mut prefilter = Self {
            literals: Vec::new(),
            bits: Box::new([0; WORDS]),
            lists: vec![0; 1 << INDEX_BITS],
            entries: vec![Vec::new()],
        };
        for literal in literals {
            prefilter.add(literal);
        }
        prefilter
    }

    fn add(&mut self, literal: &Literal) {
        let number = self.literals.len() as u16;
        let text = literal.text.as_bytes();
        self.literals.push(text.into());
        let [a, b, c, ref rest @ ..] = *text else { return };
        self.enter([a, b, c], Entry { literal: number, offset: 0 });
        let behind = Entry { literal: number, offset: 1 };
        let letters = |alphabet| (0..=u8::MAX).filter(move |byte| is_in(*byte, alphabet));
        match (rest, literal.beside) {
            (&[d, ..], _) => self.enter([b, c, d], behind),
            ([], Beside::Before(alphabet)) => {
                let before = Entry { literal: number, offset: -1 };
                letters(alphabet).for_each(|byte| self.enter([byte, a, b], before));
            }
            ([], Beside::Behind(alphabet)) => {
                letters(alphabet).for_each(|byte| self.enter([b, c, byte], behind));
            }
            ([], Beside::Divider) => {
                DIVIDERS.iter().for_each(|byte| self.enter([b, c, *byte], behind));
            }
        }
    }

    fn enter(&mut self, [a, b, c]: [u8; 3], entry: Entry) {
        let index = index([a, b, c, 0]);
        self.bits[(index >> 6) as usize] |= 1 << (index & 63);
        let list = &mut self.lists[index as usize];
        if *list == 0 {
            *list = self.entries.len() as u16;
            self.entries.push(Vec::new());
        }
        let entries = &mut self.entries[usize::from(*list)];
        entries.push(entry);
        // What begins first is told first.
        entries.sort_by_key(|entry| (-entry.offset, entry.literal));
        entries.dedup();
    }

    #[inline(always)]
    fn bit(&self, four: [u8; 4]) -> u64 {
        let index = index(four);
        self.bits[(index >> 6) as usize] >> (index & 63) & 1
    }

    /// The next place from `at` on, by twos, where the bit is set, or the text's end.
    #[inline]
    fn stop(&self, text: &[u8], mut at: usize) -> usize {
        while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<CHUNK>()) {
            let four = |probe: usize| {
                let from = 2 * probe;
                [chunk[from], chunk[from + 1], chunk[from + 2], chunk[from + 3]]
            };
            let found: u64 = (0..PROBES).fold(0, |found, probe| found | self.bit(four(probe)));
            if found != 0 {
                let probe = (0..PROBES).find(|probe| self.bit(four(*probe)) != 0);
                return at + 2 * probe.unwrap_or(0);
            }
            at += 2 * PROBES;
        }
        while let Some(&[a, b, c]) = text.get(at..).and_then(|rest| rest.first_chunk::<3>()) {
            if self.bit([a, b, c, 0]) != 0 {
                return at;
            }
            at += 2;
        }
        text.len()
    }

    /// The places of literals in a text, from the front.
    pub(super) fn candidates<'p, 't>(&'p self, text: &'t [u8]) -> Candidates<'p, 't> {
        Candidates { prefilter: self, text, least: 0, at: 0, waiting: &[] }
    }
}

/// The places of literals in one text.
pub(super) struct Candidates<'p, 't> {
    prefilter: &'p Prefilter,
    text: &'t [u8],
    /// Where a literal may begin.
    least: usize,
    /// The place of `waiting`, or the next one.
    at: usize,
    /// What may stand at `at`.
    waiting: &'p [Entry],
}

impl Candidates<'_, '_> {
    /// The next place.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Candidate> {
        loop {
            while let Some((entry, rest)) = self.waiting.split_first() {
                self.waiting = rest;
                if rest.is_empty() {
                    self.at += 2;
                }
                let place = if rest.is_empty() { self.at - 2 } else { self.at };
                if let Some(found) = self.compare(*entry, place) {
                    return Some(found);
                }
            }
            self.at = self.prefilter.stop(self.text, self.at);
            let &[a, b, c] = self.text.get(self.at..)?.first_chunk::<3>()?;
            let list = self.prefilter.lists[index([a, b, c, 0]) as usize];
            self.waiting = &self.prefilter.entries[usize::from(list)];
            if self.waiting.is_empty() {
                self.at += 2;
            }
        }
    }

    fn compare(&self, entry: Entry, place: usize) -> Option<Candidate> {
        let at =
            place.checked_add_signed(-isize::from(entry.offset)).filter(|at| *at >= self.least)?;
        let literal = usize::from(entry.literal);
        let is_there = self.text[at..].starts_with(&self.prefilter.literals[literal]);
        is_there.then_some(Candidate { at, literal })
    }

    /// Leaves out what begins before `end`.
    pub(super) fn skip_to(&mut self, end: usize) {
        self.least = self.least.max(end);
        if self.at < end {
            self.at = end;
            self.waiting = &[];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::DOTTED;
    use super::*;

    fn prefilter(literals: &[&str], beside: Beside) -> Prefilter {
        let literal = |text: &&str| Literal { text: (*text).to_owned(), beside };
        Prefilter::new(&literals.iter().map(literal).collect::<Vec<_>>())
    }

    fn places(literals: &[&str], text: &str) -> Vec<(usize, usize)> {
        let prefilter = prefilter(literals, Beside::Behind(DOTTED));
        let mut candidates = prefilter.candidates(text.as_bytes());
        std::iter::from_fn(|| candidates.next()).map(|found| (found.at, found.literal)).collect()
    }

    #[test]
    fn literals_are_found_wherever_they_stand() {
        for before in 0..70 {
            for behind in 0..40 {
                let text = format!("{}abcd{}", ".".repeat(before), ".".repeat(behind));
                assert_eq!(places(&["abcd", "xyz"], &text), [(before, 0)]);
                let text = format!("{}xyz.{}", ".".repeat(before), ".".repeat(behind));
                assert_eq!(places(&["abcd", "xyz"], &text), [(before, 1)]);
            }
        }
    }

    #[test]
    fn three_bytes_are_found_beside_what_belongs_to_them() {
        for (beside, text) in [
            (Beside::Behind(DOTTED), "xyz1"),
            (Beside::Before(DOTTED), "1xyz"),
            (Beside::Divider, "xyz="),
        ] {
            let prefilter = prefilter(&["xyz"], beside);
            for before in 0..40 {
                let text = format!("{}{text}{}", " ".repeat(before), " ".repeat(25));
                let found = prefilter.candidates(text.as_bytes()).next();
                assert_eq!(found.map(|found| found.at), text.find("xyz"), "{text}");
            }
        }
    }

    #[test]
    fn all_places_come_in_order() {
        assert_eq!(places(&["aaaa"], "aaaaaa"), [(0, 0), (1, 0), (2, 0)]);
        assert_eq!(places(&["abcd", "bcde", "abcde"], "xabcdef"), [(1, 0), (1, 2), (2, 1)]);
        assert_eq!(places(&["abcd"], "abc"), []);
        assert_eq!(places(&[], "abcdef"), []);
    }

    #[test]
    fn many_literals_are_all_found() {
        let literals: Vec<String> = (0..500).map(|number| format!("{number:03}literal")).collect();
        let texts: Vec<&str> = literals.iter().map(String::as_str).collect();
        let prefilter = prefilter(&texts, Beside::Divider);
        for (number, literal) in literals.iter().enumerate() {
            let text = format!("some text before {literal} and behind");
            let found = prefilter.candidates(text.as_bytes()).next();
            assert_eq!(found, Some(Candidate { at: 17, literal: number }));
        }
    }

    #[test]
    fn what_is_skipped_is_left_out() {
        let prefilter = prefilter(&["abcd"], Beside::Divider);
        for end in 0..10 {
            let mut candidates = prefilter.candidates(b"abcd abcdabcd abcd");
            assert_eq!(candidates.next().map(|found| found.at), Some(0));
            candidates.skip_to(end);
            let next = if end <= 5 { 5 } else { 9 };
            assert_eq!(candidates.next().map(|found| found.at), Some(next), "{end}");
        }
    }
}
