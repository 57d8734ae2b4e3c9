//! Takes the number of calling threads, hands on waits between calls; refuses nothing.
//!
//! Latencies are measured at a pace that no queue fills at. While a processor is left for the
//! logger's own thread, callers wait by spinning, so that no wake-up is measured; otherwise they
//! sleep, because spinning callers would only measure each other.

use std::time::Duration;

use crate::clock::{Ticker, processors};

/// Waits of one thread.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// Spins until the time has passed.
    Spin(Ticker),
    /// Gives the processor away for at least that time.
    Sleep,
}

impl Pace {
    /// The pace for so many calling threads.
    pub fn of(threads: usize, ticker: Ticker) -> Self {
        if threads < processors() { Pace::Spin(ticker) } else { Pace::Sleep }
    }

    /// Waits so many nanoseconds.
    #[inline(always)]
    pub fn wait(&self, nanoseconds: u64) {
        match self {
            Pace::Spin(ticker) => {
                let (start, wanted) = (ticker.now(), ticker.ticks(nanoseconds));
                while ticker.now().wrapping_sub(start) < wanted {
                    std::hint::spin_loop();
                }
            }
            Pace::Sleep => std::thread::sleep(Duration::from_nanos(nanoseconds)),
        }
    }

    /// Whether callers spin and are bound to processors of their own.
    pub fn spins(&self) -> bool {
        matches!(self, Pace::Spin(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_wait_at_least_that_long() {
        let ticker = Ticker::calibrate();
        for pace in [Pace::Spin(ticker), Pace::Sleep] {
            let start = std::time::Instant::now();
            pace.wait(1_000_000);
            assert!(start.elapsed() >= Duration::from_micros(950), "{pace:?}");
        }
        assert!(!Pace::of(processors(), ticker).spins());
    }
}
