//! What a segment keeps.
#![allow(clippy::unwrap_used)]

mod damage;

use std::path::{Path, PathBuf};

use logloom_record::wire::{self, Encode, Encoder, Header};

use super::*;
use crate::memory::{HeapMemory, MemorySystem, SharedMemory};
use crate::producer::Lane;
use crate::ring::{Next, Ring, RingKind};

fn options(path: PathBuf) -> SegmentOptions {
    SegmentOptions {
        path,
        log_dir: "/var/log/shop".into(),
        identity: Identity { uuid: [7; 16], pid: 42, start_time: 9, ..Identity::default() },
        config: "service shop\n".into(),
        total_bytes: 16 << 20,
        clock: ClockKind::RealTime,
        dictionary: Vec::new(),
    }
}

fn heap() -> Segment {
    Segment::create(&HeapMemory, &options("heap".into())).unwrap()
}

/// Publishes a record whose body is one text.
fn put(lane: &Lane, ring: Ring<'_>, text: &str) -> bool {
    let length = wire::padded(wire::HEADER_LEN + text.encoded_len());
    if lane.make_room(ring, length as u64).is_err() {
        return false;
    }
    let mut room = lane.take(length as u64).unwrap();
    let header = Header { length: length as u32, flags: 0, site: 1, ticks: 5 };
    room.bytes()[..16].copy_from_slice(&header.to_bytes());
    text.encode(&mut Encoder::new(&mut room.bytes()[16..]));
    room.publish();
    true
}

/// A ring of 4 KiB and its producer.
fn connected(segment: &Segment) -> (Ring<'_>, Lane) {
    let ring = segment.add_ring(RingKind::Normal, 4096).unwrap();
    let lane = Lane::empty();
    lane.connect(ring);
    (ring, lane)
}

/// Puts numbered records until there is no room; returns how many.
fn fill(lane: &Lane, ring: Ring<'_>) -> usize {
    let mut number = 0;
    while put(lane, ring, &format!("{number:060}")) {
        number += 1;
    }
    number
}

fn texts(ring: Ring<'_>, release: bool) -> Vec<String> {
    let (mut at, written) = (ring.lock(), ring.write_position());
    let mut found = Vec::new();
    while let Next::Record { bytes, end } = ring.peek(at, written) {
        let view = wire::RecordView::parse(bytes, 1).unwrap();
        let value = view.values().next().unwrap().unwrap();
        let wire::ValueView::Text(text) = value else { panic!("a text was written") };
        found.push(String::from_utf8(text.to_vec()).unwrap());
        at = end;
    }
    ring.unlock_at(if release { at.max(written) } else { 0 });
    found
}

#[test]
fn records_come_out_in_order_over_many_laps() {
    let segment = heap();
    let (ring, lane) = connected(&segment);
    let mut expected = Vec::new();
    let mut seen = Vec::new();
    for number in 0..2_000_usize {
        let text = "x".repeat(number % 97) + &number.to_string();
        while !put(&lane, ring, &text) {
            seen.extend(texts(ring, true));
        }
        expected.push(text);
    }
    seen.extend(texts(ring, true));
    assert!(seen == expected, "{} of {} records", seen.len(), expected.len());
}

#[test]
fn the_least_limit_leaves_room_for_the_ring_that_all_share() {
    let options = SegmentOptions { total_bytes: 1 << 20, ..options("heap".into()) };
    let segment = Segment::create(&HeapMemory, &options).unwrap();
    assert!(segment.add_ring(RingKind::Shared, crate::layout::SPARE_BYTES).is_ok());
    assert!(segment.add_ring(RingKind::Normal, 64).is_err());
    assert!(segment.add_ring(RingKind::Normal, 100).is_err(), "no power of two");
}

#[test]
fn a_reader_on_another_thread_sees_whole_records_only() {
    let segment = heap();
    let ring = segment.add_ring(RingKind::Normal, 4096).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let lane = Lane::empty();
            lane.connect(ring);
            for number in 0..50_000_u32 {
                while !put(&lane, ring, &number.to_string().repeat(1 + number as usize % 5)) {
                    std::thread::yield_now();
                }
            }
        });
        let mut next = 0_u32;
        while next < 50_000 {
            for text in texts(ring, true) {
                assert_eq!(text, next.to_string().repeat(1 + next as usize % 5));
                next += 1;
            }
        }
    });
}

#[test]
fn a_full_producer_drops_the_oldest_unless_the_reader_is_staging() {
    let segment = heap();
    let (ring, lane) = connected(&segment);
    let number = fill(&lane, ring);
    let position = ring.lock();
    assert!(!lane.drop_oldest(ring, 96, |_| panic!("nothing may be dropped while staging")));
    ring.unlock_at(position);
    let mut dropped = 0;
    assert!(lane.drop_oldest(ring, 96, |_| dropped += 1));
    assert!(dropped > 0 && put(&lane, ring, "the newest"));
    let left = texts(ring, true);
    assert_eq!(left[0], format!("{dropped:060}"), "the oldest went, in order");
    assert_eq!(left.last().unwrap(), "the newest");
    assert_eq!(left.len(), number - dropped + 1, "each record is read or told as dropped");
}

#[test]
fn the_oldest_may_be_a_header_alone() {
    let segment = heap();
    let (ring, lane) = connected(&segment);
    while lane.make_room(ring, 16).is_ok() {
        let mut room = lane.take(16).unwrap();
        let header = Header { length: 16, flags: 0, site: 7, ticks: 5 };
        room.bytes().copy_from_slice(&header.to_bytes());
        room.publish();
    }
    let mut sites = Vec::new();
    assert!(lane.drop_oldest(ring, 96, |victim| sites.push((victim[4], victim[16]))));
    assert!(!sites.is_empty() && sites.iter().all(|site| *site == (7, 0)), "{sites:?}");
}

