//! In how many lines of a block a word stands in `message`. In come messages, line by line; out go, for the words that
//! are frequent in a block, the block and the number of its lines; and back. It makes a word countable that is in
//! nearly all blocks, where postings are of no help. What is told is exact, upper and lower case as they stand; a word
//! that is not told of a block may be in any number of its lines.

use std::collections::BTreeMap;

use super::hash::Hasher;
use super::words::{CLASS, GAP, WIDE, words_of};

/// A word is frequent that is in one of so many lines.
const ONE_OF: u32 = 64;
/// And that is in so many of a block.
const LINES_MIN: u32 = 2;
/// Words of a block, the most frequent ones.
const WORDS_OF_BLOCK: usize = 48;
/// Words of a file; none is added beyond.
const WORDS_MAX: usize = 4096;
/// Bytes of a word.
const LENGTH_MAX: usize = 64;
/// Places of the table of a block at first; it grows when it is half full.
const PLACES: usize = 1 << 12;

/// A word of the present block.
#[derive(Clone, Copy, Default)]
struct Word {
    hash: u64,
    /// Where it stands in the bytes of the block's words.
    at: u32,
    length: u32,
    /// Lines with it; 0 for a place that is free.
    lines: u32,
    /// The last of these.
    last: u32,
}

/// Counts words.
pub(super) struct Frequent {
    places: Vec<Word>,
    used: Vec<u32>,
    /// The words of the block, one behind the other.
    bytes: Vec<u8>,
    line: u32,
    /// The present line has had a message.
    has_message: bool,
    /// Nothing is known of the present block.
    is_spoilt: bool,
    /// Blocks and lines of the words of the file.
    words: BTreeMap<Box<[u8]>, Vec<(u32, u32)>>,
}

impl Frequent {
    pub(super) fn new() -> Frequent {
        Frequent {
            places: vec![Word::default(); PLACES],
            used: Vec::new(),
            bytes: Vec::new(),
            line: 0,
            has_message: false,
            is_spoilt: false,
            words: BTreeMap::new(),
        }
    }

    /// Takes the message of the present line, a text without escapes. A second one of a line is not understood.
    pub(super) fn message(&mut self, hasher: Hasher, text: &[u8]) {
        if std::mem::replace(&mut self.has_message, true) {
            return self.spoil();
        }
        let mut at = 0;
        while at < text.len() {
            let mut kinds = CLASS[text[at] as usize];
            let start = at;
            at += 1;
            if kinds == GAP {
                continue;
            }
            while let Some(class) = text.get(at).map(|byte| CLASS[*byte as usize])
                && class != GAP
            {
                kinds |= class;
                at += 1;
            }
            if kinds & WIDE == 0 {
                self.word(hasher, text, start, at);
            } else if let Ok(run) = std::str::from_utf8(&text[start..at]) {
                words_of(run).for_each(|word| self.word(hasher, word.as_bytes(), 0, word.len()));
            }
        }
    }

    /// Has nothing told of the present block.
    pub(super) fn spoil(&mut self) {
        self.is_spoilt = true;
    }

    #[inline]
    pub(super) fn end_line(&mut self) {
        self.line += 1;
        self.has_message = false;
    }

    /// Ends the block of this number, which has so many lines.
    pub(super) fn end_block(&mut self, block: u32, is_regular: bool) {
        let least = (self.line / ONE_OF).max(LINES_MIN);
        let places = &self.places;
        let mut found: Vec<Word> = match is_regular && !self.is_spoilt {
            true => self.used.iter().map(|place| places[*place as usize]).collect(),
            false => Vec::new(),
        };
        found.retain(|word| word.lines >= least);
        found.sort_unstable_by_key(|word| (std::cmp::Reverse(word.lines), word.at));
        for word in found.into_iter().take(WORDS_OF_BLOCK) {
            let bytes = &self.bytes[word.at as usize..][..word.length as usize];
            let has_room = self.words.len() < WORDS_MAX;
            match self.words.get_mut(bytes) {
                Some(blocks) => blocks.push((block, word.lines)),
                None if has_room => {
                    self.words.insert(bytes.into(), vec![(block, word.lines)]);
                }
                None => {}
            }
        }
        for place in self.used.drain(..) {
            self.places[place as usize] = Word::default();
        }
        self.bytes.clear();
        (self.line, self.has_message, self.is_spoilt) = (0, false, false);
    }

