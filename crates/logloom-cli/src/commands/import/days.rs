//! How many days an import may spread over.
//!
//! Damaged or hostile input could name a new day in every line and fill a log directory with files, so
//! records of days beyond a budget are filed under the day of their arrival; their own time becomes the
//! field `time`.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use logloom_record::time::format_rfc3339;
use logloom_record::{Record, Value};
use logloom_store::read::Order;
use logloom_store::{Day, Directory};

/// Files that a directory may have with those that are imported: all days since 1981, and a quarter of what a
/// catalogue has room for.
const FILES_MAX: usize = 16_384;

/// The days that may have a file.
pub(super) struct Days {
    state: Mutex<State>,
}

struct State {
    known: BTreeSet<Day>,
    left: usize,
}

impl Days {
    /// Those that have a file now, and as many more as there is room for.
    pub(super) fn of(directory: Option<&Directory>) -> Self {
        let snapshot = directory.and_then(|found| found.snapshot(Order::OldestFirst).ok());
        let files = snapshot.map(|snapshot| snapshot.files).unwrap_or_default();
        let known: BTreeSet<Day> = files.iter().map(|file| file.key.day).collect();
        let left = FILES_MAX.saturating_sub(files.len());
        Self { state: Mutex::new(State { known, left }) }
    }

    /// Whether the day of this time may have a file.
    pub(super) fn admits(&self, time_ns: i64) -> bool {
        let day = Day::from_unix_ns(time_ns);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.known.contains(&day) {
            return true;
        }
        if state.left == 0 {
            return false;
        }
        state.left -= 1;
        state.known.insert(day)
    }
}

/// The day that a job asked for last, so that it need not ask again for the next line.
#[derive(Default)]
pub(super) struct LastDay {
    from_ns: i64,
    to_ns: i64,
}

impl LastDay {
    /// [`Days::admits`], remembered. Times before 1970 have no day of their own anyway.
    pub(super) fn admits(&mut self, days: &Days, time_ns: i64) -> bool {
        const DAY_NS: i64 = 86_400_000_000_000;
        if time_ns < 0 || (self.from_ns..self.to_ns).contains(&time_ns) {
            return true;
        }
        if !days.admits(time_ns) {
            return false;
        }
        self.from_ns = time_ns - time_ns % DAY_NS;
        self.to_ns = self.from_ns.saturating_add(DAY_NS);
        true
    }
}

/// Takes the record's own time out of its place and keeps it as a field.
pub(super) fn put_aside(record: &mut Record) {
    if let Some(time_ns) = record.time_ns.take() {
        record.fields.push(("time".to_owned(), Value::Text(format_rfc3339(time_ns, 9))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_NS: i64 = 86_400_000_000_000;

    #[test]
    fn days_beyond_the_budget_are_refused() {
        let days = Days::of(None);
        let room = FILES_MAX as i64;
        let mut last = LastDay::default();
        for day in 0..room {
            assert!(last.admits(&days, day * DAY_NS) && last.admits(&days, day * DAY_NS + 1));
        }
        assert!(!last.admits(&days, room * DAY_NS));
        assert!(last.admits(&days, 3 * DAY_NS) && last.admits(&days, -1));
        assert!(!last.admits(&days, i64::MAX));
    }
}
