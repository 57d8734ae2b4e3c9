//! The streams of a program whose lines a container runtime has written into one file.
//!
//! Takes the lines of each stream in their order, has those of one joined whatever comes between
//! them from the other: parts of a line, and lines that belong together. What waits here is given up
//! after [`LINES_BETWEEN_MAX`] lines of the other stream, or when its time is over.

use logloom_record::{Record, Value};

use super::wrapped::{STREAMS, Wrapped, wrapped};
use crate::join::{Head, JoinLimits, Joined, Joiner, LINES_BETWEEN_MAX};
use crate::{LINE_BYTES_MAX, Line};

/// How long a part waits for the next one, in nanoseconds: runtimes write them at once.
const WAIT_NS: i64 = 300_000_000;

/// A line as the program wrote it or, of a line in parts, as the runtime would have written it.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) line: Line,
    /// The position after its first part.
    pub(super) first_end: u64,
}

/// Parts that wait for the rest of their line, as the line that they are so far.
#[derive(Debug)]
struct Held {
    whole: Whole,
    last_ns: i64,
}

#[derive(Debug)]
struct Lane {
    held: Option<Held>,
    joiner: Option<Joiner>,
    /// Lines of the other stream since the last one of this.
    lines_since: u32,
}

/// Both streams.
#[derive(Debug)]
pub(super) struct Lanes {
    join: Option<JoinLimits>,
    /// Empty until the first line that a runtime has written: most sources hold no such lines, and
    /// the lanes take more than all else that is kept of it.
    lanes: Vec<Lane>,
}

impl Lanes {
    pub(super) fn new(join: Option<JoinLimits>) -> Self {
        Self { join, lanes: Vec::new() }
    }

    /// The lane of a stream.
    fn lane(&mut self, stream: usize) -> &mut Lane {
        if self.lanes.is_empty() {
            let joiner = || self.join.map(Joiner::new);
            let lane = |_| Lane { held: None, joiner: joiner(), lines_since: 0 };
            self.lanes = STREAMS.iter().map(lane).collect();
        }
        &mut self.lanes[stream]
    }

