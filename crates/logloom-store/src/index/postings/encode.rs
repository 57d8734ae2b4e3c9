//! Entries as bytes. In come sorted entries; out go buckets and their directory, or how long the buckets would be.

use super::super::bits::{BitWriter, gamma_bits, rice_bits};
use super::{BLOCK_BITS, BUCKET_KEYS, KEY_BITS_MAX, list_parameter};

/// How the keys of a list are written.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Keys {
    /// Bits of a key.
    pub(super) bits: u32,
    /// Upper bits of a key that number its bucket.
    pub(super) bucket_bits: u32,
    /// Rice parameter of the gaps between keys of a bucket.
    pub(super) gap: u32,
    count: u64,
}

/// Postings as bytes.
pub(in super::super) struct Encoded {
    pub(in super::super) buckets: Vec<u8>,
    pub(in super::super) directory: Vec<u8>,
}

impl Keys {
    /// Keys with `spare` bits more than would number those of these sorted entries.
    pub(in super::super) fn of(entries: &[u64], spare: u32) -> Keys {
        let mut count = u64::from(!entries.is_empty());
        count +=
            entries.windows(2).filter(|pair| (pair[0] ^ pair[1]) >> BLOCK_BITS != 0).count() as u64;
        let needed = count.max(1).next_power_of_two().ilog2();
        let bits = (needed + spare).min(KEY_BITS_MAX);
        let bucket_bits = (count / BUCKET_KEYS).max(1).ilog2();
        // The mean gap, in the numbers that a key may have.
        let gap = ((1u64 << bits) / count.max(1)).max(1).ilog2();
        Keys { bits, bucket_bits, gap, count }
    }

    fn key(&self, entry: u64) -> u64 {
        entry >> (64 - self.bits)
    }

    fn bucket(&self, key: u64) -> u64 {
        key >> (self.bits - self.bucket_bits)
    }

    /// Bytes of the buckets that [`encode`] would make.
    pub(in super::super) fn measure(&self, entries: &[u64], blocks: u32) -> u64 {
        let mut measure = Measure { bytes: 0, bits: 0 };
        walk(*self, entries, blocks, &mut measure);
        measure.bytes
    }
}

/// The postings of sorted entries of so many blocks.
pub(in super::super) fn encode(entries: &[u64], blocks: u32, keys: Keys) -> Encoded {
    let buckets = 1usize << keys.bucket_bits;
    let mut directory = Vec::with_capacity(12 + 4 * buckets);
    directory.extend([keys.bits as u8, keys.bucket_bits as u8, keys.gap as u8, 0]);
    directory.extend((keys.count as u32).to_le_bytes());
    directory.extend(0u32.to_le_bytes());
    let mut write = Write { bits: BitWriter::default(), buckets: Vec::new(), directory };
    walk(keys, entries, blocks, &mut write);
    Encoded { buckets: write.buckets, directory: write.directory }
}

/// What is made of the parts of a bucket.
trait Sink {
    fn gamma(&mut self, value: u64);
    fn rice(&mut self, value: u64, parameter: u32);
    /// One bit for each of `blocks` blocks.
    fn bitmap(&mut self, list: &[u64], blocks: u64);
    fn end_bucket(&mut self);
}

struct Write {
    bits: BitWriter,
    buckets: Vec<u8>,
    directory: Vec<u8>,
}

impl Sink for Write {
    fn gamma(&mut self, value: u64) {
        self.bits.gamma(value);
    }

    fn rice(&mut self, value: u64, parameter: u32) {
        self.bits.rice(value, parameter);
    }

    fn bitmap(&mut self, list: &[u64], blocks: u64) {
        let mut list = list.iter().map(|entry| block_of(*entry)).peekable();
        for block in 0..blocks {
            let mut is_named = false;
            while list.next_if_eq(&block).is_some() {
                is_named = true;
            }
            self.bits.put(u64::from(is_named), 1);
        }
    }

    fn end_bucket(&mut self) {
        let bytes = self.bits.take();
        self.buckets.extend(crc32fast::hash(&bytes).to_le_bytes());
        self.buckets.extend(bytes);
        self.directory.extend((self.buckets.len() as u32).to_le_bytes());
    }
}

struct Measure {
    bytes: u64,
    bits: u64,
}

impl Sink for Measure {
    fn gamma(&mut self, value: u64) {
        self.bits += gamma_bits(value);
    }

    fn rice(&mut self, value: u64, parameter: u32) {
        self.bits += rice_bits(value, parameter);
    }

    fn bitmap(&mut self, _: &[u64], blocks: u64) {
        self.bits += blocks;
    }

    fn end_bucket(&mut self) {
        self.bytes += 4 + self.bits.div_ceil(8);
        self.bits = 0;
    }
}

fn block_of(entry: u64) -> u64 {
    entry & ((1 << BLOCK_BITS) - 1)
}

/// Goes through all buckets.
fn walk(keys: Keys, mut entries: &[u64], blocks: u32, sink: &mut impl Sink) {
    for bucket in 0..1u64 << keys.bucket_bits {
        let length = entries.partition_point(|entry| keys.bucket(keys.key(*entry)) <= bucket);
        let (own, rest) = entries.split_at(length);
        entries = rest;
        walk_bucket(keys, bucket, own, u64::from(blocks), sink);
    }
}

fn walk_bucket(keys: Keys, bucket: u64, entries: &[u64], blocks: u64, sink: &mut impl Sink) {
    let same = |left: &u64, right: &u64| keys.key(*left) == keys.key(*right);
    sink.gamma(entries.chunk_by(same).count() as u64 + 1);
    let mut next = bucket << (keys.bits - keys.bucket_bits);
    let mut merged = Vec::new();
    for list in entries.chunk_by(same) {
        let key = keys.key(list[0]);
        sink.rice(key - next, keys.gap);
        next = key + 1;
        // Where shorter keys fall together, so do their blocks.
        match list.is_sorted_by(|left, right| block_of(*left) < block_of(*right)) {
            true => walk_list(list, blocks, sink),
            false => {
                merged.clear();
                merged.extend(list.iter().map(|entry| block_of(*entry)));
                merged.sort_unstable();
                merged.dedup();
                walk_list(&merged, blocks, sink);
            }
        }
    }
    sink.end_bucket();
}

fn walk_list(list: &[u64], blocks: u64, sink: &mut impl Sink) {
    let count = list.len() as u64;
    sink.gamma(count);
    if count == blocks {
        return;
    }
    if count * 4 > blocks {
        sink.bitmap(list, blocks);
        return;
    }
    let parameter = list_parameter(count, blocks);
    let mut next = 0;
    for entry in list {
        let block = block_of(*entry);
        sink.rice(block - next, parameter);
        next = block + 1;
    }
}
