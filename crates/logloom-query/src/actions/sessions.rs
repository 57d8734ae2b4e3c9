//! The sessions of the log: when they ran, how much they did, how they ended.
//!
//! One pass by several threads. Memory: some 300 bytes a session, [`SESSIONS_MAX`] of them at most;
//! the actions of any more are counted and told, and not listed.

use std::collections::HashMap;
use std::ops::ControlFlow;

use jiff::tz::TimeZone;
use logloom_filter::Filter;
use logloom_record::time::format_rfc3339;

use super::days::Days;
use super::head::Head;
use super::lang::Lang;
use super::request::ActionFilter;
use super::scan::{Range, each_line};
use super::screen::Screen;
use super::sheet::Sheet;
use super::table::RowClock;
use super::view::{ActionTest, ActionView};
use crate::damage::Damage;
use crate::parallel::{self, Block};
use crate::show::{counted, grouped, json_text};
use crate::{LogFile, Order};

/// Sessions that are listed.
pub const SESSIONS_MAX: usize = 100_000;

/// How a session stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionState {
    /// Its last word was no end: it runs, or its program was killed.
    #[default]
    Open,
    /// It was paused and not resumed.
    Paused,
    /// It ended.
    Ended,
}

impl SessionState {
    /// The name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            SessionState::Open => "open",
            SessionState::Paused => "paused",
            SessionState::Ended => "ended",
        }
    }

    /// The name for people.
    pub(super) fn text(self, lang: Lang) -> &'static str {
        let chinese = match self {
            SessionState::Open => "未结束",
            SessionState::Paused => "已暂停",
            SessionState::Ended => "已结束",
        };
        lang.pick(self.as_str(), chinese)
    }
}

/// One session.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Session {
    /// Its id.
    pub id: String,
    /// The name of its project, where its start tells one.
    pub project: String,
    /// Its first action, nanoseconds since 1970.
    pub first_ns: i64,
    /// Its last action.
    pub last_ns: i64,
    /// Its actions.
    pub actions: u64,
    /// Those that are errors.
    pub errors: u64,
    /// What the user said and commanded.
    pub inputs: u64,
    /// Calls of tools.
    pub tool_calls: u64,
    /// Answers of models.
    pub responses: u64,
    /// Tokens that answers say they read; `None` where none says.
    pub input_tokens: Option<u64>,
    /// Tokens that answers say they wrote.
    pub output_tokens: Option<u64>,
    /// What answers say they cost, in dollars.
    pub cost_usd: Option<f64>,
    /// How it stands.
    pub state: SessionState,
    /// When it was last said how it stands.
    state_ns: i64,
}

/// The sessions of some days.
#[derive(Debug, Default)]
pub struct Sessions {
    /// The sessions, latest first.
    pub sessions: Vec<Session>,
    /// Actions of sessions beyond [`SESSIONS_MAX`].
    pub unlisted: u64,
    /// What is worth telling apart, a sentence each.
    pub problems: Vec<String>,
    /// Whether a file could not be read.
    pub is_incomplete: bool,
}

impl Session {
    /// A session whose first action is this one, which is not counted yet.
    pub(super) fn begin(action: &ActionView<'_>, time_ns: i64) -> Self {
        let id = action.session_id().into_owned();
        Self { id, first_ns: time_ns, last_ns: time_ns, state_ns: i64::MIN, ..Self::default() }
    }

    /// Counts an action.
    pub(super) fn add(&mut self, action: &ActionView<'_>, time_ns: i64) {
        self.first_ns = self.first_ns.min(time_ns);
        self.last_ns = self.last_ns.max(time_ns);
        self.actions += 1;
        self.errors += u64::from(action.is_error());
        match action.action_type().as_ref() {
            "user_input" | "user_command" => self.inputs += 1,
            "tool_call" => self.tool_calls += 1,
            "llm_response" => self.response(action),
            "session_start" => {
                let project = action.text("project_name");
                if self.project.is_empty() {
                    self.project = project.into_owned();
                }
                self.is_said_to_be(SessionState::Open, time_ns);
            }
            "session_resume" => self.is_said_to_be(SessionState::Open, time_ns),
            "session_pause" => self.is_said_to_be(SessionState::Paused, time_ns),
            "session_end" => self.is_said_to_be(SessionState::Ended, time_ns),
            _ => {}
        }
    }

