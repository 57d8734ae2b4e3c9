//! Segments whose words were changed: what they held is read or told, nothing is made up.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use super::*;
use crate::layout::{self, DESCRIPTOR_LENGTH, RING_TABLE, descriptor};
use crate::memory::{MemorySystem, SharedMemory};
use crate::ring::{Next, RingKind};

/// A file with two rings that hold a record each, and one loss.
struct Sample {
    _dir: tempfile::TempDir,
    path: PathBuf,
    good: Vec<u8>,
}

const LOSS: LossKey = LossKey { site: 5, level: 3, cause: Cause::Discarded };

impl Sample {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("damaged");
        let made = Segment::create(&SharedMemory, &options(path.clone())).unwrap();
        for text in ["first", "second"] {
            let (ring, lane) = connected(&made);
            assert!(put(&lane, ring, text));
        }
        made.count_loss(LOSS, 2, 10);
        drop(made);
        let good = std::fs::read(&path).unwrap();
        Self { _dir: dir, path, good }
    }

    /// The segment with these bytes in place of what stood there.
    fn with(&self, changes: &[(u64, &[u8])]) -> Segment {
        let mut bad = self.good.clone();
        for (at, bytes) in changes {
            bad[*at as usize..*at as usize + bytes.len()].copy_from_slice(bytes);
        }
        std::fs::write(&self.path, bad).unwrap();
        Segment::open(&SharedMemory, &self.path).unwrap()
    }

    fn loss_slot(&self) -> u64 {
        let segment = self.with(&[]);
        layout::LOSS + u64::from(segment.losses()[0].slot) * layout::LOSS_SLOT_LENGTH
    }
}

fn held(segment: &Segment) -> Vec<String> {
    (0..segment.ring_count())
        .filter_map(|index| segment.ring(index))
        .flat_map(|ring| texts(ring, true))
        .collect()
}

#[test]
fn a_damaged_header_hides_no_ring_and_makes_none_up() {
    let sample = Sample::new();
    let numbers = [0_u64, 1, 3, 400, u64::MAX, 8_200, 1 << 40];
    let fields = [
        (header::RING_COUNT, 4),
        (header::RING_TABLE, 8),
        (header::RING_MAX, 4),
        (header::DESCRIPTOR_LENGTH, 4),
        (header::DICTIONARY, 8),
        (header::CONFIG_CAPACITY, 8),
        (header::LOSS, 8),
        (header::LOSS_SLOTS, 8),
        (header::SOURCE_SLOTS, 8),
        (header::INTENT, 8),
        (header::STAGING + 8, 8),
        (header::STAGING_CAPACITY, 8),
        (header::LENGTH, 8),
    ];
    for (field, number) in fields.into_iter().flat_map(|field| numbers.map(|n| (field, n))) {
        let (at, length) = field;
        let segment = sample.with(&[(at, &number.to_le_bytes()[..length])]);
        assert_eq!(segment.ring_count(), 2, "{at} {number}");
        assert_eq!(held(&segment), ["first", "second"], "{at} {number}");
        assert_eq!(segment.losses().len(), 1, "{at} {number}");
        assert!(segment.unreadable().is_empty(), "{at} {number}");
    }
}

