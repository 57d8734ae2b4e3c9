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

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use logloom_record::dialect::loom::{LoomOptions, TimestampCache};
use logloom_ring::Segment;
use logloom_ring::clock::{self, Calibration, ClockKind, ClockPair};

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

/// Between two clock pairs in a segment, except the first two.
const REFIT_NS: i64 = 500_000_000;
/// Pairs that lie closer together than this give no rate.
const SHORTEST_SPAN_NS: i64 = 1_000_000;
/// The part of a distance in time by which a rate may be wrong that comes from close pairs, or from this
/// start of the machine: frequencies of the same counter differ by less than 100 parts in a million.
const POOR_RATE_PART: i64 = 10_000;

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
    /// The pair that the rate is taken from, and the newest one that was kept.
    early: ClockPair,
    late: ClockPair,
    stamps: TimestampCache,
    losses: LossReporter,
    numbering: Numbering,
    buffer: Vec<u8>,
    counters: Arc<Counters>,
    durability: Durability,
    foreign_day: ForeignDay,
    conceal: Conceal,
    /// Whether this machine's clock still counts the segment's ticks: not after a new boot.
    is_live_clock: bool,
    /// Whether the noted pairs are too close for an exact rate.
    is_rate_poor: bool,
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
        let pairs = segment.clock_pairs();
        let early = pairs.first().copied().unwrap_or_else(|| ClockPair::read(segment.clock()));
        Self {
            segment,
            log,
            plans: Plans::new(),
            options,
            limits,
            early,
            late: pairs.last().copied().unwrap_or(early),
            stamps: TimestampCache::default(),
            losses: LossReporter::new(),
            numbering: Numbering::default(),
            buffer: Vec::with_capacity(limits.bytes + 4096),
            counters,
            durability: Durability::Process,
            foreign_day: ForeignDay::NearArrival,
            conceal: Conceal::default(),
            is_live_clock: true,
            is_rate_poor: false,
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

    /// The segment is of an earlier boot: times come from the clock pairs noted in it. Where these give
    /// no rate, as in the first moments of a program, that of this boot serves, measured in 5 ms.
    pub fn use_noted_clock(&mut self) {
        self.is_live_clock = false;
        let span = self.late.nanoseconds.saturating_sub(self.early.nanoseconds);
        self.is_rate_poor = self.segment.clock() == ClockKind::Cycles && span < REFIT_NS;
        if self.is_rate_poor && span < SHORTEST_SPAN_NS {
            let (ticks, nanoseconds) = clock::rate(5 * SHORTEST_SPAN_NS);
            self.early = ClockPair {
                ticks: self.late.ticks.saturating_sub(ticks),
                nanoseconds: self.late.nanoseconds.saturating_sub(nanoseconds),
            };
        }
    }

    /// By how many nanoseconds a time that was worked out from the noted clock may be wrong beside the
    /// error of the pairs themselves.
    pub(crate) fn time_doubt(&self, time: i64) -> i64 {
        let distance = time.saturating_sub(self.late.nanoseconds).saturating_abs();
        if self.is_rate_poor { distance / POOR_RATE_PART } else { 0 }
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

    /// How ticks turn into times now. The newest pair is also noted in the segment, for the one
    /// who recovers it; the second as soon as it gives a rate.
    fn calibrate(&mut self) -> Calibration {
        let kind = self.segment.clock();
        if !self.is_live_clock {
            return Calibration::new(kind, self.early, self.late);
        }
        let now = ClockPair::read(kind);
        let calibration = Calibration::new(kind, self.early, now);
        let least = if self.late == self.early { SHORTEST_SPAN_NS } else { REFIT_NS };
        if (now.nanoseconds - self.late.nanoseconds).abs() >= least {
            // The pair before the newest: the next drain may follow at once, and two pairs that
            // lie close together give a poor rate.
            self.early = std::mem::replace(&mut self.late, now);
            self.segment.note_clock(now);
        }
        calibration
    }
}
