//! One group of lines as it grows: decides whether the next line belongs to it.
//!
//! Takes lines, gives the joined text with the error in it. Refuses a line that does not belong
//! here or has no room; the caller then begins the next group with it.

use std::ops::Range;

use logloom_record::{Level, Record};

use super::grammar::{self, Before, Trace};
use super::json::{Braces, Step};
use super::key::{Key, Next, Open};
use super::text::{is_blank, is_indented};
use super::{Head, JoinLimits, Joined};
use crate::Line;

/// The fields by which formats name the thread, task or process of a line.
const THREAD_FIELDS: [&str; 4] = ["thread", "tid", "pid", "process"];

/// What the lines so far are.
#[derive(Debug)]
enum Shape {
    /// A line with whatever is indented below it.
    Plain,
    /// JSON that is not closed yet.
    Json(Braces),
    /// A trace of a known language.
    Trace(Trace),
    /// Nothing can follow.
    Complete,
}

/// Lines that belong together so far.
#[derive(Debug)]
pub(super) struct Group {
    text: String,
    lines: usize,
    first_end: u64,
    end: u64,
    first_ns: i64,
    last_ns: i64,
    /// The record of the first line, where the format of the stream fits it.
    head: Option<Box<Record>>,
    /// Whether the first line begins a record.
    is_begun: bool,
    /// The last line that is not blank, within `text`.
    previous: Range<usize>,
    is_after_blank: bool,
    shape: Shape,
    /// The private key that the last line is part of.
    key: Option<Box<Open>>,
}

impl Group {
    pub(super) fn new(line: Line, head: Option<Head>, now_ns: i64) -> Self {
        let is_begun = head.as_ref().is_some_and(|head| head.is_begun);
        let shape = first_shape(&line.text, is_begun);
        let first_end = head.as_ref().and_then(|head| head.first_end).unwrap_or(line.end);
        let head = head.map(|head| head.record);
        Self {
            key: Open::by(&line.text, line.text.len()),
            previous: 0..line.text.len(),
            is_after_blank: is_blank(&line.text),
            text: line.text,
            lines: 1,
            first_end,
            end: line.end,
            first_ns: now_ns,
            last_ns: now_ns,
            head,
            is_begun,
            shape,
        }
    }

    /// A group that begins with a line of a key which was begun in a record before. The line is hidden
    /// with those that follow, in the record that the format makes of it, too.
    pub(super) fn of_torn(key: Key, line: Line, head: Option<Head>, now_ns: i64) -> Self {
        let open = Open::torn(key, &line.text);
        let mut group = Self::new(line, head, now_ns);
        group.key = open;
        group
    }

    /// Takes a line that belongs here; `false` leaves the group as it was.
    pub(super) fn take(&mut self, line: &Line, now_ns: i64, limits: &JoinLimits) -> bool {
        if !self.has_room(line, limits) {
            return false;
        }
        if self.is_key_open() {
            let is_taken = self.is_of_key(line);
            if is_taken {
                self.add(line, now_ns);
            }
            return is_taken;
        }
        let Some(shape) = self.shape_with(&line.text) else { return false };
        self.shape = shape;
        self.add(line, now_ns);
        true
    }

    /// Whether a private key is under way.
    pub(super) fn is_key_open(&self) -> bool {
        self.key.is_some()
    }

    /// Whether the line goes on with the private key that is under way.
    pub(super) fn is_of_key(&self, line: &Line) -> bool {
        self.key.as_ref().is_some_and(|key| key.step(&line.text) != Next::Other)
    }

    fn has_room(&self, line: &Line, limits: &JoinLimits) -> bool {
        self.lines < limits.lines && self.text.len().saturating_add(line.text.len()) < limits.bytes
    }

    fn add(&mut self, line: &Line, now_ns: i64) {
        self.text.push('\n');
        let start = self.text.len();
        self.text.push_str(&line.text);
        self.is_after_blank = is_blank(&line.text);
        if !self.is_after_blank {
            self.previous = start..self.text.len();
        }
        match self.key.as_mut().map(|key| (key.step(&line.text), key)) {
            Some((Next::Open(next), key)) => key.set(next),
            Some((Next::Closed, _)) => self.close_key(),
            Some((Next::Other, _)) => {}
            None => self.key = Open::by(&line.text, self.text.len()),
        }
        self.lines += 1;
        self.end = line.end;
        self.last_ns = now_ns;
    }

    /// The last line of the key was taken. One that is whole is masked as any other secret is.
    fn close_key(&mut self) {
        if let Some(key) = self.key.take().filter(|key| key.is_torn()) {
            self.hide(&key);
        }
    }

    fn hide(&mut self, key: &Open) {
        key.hide(&mut self.text);
        let start = self.text.rfind('\n').map_or(0, |feed| feed + 1);
        self.previous = start..self.text.len();
        if let Some(head) = self.head.as_mut().filter(|_| key.is_torn()) {
            let first = self.text.split('\n').next().unwrap_or_default();
            first.clone_into(&mut head.message);
        }
    }

    /// See [`Joiner::forget_title`](super::Joiner::forget_title).
    pub(super) fn forget_title(&mut self) {
        let is_bare = self.text[self.previous.clone()].trim_start().starts_with("-----BEGIN ");
        self.key.take_if(|key| key.is_title() && !is_bare);
    }

    /// The key that is not closed yet.
    pub(super) fn open_key(&self) -> Option<Key> {
        self.key.as_ref().map(|key| key.now())
    }

    /// Takes a line that belongs here whatever it looks like; `false` where there is no room.
    pub(super) fn take_any(&mut self, line: &Line, now_ns: i64, limits: &JoinLimits) -> bool {
        let has_room = self.has_room(line, limits);
        if has_room {
            self.add(line, now_ns);
        }
        has_room
    }

