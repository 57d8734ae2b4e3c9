//! Counts instead of rows: how many records, of which levels and services, from when to when.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use logloom_filter::LineView;
use logloom_record::Level;

use crate::damage::Check;
use crate::run::{note, time_of};
use crate::scan::forward;
use crate::{LogFile, Query, Stats};

/// Services that are counted by name; the records of any more count under an empty name.
const SERVICES_MAX: usize = 10_000;

/// What the matching records add up to.
#[derive(Debug, Default)]
pub struct Summary {
    /// Matching records.
    pub records: u64,
    /// Their bytes, line feeds included.
    pub bytes: u64,
    /// Time of the earliest one, nanoseconds since 1970.
    pub first_ns: Option<i64>,
    /// Time of the latest one, nanoseconds since 1970.
    pub last_ns: Option<i64>,
    /// Records of each level, TRACE first, in the order of [`Level::ALL`].
    pub levels: [u64; 6],
    /// Records whose level is none of these.
    pub other_levels: u64,
    /// Records of each service; an empty name stands for records without one.
    pub services: BTreeMap<String, u64>,
    /// What was read to count them.
    pub stats: Stats,
}

impl Query {
    /// Counts the matching records; limit and order do not matter.
    ///
    /// Reads every file that may hold an answer.
    #[must_use]
    pub fn summarise(&self, files: &[LogFile]) -> Summary {
        let matcher = self.condition().compile();
        let mut summary = Summary::default();
        let mut stats = Stats::default();
        let check = Check::of_files(files);
        for (index, file) in files.iter().enumerate() {
            if !self.may_answer(file) {
                stats.files_skipped += 1;
                continue;
            }
            let outcome = file.open().and_then(|reader| {
                forward(reader.as_ref(), file.length(), &mut |offset, line| {
                    stats.lines += 1;
                    stats.note_damage(check, index, offset, line);
                    if matcher.matches(line) {
                        summary.count(line);
                    }
                    ControlFlow::Continue(())
                })
            });
            note(&mut stats, file, outcome);
        }
        stats.matched = summary.records;
        summary.stats = stats;
        summary
    }
}

impl Summary {
    fn count(&mut self, line: &[u8]) {
        self.records += 1;
        self.bytes += line.len() as u64 + 1;
        if let Some(time) = time_of(line) {
            self.first_ns = Some(self.first_ns.map_or(time, |first| first.min(time)));
            self.last_ns = Some(self.last_ns.map_or(time, |last| last.max(time)));
        }
        let view = LineView::new(line);
        match view.get("level").and_then(|level| Level::parse(&level.text()).ok()) {
            Some(level) => self.levels[level as usize - 1] += 1,
            None => self.other_levels += 1,
        }
        let service = view.get("service").map(|service| service.text()).unwrap_or_default();
        if let Some(count) = self.services.get_mut(service.as_ref()) {
            *count += 1;
        } else {
            let is_full = self.services.len() >= SERVICES_MAX;
            let name = if is_full { String::new() } else { service.into_owned() };
            *self.services.entry(name).or_default() += 1;
        }
    }
}
