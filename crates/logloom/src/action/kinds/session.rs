//! How a session begins, rests and ends. [`Session`](crate::action::Session) records these by itself;
//! they are public for those who keep sessions of their own.

use std::time::Duration;

use logloom_record::wire::Members;

use super::action;
use crate::action::Totals;

action! {
    /// `session_start`: a session begins.
    SessionStart = SessionStart {
        with {
            /// Name of the project.
            project_name: &'a str,
            /// What else is known of the surroundings, by name.
            metadata: Members<'a>,
        }
        order { project_name, metadata }
    }
}

action! {
    /// `session_pause`: a session is put aside.
    SessionPause = SessionPause {
        with {
            /// Name of the project.
            project_name: &'a str,
            /// What else is known, by name.
            metadata: Members<'a>,
            /// Why.
            reason: &'a str,
        }
        order { project_name, metadata, reason }
    }
}

action! {
    /// `session_resume`: a session goes on, here or in another process.
    SessionResume = SessionResume {
        with {
            /// Name of the project.
            project_name: &'a str,
            /// What else is known, by name.
            metadata: Members<'a>,
            /// Why.
            reason: &'a str,
        }
        order { project_name, metadata, reason }
    }
}

action! {
    /// `session_end`: a session ends, with what it came to in this process.
    SessionEnd = SessionEnd, free status {
        with {
            /// Name of the project.
            project_name: &'a str,
            /// What else is known, by name.
            metadata: Members<'a>,
            /// Why.
            reason: &'a str,
        }
        own {
            duration_ms: u64,
            total_actions: u64,
            total_errors: u64,
            total_input_tokens: u64,
            total_output_tokens: u64,
        }
        order {
            project_name, metadata, reason, duration_ms, total_actions, total_errors,
            total_input_tokens, total_output_tokens,
        }
    }
}

impl SessionEnd<'_> {
    /// How long it lasted.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration_ms = Some(super::milliseconds(duration));
        self
    }

    /// What it came to.
    pub fn totals(mut self, totals: Totals) -> Self {
        self.total_actions = Some(totals.actions);
        self.total_errors = Some(totals.errors);
        self.total_input_tokens = Some(totals.input_tokens);
        self.total_output_tokens = Some(totals.output_tokens);
        self
    }
}
