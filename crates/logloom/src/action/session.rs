//! A session: what actions belong to, and what they come to. Sessions of any id come in; nothing is
//! refused. The numbers of the actions are none of its business: they are counted where lines are written,
//! so that processes which share a session need not know of each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use logloom_core::runtime;
use logloom_record::{Encode, Level, Value};
use logloom_ring::clock;

use super::emit::Scope;
use super::{Members, SessionEnd, SessionPause, SessionResume, SessionStart, TokenUsage, ids};

/// A running session. Cheap to clone; clones are the same session.
///
/// Nothing is written when it is dropped: a session that was never ended is one that crashed.
#[derive(Clone, Debug)]
pub struct Session {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    id: String,
    project: Option<String>,
    began: i64,
    counted: Counted,
}

#[derive(Debug, Default)]
struct Counted {
    actions: AtomicU64,
    errors: AtomicU64,
    input_tokens: AtomicU64,
    output_tokens: AtomicU64,
}

/// What a session has come to in this process, its start included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Actions that were recorded.
    pub actions: u64,
    /// Of these, those of level ERROR.
    pub errors: u64,
    /// Tokens of requests, as answers told them.
    pub input_tokens: u64,
    /// Tokens of answers.
    pub output_tokens: u64,
}

/// A session that is about to begin or to go on.
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is recorded before start() or resume()"]
pub struct SessionBuilder {
    id: Option<String>,
    project: Option<String>,
    metadata: Vec<(String, Value)>,
}

impl SessionBuilder {
    /// The id. Default: a new one of the form `session-YYYYMMDDHHMMSS-NNNNNN`. Empty text counts as none.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into()).filter(|id| !id.is_empty());
        self
    }

    /// Name of the project.
    pub fn project(mut self, name: impl Into<String>) -> Self {
        self.project = Some(name.into());
        self
    }

    /// One more thing to know of the surroundings, such as the platform.
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.push((name.into(), value.into()));
        self
    }

    /// Begins the session: records `session_start`.
    #[must_use = "actions are logged to the session"]
    pub fn start(self) -> Session {
        let session = Session::new(self.id.clone(), self.project.clone());
        self.with_metadata(|metadata| {
            let mut action = SessionStart::new();
            action.project_name = session.project();
            action.metadata = metadata;
            action.log(&session);
        });
        session
    }

    /// Goes on with a session, of another process perhaps: records `session_resume`. Its actions are
    /// numbered on from the last one in the log. What a process that died has left is written before, which
    /// this waits for, so that its actions have the lower numbers.
    #[must_use = "actions are logged to the session"]
    pub fn resume(self) -> Session {
        if let Some(handle) = runtime::current() {
            handle.recover_dead();
        }
        let session = Session::new(self.id.clone(), self.project.clone());
        self.with_metadata(|metadata| {
            let mut action = SessionResume::new();
            action.project_name = session.project();
            action.metadata = metadata;
            action.log(&session);
        });
        session
    }

    fn with_metadata(&self, log: impl FnOnce(Option<Members<'_>>)) {
        let members: Vec<(&str, &dyn Encode)> =
            self.metadata.iter().map(|(name, value)| (&**name, value as &dyn Encode)).collect();
        log((!members.is_empty()).then_some(Members(&members)));
    }
}

impl Session {
    /// A session to be begun or gone on with.
    pub fn builder() -> SessionBuilder {
        SessionBuilder::default()
    }

    fn new(id: Option<String>, project: Option<String>) -> Session {
        let id = id.unwrap_or_else(ids::session_id);
        let (began, counted) = (clock::real_time(), Counted::default());
        Session { shared: Arc::new(Shared { id, project, began, counted }) }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// Name of the project, where one was given.
    #[must_use]
    pub fn project(&self) -> Option<&str> {
        self.shared.project.as_deref()
    }

    /// One turn of the agent, with a new id. Its actions carry both ids.
    #[must_use]
    pub fn execution(&self) -> Execution {
        self.execution_of(ids::execution_id())
    }

    /// One turn of the agent, with an id that somebody else made.
    #[must_use]
    pub fn execution_of(&self, id: impl Into<String>) -> Execution {
        Execution { session: self.clone(), id: id.into().into() }
    }

    /// What it has come to so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let counted = &self.shared.counted;
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Totals {
            actions: get(&counted.actions),
            errors: get(&counted.errors),
            input_tokens: get(&counted.input_tokens),
            output_tokens: get(&counted.output_tokens),
        }
    }

    /// How long it has been going on in this process, by the wall clock.
    #[must_use]
    pub fn duration(&self) -> Duration {
        let elapsed = clock::real_time().saturating_sub(self.shared.began);
        Duration::from_nanos(u64::try_from(elapsed).unwrap_or(0))
    }

    /// Records that it is put aside, and why.
    pub fn pause(&self, reason: &str) {
        let mut action = SessionPause::new().reason(reason);
        action.project_name = self.project();
        action.log(self);
    }

    /// Records that it goes on in this process, and why.
    pub fn resume(&self, reason: &str) {
        let mut action = SessionResume::new().reason(reason);
        action.project_name = self.project();
        action.log(self);
    }

    /// Records that it has ended, and why, with its totals. What is logged to it later still belongs to it.
    pub fn end(&self, reason: &str) {
        let mut action = SessionEnd::new().reason(reason);
        action.project_name = self.project();
        action.duration(self.duration()).totals(self.totals()).log(self);
    }
}

impl Scope for Session {
    #[inline]
    fn session_id(&self) -> Option<&str> {
        Some(&self.shared.id)
    }

    #[inline]
    fn execution_id(&self) -> Option<&str> {
        None
    }

    #[inline]
    fn note(&self, level: Level, tokens: Option<TokenUsage>) {
        let counted = &self.shared.counted;
        counted.actions.fetch_add(1, Ordering::Relaxed);
        if level >= Level::Error {
            counted.errors.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(tokens) = tokens {
            counted.input_tokens.fetch_add(tokens.input, Ordering::Relaxed);
            counted.output_tokens.fetch_add(tokens.output, Ordering::Relaxed);
        }
    }
}

/// One turn of an agent within a session. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Execution {
    session: Session,
    id: Arc<str>,
}

impl Execution {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The session it belongs to.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }
}

impl Scope for Execution {
    #[inline]
    fn session_id(&self) -> Option<&str> {
        self.session.session_id()
    }

    #[inline]
    fn execution_id(&self) -> Option<&str> {
        Some(&self.id)
    }

    #[inline]
    fn note(&self, level: Level, tokens: Option<TokenUsage>) {
        self.session.note(level, tokens);
    }
}
