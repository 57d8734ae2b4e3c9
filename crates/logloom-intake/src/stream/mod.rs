//! From the lines of one source to its records.
//!
//! Takes lines in their order, gives records with the position behind each: lines that belong
//! together are joined, the format is found, and text longer than a record is cut into numbered
//! parts. Lines that a container runtime has written are joined within each stream of the program.
//! Nothing is dropped and nothing is refused. There is no clock in here: the caller says
//! what time it is, and comes back by [`Stream::deadline_ns`] for what waits for more lines.
//!
//! Memory is bounded by [`JoinLimits`] and by what is given, one record at a time. A position is
//! never ahead of what was given before it; what waits here was not given yet, so that a reader
//! that is killed reads it again. Records whose lines stand between each other have a position with
//! the last of them alone.

mod lanes;
mod parts;
#[cfg(test)]
mod tests;
mod wrapped;

use logloom_record::{Level, Record, Value};

pub use parts::MESSAGE_BYTES_MAX;

use crate::join::{Head, JoinLimits, Joined, Joiner, Order};
use crate::recognise::{Defaults, Recogniser, TakenAs, level, recognise_json};
use crate::{LINE_BYTES_MAX, Line, Part, recognise_line, spare};
use lanes::{Lanes, Whole};
use wrapped::wrapped;

/// The field that says where a time comes from that the record's own line did not name.
const TIME_SOURCE: &str = "time_source";

/// How a [`Stream`] makes records.
#[derive(Clone, Debug)]
pub struct StreamOptions {
    /// Finds the format; default [`Recogniser::default`], which finds it by itself.
    pub recogniser: Recogniser,
    /// How lines are joined; default [`JoinLimits::default`]. `None` makes each line a record.
    pub join: Option<JoinLimits>,
    /// What holds for lines that do not say otherwise.
    pub defaults: Defaults,
    /// Whether a record whose line names no time says so, in the field `time_source`; default true.
    /// False where lines arrive as they are written: the arrival is their time then.
    pub tells_arrival: bool,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self {
            recogniser: Recogniser::default(),
            join: Some(JoinLimits::default()),
            defaults: Defaults::default(),
            tells_arrival: true,
        }
    }
}

/// One record, and where its lines end.
#[derive(Clone, Debug, PartialEq)]
pub struct Captured {
    /// The record; `record.source` is for the caller to set.
    pub record: Record,
    /// The position behind the text that this record completes, see [`Line::end`]. `None` in all
    /// parts of a text but the last: a text is taken over as a whole. A line longer than
    /// [`LINE_BYTES_MAX`] comes as several texts, each with its own end.
    pub end: Option<u64>,
    /// Whether a format or JSON was recognised; plain text and parts of long lines were not.
    pub is_recognised: bool,
}

/// What came of the lines so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamCounts {
    /// Lines that were taken; a very long one counts once for each [`LINE_BYTES_MAX`].
    pub lines: u64,
    /// Records that were given.
    pub records: u64,
    /// Records that are plain text because no format fits them.
    pub unrecognised: u64,
}

/// Makes records of the lines of one source.
#[derive(Debug)]
pub struct Stream {
    lanes: Lanes,
    joiner: Option<Joiner>,
    order: Order,
    maker: Maker,
}

/// The longest line of a runtime that is taken apart: a record has room for what is inside.
const WRAPPED_BYTES_MAX: usize = MESSAGE_BYTES_MAX / 8;

impl Stream {
    /// A stream that has seen nothing yet.
    #[must_use]
    pub fn new(options: StreamOptions) -> Self {
        let StreamOptions { recogniser, join, defaults, tells_arrival } = options;
        let counts = StreamCounts::default();
        let maker = Maker { recogniser, defaults, parts: 0, time_ns: None, tells_arrival, counts };
        let joiner = join.map(Joiner::new);
        Self { lanes: Lanes::new(join), joiner, order: Order::default(), maker }
    }

    /// Notes the lines that stand right before the first one, where another stream has taken them: of
    /// a private key that is begun in them, the rest is hidden.
    pub fn begin_behind(&mut self, lines: &[Line]) {
        if lines.is_empty() {
            return;
        }
        let texts = || lines.iter().map(|line| line.text.as_str());
        if let Some(joiner) = &mut self.joiner {
            joiner.begin_behind(texts().filter(|text| wrapped(text).is_none()));
        }
        self.lanes.begin_behind(texts());
    }

