//! The batch step: takes records from one segment's rings, hands a batch of lines to the store.
//!
//! One step is the whole pipeline, and the same step serves the process's own writer thread, a
//! caller whose ERROR found no room, and the recovery of a dead process:
//!
//! 1. finish a batch that is staged but not applied (`commit`, `finish`);
//! 2. take the next run of records in time order that belongs to one day (`merge`), render each
//!    once (`stage`), number what are actions (`number`), publish intent and bytes, free the ring space;
//! 3. append to the day file (`commit`), then say `applied`.
//!
//! A kill between any two instructions is finished by 1, here or in another process.

mod commit;
mod conceal;
mod loss;
mod merge;
mod number;
mod plans;
mod stage;
mod survey;
#[cfg(test)]
mod tests;
mod timeline;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use logloom_record::dialect::loom::{LoomOptions, TimestampCache};
use logloom_ring::Segment;
use logloom_ring::clock;

use conceal::Conceal;

pub(crate) use commit::OtherSegments;
pub use commit::{Log, WriteError};
pub(crate) use loss::unknown_loss_line;
pub(crate) use survey::Waiting;

use logloom_store::FileKey;

use crate::console::Console;
use crate::metrics::Counters;
use crate::settings::MaskSettings;
use crate::settings::{Durability, ForeignDay};
use crate::truncate::Truncator;
use loss::LossReporter;
use number::Numbering;
use plans::Plans;
use timeline::Timeline;

/// When a batch is cut.
#[derive(Debug, Clone, Copy)]
pub struct BatchLimits {
    /// A batch is cut when it holds this many bytes. Default 256 KiB.
    pub bytes: usize,
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There was nothing to do.
    Idle,
    /// One batch is in the log.
    Wrote {
        /// Lines of the batch.
        lines: u32,
        /// Bytes of the batch.
        bytes: u64,
    },
}

/// Drains one segment into one log. Exactly one writer works on a segment at a time: the owner's
/// (behind a mutex), or a recovery that holds the dead writer's lock.
pub struct Writer<'a> {
    segment: &'a Segment,
    log: Box<Log>,
    plans: Plans,
    options: LoomOptions,
    limits: BatchLimits,
    timeline: Timeline,
    stamps: TimestampCache,
    losses: LossReporter,
    numbering: Numbering,
    buffer: Vec<u8>,
    counters: Arc<Counters>,
    durability: Durability,
    foreign_day: ForeignDay,
    conceal: Conceal,
    console: Option<Console>,
    /// Files with lines that have not been forced to the device.
    unsynced: BTreeSet<FileKey>,
    /// The record being rendered: ring and end position, so that one that panics is found.
    rendering: Option<(u32, u64)>,
    /// Records whose lines are in the log already: ring and end position.
    in_the_log: HashSet<(u32, u64)>,
    /// Records that made the rendering panic once, and how often.
    suspects: Vec<((u32, u64), u32)>,
}

