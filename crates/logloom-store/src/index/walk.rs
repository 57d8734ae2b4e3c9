//! One pass over the lines of a block. In come whole lines; out go entries (words, digits, pairs), codes of columns,
//! spans and counts. A line that is no JSON object ends the pass: then nothing of the block counts.
//!
//! This is the part that takes the time. Values of fields that repeat are looked at once a block; names are not
//! looked up where fields follow each other as in the line before.

use super::clock::Clock;
use super::field::{FieldNumber, Fields, LEVEL, NO_FIELD, TIMESTAMP};
use super::frequent::Frequent;
use super::hash::Hasher;
use super::postings::entry;
use super::rollup::RollupBuilder;
use super::seen::{Values, Words};
use super::text::{Text, decode, string};
use super::words::{CLASS, DIGIT, DIGITS_MAX, GAP, WIDE, fold, is_few_digits, words_of};

/// Deeper lines are not regular.
const DEPTH_MAX: usize = 64;
/// The field that a word without a field is looked for in.
const MESSAGE: &str = "message";
/// A value without a code.
const NO_CODE: u32 = 0;
const LEVELS: [&[u8]; 6] = [b"TRACE", b"DEBUG", b"INFO", b"WARN", b"ERROR", b"FATAL"];
const LEVEL_OTHER: usize = 6;
const LEVEL_NONE: usize = 7;

/// Kinds of entries.
pub(super) const WORDS: usize = 0;
pub(super) const DIGITS: usize = 1;
pub(super) const PAIRS: usize = 2;
pub(super) const KINDS: usize = 3;

/// What is gathered of all blocks.
pub(super) struct Walk {
    hasher: Hasher,
    pub(super) fields: Fields,
    pub(super) rollup: RollupBuilder,
    pub(super) entries: [Vec<u64>; KINDS],
    /// Number of the block in the file, and in the part.
    pub(super) block: usize,
    pub(super) block_of_part: u32,
    /// Number of the next line in the group of columns.
    pub(super) line_of_group: usize,
    /// There was a field that the settings leave out.
    pub(super) has_skipped: bool,
    pub(super) frequent: Frequent,
    /// The field whose words are counted, once a line has it.
    message: FieldNumber,
    words: Words,
    values: Values,
    clock: Clock,
    line: Line,
    summary: Summary,
}

/// What is known of the present line.
struct Line {
    time: Option<i64>,
    has_timestamp: bool,
    level: usize,
    has_level: bool,
}

const NEW_LINE: Line =
    Line { time: None, has_timestamp: false, level: LEVEL_NONE, has_level: false };

/// What is known of a regular block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Summary {
    pub(super) lines: u32,
    pub(super) times: Option<(i64, i64)>,
    pub(super) levels: u8,
    pub(super) is_unordered: bool,
    pub(super) has_other_times: bool,
    pub(super) has_untimed: bool,
    last: Option<i64>,
}

impl Walk {
    pub(super) fn new(seed: u64, skip: &[String]) -> Walk {
        let hasher = Hasher::new(seed);
        Walk {
            hasher,
            fields: Fields::new(hasher, skip),
            rollup: RollupBuilder::default(),
            entries: Default::default(),
            block: 0,
            block_of_part: 0,
            line_of_group: 0,
            has_skipped: false,
            frequent: Frequent::new(),
            message: NO_FIELD,
            words: Words::new(),
            values: Values::new(),
            clock: Clock::default(),
            line: NEW_LINE,
            summary: Summary::default(),
        }
    }

    /// Goes through the lines of the next block; `None` when it is not regular, with all that it left undone.
    pub(super) fn block(&mut self, lines: &[u8]) -> Option<Summary> {
        self.words.begin();
        self.values.begin();
        self.summary = Summary::default();
        let before = [0, 1, 2].map(|kind| self.entries[kind].len());
        let first_line = self.line_of_group;
        let is_regular = std::str::from_utf8(lines).is_ok() && self.lines(lines).is_some();
        self.rollup.end_block(is_regular);
        self.frequent.end_block(self.block as u32, is_regular);
        if !is_regular {
            for (entries, before) in self.entries.iter_mut().zip(before) {
                entries.truncate(before);
            }
            let columns = self.fields.all.iter_mut().filter_map(|field| field.column.as_mut());
            columns.for_each(|column| column.cut(first_line));
            self.line_of_group = first_line;
        }
        self.fields.end_block();
        is_regular.then_some(self.summary)
    }

