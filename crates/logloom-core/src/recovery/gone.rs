//! A dead writer whose segment is gone, by a restart of the machine or by somebody's hand: one
//! loss record says so, with the count unknown and a bound on the bytes.

use std::cell::Cell;

use logloom_ring::clock;
use logloom_store::{Adopted, Append, Day, FileKey, NoSegments, Redo, Tally};

use super::Outcome;
use crate::runtime;
use crate::writer::unknown_loss_line;

/// The number of the batch that holds the loss record: no writer gets that far, so a recovery that
/// is repeated finds it done.
const LAST_BATCH: u64 = u64::MAX - 1;
/// Most bytes that a segment can have held.
const MOST_BYTES: u64 = 64 << 20;

struct LossLine {
    line: String,
    time: i64,
    file: Cell<Option<FileKey>>,
}

impl Redo for LossLine {
    fn batch(&self) -> u64 {
        LAST_BATCH
    }

    fn bytes(&self) -> &[u8] {
        self.line.as_bytes()
    }

    fn length(&self) -> u64 {
        self.line.len() as u64
    }

    fn crc32(&self) -> u32 {
        crc32fast::hash(self.line.as_bytes())
    }

    fn tally(&self) -> Tally {
        Tally { lines: 1, levels: [0, 0, 0, 1, 0, 0], times: Some((self.time, self.time)) }
    }

    fn day(&self) -> Day {
        Day::from_unix_ns(self.time)
    }

    fn file(&self) -> Option<FileKey> {
        self.file.get()
    }

    fn set_file(&self, file: Option<FileKey>) {
        self.file.set(file);
    }
}

/// Writes the loss record and frees the place.
pub(super) fn report(adopted: Adopted) -> Outcome {
    let identity = adopted.identity();
    let time = clock::real_time();
    let options = runtime::read_stage_config("", identity.pid);
    let uuid: String = identity.uuid[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    let writer = format!("{}-{uuid}", identity.pid);
    let line = unknown_loss_line(&options, time, &writer, MOST_BYTES);
    let redo = LossLine { line, time, file: Cell::new(None) };
    Append::append(&adopted, &redo, &NoSegments).map_err(|error| error.to_string())?;
    adopted.free().map_err(|error| error.to_string())
}
