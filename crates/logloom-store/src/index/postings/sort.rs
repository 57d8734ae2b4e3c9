//! Sorting of entries. In come entries in the order of their blocks; out go the same by hash, those of one hash in
//! the order of blocks. Time: four passes. Memory: as much again.

use super::BLOCK_BITS;

const DIGIT_BITS: u32 = 10;
const PASSES: u32 = (64 - BLOCK_BITS) / DIGIT_BITS;
/// Shorter lists are sorted by comparing.
const FEW: usize = 4096;

/// Sorts `entries`, which must be in the order of their blocks; `room` is used and may hold anything.
pub(in super::super) fn sort(entries: &mut Vec<u64>, room: &mut Vec<u64>) {
    if entries.len() < FEW {
        entries.sort_unstable();
        return;
    }
    room.resize(entries.len(), 0);
    for pass in 0..PASSES {
        let shift = BLOCK_BITS + pass * DIGIT_BITS;
        let digit = |entry: u64| (entry >> shift) as usize & ((1 << DIGIT_BITS) - 1);
        let mut starts = [0usize; 1 << DIGIT_BITS];
        for entry in entries.iter() {
            starts[digit(*entry)] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            (*start, sum) = (sum, sum + *start);
        }
        for entry in entries.iter() {
            let place = &mut starts[digit(*entry)];
            room[*place] = *entry;
            *place += 1;
        }
        std::mem::swap(entries, room);
    }
}
