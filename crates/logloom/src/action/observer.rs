//! How an agent is wired in without its core knowing of a log: six points tell an [`Observer`] what
//! happens, and [`ActionLog`] makes actions of it.
//!
//! An observer is called on the agent's own thread and must neither block for long nor panic. It gets
//! references: what it wants to keep it copies.

use std::sync::{Arc, Mutex, PoisonError};

use super::{
    AgentStateChange, AgentThinking, Execution, HookError, HookExecute, LlmError, LlmRequest,
    LlmResponse, NoSession, Scope, Session, SystemError, SystemWarning, ToolCall, ToolError,
    ToolPermission, ToolResult, UserCommand, UserInput,
};

/// What the session manager does.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SessionEvent<'a> {
    /// A session begins; with an id, one that the session manager has made.
    Start {
        /// Its id, `None` for a new one.
        id: Option<&'a str>,
        /// Name of the project.
        project: Option<&'a str>,
        /// Names and values of the surroundings.
        metadata: &'a [(&'a str, &'a str)],
    },
    /// A session of an earlier process goes on.
    Resume {
        /// Its id.
        id: &'a str,
        /// Name of the project.
        project: Option<&'a str>,
    },
    /// The session is put aside.
    Pause {
        /// Why.
        reason: &'a str,
    },
    /// The session goes on after a pause.
    Unpause {
        /// Why.
        reason: &'a str,
    },
    /// A turn of the agent begins; `None` makes a new id.
    Turn {
        /// The id of the execution.
        execution_id: Option<&'a str>,
    },
    /// The session ends.
    End {
        /// Why.
        reason: &'a str,
    },
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident($action:ident),)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        #[non_exhaustive]
        pub enum $name<'a> {
            $($(#[$variant_doc])* $variant($action<'a>),)*
        }

        impl $name<'_> {
            fn log(&self, scope: &impl Scope) {
                match self { $($name::$variant(action) => action.log(scope),)* }
            }
        }
    )*};
}

events! {
    /// What the agent does.
    AgentEvent {
        /// It goes from one state to another.
        StateChange(AgentStateChange),
        /// It thought.
        Thinking(AgentThinking),
    }

    /// What the tool executor does.
    ToolEvent {
        /// A tool is called.
        Call(ToolCall),
        /// A tool gave something.
        Result(ToolResult),
        /// A tool could not do its work.
        Error(ToolError),
        /// Somebody was asked.
        Permission(ToolPermission),
    }

    /// What the client of a model does.
    ModelEvent {
        /// It asks.
        Request(LlmRequest),
        /// The model answers.
        Response(LlmResponse),
        /// The request failed.
        Error(LlmError),
    }

    /// What the event bus carries.
    BusEvent {
        /// A hook has run.
        HookExecute(HookExecute),
        /// A hook failed.
        HookError(HookError),
        /// Something of the agent failed.
        SystemError(SystemError),
        /// Something of the agent may come to fail.
        SystemWarning(SystemWarning),
    }

    /// What the user does at the command line.
    CommandLineEvent {
        /// Text for the agent.
        Input(UserInput),
        /// A command for the agent itself.
        Command(UserCommand),
    }
}

/// Hears what an agent does, at six points. Each method does nothing unless it is written.
///
/// Called from any thread, several at once. `session` is told of a session before anything of it.
pub trait Observer: Send + Sync {
    /// The session manager: a session begins, rests, ends.
    fn session(&self, event: &SessionEvent<'_>) {
        let _ = event;
    }

    /// The agent: its state changes, it thinks.
    fn agent(&self, event: &AgentEvent<'_>) {
        let _ = event;
    }

    /// The tool executor.
    fn tool(&self, event: &ToolEvent<'_>) {
        let _ = event;
    }

    /// The client of a model.
    fn model(&self, event: &ModelEvent<'_>) {
        let _ = event;
    }

    /// The event bus: hooks, errors and warnings of the agent itself.
    fn bus(&self, event: &BusEvent<'_>) {
        let _ = event;
    }