impl<'a> Writer<'a> {
    /// A writer for `segment` that appends to `log`.
    pub fn new(
        segment: &'a Segment,
        log: Box<Log>,
        options: LoomOptions,
        limits: BatchLimits,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            segment,
            log,
            plans: Plans::new(),
            options,
            limits,
            timeline: Timeline::new(segment),
            stamps: TimestampCache::default(),
            losses: LossReporter::new(),
            numbering: Numbering::default(),
            buffer: Vec::with_capacity(limits.bytes + 4096),
            counters,
            durability: Durability::Process,
            foreign_day: ForeignDay::NearArrival,
            conceal: Conceal::default(),
            console: None,
            unsynced: BTreeSet::new(),
            rendering: None,
            in_the_log: HashSet::new(),
            suspects: Vec::new(),
        }
    }

    /// Runs one batch through. With `final_losses`, losses are reported now and not by the second.
    ///
    /// # Errors
    /// When the log cannot take the batch. It stays staged, nothing is lost, and the next call
    /// tries again.
    pub fn step(&mut self, final_losses: bool) -> Result<Step, WriteError> {
        self.finish()?;
        if !self.segment.has_staging() {
            if !self.has_work() {
                self.losses.looked(clock::real_time());
                return Ok(Step::Idle);
            }
            self.segment.take_staging().map_err(WriteError::Memory)?;
        }
        let Some(intent) = self.stage(final_losses)? else { return Ok(Step::Idle) };
        self.finish()?;
        Ok(Step::Wrote { lines: intent.lines, bytes: intent.length })
    }

    /// Whether a step would find nothing to do: a process that logs nothing asks this ten times a
    /// second. Losses count only when they are due.
    pub(crate) fn is_idle(&self) -> bool {
        let segment = self.segment;
        segment.applied() >= segment.staged()
            && !self.losses.is_due(clock::real_time())
            && (0..segment.ring_count())
                .filter_map(|index| segment.ring(index))
                .all(|ring| ring.waiting() == 0)
    }

    /// Whether a batch would have anything in it.
    fn has_work(&self) -> bool {
        let segment = self.segment;
        let mut rings = (0..segment.ring_count()).filter_map(|index| segment.ring(index));
        rings.any(|ring| ring.waiting() > 0)
            || segment.losses().iter().any(|entry| entry.count > entry.reported)
    }

    /// Forgets what was rendered with other options, after a change of the settings.
    pub fn set_options(&mut self, options: LoomOptions) {
        self.options = options;
        self.plans = Plans::new();
    }

    /// Says when batches are cut.
    pub(crate) fn set_limits(&mut self, limits: BatchLimits) {
        self.limits = limits;
    }

    /// The segment is of an earlier boot: times come from the clock pairs noted in it. May take 5 ms.
    pub fn use_noted_clock(&mut self) {
        self.timeline.use_noted();
    }

    /// By how many nanoseconds a time that was worked out from the noted clock may be wrong beside the
    /// error of the pairs themselves.
    pub(crate) fn time_doubt(&self, time: i64) -> i64 {
        self.timeline.doubt(time)
    }

    /// Says of which records the lines are in the log already: they are passed over.
    pub(crate) fn pass_over(&mut self, records: HashSet<(u32, u64)>) {
        self.in_the_log = records;
    }

    /// Says when files are forced to the device.
    pub fn set_durability(&mut self, durability: Durability) {
        self.durability = durability;
    }

    /// Says which secrets are hidden in lines, and which texts are cut. Without a word from here the
    /// strictest masks apply.
    pub(crate) fn set_stages(&mut self, masks: MaskSettings, truncator: Option<Truncator>) {
        self.conceal.set(masks, truncator);
        // What is known of call sites is true for the masks of before.
        self.plans = Plans::new();
    }

    /// Says which day files take foreign records.
    pub fn set_foreign_day(&mut self, foreign_day: ForeignDay) {
        self.foreign_day = foreign_day;
    }

    /// Shows committed lines on the console from here on, or no longer.
    pub(crate) fn set_console(&mut self, console: Option<Console>) {
        self.console = console;
    }

    /// Appends to another log from here on; what is staged goes there.
    pub fn set_log(&mut self, log: Box<Log>) {
        self.log = log;
        self.unsynced.clear();
    }

    /// The options lines are rendered with.
    #[must_use]
    pub fn options(&self) -> &LoomOptions {
        &self.options
    }

    /// After a panic of [`Writer::step`]: remembers the record that was being rendered. One that
    /// causes a second panic is set aside and counted by the next step. Returns whether there was
    /// one; if not, the next step may well panic again.
    pub fn note_panic(&mut self) -> bool {
        let Some(record) = self.rendering.take() else { return self.conceal.note_panic() };
        match self.suspects.iter_mut().find(|(known, _)| *known == record) {
            Some((_, times)) => *times += 1,
            None => self.suspects.push((record, 1)),
        }
        true
    }
}