    /// What holds for lines that do not say otherwise; the arrival is set by each push.
    pub fn defaults_mut(&mut self) -> &mut Defaults {
        &mut self.maker.defaults
    }

    /// The name of the format that is settled; `None` while it is not.
    #[must_use]
    pub fn format(&self) -> Option<&str> {
        self.maker.recogniser.format()
    }

    /// The name of the format of the lines that were recognised, also while it is not sure of all.
    #[must_use]
    pub fn recent_format(&self) -> Option<&str> {
        self.format().or_else(|| self.maker.recogniser.recent_format())
    }

    /// What came of the lines so far.
    #[must_use]
    pub fn counts(&self) -> StreamCounts {
        self.maker.counts
    }

    /// Takes the next line, which arrived at `now_ns` (nanoseconds since 1970), and gives the
    /// records that are complete by it: none, one or several.
    pub fn push(&mut self, line: Line, now_ns: i64, give: &mut dyn FnMut(Captured)) {
        self.maker.defaults.arrival_ns = now_ns;
        self.maker.counts.lines += 1;
        let stream = Lanes::stream_of(&line).filter(|_| self.format() != Some("plain"));
        let Some(stream) = stream else {
            self.end_lanes(give);
            return self.push_plain(line, now_ns, give);
        };
        if self.joiner.as_ref().is_some_and(|joiner| joiner.first_end().is_some()) {
            self.end_group(give);
        }
        for whole in self.lanes.put_together(line, now_ns) {
            self.push_wrapped(whole, now_ns);
        }
        let Self { lanes, order, .. } = self;
        if let Some(part) = lanes.count(stream, &mut |group| order.add(group)) {
            self.push_wrapped(part, now_ns);
        }
        self.release(give);
    }

    /// Takes a line that a runtime has written and joins what is inside. What cannot be taken apart is
    /// a group of its own, in its place among the others.
    fn push_wrapped(&mut self, whole: Whole, now_ns: i64) {
        let Self { lanes, maker, order, .. } = self;
        let Whole { mut line, first_end } = whole;
        let Some(wrapped) = wrapped(&line.text) else { return };
        let stream = wrapped.stream;
        let inside = if line.text.len() <= WRAPPED_BYTES_MAX { wrapped.inside() } else { None };
        match (inside, maker.recogniser.fit(&line.text, &maker.defaults)) {
            (Some(mut inside), Some(mut record)) => {
                lanes.hide(stream, &mut inside, &mut record);
                let is_runtime = maker.recogniser.last_format().is_some_and(is_of_runtime);
                let is_begun = record.message != inside || !is_runtime;
                line.text = inside;
                let head = Head { record, is_begun, first_end: Some(first_end) };
                lanes.push((stream, line), head, now_ns, &mut |group| order.add(group));
            }
            (_, record) => {
                lanes.end_stream(stream, &mut |group| order.add(group));
                order.add(Joined { first_end, ..Joined::alone(line, record) });
            }
        }
    }

    fn push_plain(&mut self, mut line: Line, now_ns: i64, give: &mut dyn FnMut(Captured)) {
        let Self { joiner, maker, order, .. } = self;
        let is_whole = line.part.is_none() && line.text.len() <= LINE_BYTES_MAX;
        if is_whole
            && let Some(joiner) = joiner
            && let Some((body, mark)) = joiner.hidden(&line.text)
        {
            line.text.replace_range(body, &mark);
        }
        if is_whole && let Some(records) = maker.recogniser.several(&line.text, &maker.defaults) {
            self.end_group(give);
            return self.maker.give_all(records, line.end, give);
        }
        if is_whole
            && maker.recogniser.continues(&line.text)
            && let Some(joiner) = joiner
        {
            match joiner.continue_with(line, now_ns) {
                None => return,
                Some(back) => line = back,
            }
        }
        let head = is_whole.then(|| maker.recogniser.fit(&line.text, &maker.defaults)).flatten();
        let Some(joiner) = joiner else { return maker.take(Joined::alone(line, head), give) };
        joiner.push(line, head.map(Head::from), now_ns, &mut |group| {
            // What nothing else waits for goes its way at once.
            if group.is_settled && order.is_empty() {
                maker.take(group, give);
            } else {
                order.add(group);
            }
        });
        if !order.is_empty() {
            self.release(give);
        }
    }

