//! The first look at a text: where does one of the literals stand that every secret contains?
//!
//! Literals come in once, texts after that; out go the places, in order ([`candidates`]). Three bytes at
//! every second place are looked up in a table of bits: a literal of four bytes has three of them at an
//! even place or at the next odd one, wherever it stands. Only where the bit is set is anything compared.
//! That takes the same time for ten literals and for a thousand, and no time to begin again.

mod candidates;
#[cfg(test)]
mod tests;

use super::bytes::{Alphabet, NAME_ENDS, is_in};
pub use candidates::Part;
pub(super) use candidates::{Candidate, Candidates};

/// Bits of the table's index: 16 KiB, which the fastest cache holds beside the text.
const INDEX_BITS: u32 = 17;
const WORDS: usize = 1 << (INDEX_BITS - 6);
/// Spreads three bytes over the table. Of half a million numbers, the one by which the fewest of the
/// three bytes that logs, programs and prose are full of (`el"`, `as `, `6:1`) share a bit with one of the
/// built-in literals: one in two kilobytes, where another number has ten.
const SPREAD: u32 = 0x003C_7403;
/// Places that are looked up at once, before any of them is judged.
const PROBES: usize = 8;
/// Bytes from one lot of places to the next.
const STEP: usize = 2 * PROBES;
/// Bytes that a lot takes: the last place needs four, of which three count.
const LOT: usize = STEP + 2;

/// What stands outside of texts, and in times.
const BARE: &[u8] = b"{}[]:,+-.0123456789eETZtruefalsn\n";

/// A search for all literals.
#[derive(Debug)]
pub(super) struct Prefilter {
    literals: Vec<Box<[u8]>>,
    bits: Box<[u64; WORDS]>,
    /// Which three bytes have entries, with open addresses. The length is a power of two.
    slots: Vec<Slot>,
    entries: Vec<Entry>,
}

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// At least three bytes.
    pub(super) text: String,
    /// What stands beside it.
    pub(super) beside: Beside,
}

/// The byte beside a literal, without which it is no part of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// One of this alphabet before it. Looked at only beside a literal of three.
    Before(Alphabet),
    /// One of this alphabet behind it. Looked at only beside a literal of three.
    Behind(Alphabet),
    /// Behind it what ends a name.
    Name,
}

/// Three bytes, and which of the entries begin with them.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    three: u32,
    first: u16,
    /// 0 in an empty slot.
    count: u16,
}

/// Three bytes of a literal or beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    /// The first eight bytes of the literal; of a shorter one, all.
    head: u64,
    /// Which bytes of `head` count.
    mask: u64,
    literal: u16,
    length: u16,
    /// Where the three bytes begin in the literal: -1, 0 or 1.
    offset: i8,
    /// What must stand before a literal of three bytes; 0 for anything.
    before: Alphabet,
    /// What must follow it, or a name; 0 for anything. Where three bytes are seen at once it has not been looked at.
    behind: Alphabet,
}

/// The three bytes as a number.
#[inline]
fn number([a, b, c]: [u8; 3]) -> u32 {
    u32::from_le_bytes([a, b, c, 0])
}

/// The place of three bytes in the table; a fourth above them is shifted out.
#[inline(always)]
fn index(four: u32) -> u32 {
    four.wrapping_mul(SPREAD << 8) >> (32 - INDEX_BITS)
}

impl Prefilter {
    /// A search for these literals.
    pub(super) fn new(literals: &[Literal]) -> Self {
        let mut all: Vec<([u8; 3], Entry)> = Vec::new();
        for (number, literal) in literals.iter().enumerate() {
            threes(literal, |three, offset| all.push((three, Entry::of(literal, number, offset))));
        }
        // What begins first is told first.
        all.sort_by_key(|(three, entry)| (*three, -entry.offset, entry.literal));
        all.dedup();
        let mut prefilter = Self {
            literals: literals.iter().map(|literal| literal.text.as_bytes().into()).collect(),
            bits: Box::new([0; WORDS]),
            slots: vec![Slot::default(); 2 * all.len().next_power_of_two()],
            entries: all.iter().map(|(_, entry)| *entry).collect(),
        };
        let mut first = 0;
        for same in all.chunk_by(|one, next| one.0 == next.0) {
            prefilter.enter(number(same[0].0), first, same.len());
            first += same.len();
        }
        prefilter
    }

