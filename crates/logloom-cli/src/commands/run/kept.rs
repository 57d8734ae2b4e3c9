//! The lines of one stream, handed over to the log.
//!
//! Takes chunks of bytes, hands over the lines that they complete, and says how many of the bytes
//! belong to lines that still wait for others. Blocks while the log cannot be written.

use std::time::Duration;

use logloom_intake::{Ansi, JoinLimits, LineAssembler, StreamOptions};
use logloom_record::Value;
use logloom_ring::clock;

use crate::args::Colours;
use crate::capture::Capture;

/// What was kept of one stream.
pub(super) struct Kept {
    lines: LineAssembler,
    capture: Capture,
    /// Bytes that were pushed.
    pushed: u64,
    /// The position behind the last whole line.
    complete: u64,
    /// The position up to which everything was asked to be handed over.
    ended: u64,
}

impl Kept {
    /// For the lines of `stdout` or `stderr`, which become records as the options say.
    pub(super) fn new(stream: &str, colours: Colours, options: StreamOptions) -> Kept {
        // A line without a sign of more is shown, and so must be in the log, at once.
        let join = JoinLimits { settle_ns: 0, ..JoinLimits::default() };
        let options = StreamOptions { join: Some(join), ..options };
        let fields = vec![("stream".to_owned(), Value::Text(stream.to_owned()))];
        let capture = Capture::with(options, fields, None);
        let ansi = match colours {
            Colours::Strip => Ansi::Strip,
            Colours::Keep => Ansi::Keep,
        };
        let lines = LineAssembler::new(0).with_ansi(ansi);
        Kept { lines, capture, pushed: 0, complete: 0, ended: 0 }
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let Self { lines, capture, complete, .. } = self;
        lines.push(bytes, &mut |line| {
            *complete = line.end;
            capture.take(line);
        });
        self.pushed += bytes.len() as u64;
    }

    /// There is nothing more to read for now: only a trace under way still waits.
    pub(super) fn settle(&mut self) {
        self.capture.flush(clock::real_time());
    }

    /// Hands over everything but the unfinished line.
    pub(super) fn end(&mut self) {
        self.capture.end();
        self.ended = self.complete;
    }

    /// Hands over everything: the stream has ended.
    pub(super) fn finish(&mut self) {
        let Self { lines, capture, complete, .. } = self;
        lines.finish_each(&mut |line| {
            *complete = line.end;
            capture.take(line);
        });
        self.end();
    }

    /// Bytes at the end of what was pushed that are not in the log and may not be shown: lines that
    /// wait, and what follows them. An unfinished line alone may be shown.
    pub(super) fn waiting(&self) -> u64 {
        let reached = self.capture.reached().max(self.ended);
        if reached < self.complete { self.pushed - reached } else { 0 }
    }

    /// How long what waits will wait; `None` when nothing does.
    pub(super) fn wait(&self) -> Option<Duration> {
        let left = self.capture.deadline_ns()?.saturating_sub(clock::real_time());
        Some(Duration::from_nanos(left.max(0).unsigned_abs()))
    }
}