    /// Gives what nothing stands in the way of, and ends the wait for what holds up too much.
    fn release(&mut self, give: &mut dyn FnMut(Captured)) {
        self.release_ready(give);
        if !self.order.is_full() {
            return;
        }
        let now_ns = self.maker.defaults.arrival_ns;
        for part in self.lanes.take_parts() {
            self.push_wrapped(part, now_ns);
        }
        let Self { lanes, joiner, order, .. } = self;
        lanes.end(&mut |group| order.add(group));
        if let Some(joiner) = joiner {
            joiner.end_aside(&mut |group| order.add(group));
        }
        self.release_ready(give);
    }

    fn release_ready(&mut self, give: &mut dyn FnMut(Captured)) {
        let Self { lanes, joiner, maker, order } = self;
        let joined = joiner.as_ref().and_then(Joiner::first_end);
        let first_end = lanes.first_end().into_iter().chain(joined).min();
        order.release(first_end, &mut |group| maker.take(group, give));
    }

    /// Gives what has waited long enough. To be asked at [`Stream::deadline_ns`], and only when
    /// the source had nothing more to read: lines that are there already are pushed first.
    pub fn flush(&mut self, now_ns: i64, give: &mut dyn FnMut(Captured)) {
        let Self { lanes, joiner, order, .. } = self;
        if let Some(joiner) = joiner {
            joiner.flush(now_ns, &mut |group| order.add(group));
        }
        for part in lanes.flush(now_ns, &mut |group| order.add(group)) {
            self.push_wrapped(part, now_ns);
        }
        self.release(give);
    }

    /// When [`Stream::flush`] will have something to give; `None` while nothing waits.
    #[must_use]
    pub fn deadline_ns(&self) -> Option<i64> {
        let joined = self.joiner.as_ref().and_then(Joiner::deadline_ns);
        joined.into_iter().chain(self.lanes.deadline_ns()).min()
    }

    /// Gives what still waits: the source has ended. More lines may follow nevertheless.
    pub fn end(&mut self, give: &mut dyn FnMut(Captured)) {
        self.end_lanes(give);
        self.end_group(give);
    }

    fn end_group(&mut self, give: &mut dyn FnMut(Captured)) {
        let Self { joiner, order, .. } = self;
        if let Some(joiner) = joiner {
            joiner.end(&mut |group| order.add(group));
        }
        self.release(give);
    }

    /// Gives what waits of lines that a runtime has written; parts are taken for what they are.
    fn end_lanes(&mut self, give: &mut dyn FnMut(Captured)) {
        if self.lanes.is_empty() {
            return;
        }
        let now_ns = self.maker.defaults.arrival_ns;
        for part in self.lanes.take_parts() {
            self.push_wrapped(part, now_ns);
        }
        let Self { lanes, order, .. } = self;
        lanes.end(&mut |group| order.add(group));
        self.release(give);
    }
}

/// Makes records of groups of lines.
#[derive(Debug)]
struct Maker {
    recogniser: Recogniser,
    defaults: Defaults,
    /// Parts of the line under way that were given.
    parts: u32,
    /// The time of the last line that named one.
    time_ns: Option<i64>,
    tells_arrival: bool,
    counts: StreamCounts,
}

impl Maker {
    fn take(&mut self, mut group: Joined, give: &mut dyn FnMut(Captured)) {
        if group.part.is_some() || group.text.len() > LINE_BYTES_MAX {
            return self.give_parts(&group, give);
        }
        let head = group.head.take();
        let exception = group.exception.take();
        let (mut record, taken_as) = match head {
            Some(head) if group.is_begun || group.lines == 1 && exception.is_none() => {
                (with_rest(head, &group), TakenAs::Format)
            }
            Some(head) => (self.unwrapped(head, &group, exception.is_some()), TakenAs::Format),
            None => self.unfit(&group, exception.is_some()),
        };
        if exception.is_some() {
            self.date_by_line_before(&mut record);
        }
        self.time_ns = record.time_ns.or(self.time_ns);
        if record.exception.is_none() {
            record.exception = exception;
        }
        if !parts::fits(&record, group.text.len()) {
            // All that it says stands in the text as well.
            record.exception = None;
            if !parts::fits(&record, group.text.len()) {
                return self.give_parts(&group, give);
            }
        }
        let end = group.is_settled.then_some(group.end);
        self.give(record, end, taken_as != TakenAs::Plain, give);
        spare::keep(group.text);
    }

