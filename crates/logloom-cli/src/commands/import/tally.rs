//! What an import has found: of one file, and in sum.

use std::collections::BTreeMap;

use logloom_intake::Stream;
use logloom_record::{Level, Record};

/// The levels in the order in which they are counted.
pub(super) const LEVELS: [Level; 6] =
    [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal];

/// Counts of one file, or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Unpacked bytes that were read now.
    pub(super) bytes: u64,
    pub(super) lines: u64,
    pub(super) records: u64,
    /// Records that are plain text because no format fits their lines.
    pub(super) unrecognised: u64,
    /// Records without a time of their own that could be settled.
    pub(super) untimed: u64,
    /// Records whose day found no room.
    pub(super) misplaced: u64,
    pub(super) levels: [u64; 6],
    /// Least and greatest time of their own.
    pub(super) span: Option<(i64, i64)>,
    /// Files by format.
    pub(super) formats: BTreeMap<String, u64>,
    /// What is to be told of a file that was taken over whole all the same.
    pub(super) note: Option<String>,
}

impl Tally {
    /// Counts a record with its own time.
    pub(super) fn count(&mut self, record: &Record) {
        self.levels[usize::from(record.level as u8 - Level::Trace as u8)] += 1;
        match record.time_ns {
            Some(time) => self.widen((time, time)),
            None => self.untimed += 1,
        }
    }

    /// Takes what the stream of a file has counted.
    pub(super) fn finish(&mut self, stream: &Stream) {
        let counts = stream.counts();
        self.lines += counts.lines;
        self.records += counts.records;
        self.unrecognised += counts.unrecognised;
        if self.records > 0 {
            let plain = self.unrecognised * 2 > self.records;
            let found = match stream.format() {
                None if plain => "plain",
                known => known.or(stream.recent_format()).unwrap_or("plain"),
            };
            self.formats.insert(found.to_owned(), 1);
        }
    }

    /// Adds the counts of another file.
    pub(super) fn add(&mut self, other: &Self) {
        self.bytes += other.bytes;
        self.lines += other.lines;
        self.records += other.records;
        self.unrecognised += other.unrecognised;
        self.untimed += other.untimed;
        self.misplaced += other.misplaced;
        for (sum, count) in self.levels.iter_mut().zip(other.levels) {
            *sum += count;
        }
        other.span.into_iter().for_each(|span| self.widen(span));
        for (format, files) in &other.formats {
            *self.formats.entry(format.clone()).or_default() += files;
        }
    }

    fn widen(&mut self, (least, greatest): (i64, i64)) {
        let (known_least, known_greatest) = self.span.unwrap_or((least, greatest));
        self.span = Some((known_least.min(least), known_greatest.max(greatest)));
    }
}
