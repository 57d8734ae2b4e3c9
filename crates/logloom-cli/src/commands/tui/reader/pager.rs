//! Rows page by page, in both directions, without an end.
//!
//! A search stands still when its page is full and goes on when more is asked for, so that a page
//! costs what its rows cost, however far back it is. Any other question ends it. Rows that are found
//! are handed over within some milliseconds, also when the next ones take their time.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use logloom_filter::Filter;
use logloom_query::actions::Lang;
use logloom_query::engine::{Budget, Report};
use logloom_query::pipes::{Chain, Flow, Limits, Row};
use logloom_query::{Order, Query, Question, Statement};

use super::super::entry::{Entry, Place};
use super::protocol::{Answer, Ask, Plan, Progress, RowsAsk, Way};
use super::{Shared, live};
use crate::commands::query::ask::are_records;
use crate::commands::tui::table;

/// Rows that are handed over at once.
const BATCH_ROWS: usize = 64;

/// How long a row that was found may wait for others.
const BATCH_WAIT: Duration = Duration::from_millis(30);

/// Most rows of an answer that pipes give.
pub(super) const ANSWER_ROWS_MAX: usize = 1_000;

/// Most bytes of them.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// The thread that pages.
pub(super) struct Pager {
    shared: Arc<Shared>,
    asks: Receiver<Ask>,
    opened: Option<Opened>,
}

/// A plan whose queries within filters are answered.
struct Opened {
    plan: Arc<Plan>,
    statement: Statement,
}

impl Pager {
    pub(super) fn new(shared: Arc<Shared>, asks: Receiver<Ask>) -> Self {
        Self { shared, asks, opened: None }
    }

    /// Answers until nobody asks any more.
    pub(super) fn run(mut self) {
        let mut next = None;
        while let Some(ask) = next.take().or_else(|| self.asks.recv().ok()) {
            next = match ask {
                Ask::Open(plan) => self.open(plan),
                Ask::Rows(ask) => self.rows(&ask),
                Ask::Whole { ticket, cancel, place } => {
                    let budget = Budget { cancel: Some(cancel.0), ..Budget::default() };
                    let line = self.whole(place, &budget);
                    self.shared.tell(Answer::Whole { ticket, line });
                    None
                }
                Ask::Answer { ticket, cancel } => {
                    let budget = Budget { cancel: Some(cancel.0), ..Budget::default() };
                    self.answer(ticket, budget);
                    None
                }
                _ => None,
            };
        }
    }

    fn open(&mut self, plan: Arc<Plan>) -> Option<Ask> {
        let outcome = self.shared.files().and_then(|files| {
            let budget = Budget { cancel: Some(plan.cancel.0.clone()), ..Budget::default() };
            let question = Question { budget, ..Question::new(plan.statement.clone()) };
            let resolved = question.resolved(&self.shared.engine, &files.files);
            let statement = resolved.map_err(|error| error.to_string())?;
            // What is committed from here on is told by these threads, what was before is in files.
            if plan.is_paged() {
                live::start(&self.shared, &plan, &statement)?;
            }
            Ok(statement)
        });
        match outcome {
            Ok(statement) => {
                self.opened = Some(Opened { plan, statement });
            }
            Err(text) => {
                self.opened = None;
                self.shared.tell(Answer::Failed { generation: plan.generation, text });
            }
        }
        None
    }

