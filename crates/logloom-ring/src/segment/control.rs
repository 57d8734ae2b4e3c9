//! The words that change while a process logs: `staged`, `applied`, heartbeat, clock pairs.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::Segment;
use crate::clock::ClockPair;
use crate::layout::{control, header};

impl Segment {
    /// Number of the last batch whose intent and bytes are complete.
    #[must_use]
    pub fn staged(&self) -> u64 {
        self.word64(control::STAGED).load(Ordering::Acquire)
    }

    /// Publishes batch `batch`: its bytes and intent were written before.
    pub fn set_staged(&self, batch: u64) {
        self.word64(control::STAGED).store(batch, Ordering::Release);
    }

    /// Number of the last batch that is committed in the store.
    #[must_use]
    pub fn applied(&self) -> u64 {
        self.word64(control::APPLIED).load(Ordering::Acquire)
    }

    /// Says that batch `batch` is committed; the next may be staged.
    pub fn set_applied(&self, batch: u64) {
        self.word64(control::APPLIED).store(batch, Ordering::Release);
    }

    /// The word that a parked writer waits on: see [`crate::park`].
    #[must_use]
    pub fn parked(&self) -> &AtomicU32 {
        self.word32(control::PARKED)
    }

    /// When the writer last ran, in nanoseconds since 1970.
    #[must_use]
    pub fn heartbeat(&self) -> &AtomicU64 {
        self.word64(control::HEARTBEAT)
    }

    /// Replaces the stage configuration, at most 64 KiB; a longer one leaves the old one.
    pub fn set_config(&self, config: &str) {
        if config.len() as u64 > self.areas.config_capacity {
            return;
        }
        let length = self.word64(control::CONFIG_LENGTH);
        // A recovery that reads a length of zero applies the strictest masks.
        length.store(0, Ordering::Release);
        self.write(self.areas.config, config.as_bytes());
        length.store(config.len() as u64, Ordering::Release);
    }

    /// Notes a clock pair; the older of the two kept is overwritten. The generation is written
    /// last, so a pair that was torn by a kill is not the newest.
    pub fn note_clock(&self, pair: ClockPair) {
        let generations = [0, 1].map(|slot| self.clock_generation(slot));
        let slot = u64::from(generations[0] > generations[1]);
        let at = header::CLOCK_PAIRS + slot * header::CLOCK_PAIR_LENGTH;
        self.word64(at).store(0, Ordering::Release);
        self.word64(at + 8).store(pair.ticks, Ordering::Release);
        self.word64(at + 16).store(pair.nanoseconds.cast_unsigned(), Ordering::Release);
        let next = generations[0].max(generations[1]).saturating_add(1);
        self.word64(at).store(next, Ordering::Release);
    }

    fn clock_generation(&self, slot: u64) -> u64 {
        let at = header::CLOCK_PAIRS + slot * header::CLOCK_PAIR_LENGTH;
        self.word64(at).load(Ordering::Acquire)
    }

    /// The clock pairs that were noted, older first; none, one or two.
    #[must_use]
    pub fn clock_pairs(&self) -> Vec<ClockPair> {
        let mut pairs: Vec<(u64, ClockPair)> = [0, 1]
            .into_iter()
            .map(|slot| (slot, self.clock_generation(slot)))
            .filter(|(_, generation)| *generation != 0)
            .map(|(slot, generation)| {
                let at = header::CLOCK_PAIRS + slot * header::CLOCK_PAIR_LENGTH;
                let ticks = self.word64(at + 8).load(Ordering::Acquire);
                let nanoseconds = self.word64(at + 16).load(Ordering::Acquire).cast_signed();
                (generation, ClockPair { ticks, nanoseconds })
            })
            .collect();
        pairs.sort_by_key(|(generation, _)| *generation);
        pairs.into_iter().map(|(_, pair)| pair).collect()
    }
}
