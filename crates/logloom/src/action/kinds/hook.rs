//! What hooks do.

use std::time::Duration;

use super::action;
use crate::action::HookType;

action! {
    /// `hook_execute`: a hook has run. Off by default.
    HookExecute = HookExecute, free status {
        new {
            /// name of the hook, such as `on_tool_execute`.
            hook_name: &'a str,
            /// what it is.
            hook_type: HookType<'a>,
        }
        own { duration_ms: u64, }
        order { hook_name, hook_type, duration_ms }
    }
}

impl HookExecute<'_> {
    /// How long it took.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration_ms = Some(super::milliseconds(duration));
        self
    }
}

action! {
    /// `hook_error`: a hook that failed. Its status is `error`.
    HookError = HookError, is Error {
        new {
            /// name of the hook.
            hook_name: &'a str,
            /// what it is.
            hook_type: HookType<'a>,
            /// the kind of error.
            error_type: &'a str,
            /// what it said.
            error_message: &'a str,
        }
        own { duration_ms: u64, }
        order { hook_name, hook_type, error_type, error_message, duration_ms }
    }
}

impl HookError<'_> {
    /// How long it took.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration_ms = Some(super::milliseconds(duration));
        self
    }
}
