//! Whether and when a program that ended is started again.
//!
//! Takes how it ended, gives how long to wait before the next start: 100 ms, doubled each time up
//! to 10 s. A program that lived for a minute begins anew. There is no clock in here.

use std::time::Duration;

use crate::args::Restart;

const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// A life as long as this shows that the program works.
const SETTLED: Duration = Duration::from_secs(60);

/// Counts restarts in a row.
pub(super) struct Restarts {
    when: Restart,
    /// Most in a row; `None` is without limit.
    max: Option<u32>,
    in_a_row: u32,
}

impl Restarts {
    pub(super) fn new(when: Restart, max: Option<u32>) -> Restarts {
        Restarts { when, max, in_a_row: 0 }
    }

    /// How many there were in a row.
    pub(super) fn count(&self) -> u32 {
        self.in_a_row
    }

    /// The wait before the next start after a life that lasted this long; `None` for no more.
    pub(super) fn after(&mut self, is_success: bool, lasted: Duration) -> Option<Duration> {
        match self.when {
            Restart::No => return None,
            Restart::OnFailure if is_success => return None,
            Restart::OnFailure | Restart::Always => {}
        }
        if lasted >= SETTLED {
            self.in_a_row = 0;
        }
        if self.max.is_some_and(|max| self.in_a_row >= max) {
            return None;
        }
        let pause = PAUSE_MIN.saturating_mul(1 << self.in_a_row.min(16)).min(PAUSE_MAX);
        self.in_a_row = self.in_a_row.saturating_add(1);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(1);

    #[test]
    fn pauses_double_up_to_ten_seconds() {
        let mut restarts = Restarts::new(Restart::Always, None);
        let pauses: Vec<u128> =
            (0..9).filter_map(|_| restarts.after(true, SHORT)).map(|p| p.as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
        assert_eq!(restarts.after(false, SETTLED), Some(PAUSE_MIN), "a long life begins anew");
        restarts.in_a_row = u32::MAX;
        assert_eq!(restarts.after(false, SHORT), Some(PAUSE_MAX));
    }

    #[test]
    fn only_what_was_asked_for_is_started_again() {
        assert_eq!(Restarts::new(Restart::No, None).after(false, SHORT), None);
        let mut restarts = Restarts::new(Restart::OnFailure, Some(2));
        assert_eq!(restarts.after(true, SHORT), None);
        assert!(restarts.after(false, SHORT).is_some() && restarts.after(false, SHORT).is_some());
        assert_eq!((restarts.after(false, SHORT), restarts.count()), (None, 2));
        assert!(restarts.after(false, SETTLED).is_some(), "the row was broken");
    }
}
