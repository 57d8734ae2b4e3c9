//! Several lines, one record.
//!
//! Takes the lines of one stream in their order, gives groups of lines that belong together:
//! tracebacks of eight languages, lines that continue the one before by their indentation, JSON
//! that spans lines, private keys. Every line is given exactly once and in order; nothing is changed, so that
//! the text of a group is its lines with line feeds between them. Streams that run at the same
//! time need one [`Joiner`] each.
//!
//! Lines of several threads may alternate. A trace under way is not ended by the line of another
//! thread, where the format names threads, but set aside: frames go on with it as long as the line
//! between is harmless and so cannot own them. A private key is set aside for any line that is none of
//! its own, since no other record can own what follows of it.
//!
//! A key that ends too late is given in several records, in which its body is hidden. What is still to
//! come of it is known by then, whatever comes before it.
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
mod key;
mod node;
mod order;
mod php;
mod prefixed;
mod python;
mod ruby;
mod rust;
#[cfg(test)]
mod tests;
mod text;

use std::ops::Range;

use logloom_record::{Exception, Record};

use crate::{LINE_BYTES_MAX, Line, Part};
use group::Group;
use key::{Key, Torn};
pub(crate) use order::Order;
use prefixed::Prefixed;

/// Lines of others that may come between two lines of one group. Those that write at the same time
/// take turns far sooner.
pub(crate) const LINES_BETWEEN_MAX: u32 = 50;

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
    /// How long a group waits in all, in nanoseconds from its first line on; default 10 s. A trace is
    /// printed in far less; a list that grows for minutes is to be seen before its end.
    pub total_ns: i64,
}

impl Default for JoinLimits {
    fn default() -> Self {
        Self {
            lines: 1_000,
            bytes: LINE_BYTES_MAX,
            wait_ns: 300_000_000,
            settle_ns: 20_000_000,
            total_ns: 10_000_000_000,
        }
    }
}

/// Lines that belong together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Joined {
    /// The lines with a line feed between each two.
    pub(crate) text: String,
    /// How many lines these are; at least 1.
    pub(crate) lines: usize,
    /// The position after the first line.
    pub(crate) first_end: u64,
    /// The position after the last line, terminator included: see [`Line::end`].
    pub(crate) end: u64,
    /// Whether all lines up to that position are given with this group.
    pub(crate) is_settled: bool,
    /// Which part of a very long line this is; such parts are never joined.
    pub(crate) part: Option<Part>,
    /// The record of the first line, where the format of the stream fits it. It passes through many
    /// hands and is large, hence the box.
    pub(crate) head: Option<Box<Record>>,
    /// Whether that format fits what the program itself wrote, too.
    pub(crate) is_begun: bool,
    /// The error that the lines tell of, where its language is known.
    pub(crate) exception: Option<Exception>,
}

impl Joined {
    /// A line that belongs to no other.
    pub(crate) fn alone(line: Line, head: Option<Box<Record>>) -> Self {
        let Line { text, part, end } = line;
        let (is_begun, is_settled) = (head.is_some(), true);
        let (lines, first_end, exception) = (1, end, None);
        Self { text, lines, first_end, end, is_settled, part, head, is_begun, exception }
    }
}

/// What the format of the stream makes of a line.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) record: Box<Record>,
    /// Whether it begins a record. A line of a container runtime has a record in any case; what the
    /// program wrote may still go on with the line before.
    pub(crate) is_begun: bool,
    /// The position after the first part of a line that was put together.
    pub(crate) first_end: Option<u64>,
}

impl From<Box<Record>> for Head {
    fn from(record: Box<Record>) -> Self {
        Self { record, is_begun: true, first_end: None }
    }
}

/// Joins the lines of one stream.
#[derive(Debug)]
pub(crate) struct Joiner {
    limits: JoinLimits,
    group: Option<Group>,
    /// Rare, and each source has room for one, hence the box.
    aside: Option<Box<Aside>>,
    /// Keys that were given in part; rare as well.
    torn: Option<Box<Torn>>,
}

/// A trace that the line of another thread has interrupted, or a key that any line has.
#[derive(Debug)]
struct Aside {
    group: Group,
    /// Whether it is a key.
    is_key: bool,
    /// Lines since its last one.
    lines_since: u32,
}

