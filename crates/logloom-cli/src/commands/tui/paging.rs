//! Which rows are asked for and where they go: pages in both directions, what comes live, answers.
//!
//! One question is under way at a time; another one ends it. A page is asked for before the view
//! comes to the end of the rows that are there.

use std::collections::VecDeque;

use logloom_record::Level;

use super::app::{App, Effect};
use super::entry::{Entry, Place};
use super::reader::{Ask, Cancel, Progress, RowsAsk, Way};
use super::window::{End, Window};

/// Rows of a page.
pub(super) const PAGE_ROWS: usize = 300;

/// Rows that may come while those before them are read.
const ARRIVED_MAX: usize = 1_000;

/// Rows of which the names of fields are learnt, of each page.
const LEARNT_ROWS: usize = 20;

/// What rows are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To go on in a direction.
    Extend(Way),
    /// The next one that is severe enough.
    Find(Way),
    /// All of an answer.
    Answer,
}

#[derive(Debug)]
struct Pending {
    ticket: u64,
    cancel: Cancel,
    purpose: Purpose,
    percent: Option<u8>,
}

/// The question that is under way.
#[derive(Debug, Default)]
pub(super) struct Paging {
    tickets: u64,
    pending: Option<Pending>,
    /// A search that stands still behind this row, and can go on.
    standing: Option<(u64, Cancel, Way, Place)>,
    /// Rows that came while those before them are read.
    arrived: VecDeque<Entry>,
}

impl Paging {
    /// A number for a new question, which ends the one before.
    pub(super) fn begin(&mut self, purpose: Purpose) -> (u64, Cancel) {
        self.forget();
        self.tickets += 1;
        let cancel = Cancel::default();
        let pending =
            Pending { ticket: self.tickets, cancel: cancel.clone(), purpose, percent: None };
        self.pending = Some(pending);
        (self.tickets, cancel)
    }

    /// Nobody waits for anything any more.
    pub(super) fn forget(&mut self) {
        if let Some(pending) = self.pending.take() {
            pending.cancel.cancel();
        }
        if let Some((_, cancel, ..)) = self.standing.take() {
            cancel.cancel();
        }
        self.arrived.clear();
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.pending.is_some()
    }

    /// Whether something is looked for that takes its time, and how far that is.
    pub(super) fn percent(&self) -> Option<u8> {
        self.pending.as_ref().and_then(|pending| pending.percent)
    }

    pub(super) fn is_finding(&self) -> bool {
        self.pending.as_ref().is_some_and(|pending| matches!(pending.purpose, Purpose::Find(_)))
    }

    /// Whether rows are read up to the newest ones.
    pub(super) fn is_reading_newer(&self) -> bool {
        let newer = Purpose::Extend(Way::Newer);
        self.pending.as_ref().is_some_and(|pending| pending.purpose == newer)
    }

    pub(super) fn searched(&mut self, ticket: u64, percent: u8) {
        if let Some(pending) = self.pending.as_mut().filter(|pending| pending.ticket == ticket) {
            pending.percent = Some(percent);
        }
    }

    fn purpose_of(&self, ticket: u64) -> Option<Purpose> {
        self.pending.as_ref().filter(|pending| pending.ticket == ticket).map(|one| one.purpose)
    }

    /// The page is full: the search stands still.
    fn stand(&mut self, way: Way, last: Option<Place>) {
        let pending = self.pending.take();
        self.standing =
            pending.zip(last).map(|(pending, last)| (pending.ticket, pending.cancel, way, last));
    }

    /// Goes on with the search that stands still behind this row.
    fn go_on(&mut self, way: Way, edge: Place) -> bool {
        let standing = self.standing.take();
        match standing {
            Some((ticket, cancel, own, last)) if own == way && last == edge => {
                let purpose = Purpose::Extend(way);
                self.pending = Some(Pending { ticket, cancel, purpose, percent: None });
                true
            }
            other => {
                self.standing = other;
                false
            }
        }
    }
}

impl App {
    /// The newest rows, and what comes behind them.
    pub(super) fn show_newest(&mut self) {
        (self.selected, self.top, self.unseen) = (0, 0, 0);
        self.is_following = self.plan.is_paged();
        if !self.plan.is_paged() {
            self.window = Window::default();
            let (ticket, cancel) = self.paging.begin(Purpose::Answer);
            return self.effects.push(Effect::Ask(Ask::Answer { ticket, cancel }));
        }
        self.window = Window::at(End::Newest);
        self.ask_rows(None, Way::Older, None, Purpose::Extend(Way::Older));
    }

    /// The oldest rows.
    pub(super) fn show_oldest(&mut self) {
        self.is_following = false;
        if self.window.has_oldest {
            return self.select(0);
        }
        (self.selected, self.top) = (0, 0);
        self.window = Window::at(End::Oldest);
        self.ask_rows(None, Way::Newer, None, Purpose::Extend(Way::Newer));
    }

    /// The rows behind a place.
    pub(super) fn show_from(&mut self, place: Place) {
        self.is_following = false;
        (self.selected, self.top) = (0, 0);
        self.window = Window::default();
        self.ask_rows(Some(place), Way::Newer, None, Purpose::Extend(Way::Newer));
    }

    pub(super) fn ask_rows(
        &mut self,
        from: Option<Place>,
        way: Way,
        level: Option<Level>,
        purpose: Purpose,
    ) {
        let (ticket, cancel) = self.paging.begin(purpose);
        let count = if matches!(purpose, Purpose::Find(_)) { 1 } else { PAGE_ROWS };
        let ask = RowsAsk { ticket, cancel, from, way, level, count };
        self.effects.push(Effect::Ask(Ask::Rows(ask)));
    }

