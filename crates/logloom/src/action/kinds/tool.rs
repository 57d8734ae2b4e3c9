//! What tools are asked to do and what comes of it.

use std::time::Duration;

use logloom_record::Encode;
use logloom_record::wire::{Encoder, Members};

use super::action;
use crate::action::{Decision, PermissionLevel, Status};

/// The arguments of a tool: named values, or one value of any kind.
#[derive(Clone, Copy)]
pub(in crate::action) enum Arguments<'a> {
    Named(Members<'a>),
    Value(&'a dyn Encode),
}

impl Encode for Arguments<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        match self {
            Arguments::Named(members) => members.encoded_len(),
            Arguments::Value(value) => value.encoded_len(),
        }
    }

    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        match self {
            Arguments::Named(members) => members.encode(out),
            Arguments::Value(value) => value.encode(out),
        }
    }
}

action! {
    /// `tool_call`: a tool is called.
    ToolCall = ToolCall, free status {
        new {
            /// name of the tool.
            tool_name: &'a str,
            /// the id of this use, such as the model's or [`tool_use_id`](crate::action::tool_use_id).
            tool_use_id: &'a str,
        }
        with {
            /// How much it may do.
            permission_level: PermissionLevel<'a>,
        }
        own { args: Arguments<'a>, }
        order { tool_name, tool_use_id, args, permission_level }
    }
}

impl<'a> ToolCall<'a> {
    /// Its arguments by name; an empty list is written as `{}`.
    pub fn arguments(mut self, arguments: &'a [(&'a str, &'a dyn Encode)]) -> Self {
        self.args = Some(Arguments::Named(Members(arguments)));
        self
    }

    /// Its arguments as one value, such as a map or [`Value::Json`](crate::Value::Json).
    pub fn arguments_value(mut self, arguments: &'a dyn Encode) -> Self {
        self.args = Some(Arguments::Value(arguments));
        self
    }
}

/// How a tool came out; `success` and `status` both say it, and never differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// As it should.
    Success,
    /// It ran and did not succeed.
    Failure,
    /// It was not allowed.
    Denied,
    /// Somebody called it off.
    Cancelled,
    /// It took too long.
    Timeout,
    /// It could not do its work.
    Error,
}

impl From<Outcome> for Status {
    fn from(outcome: Outcome) -> Status {
        match outcome {
            Outcome::Success => Status::Success,
            Outcome::Failure => Status::Failure,
            Outcome::Denied => Status::Denied,
            Outcome::Cancelled => Status::Cancelled,
            Outcome::Timeout => Status::Timeout,
            Outcome::Error => Status::Error,
        }
    }
}

/// `success`: whether it was one.
impl Encode for Outcome {
    #[inline]
    fn encoded_len(&self) -> usize {
        true.encoded_len()
    }

    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        (*self == Outcome::Success).encode(out);
    }
}

action! {
    /// `tool_result`: what a tool gave.
    ToolResult = ToolResult {
        new {
            /// the id of the use.
            tool_use_id: &'a str,
            /// how it came out: the fields `success` and `status`.
            success: Outcome,
        }
        with {
            /// What it gave. Cut as `truncate` says.
            output: &'a str,
        }
        own { duration_ms: u64, }
        order { tool_use_id, success, output, duration_ms }
    }
}

impl ToolResult<'_> {
    /// How long it took.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration_ms = Some(super::milliseconds(duration));
        self
    }
}

action! {
    /// `tool_error`: a tool that could not do its work. Its status is `error`.
    ToolError = ToolError, is Error {
        new {
            /// the id of the use.
            tool_use_id: &'a str,
            /// the kind of error, such as `execution_error`.
            error_type: &'a str,
            /// what it said.
            error_message: &'a str,
        }
        order { tool_use_id, error_type, error_message }
    }
}

action! {
    /// `tool_permission`: somebody was asked whether a tool may run.
    ToolPermission = ToolPermission, free status {
        new {
            /// the id of the use.
            tool_use_id: &'a str,
            /// how much the tool may do.
            permission_level: PermissionLevel<'a>,
            /// what was decided.
            user_decision: Decision<'a>,
        }
        own { decision_time_ms: u64, }
        order { tool_use_id, permission_level, user_decision, decision_time_ms }
    }
}

impl ToolPermission<'_> {
    /// How long the decision took.
    pub fn decision_time(mut self, time: Duration) -> Self {
        self.decision_time_ms = Some(super::milliseconds(time));
        self
    }
}
