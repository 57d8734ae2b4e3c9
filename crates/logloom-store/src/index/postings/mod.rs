//! Postings: from a hash to the blocks that hold it. In come entries (hash and block) in the order of the blocks; out
//! go bytes, and from those the blocks of one hash by reading one bucket of them. What is not told is never
//! missing: a bucket that is damaged says so.

mod encode;
mod probe;
mod sort;

pub(super) use encode::{Encoded, Keys, encode};
pub(super) use probe::{Buckets, Found};
pub(super) use sort::sort;

/// Bits of an entry that number its block within the part; the others are the upper ones of the hash.
pub(super) const BLOCK_BITS: u32 = 24;
/// Bits of a hash that an entry keeps.
const KEY_BITS_MAX: u32 = 64 - BLOCK_BITS;
/// About so many keys share a bucket.
const BUCKET_KEYS: u64 = 384;
/// Bytes in front of the offsets of a directory.
const DIRECTORY_HEAD: usize = 8;

/// An entry.
#[inline]
pub(super) fn entry(hash: u64, block: u32) -> u64 {
    hash >> BLOCK_BITS << BLOCK_BITS | u64::from(block)
}

/// The Rice parameter of the gaps between `count` of `blocks` blocks.
fn list_parameter(count: u64, blocks: u64) -> u32 {
    (blocks / count.max(1)).max(1).ilog2()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn round_trip(mut entries: Vec<u64>, blocks: u32, spare: u32) {
        entries.sort_unstable();
        entries.dedup();
        let mut by_block = entries.clone();
        by_block.sort_by_key(|entry| entry & ((1 << BLOCK_BITS) - 1));
        sort(&mut by_block, &mut Vec::new());
        assert_eq!(by_block, entries);
        let keys = Keys::of(&entries, spare);
        let encoded = encode(&entries, blocks, keys);
        assert_eq!(encoded.buckets.len() as u64, keys.measure(&entries, blocks));
        let buckets =
            Buckets::read(&encoded.directory, encoded.buckets.len() as u64, blocks).unwrap();
        let probe = |hash: u64| {
            let range = buckets.place(hash);
            let bytes = &encoded.buckets[range.start as usize..range.end as usize];
            match buckets.probe(bytes, hash) {
                Some(Found::Blocks(found)) => found,
                Some(Found::All) => (0..blocks).collect(),
                None => panic!("damaged"),
            }
        };
        for entry in &entries {
            let block = (entry & ((1 << BLOCK_BITS) - 1)) as u32;
            assert!(probe(*entry).contains(&block));
        }
        let mut false_blocks = 0;
        for number in 0..2_000u64 {
            let hash = (number + 1).wrapping_mul(0xd6e8_feb8_6659_fd93);
            let known = entries.iter().any(|entry| entry >> BLOCK_BITS == hash >> BLOCK_BITS);
            false_blocks += if known { 0 } else { probe(hash).len() };
        }
        assert!(spare < 12 || false_blocks <= blocks as usize, "{false_blocks}");
    }

    fn hashed(number: u64) -> u64 {
        let mixed = (number + 3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    }

    #[test]
    fn every_entry_is_found_again() {
        round_trip(Vec::new(), 1, 16);
        round_trip(vec![entry(hashed(1), 0)], 1, 16);
        for (count, blocks) in [(5u64, 3u32), (3_000, 40), (1_500, 300)] {
            let of = |number: u64| {
                let often = [1, 1, 1, 2, 9, u64::from(blocks)][(number % 6) as usize];
                (0..often.min(u64::from(blocks))).map(move |turn| {
                    entry(hashed(number), ((number + turn * turn) % u64::from(blocks)) as u32)
                })
            };
            for spare in [16, 8] {
                round_trip((0..count).flat_map(of).collect(), blocks, spare);
            }
        }
    }

    proptest! {
        #[test]
        fn damage_is_seen_or_harmless(at in 0usize..100_000, bit in 0u8..8, cut in 0usize..9) {
            let entries: Vec<u64> = {
                let mut all: Vec<u64> =
                    (0..900u64).map(|number| entry(hashed(number), (number % 50) as u32)).collect();
                all.sort_unstable();
                all
            };
            let mut encoded = encode(&entries, 50, Keys::of(&entries, 16));
            let at = at % encoded.buckets.len();
            encoded.buckets[at] ^= 1 << bit;
            let buckets =
                Buckets::read(&encoded.directory, encoded.buckets.len() as u64, 50).unwrap();
            for known in &entries {
                let range = buckets.place(*known);
                let is_hit = range.contains(&(at as u64));
                let bytes = &encoded.buckets[range.start as usize..range.end as usize];
                prop_assert_eq!(buckets.probe(bytes, *known).is_none(), is_hit);
                let short = &bytes[..bytes.len().saturating_sub(cut)];
                let _ = buckets.probe(short, *known);
            }
            let mut directory = encoded.directory.clone();
            let at = at % directory.len();
            directory[at] ^= 1 << bit;
            if let Some(buckets) = Buckets::read(&directory, encoded.buckets.len() as u64, 50) {
                for known in &entries {
                    let range = buckets.place(*known);
                    prop_assert!(range.start <= range.end);
                    prop_assert!(range.end <= encoded.buckets.len() as u64);
                }
            }
        }
    }
}
