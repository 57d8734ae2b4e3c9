//! Records of one source, handed to the writer.
//!
//! Takes lines as they were assembled, has records made of them ([`Stream`]), adds the fields that
//! the command knows, numbers the source, and hands them over. Blocks while the log cannot be
//! written, so that nothing piles up here: nothing is dropped. What waits for more lines is asked
//! for by [`Capture::flush`] and, at the end of the source, by [`Capture::end`].

use logloom_core::emit;
use logloom_intake::{Captured, Line, Stream, StreamCounts, StreamOptions, recycle};
use logloom_record::{Record, SourcePosition, Value};
use logloom_ring::clock;

/// The longest record that the log takes, in bytes.
pub(crate) const RECORD_BYTES: u64 = 1 << 20;

/// Makes records of the lines of one source.
pub(crate) struct Capture {
    stream: Stream,
    owner: Owner,
}

/// What the command adds to each record.
struct Owner {
    fields: Vec<(String, Value)>,
    /// The number of the source in the segment; with it, everything up to the end of a line is
    /// taken over once its record is in the log.
    source: Option<u32>,
    reached: u64,
    /// Records that belong into the log together with the one that has their position.
    held: Vec<Record>,
}

impl Capture {
    /// For lines as the options say, each with these fields unless the line has them already.
    pub(crate) fn with(
        options: StreamOptions,
        fields: Vec<(String, Value)>,
        source: Option<u32>,
    ) -> Self {
        let stream = Stream::new(options);
        Self { stream, owner: Owner { fields, source, reached: 0, held: Vec::new() } }
    }

    /// Takes one line; hands over what is complete by it.
    pub(crate) fn take(&mut self, line: Line) {
        let Self { stream, owner } = self;
        stream.push(line, clock::real_time(), &mut |captured| owner.hand_over(captured));
    }

    /// Notes lines that were taken before the first one, in another life.
    pub(crate) fn begin_behind(&mut self, lines: &[Line]) {
        self.stream.begin_behind(lines);
    }

    /// The position up to which everything was handed over.
    pub(crate) fn reached(&self) -> u64 {
        self.owner.reached
    }

    /// When something has waited long enough for more lines, by the clock of `clock::real_time`;
    /// `None` while nothing waits.
    pub(crate) fn deadline_ns(&self) -> Option<i64> {
        self.stream.deadline_ns()
    }

    /// Hands over what has waited long enough. Only to be asked when the source has nothing more
    /// to read.
    pub(crate) fn flush(&mut self, now_ns: i64) {
        let Self { stream, owner } = self;
        stream.flush(now_ns, &mut |captured| owner.hand_over(captured));
    }

    /// Hands over everything: the source has ended. More lines may follow nevertheless.
    pub(crate) fn end(&mut self) {
        let Self { stream, owner } = self;
        stream.end(&mut |captured| owner.hand_over(captured));
    }

    /// The source is known by this number from now on.
    pub(crate) fn set_source(&mut self, source: u32) {
        self.owner.source = Some(source);
    }

    /// When the source was last written: chooses the year of times that have none.
    pub(crate) fn set_written_ns(&mut self, written_ns: Option<i64>) {
        self.stream.defaults_mut().written_ns = written_ns;
    }

    /// The name of the format that is settled, or of the last line that was taken apart; `None` while
    /// none was.
    pub(crate) fn format(&self) -> Option<&str> {
        self.stream.recent_format()
    }

    /// What came of the lines so far.
    pub(crate) fn counts(&self) -> StreamCounts {
        self.stream.counts()
    }
}

impl Owner {
    fn hand_over(&mut self, captured: Captured) {
        let Captured { mut record, end, .. } = captured;
        for (name, value) in &self.fields {
            if !record.fields.iter().any(|(known, _)| known == name) {
                record.fields.push((name.clone(), value.clone()));
            }
        }
        record.source = self.source.zip(end).map(|(source, end)| SourcePosition { source, end });
        match end {
            Some(end) if self.held.is_empty() => {
                emit::record(&record);
                recycle(record);
                self.reached = end;
            }
            Some(end) => {
                self.held.push(record);
                emit::together(&self.held);
                self.held.drain(..).for_each(recycle);
                self.reached = end;
            }
            None => self.held.push(record),
        }
    }
}