    /// Gives rows; the question that came meanwhile.
    fn rows(&mut self, ask: &RowsAsk) -> Option<Ask> {
        let opened = self.opened.as_ref()?;
        let shared = &self.shared;
        let files = match shared.files() {
            Ok(files) => files,
            Err(text) => {
                let generation = opened.plan.generation;
                shared.tell(Answer::Failed { generation, text });
                return None;
            }
        };
        let sending = Arc::new(Sending::new(shared.clone(), ask.ticket));
        let mut chain = Chain::new(&opened.statement.pipes, &Limits::default());
        let (mut next, mut left) = (None, ask.count);
        let filter = opened.filter(ask, shared.has_untimed.load(Ordering::Relaxed));
        let order = match ask.way {
            Way::Older => Order::NewestFirst,
            Way::Newer => Order::OldestFirst,
        };
        let budget = sending.budget(ask);
        // Pipes may take the time away, which says nothing of the line.
        let is_line = opened.statement.pipes.is_empty();
        let report = shared.engine.rows(&files.files, &filter, order, &budget, &mut |key, line| {
            let place = files.place(key);
            if !is_wanted(ask, place) {
                return ControlFlow::Continue(());
            }
            let Some(entry) = through(&mut chain, place, line) else {
                return ControlFlow::Continue(());
            };
            if entry.time.is_none() && is_line {
                shared.has_untimed.store(true, Ordering::Relaxed);
            }
            sending.add(entry);
            left -= 1;
            if left > 0 {
                return ControlFlow::Continue(());
            }
            sending.flush(Progress::Page);
            match self.asks.recv() {
                Ok(Ask::More(count)) => {
                    left = count.max(1);
                    ControlFlow::Continue(())
                }
                other => {
                    next = other.ok();
                    ControlFlow::Break(())
                }
            }
        });
        if next.is_none() {
            sending.flush(Progress::End(problem(&report, shared.lang)));
        }
        next
    }

