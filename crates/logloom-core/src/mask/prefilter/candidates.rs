//! The places of literals in one text, or in parts of one: comes to a stop where the table of the
//! [`Prefilter`] has a bit, and compares what may stand there.

use std::ops::Range;

use super::super::bytes::is_in;
use super::{Entry, Prefilter, STEP};

/// A part of a text that is to be searched, in bytes.
pub type Part = Range<usize>;

/// A literal in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Candidate {
    pub(in super::super) at: usize,
    pub(in super::super) literal: usize,
}

/// The places of literals in one text.
pub(in super::super) struct Candidates<'p, 't> {
    prefilter: &'p Prefilter,
    text: &'t [u8],
    /// What is to be searched from `end` on.
    parts: &'t [Part],
    /// Where a literal may begin.
    least: usize,
    /// Where the next lot begins, unless that is at `end` or behind it.
    next: usize,
    end: usize,
    /// Where the lot at hand begins, and its places that are still to be looked at, a bit each.
    lot: usize,
    places: u32,
    /// The place at hand, and what may still stand there.
    place: usize,
    waiting: &'p [Entry],
}

impl<'p, 't> Candidates<'p, 't> {
    /// Those before `end`, then those in `parts`.
    pub(super) fn new(
        prefilter: &'p Prefilter,
        text: &'t [u8],
        parts: &'t [Part],
        end: usize,
    ) -> Self {
        let (least, next, lot, places, place) = (0, 0, 0, 0, 0);
        Self { prefilter, text, parts, least, next, end, lot, places, place, waiting: &[] }
    }

    /// The next place.
    #[inline]
    pub(in super::super) fn next(&mut self) -> Option<Candidate> {
        loop {
            while let Some((entry, rest)) = self.waiting.split_first() {
                self.waiting = rest;
                if let Some(found) = self.compare(entry) {
                    return Some(found);
                }
            }
            if self.places == 0 && !self.advance() {
                return None;
            }
            self.place = self.lot + 2 * self.places.trailing_zeros() as usize;
            self.places &= self.places - 1;
            if let Some(three) = self.text.get(self.place..).and_then(|rest| rest.first_chunk()) {
                self.waiting = self.prefilter.entries(*three);
            }
        }
    }

    /// Goes on to the next lot that has a place; `false` when there is none.
    #[inline]
    fn advance(&mut self) -> bool {
        loop {
            (self.lot, self.places) = self.prefilter.scan(self.text, self.next, self.end);
            if self.places != 0 {
                self.next = self.lot + STEP;
                return true;
            }
            let Some((part, rest)) = self.parts.split_first() else {
                self.next = self.end;
                return false;
            };
            // A lot may have gone beyond the end of its part.
            self.next = self.lot.max(part.start);
            (self.end, self.parts) = (part.end.min(self.text.len()), rest);
        }
    }

    #[inline(always)]
    fn compare(&self, entry: &Entry) -> Option<Candidate> {
        let at = self.place.checked_add_signed(-isize::from(entry.offset))?;
        let (literal, length) = (usize::from(entry.literal), usize::from(entry.length));
        let rest = self.text.get(at.max(self.least)..)?;
        let is_there = at >= self.least
            && match rest.first_chunk() {
                Some(head) if u64::from_le_bytes(*head) & entry.mask != entry.head => false,
                Some(_) if length <= 8 => true,
                _ => rest.starts_with(&self.prefilter.literals[literal]),
            };
        let is_beside = || {
            let before = at.checked_sub(1).and_then(|before| self.text.get(before));
            let is_one = |byte: Option<&u8>, alphabet| {
                alphabet == 0 || byte.is_some_and(|byte| is_in(*byte, alphabet))
            };
            is_one(before, entry.before) && is_one(rest.get(length), entry.behind)
        };
        (is_there && is_beside()).then_some(Candidate { at, literal })
    }

    /// Leaves out what begins before `end`.
    pub(in super::super) fn skip_to(&mut self, end: usize) {
        self.least = self.least.max(end);
        if self.next < end {
            self.next = end;
            self.places = 0;
            self.waiting = &[];
        }
    }
}