    fn lines(&mut self, lines: &[u8]) -> Option<()> {
        let mut at = 0;
        while at < lines.len() {
            self.line = NEW_LINE;
            let open = space(lines, at);
            if lines.get(open) != Some(&b'{') {
                return None;
            }
            at = self.object(lines, open + 1, NO_FIELD, 0)?;
            at = space(lines, at);
            match lines.get(at) {
                Some(b'\n') => at += 1,
                None => {}
                Some(_) => return None,
            }
            self.end_line();
        }
        Some(())
    }

    fn end_line(&mut self) {
        let Line { time, has_timestamp, level, .. } = self.line;
        let summary = &mut self.summary;
        self.frequent.end_line();
        summary.lines += 1;
        summary.levels |= 1 << level;
        self.line_of_group += 1;
        match time {
            Some(time) => {
                let (first, last) = summary.times.unwrap_or((time, time));
                summary.times = Some((first.min(time), last.max(time)));
                summary.is_unordered |= summary.last.is_some_and(|last| time < last);
                summary.last = Some(time);
                self.rollup.note(time, level);
            }
            None if has_timestamp => summary.has_other_times = true,
            None => summary.has_untimed = true,
        }
    }

    /// The members of an object, from behind its brace; gives where it ends.
    fn object(
        &mut self,
        lines: &[u8],
        start: usize,
        parent: FieldNumber,
        depth: usize,
    ) -> Option<usize> {
        let mut at = space(lines, start);
        if lines.get(at) == Some(&b'}') {
            return Some(at + 1);
        }
        let mut previous = NO_FIELD;
        loop {
            let (field, end) = match self.fields.likely(parent, previous, lines, at) {
                Some((field, end)) if depth == 0 || parent != NO_FIELD => (field, end),
                _ => self.name(lines, at, parent, previous, depth)?,
            };
            let colon = space(lines, end);
            if lines.get(colon) != Some(&b':') {
                return None;
            }
            if depth > 0 {
                self.words_of(lines, at + 1, end - 1);
            }
            at = space(lines, self.value(lines, space(lines, colon + 1), field, depth)?);
            previous = field;
            match lines.get(at)? {
                b',' => at = space(lines, at + 1),
                b'}' => return Some(at + 1),
                _ => return None,
            }
        }
    }

    /// The field whose name begins at `at`, and where the name ends.
    #[cold]
    fn name(
        &mut self,
        lines: &[u8],
        at: usize,
        parent: FieldNumber,
        previous: FieldNumber,
        depth: usize,
    ) -> Option<(FieldNumber, usize)> {
        if lines.get(at) != Some(&b'"') {
            return None;
        }
        let Text { end, is_escaped } = string(lines, at + 1)?;
        let name = std::str::from_utf8(&lines[at + 1..end]).ok()?;
        if depth > 0 && is_escaped {
            self.decoded_words(&decode(name));
        }
        // What lies in an array, or in something that is no field, is none.
        let is_field = depth == 0 || parent != NO_FIELD;
        let field = match (is_field, is_escaped) {
            (false, _) => NO_FIELD,
            (true, false) => self.fields.follow(parent, previous, name),
            (true, true) => self.fields.follow(parent, previous, &decode(name)),
        };
        let is_message = depth == 0 && (name == MESSAGE || is_escaped && decode(name) == MESSAGE);
        if is_message && field == NO_FIELD {
            self.frequent.spoil();
        } else if is_message {
            self.message = field;
        }
        Some((field, end + 1))
    }

    /// Counts the words of a message that is a plain text.
    #[inline]
    fn note_message(&mut self, lines: &[u8], at: usize) {
        let is_skipped = self.fields.all[self.message as usize].is_skipped;
        match string(lines, at + 1).filter(|text| !text.is_escaped && !is_skipped) {
            Some(text) if lines[at] == b'"' => {
                self.frequent.message(self.hasher, &lines[at + 1..text.end]);
            }
            _ => self.frequent.spoil(),
        }
    }

    fn value(
        &mut self,
        lines: &[u8],
        at: usize,
        field: FieldNumber,
        depth: usize,
    ) -> Option<usize> {
        if depth == 0 && field == self.message && field != NO_FIELD {
            self.note_message(lines, at);
        }
        match *lines.get(at)? {
            b'"' => {
                let text = string(lines, at + 1)?;
                match text.is_escaped {
                    false => self.text(lines, at, text.end + 1, field, depth),
                    true => self.escaped(lines, at, text.end + 1, field, depth),
                }
                Some(text.end + 1)
            }
            b'{' | b'[' if depth >= DEPTH_MAX => None,
            b'{' => {
                self.container(field, depth);
                self.object(lines, at + 1, field, depth + 1)
            }
            b'[' => {
                self.container(field, depth);
                self.array(lines, at + 1, depth + 1)
            }
            b't' => self.literal(lines, at, b"true", field, depth),
            b'f' => self.literal(lines, at, b"false", field, depth),
            b'n' => self.literal(lines, at, b"null", field, depth),
            b'-' | b'0'..=b'9' => {
                let (end, is_odd) = number_end(lines, at)?;
                self.number(lines, (at, end), is_odd, field, depth);
                Some(end)
            }
            _ => None,
        }
    }

