//! Ticks of records as times: one line that never jumps, drawn through readings of both clocks.
//!
//! What one thread logs one after the other has rising ticks, and must have rising times, whichever
//! batches the records come in. Each reading is off by a little, so a line through the newest two
//! would contradict the one before. Here each piece of the line begins where the one before ends,
//! with the rate of the last half second, and makes up for what it is off within a while. Only a
//! system clock that was set breaks the line.
//!
//! The ends of pieces are noted in the segment, for the one who recovers it.

use std::collections::VecDeque;

use logloom_ring::Segment;
use logloom_ring::clock::{self, Calibration, ClockKind, ClockPair};

/// Between two pairs in a segment, except the first two, and the longest between two pieces.
pub(super) const REFIT_NS: i64 = 500_000_000;
/// Pairs that lie closer together than this give no rate.
pub(super) const SHORTEST_SPAN_NS: i64 = 1_000_000;
/// The part of a distance in time by which a rate may be wrong that comes from close pairs, or from this
/// start of the machine: frequencies of the same counter differ by less than 100 parts in a million.
const POOR_RATE_PART: i64 = 10_000;
/// The longest time in which the line comes back to the system's clock, and its part of the time since
/// the first pair: a young line has a poor rate and is soon off.
const LONGEST_RETURN_NS: i64 = 8_000_000_000;
const RETURN_PARTS: i64 = 16;
/// A clock that is farther off was set.
const SET_NS: i64 = 10_000_000;
/// Pieces that are remembered, for records that waited.
const PIECES: usize = 128;

/// How the ticks of a segment turn into times.
pub(super) struct Timeline {
    kind: ClockKind,
    /// Whether this machine's clock still counts the segment's ticks: not after a new boot.
    is_live: bool,
    /// Whether the noted pairs are too close for an exact rate.
    is_rate_poor: bool,
    /// Whether no rate was taken by this process yet: the line then ends at the last reading.
    is_young: bool,
    first: ClockPair,
    /// Readings that the next rate is taken from: the newest that was kept, and the one before.
    early: ClockPair,
    late: ClockPair,
    /// The last pair noted in the segment.
    noted: ClockPair,
    /// Each with the tick from which on it holds; the first holds before as well.
    pieces: VecDeque<(u64, Calibration)>,
}

impl Timeline {
    /// The line through the pairs noted in the segment.
    pub(super) fn new(segment: &Segment) -> Self {
        let kind = segment.clock();
        let pairs = segment.clock_pairs();
        let early = pairs.first().copied().unwrap_or_else(|| ClockPair::read(kind));
        let late = pairs.last().copied().unwrap_or(early);
        let mut timeline = Self {
            kind,
            is_live: true,
            is_rate_poor: false,
            is_young: true,
            first: early,
            early,
            late,
            noted: late,
            pieces: VecDeque::new(),
        };
        timeline.add(early.ticks, Calibration::new(kind, early, late));
        timeline
    }

    /// The segment is of an earlier boot: times come from the clock pairs noted in it. Where these give
    /// no rate, as in the first moments of a program, that of this boot serves, measured in 5 ms.
    pub(super) fn use_noted(&mut self) {
        self.is_live = false;
        let span = self.late.nanoseconds.saturating_sub(self.early.nanoseconds);
        self.is_rate_poor = self.kind == ClockKind::Cycles && span < REFIT_NS;
        if self.is_rate_poor && span < SHORTEST_SPAN_NS {
            let (ticks, nanoseconds) = clock::rate(5 * SHORTEST_SPAN_NS);
            self.early = ClockPair {
                ticks: self.late.ticks.saturating_sub(ticks),
                nanoseconds: self.late.nanoseconds.saturating_sub(nanoseconds),
            };
            self.pieces.clear();
            self.add(self.early.ticks, Calibration::new(self.kind, self.early, self.late));
        }
    }

    /// By how many nanoseconds a time that was worked out from the noted clock may be wrong beside the
    /// error of the pairs themselves.
    pub(super) fn doubt(&self, time: i64) -> i64 {
        let distance = time.saturating_sub(self.late.nanoseconds).saturating_abs();
        if self.is_rate_poor { distance / POOR_RATE_PART } else { 0 }
    }

    /// Takes a reading when one is due, and notes it in the segment; the second as soon as it gives a
    /// rate.
    pub(super) fn update(&mut self, segment: &Segment) {
        if !self.is_live {
            return;
        }
        let Some(bend) = self.read(ClockPair::read(self.kind)) else { return };
        let least = if self.noted == self.first { SHORTEST_SPAN_NS } else { REFIT_NS };
        if bend.nanoseconds.saturating_sub(self.noted.nanoseconds).saturating_abs() >= least {
            self.noted = bend;
            segment.note_clock(bend);
        }
    }

    /// Takes a reading; gives the pair from which on the line goes another way, if it is time for that.
    fn read(&mut self, now: ClockPair) -> Option<ClockPair> {
        let age = now.nanoseconds.saturating_sub(self.first.nanoseconds).saturating_abs();
        let since = now.nanoseconds.saturating_sub(self.late.nanoseconds).saturating_abs();
        // Often at first, when each reading makes the rate much better.
        let due = (age / 2).clamp(SHORTEST_SPAN_NS, REFIT_NS);
        (since >= due || self.is_young).then(|| self.extend(now, age))
    }

