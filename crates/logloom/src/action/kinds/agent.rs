//! What the agent itself does.

use std::time::Duration;

use super::action;
use crate::action::AgentState;

action! {
    /// `agent_state_change`: the agent goes from one state to another.
    AgentStateChange = AgentStateChange {
        new {
            /// the state it leaves.
            from_state: AgentState<'a>,
            /// the state it enters.
            to_state: AgentState<'a>,
        }
        with {
            /// Why, in a word such as `user_request`.
            reason: &'a str,
        }
        order { from_state, to_state, reason }
    }
}

action! {
    /// `agent_thinking`: what the model thought. Off by default; `mask.fields: [thinking_content]` keeps
    /// the text out of the log.
    AgentThinking = AgentThinking {
        new {
            /// the thoughts.
            thinking_content: &'a str,
        }
        own { duration_ms: u64, }
        order { thinking_content, duration_ms }
    }
}

impl AgentThinking<'_> {
    /// How long it took.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration_ms = Some(super::milliseconds(duration));
        self
    }
}
