//! What the viewer knows, and what becomes of an event.
//!
//! Takes keys and answers, gives effects: questions for the threads that read, and what the terminal
//! has to do. Nothing here waits, reads a file or writes to a terminal. Each feature has its own file,
//! with its part of the state, what its keys do and how it is drawn.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use jiff::tz::TimeZone;
use logloom_filter::syntax::Context;
use logloom_query::Statement;
use logloom_query::actions::Lang;
use logloom_ring::clock::real_time;

use super::detail::Detail;
use super::facets::Facets;
use super::histogram::Bars;
use super::paging::Paging;
use super::prompt::Prompt;
use super::reader::{Answer, Ask, Cancel, Plan};
use super::theme::Theme;
use super::window::Window;
use crate::commands::query::ask::rules;
use crate::commands::query::saved::Queries;
use crate::output::{Clock, Stamp};

/// Names of fields that are kept for completion.
const NAMES_MAX: usize = 2_000;

/// What has to be done.
#[derive(Debug)]
pub(super) enum Effect {
    Ask(Ask),
    Quit,
    /// Stop as other programs do at Ctrl+Z.
    Suspend,
    /// Draw everything anew.
    Redraw,
}

/// Which part takes the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Focus {
    #[default]
    List,
    Detail,
    Facets,
}

/// Something to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) text: String,
    pub(super) is_problem: bool,
}

/// How the viewer shows things.
pub(super) struct Look {
    pub(super) lang: Lang,
    pub(super) zone: TimeZone,
    pub(super) is_utc: bool,
    pub(super) theme: Theme,
    /// What is shown, by name.
    pub(super) title: String,
    pub(super) saved: Queries,
}

/// The viewer.
pub(super) struct App {
    pub(super) look: Look,
    pub(super) clock: Clock,
    /// The query that is shown, as it was typed.
    pub(super) query: String,
    /// Queries of before, the newest last.
    pub(super) history: Vec<String>,
    pub(super) plan: Arc<Plan>,
    pub(super) window: Window,
    /// Index of the chosen row, and of the first one in view.
    pub(super) selected: usize,
    pub(super) top: usize,
    /// Rows of the list that are in view, as it was drawn last.
    pub(super) height: usize,
    pub(super) is_following: bool,
    /// Tells the threads whether rows are wanted as they are committed.
    pub(super) is_followed: Arc<AtomicBool>,
    /// Records that came and are not shown.
    pub(super) unseen: usize,
    pub(super) paging: Paging,
    pub(super) detail: Detail,
    pub(super) facets: Facets,
    pub(super) bars: Bars,
    pub(super) focus: Focus,
    pub(super) prompt: Option<Prompt>,
    /// The first row of the help, while it is shown.
    pub(super) help: Option<usize>,
    pub(super) notice: Option<Notice>,
    /// Names of fields that were seen.
    pub(super) names: Vec<String>,
    pub(super) effects: Vec<Effect>,
}

impl App {
    /// A viewer that shows nothing yet; [`App::open`] begins.
    pub(super) fn new(look: Look, is_followed: Arc<AtomicBool>) -> App {
        let clock = Clock::in_zone(look.zone.clone(), look.is_utc, Stamp::Date);
        App {
            clock,
            look,
            query: String::new(),
            history: Vec::new(),
            plan: plan(0, Statement::of_filter(logloom_filter::Filter::Always)),
            window: Window::default(),
            selected: 0,
            top: 0,
            height: 20,
            is_following: true,
            is_followed,
            unseen: 0,
            paging: Paging::default(),
            detail: Detail::default(),
            facets: Facets::default(),
            bars: Bars::default(),
            focus: Focus::List,
            prompt: None,
            help: None,
            notice: None,
            names: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// Shows what a query finds; the one before is forgotten by all who look for its rows.
    pub(super) fn open(&mut self, text: &str, statement: Statement) {
        self.plan.cancel.cancel();
        if self.plan.generation > 0 && self.query != text {
            self.history.retain(|old| *old != self.query);
            self.history.push(self.query.clone());
        }
        self.query = text.to_owned();
        self.plan = plan(self.plan.generation + 1, statement);
        self.notice = None;
        self.effects.push(Effect::Ask(Ask::Open(self.plan.clone())));
        self.bars.forget();
        self.facets.forget();
        self.show_newest();
    }

    /// Asks the same question of the log as it is now.
    pub(super) fn reload(&mut self) {
        let (text, statement) = (self.query.clone(), self.plan.statement.clone());
        // Times such as `5m` are counted from now on anew.
        let statement = Statement::parse(&text, &self.context()).unwrap_or(statement);
        self.open(&text, statement);
    }

    /// What a query means by now and by times without a zone.
    pub(super) fn context(&self) -> Context {
        Context { now_ns: real_time(), zone: rules(self.look.zone.clone()) }
    }

    /// One of two texts.
    pub(super) fn words<'a>(&self, english: &'a str, chinese: &'a str) -> &'a str {
        self.look.lang.pick(english, chinese)
    }

    pub(super) fn tell(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), is_problem: false });
    }

    pub(super) fn complain(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), is_problem: true });
    }

    /// Takes an answer of the threads.
    pub(super) fn answer(&mut self, answer: Answer, now: Instant) {
        match answer {
            Answer::Rows { ticket, rows, progress } => self.rows(ticket, rows, progress),
            Answer::Outcome { ticket, rows, heading, problem } => {
                self.whole_answer(ticket, rows, heading, problem);
            }
            Answer::Whole { ticket, line } => self.detail.take(ticket, line),
            Answer::Live { generation, count, rows, is_whole } => {
                if generation == self.plan.generation {
                    self.live(count, rows, is_whole);
                }
            }
            Answer::Histogram { generation, histogram, took_ms } => {
                if generation == self.plan.generation {
                    self.bars.take(histogram, took_ms, now);
                }
            }
            Answer::Facet { generation, field, values, problem } => {
                if generation == self.plan.generation {
                    self.facets.take(&field, values, problem, now);
                }
            }
            Answer::Values { field, values } => {
                if let Some(prompt) = &mut self.prompt {
                    prompt.take_values(field, values);
                    // Where something is wrong, that is what is shown.
                    if prompt.fault.is_none() {
                        self.offer();
                    }
                }
            }
            Answer::Searched { ticket, percent } => self.paging.searched(ticket, percent),
            Answer::Failed { generation, text } => {
                if generation == self.plan.generation {
                    self.paging.forget();
                    self.complain(text);
                }
            }
        }
    }

    /// Asks for what is missing by now, after every event and every tick.
    pub(super) fn settle(&mut self, now: Instant) {
        self.prefetch();
        self.ask_histogram(now);
        self.ask_facets(now);
        self.ask_whole();
        let is_wanted = self.window.has_newest || self.paging.is_reading_newer();
        self.is_followed.store(is_wanted && self.plan.is_paged(), Ordering::Release);
    }

    /// Keeps the names of the fields of a row.
    pub(super) fn learn(&mut self, names: Vec<String>) {
        for name in names {
            if self.names.len() < NAMES_MAX && !self.names.contains(&name) {
                self.names.push(name);
            }
        }
    }
}

fn plan(generation: u64, statement: Statement) -> Arc<Plan> {
    Arc::new(Plan { generation, statement, cancel: Cancel::default() })
}