    /// Draws the line on from `now`.
    fn extend(&mut self, now: ClockPair, age: i64) -> ClockPair {
        if self.is_young {
            // From what was noted, by this process or by one that is dead, straight to now.
            self.add(self.late.ticks, Calibration::new(self.kind, self.late, now));
            self.is_young = age < SHORTEST_SPAN_NS;
            if self.is_young {
                self.late = now;
                return now;
            }
        }
        let stated = ClockPair { ticks: now.ticks, nanoseconds: self.nanoseconds(now.ticks) };
        let off = now.nanoseconds.saturating_sub(stated.nanoseconds);
        let within = (age / RETURN_PARTS).clamp(SHORTEST_SPAN_NS, LONGEST_RETURN_NS);
        let is_set = off.saturating_abs() > SET_NS.min(within / 2);
        let (from, off) = if is_set { (now, 0) } else { (stated, off) };
        // A rate from far apart, ending where the line will be when it has come back.
        let rate = Calibration::new(self.kind, self.early, now);
        let ahead = ClockPair {
            ticks: now.ticks.saturating_add(rate.ticks_in(within)),
            nanoseconds: from.nanoseconds.saturating_add(within).saturating_add(off),
        };
        self.add(now.ticks, Calibration::new(self.kind, from, ahead));
        let beyond = ClockPair {
            ticks: ahead.ticks.saturating_add(rate.ticks_in(LONGEST_RETURN_NS)),
            nanoseconds: ahead.nanoseconds.saturating_add(LONGEST_RETURN_NS),
        };
        self.add(ahead.ticks, Calibration::new(self.kind, ahead, beyond));
        // No rate is taken across the moment at which the clock was set.
        self.early = if is_set { now } else { self.late };
        self.late = now;
        from
    }

    /// Adds a piece in place of those that were to begin later.
    fn add(&mut self, from: u64, piece: Calibration) {
        while self.pieces.back().is_some_and(|(known, _)| *known > from) {
            self.pieces.pop_back();
        }
        if self.pieces.len() == PIECES {
            self.pieces.pop_front();
        }
        self.pieces.push_back((from, piece));
    }

    /// The time of `ticks`.
    #[inline]
    pub(super) fn nanoseconds(&self, ticks: u64) -> i64 {
        let mut pieces = self.pieces.iter().rev();
        let found = pieces.find(|(from, _)| *from <= ticks).or(self.pieces.front());
        found.map_or(self.late.nanoseconds, |(_, piece)| piece.nanoseconds(ticks))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: i64 = 1_790_000_000_000_000_000;

    /// A machine whose counter runs at 2.9 GHz and whose readings are off by up to 200 ns.
    struct Machine {
        timeline: Timeline,
        /// Tenths of a nanosecond since the start.
        tenths: i64,
    }

    impl Machine {
        fn new() -> Self {
            let first = ClockPair { ticks: 7_000_000, nanoseconds: START };
            let mut timeline = Timeline {
                kind: ClockKind::Cycles,
                is_live: true,
                is_rate_poor: false,
                is_young: true,
                first,
                early: first,
                late: first,
                noted: first,
                pieces: VecDeque::new(),
            };
            timeline.add(first.ticks, Calibration::new(ClockKind::Cycles, first, first));
            Self { timeline, tenths: 0 }
        }

        fn ticks(&self) -> u64 {
            7_000_000 + (self.tenths * 29 / 100).unsigned_abs()
        }

        fn read(&mut self, error: i64, set: i64) {
            let nanoseconds = START + self.tenths / 10 + error + set;
            let _ = self.timeline.read(ClockPair { ticks: self.ticks(), nanoseconds });
        }
    }

    proptest! {
        #[test]
        fn times_rise_with_the_ticks_whichever_batch_they_come_in(
            steps in prop::collection::vec((10_000i64..60_000_000, -200i64..200, 0usize..40), 1..300),
        ) {
            let mut machine = Machine::new();
            let mut told: Vec<(u64, i64)> = Vec::new();
            let mut waiting: Vec<u64> = Vec::new();
            for (pause, error, kept) in steps {
                for _ in 0..3 {
                    machine.tenths += pause / 3;
                    waiting.push(machine.ticks());
                }
                machine.read(error, 0);
                // Some of them wait for a later batch.
                let kept = kept.min(waiting.len());
                for ticks in waiting.drain(..waiting.len() - kept) {
                    told.push((ticks, machine.timeline.nanoseconds(ticks)));
                }
            }
            for pair in told.windows(2) {
                prop_assert!(pair[0].1 <= pair[1].1, "{pair:?}");
            }
            for (ticks, time) in told {
                let truth = START + (i128::from(ticks - 7_000_000) * 10 / 29).try_into().unwrap_or(0);
                // The first readings are a millisecond apart and off by 200 ns: 4 parts in 10,000.
                prop_assert!((time - truth).abs() < 20_000, "{} ns off", time - truth);
            }
        }
    }

    #[test]
    fn a_clock_that_is_set_is_followed_at_once() {
        let mut machine = Machine::new();
        for _ in 0..10 {
            machine.tenths += 6_000_000_000;
            machine.read(0, 0);
        }
        let before = machine.ticks();
        for hours in [-1, 2] {
            machine.tenths += 10_000_000_000;
            let set = hours * 3_600_000_000_000;
            machine.read(0, set);
            let time = machine.timeline.nanoseconds(machine.ticks());
            assert_eq!(time, START + machine.tenths / 10 + set);
        }
        assert!((machine.timeline.nanoseconds(before) - START - 6_000_000_000).abs() < 1_000);
    }

    #[test]
    fn an_error_is_made_up_for() {
        let mut machine = Machine::new();
        for second in 0..60 {
            machine.tenths += 10_000_000_000;
            machine.read(if second < 2 { 2_000_000 } else { 0 }, 0);
        }
        let off = machine.timeline.nanoseconds(machine.ticks()) - START - machine.tenths / 10;
        assert!(off.abs() < 10_000, "{off} ns off after a minute");
    }
}
