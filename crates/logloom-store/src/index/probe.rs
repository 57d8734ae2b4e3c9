//! Questions for blocks. In come words and values, out go the blocks in which they can be. Whatever is not known for
//! certain, because it was left out or is damaged, is answered by all blocks that it concerns. A question reads
//! about 2 KiB for each part of the postings.

use super::blocks::Blocks;
use super::clock::may_be_of_time;
use super::hash::Hasher;
use super::open::{Index, Part};
use super::postings::Found;
use super::walk::{DIGITS, PAIRS, WORDS, is_odd, word_hash};
use super::words::{is_few_digits, words_of};
use crate::key::Day;

impl Index {
    /// The blocks with a line in some value of which this stands as a whole word, in any case. A text of several
    /// words asks for all of them; one without any is in all blocks.
    pub fn word(&self, word: &str) -> Blocks {
        let count = self.block_count();
        if self.footer.has_skipped {
            return Blocks::all(count);
        }
        let years = self.times().map(|(first, last)| {
            (Day::from_unix_ns(first).civil().0, Day::from_unix_ns(last).civil().0)
        });
        let mut found = Blocks::all(count);
        for word in words_of(word).filter(|word| !may_be_of_time(word, years)) {
            found.intersect(&self.indexed_word(word));
        }
        found
    }

    /// The blocks with a line in which the field at `path` may have this value, as a person writes it: its text
    /// exactly, or a number that is equal to it. An empty value is that of lines without the field: all blocks.
    pub fn pair(&self, path: &str, value: &str) -> Blocks {
        let all = Blocks::all(self.block_count());
        let is_json = value.starts_with(['[', '{']);
        if value.is_empty() || is_json || path == "timestamp" {
            return all;
        }
        let spelling = Spelling::of(value);
        let Some(field) = self.field(path) else { return all };
        let Some(field) = field else {
            return match self.footer.has_more_fields {
                true if spelling == Spelling::Text => self.words_of_value(value),
                true => all,
                false => self.always(),
            };
        };
        let is_open = field.is_skipped
            || spelling == Spelling::Unusual
            || spelling == Spelling::Number && field.has_odd_numbers;
        if is_open {
            return all;
        }
        if !field.has_pairs {
            return self.words_of_value(value);
        }
        let hasher = Hasher::new(self.footer.seed);
        let hash = hasher.value(value.as_bytes(), 0, value.len());
        self.ask(PAIRS, hasher.pair(hasher.name(path), hash))
    }

    /// The blocks with all words of a value that is not a time.
    fn words_of_value(&self, value: &str) -> Blocks {
        let mut found = Blocks::all(self.block_count());
        for word in words_of(value) {
            found.intersect(&self.indexed_word(word));
        }
        found
    }

    fn indexed_word(&self, word: &str) -> Blocks {
        let kind = if is_few_digits(word.as_bytes()) { DIGITS } else { WORDS };
        self.ask(kind, word_hash(Hasher::new(self.footer.seed), word))
    }

    fn ask(&self, kind: usize, hash: u64) -> Blocks {
        let mut found = self.always();
        let mut next = 0;
        for part in &self.parts[kind] {
            let (first, blocks) = (part.buckets.first_block, part.buckets.blocks);
            found.insert_range(next, first.saturating_sub(next));
            next = next.max(first + blocks);
            match self.ask_part(part, hash) {
                Some(Found::Blocks(some)) => {
                    some.into_iter().for_each(|block| found.insert(first + block));
                }
                Some(Found::All) | None => found.insert_range(first, blocks),
            }
        }
        // Blocks of which nothing is told.
        found.insert_range(next, self.block_count().saturating_sub(next));
        found
    }

    fn ask_part(&self, part: &Part, hash: u64) -> Option<Found> {
        let buckets = self.buckets(part)?;
        let place = buckets.place(hash);
        let bytes = self.bytes(part.buckets.offset + place.start, place.end - place.start)?;
        buckets.probe(&bytes, hash)
    }
}

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Text,
    /// A number in the usual way.
    Number,
    /// Maybe a number, in another way.
    Unusual,
}

impl Spelling {
    fn of(value: &str) -> Spelling {
        let bytes = value.as_bytes();
        let may_be_number =
            |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        if !bytes.iter().all(may_be_number) {
            return Spelling::Text;
        }
        let is_number = matches!(bytes.first(), Some(b'-' | b'0'..=b'9'))
            && crate::json::number(bytes, 0) == Some(bytes.len());
        match is_number && !is_odd(bytes) {
            true => Spelling::Number,
            false => Spelling::Unusual,
        }
    }
}