    fn word(&mut self, hasher: Hasher, text: &[u8], start: usize, end: usize) {
        if end - start > LENGTH_MAX {
            return;
        }
        let (hash, word) = (hasher.value(text, start, end), &text[start..end]);
        let mask = self.places.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let found = &mut self.places[place];
            if found.lines == 0 {
                break;
            }
            let known = &self.bytes[found.at as usize..][..found.length as usize];
            if found.hash == hash && known == word {
                found.lines += u32::from(found.last != self.line);
                found.last = self.line;
                return;
            }
            place = (place + 1) & mask;
        }
        let at = self.bytes.len() as u32;
        self.bytes.extend_from_slice(word);
        let length = word.len() as u32;
        self.places[place] = Word { hash, at, length, lines: 1, last: self.line };
        self.used.push(place as u32);
        if self.used.len() > self.places.len() / 2 {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let mut places = vec![Word::default(); self.places.len() * 2];
        let mask = places.len() - 1;
        for used in &mut self.used {
            let word = self.places[*used as usize];
            let mut place = word.hash as usize & mask;
            while places[place].lines > 0 {
                place = (place + 1) & mask;
            }
            places[place] = word;
            *used = place as u32;
        }
        self.places = places;
    }

    /// All that is told, as bytes.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = (self.words.len() as u32).to_le_bytes().to_vec();
        let mut data = Vec::new();
        for (word, blocks) in &self.words {
            let mut before = 0;
            for (block, lines) in blocks {
                put(&mut data, block - before);
                put(&mut data, *lines);
                before = *block;
            }
            out.push(word.len() as u8);
            out.extend_from_slice(word);
            out.extend((data.len() as u32).to_le_bytes());
            out.append(&mut data);
        }
        out
    }
}

fn put(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0u32;
    for shift in (0..32).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if *byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// What `bytes` say of a word: blocks, in order, and how many of their lines have it. `None` where that is damaged.
pub(super) fn read(bytes: &[u8], word: &str) -> Option<Vec<(u32, u32)>> {
    let (count, mut rest) = bytes.split_first_chunk::<4>()?;
    for _ in 0..u32::from_le_bytes(*count) {
        let (length, after) = rest.split_first()?;
        let (name, after) = after.split_at_checked(usize::from(*length))?;
        let (length, after) = after.split_first_chunk::<4>()?;
        let (data, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        if name == word.as_bytes() {
            return pairs(data);
        }
        rest = after;
    }
    Some(Vec::new())
}

fn pairs(mut data: &[u8]) -> Option<Vec<(u32, u32)>> {
    let (mut all, mut block) = (Vec::new(), 0u32);
    while !data.is_empty() {
        block = block.checked_add(take(&mut data)?)?;
        all.push((block, take(&mut data)?));
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn block(frequent: &mut Frequent, number: u32, messages: &[&str]) {
        for message in messages {
            frequent.message(Hasher::new(7), message.as_bytes());
            frequent.end_line();
        }
        frequent.end_block(number, true);
    }

    #[test]
    fn lines_are_counted_once_and_words_as_they_stand() {
        let mut frequent = Frequent::new();
        block(&mut frequent, 0, &["get get /a", "get", "Get größe-x", "a", "größe"]);
        block(&mut frequent, 300, &["größe", "nothing", "größe größe", "x größe"]);
        let bytes = frequent.write();
        let check = |word: &str, expect: &[(u32, u32)]| {
            assert_eq!(read(&bytes, word).unwrap(), expect, "{word}");
        };
        check("get", &[(0, 2)]);
        check("a", &[(0, 2)]);
        check("größe", &[(0, 2), (300, 3)]);
        check("Get", &[]);
        check("gr", &[]);
        for cut in 0..bytes.len() {
            let _ = read(&bytes[..cut], "x");
        }
        assert_eq!(read(&bytes[..bytes.len() - 1], "zzz"), None);
    }

    #[test]
    fn what_is_not_understood_is_not_told() {
        let mut frequent = Frequent::new();
        for (number, is_regular) in [(0, true), (1, false)] {
            for _ in 0..2 {
                frequent.message(Hasher::new(7), b"one");
                frequent.end_line();
            }
            if is_regular {
                frequent.message(Hasher::new(7), b"one");
                frequent.message(Hasher::new(7), b"two");
            }
            frequent.end_block(number, is_regular);
        }
        block(&mut frequent, 2, &["one", "one"]);
        assert_eq!(read(&frequent.write(), "one").unwrap(), [(2, 2)]);
    }

    #[test]
    fn only_frequent_words_are_told_however_many_there_are() {
        let mut frequent = Frequent::new();
        let messages: Vec<String> = (0..9_000).map(|n| format!("n{n} all")).collect();
        let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
        block(&mut frequent, 0, &messages);
        let bytes = frequent.write();
        assert_eq!(read(&bytes, "all").unwrap(), [(0, 9_000)]);
        assert!(read(&bytes, "n5").unwrap().is_empty() && bytes.len() < 100);
    }
}
