//! Session files of coding agents, as actions.
//!
//! Takes the lines of one session file in their order, gives the actions of each: none, one or
//! several. What has a place in the nineteen action types goes there; every member that has none
//! stays whole in the field `extra`, and a kind of line that nobody knows becomes an
//! `agent_state_change` that says so and holds all of it. Nothing is estimated: tokens are told
//! once, where the file tells them.
//!
//! State: the number of the last action of each session of the file, what was told before. Bounded
//! by [`SESSIONS_MAX`]. A line that is no JSON object is refused and stays what it is.

mod claude_code;
mod codex;
mod draft;
mod object;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use logloom_record::Record;

use crate::Defaults;
use draft::Draft;
use object::Object;

/// Sessions of one file whose actions are numbered.
const SESSIONS_MAX: usize = 1_000;

/// The names of the formats, each with a line of it.
pub(crate) const AGENTS: [(&str, &str); 2] = [
    (
        "claude-code",
        r#"{"type":"user","sessionId":"4f35","timestamp":"2025-05-26T07:27:40.079Z","message":{"role":"user","content":"Add a test"}}"#,
    ),
    (
        "codex",
        r#"{"timestamp":"2025-10-29T00:59:38.317Z","type":"event_msg","payload":{"type":"user_message","message":"Add a test"}}"#,
    ),
];

/// Reads the session files of one agent.
#[derive(Clone, Debug)]
pub(crate) struct AgentReader {
    agent: Agent,
    numbers: HashMap<String, u64>,
    /// The time of the last line that named one.
    time_ns: Option<i64>,
}

#[derive(Clone, Debug)]
enum Agent {
    ClaudeCode(claude_code::State),
    Codex(codex::State),
}

impl AgentReader {
    /// The reader of this name; `None` where there is none.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let agent = match name {
            "claude-code" => Agent::ClaudeCode(claude_code::State::default()),
            "codex" => Agent::Codex(codex::State::default()),
            _ => return None,
        };
        Some(Self { agent, numbers: HashMap::new(), time_ns: None })
    }

    /// The name of the format.
    pub(crate) fn name(&self) -> &'static str {
        match self.agent {
            Agent::ClaudeCode(_) => AGENTS[0].0,
            Agent::Codex(_) => AGENTS[1].0,
        }
    }

    /// The actions of a line; `None` where it is no JSON object.
    pub(crate) fn records(&mut self, line: &str, defaults: &Defaults) -> Option<Vec<Record>> {
        let object = Object::parse(line)?;
        let mut drafts = match &mut self.agent {
            Agent::ClaudeCode(state) => claude_code::read(&object, state),
            Agent::Codex(state) => codex::read(&object, state),
        };
        for draft in &mut drafts {
            self.time_ns = draft.time_ns.or(self.time_ns);
            draft.time_ns = self.time_ns;
        }
        let name = self.name();
        let number = |draft: Draft| {
            let number = self.number(&draft);
            draft.into_record(name, number, defaults)
        };
        Some(drafts.into_iter().map(number).collect())
    }

    /// The number of the next action of its session. What an agent within the agent does stands in
    /// a file of its own and has none.
    fn number(&mut self, draft: &Draft) -> Option<u64> {
        let session = draft.session_id.as_ref().filter(|_| !draft.is_sidechain)?;
        if !self.numbers.contains_key(session) && self.numbers.len() >= SESSIONS_MAX {
            return None;
        }
        let number = self.numbers.entry(session.clone()).or_default();
        *number += 1;
        Some(*number)
    }
}
