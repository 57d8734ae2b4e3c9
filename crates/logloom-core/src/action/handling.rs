//! What the settings say of one action, for the calling thread: one load.

use std::sync::atomic::{AtomicU32, Ordering};

use super::{ActionType, Status};
use crate::settings::ActionSettings;

/// Bits of critical types, and from bit 19 on of critical statuses; bit 31: callers wait.
static HANDLING: AtomicU32 = AtomicU32::new(0);
const STATUSES: u32 = ActionType::ALL.len() as u32;
const WAITS: u32 = 1 << 31;

const _: () = assert!(ActionType::ALL.len() + Status::ALL.len() < 31);

/// How one action is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handling {
    /// It goes the way of ERROR, which is never dropped for want of room.
    pub is_critical: bool,
    /// The call returns when the line is in the file.
    pub waits: bool,
}

/// How an action of this type and status is handed over.
#[inline(always)]
#[must_use]
pub fn handling(kind: ActionType, status: Option<Status>) -> Handling {
    let word = HANDLING.load(Ordering::Relaxed);
    if word == 0 {
        return Handling { is_critical: false, waits: false };
    }
    let status = status.map_or(0, |status| status.bit() << STATUSES);
    Handling { is_critical: word & (kind.bit() | status) != 0, waits: word & WAITS != 0 }
}

/// Takes the settings over for all threads.
pub(crate) fn apply(settings: &ActionSettings) {
    let kinds = settings.critical_types.iter().fold(0, |word, kind| word | kind.bit());
    let statuses = settings.critical_statuses.iter();
    let statuses = statuses.fold(0, |word, status| word | status.bit() << STATUSES);
    let waits = if settings.waits { WAITS } else { 0 };
    HANDLING.store(kinds | statuses | waits, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_statuses_are_critical_by_name() {
        apply(&ActionSettings {
            critical_types: vec![ActionType::UserInput, ActionType::SystemWarning],
            critical_statuses: vec![Status::Error],
            waits: true,
            ..ActionSettings::default()
        });
        let is_critical = |kind, status| handling(kind, status).is_critical;
        assert!(is_critical(ActionType::UserInput, None));
        assert!(is_critical(ActionType::SystemWarning, Some(Status::Success)));
        assert!(is_critical(ActionType::ToolResult, Some(Status::Error)));
        assert!(!is_critical(ActionType::ToolResult, Some(Status::Timeout)));
        assert!(handling(ActionType::ToolCall, None).waits);
        apply(&ActionSettings::default());
        assert!(!handling(ActionType::ToolCall, None).waits);
    }
}
