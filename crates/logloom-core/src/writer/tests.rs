//! What the batch step does when the log fails, and with a segment that is damaged.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use logloom_ring::clock::{ClockKind, ClockPair};
use logloom_ring::memory::HeapMemory;
use logloom_ring::segment::{Cause, Identity, Intent, LossKey, SegmentOptions};
use logloom_store::{
    Append, AppendError, CommitKind, Committed, Day, NumberRange, NumbersWanted, Redo, Segments,
    SessionKey, StoreError,
};

use super::timeline::SHORTEST_SPAN_NS;
use super::*;

pub(super) fn segment() -> Segment {
    let options = SegmentOptions {
        path: PathBuf::from("heap"),
        log_dir: "/var/log/shop".into(),
        identity: Identity::default(),
        config: String::new(),
        total_bytes: 16 << 20,
        clock: ClockKind::RealTime,
        dictionary: Vec::new(),
    };
    Segment::create(&HeapMemory, &options).unwrap()
}

/// What was asked of the log.
#[derive(Default)]
struct Asked {
    batches: Vec<u64>,
    synced: Vec<FileKey>,
}

/// A log whose device fails at each sync. Batches go to one file after the other.
#[derive(Clone, Default)]
struct FailingLog(Arc<Mutex<Asked>>);

impl Append for FailingLog {
    fn append(&self, redo: &dyn Redo, _segments: &dyn Segments) -> Result<Committed, AppendError> {
        let mut asked = self.0.lock().unwrap();
        asked.batches.push(redo.batch());
        let file = FileKey { day: redo.day(), split: asked.batches.len() as u32 };
        let (kind, file) = (CommitKind::Written, Some(file));
        Ok(Committed { kind, file, offset: 0, waited: Duration::ZERO })
    }

    fn sync(&self, file: FileKey) -> Result<(), StoreError> {
        self.0.lock().unwrap().synced.push(file);
        Err(StoreError::Invalid { message: format!("{file} is suspect") })
    }

    fn reserve_numbers(&self, _wanted: &NumbersWanted<'_>) -> Result<Vec<NumberRange>, StoreError> {
        Err(StoreError::HeadReplaced)
    }

    fn return_numbers(&self, _session: SessionKey, _staged: u64) -> Result<(), StoreError> {
        Ok(())
    }
}

fn writer<'a>(segment: &'a Segment, log: &FailingLog) -> Writer<'a> {
    let limits = BatchLimits { bytes: 4096 };
    let counters = Arc::new(Counters::default());
    Writer::new(segment, Box::new(log.clone()), LoomOptions::default(), limits, counters)
}

/// Something to write: a loss is told in a line.
fn lose_one(segment: &Segment) {
    let key = LossKey { site: 0, level: 3, cause: Cause::Discarded };
    segment.count_loss(key, 1, 1);
}

fn damaged(segment: &Segment) -> u64 {
    let losses = segment.losses().into_iter();
    losses.filter(|entry| entry.key.cause == Cause::Damaged).map(|entry| entry.count).sum()
}

#[test]
fn a_failed_sync_is_told_once_and_the_writer_goes_on() {
    let (segment, log) = (segment(), FailingLog::default());
    let mut writer = writer(&segment, &log);
    writer.set_durability(Durability::Every);
    for batch in 1..=2 {
        lose_one(&segment);
        assert!(matches!(writer.step(true), Err(WriteError::Sync(_))));
        assert_eq!((segment.staged(), segment.applied()), (batch, batch));
    }
    assert_eq!(writer.step(true).unwrap(), Step::Idle);
    assert_eq!(log.0.lock().unwrap().batches, [1, 2]);
}

#[test]
fn one_failed_sync_keeps_no_other_file_from_the_device() {
    let (segment, log) = (segment(), FailingLog::default());
    let mut writer = writer(&segment, &log);
    for _ in 0..2 {
        lose_one(&segment);
        writer.step(true).unwrap();
    }
    assert!(writer.sync().is_err());
    assert_eq!(log.0.lock().unwrap().synced.len(), 2);
}

#[test]
fn the_second_clock_pair_is_noted_with_the_first_batch() {
    let (segment, log) = (segment(), FailingLog::default());
    let now = ClockPair::read(ClockKind::RealTime);
    let start = ClockPair { nanoseconds: now.nanoseconds - 2 * SHORTEST_SPAN_NS, ..now };
    segment.note_clock(start);
    let mut writer = writer(&segment, &log);
    lose_one(&segment);
    writer.step(true).unwrap();
    let pairs = segment.clock_pairs();
    assert!(pairs.len() == 2 && pairs[0] == start, "{pairs:?}");
}

#[test]
fn a_batch_that_cannot_be_is_counted() {
    let bytes = b"{}\n{}\n";
    let crc = crc32fast::hash(bytes);
    let day = Day::from_unix_ns(0).number();
    let good = Intent { batch: 1, length: 6, lines: 2, crc, day, ..Intent::default() };
    for (intent, lost, batches) in [
        (good.clone(), 0, 1),
        (Intent { day: u32::MAX, ..good.clone() }, 2, 0),
        (Intent { batch: 3, ..good }, 2, 0),
    ] {
        let (segment, log) = (segment(), FailingLog::default());
        segment.intent_slot(1).fill(&intent, bytes);
        segment.set_staged(1);
        writer(&segment, &log).finish().unwrap();
        assert_eq!(segment.applied(), 1);
        assert_eq!((damaged(&segment), log.0.lock().unwrap().batches.len()), (lost, batches));
    }
}