    /// The line at a place.
    fn whole(&self, place: Place, budget: &Budget) -> Option<Vec<u8>> {
        let files = self.shared.files().ok()?;
        let moment =
            Query { since: Some(place.time), until: place.time.checked_add(1), ..Query::default() };
        let of_time = moment.condition();
        // A line without a time stands at the start of its day, and no filter of times finds it.
        [of_time, Filter::Always].iter().find_map(|filter| {
            let mut found = None;
            self.shared.engine.newest(&files.files, filter, budget, &mut |key, line| {
                let own = files.place(key);
                if own == place {
                    found = Some(line.to_vec());
                }
                if own <= place { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            found
        })
    }

    /// The rows that the pipes give.
    fn answer(&mut self, ticket: u64, budget: Budget) {
        let Some(opened) = &self.opened else { return };
        let question = Question {
            budget,
            order: Order::OldestFirst,
            ..Question::new(opened.statement.clone())
        };
        let (mut lines, mut bytes) = (Vec::new(), 0);
        let outcome = self.shared.files().and_then(|files| {
            let report = question.answer(&self.shared.engine, &files.files, &mut |row| {
                if lines.len() >= ANSWER_ROWS_MAX || bytes > ANSWER_BYTES_MAX {
                    bytes = usize::MAX;
                    return Ok(Flow::Enough);
                }
                bytes += row.line().len();
                lines.push(row.line().into_owned());
                Ok(Flow::Continue)
            });
            report.map_err(|error| error.to_string())
        });
        let problem = match &outcome {
            Ok(_) if bytes == usize::MAX => {
                let count = lines.len();
                Some(match self.shared.lang {
                    Lang::English => format!("only the first {count} rows are shown"),
                    Lang::Chinese => format!("只显示前 {count} 行"),
                })
            }
            Ok(report) => problem(report, self.shared.lang),
            Err(text) => Some(text.clone()),
        };
        let are_records = are_records(&opened.statement);
        let (rows, heading) = match are_records {
            true => (lines.iter().enumerate().map(record).collect(), None),
            false => table::entries(&lines, &self.shared.zone),
        };
        self.shared.tell(Answer::Outcome { ticket, rows, heading, problem });
    }
}

fn record((index, line): (usize, &Vec<u8>)) -> Entry {
    Entry::record(Place::of_answer(index), line)
}

impl Opened {
    /// The filter with what is known of where the rows stand.
    fn filter(&self, ask: &RowsAsk, has_untimed: bool) -> Filter {
        let level = ask.level.map_or(Filter::Always, Filter::LevelAtLeast);
        let filter = self.statement.filter.clone().and(level);
        let bounds = match (ask.from, ask.way) {
            _ if has_untimed => (None, None),
            (None, _) => (None, None),
            (Some(place), Way::Older) => (None, place.time.checked_add(1)),
            (Some(place), Way::Newer) => (Some(place.time), None),
        };
        Query { filter, since: bounds.0, until: bounds.1, ..Query::default() }.condition()
    }
}

fn is_wanted(ask: &RowsAsk, place: Place) -> bool {
    match (ask.from, ask.way) {
        (None, _) => true,
        (Some(from), Way::Older) => place < from,
        (Some(from), Way::Newer) => place > from,
    }
}

/// What the pipes leave of a line.
pub(super) fn through(chain: &mut Chain, place: Place, line: &[u8]) -> Option<Entry> {
    let mut entry = None;
    let row = Row::of_line(line, logloom_query::Key::default());
    let pushed = chain.push(row, &mut |row| {
        entry = Some(Entry::record(place, &row.line()));
        Ok(Flow::Continue)
    });
    // Pipes that look at one row hold none, so that nothing can be too much for them.
    pushed.ok().and(entry)
}

/// Why an answer is not complete.
pub(super) fn problem(report: &Report, lang: Lang) -> Option<String> {
    let words = lang.pick("not complete", "结果不完整");
    let stop = report.stop.map(|stop| format!("{words}: {stop}"));
    stop.or_else(|| report.stats.problems.first().map(|problem| lang.problem(problem)))
}

/// Rows on their way to the screen.
struct Sending {
    shared: Arc<Shared>,
    ticket: u64,
    batch: Mutex<Batch>,
    percent: AtomicU64,
}

struct Batch {
    rows: VecDeque<Entry>,
    sent: Instant,
}

impl Sending {
    fn new(shared: Arc<Shared>, ticket: u64) -> Self {
        let batch = Mutex::new(Batch { rows: VecDeque::new(), sent: Instant::now() });
        Self { shared, ticket, batch, percent: AtomicU64::new(0) }
    }

    fn add(&self, entry: Entry) {
        let mut batch = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        batch.rows.push_back(entry);
        if batch.rows.len() >= BATCH_ROWS || batch.sent.elapsed() >= BATCH_WAIT {
            self.send(&mut batch, Progress::Going);
        }
    }

    fn flush(&self, progress: Progress) {
        let mut batch = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        self.send(&mut batch, progress);
    }

    fn send(&self, batch: &mut Batch, progress: Progress) {
        let rows = std::mem::take(&mut batch.rows).into();
        self.shared.tell(Answer::Rows { ticket: self.ticket, rows, progress });
        batch.sent = Instant::now();
    }

    /// Tells rows that have waited, and how far the search is, from any of its threads.
    fn budget(self: &Arc<Self>, ask: &RowsAsk) -> Budget {
        let sending = self.clone();
        let tell = move |progress: &logloom_query::engine::Progress| {
            let Ok(mut batch) = sending.batch.try_lock() else { return };
            if batch.sent.elapsed() < BATCH_WAIT {
                return;
            }
            if !batch.rows.is_empty() {
                return sending.send(&mut batch, Progress::Going);
            }
            let percent =
                progress.done.saturating_mul(100).checked_div(progress.total).unwrap_or(0);
            if sending.percent.swap(percent, Ordering::Relaxed) != percent {
                let percent = u8::try_from(percent.min(100)).unwrap_or(100);
                sending.shared.tell(Answer::Searched { ticket: sending.ticket, percent });
                batch.sent = Instant::now();
            }
        };
        Budget {
            cancel: Some(ask.cancel.0.clone()),
            progress: Some(Arc::new(tell)),
            ..Budget::default()
        }
    }
}