    fn response(&mut self, action: &ActionView<'_>) {
        self.responses += 1;
        let add = |sum: &mut Option<u64>, count: Option<u64>| {
            if let Some(count) = count {
                *sum = Some(sum.unwrap_or(0).saturating_add(count));
            }
        };
        add(&mut self.input_tokens, action.count("input_tokens"));
        add(&mut self.output_tokens, action.count("output_tokens"));
        if let Some(cost) = action.number("cost_usd") {
            self.cost_usd = Some(self.cost_usd.unwrap_or(0.0) + cost);
        }
    }

    fn is_said_to_be(&mut self, state: SessionState, time_ns: i64) {
        if time_ns >= self.state_ns {
            self.state = state;
            self.state_ns = time_ns;
        }
    }

    fn join(&mut self, other: Session) {
        self.first_ns = self.first_ns.min(other.first_ns);
        self.last_ns = self.last_ns.max(other.last_ns);
        self.actions += other.actions;
        self.errors += other.errors;
        self.inputs += other.inputs;
        self.tool_calls += other.tool_calls;
        self.responses += other.responses;
        let sum = |left: Option<u64>, right: Option<u64>| match (left, right) {
            (Some(left), Some(right)) => Some(left.saturating_add(right)),
            (left, right) => left.or(right),
        };
        self.input_tokens = sum(self.input_tokens, other.input_tokens);
        self.output_tokens = sum(self.output_tokens, other.output_tokens);
        self.cost_usd = match (self.cost_usd, other.cost_usd) {
            (Some(left), Some(right)) => Some(left + right),
            (left, right) => left.or(right),
        };
        if self.project.is_empty() {
            self.project = other.project;
        }
        if other.state_ns > self.state_ns {
            self.state = other.state;
            self.state_ns = other.state_ns;
        }
    }

    /// From the first action to the last, in milliseconds.
    #[must_use]
    pub fn duration_ms(&self) -> f64 {
        self.last_ns.saturating_sub(self.first_ns) as f64 / 1e6
    }

    /// The session as one JSON object. What was not measured is absent.
    #[must_use]
    pub fn json(&self) -> String {
        let mut text = format!("{{\"session_id\":{}", json_text(&self.id));
        if !self.project.is_empty() {
            text += &format!(",\"project_name\":{}", json_text(&self.project));
        }
        text += &format!(
            ",\"state\":\"{}\",\"first\":\"{}\",\"last\":\"{}\",\"duration_ms\":{:.3},\
             \"actions\":{},\"errors\":{},\"inputs\":{},\"tool_calls\":{},\"responses\":{}",
            self.state.as_str(),
            format_rfc3339(self.first_ns, 6),
            format_rfc3339(self.last_ns, 6),
            self.duration_ms(),
            self.actions,
            self.errors,
            self.inputs,
            self.tool_calls,
            self.responses
        );
        for (name, count) in
            [("input_tokens", self.input_tokens), ("output_tokens", self.output_tokens)]
        {
            if let Some(count) = count {
                text += &format!(",\"{name}\":{count}");
            }
        }
        if let Some(cost) = self.cost_usd {
            text += &format!(",\"cost_usd\":{cost:.6}");
        }
        text + "}"
    }
}

/// What one thread has gathered.
#[derive(Default)]
struct Gathered {
    sessions: HashMap<String, Session>,
    unlisted: u64,
    damage: Damage,
}

impl Gathered {
    fn add(&mut self, action: &ActionView<'_>, time_ns: i64) {
        let id = action.session_id();
        if id.is_empty() {
            return;
        }
        if let Some(session) = self.sessions.get_mut(id.as_ref()) {
            session.add(action, time_ns);
        } else if self.sessions.len() < SESSIONS_MAX {
            let mut session = Session::begin(action, time_ns);
            session.add(action, time_ns);
            self.sessions.insert(id.into_owned(), session);
        } else {
            self.unlisted += 1;
        }
    }

