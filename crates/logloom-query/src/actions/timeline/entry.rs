//! One entry of a timeline: what happened, below what, for how long.
//!
//! Takes an action, gives an entry and its JSON. Texts are cut at [`TEXT_BYTES_MAX`], so that a
//! session of large outputs needs little memory.

use logloom_filter::RawValue;
use logloom_record::time::format_rfc3339;

use crate::actions::lang::Lang;
use crate::actions::message::message;
use crate::actions::view::ActionView;
use crate::show::json_text;

/// Bytes of arguments or output that an entry keeps.
pub(crate) const TEXT_BYTES_MAX: usize = 32 << 10;

/// What the user decided about a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Permission {
    /// The level that was asked for.
    pub level: String,
    /// What was decided.
    pub decision: String,
    /// How long that took, in milliseconds.
    pub waited_ms: Option<f64>,
}

/// One entry.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// When it began, nanoseconds since 1970.
    pub time_ns: i64,
    /// The type of the action that began it.
    pub action_type: String,
    /// How deep it stands: 0 the session and the user, 1 models and the agent, 2 tools, 3 what
    /// belongs to a tool.
    pub depth: u8,
    /// The number of the action within its session.
    pub action_number: Option<u64>,
    /// What it belongs to.
    pub execution_id: String,
    /// The tool; empty when there is none.
    pub tool: String,
    /// What it says.
    pub text: String,
    /// What came of it; empty when nothing did, or is not known.
    pub outcome: String,
    /// How it ended; empty when that is not said.
    pub status: String,
    /// Whether it is an error, or ended in one.
    pub is_error: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<f64>,
    /// Tokens that were read.
    pub input_tokens: Option<u64>,
    /// Tokens that were written.
    pub output_tokens: Option<u64>,
    /// What the user decided.
    pub permission: Option<Permission>,
    /// The arguments as JSON, or the whole content of what the user or the model said.
    pub body: String,
    /// The whole output.
    pub output: String,
    /// The id by which actions belong together.
    pub(super) link: String,
    /// What belongs to it has not come yet.
    pub(super) is_open: bool,
    /// It is a permission whose call has not come yet.
    pub(super) awaits_call: bool,
}

impl Entry {
    pub(super) fn of(action: &ActionView<'_>, time_ns: i64, lang: Lang) -> Self {
        let action_type = action.action_type().into_owned();
        let link = match action_type.as_str() {
            "llm_request" | "llm_response" | "llm_error" => action.text("request_id"),
            _ => action.text("tool_use_id"),
        };
        let mut entry = Entry {
            time_ns,
            depth: depth(&action_type),
            action_number: action.action_number(),
            execution_id: action.text("execution_id").into_owned(),
            tool: action.text("tool_name").into_owned(),
            text: message(action, lang),
            status: action.status().into_owned(),
            is_error: action.is_error(),
            duration_ms: action.number("duration_ms"),
            input_tokens: action.count("input_tokens"),
            output_tokens: action.count("output_tokens"),
            is_open: matches!(action_type.as_str(), "llm_request" | "tool_call")
                && !link.is_empty(),
            link: link.into_owned(),
            action_type,
            ..Entry::default()
        };
        entry.fill(action, lang);
        entry
    }

    /// The texts that a table has no room for.
    fn fill(&mut self, action: &ActionView<'_>, lang: Lang) {
        let cut = |value| cut(value, lang);
        let body = match self.action_type.as_str() {
            "tool_call" => "args",
            "agent_thinking" => "thinking_content",
            _ => "content",
        };
        self.body = action.get(body).map(cut).unwrap_or_default();
        for path in ["output", "error_message", "traceback"] {
            if self.output.is_empty() {
                self.output = action.get(path).map(cut).unwrap_or_default();
            }
        }
        if self.action_type == "tool_permission" {
            self.permission = Some(Permission {
                level: action.text("permission_level").into_owned(),
                decision: action.text("user_decision").into_owned(),
                waited_ms: action.number("decision_time_ms"),
            });
        }
    }

    /// How it ended: what a call itself says of that is not known to hold while it has no result.
    pub(super) fn shown_status(&self) -> &str {
        if self.is_open { "" } else { &self.status }
    }

    /// The entry as one JSON object. What is not known is absent.
    #[must_use]
    pub fn json(&self) -> String {
        let mut text = format!(
            "{{\"timestamp\":\"{}\",\"action_type\":{},\"depth\":{}",
            format_rfc3339(self.time_ns, 6),
            json_text(&self.action_type),
            self.depth
        );
        for (name, count) in [
            ("action_number", self.action_number),
            ("input_tokens", self.input_tokens),
            ("output_tokens", self.output_tokens),
        ] {
            text += &count.map(|count| format!(",\"{name}\":{count}")).unwrap_or_default();
        }
        for (name, value) in [
            ("execution_id", self.execution_id.as_str()),
            ("tool_name", &self.tool),
            ("text", &self.text),
            ("outcome", &self.outcome),
            ("status", self.shown_status()),
        ] {
            if !value.is_empty() {
                text += &format!(",\"{name}\":{}", json_text(value));
            }
        }
        if self.is_open {
            text += ",\"is_open\":true";
        }
        if let Some(duration) = self.duration_ms {
            text += &format!(",\"duration_ms\":{duration:.3}");
        }
        if let Some(permission) = &self.permission {
            text += &permission.json();
        }
        text + &format!(",\"is_error\":{}}}", self.is_error)
    }
}

impl Permission {
    fn json(&self) -> String {
        let waited = self.waited_ms.map(|waited| format!(",\"waited_ms\":{waited:.3}"));
        format!(
            ",\"permission\":{{\"level\":{},\"decision\":{}{}}}",
            json_text(&self.level),
            json_text(&self.decision),
            waited.unwrap_or_default()
        )
    }
}

/// How deep an action of this type stands.
fn depth(action_type: &str) -> u8 {
    match action_type {
        "user_input" | "user_command" => 0,
        _ if action_type.starts_with("session_") => 0,
        "tool_call" => 2,
        "tool_result" | "tool_error" | "tool_permission" => 3,
        "hook_execute" | "hook_error" => 2,
        _ => 1,
    }
}

/// The text of a value, with a mark where it was cut.
fn cut(value: RawValue<'_>, lang: Lang) -> String {
    let text = value.text();
    if text.len() <= TEXT_BYTES_MAX {
        return text.into_owned();
    }
    let mut end = TEXT_BYTES_MAX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let rest = text.len() - end;
    match lang {
        Lang::English => format!("{}\u{2026} [{rest} bytes more]", &text[..end]),
        Lang::Chinese => format!("{}\u{2026} [另有 {rest} 字节]", &text[..end]),
    }
}