    fn array(&mut self, lines: &[u8], start: usize, depth: usize) -> Option<usize> {
        let mut at = space(lines, start);
        if lines.get(at) == Some(&b']') {
            return Some(at + 1);
        }
        loop {
            at = space(lines, self.value(lines, at, NO_FIELD, depth)?);
            match lines.get(at)? {
                b',' => at = space(lines, at + 1),
                b']' => return Some(at + 1),
                _ => return None,
            }
        }
    }

    fn literal(
        &mut self,
        lines: &[u8],
        at: usize,
        word: &[u8],
        field: FieldNumber,
        depth: usize,
    ) -> Option<usize> {
        let end = at + word.len();
        if lines.get(at..end) != Some(word) {
            return None;
        }
        self.note_line(lines, at, end, field, depth);
        self.plain(lines, (at, end), (at, end), field);
        self.fields.note_other(field, self.block);
        Some(end)
    }

    fn container(&mut self, field: FieldNumber, depth: usize) {
        if field == NO_FIELD {
            return;
        }
        if depth == 0 {
            self.line.has_timestamp |= field == TIMESTAMP;
            self.note_level(field, b"");
        }
        let field = &mut self.fields.all[field as usize];
        field.is_container = true;
        field.column = None;
        self.has_skipped |= field.is_skipped;
    }

    /// A string without escapes from quote to quote.
    #[inline]
    fn text(&mut self, lines: &[u8], at: usize, end: usize, field: FieldNumber, depth: usize) {
        if depth == 0 && field <= LEVEL && self.note_line(lines, at + 1, end - 1, field, depth) {
            return;
        }
        self.plain(lines, (at + 1, end - 1), (at, end), field);
        self.fields.note_other(field, self.block);
    }

    /// A string with escapes.
    #[cold]
    fn escaped(&mut self, lines: &[u8], at: usize, end: usize, field: FieldNumber, depth: usize) {
        let Ok(inside) = std::str::from_utf8(&lines[at + 1..end - 1]) else { return };
        let text = decode(inside);
        if depth == 0 && self.note_line(text.as_bytes(), 0, text.len(), field, depth) {
            return;
        }
        if depth > 0 {
            self.words_of(lines, at + 1, end - 1);
        }
        if field == NO_FIELD {
            self.decoded_words(&text);
            return;
        }
        let json = &lines[at..end];
        self.known(text.as_bytes(), (0, text.len()), json, field);
        self.fields.note_other(field, self.block);
    }

    fn number(
        &mut self,
        lines: &[u8],
        (at, end): (usize, usize),
        is_odd: bool,
        field: FieldNumber,
        depth: usize,
    ) {
        if field != NO_FIELD {
            let block = self.block;
            if let Some(spans) = self.fields.spans(field, block) {
                spans.note(block, &lines[at..end]);
            }
            self.fields.all[field as usize].has_odd_numbers |= is_odd;
            if field <= LEVEL {
                self.note_line(lines, at, end, field, depth);
            }
        }
        self.plain(lines, (at, end), (at, end), field);
    }

    /// Takes time or level of the line from a top-level value; whether it is no text beside that.
    fn note_line(
        &mut self,
        text: &[u8],
        start: usize,
        end: usize,
        field: FieldNumber,
        depth: usize,
    ) -> bool {
        if depth > 0 {
            return false;
        }
        if field == TIMESTAMP && !self.line.has_timestamp {
            self.line.has_timestamp = true;
            self.line.time = self.clock.read(&text[start..end]);
            return self.line.time.is_some();
        }
        self.note_level(field, &text[start..end]);
        false
    }

    fn note_level(&mut self, field: FieldNumber, text: &[u8]) {
        if field == LEVEL && !self.line.has_level {
            self.line.has_level = true;
            let known = LEVELS.iter().position(|level| *level == text);
            self.line.level = known.unwrap_or(LEVEL_OTHER);
        }
    }