    fn join(&mut self, other: Gathered) {
        self.unlisted += other.unlisted;
        self.damage.join(&other.damage);
        for (id, session) in other.sessions {
            let has_room = self.sessions.len() < SESSIONS_MAX;
            match self.sessions.get_mut(&id) {
                Some(known) => known.join(session),
                None if has_room => {
                    self.sessions.insert(id, session);
                }
                None => self.unlisted += session.actions,
            }
        }
    }
}

impl Sessions {
    /// The sessions with actions on these days that satisfy the filter; problems are told in the
    /// language.
    #[must_use]
    pub fn find(
        files: &[LogFile],
        days: &Days,
        zone: &TimeZone,
        filter: &ActionFilter,
        lang: Lang,
    ) -> Self {
        let range = Range::new(files, days.bounds(zone));
        let condition = filter.condition();
        let is_all = matches!(condition, Filter::FieldExists { .. });
        let matcher = range.resolve(condition).compile();
        let test = ActionTest::new();
        let look = |gathered: &mut Gathered, block: &Block<'_>| {
            each_line(block, &mut |offset, line| {
                if range.is_damaged(line) {
                    gathered.damage.add(block.file, offset);
                    return;
                }
                let is_wanted = test.is_action(Head::of(line), line)
                    && (is_all || (matcher.may_match(line) && matcher.matches(line)));
                if is_wanted
                    && let Some(time) = range.time(block.file, line)
                    && let Some(action) = ActionView::of(line)
                {
                    gathered.add(&action, time);
                }
            });
            ControlFlow::Continue(())
        };
        let order = Order::OldestFirst;
        let (all, stats) = parallel::run(files, &range.indexes(), order, Gathered::default, look);
        let mut sum = Gathered::default();
        all.into_iter().for_each(|gathered| sum.join(gathered));
        let mut sessions: Vec<Session> = sum.sessions.into_values().collect();
        sessions.sort_by(|a, b| b.first_ns.cmp(&a.first_ns).then_with(|| a.id.cmp(&b.id)));
        let mut problems = sum.damage.sentences(files, lang);
        problems.extend(stats.problems.iter().map(|problem| lang.problem(problem)));
        let is_incomplete = !stats.problems.is_empty();
        Self { sessions, unlisted: sum.unlisted, problems, is_incomplete }
    }

    /// The sessions as a table, the first `limit` of them.
    #[must_use]
    pub fn text(&self, limit: usize, zone: &TimeZone, lang: Lang, screen: &Screen) -> String {
        let clock = RowClock { zone: zone.clone(), is_one_day: false, says_utc: false };
        let headings = match lang {
            Lang::English => {
                ["Session", "Start", "Duration", "Actions", "Errors", "Tokens", "State", "Project"]
            }
            Lang::Chinese => ["会话", "开始", "时长", "行动", "错误", "令牌", "状态", "项目"],
        };
        let mut sheet = Sheet::new(&headings).right(&[2, 3, 4, 5]).gives(&[7, 0]).tells_apart(&[0]);
        for session in self.sessions.iter().take(limit) {
            let start = clock.show(session.first_ns);
            sheet.row(vec![
                session.id.clone(),
                start.split('.').next().unwrap_or_default().to_owned(),
                lang.duration(session.duration_ms()),
                grouped(session.actions),
                grouped(session.errors),
                tokens(session),
                session.state.text(lang).to_owned(),
                session.project.clone(),
            ]);
            if session.errors > 0 {
                sheet.paint(4, screen.state("", true));
            }
        }
        let shown = grouped(self.sessions.len().min(limit) as u64);
        let total = self.sessions.len() as u64;
        let last = match lang {
            Lang::English => format!("Showing {shown} of {}\n", counted(total, "session")),
            Lang::Chinese => format!("显示 {shown} 个，共 {} 个会话\n", grouped(total)),
        };
        sheet.text(screen) + "\n" + &last
    }
}

fn tokens(session: &Session) -> String {
    match (session.input_tokens, session.output_tokens) {
        (None, None) => "-".to_owned(),
        (input, output) => {
            format!("{} + {}", grouped(input.unwrap_or(0)), grouped(output.unwrap_or(0)))
        }
    }
}
