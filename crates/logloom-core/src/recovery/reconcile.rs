//! A segment of an earlier start of the machine, on a disk: its pages and the day files may each be of
//! another moment, so what the segment says is compared with what the files hold.
//!
//! In come a dead writer's place and segment; out goes a writer that passes over records whose lines are
//! in the log, in a segment that has no open batch. Trusted are the lines in the files and, by its
//! checksum, each of the two staged batches; not `staged`, `applied`, the read positions or `done`:
//!
//! 1. A staged batch that is not known to be committed gets those of its lines written that no file has.
//! 2. A record that waits is passed over when a file has its line: as often as the line stands there and
//!    is not the line of a batch whose records have all left their rings.
//!
//! Killed anywhere, the next recovery does it again and finds what was written in the files. What cannot
//! be told apart: lines that are equal but for less than [`TOLERANCE_NS`].

use std::cell::Cell;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use logloom_record::Level;
use logloom_ring::Segment;
use logloom_ring::segment::Intent;
use logloom_store::{Adopted, Append, Day, Directory, FileKey, Redo, Tally};

use super::standing::{Mark, Standing};
use crate::plant::{Fault, planted};
use crate::writer::{OtherSegments, Waiting, Writer};

/// The clock pairs in the segment may be others than those by which a line got its time. Where they lie
/// close together, the doubt about their rate comes to it.
const TOLERANCE_NS: i64 = 5_000;

/// A record that waits: its ring, the position behind it, and its line.
type Waiter = ((u32, u64), Mark);

/// What a comparison has done.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Lines of staged batches that were missing in the files and were appended.
    pub(super) written: u64,
    /// Lines that the files had already.
    pub(super) skipped: u64,
}

/// A batch in one of the two staging buffers, whole by its checksum.
struct Batch {
    intent: Intent,
    day: Day,
    lines: Vec<(Mark, Vec<u8>)>,
    /// Whether all its records have left their rings, so that they do not wait there as well.
    is_behind: bool,
    /// Whether the segment says that it is committed.
    is_applied: bool,
}

/// Compares the segment with the files and prepares `writer` for the rest of the recovery.
pub(super) fn reconcile(
    directory: &Directory,
    adopted: &Arc<Adopted>,
    segment: &Segment,
    writer: &mut Writer<'_>,
) -> Result<Found, String> {
    let mut standing = Standing::default();
    let mut batches = staged_batches(segment, &mut standing);
    let waiting = waiting(segment, writer, &mut standing)?;
    if !planted(Fault::NoComparison) {
        standing.read(directory).map_err(|error| error.to_string())?;
    }
    let mut found = Found::default();
    let mut number = last_number(adopted, segment, &batches);
    for batch in &mut batches {
        let missing = missing_lines(batch, &mut standing, &mut found);
        if !missing.is_empty() {
            number += 1;
            found.written += missing.len() as u64;
            append(adopted, number, batch, &missing)?;
        }
        carry_over(segment, batch);
    }
    // In this order: a batch that is applied and not staged is no open batch.
    segment.set_applied(number);
    segment.set_staged(number);
    let known = known_records(&waiting, &mut standing, &|time| writer.time_doubt(time));
    found.skipped += known.len() as u64;
    writer.pass_over(known);
    Ok(found)
}

/// The batches in the staging buffers, older first. Those that are damaged or were half written when the
/// pages went to the disk are none: their records wait in the rings, or are lost.
fn staged_batches(segment: &Segment, standing: &mut Standing) -> Vec<Batch> {
    let applied = segment.applied();
    let mut batches: Vec<Batch> = (0..2)
        .filter_map(|which| {
            let slot = segment.intent_slot(which);
            let intent = slot.read().filter(|intent| intent.batch & 1 == which)?;
            let bytes = slot.bytes(intent.length);
            let is_whole = intent.length == bytes.len() as u64
                && bytes.last() == Some(&b'\n')
                && crc32fast::hash(bytes) == intent.crc;
            let day = Day::from_number(intent.day).filter(|_| is_whole)?;
            let lines = bytes.split_inclusive(|byte| *byte == b'\n');
            let lines = lines.map(|line| (standing.ask(day, line), line.to_vec())).collect();
            let is_behind = intent.rings.iter().all(|(index, position)| {
                segment.ring(*index).is_none_or(|ring| *position <= ring.read_position())
            });
            Some(Batch { is_applied: intent.batch <= applied, intent, day, lines, is_behind })
        })
        .collect();
    batches.sort_by_key(|batch| batch.intent.batch);
    batches
}