#[test]
fn a_lane_that_found_no_room_is_free_again() {
    let segment = heap();
    let (ring, lane) = connected(&segment);
    fill(&lane, ring);
    assert!(!lane.is_taken());
    assert!(lane.make_room(ring, 1 << 20).is_err() && !lane.is_taken());
}

#[test]
fn a_drop_that_was_not_counted_is_found_once() {
    let segment = heap();
    let (ring, lane) = connected(&segment);
    fill(&lane, ring);
    let uncounted = || {
        let mut records = 0;
        ring.count_uncounted_drop(|_| records += 1);
        records
    };
    assert_eq!(uncounted(), 0, "nothing was dropped");
    let mut counted = 0;
    assert!(lane.drop_oldest(ring, 96, |_| counted += 1));
    assert_eq!(uncounted(), 0, "all of it was counted");
    // A producer that dies right after it has moved the position.
    let from = ring.read_position();
    let Next::Record { end, .. } = ring.peek(from, ring.write_position()) else { panic!() };
    assert!(ring.drop_oldest(from, end));
    assert_eq!(uncounted(), 1);
    assert_eq!(uncounted(), 0, "a second recovery counts nothing");
    assert!(!ring.drop_oldest(from, end + 96), "the position has moved since");
    assert_eq!(uncounted(), 0, "nothing was dropped by that");
}

#[test]
fn a_lock_that_a_dead_reader_left_changes_nothing() {
    let segment = heap();
    let (ring, lane) = connected(&segment);
    assert!(put(&lane, ring, "kept"));
    let _ = ring.lock();
    assert_eq!(texts(ring, false), ["kept"]);
    ring.unlock_at(ring.write_position());
    ring.unlock_at(0);
    assert!(texts(ring, true).is_empty(), "a position never goes back");
}

#[test]
fn what_a_call_has_taken_has_no_room_for_a_second_one() {
    let segment = heap();
    let (_, lane) = connected(&segment);
    let room = lane.take(64).unwrap();
    assert!(lane.is_taken() && lane.take(64).is_none());
    room.publish();
    assert!(!lane.is_taken() && lane.take(64).is_some());
}

#[test]
fn an_intent_comes_back() {
    let segment = heap();
    let intent = Intent {
        batch: 3,
        length: 5,
        crc: 9,
        lines: 1,
        least: -1,
        greatest: 7,
        day: 20_261_121,
        levels: [0, 0, 1, 0, 0, 0],
        rings: vec![(0, 96), (4, 17)],
        losses: vec![(2, 8)],
        sources: vec![(1, 1 << 40)],
    };
    let slot = segment.intent_slot(3);
    slot.fill(&intent, b"line\n");
    assert_eq!((slot.read(), slot.bytes(5), slot.file()), (Some(intent), &b"line\n"[..], 0));
    slot.set_file(77);
    assert_eq!(segment.intent_slot(3).file(), 77);
    assert_ne!(segment.intent_slot(2).read().unwrap().batch, 3, "the other buffer is untouched");
}

#[test]
fn losses_add_up_and_are_reported_once() {
    let segment = heap();
    let key = LossKey { site: 5, level: 3, cause: Cause::Discarded };
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let segment = &segment;
            scope.spawn(move || {
                for number in 0..500_u32 {
                    segment.count_loss(key, 1, 10);
                    let site = thread * 500 + number;
                    segment.count_loss(LossKey { site, ..key }, 1, 10);
                }
            });
        }
    });
    let total: u64 = segment.losses().iter().map(|entry| entry.count).sum();
    assert_eq!(total, 4_000, "a full table still counts every loss");
    let entry = segment.losses().into_iter().find(|entry| entry.key == key).unwrap();
    segment.set_reported(entry.slot, entry.count);
    segment.set_reported(entry.slot, 1);
    let again = segment.losses().into_iter().find(|entry| entry.key == key).unwrap();
    assert_eq!(again.reported, again.count);
}

#[test]
fn a_loss_that_was_counted_during_a_report_has_a_time() {
    let segment = heap();
    let key = LossKey { site: 5, level: 3, cause: Cause::Discarded };
    segment.count_loss(key, 1, 10);
    segment.count_loss(key, 1, 20);
    let slot = segment.losses()[0].slot;
    segment.set_reported(slot, 1);
    assert_eq!((segment.losses()[0].first, segment.losses()[0].last), (20, 20));
}

#[test]
fn another_process_reads_what_the_file_holds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("segment");
    let made = Segment::create(&SharedMemory, &options(path.clone())).unwrap();
    let ring = made.add_ring(RingKind::Urgent, 4096).unwrap();
    let lane = Lane::empty();
    lane.connect(ring);
    assert!(put(&lane, ring, "after death"));
    assert!(made.append_dictionary(b"entry"));
    made.set_source(3, 99);
    made.note_clock(crate::clock::ClockPair { ticks: 1, nanoseconds: 2 });
    drop(made);
    let opened = Segment::open(&SharedMemory, &path).unwrap();
    assert_eq!(opened.identity().pid, 42);
    assert_eq!(opened.log_dir(), Path::new("/var/log/shop"));
    assert_eq!(opened.config(), "service shop\n");
    assert_eq!(opened.dictionary(0), b"entry");
    assert_eq!(opened.sources(), [(3, 99)]);
    assert_eq!(opened.clock_pairs().len(), 1);
    assert_eq!(texts(opened.ring(0).unwrap(), true), ["after death"]);
    SharedMemory.remove(&path).unwrap();
}