    /// Notes what each stream printed in lines that were taken before.
    pub(super) fn begin_behind<'a>(&mut self, lines: impl Iterator<Item = &'a str> + Clone) {
        for stream in 0..STREAMS.len() {
            let of_stream = |wrapped: &Wrapped<'_>| wrapped.stream == stream;
            let known = lines.clone().filter_map(|line| wrapped(line).filter(of_stream)?.inside());
            let known: Vec<String> = known.collect();
            if known.is_empty() {
                continue;
            }
            if let Some(joiner) = &mut self.lane(stream).joiner {
                joiner.begin_behind(known.iter().map(String::as_str));
            }
        }
    }

    /// Hides what of a line of this stream is of a private key, in the text inside and in the record of it.
    pub(super) fn hide(&mut self, stream: usize, inside: &mut String, record: &mut Record) {
        let Some(joiner) = &mut self.lane(stream).joiner else { return };
        let Some((body, mark)) = joiner.hidden(inside) else { return };
        let secret = inside[body.clone()].to_owned();
        let texts = record.fields.iter_mut().filter_map(|(_, value)| match value {
            Value::Text(text) => Some(text),
            _ => None,
        });
        for text in texts.chain([&mut record.message]) {
            if text.contains(&secret) {
                *text = text.replace(&secret, &mark);
            }
        }
        inside.replace_range(body, &mark);
    }

    /// Whether lines of a runtime were seen.
    #[cfg(test)]
    pub(super) fn is_begun(&self) -> bool {
        !self.lanes.is_empty()
    }

    /// The stream of a line that a runtime has written.
    pub(super) fn stream_of(line: &Line) -> Option<usize> {
        let has_room = line.part.is_none() && line.text.len() <= LINE_BYTES_MAX;
        wrapped(&line.text).filter(|_| has_room).map(|wrapped| wrapped.stream)
    }

    /// Puts a line together with the parts before it. Gives what is whole: none, one, or two where
    /// the parts before do not go on with it.
    pub(super) fn put_together(&mut self, line: Line, now_ns: i64) -> Vec<Whole> {
        let Some(stream) = Self::stream_of(&line) else { return Vec::new() };
        let mut whole = Vec::new();
        let mut next = Whole { first_end: line.end, line };
        if let Some(held) = self.lane(stream).held.take() {
            match joined(&held.whole.line, &next.line) {
                Some(text) => {
                    next.line.text = text;
                    next.first_end = held.whole.first_end;
                }
                None => whole.push(held.whole),
            }
        }
        if wrapped(&next.line.text).is_some_and(|wrapped| wrapped.is_part) {
            self.lane(stream).held = Some(Held { whole: next, last_ns: now_ns });
        } else {
            whole.push(next);
        }
        whole
    }

    /// Has a line joined whose record this is; gives the groups that are complete by it.
    pub(super) fn push(
        &mut self,
        (stream, line): (usize, Line),
        head: Head,
        now_ns: i64,
        give: &mut dyn FnMut(Joined),
    ) {
        match &mut self.lane(stream).joiner {
            Some(joiner) => joiner.push(line, Some(head), now_ns, give),
            None => {
                let first_end = head.first_end.unwrap_or(line.end);
                give(Joined { first_end, ..Joined::alone(line, Some(head.record)) });
            }
        }
    }

    /// Gives the groups of this stream that wait.
    pub(super) fn end_stream(&mut self, stream: usize, give: &mut dyn FnMut(Joined)) {
        self.lane(stream).end(give);
    }

    /// Counts a line of this stream; gives the groups of others that have waited for too many.
    /// Parts that have are given back.
    pub(super) fn count(&mut self, stream: usize, give: &mut dyn FnMut(Joined)) -> Option<Whole> {
        self.lane(stream).lines_since = 0;
        let other = self.lane(1 - stream);
        other.lines_since += 1;
        if other.lines_since <= LINES_BETWEEN_MAX {
            return None;
        }
        other.lines_since = 0;
        other.end(give);
        other.held.take().map(|held| held.whole)
    }

    /// The position after the first line of what waits; `None` while nothing does.
    pub(super) fn first_end(&self) -> Option<u64> {
        let joined = self.lanes.iter().filter_map(|lane| lane.joiner.as_ref()?.first_end());
        let held = self.lanes.iter().filter_map(|lane| Some(lane.held.as_ref()?.whole.first_end));
        joined.chain(held).min()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first_end().is_none()
    }

    /// Gives the groups that have waited long enough; parts that have are given back.
    pub(super) fn flush(&mut self, now_ns: i64, give: &mut dyn FnMut(Joined)) -> Vec<Whole> {
        let mut parts = Vec::new();
        for lane in &mut self.lanes {
            if lane.held.as_ref().is_some_and(|held| held.deadline_ns() <= now_ns) {
                parts.extend(lane.held.take().map(|held| held.whole));
            }
            if let Some(joiner) = &mut lane.joiner {
                joiner.flush(now_ns, give);
            }
        }
        parts
    }

    /// When [`Lanes::flush`] will have something to give.
    pub(super) fn deadline_ns(&self) -> Option<i64> {
        let joined = self.lanes.iter().filter_map(|lane| lane.joiner.as_ref()?.deadline_ns());
        joined
            .chain(self.lanes.iter().filter_map(|lane| Some(lane.held.as_ref()?.deadline_ns())))
            .min()
    }

    /// Gives all groups that wait.
    pub(super) fn end(&mut self, give: &mut dyn FnMut(Joined)) {
        self.lanes.iter_mut().for_each(|lane| lane.end(give));
    }

    /// The parts that wait.
    pub(super) fn take_parts(&mut self) -> Vec<Whole> {
        let mut parts: Vec<Whole> =
            self.lanes.iter_mut().filter_map(|lane| Some(lane.held.take()?.whole)).collect();
        parts.sort_by_key(|part| part.first_end);
        parts
    }
}

impl Lane {
    fn end(&mut self, give: &mut dyn FnMut(Joined)) {
        if let Some(joiner) = &mut self.joiner {
            joiner.end(give);
        }
    }
}

impl Held {
    fn deadline_ns(&self) -> i64 {
        self.last_ns.saturating_add(WAIT_NS)
    }
}

/// The text of a held part and the line that goes on with it.
fn joined(held: &Line, next: &Line) -> Option<String> {
    let (before, after): (Wrapped<'_>, Wrapped<'_>) = (wrapped(&held.text)?, wrapped(&next.text)?);
    let has_room = held.text.len() + next.text.len() <= LINE_BYTES_MAX;
    (before.is_like(&after) && has_room).then(|| before.with(&after))
}
