//! Several lines, one record.
//!
//! Takes the lines of one stream in their order, gives groups of lines that belong together:
//! tracebacks of eight languages, lines that continue the one before by their indentation, JSON
//! that spans lines. Every line is given exactly once and in order; nothing is changed, so that
//! the text of a group is its lines with line feeds between them. Streams that run at the same
//! time need one [`Joiner`] each.
//!
//! A group waits for its next line, because only that tells whether it is complete. The wait is
//! bounded by lines, bytes and time ([`JoinLimits`]); there is no clock in here, the caller says
//! what time it is, and asks for what has waited long enough only when its source has nothing more
//! to read: lines that are there already belong together however slowly they are read. Takes time
//! linear in the input. Nothing is refused.

mod dotnet;
mod go;
mod grammar;
mod group;
mod java;
mod json;
mod node;
mod php;
mod python;
mod ruby;
mod rust;
#[cfg(test)]
mod tests;
mod text;

use logloom_record::{Exception, Record};

use crate::{LINE_BYTES_MAX, Line, Part};
use group::Group;

/// How large a group may grow and how long it may wait. At a limit the group is given as it is,
/// and what follows begins the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JoinLimits {
    /// Most lines of one group; default 1,000. 0 counts as 1.
    pub lines: usize,
    /// Most bytes of one group, line feeds between its lines included; default 1 MiB. A single
    /// line is never cut, however long.
    pub bytes: usize,
    /// How long a group that is under way waits after its last line, in nanoseconds: a trace, JSON
    /// that is not closed, a line with others below it; default 300 ms.
    pub wait_ns: i64,
    /// How long a single line without any sign of more to come waits, in nanoseconds; default
    /// 20 ms. Programs that write a line and its trace in two calls take far less between them.
    pub settle_ns: i64,
}

impl Default for JoinLimits {
    fn default() -> Self {
        Self { lines: 1_000, bytes: LINE_BYTES_MAX, wait_ns: 300_000_000, settle_ns: 20_000_000 }
    }
}

/// Lines that belong together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Joined {
    /// The lines with a line feed between each two.
    pub(crate) text: String,
    /// How many lines these are; at least 1.
    pub(crate) lines: usize,
    /// The position after the last line, terminator included: see [`Line::end`].
    pub(crate) end: u64,
    /// Which part of a very long line this is; such parts are never joined.
    pub(crate) part: Option<Part>,
    /// The record of the first line, where the format of the stream fits it.
    pub(crate) head: Option<Record>,
    /// The error that the lines tell of, where its language is known.
    pub(crate) exception: Option<Exception>,
}

impl Joined {
    /// A line that belongs to no other.
    pub(crate) fn alone(line: Line, head: Option<Record>) -> Self {
        let Line { text, part, end } = line;
        Self { text, lines: 1, end, part, head, exception: None }
    }
}

/// Joins the lines of one stream.
#[derive(Debug)]
pub(crate) struct Joiner {
    limits: JoinLimits,
    group: Option<Group>,
}

impl Joiner {
    /// A joiner that has seen nothing yet.
    pub(crate) fn new(limits: JoinLimits) -> Self {
        Self { limits, group: None }
    }

    /// Takes the next line and gives the groups that are complete by it.
    ///
    /// `head` is the record of a line that begins one by the format of the stream; such a line
    /// always ends the group before it. Where no format is known a trace stands on its own instead
    /// of joining the line before it.
    pub(crate) fn push(
        &mut self,
        line: Line,
        head: Option<Record>,
        now_ns: i64,
        give: &mut dyn FnMut(Joined),
    ) {
        if line.part.is_some() {
            self.end(give);
            return give(Joined::alone(line, None));
        }
        if head.is_some() && group::is_whole(&line.text) {
            self.end(give);
            return give(Joined::alone(line, head));
        }
        let is_taken = head.is_none()
            && self.group.as_mut().is_some_and(|group| group.take(&line, now_ns, &self.limits));
        if !is_taken {
            self.end(give);
            self.group = Some(Group::new(line, head, now_ns));
        }
        if self.group.as_ref().is_some_and(Group::is_complete) {
            self.end(give);
        }
    }

    /// Takes a line that the format of the stream says goes on with the group; gives it back where
    /// there is no group or no room in it.
    pub(crate) fn continue_with(&mut self, line: Line, now_ns: i64) -> Option<Line> {
        let group = self.group.as_mut();
        let is_taken = group.is_some_and(|group| group.take_any(&line, now_ns, &self.limits));
        (!is_taken).then_some(line)
    }

    /// Gives the group that has waited long enough. A clock that goes back only makes it wait
    /// anew.
    pub(crate) fn flush(&mut self, now_ns: i64, give: &mut dyn FnMut(Joined)) {
        let Some(group) = &mut self.group else { return };
        if group.waited_ns(now_ns) >= group.wait_ns(&self.limits) {
            self.end(give);
        }
    }

    /// When [`Joiner::flush`] will have something to give, by the clock of `now_ns`; `None` while
    /// nothing waits.
    pub(crate) fn deadline_ns(&self) -> Option<i64> {
        let group = self.group.as_ref()?;
        Some(group.last_ns().saturating_add(group.wait_ns(&self.limits)))
    }

    /// Gives what still waits: the stream has ended. More lines may follow nevertheless.
    pub(crate) fn end(&mut self, give: &mut dyn FnMut(Joined)) {
        if let Some(group) = self.group.take() {
            give(group.into_joined());
        }
    }
}
