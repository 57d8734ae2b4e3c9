//! The nineteen kinds of action, and which actions are errors.
//!
//! Takes names, says whether they are known and what was probably meant. A name that is not known
//! is no mistake of the log: programs may write kinds of their own, which are found like the others.

use super::lang::Lang;

/// The names in the order of the document.
pub const ACTION_TYPES: [&str; 19] = [
    "user_input",
    "user_command",
    "agent_state_change",
    "agent_thinking",
    "llm_request",
    "llm_response",
    "llm_error",
    "tool_call",
    "tool_result",
    "tool_error",
    "tool_permission",
    "session_start",
    "session_end",
    "session_pause",
    "session_resume",
    "hook_execute",
    "hook_error",
    "system_error",
    "system_warning",
];

/// The statuses of the document.
pub const STATUSES: [&str; 7] =
    ["success", "failure", "denied", "cancelled", "timeout", "pending", "error"];

/// Whether an action of this type and status counts as an error: `llm_error`, `tool_error`,
/// `hook_error`, `system_error`, and anything with the status `error`.
#[must_use]
pub fn is_error(action_type: &str, status: &str) -> bool {
    action_type.ends_with("_error") || status == "error"
}

/// What a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Type,
    Status,
}

impl Named {
    fn known(self) -> &'static [&'static str] {
        match self {
            Named::Type => &ACTION_TYPES,
            Named::Status => &STATUSES,
        }
    }

    fn noun(self, lang: Lang) -> &'static str {
        match self {
            Named::Type => lang.pick("action type", "行动类型"),
            Named::Status => lang.pick("status", "状态"),
        }
    }
}

/// Why a name is strange, with the name that was probably meant; `None` when it is known.
pub(crate) fn strange(what: Named, name: &str, lang: Lang) -> Option<String> {
    let known = what.known();
    if known.contains(&name) {
        return None;
    }
    let nearest = known.iter().map(|known| (distance(name, known), *known)).min();
    let hint = match (nearest.filter(|(distance, _)| *distance <= 3), lang) {
        (Some((_, meant)), Lang::English) => format!("Did you mean {meant}?"),
        (Some((_, meant)), Lang::Chinese) => format!("您是指 {meant} 吗？"),
        (None, Lang::English) => format!("Known: {}.", known.join(", ")),
        (None, Lang::Chinese) => format!("已知：{}。", known.join("、")),
    };
    let (name, noun) = (name.escape_debug(), what.noun(lang));
    Some(match lang {
        Lang::English => format!("`{name}` is no known {noun}. {hint}"),
        Lang::Chinese => format!("`{name}` 不是已知的{noun}。{hint}"),
    })
}

/// How many letters must be changed, added or left out to make one word of the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        assert_eq!(strange(Named::Type, "tool_call", Lang::English), None);
        let text = strange(Named::Type, "tool_cal", Lang::English).unwrap();
        assert_eq!(text, "`tool_cal` is no known action type. Did you mean tool_call?");
        let text = strange(Named::Status, "xyzxyzxyz", Lang::English).unwrap();
        assert!(text.contains("Known: success, failure"), "{text}");
        let text = strange(Named::Status, "eror", Lang::Chinese).unwrap();
        assert_eq!(text, "`eror` 不是已知的状态。您是指 error 吗？");
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn errors_are_told_by_type_and_status() {
        assert!(is_error("tool_error", "") && is_error("tool_result", "error"));
        assert!(!is_error("tool_result", "failure") && !is_error("system_warning", "success"));
    }
}