impl Joiner {
    /// A joiner that has seen nothing yet.
    pub(crate) fn new(limits: JoinLimits) -> Self {
        Self { limits, group: None, aside: None, torn: None }
    }

    /// Notes the lines that another joiner was given before the first one of this: of a key that is
    /// begun in them, the rest is hidden.
    pub(crate) fn begin_behind<'a>(&mut self, lines: impl Iterator<Item = &'a str> + Clone) {
        let torn = self.torn.get_or_insert_default();
        torn.add_begun(lines.clone());
        for line in lines {
            torn.prefixed.step(line);
        }
    }

    /// What of a line is of the body of a private key, and what to put in its place, where all lines of that key stand
    /// behind something. To be asked of each line before anything is made of it: such lines are never joined.
    pub(crate) fn hidden(&mut self, line: &str) -> Option<(Range<usize>, String)> {
        if self.torn.is_none() && !Prefixed::may_begin(line) {
            return None;
        }
        let body = self.torn.get_or_insert_default().prefixed.step(line)?;
        self.forget_title();
        (!body.is_empty()).then(|| (body.clone(), key::mark(&line[body])))
    }

    /// Takes the next line and gives the groups that are complete by it.
    ///
    /// `head` is the record of a line that begins one by the format of the stream; such a line
    /// ends the group before it, unless that is a trace of another thread. Where no format is known
    /// a trace stands on its own instead of joining the line before it.
    pub(crate) fn push(
        &mut self,
        line: Line,
        head: Option<Head>,
        now_ns: i64,
        give: &mut dyn FnMut(Joined),
    ) {
        if line.part.is_some() {
            self.end(give);
            return give(Joined::alone(line, None));
        }
        let is_begun = head.as_ref().is_some_and(|head| head.is_begun);
        let is_free = self.aside.is_none() && !self.group.as_ref().is_some_and(Group::is_key_open);
        if is_begun && is_free && group::is_whole(&line.text) {
            self.end(give);
            let first_end = head.as_ref().and_then(|head| head.first_end).unwrap_or(line.end);
            return give(Joined { first_end, ..Joined::alone(line, head.map(|head| head.record)) });
        }
        let torn = if is_begun { None } else { self.take_torn(&line) };
        if !is_begun && torn.is_none() && self.go_on(&line, now_ns) {
            return self.end_complete(give);
        }
        self.make_room(head.as_ref().filter(|head| head.is_begun), give);
        self.group = Some(match torn {
            Some(key) => Group::of_torn(key, line, head, now_ns),
            None => Group::new(line, head, now_ns),
        });
        self.end_complete(give);
        if self.aside.as_ref().is_some_and(|aside| aside.lines_since > LINES_BETWEEN_MAX) {
            self.end_aside(give);
        }
    }

    /// The key, given in part, that a line goes on with, unless one that waits here may have it.
    fn take_torn(&mut self, line: &Line) -> Option<Key> {
        let torn = self.torn.as_mut()?;
        let aside = self.aside.as_ref().map(|aside| &aside.group);
        let is_wanted = self.group.iter().chain(aside).any(|group| group.is_of_key(line));
        if is_wanted { None } else { torn.take(&line.text) }
    }

    /// A group as it is given. What follows of a key that it has only a part of is remembered.
    fn part_with(&mut self, group: Group, is_settled: bool) -> Joined {
        if let Some(key) = group.open_key() {
            self.torn.get_or_insert_default().add(key);
        }
        Joined { is_settled, ..group.into_joined() }
    }

    /// Takes a line that goes on with what there is.
    fn go_on(&mut self, line: &Line, now_ns: i64) -> bool {
        let limits = &self.limits;
        let own = self.group.as_ref();
        let is_free = || own.is_none_or(|group| !group.may_own_frames());
        if let Some(aside) = self.aside.as_mut().filter(|aside| aside.is_key || is_free()) {
            let is_next = match aside.is_key {
                true => aside.group.is_of_key(line) && !own.is_some_and(|own| own.is_of_key(line)),
                false => aside.lines_since == 0 || aside.group.knows(line),
            };
            if is_next && aside.group.take(line, now_ns, limits) {
                aside.lines_since = 0;
                return true;
            }
        }
        let group = self.group.as_mut();
        let is_taken = group.is_some_and(|group| group.take(line, now_ns, limits));
        if let Some(aside) = self.aside.as_mut().filter(|_| is_taken) {
            aside.lines_since += 1;
        }
        is_taken
    }

    /// Ends what a new group does, which a record may begin.
    fn make_room(&mut self, head: Option<&Head>, give: &mut dyn FnMut(Joined)) {
        if let Some(aside) = &mut self.aside {
            aside.lines_since += 1;
            let is_of_thread =
                |head: &Head| !aside.is_key && !aside.group.is_of_other_thread(&head.record);
            if head.is_some_and(is_of_thread) {
                self.end_aside(give);
            }
        }
        let Some(group) = self.group.take() else { return };
        let is_key = group.is_key_open();
        let is_of_other = |head: &Head| group.is_of_other_thread(&head.record);
        let is_interrupted = is_key || group.is_trace() && head.is_some_and(is_of_other);
        // A key that is set aside already is not given up for a trace.
        let has_place = is_key || !self.aside.as_ref().is_some_and(|aside| aside.is_key);
        if is_interrupted && has_place {
            self.end_aside(give);
            self.aside = Some(Box::new(Aside { group, is_key, lines_since: 1 }));
        } else {
            give(self.part_with(group, self.aside.is_none()));
        }
    }

    fn end_complete(&mut self, give: &mut dyn FnMut(Joined)) {
        if self.aside.as_ref().is_some_and(|aside| aside.is_key && !aside.group.is_key_open()) {
            self.end_aside(give);
        }
        if let Some(group) = self.group.take_if(|group| group.is_complete()) {
            give(self.part_with(group, self.aside.is_none()));
        }
    }

    /// Gives what was set aside, if anything was.
    pub(crate) fn end_aside(&mut self, give: &mut dyn FnMut(Joined)) {
        if let Some(aside) = self.aside.take() {
            // Lines of others stand between its own.
            give(self.part_with(aside.group, false));
        }
    }

    /// Takes a line that the format of the stream says goes on with the group; gives it back where
    /// there is no group or no room in it.
    pub(crate) fn continue_with(&mut self, line: Line, now_ns: i64) -> Option<Line> {
        if self.torn.as_ref().is_some_and(|torn| torn.has(&line.text)) {
            return Some(line);
        }
        let group = self.group.as_mut();
        let is_taken = group.is_some_and(|group| group.take_any(&line, now_ns, &self.limits));
        (!is_taken).then_some(line)
    }

    /// Awaits no more of a key of which only the title has come, behind other words: its lines stand behind the same
    /// words, and are hidden one by one.
    fn forget_title(&mut self) {
        let aside = self.aside.as_mut().map(|aside| &mut aside.group);
        self.group.iter_mut().chain(aside).for_each(Group::forget_title);
    }

    /// The position after the first line of what waits; `None` while nothing does.
    pub(crate) fn first_end(&self) -> Option<u64> {
        let aside = self.aside.as_ref().map(|aside| aside.group.first_end());
        aside.or(self.group.as_ref().map(Group::first_end))
    }

    /// Gives what has waited long enough. A clock that goes back only makes it wait anew.
    pub(crate) fn flush(&mut self, now_ns: i64, give: &mut dyn FnMut(Joined)) {
        let limits = self.limits;
        let is_due = |group: &mut Group| group.is_due(now_ns, &limits);
        if self.aside.as_mut().is_some_and(|aside| is_due(&mut aside.group)) {
            self.end_aside(give);
        }
        if let Some(group) = self.group.take_if(|group| is_due(group)) {
            give(self.part_with(group, self.aside.is_none()));
        }
    }

    /// When [`Joiner::flush`] will have something to give, by the clock of `now_ns`; `None` while
    /// nothing waits.
    pub(crate) fn deadline_ns(&self) -> Option<i64> {
        let aside = self.aside.as_ref().map(|aside| &aside.group);
        let waiting = aside.into_iter().chain(&self.group);
        waiting.map(|group| group.deadline_ns(&self.limits)).min()
    }

    /// Gives what still waits: the stream has ended. More lines may follow nevertheless.
    pub(crate) fn end(&mut self, give: &mut dyn FnMut(Joined)) {
        self.end_aside(give);
        if let Some(group) = self.group.take() {
            give(self.part_with(group, true));
        }
    }
}
