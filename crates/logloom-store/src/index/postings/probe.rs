//! The blocks of one hash. In come a directory and the bytes of a bucket, of whatever content; out go the blocks, or
//! that the bucket cannot be read. Memory: the directory, 4 bytes for about 400 keys.

use std::ops::Range;

use super::super::bits::BitReader;
use super::{BLOCK_BITS, DIRECTORY_HEAD, KEY_BITS_MAX, list_parameter};

/// Where the buckets of a part are.
pub(in super::super) struct Buckets {
    bits: u32,
    bucket_bits: u32,
    gap: u32,
    blocks: u64,
    keys: u32,
    offsets: Vec<u32>,
}

/// The blocks of a hash, numbered within the part.
pub(in super::super) enum Found {
    /// These.
    Blocks(Vec<u32>),
    /// All of the part.
    All,
}

impl Buckets {
    /// The directory of buckets that take `length` bytes, of so many blocks; `None` when it cannot be.
    pub(in super::super) fn read(bytes: &[u8], length: u64, blocks: u32) -> Option<Buckets> {
        let (head, offsets) = bytes.split_first_chunk::<DIRECTORY_HEAD>()?;
        let [bits, bucket_bits, gap, _, keys @ ..] = *head;
        let (bits, bucket_bits, gap) = (bits.into(), bucket_bits.into(), gap.into());
        let is_possible = (1..=KEY_BITS_MAX).contains(&bits)
            && bucket_bits < bits.min(30)
            && gap <= bits
            && blocks < 1 << BLOCK_BITS
            && offsets.len() == (4usize << bucket_bits) + 4;
        if !is_possible {
            return None;
        }
        let offsets: Vec<u32> = offsets
            .chunks_exact(4)
            .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect();
        let in_order =
            offsets.is_sorted() && offsets.last().is_some_and(|end| u64::from(*end) == length);
        let keys = u32::from_le_bytes(keys);
        in_order.then_some(Buckets { bits, bucket_bits, gap, blocks: blocks.into(), keys, offsets })
    }

    /// Keys of all buckets.
    pub(in super::super) fn keys(&self) -> u32 {
        self.keys
    }

    /// The places of all buckets, each with a hash that belongs there.
    pub(in super::super) fn places(&self) -> impl Iterator<Item = (u64, Range<u64>)> + '_ {
        (0..self.offsets.len() as u64 - 1).map(|bucket| {
            let hash = bucket.checked_shl(64 - self.bucket_bits).unwrap_or(0);
            (hash, self.place(hash))
        })
    }

    fn key(&self, hash: u64) -> u64 {
        hash >> (64 - self.bits)
    }

    /// Which bytes of the buckets tell of a hash.
    pub(in super::super) fn place(&self, hash: u64) -> Range<u64> {
        let bucket = (self.key(hash) >> (self.bits - self.bucket_bits)) as usize;
        self.offsets[bucket].into()..self.offsets[bucket + 1].into()
    }

    /// The blocks of a hash, from the bytes at its place; `None` when they are damaged.
    pub(in super::super) fn probe(&self, bytes: &[u8], hash: u64) -> Option<Found> {
        let (check, bytes) = bytes.split_first_chunk::<4>()?;
        if crc32fast::hash(bytes).to_le_bytes() != *check {
            return None;
        }
        let wanted = self.key(hash);
        let mut bits = BitReader::new(bytes);
        let bucket = wanted >> (self.bits - self.bucket_bits);
        let mut next = bucket << (self.bits - self.bucket_bits);
        for _ in 1..bits.gamma()? {
            let key = next.checked_add(bits.rice(self.gap)?)?;
            if key > wanted {
                break;
            }
            if key == wanted {
                return self.list(&mut bits);
            }
            self.pass(&mut bits)?;
            next = key + 1;
        }
        Some(Found::Blocks(Vec::new()))
    }

    fn list(&self, bits: &mut BitReader<'_>) -> Option<Found> {
        let count = bits.gamma()?;
        if count >= self.blocks {
            return (count == self.blocks).then_some(Found::All);
        }
        let mut blocks = Vec::with_capacity(count as usize);
        if count * 4 > self.blocks {
            for block in 0..self.blocks {
                if bits.take(1)? == 1 {
                    blocks.push(block as u32);
                }
            }
            return Some(Found::Blocks(blocks));
        }
        let parameter = list_parameter(count, self.blocks);
        let mut next = 0u64;
        for _ in 0..count {
            let block = next.checked_add(bits.rice(parameter)?)?;
            if block >= self.blocks {
                return None;
            }
            blocks.push(block as u32);
            next = block + 1;
        }
        Some(Found::Blocks(blocks))
    }

    /// Goes past the list of another key.
    fn pass(&self, bits: &mut BitReader<'_>) -> Option<()> {
        let count = bits.gamma()?;
        if count >= self.blocks {
            return (count == self.blocks).then_some(());
        }
        if count * 4 > self.blocks {
            let mut left = self.blocks;
            while left > 0 {
                let step = left.min(32);
                bits.take(step as u32)?;
                left -= step;
            }
            return Some(());
        }
        let parameter = list_parameter(count, self.blocks);
        for _ in 0..count {
            bits.rice(parameter)?;
        }
        Some(())
    }
}
