//! Blocks of a file: what is known of each, and sets of them. Plain data and its bytes; a table of a length that
//! cannot be is refused.

use std::ops::Range;

/// Bytes of a block in the table.
pub(super) const ENTRY: usize = 56;

/// Bits of [`Block::levels`] beside TRACE to FATAL, 0 to 5: a level in other letters or words.
pub const LEVEL_OTHER: u8 = 1 << 6;
/// A line without a level.
pub const LEVEL_NONE: u8 = 1 << 7;

const REGULAR: u8 = 1;
const IN_ORDER: u8 = 2;
const OTHER_TIMES: u8 = 4;
const UNTIMED: u8 = 8;

/// What the index says of one block: a member of a compressed file, or as many lines of a plain one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Block {
    /// Where it begins in the stored file.
    pub at: u64,
    /// Its length there.
    pub stored: u32,
    /// Length of its lines.
    pub raw: u32,
    /// Where its first line stood in the file as it was written.
    pub offset: u64,
    /// Number of its lines.
    pub lines: u32,
    /// CRC-32 of its lines.
    pub crc32: u32,
    /// Least and greatest `timestamp` in the usual form, nanoseconds since 1970; `None` when no line has one.
    pub times: Option<(i64, i64)>,
    /// Which levels its lines have: bits 0 to 5 TRACE to FATAL, then [`LEVEL_OTHER`] and [`LEVEL_NONE`].
    pub levels: u8,
    /// Whether all lines are JSON objects. Of a block that is not, only place, length and checksum are known.
    pub is_regular: bool,
    /// Whether the usual times of its lines do not decrease.
    pub is_in_order: bool,
    /// Whether some line has a `timestamp` in another form, which may lie anywhere.
    pub has_other_times: bool,
    /// Whether some line has no `timestamp`.
    pub has_untimed: bool,
}

impl Block {
    /// Where the lines behind it begin.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.raw.into())
    }

    /// Whether a line may have a time of `from <= t < until`; `false` is certain.
    pub fn may_hold_times(&self, from: i64, until: Option<i64>) -> bool {
        let fits =
            |(first, last): (i64, i64)| last >= from && until.is_none_or(|until| first < until);
        !self.is_regular || self.has_other_times || self.times.is_some_and(fits)
    }

    /// Whether all lines are known to have a time of `from <= t < until`.
    pub fn holds_only_times(&self, from: i64, until: Option<i64>) -> bool {
        let fits =
            |(first, last): (i64, i64)| first >= from && until.is_none_or(|until| last < until);
        let is_known = self.is_regular && !self.has_other_times && !self.has_untimed;
        is_known && self.times.is_some_and(fits)
    }

    /// Whether a line may have one of the levels whose bits are set in `levels`; `false` is certain. Other
    /// spellings of a level count as any of them.
    pub fn may_hold_levels(&self, levels: u8) -> bool {
        !self.is_regular || self.levels & (levels | LEVEL_OTHER) != 0
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.at.to_le_bytes());
        out.extend(self.stored.to_le_bytes());
        out.extend(self.raw.to_le_bytes());
        out.extend(self.offset.to_le_bytes());
        out.extend(self.lines.to_le_bytes());
        out.extend(self.crc32.to_le_bytes());
        let (first, last) = self.times.unwrap_or((1, 0));
        out.extend(first.to_le_bytes());
        out.extend(last.to_le_bytes());
        let bit = |is: bool, bit: u8| if is { bit } else { 0 };
        let bits = bit(self.is_regular, REGULAR)
            | bit(self.is_in_order, IN_ORDER)
            | bit(self.has_other_times, OTHER_TIMES)
            | bit(self.has_untimed, UNTIMED);
        out.extend([self.levels, bits, 0, 0, 0, 0, 0, 0]);
    }

    fn read(bytes: &[u8; ENTRY]) -> Block {
        let u32_at = |at| u32::from_le_bytes(array(bytes, at));
        let u64_at = |at| u64::from_le_bytes(array(bytes, at));
        let times = (i64::from_le_bytes(array(bytes, 32)), i64::from_le_bytes(array(bytes, 40)));
        let bits = bytes[49];
        Block {
            at: u64_at(0),
            stored: u32_at(8),
            raw: u32_at(12),
            offset: u64_at(16),
            lines: u32_at(24),
            crc32: u32_at(28),
            times: Some(times).filter(|(first, last)| first <= last),
            levels: bytes[48],
            is_regular: bits & REGULAR != 0,
            is_in_order: bits & IN_ORDER != 0,
            has_other_times: bits & OTHER_TIMES != 0,
            has_untimed: bits & UNTIMED != 0,
        }
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}