    /// A value whose text stands in the lines at `text`, and as JSON at `json`.
    #[inline]
    fn plain(
        &mut self,
        lines: &[u8],
        text: (usize, usize),
        json: (usize, usize),
        field: FieldNumber,
    ) {
        match self.fields.all.get(field as usize) {
            Some(known) if known.is_skipped => self.has_skipped = true,
            Some(known) if known.is_narrow() => {
                self.known(lines, text, &lines[json.0..json.1], field);
            }
            _ => self.words_of(lines, text.0, text.1),
        }
    }

    /// A value of a field that tells its values apart; the words of each are taken once a block.
    fn known(&mut self, bytes: &[u8], text: (usize, usize), json: &[u8], number: FieldNumber) {
        let field = &mut self.fields.all[number as usize];
        if field.is_skipped {
            self.has_skipped = true;
            return;
        }
        let hash = self.hasher.value(bytes, text.0, text.1);
        let pair = self.hasher.pair(field.hash, hash);
        // A text and a number of the same digits are one pair, and two values of a column.
        let value = pair ^ u64::from(json.first() == Some(&b'"'));
        let code = match self.values.find(value) {
            Ok(code) => code,
            Err(place) => {
                field.fresh += 1;
                let code = field.column.as_mut().map(|column| column.code(value, json));
                if code == Some(None) {
                    field.column = None;
                }
                let code = code.flatten().map_or(NO_CODE, u32::from);
                self.values.note(place, value, code);
                if field.has_pairs {
                    self.entries[PAIRS].push(entry(pair, self.block_of_part));
                }
                self.words_of(bytes, text.0, text.1);
                code
            }
        };
        if let Some(column) = &mut self.fields.all[number as usize].column {
            column.set(self.line_of_group, code as u8);
        }
    }

    /// The words of `bytes[start..end]`.
    #[inline]
    fn words_of(&mut self, bytes: &[u8], start: usize, end: usize) {
        let mut at = start;
        while at < end {
            let mut kinds = CLASS[bytes[at] as usize];
            if kinds == GAP {
                at += 1;
                continue;
            }
            let word = at;
            at += 1;
            while at < end {
                let class = CLASS[bytes[at] as usize];
                if class == GAP {
                    break;
                }
                kinds |= class;
                at += 1;
            }
            if kinds & WIDE != 0 {
                self.wide_words(&bytes[word..at]);
                continue;
            }
            let kind = if kinds == DIGIT && at - word <= DIGITS_MAX { DIGITS } else { WORDS };
            self.word(self.hasher.word(bytes, word, at), kind);
        }
    }

    #[inline]
    fn word(&mut self, hash: u64, kind: usize) {
        if self.words.insert(hash, kind) {
            self.entries[kind].push(entry(hash, self.block_of_part));
        }
    }

    /// A run in which there are characters beyond ASCII.
    #[cold]
    fn wide_words(&mut self, run: &[u8]) {
        if let Ok(run) = std::str::from_utf8(run) {
            self.decoded_words(run);
        }
    }

    fn decoded_words(&mut self, text: &str) {
        for word in words_of(text) {
            let kind = if is_few_digits(word.as_bytes()) { DIGITS } else { WORDS };
            self.word(word_hash(self.hasher, word), kind);
        }
    }
}

/// The hash of a word, in any case.
pub(super) fn word_hash(hasher: Hasher, word: &str) -> u64 {
    match word.is_ascii() {
        true => hasher.word(word.as_bytes(), 0, word.len()),
        false => {
            let folded = fold(word);
            hasher.word(folded.as_bytes(), 0, folded.len())
        }
    }
}

/// Where a number ends, and whether it is written in an unusual way.
#[inline]
fn number_end(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    let is_whole = at > start && (bytes[start] != b'0' || at == start + 1);
    if is_whole && !matches!(bytes.get(at), Some(b'.' | b'e' | b'E')) {
        return Some((at, false));
    }
    let end = crate::json::number(bytes, start)?;
    Some((end, is_odd(&bytes[start..end])))
}

/// Whether a number may also be written another way that is the usual one.
pub(super) fn is_odd(number: &[u8]) -> bool {
    let has_exponent = number.iter().any(|byte| matches!(byte, b'e' | b'E'));
    let has_fraction = number.contains(&b'.');
    has_exponent || number == b"-0" || has_fraction && number.ends_with(b"0")
}

#[inline]
fn space(bytes: &[u8], mut at: usize) -> usize {
    // A line feed ends the line, whatever JSON says.
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r')) {
        at += 1;
    }
    at
}
