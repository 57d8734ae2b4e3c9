//! The action log of an agent: what `/log` and its companions show.
//!
//! Takes the files of a log and what is asked of them, gives tables, counts, timelines and reports
//! as text or JSON. An action is a record with the field `action_type`; others are passed over.
//! Start with [`LogRequest::run`] for `/log`, [`answer_log_line`] for a host program,
//! [`LogQueryEngine`] for programs that want the actions themselves.

mod command;
mod days;
mod engine;
mod flags;
mod head;
mod kind;
mod lang;
mod log;
mod message;
pub mod report;
mod request;
mod rows;
mod scan;
mod screen;
mod sessions;
mod sheet;
mod summary;
mod table;
pub mod timeline;
mod tools;
mod view;

pub use command::{LogAnswer, LogLineError, answer_log_line};
pub use days::{Days, DaysError};
pub use engine::{EXECUTE_ROWS_DEFAULT, Found, FoundAction, FoundActions, LogQueryEngine};
pub use flags::{LogFlags, LogFlagsError};
pub use kind::{ACTION_TYPES, STATUSES, is_error};
pub use lang::Lang;
pub use log::{LogFormat, LogOutcome, LogRequest, ROWS_DEFAULT, Rows};
pub use message::message;
pub use report::Report;
pub use request::{ActionFilter, CONTENT_FIELDS, split_names};
pub use screen::Screen;
pub use sessions::{SESSIONS_MAX, Session, SessionState, Sessions};
pub use summary::ActionSummary;
pub use view::ActionView;
