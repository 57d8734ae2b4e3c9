//! Several encoded records that become visible at once.
//!
//! Takes records as they lie one right behind the other, gives them one by one, gives them the time.
//! They go into one ring by one publish: the urgent one where any of them belongs there, the one for
//! large records where they are too long for the others.

use logloom_record::{Level, wire};

use super::attach::LARGE_BYTES;
use super::install;

/// Most bytes of records that become visible at once. Half of a ring is always free in one piece once
/// the ring is empty.
pub const GROUP_BYTES_MAX: usize = LARGE_BYTES as usize / 2;

/// The records, each with its header. What makes no sense ends them, and is the last one.
pub(super) fn each(records: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = records;
    std::iter::from_fn(move || {
        let first = *rest.first_chunk::<4>()?;
        let length = (u32::from_le_bytes(first) & 0x00ff_ffff) as usize;
        let is_whole = length >= wire::HEADER_LEN && length <= rest.len();
        let (record, after) = rest.split_at(if is_whole { length } else { rest.len() });
        rest = after;
        Some(record)
    })
}

/// Copies the records and gives all of them these ticks.
#[inline]
pub(super) fn fill(room: &mut [u8], records: &[u8], ticks: u64) {
    room.copy_from_slice(records);
    let mut rest = room;
    while let Some(header) = rest.first_chunk_mut::<{ wire::HEADER_LEN }>() {
        header[8..16].copy_from_slice(&ticks.to_le_bytes());
        let word = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
        let length = ((word & 0x00ff_ffff) as usize).max(wire::HEADER_LEN);
        rest = rest.get_mut(length..).unwrap_or_default();
    }
}

/// The number of a record's site, and its level.
pub(super) fn site_and_level(record: &[u8]) -> (u32, Level) {
    let site = record.get(4..8).and_then(|site| site.try_into().ok()).map_or(0, u32::from_le_bytes);
    let inline = || record.get(wire::HEADER_LEN).copied().unwrap_or(0);
    let number = if site == 0 { inline() } else { install::level_of(site) };
    (site, Level::from_number(number).unwrap_or(Level::Info))
}

#[cfg(test)]
mod tests {
    use super::{each, fill};

    fn record(length: u32, byte: u8) -> Vec<u8> {
        let mut record = vec![byte; length as usize];
        record[..4].copy_from_slice(&length.to_le_bytes());
        record
    }

    #[test]
    fn each_record_is_found_and_has_the_ticks() {
        let parts = [record(16, 1), record(40, 2), record(24, 3)];
        let all = parts.concat();
        assert!(each(&all).eq(parts.iter().map(Vec::as_slice)));
        let mut room = vec![0; all.len()];
        fill(&mut room, &all, u64::MAX);
        for (found, part) in each(&room).zip(&parts) {
            assert_eq!(found[8..16], [0xff; 8]);
            assert_eq!((&found[..8], &found[16..]), (&part[..8], &part[16..]));
        }
    }

    #[test]
    fn what_makes_no_sense_ends_them() {
        let damaged = [record(16, 1), vec![0xff; 24]].concat();
        assert_eq!(each(&damaged).map(<[u8]>::len).collect::<Vec<_>>(), [16, 24]);
        let mut room = vec![0; damaged.len()];
        fill(&mut room, &damaged, 7);
        assert_eq!(each(&[0; 3]).count(), 0);
    }
}
