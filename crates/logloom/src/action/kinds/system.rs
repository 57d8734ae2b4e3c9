//! What goes wrong in the agent itself.

use super::action;

action! {
    /// `system_error`: something of the agent failed. Its status is `error`.
    SystemError = SystemError, is Error {
        new {
            /// the part, such as `mcp_server`.
            component: &'a str,
            /// what it said.
            error_message: &'a str,
        }
        with {
            /// Where it happened; `[MASKED]` while masking is on.
            traceback: &'a str,
        }
        order { component, error_message, traceback }
    }
}

action! {
    /// `system_warning`: something of the agent may come to fail.
    SystemWarning = SystemWarning, free status {
        new {
            /// the part.
            component: &'a str,
            /// what it said.
            error_message: &'a str,
        }
        with {
            /// Where it happened; `[MASKED]` while masking is on.
            traceback: &'a str,
        }
        order { component, error_message, traceback }
    }
}