/// The records that wait, by place and mark.
fn waiting(
    segment: &Segment,
    writer: &mut Writer<'_>,
    standing: &mut Standing,
) -> Result<Vec<Waiter>, String> {
    loop {
        let mut waiting = Vec::new();
        let mut note = |one: Waiting<'_>| {
            waiting.push((one.record, standing.ask(one.day, one.line)));
        };
        match catch_unwind(AssertUnwindSafe(|| writer.survey(&mut note))) {
            Ok(()) => return Ok(waiting),
            // The record that causes it becomes no line from its second time on.
            Err(_) if writer.note_panic() => {}
            Err(_) => return Err(super::unreadable(segment)),
        }
    }
}

/// A number that no batch of this writer has had, as far as anything tells.
fn last_number(adopted: &Adopted, segment: &Segment, batches: &[Batch]) -> u64 {
    // A word that is damaged is written anew with the next batch.
    let done = adopted.done().unwrap_or(0);
    let staged = batches.iter().map(|batch| batch.intent.batch);
    staged.fold(done.max(segment.staged()).max(segment.applied()), u64::max)
}

/// Accounts for the lines of a batch that the files have, and gives those that have to be written.
fn missing_lines<'a>(
    batch: &'a Batch,
    standing: &mut Standing,
    found: &mut Found,
) -> Vec<&'a (Mark, Vec<u8>)> {
    let (there, missing): (Vec<_>, Vec<_>) =
        batch.lines.iter().partition(|(mark, _)| standing.take(*mark, 0));
    let missing = if batch.is_applied { Vec::new() } else { missing };
    if batch.is_behind {
        found.skipped += if batch.is_applied { 0 } else { there.len() as u64 };
    } else {
        // Their records wait as well and are to find them.
        there.iter().chain(&missing).for_each(|(mark, _)| standing.add(*mark));
    }
    missing
}

/// Counts what the lines of a batch have told as told, and its sources as taken over.
fn carry_over(segment: &Segment, batch: &Batch) {
    for (slot, reported) in &batch.intent.losses {
        segment.set_reported(*slot, *reported);
    }
    if !batch.is_applied {
        for (source, end) in &batch.intent.sources {
            segment.set_source(*source, *end);
        }
    }
}

/// The waiting records whose lines are in the log: those with the very same time come first.
fn known_records(
    waiting: &[Waiter],
    standing: &mut Standing,
    doubt: &dyn Fn(i64) -> i64,
) -> HashSet<(u32, u64)> {
    let mut known = HashSet::new();
    let tolerances: [&dyn Fn(i64) -> i64; 3] =
        [&|_| 0, &|_| TOLERANCE_NS, &|time| TOLERANCE_NS + doubt(time)];
    for tolerance in tolerances {
        for (record, mark) in waiting {
            if !known.contains(record) && standing.take(*mark, tolerance(mark.time)) {
                known.insert(*record);
            }
        }
    }
    known
}

/// Lines that go into the log from here: the buffers that hold them stay as they are until then.
struct Lines {
    number: u64,
    bytes: Vec<u8>,
    tally: Tally,
    day: Day,
    file: Cell<Option<FileKey>>,
}

impl Redo for Lines {
    fn batch(&self) -> u64 {
        self.number
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn crc32(&self) -> u32 {
        crc32fast::hash(&self.bytes)
    }

    fn tally(&self) -> Tally {
        self.tally
    }

    fn day(&self) -> Day {
        self.day
    }

    fn file(&self) -> Option<FileKey> {
        self.file.get()
    }

    fn set_file(&self, file: Option<FileKey>) {
        self.file.set(file);
    }
}

fn append(
    adopted: &Adopted,
    number: u64,
    batch: &Batch,
    missing: &[&(Mark, Vec<u8>)],
) -> Result<(), String> {
    let mut levels = [0; 6];
    for (_, line) in missing {
        levels[level_of(line)] += 1;
    }
    let times = Some((batch.intent.least, batch.intent.greatest));
    let lines = Lines {
        number,
        bytes: missing.iter().flat_map(|(_, line)| line).copied().collect(),
        tally: Tally { lines: missing.len() as u64, levels, times },
        day: batch.day,
        file: Cell::new(None),
    };
    Append::append(adopted, &lines, &OtherSegments).map_err(|error| error.to_string())?;
    Ok(())
}

/// The number of the level that a line states, TRACE as 0; INFO where it states none.
fn level_of(line: &[u8]) -> usize {
    const KEY: &[u8] = b"\"level\":\"";
    let start = memchr::memmem::find(line, KEY).map_or(line.len(), |at| at + KEY.len());
    let level =
        Level::ALL.into_iter().find(|level| line[start..].starts_with(level.as_str().as_bytes()));
    level.unwrap_or(Level::Info) as usize - Level::Trace as usize
}
