//! From a typed action to the ring: the hot path of the action log.
//!
//! A type that is switched off costs one load. Otherwise the values are copied into the thread's ring as
//! those of any call are; no lock, no system call, no allocation. An action with further fields, which
//! its type does not have, is built as a record first.

use std::time::Duration;

use logloom_core::action::{ActionType, MODULE, Status, handling, level, record};
use logloom_core::runtime;
use logloom_record::wire::{Encoder, read_value, value_from_view};
use logloom_record::{Encode, Fields, Level, MessageKind, Record, Value};
use logloom_ring::front::{self, Call};

use crate::__private::{OFF, Site, word};
use crate::action::TokenUsage;
use crate::context::Context;

/// What an action belongs to: a session, or an execution within it.
pub trait Scope {
    /// The id of the session; `None` for an action that belongs to none and gets no number.
    fn session_id(&self) -> Option<&str>;

    /// The id of the execution, one turn of the agent, where there is one.
    fn execution_id(&self) -> Option<&str>;

    /// Hears of an action that was recorded, on the caller's thread.
    fn note(&self, level: Level, tokens: Option<TokenUsage>);
}

/// For what happens outside every session.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSession;

impl Scope for NoSession {
    fn session_id(&self) -> Option<&str> {
        None
    }

    fn execution_id(&self) -> Option<&str> {
        None
    }

    fn note(&self, _level: Level, _tokens: Option<TokenUsage>) {}
}

impl<S: Scope + ?Sized> Scope for &S {
    fn session_id(&self) -> Option<&str> {
        (**self).session_id()
    }

    fn execution_id(&self) -> Option<&str> {
        (**self).execution_id()
    }

    fn note(&self, level: Level, tokens: Option<TokenUsage>) {
        (**self).note(level, tokens);
    }
}

/// The call sites of one type: at its own level, at WARN and at ERROR, to which a status raises it.
pub(super) struct Sites {
    own: Site,
    warn: Site,
    error: Site,
}

impl Sites {
    pub(super) const fn new(kind: ActionType, fields: &'static [&'static str]) -> Sites {
        const fn site(kind: ActionType, level: Level, fields: &'static [&'static str]) -> Site {
            Site::new(level, MODULE, "", 0, kind.name(), MessageKind::Action, fields)
        }
        Sites {
            own: site(kind, kind.level(), fields),
            warn: site(kind, Level::Warn, fields),
            error: site(kind, Level::Error, fields),
        }
    }

    #[inline(always)]
    fn at(&'static self, level: Level) -> &'static Site {
        if level == self.own.level {
            &self.own
        } else if level == Level::Warn {
            &self.warn
        } else {
            &self.error
        }
    }
}

/// A field that an action has beside those of its type.
pub(super) type Further = Vec<(String, Value)>;

/// What every type tells of itself.
pub(super) trait Action {
    const KIND: ActionType;
    /// Names of all positional values, the common ones included.
    const FIELDS: &'static [&'static str];

    fn status(&self) -> Status;
    fn tokens(&self) -> Option<TokenUsage> {
        None
    }
    fn further(&self) -> &Further;
    /// Calls `visit` for each field of the type.
    fn each(&self, visit: &mut dyn FnMut(&'static str, &dyn Encode));
}

/// Hands an action over. `fields` are the values of its type, in their order.
#[inline(always)]
pub(super) fn emit<A: Action, F: Fields>(
    action: &A,
    sites: &'static Sites,
    scope: &impl Scope,
    fields: F,
) {
    let status = action.status();
    let level = level(A::KIND, Some(status));
    let site = sites.at(level);
    let word = word(site);
    if word == OFF {
        return;
    }
    scope.note(level, action.tokens());
    if !action.further().is_empty() {
        return emit_built(action, level, scope);
    }
    let handling = handling(A::KIND, Some(status));
    let lane = if handling.is_critical { Level::Error } else { level };
    let (session, execution) = (scope.session_id(), scope.execution_id());
    let fields = (&session, (&execution, (&status, fields)));
    front::emit(site, word, lane, &Call { message: None, fields });
    if handling.waits {
        wait();
    }
}

/// Waits until the line is in the file.
#[cold]
fn wait() {
    if let Some(handle) = runtime::current() {
        let _ = handle.flush(Duration::MAX);
    }
}

/// The same for an action with further fields.
#[cold]
#[inline(never)]
fn emit_built(action: &impl Action, level: Level, scope: &impl Scope) {
    record(kind_of(action), &build(action, level, scope));
}

fn kind_of<A: Action>(_action: &A) -> ActionType {
    A::KIND
}

/// The action as a record.
fn build(action: &impl Action, level: Level, scope: &impl Scope) -> Record {
    let mut record = Record::new(level, MODULE, "");
    record.session_id = scope.session_id().map(str::to_owned);
    if let Some(execution) = scope.execution_id() {
        record = record.with("execution_id", execution);
    }
    record = record.with("status", action.status().name());
    action.each(&mut |name, value| match owned(value) {
        Value::Null => {}
        value => record.fields.push((name.to_owned(), value)),
    });
    // The names of its type are the type's: a further field of one of them steps back.
    let known = |name: &str| action_has(action, name);
    record.fields.extend(action.further().iter().map(|(name, value)| {
        let name = if known(name) { format!("{name}_") } else { name.clone() };
        (name, value.clone())
    }));
    Context::current().add_to(&mut record);
    record
}

fn action_has<A: Action>(_action: &A, name: &str) -> bool {
    A::FIELDS.contains(&name) || name == "action_number"
}

/// A value out of its encoded form.
fn owned(value: &dyn Encode) -> Value {
    let mut bytes = vec![0; value.encoded_len()];
    value.encode(&mut Encoder::new(&mut bytes));
    read_value(&bytes).and_then(value_from_view).unwrap_or(Value::Null)
}