#[test]
fn a_ring_whose_descriptor_cannot_be_is_told_and_the_others_are_read() {
    let sample = Sample::new();
    let first = |field| RING_TABLE + field;
    let second = |field| RING_TABLE + DESCRIPTOR_LENGTH + field;
    let data = (layout::FIXED_LENGTH).to_le_bytes();
    for (at, number, most) in [
        (first(descriptor::WRITE), (1_u64 << 60).to_le_bytes(), 4096),
        (first(descriptor::WRITE), u64::MAX.to_le_bytes(), 4096),
        (first(descriptor::WRITE), 0_u64.to_le_bytes(), 0),
        (first(descriptor::READ), (1_u64 << 50).to_le_bytes(), 4096),
        (first(descriptor::CAPACITY), 0_u64.to_le_bytes(), 32),
        (first(descriptor::CAPACITY), 4097_u64.to_le_bytes(), 32),
        (first(descriptor::CAPACITY), (1_u64 << 63).to_le_bytes(), 32),
        (first(descriptor::DATA), u64::MAX.to_le_bytes(), 32),
        (first(descriptor::DATA), 8_192_u64.to_le_bytes(), 32),
        (second(descriptor::DATA), data, 32),
    ] {
        let segment = sample.with(&[(at, &number)]);
        let other = if at >= RING_TABLE + DESCRIPTOR_LENGTH { "first" } else { "second" };
        assert_eq!(held(&segment), [other], "{at} {number:?}");
        let told: Vec<u64> = if most == 0 { Vec::new() } else { vec![most] };
        assert_eq!(segment.unreadable(), told, "{at} {number:?}");
    }
}

#[test]
fn a_ring_that_was_not_counted_any_more_is_empty() {
    let sample = Sample::new();
    let third = RING_TABLE + 2 * DESCRIPTOR_LENGTH;
    let data = (sample.good.len() as u64).to_le_bytes();
    let segment = sample.with(&[(third + descriptor::DATA, &data)]);
    assert_eq!(held(&segment), ["first", "second"]);
    assert!(segment.unreadable().is_empty());
}

#[test]
fn counts_that_cannot_be_are_told_as_damage_and_not_as_counts() {
    let sample = Sample::new();
    let slot = sample.loss_slot();
    let key = 1_u64 << 63 | 5 << 16 | 3 << 8 | 1;
    for (field, number) in [
        (0, 0),
        (0, key & !(1 << 63)),
        (0, key | 1 << 50),
        (0, key | 0xFF),
        (0, key | 0xF0 << 8),
        (8, 1 << 60),
        (8, u64::MAX),
        (16, 3),
        (16, u64::MAX),
    ] {
        let segment = sample.with(&[(slot + field, &u64::to_le_bytes(number))]);
        assert!(segment.losses().is_empty(), "{field} {number:#x}");
        assert_eq!(segment.unreadable(), [16], "{field} {number:#x}");
    }
}

#[test]
fn an_intent_cannot_move_a_ring_by_more_than_it_holds() {
    let sample = Sample::new();
    let segment = sample.with(&[]);
    let ring = segment.ring(0).unwrap();
    let _ = ring.lock();
    ring.unlock_at(1 << 50);
    assert_eq!((ring.read_position(), ring.is_locked()), (0, false));
}

#[test]
fn a_damaged_file_is_refused_or_read_within_its_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("damaged");
    let made = Segment::create(&SharedMemory, &options(path.clone())).unwrap();
    made.add_ring(RingKind::Normal, 4096).unwrap();
    drop(made);
    let good = std::fs::read(&path).unwrap();
    let mut seed = 0x1234_5678_9ABC_DEF1_u64;
    for round in 0..300_usize {
        let mut bad = good.clone();
        for _ in 0..1 + round % 7 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let at = (seed % 12_000) as usize;
            bad[at] = (seed >> 40) as u8;
        }
        bad.truncate(if round % 5 == 0 { (seed % good.len() as u64) as usize } else { bad.len() });
        std::fs::write(&path, &bad).unwrap();
        let Ok(segment) = Segment::open(&SharedMemory, &path) else { continue };
        let _ = (segment.identity(), segment.log_dir(), segment.config(), segment.losses());
        let _ = (segment.sources(), segment.clock_pairs(), segment.intent_slot(1).read());
        for ring in (0..segment.ring_count()).filter_map(|index| segment.ring(index)) {
            let mut at = ring.lock();
            let written = ring.write_position().min(at.saturating_add(ring.capacity()));
            while let Next::Record { end, .. } = ring.peek(at, written) {
                at = end;
            }
            ring.unlock_at(written);
        }
    }
    SharedMemory.remove(&path).unwrap();
}
