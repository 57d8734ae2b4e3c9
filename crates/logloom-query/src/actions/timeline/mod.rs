//! One session from its first action to its last: calls with their results, permissions and times.
//!
//! Takes the files of a log and a session, gives entries in the order of their times. What belongs
//! together becomes one entry: a request with its answer, a call with its permission and its
//! result. Memory: 40 bytes an action for the order, and [`WAITING_MAX`] entries that wait for what
//! belongs to them; a call whose result comes later than that, or never, says that it has none, and
//! the result is an entry of its own.

mod entry;
mod html;
mod join;
mod text;

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::days::Days;
use super::lang::Lang;
use super::request::ActionFilter;
use super::rows;
use super::scan::{Counting, Place, Range};
use super::sessions::Session;
use super::view::ActionView;
use crate::{Keep, LogFile};

pub use entry::{Entry, Permission};
pub use html::write_html;
pub use text::{EntryLine, entry_line, totals_line};

/// Entries that wait for what belongs to them.
pub const WAITING_MAX: usize = 500;

/// How a session is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// What belongs together is one entry.
    Joined,
    /// Each action is an entry, at the time at which it happened.
    Apart,
}

/// One session of a log.
#[derive(Debug)]
pub struct Timeline<'a> {
    files: &'a [LogFile],
    places: Vec<Place>,
    problems: Vec<String>,
    is_incomplete: bool,
    lang: Lang,
}

/// What came of telling a session.
#[derive(Debug, Default)]
pub struct Told {
    /// The session with its sums.
    pub session: Session,
    /// What is worth telling apart, a sentence each.
    pub problems: Vec<String>,
    /// Whether a file could not be read.
    pub is_incomplete: bool,
}

impl<'a> Timeline<'a> {
    /// Finds the actions of a session in all files, to be told in this language.
    #[must_use]
    pub fn find(files: &'a [LogFile], session_id: &str, lang: Lang) -> Self {
        let filter =
            ActionFilter { session_id: Some(session_id.to_owned()), ..ActionFilter::default() };
        let range = Range::new(files, Days::ALL.bounds(&jiff::tz::TimeZone::UTC));
        let scan = range.scan(&filter.condition(), None, Keep::Oldest, Counting::Looked);
        let mut problems = scan.damage.sentences(files, lang);
        problems.extend(scan.problems.iter().map(|problem| lang.problem(problem)));
        let is_incomplete = !scan.problems.is_empty();
        Self { files, places: scan.places, problems, is_incomplete, lang }
    }

    /// Actions that were found.
    #[must_use]
    pub fn actions(&self) -> usize {
        self.places.len()
    }

    /// Tells the session entry by entry, until `give` breaks.
    pub fn tell(
        self,
        telling: Telling,
        give: &mut dyn FnMut(&Entry, &Session) -> ControlFlow<()>,
    ) -> Told {
        let mut session: Option<Session> = None;
        let mut waiting = VecDeque::new();
        let mut flow = ControlFlow::Continue(());
        let problems = rows::read(self.files, &self.places, &mut |place, line| {
            let Some(action) = ActionView::of(line) else { return ControlFlow::Continue(()) };
            let time = place.key.time;
            let session = session.get_or_insert_with(|| Session::begin(&action, time));
            session.add(&action, time);
            let mut entry = Entry::of(&action, time, self.lang);
            match telling {
                Telling::Apart => {
                    entry.is_open = false;
                    flow = give(&entry, session);
                }
                Telling::Joined => {
                    join::add(&mut waiting, entry);
                    flow = join::give_ready(&mut waiting, WAITING_MAX, session, give);
                }
            }
            flow
        });
        let session = session.unwrap_or_default();
        if flow.is_continue() {
            let _ = join::give_ready(&mut waiting, 0, &session, give);
        }
        let mut told = Told { session, problems: self.problems, is_incomplete: self.is_incomplete };
        told.is_incomplete |= !problems.is_empty();
        told.problems.extend(problems.iter().map(|problem| self.lang.problem(problem)));
        told
    }
}