    /// Asks for the next page before the view comes to its end.
    pub(super) fn prefetch(&mut self) {
        if self.paging.is_waiting() || !self.plan.is_paged() || self.window.len() == 0 {
            return;
        }
        let margin = 2 * self.height + 20;
        let below = self.window.len().saturating_sub(self.top + self.height);
        if !self.window.has_oldest && self.top < margin {
            self.extend(Way::Older, End::Oldest);
        } else if !self.window.has_newest && below < margin {
            self.extend(Way::Newer, End::Newest);
        }
    }

    fn extend(&mut self, way: Way, end: End) {
        let Some(edge) = self.window.place(end) else { return };
        match self.paging.go_on(way, edge) {
            true => self.effects.push(Effect::Ask(Ask::More(PAGE_ROWS))),
            false => self.ask_rows(Some(edge), way, None, Purpose::Extend(way)),
        }
    }

    /// Takes rows that were asked for.
    pub(super) fn rows(&mut self, ticket: u64, rows: Vec<Entry>, progress: Progress) {
        match self.paging.purpose_of(ticket) {
            Some(Purpose::Extend(way)) => self.extended(way, rows, progress),
            Some(Purpose::Find(way)) => self.found(way, rows.into_iter().next(), &progress),
            Some(Purpose::Answer) | None => {}
        }
    }

    fn extended(&mut self, way: Way, rows: Vec<Entry>, progress: Progress) {
        for entry in rows.iter().take(LEARNT_ROWS) {
            self.learn(entry.names());
        }
        rows.into_iter().for_each(|entry| self.put(entry));
        let end = match way {
            Way::Older => End::Oldest,
            Way::Newer => End::Newest,
        };
        self.trim(if way == Way::Older { End::Newest } else { End::Oldest });
        match progress {
            Progress::Going => {}
            Progress::Page => {
                self.paging.stand(way, self.window.place(end));
                self.paging.arrived.clear();
            }
            Progress::End(problem) => self.ended(way, problem),
        }
        self.keep_up();
    }

    /// There are no more rows in this direction.
    fn ended(&mut self, way: Way, problem: Option<String>) {
        let arrived = std::mem::take(&mut self.paging.arrived);
        self.paging.forget();
        match way {
            Way::Older => self.window.has_oldest = true,
            Way::Newer => {
                // With more than that the next page brings them.
                self.window.has_newest = arrived.len() < ARRIVED_MAX;
                if self.window.has_newest {
                    arrived.into_iter().for_each(|entry| self.put(entry));
                }
                if self.window.len() == 0 {
                    self.show_newest();
                    self.tell(self.words("there is nothing after that", "之后没有记录").to_owned());
                }
            }
        }
        if let Some(problem) = problem {
            self.complain(problem);
        }
    }

    /// Puts a row where it belongs; the view stays on the rows that it shows.
    fn put(&mut self, entry: Entry) {
        let is_first = self.window.len() == 0;
        let Some(at) = self.window.insert(entry) else { return };
        if !is_first && at <= self.selected {
            self.selected += 1;
        }
        if !is_first && at <= self.top {
            self.top += 1;
        }
    }

    fn trim(&mut self, end: End) {
        let given_up = self.window.trim(end);
        if end == End::Oldest {
            self.selected = self.selected.saturating_sub(given_up);
            self.top = self.top.saturating_sub(given_up);
        } else {
            self.selected = self.selected.min(self.window.len().saturating_sub(1));
        }
    }

    /// Stays with the newest row.
    fn keep_up(&mut self) {
        if self.is_following {
            self.selected = self.window.len().saturating_sub(1);
        }
    }

    /// Takes what was committed just now.
    pub(super) fn live(&mut self, count: usize, rows: Vec<Entry>, is_whole: bool) {
        self.bars.age();
        self.facets.age();
        if !self.is_following {
            self.unseen += count;
        }
        if !self.window.has_newest {
            if self.paging.is_reading_newer() {
                let room = ARRIVED_MAX.saturating_sub(self.paging.arrived.len());
                self.paging.arrived.extend(rows.into_iter().take(room));
            }
            return;
        }
        if !is_whole {
            // There are rows before these that are not here.
            if !self.is_following {
                self.window.has_newest = false;
                return;
            }
            self.paging.forget();
            self.window = Window::at(End::Newest);
            (self.selected, self.top) = (0, 0);
        }
        for entry in rows {
            let is_behind = self.window.place(End::Oldest).is_none_or(|first| entry.place > first);
            if is_behind || self.window.has_oldest || self.paging.is_waiting() {
                self.put(entry);
            } else {
                // It belongs to rows that are not here, and was not there when they were looked for.
                self.paging.forget();
            }
        }
        self.trim(if self.is_following { End::Oldest } else { End::Newest });
        self.keep_up();
    }

    /// Takes the rows that pipes have given.
    pub(super) fn whole_answer(
        &mut self,
        ticket: u64,
        rows: Vec<Entry>,
        heading: Option<String>,
        problem: Option<String>,
    ) {
        if self.paging.purpose_of(ticket) != Some(Purpose::Answer) {
            return;
        }
        self.paging.forget();
        for entry in rows.iter().take(LEARNT_ROWS) {
            self.learn(entry.names());
        }
        self.window = Window::at(End::Newest);
        (self.window.has_oldest, self.window.heading) = (true, heading);
        for entry in rows {
            self.window.insert(entry);
        }
        if let Some(problem) = problem {
            self.complain(problem);
        }
    }
}
