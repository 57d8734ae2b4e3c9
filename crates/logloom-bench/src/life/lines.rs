//! Lines as an agent logs its actions. In comes a size; out go JSON lines with session, execution and tool
//! identifiers that never repeat, and texts, paths and tool outputs of a small vocabulary, as real ones have.

use std::fmt::Write;

use crate::proof::dice::Dice;

const WORDS: &[&str] = &[
    "the",
    "file",
    "was",
    "read",
    "and",
    "then",
    "function",
    "returns",
    "an",
    "error",
    "while",
    "opening",
    "module",
    "import",
    "config",
    "value",
    "test",
    "passed",
    "update",
    "line",
    "code",
    "user",
    "request",
    "response",
    "data",
    "list",
    "of",
    "items",
    "check",
    "result",
    "build",
    "cargo",
    "python",
    "server",
    "client",
    "message",
    "index",
    "path",
    "directory",
    "search",
    "replace",
    "edit",
    "command",
    "output",
    "token",
    "cache",
    "stream",
    "record",
    "to",
    "in",
];
const TOOLS: &[&str] = &["bash", "read_file", "edit_file", "grep", "write_file", "web_fetch"];

/// About so many bytes of lines.
pub(crate) fn actions(bytes: u64) -> Vec<u8> {
    let mut writer = Writer { dice: Dice::new(4), number: 0, session: 0, micros: 0 };
    let mut text = String::new();
    while (text.len() as u64) < bytes {
        writer.line(&mut text);
    }
    text.into_bytes()
}

struct Writer {
    dice: Dice,
    number: u64,
    session: u64,
    micros: u64,
}

impl Writer {
    fn line(&mut self, text: &mut String) {
        if self.number == 0 || self.dice.chance(1, 150) {
            (self.session, self.number) = (self.dice.below(1_000_000), 0);
        }
        self.number += 1;
        self.micros += 1 + self.dice.below(300_000);
        let kind = match self.dice.below(8) {
            0 => "user_input",
            1 | 2 => "tool_call",
            3 | 4 => "tool_result",
            5 => "llm_request",
            6 => "llm_response",
            _ => "agent_state_change",
        };
        let status = if self.dice.chance(1, 12) { "error" } else { "success" };
        let execution = (u128::from(self.dice.next()) << 64) | u128::from(self.dice.next());
        let (second, micros) = (self.micros / 1_000_000, self.micros % 1_000_000);
        let (hour, minute, second) = (second / 3600 % 24, second / 60 % 60, second % 60);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "{{\"timestamp\":\"2026-11-01T{hour:02}:{minute:02}:{second:02}.{micros:06}Z\",\
             \"level\":\"INFO\",\"service\":\"agent\",\"action_number\":{},\
             \"action_type\":\"{kind}\",\"session_id\":\"session-20261101120000-{:06}\",\
             \"execution_id\":\"exec-{execution:032x}\",\"status\":\"{status}\"",
            self.number, self.session
        );
        self.fields(kind, text);
        text.push_str("}\n");
    }

    fn fields(&mut self, kind: &str, text: &mut String) {
        let (id, tool) = (self.dice.next(), self.one(TOOLS));
        let (first, second) = (self.one(WORDS), self.one(WORDS));
        let _ = match kind {
            "tool_call" => write!(
                text,
                ",\"tool_name\":\"{tool}\",\"tool_use_id\":\"toolu_{id:016x}\",\"parameters\":\
                 {{\"path\":\"/home/user/project/src/{first}/{second}.rs\",\"limit\":200}}"
            ),
            "tool_result" => {
                let duration = self.dice.below(90_000);
                write!(text, ",\"tool_use_id\":\"toolu_{id:016x}\",\"duration_ms\":{duration}")
            }
            "llm_request" | "llm_response" => {
                let tokens = self.dice.below(90_000);
                write!(
                    text,
                    ",\"model\":\"large-1\",\"request_id\":\"req-{id:016x}\",\"tokens\":{tokens}"
                )
            }
            "agent_state_change" => {
                write!(text, ",\"from_state\":\"THINKING\",\"to_state\":\"USING_TOOL\"")
            }
            _ => Ok(()),
        };
        match kind {
            "tool_result" => self.output(text),
            "llm_response" | "user_input" => self.content(text),
            _ => {}
        }
    }

    /// What a tool prints: lines of a listing.
    fn output(&mut self, text: &mut String) {
        text.push_str(",\"output\":\"");
        for line in 0..self.dice.below(20) {
            let (first, second, third) = (self.one(WORDS), self.one(WORDS), self.one(WORDS));
            let _ = write!(text, "src/{first}/{second}.rs:{}:    let {third} = ", 10 + 7 * line);
            let _ = write!(text, "self.{second}({first});\\n");
        }
        text.push('"');
    }

    fn content(&mut self, text: &mut String) {
        text.push_str(",\"content\":\"");
        for _ in 0..5 + self.dice.below(60) {
            let word = self.one(WORDS);
            text.push_str(word);
            text.push(' ');
        }
        text.push('"');
    }

    fn one(&mut self, of: &'static [&'static str]) -> &'static str {
        of[self.dice.below(of.len() as u64) as usize]
    }
}