/// The table of the blocks that these lines are; `None` when it does not describe them.
pub(super) fn read_table(bytes: &[u8], lines: Range<u64>) -> Option<Vec<Block>> {
    let (entries, rest) = bytes.as_chunks::<ENTRY>();
    let table: Vec<Block> = entries.iter().map(Block::read).collect();
    let mut end = lines.start;
    for block in &table {
        if block.offset != end || block.raw == 0 {
            return None;
        }
        end = block.end();
    }
    (rest.is_empty() && end == lines.end).then_some(table)
}

/// A set of blocks of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocks {
    words: Vec<u64>,
    count: u32,
}

impl Blocks {
    /// None of `count` blocks.
    pub fn none(count: u32) -> Blocks {
        Blocks { words: vec![0; count.div_ceil(64) as usize], count }
    }

    /// All of `count` blocks.
    pub fn all(count: u32) -> Blocks {
        let mut all = Blocks::none(count);
        all.insert_range(0, count);
        all
    }

    /// Number of blocks of the file, in the set or not.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Number of blocks in the set.
    pub fn len(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether the set holds every block.
    pub fn is_all(&self) -> bool {
        self.len() == self.count
    }

    /// Whether this block is in the set.
    pub fn contains(&self, block: u32) -> bool {
        block < self.count && self.words[block as usize / 64] >> (block % 64) & 1 == 1
    }

    /// Adds a block; one that the file does not have is left out.
    pub fn insert(&mut self, block: u32) {
        if block < self.count {
            self.words[block as usize / 64] |= 1 << (block % 64);
        }
    }

    /// Adds `count` blocks from `first` on.
    pub fn insert_range(&mut self, first: u32, count: u32) {
        for block in first..first.saturating_add(count).min(self.count) {
            self.insert(block);
        }
    }

    /// Keeps what is in both. Sets of different files have nothing in common.
    pub fn intersect(&mut self, other: &Blocks) {
        for (index, word) in self.words.iter_mut().enumerate() {
            *word &= other.words.get(index).copied().unwrap_or(0);
        }
    }

    /// Adds what is in the other one.
    pub fn unite(&mut self, other: &Blocks) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// The blocks in the set, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        (0..self.count).filter(|block| self.contains(*block))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn entries_round_trip_and_lie_one_behind_the_other() {
        let block = Block {
            at: 7,
            stored: 8,
            raw: 9,
            offset: 0,
            lines: 11,
            crc32: 12,
            times: Some((-3, 5)),
            levels: 0x85,
            is_regular: true,
            is_in_order: false,
            has_other_times: true,
            has_untimed: false,
        };
        let next = Block { offset: 9, times: None, is_regular: false, ..block };
        let mut bytes = Vec::new();
        block.write(&mut bytes);
        next.write(&mut bytes);
        assert_eq!(bytes.len(), 2 * ENTRY);
        assert_eq!(read_table(&bytes, 0..18), Some(vec![block, next]));
        assert_eq!(read_table(&bytes, 0..17), None);
        assert_eq!(read_table(&bytes[..ENTRY + 1], 0..9), None);
        assert_eq!(read_table(&bytes[ENTRY..], 0..9), None);
        assert_eq!(read_table(&bytes[ENTRY..], 9..18), Some(vec![next]));
    }

    #[test]
    fn spans_say_no_only_when_it_is_certain() {
        let block = Block {
            at: 0,
            stored: 1,
            raw: 1,
            offset: 0,
            lines: 2,
            crc32: 0,
            times: Some((10, 20)),
            levels: 0b100,
            is_regular: true,
            is_in_order: true,
            has_other_times: false,
            has_untimed: false,
        };
        assert!(block.may_hold_times(20, None) && !block.may_hold_times(21, None));
        assert!(block.may_hold_times(0, Some(11)) && !block.may_hold_times(0, Some(10)));
        assert!(block.holds_only_times(10, Some(21)) && !block.holds_only_times(10, Some(20)));
        assert!(block.may_hold_levels(0b100) && !block.may_hold_levels(0b11));
        let open = Block { has_other_times: true, levels: LEVEL_OTHER, ..block };
        assert!(open.may_hold_times(21, None) && open.may_hold_levels(1));
        assert!(!open.holds_only_times(10, Some(21)));
        let irregular = Block { is_regular: false, ..block };
        assert!(irregular.may_hold_times(21, None) && irregular.may_hold_levels(1));
        assert!(!Block { has_untimed: true, ..block }.holds_only_times(10, Some(21)));
    }

    #[test]
    fn sets_are_sets() {
        let mut set = Blocks::none(130);
        assert!(set.is_empty() && Blocks::all(130).is_all() && Blocks::all(0).is_all());
        for block in [0, 63, 64, 129, 130, 500] {
            set.insert(block);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63, 64, 129]);
        let mut other = Blocks::none(130);
        other.insert_range(60, 5);
        set.intersect(&other);
        assert_eq!(set.iter().rev().collect::<Vec<_>>(), [64, 63]);
        set.unite(&other);
        assert_eq!((set.len(), set.count()), (5, 130));
    }
}