    /// The command line: what the user enters.
    fn command_line(&self, event: &CommandLineEvent<'_>) {
        let _ = event;
    }
}

/// Several observers as one; they hear in the order in which they were added.
#[derive(Clone, Default)]
pub struct Observers(Vec<Arc<dyn Observer>>);

impl Observers {
    /// Nobody hears yet.
    #[must_use]
    pub fn new() -> Observers {
        Observers::default()
    }

    /// With one more.
    #[must_use]
    pub fn with(mut self, observer: Arc<dyn Observer>) -> Observers {
        self.0.push(observer);
        self
    }
}

macro_rules! to_each {
    ($($point:ident: $event:ident,)*) => {
        impl Observer for Observers {
            $(fn $point(&self, event: &$event<'_>) {
                self.0.iter().for_each(|observer| observer.$point(event));
            })*
        }
    };
}

to_each! {
    session: SessionEvent, agent: AgentEvent, tool: ToolEvent, model: ModelEvent, bus: BusEvent,
    command_line: CommandLineEvent,
}

/// The observer that records: one session at a time, its turns one after the other.
#[derive(Debug, Default)]
pub struct ActionLog {
    now: Mutex<Now>,
}

#[derive(Clone, Debug, Default)]
struct Now {
    session: Option<Session>,
    turn: Option<Execution>,
}

impl ActionLog {
    /// Without a session yet: what comes before one belongs to none.
    #[must_use]
    pub fn new() -> ActionLog {
        ActionLog::default()
    }

    /// The session that is going on.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        self.now().session
    }

    fn now(&self) -> Now {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, now: Now) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    fn begin(&self, event: &SessionEvent<'_>) {
        let mut builder = Session::builder();
        let (id, project) = match *event {
            SessionEvent::Start { id, project, metadata } => {
                for (name, value) in metadata {
                    builder = builder.metadata(*name, *value);
                }
                (id, project)
            }
            SessionEvent::Resume { id, project } => (Some(id), project),
            _ => return,
        };
        builder = id.into_iter().fold(builder, |builder, id| builder.id(id));
        builder = project.into_iter().fold(builder, |builder, project| builder.project(project));
        let session = match event {
            SessionEvent::Resume { .. } => builder.resume(),
            _ => builder.start(),
        };
        self.set(Now { session: Some(session), turn: None });
    }
}

/// Calls `$log` with the turn, the session, or none, whichever is the innermost there is.
macro_rules! in_scope {
    ($now:expr, $event:ident) => {
        match $now {
            Now { turn: Some(turn), .. } => $event.log(&turn),
            Now { session: Some(session), .. } => $event.log(&session),
            Now { .. } => $event.log(&NoSession),
        }
    };
}

impl Observer for ActionLog {
    fn session(&self, event: &SessionEvent<'_>) {
        let now = self.now();
        match (event, now.session) {
            (SessionEvent::Start { .. } | SessionEvent::Resume { .. }, _) => self.begin(event),
            (SessionEvent::Pause { reason }, Some(session)) => session.pause(reason),
            (SessionEvent::Unpause { reason }, Some(session)) => session.resume(reason),
            (SessionEvent::Turn { execution_id }, Some(session)) => {
                let turn = match execution_id {
                    Some(id) => session.execution_of(*id),
                    None => session.execution(),
                };
                self.set(Now { session: Some(session), turn: Some(turn) });
            }
            (SessionEvent::End { reason }, Some(session)) => {
                session.end(reason);
                self.set(Now::default());
            }
            // There is nothing to pause or to end.
            (_, None) => {}
        }
    }

    fn agent(&self, event: &AgentEvent<'_>) {
        in_scope!(self.now(), event);
    }

    fn tool(&self, event: &ToolEvent<'_>) {
        in_scope!(self.now(), event);
    }

    fn model(&self, event: &ModelEvent<'_>) {
        in_scope!(self.now(), event);
    }

    fn bus(&self, event: &BusEvent<'_>) {
        in_scope!(self.now(), event);
    }

    fn command_line(&self, event: &CommandLineEvent<'_>) {
        in_scope!(self.now(), event);
    }
}
