//! Takes which actions are recorded and which must not be dropped, hands it to the call sites of actions;
//! refuses nothing.

use crate::action::{ActionType, Status};

/// The action log of an agent. May change while the program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionSettings {
    /// The types that are not recorded. Their actions use no number. Default: agent_thinking and
    /// hook_execute.
    pub off: Vec<ActionType>,
    /// Types whose actions find room as ERROR does: in a ring of their own, then the caller waits, then
    /// it writes them itself. Default: none beside those whose level is ERROR anyway.
    pub critical_types: Vec<ActionType>,
    /// The same for statuses. Default: none.
    pub critical_statuses: Vec<Status>,
    /// Whether what the model thought is masked in `thinking_content`, whatever else is. Default false.
    pub mask_thinking: bool,
    /// Whether a call returns only when its line is in the file, `write(2)` done. Default false: it is
    /// safe from the death of the process all the same.
    pub waits: bool,
}

impl Default for ActionSettings {
    fn default() -> Self {
        let off = ActionType::ALL.iter().copied().filter(|kind| !kind.is_on_by_default());
        ActionSettings {
            off: off.collect(),
            critical_types: Vec::new(),
            critical_statuses: Vec::new(),
            mask_thinking: false,
            waits: false,
        }
    }
}

impl ActionSettings {
    /// Whether actions of this type are recorded.
    #[must_use]
    pub fn records(&self, kind: ActionType) -> bool {
        !self.off.contains(&kind)
    }

    /// Switches a type on or off.
    pub fn switch(&mut self, kind: ActionType, is_on: bool) {
        self.off.retain(|known| *known != kind);
        if !is_on {
            self.off.push(kind);
        }
    }
}
