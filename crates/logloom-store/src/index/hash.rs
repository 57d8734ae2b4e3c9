//! Hashes of words and values. In come bytes within a longer text, out go 64 bits that look random. Seeded for each
//! file, so that nobody can make up values that hide each other.

const FIRST: u64 = 0xa076_1d64_78bd_642f;
const SECOND: u64 = 0xe703_7ed1_a0b4_28db;
/// Set in all bytes of a folded word: makes small letters of capital ones, and keeps digits and `_` apart.
const SMALL: u64 = 0x2020_2020_2020_2020;

/// Makes the hashes of one file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hasher {
    seed: u64,
}

impl Hasher {
    pub(super) fn new(seed: u64) -> Hasher {
        Hasher { seed }
    }

    /// The hash of `text[start..end]`, a whole word; of one in ASCII, in any case.
    #[inline]
    pub(super) fn word(self, text: &[u8], start: usize, end: usize) -> u64 {
        self.bytes(text, start, end, SMALL)
    }

    /// The hash of `text[start..end]` as it stands.
    #[inline]
    pub(super) fn value(self, text: &[u8], start: usize, end: usize) -> u64 {
        self.bytes(text, start, end, 0)
    }

    /// The hash of the name of a field.
    pub(super) fn name(self, name: &str) -> u64 {
        mix(self.value(name.as_bytes(), 0, name.len()), FIRST)
    }

    /// The hash of a field with a value.
    #[inline]
    pub(super) fn pair(self, name: u64, value: u64) -> u64 {
        mix(value ^ SECOND, name)
    }

    #[inline]
    fn bytes(self, text: &[u8], start: usize, end: usize, fold: u64) -> u64 {
        let length = end - start;
        let mut hash = self.seed ^ (length as u64).wrapping_mul(SECOND);
        let mut at = start;
        while end - at > 8 {
            hash = mix(hash ^ (load(text, at) | fold), FIRST);
            at += 8;
        }
        let rest = (end - at) as u32;
        if rest > 0 {
            let last = load(text, at) & (u64::MAX >> (64 - 8 * rest));
            hash = mix(hash ^ (last | fold), FIRST);
        }
        mix(hash, SECOND)
    }
}

/// Eight bytes at `at`; zeros behind the end.
#[inline]
pub(super) fn load(text: &[u8], at: usize) -> u64 {
    match text.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()) {
        Some(bytes) => u64::from_le_bytes(bytes),
        None => load_end(text, at),
    }
}

#[cold]
fn load_end(text: &[u8], at: usize) -> u64 {
    let rest = &text[at.min(text.len())..];
    rest.iter().take(8).rev().fold(0, |all, byte| all << 8 | u64::from(*byte))
}

#[inline]
fn mix(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_the_bytes_wherever_they_stand() {
        let hasher = Hasher::new(7);
        let text = b"..the_Quick_brown_fox_42..THE_QUICK_BROWN_FOX_42";
        for length in 0..=22 {
            let (here, there) = ((2, 2 + length), (26, 26 + length));
            assert_eq!(hasher.word(text, here.0, here.1), hasher.word(text, there.0, there.1));
            let alone = &text[here.0..here.1];
            assert_eq!(hasher.value(text, here.0, here.1), hasher.value(alone, 0, length));
        }
        assert_ne!(hasher.value(text, 2, 24), hasher.value(text, 26, 48));
        assert_ne!(hasher.word(b"a", 0, 1), hasher.word(b"a\0", 0, 2));
        assert_ne!(hasher.word(b"a", 0, 1), Hasher::new(8).word(b"a", 0, 1));
    }
}