    /// A record of lines that no format fits. A trace that names no level tells of an error.
    fn unfit(&mut self, group: &Joined, is_error: bool) -> (Box<Record>, TakenAs) {
        let first = group.text.split('\n').next().unwrap_or_default();
        let level = self.defaults.level;
        if is_error {
            self.defaults.level = level.max(Level::Error);
        }
        let found = self.recogniser.unfit(first, &group.text, &self.defaults);
        self.defaults.level = level;
        found
    }

    /// A record of lines that a runtime has written and that no format fits: JSON over several lines,
    /// or text. A trace that names no level tells of an error.
    fn unwrapped(&self, head: Box<Record>, group: &Joined, is_error: bool) -> Box<Record> {
        if let Some(mut record) = recognise_json(&group.text, &self.defaults) {
            record.fields.retain(|(name, _)| name != TIME_SOURCE);
            record.time_ns = head.time_ns;
            record.fields.extend(head.fields);
            return Box::new(record);
        }
        let first = group.text.split('\n').next().unwrap_or_default();
        let is_error = is_error && level::from_plain(first).is_none();
        let level = if is_error { head.level.max(Level::Error) } else { head.level };
        let mut record = with_rest(head, group);
        record.level = level;
        record
    }

    /// A trace names no time of its own; the line before it is nearer to it than its arrival, which
    /// for an old file is years later. The record says so.
    fn date_by_line_before(&self, record: &mut Record) {
        if record.time_ns.is_none() && self.time_ns.is_some() {
            record.time_ns = self.time_ns;
            record.fields.retain(|(name, _)| name != TIME_SOURCE);
            record.fields.push((TIME_SOURCE.to_owned(), Value::Text("previous".to_owned())));
        }
    }

    fn give_parts(&mut self, group: &Joined, give: &mut dyn FnMut(Captured)) {
        let is_end_of_line = group.part.is_none_or(|part| part.total.is_some());
        let mut rest = group.text.as_str();
        loop {
            let (piece, after) = rest.split_at(parts::piece_bytes(rest));
            let is_last = after.is_empty();
            self.parts += 1;
            let total = (is_last && is_end_of_line).then_some(self.parts);
            let part = Some(Part { number: self.parts, total });
            let piece = Line { text: piece.to_owned(), part, end: group.end };
            let record = recognise_line(&piece, &self.defaults);
            let end = (is_last && group.is_settled).then_some(group.end);
            self.give(Box::new(record), end, false, give);
            if is_last {
                break;
            }
            rest = after;
        }
        if is_end_of_line {
            self.parts = 0;
        }
    }

    /// The records of one line; the last one has its end.
    fn give_all(&mut self, records: Vec<Record>, end: u64, give: &mut dyn FnMut(Captured)) {
        let last = records.len().saturating_sub(1);
        for (number, record) in records.into_iter().enumerate() {
            self.give(Box::new(record), (number == last).then_some(end), true, give);
        }
    }

    fn give(
        &mut self,
        mut record: Box<Record>,
        end: Option<u64>,
        is_recognised: bool,
        give: &mut dyn FnMut(Captured),
    ) {
        if self.tells_arrival && record.time_ns.is_none() && !has_time_source(&record) {
            record.fields.push((TIME_SOURCE.to_owned(), Value::Text("arrival".to_owned())));
        }
        self.counts.records += 1;
        self.counts.unrecognised += u64::from(!is_recognised);
        give(Captured { record: *record, end, is_recognised });
    }
}

/// The record of the first line with the lines below it in its message.
fn with_rest(mut head: Box<Record>, group: &Joined) -> Box<Record> {
    if group.lines > 1
        && let Some(feed) = group.text.find('\n')
    {
        head.message.push_str(&group.text[feed..]);
    }
    head
}

/// Whether lines of this format are those of a container runtime, or JSON, as some of those are.
fn is_of_runtime(format: &str) -> bool {
    matches!(format, "cri" | "docker" | "json")
}

fn has_time_source(record: &Record) -> bool {
    record.fields.iter().any(|(name, _)| name == TIME_SOURCE)
}