    fn enter(&mut self, three: u32, first: usize, count: usize) {
        let index = index(three);
        self.bits[(index >> 6) as usize] |= 1 << (index & 63);
        let mut at = self.slot(three);
        while self.slots[at].count > 0 {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = Slot { three, first: first as u16, count: count as u16 };
    }

    /// Where the search for a slot begins.
    #[inline]
    fn slot(&self, three: u32) -> usize {
        (three.wrapping_mul(0x85EB_CA6B) >> 8) as usize & (self.slots.len() - 1)
    }

    /// What may stand where these three bytes do.
    #[inline]
    fn entries(&self, three: [u8; 3]) -> &[Entry] {
        let three = number(three);
        let mut at = self.slot(three);
        loop {
            let slot = self.slots[at];
            if slot.count == 0 {
                return &[];
            }
            if slot.three == three {
                let first = usize::from(slot.first);
                return &self.entries[first..first + usize::from(slot.count)];
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// The first lot from `at` on that begins before `end` and has a place where the bit is set, with a bit
    /// for each such place; no bit when there is none.
    #[inline]
    fn scan(&self, text: &[u8], mut at: usize, end: usize) -> (usize, u32) {
        while at < end {
            let Some(lot) = text.get(at..).and_then(|rest| rest.first_chunk::<LOT>()) else {
                break;
            };
            let any = (0..PROBES).fold(0, |any, probe| any | self.bit(lot, probe));
            if any & 1 != 0 {
                return (at, self.places(lot));
            }
            at += STEP;
        }
        match text.get(at..) {
            Some(rest) if at < end => (at, self.places(&padded(rest))),
            _ => (at, 0),
        }
    }

    /// The lowest bit tells; the others are those of other places.
    #[inline(always)]
    fn bit(&self, lot: &[u8; LOT], probe: usize) -> u64 {
        let mut four = [0; 4];
        four.copy_from_slice(&lot[2 * probe..2 * probe + 4]);
        let index = index(u32::from_le_bytes(four));
        self.bits[(index >> 6) as usize] >> (index & 63)
    }

    #[inline(never)]
    fn places(&self, lot: &[u8; LOT]) -> u32 {
        (0..PROBES).fold(0, |places, probe| places | (self.bit(lot, probe) as u32 & 1) << probe)
    }

    /// The places of literals in a text, from the front.
    pub(super) fn candidates<'p, 't>(&'p self, text: &'t [u8]) -> Candidates<'p, 't> {
        Candidates::new(self, text, &[], text.len())
    }

    /// The places of literals in parts of a text, from the front: all that begin there and end there, and
    /// some of those that stand directly behind. The parts are in order and do not overlap.
    pub(super) fn candidates_in<'p, 't>(
        &'p self,
        text: &'t [u8],
        parts: &'t [Part],
    ) -> Candidates<'p, 't> {
        Candidates::new(self, text, parts, 0)
    }
}

impl Literal {
    /// Whether it can only stand within one text of a line of JSON, or begin or end with a quote of it:
    /// not in times and numbers, and not across what divides two values.
    pub(super) fn is_of_a_text(&self) -> bool {
        let inner = self.text.as_bytes();
        let inner = inner.strip_prefix(b"\"").unwrap_or(inner);
        let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
        !inner.contains(&b'"') && !inner.iter().all(|byte| BARE.contains(byte))
    }
}

impl Entry {
    fn of(literal: &Literal, number: usize, offset: i8) -> Self {
        let text = literal.text.as_bytes();
        let (mut head, mut mask) = ([0; 8], [0; 8]);
        for (at, byte) in text.iter().take(8).enumerate() {
            (head[at], mask[at]) = (*byte, 0xFF);
        }
        Self {
            head: u64::from_le_bytes(head),
            mask: u64::from_le_bytes(mask),
            literal: number as u16,
            length: text.len() as u16,
            offset,
            before: match literal.beside {
                Beside::Before(alphabet) if text.len() == 3 => alphabet,
                _ => 0,
            },
            behind: match literal.beside {
                Beside::Behind(alphabet) if text.len() == 3 => alphabet,
                Beside::Name => NAME_ENDS,
                _ => 0,
            },
        }
    }
}

/// The three bytes by which a literal is found, wherever it stands, and where they begin in it.
fn threes(literal: &Literal, mut found: impl FnMut([u8; 3], i8)) {
    let [a, b, c, ref rest @ ..] = *literal.text.as_bytes() else { return };
    found([a, b, c], 0);
    let letters = |alphabet| (0..=u8::MAX).filter(move |byte| is_in(*byte, alphabet));
    match (rest, literal.beside) {
        (&[d, ..], _) => found([b, c, d], 1),
        ([], Beside::Before(alphabet)) => {
            letters(alphabet).for_each(|byte| found([byte, a, b], -1));
        }
        ([], Beside::Behind(alphabet)) => letters(alphabet).for_each(|byte| found([b, c, byte], 1)),
        ([], Beside::Name) => letters(NAME_ENDS).for_each(|byte| found([b, c, byte], 1)),
    }
}

/// The last bytes of a text with zeros behind, which no literal has.
fn padded(rest: &[u8]) -> [u8; LOT] {
    let mut lot = [0; LOT];
    let length = rest.len().min(LOT);
    lot[..length].copy_from_slice(&rest[..length]);
    lot
}
