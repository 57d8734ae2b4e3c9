//! Takes what one run measured and what its files hold, hands on one line of JSON; refuses nothing,
//! but says why a run is void.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::found::Found;

/// Exit status of a run that does not count because records were dropped, lost or doubled.
pub const EXIT_VOID: u8 = 3;

/// The raw results of one run of one workload on one logger.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunReport {
    /// The logger's name.
    pub party: String,
    /// Its version.
    pub version: String,
    /// The workload: `hotpath`, `throughput`, `disabled` or `idle`.
    pub bench: String,
    /// `fields`, `message` or `action`.
    pub shape: String,
    /// Threads that called.
    pub threads: usize,
    /// Calls that returned.
    pub records: u64,
    /// Records the logger itself says it dropped; none where it does not tell.
    pub dropped: Option<u64>,
    /// What the files hold.
    pub found: Found,
    /// Why the run does not count; none when it does.
    pub void: Option<String>,
    /// Figures by name; nanoseconds unless the name says otherwise.
    pub metrics: BTreeMap<String, f64>,
}

impl RunReport {
    /// Sets `void` from the counts.
    #[must_use]
    pub fn judged(mut self) -> Self {
        let found = &self.found;
        let faults = [
            ("dropped by the logger's own count", self.dropped.unwrap_or(0)),
            ("missing from the file", found.missing),
            ("in the file more than once", found.doubled),
            ("with a number nobody used", found.strange),
        ];
        let told: Vec<String> = faults
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{count} records {name}"))
            .collect();
        self.void = (!told.is_empty()).then(|| told.join(", "));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(found: Found, dropped: Option<u64>) -> RunReport {
        RunReport {
            party: "a".to_owned(),
            version: "1".to_owned(),
            bench: "hotpath".to_owned(),
            shape: "fields".to_owned(),
            threads: 1,
            records: 1,
            dropped,
            found,
            void: None,
            metrics: BTreeMap::new(),
        }
        .judged()
    }

    #[test]
    fn only_a_whole_run_counts() {
        assert_eq!(report(Found::default(), None).void, None);
        let missing = report(Found { missing: 2, ..Found::default() }, Some(1)).void.unwrap();
        assert!(missing.contains("2 records missing") && missing.contains("1 records dropped"));
        assert!(report(Found { doubled: 1, ..Found::default() }, None).void.is_some());
        assert!(report(Found { strange: 1, ..Found::default() }, None).void.is_some());
    }
}
