//! The action log of an agent: what its user, its model and its tools did, in a typed form.
//!
//! In come actions of 19 types and the session they belong to; out go lines in the order of the document
//! (`docs/action-log.md`). An action is safe the moment its call returns, as every record is. Actions of
//! a session are numbered 1, 2, 3 … by the thread that writes them, over crashes, resumed sessions and
//! processes that share one. What must be there is asked for by `new`; a status, a duration or a
//! number of tokens has a type of its own.
//!
//! ```no_run
//! use std::time::Duration;
//! use logloom::action::{Outcome, Session, TokenUsage, ToolCall, ToolResult, UserInput, LlmResponse};
//!
//! # fn main() -> Result<(), logloom::InitError> {
//! let _log = logloom::init()?;
//! let session = Session::builder().project("my-project").start();
//! let turn = session.execution();
//! UserInput::new("list the files").log(&turn);
//! LlmResponse::new("req-1").usage(TokenUsage::new(1234, 567)).log(&turn);
//! ToolCall::new("bash", "toolu_1").arguments(&[("command", &"ls -la")]).log(&turn);
//! ToolResult::new("toolu_1", Outcome::Success)
//!     .output("README.md")
//!     .duration(Duration::from_millis(123))
//!     .log(&turn);
//! session.end("user_exit");
//! # Ok(())
//! # }
//! ```
//!
//! An agent that must not know of the log tells an [`Observer`] what happens; [`ActionLog`] is one.

mod emit;
mod ids;
mod kinds;
mod observer;
mod session;
mod values;

pub use emit::{NoSession, Scope};
pub use ids::{execution_id, request_id, session_id, tool_use_id};
pub use kinds::agent::{AgentStateChange, AgentThinking};
pub use kinds::hook::{HookError, HookExecute};
pub use kinds::llm::{LlmError, LlmRequest, LlmResponse, ToolUse};
pub use kinds::session::{SessionEnd, SessionPause, SessionResume, SessionStart};
pub use kinds::system::{SystemError, SystemWarning};
pub use kinds::tool::{Outcome, ToolCall, ToolError, ToolPermission, ToolResult};
pub use kinds::user::{UserCommand, UserInput};
pub use logloom_core::action::{ActionType, Status, UnknownName, enabled, level};
pub use logloom_record::wire::Members;
pub use observer::{
    ActionLog, AgentEvent, BusEvent, CommandLineEvent, ModelEvent, Observer, Observers,
    SessionEvent, ToolEvent,
};
pub use session::{Execution, Session, SessionBuilder, Totals};
pub use values::{
    AgentState, Decision, HookType, InputMode, PermissionLevel, ResponseType, TokenUsage,
};
