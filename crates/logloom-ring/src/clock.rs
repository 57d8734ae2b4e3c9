//! Ticks for the caller, nanoseconds for the writer.
//!
//! A caller reads the raw cycle counter where it is the machine's clock source (about 10 ns) and
//! the real-time clock otherwise (25 to 50 ns). The writer turns ticks into time from two pairs
//! (ticks, nanoseconds) that lie before and at the drain, so an error of the rate cannot grow
//! beyond the error of a pair.

use std::time::{SystemTime, UNIX_EPOCH};

/// What the ticks of a segment are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum ClockKind {
    /// Nanoseconds since 1970.
    RealTime = 0,
    /// The cycle counter of the processor.
    Cycles = 1,
}

impl ClockKind {
    /// The kind that this machine supports: cycles only where the kernel itself trusts them.
    #[must_use]
    pub fn detect() -> Self {
        let source = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
        let trusted = std::fs::read_to_string(source).is_ok_and(|text| text.trim() == "tsc");
        if cfg!(target_arch = "x86_64") && trusted { Self::Cycles } else { Self::RealTime }
    }

    /// From the number in a segment's header; unknown numbers count as real time.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        if number == Self::Cycles as u32 { Self::Cycles } else { Self::RealTime }
    }
}

/// Nanoseconds since 1970 by the system's clock.
#[must_use]
pub fn real_time() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX)
}

/// The present tick count.
#[inline(always)]
#[must_use]
pub fn ticks(kind: ClockKind) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if kind == ClockKind::Cycles {
        // SAFETY: every x86-64 processor has the instruction.
        return unsafe { core::arch::x86_64::_rdtsc() };
    }
    let _ = kind;
    slow_ticks()
}

/// Kept out of the callers: where the cycle counter serves, it is never reached.
#[cold]
#[inline(never)]
fn slow_ticks() -> u64 {
    real_time().cast_unsigned()
}

/// One reading of both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockPair {
    /// Ticks as [`ticks`] gives them.
    pub ticks: u64,
    /// Nanoseconds since 1970 at the same moment.
    pub nanoseconds: i64,
}

impl ClockPair {
    /// Reads both clocks; the tightest of three readings, to keep a preemption out.
    #[must_use]
    pub fn read(kind: ClockKind) -> Self {
        let mut best = (u64::MAX, Self { ticks: 0, nanoseconds: 0 });
        for _ in 0..3 {
            let before = ticks(kind);
            let nanoseconds = real_time();
            let width = ticks(kind).wrapping_sub(before);
            if width < best.0 {
                best = (width, Self { ticks: before + width / 2, nanoseconds });
            }
        }
        best.1
    }
}

/// By how much the cycle counter grows in at least so many nanoseconds of the system's clock, and in
/// how many: takes as long as that.
#[must_use]
pub fn rate(nanoseconds: i64) -> (u64, i64) {
    let early = ClockPair::read(ClockKind::Cycles);
    loop {
        let late = ClockPair::read(ClockKind::Cycles);
        let span = late.nanoseconds.saturating_sub(early.nanoseconds);
        // A clock that is set back meanwhile does not keep anybody here.
        if !(0..nanoseconds).contains(&span) {
            return (late.ticks.saturating_sub(early.ticks), span);
        }
        std::hint::spin_loop();
    }
}

/// Turns ticks into nanoseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub struct Calibration {
    kind: ClockKind,
    late: ClockPair,
    /// Nanoseconds a tick, 32 bits of fraction.
    rate: i128,
}

impl Calibration {
    /// From an early and a late pair. Pairs that are too close or out of order, or that make a tick
    /// longer than a second (a damaged segment), give a rate of one nanosecond a tick.
    #[must_use]
    pub fn new(kind: ClockKind, early: ClockPair, late: ClockPair) -> Self {
        let span = i128::from(late.ticks) - i128::from(early.ticks);
        let time = i128::from(late.nanoseconds) - i128::from(early.nanoseconds);
        let stated = if span > 0 && time > 0 { (time << 32) / span } else { 0 };
        // The product of the greatest rate and the greatest distance fits 128 bits.
        let is_possible = (1..=1 << 62).contains(&stated);
        Self { kind, late, rate: if is_possible { stated } else { 1 << 32 } }
    }

    /// How many ticks so many nanoseconds have. At most [`u64::MAX`]; 0 for a negative span.
    #[must_use]
    pub fn ticks_in(&self, nanoseconds: i64) -> u64 {
        let nanoseconds = i128::from(nanoseconds.max(0));
        u64::try_from((nanoseconds << 32) / self.rate).unwrap_or(u64::MAX)
    }

    /// The time of `ticks`.
    #[inline]
    #[must_use]
    pub fn nanoseconds(&self, ticks: u64) -> i64 {
        if self.kind == ClockKind::RealTime {
            return ticks.cast_signed();
        }
        let distance = i128::from(ticks) - i128::from(self.late.ticks);
        let time = i128::from(self.late.nanoseconds) + ((distance * self.rate) >> 32);
        i64::try_from(time).unwrap_or(self.late.nanoseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_between_two_pairs_are_interpolated() {
        let early = ClockPair { ticks: 1_000, nanoseconds: 5_000 };
        let late = ClockPair { ticks: 3_000, nanoseconds: 6_000 };
        let calibration = Calibration::new(ClockKind::Cycles, early, late);
        assert_eq!(calibration.nanoseconds(2_000), 5_500);
        assert_eq!(calibration.nanoseconds(5_000), 7_000);
        assert_eq!((calibration.ticks_in(1_000), calibration.ticks_in(-1)), (2_000, 0));
        let real = Calibration::new(ClockKind::RealTime, early, late);
        assert_eq!(real.nanoseconds(42), 42);
    }

    #[test]
    fn no_pairs_make_the_arithmetic_overflow() {
        let numbers = [0, 1, u64::MAX / 2, u64::MAX];
        for (early, late) in numbers.into_iter().flat_map(|a| numbers.map(|b| (a, b))) {
            for time in [i64::MIN, -1, 0, i64::MAX] {
                let early = ClockPair { ticks: early, nanoseconds: time };
                let late = ClockPair { ticks: late, nanoseconds: i64::MAX };
                let calibration = Calibration::new(ClockKind::Cycles, early, late);
                let _ = numbers.map(|ticks| calibration.nanoseconds(ticks));
            }
        }
    }

    #[test]
    fn real_ticks_convert_to_the_real_time() {
        let kind = ClockKind::detect();
        let early = ClockPair::read(kind);
        while real_time() - early.nanoseconds < 2_000_000 {
            std::hint::spin_loop();
        }
        let late = ClockPair::read(kind);
        let now = Calibration::new(kind, early, late).nanoseconds(ticks(kind));
        assert!((real_time() - now).abs() < 1_000_000, "within a millisecond");
    }
}
