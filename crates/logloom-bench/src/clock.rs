//! Takes nothing, hands on ticks, processor time and page faults of this process; refuses nothing:
//! what the kernel does not tell counts as zero.
//!
//! Calls of some nanoseconds are timed with the cycle counter where the kernel itself trusts it.
//! Both readings of a pair are unfenced, so a call may overlap its neighbours a little; that is the
//! same for every logger, and the cost of an empty pair is reported beside each figure.

use std::time::{Duration, Instant};

use logloom_ring::clock::{ClockKind, ticks};
use rustix::thread::{CpuSet, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

/// A tick counter and how long its ticks are.
#[derive(Clone, Copy, Debug)]
pub struct Ticker {
    kind: ClockKind,
    nanoseconds_per_tick: f64,
}

impl Ticker {
    /// Measures the counter against the monotonic clock; takes 50 ms.
    pub fn calibrate() -> Self {
        let kind = ClockKind::detect();
        let (start, first) = (Instant::now(), ticks(kind));
        while start.elapsed() < Duration::from_millis(50) {
            std::hint::spin_loop();
        }
        let (elapsed, last) = (start.elapsed(), ticks(kind));
        let span = last.wrapping_sub(first).max(1);
        Ticker { kind, nanoseconds_per_tick: elapsed.as_nanos() as f64 / span as f64 }
    }

    /// The present tick.
    #[inline(always)]
    pub fn now(&self) -> u64 {
        ticks(self.kind)
    }

    /// Whether the ticks are cycles, not nanoseconds of the real-time clock.
    pub fn counts_cycles(&self) -> bool {
        self.kind == ClockKind::Cycles
    }

    /// Ticks as nanoseconds.
    pub fn nanoseconds(&self, ticks: u64) -> f64 {
        ticks as f64 * self.nanoseconds_per_tick
    }

    /// Nanoseconds as ticks.
    pub fn ticks(&self, nanoseconds: u64) -> u64 {
        (nanoseconds as f64 / self.nanoseconds_per_tick) as u64
    }
}

/// Processor time of the whole process in nanoseconds, user and system.
pub fn process_cpu() -> u64 {
    cpu(ClockId::ProcessCPUTime)
}

/// Processor time of the calling thread in nanoseconds, user and system.
pub fn thread_cpu() -> u64 {
    cpu(ClockId::ThreadCPUTime)
}

fn cpu(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    (time.tv_sec as u64).saturating_mul(1_000_000_000).saturating_add(time.tv_nsec as u64)
}

/// Page faults of the calling thread that needed no disk.
pub fn thread_faults() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/stat").unwrap_or_default();
    // The second field is the thread's name in brackets and may hold spaces.
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_whitespace().nth(7).and_then(|field| field.parse().ok()).unwrap_or(0)
}

/// Processors this process may use.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Binds the calling thread to one processor; threads started earlier keep their freedom.
/// Where the kernel forbids it, the thread stays where it was.
pub fn pin(processor: usize) {
    let mut set = CpuSet::new();
    set.set(processor);
    // A container may forbid it; then the figures are noisier, not wrong.
    let _ = sched_setaffinity(None, &set);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_follow_the_monotonic_clock() {
        let ticker = Ticker::calibrate();
        let (start, first) = (Instant::now(), ticker.now());
        while start.elapsed() < Duration::from_millis(5) {
            std::hint::spin_loop();
        }
        let nanoseconds = ticker.nanoseconds(ticker.now() - first);
        let ratio = nanoseconds / start.elapsed().as_nanos() as f64;
        assert!((0.9..1.1).contains(&ratio), "{ratio}");
        let there_and_back = ticker.nanoseconds(ticker.ticks(1_000_000));
        assert!((there_and_back - 1e6).abs() < 10.0, "{there_and_back}");
    }

    #[test]
    fn processor_time_and_faults_are_told() {
        let (process, faults) = (process_cpu(), thread_faults());
        let pages = vec![1_u8; 8 << 20];
        assert!(std::hint::black_box(&pages).iter().map(|&byte| u64::from(byte)).sum::<u64>() > 0);
        assert!(process_cpu() > process && thread_cpu() > 0);
        assert!(thread_faults() > faults);
    }
}