    pub(super) fn is_complete(&self) -> bool {
        matches!(self.shape, Shape::Complete) && self.key.is_none()
    }

    /// Until when the group waits for its next line.
    pub(super) fn deadline_ns(&self, limits: &JoinLimits) -> i64 {
        let is_settled = self.lines == 1 && matches!(self.shape, Shape::Plain);
        let wait_ns =
            if is_settled && self.key.is_none() { limits.settle_ns } else { limits.wait_ns };
        let in_all = self.first_ns.saturating_add(limits.total_ns);
        self.last_ns.saturating_add(wait_ns).min(in_all)
    }

    /// Whether the group has waited long enough. A clock that went back starts the wait anew.
    pub(super) fn is_due(&mut self, now_ns: i64, limits: &JoinLimits) -> bool {
        self.first_ns = self.first_ns.min(now_ns);
        self.last_ns = self.last_ns.min(now_ns);
        self.deadline_ns(limits) <= now_ns
    }

    /// The group as it is; what it has of a key that is not closed is hidden.
    pub(super) fn into_joined(mut self) -> Joined {
        if let Some(key) = self.key.take() {
            self.hide(&key);
        }
        let exception = match &self.shape {
            Shape::Trace(trace) => trace.parse(&self.text),
            _ => None,
        };
        let Self { text, lines, first_end, end, head, is_begun, .. } = self;
        let (part, is_settled) = (None, true);
        Joined { text, lines, first_end, end, is_settled, part, head, is_begun, exception }
    }

    /// The position after the first line.
    pub(super) fn first_end(&self) -> u64 {
        self.first_end
    }

    pub(super) fn is_trace(&self) -> bool {
        matches!(self.shape, Shape::Trace(_))
    }

    /// Whether the record is of another thread than the first line, as far as both name theirs.
    pub(super) fn is_of_other_thread(&self, record: &Record) -> bool {
        let Some(head) = self.head.as_deref().filter(|_| self.is_begun) else { return false };
        let value = |record: &Record, name: &str| {
            record.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        THREAD_FIELDS.iter().any(|name| match (value(head, name), value(record, name)) {
            (Some(own), Some(other)) => own != other,
            _ => false,
        })
    }

    /// Whether a frame may belong here: not below a single line that tells of nothing bad.
    pub(super) fn may_own_frames(&self) -> bool {
        let is_single = self.lines == 1 && matches!(self.shape, Shape::Plain);
        let is_harmless = self.is_begun && self.is_below_warning();
        !(is_single && is_harmless && grammar::has_no_header(&self.text))
    }

    /// Whether a line can only be one of the trace's own.
    pub(super) fn knows(&self, line: &Line) -> bool {
        match &self.shape {
            Shape::Trace(trace) => trace.knows(&self.before(), &line.text),
            _ => false,
        }
    }

    /// What the group is when the line is added; `None` when the line does not belong to it.
    fn shape_with(&self, line: &str) -> Option<Shape> {
        match &self.shape {
            Shape::Complete => None,
            Shape::Json(braces) => match braces.step(line) {
                Step::Open(braces) => Some(Shape::Json(braces)),
                Step::Closed => Some(Shape::Complete),
                Step::NoJson => self.plain_with(line),
            },
            Shape::Trace(trace) => self.trace_with(*trace, line).map(Shape::Trace),
            Shape::Plain => self.plain_with(line),
        }
    }

    /// Where the format of the stream is known, a line that begins no record and follows a header
    /// is more of its message.
    fn trace_with(&self, trace: Trace, line: &str) -> Option<Trace> {
        let is_message = self.is_begun && trace.is_message_open() && !is_blank(line);
        trace.with(&self.before(), line).or(is_message.then_some(trace))
    }

    fn plain_with(&self, line: &str) -> Option<Shape> {
        // Some traces begin with an indented line; without a format nothing tells that the line
        // before has to do with it.
        let is_opened = Trace::opened_by(line, 0).is_some();
        if is_opened && (is_indented(line) && !self.is_begun || self.is_harmless(line)) {
            return None;
        }
        if let Some(grammar) = grammar::of_frame(line) {
            let from = match grammar::header_within(grammar, &self.text[self.previous.clone()]) {
                Some(offset) => self.previous.start + offset,
                None => self.text.len() + 1,
            };
            return Some(Shape::Trace(Trace::of(grammar, from)));
        }
        if self.is_begun
            && let Some(trace) = Trace::opened_by(line, self.text.len() + 1)
        {
            return Some(Shape::Trace(trace));
        }
        is_indented(line).then_some(Shape::Plain)
    }

    /// Whether the line before tells of nothing bad, so that a trace below it is one that nobody
    /// caught, and not what the program had to say of it.
    fn is_harmless(&self, line: &str) -> bool {
        !is_indented(line) && self.is_begun && self.is_below_warning()
    }

    fn is_below_warning(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.level < Level::Warn)
    }

    fn before(&self) -> Before<'_> {
        Before { line: &self.text[self.previous.clone()], is_blank: self.is_after_blank }
    }
}

/// Whether nothing can follow on a line that begins a record.
pub(super) fn is_whole(line: &str) -> bool {
    line.starts_with('{') && matches!(Braces::opened_by(line), Step::Closed)
}

/// A line that begins a record is never the header of a trace as a whole: what it names as an
/// error is found once a frame follows.
fn first_shape(line: &str, is_begun: bool) -> Shape {
    match Braces::opened_by(line) {
        Step::Open(braces) => return Shape::Json(braces),
        Step::Closed => return Shape::Complete,
        Step::NoJson => {}
    }
    let opened = (!is_begun).then(|| Trace::opened_by(line, 0)).flatten();
    opened.map_or(Shape::Plain, Shape::Trace)
}
