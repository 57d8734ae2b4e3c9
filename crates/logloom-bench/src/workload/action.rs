//! The action of the workloads: a call of a tool with six fields and 256 bytes of values, its number
//! apart. The same for every logger; one that cannot nest gives each argument a field of its own.

use std::hint::black_box;

/// The type of the action.
pub const TYPE: &str = "tool_call";

/// The texts of the action.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    /// `session_id`
    pub session: &'static str,
    /// `execution_id`
    pub execution: &'static str,
    /// `tool_name`
    pub tool: &'static str,
    /// `tool_use_id`
    pub tool_use: &'static str,
    /// `args.command`
    pub command: &'static str,
    /// `args.description`
    pub description: &'static str,
    /// `permission_level`
    pub permission: &'static str,
}

/// As an agent says them.
pub static TEXTS: Texts = Texts {
    session: "session-20251121143210-123456",
    execution: "exec-0123456789abcdef",
    tool: "bash",
    tool_use: "toolu_0123456789abcdef",
    command: "cd shop && cargo test --workspace --locked -- --nocapture 2>&1 | tail -n 40; git diff --stat HEAD~1; grep -rn 'fn main' src examples | head -n 9",
    description: "Run tests and list the changes",
    permission: "NORMAL",
};

/// The texts, opaque to the optimiser, so that no logger has them folded into its code.
#[inline(always)]
pub fn texts() -> &'static Texts {
    black_box(&TEXTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_have_256_bytes() {
        let Texts { session, execution, tool, tool_use, command, description, permission } = TEXTS;
        let texts = [session, execution, tool, tool_use, command, description, permission];
        assert_eq!(texts.iter().map(|text| text.len()).sum::<usize>(), 256);
    }
}
