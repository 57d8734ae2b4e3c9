//! What kinds of actions there are, what they are worth, and how they are handed over.
//!
//! In come types and statuses; out go their names, their levels and their defaults, one table for the
//! library, the configuration and the tools. An unknown name is refused with the nearest one.

mod emit;
mod handling;

use std::fmt;

use logloom_record::wire::Encoder;
use logloom_record::{Encode, Level};

pub(crate) use emit::is_masked;
pub use emit::{enabled, record};
pub(crate) use handling::apply;
pub use handling::{Handling, handling};

/// The module of the call sites of actions.
pub const MODULE: &str = "logloom.action";

/// A name that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// What was given.
    pub name: String,
    /// The nearest name there is, where one is near.
    pub nearest: Option<&'static str>,
    what: &'static str,
}

impl UnknownName {
    fn new(what: &'static str, name: &str, all: impl Iterator<Item = &'static str>) -> Self {
        UnknownName { name: name.to_owned(), nearest: crate::settings::nearest(name, all), what }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is no {}", self.name, self.what)?;
        match self.nearest {
            Some(nearest) => write!(formatter, ", did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownName {}

macro_rules! action_types {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $level:ident, $on:literal;)*) => {
        /// The type of an action.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum ActionType {
            $($(#[$doc])* $variant,)*
        }

        impl ActionType {
            /// Every type, in the order of the document.
            pub const ALL: &'static [ActionType] = &[$(ActionType::$variant,)*];

            /// The name in `action_type`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(ActionType::$variant => $name,)* }
            }

            /// The level of its actions, unless their status raises it.
            #[must_use]
            pub const fn level(self) -> Level {
                match self { $(ActionType::$variant => Level::$level,)* }
            }

            /// Whether it is recorded where nobody says otherwise.
            #[must_use]
            pub const fn is_on_by_default(self) -> bool {
                match self { $(ActionType::$variant => $on,)* }
            }
        }
    };
}

action_types! {
    /// Text that the user entered.
    UserInput = "user_input", Info, true;
    /// A command that the user gave to the agent itself, such as `/status`.
    UserCommand = "user_command", Info, true;
    /// The agent goes from one state to another.
    AgentStateChange = "agent_state_change", Debug, true;
    /// What the model thought. Off by default.
    AgentThinking = "agent_thinking", Debug, false;
    /// A request to a model.
    LlmRequest = "llm_request", Info, true;
    /// A model's answer.
    LlmResponse = "llm_response", Info, true;
    /// A request that failed.
    LlmError = "llm_error", Error, true;
    /// A tool is called.
    ToolCall = "tool_call", Info, true;
    /// What a tool gave.
    ToolResult = "tool_result", Info, true;
    /// A tool that could not do its work.
    ToolError = "tool_error", Error, true;
    /// Somebody was asked whether a tool may run.
    ToolPermission = "tool_permission", Info, true;
    /// A session begins.
    SessionStart = "session_start", Info, true;
    /// A session ends.
    SessionEnd = "session_end", Info, true;
    /// A session is put aside.
    SessionPause = "session_pause", Info, true;
    /// A session goes on.
    SessionResume = "session_resume", Info, true;
    /// A hook has run. Off by default.
    HookExecute = "hook_execute", Debug, false;
    /// A hook that failed.
    HookError = "hook_error", Error, true;
    /// Something of the agent itself failed.
    SystemError = "system_error", Error, true;
    /// Something of the agent itself may come to fail.
    SystemWarning = "system_warning", Warn, true;
}

impl ActionType {
    /// The type of that name.
    ///
    /// # Errors
    /// [`UnknownName`] with the nearest one.
    pub fn parse(name: &str) -> Result<ActionType, UnknownName> {
        let names = || ActionType::ALL.iter().map(|kind| kind.name());
        let found = ActionType::ALL.iter().find(|kind| kind.name() == name);
        found.copied().ok_or_else(|| UnknownName::new("action type", name, names()))
    }

    pub(crate) const fn bit(self) -> u32 {
        1 << self as u8
    }
}

impl fmt::Display for ActionType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How an action came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Status {
    /// As it should.
    Success,
    /// It was done and did not succeed.
    Failure,
    /// It was not allowed.
    Denied,
    /// Somebody called it off.
    Cancelled,
    /// It took too long.
    Timeout,
    /// It is not known yet.
    Pending,
    /// It could not be done.
    Error,
}

impl Status {
    /// Every status.
    pub const ALL: &'static [Status] = &[
        Status::Success,
        Status::Failure,
        Status::Denied,
        Status::Cancelled,
        Status::Timeout,
        Status::Pending,
        Status::Error,
    ];

    /// The name in `status`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Status::Success => "success",
            Status::Failure => "failure",
            Status::Denied => "denied",
            Status::Cancelled => "cancelled",
            Status::Timeout => "timeout",
            Status::Pending => "pending",
            Status::Error => "error",
        }
    }

    /// The least level of an action of this status.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Status::Success | Status::Pending | Status::Cancelled => Level::Trace,
            Status::Failure | Status::Denied | Status::Timeout => Level::Warn,
            Status::Error => Level::Error,
        }
    }

    /// The status of that name.
    ///
    /// # Errors
    /// [`UnknownName`] with the nearest one.
    pub fn parse(name: &str) -> Result<Status, UnknownName> {
        let names = || Status::ALL.iter().map(|status| status.name());
        let found = Status::ALL.iter().find(|status| status.name() == name);
        found.copied().ok_or_else(|| UnknownName::new("status", name, names()))
    }

    pub(crate) const fn bit(self) -> u32 {
        1 << self as u8
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Encode for Status {
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        self.name().encoded_len()
    }

    #[inline(always)]
    fn encode(&self, out: &mut Encoder<'_>) {
        self.name().encode(out);
    }
}

/// The level of an action: that of its type, or that of its status where this is higher.
#[must_use]
pub const fn level(kind: ActionType, status: Option<Status>) -> Level {
    let own = kind.level();
    match status {
        Some(status) if status.level() as u8 > own as u8 => status.level(),
        _ => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_and_others_are_refused() {
        assert_eq!((ActionType::ALL.len(), Status::ALL.len()), (19, 7));
        for kind in ActionType::ALL {
            assert_eq!(ActionType::parse(kind.name()), Ok(*kind));
        }
        for status in Status::ALL {
            assert_eq!(Status::parse(status.name()), Ok(*status));
        }
        let refused = ActionType::parse("tool_cal").map_err(|error| error.to_string());
        let text = "`tool_cal` is no action type, did you mean `tool_call`?";
        assert_eq!(refused, Err(text.to_owned()));
    }

    #[test]
    fn errors_are_errors_by_type_and_by_status() {
        let errors = ActionType::ALL.iter().filter(|kind| kind.level() == Level::Error);
        let names: Vec<&str> = errors.map(|kind| kind.name()).collect();
        assert_eq!(names, ["llm_error", "tool_error", "hook_error", "system_error"]);
        for kind in ActionType::ALL {
            assert_eq!(level(*kind, Some(Status::Error)), Level::Error);
            assert_eq!(level(*kind, None), kind.level());
        }
        assert_eq!(level(ActionType::ToolResult, Some(Status::Timeout)), Level::Warn);
        assert_eq!(level(ActionType::HookExecute, Some(Status::Success)), Level::Debug);
        let off = ActionType::ALL.iter().filter(|kind| !kind.is_on_by_default());
        let off: Vec<&str> = off.map(|kind| kind.name()).collect();
        assert_eq!(off, ["agent_thinking", "hook_execute"]);
    }
}
