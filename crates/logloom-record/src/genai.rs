//! How actions are named in OpenTelemetry's conventions for generative AI: one table for all exporters.
//!
//! An action type comes in by its name; out go the name of its event, its severity there and the
//! attribute for each of its fields. A field that the conventions do not know keeps its name under
//! `logloom.`, so that nothing is lost and the way back is unique. The conventions are in development:
//! whoever exports by this table says [`SCHEMA_URL`].

/// Version of this table; a change of any row is a new one.
pub const VERSION: u32 = 1;
/// The conventions that the table follows.
pub const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.38.0";
/// What stands before the action type in the name of an event.
pub const EVENT_PREFIX: &str = "logloom.action.";
/// Attributes that every action has, beside those of its type.
pub const COMMON: &[(&str, &str)] = &[
    ("session_id", "session.id"),
    ("execution_id", "logloom.execution.id"),
    ("action_number", "logloom.action.number"),
    ("status", "logloom.action.status"),
];
/// The second attribute that a session's id fills.
pub const CONVERSATION: &str = "gen_ai.conversation.id";

/// One action type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The name in `action_type`.
    pub action_type: &'static str,
    /// Severity number of its events, unless the level of the record is a higher one.
    pub severity: u8,
    /// `gen_ai.operation.name`, where it belongs to an operation.
    pub operation: Option<&'static str>,
    /// What it is for the span of the operation.
    pub part: Part,
    /// Attribute by field.
    pub attributes: &'static [(&'static str, &'static str)],
}

/// What an action is for a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A span begins with it.
    Begin,
    /// A span ends with it.
    End,
    /// A span ends with it, as an error.
    Error,
    /// It happens within or outside of one.
    Event,
}

const fn row(
    action_type: &'static str,
    severity: u8,
    operation: Option<&'static str>,
    part: Part,
    attributes: &'static [(&'static str, &'static str)],
) -> Mapping {
    Mapping { action_type, severity, operation, part, attributes }
}

const CHAT: Option<&str> = Some("chat");
const TOOL: Option<&str> = Some("execute_tool");
const AGENT: Option<&str> = Some("invoke_agent");

const SESSION: &[(&str, &str)] = &[
    ("project_name", "logloom.project.name"),
    ("metadata", "logloom.metadata"),
    ("reason", "logloom.reason"),
];
const PROBLEM: &[(&str, &str)] = &[
    ("component", "logloom.component"),
    ("error_message", "exception.message"),
    ("traceback", "exception.stacktrace"),
];
const HOOK: &[(&str, &str)] = &[
    ("hook_name", "logloom.hook.name"),
    ("hook_type", "logloom.hook.type"),
    ("error_type", "error.type"),
    ("error_message", "exception.message"),
    ("duration_ms", "logloom.duration_ms"),
];

/// Every type, in the order of the document.
pub const TABLE: &[Mapping] = &[
    row(
        "user_input",
        9,
        AGENT,
        Part::Begin,
        &[("content", "logloom.input.content"), ("input_mode", "logloom.input.mode")],
    ),
    row(
        "user_command",
        9,
        None,
        Part::Event,
        &[("command", "logloom.command.name"), ("args", "logloom.command.args")],
    ),
    row(
        "agent_state_change",
        5,
        None,
        Part::Event,
        &[
            ("from_state", "logloom.state.from"),
            ("to_state", "logloom.state.to"),
            ("reason", "logloom.reason"),
        ],
    ),
    row(
        "agent_thinking",
        5,
        CHAT,
        Part::Event,
        &[("thinking_content", "logloom.thinking.content"), ("duration_ms", "logloom.duration_ms")],
    ),
    row(
        "llm_request",
        9,
        CHAT,
        Part::Begin,
        &[
            ("provider", "gen_ai.provider.name"),
            ("model", "gen_ai.request.model"),
            ("messages_count", "logloom.request.messages_count"),
            ("tools_count", "logloom.request.tools_count"),
            ("temperature", "gen_ai.request.temperature"),
            ("max_tokens", "gen_ai.request.max_tokens"),
            ("request_id", "logloom.request.id"),
        ],
    ),
    row(
        "llm_response",
        9,
        CHAT,
        Part::End,
        &[
            ("request_id", "logloom.request.id"),
            ("response_type", "logloom.response.type"),
            ("tool_calls", "logloom.response.tool_calls"),
            ("input_tokens", "gen_ai.usage.input_tokens"),
            ("output_tokens", "gen_ai.usage.output_tokens"),
            ("cache_read_tokens", "logloom.usage.cache_read_tokens"),
            ("cache_creation_tokens", "logloom.usage.cache_creation_tokens"),
            ("reasoning_tokens", "logloom.usage.reasoning_tokens"),
            ("duration_ms", "logloom.duration_ms"),
        ],
    ),
    row(
        "llm_error",
        13,
        CHAT,
        Part::Error,
        &[
            ("request_id", "logloom.request.id"),
            ("error_type", "error.type"),
            ("error_message", "exception.message"),
            ("retry_after", "logloom.retry_after"),
        ],
    ),
    row(
        "tool_call",
        9,
        TOOL,
        Part::Begin,
        &[
            ("tool_name", "gen_ai.tool.name"),
            ("tool_use_id", "gen_ai.tool.call.id"),
            ("args", "gen_ai.tool.call.arguments"),
            ("permission_level", "logloom.permission.level"),
        ],
    ),
    row(
        "tool_result",
        9,
        TOOL,
        Part::End,
        &[
            ("tool_use_id", "gen_ai.tool.call.id"),
            ("success", "logloom.tool.success"),
            ("output", "gen_ai.tool.call.result"),
            ("duration_ms", "logloom.duration_ms"),
        ],
    ),
    row(
        "tool_error",
        17,
        TOOL,
        Part::Error,
        &[
            ("tool_use_id", "gen_ai.tool.call.id"),
            ("error_type", "error.type"),
            ("error_message", "exception.message"),
        ],
    ),
    row(
        "tool_permission",
        9,
        TOOL,
        Part::Event,
        &[
            ("tool_use_id", "gen_ai.tool.call.id"),
            ("permission_level", "logloom.permission.level"),
            ("user_decision", "logloom.permission.decision"),
            ("decision_time_ms", "logloom.permission.decision_time_ms"),
        ],
    ),
    row("session_start", 9, None, Part::Event, SESSION),
    row(
        "session_end",
        9,
        None,
        Part::Event,
        &[
            ("project_name", "logloom.project.name"),
            ("metadata", "logloom.metadata"),
            ("reason", "logloom.reason"),
            ("duration_ms", "logloom.duration_ms"),
            ("total_actions", "logloom.total.actions"),
            ("total_errors", "logloom.total.errors"),
            ("total_input_tokens", "logloom.total.input_tokens"),
            ("total_output_tokens", "logloom.total.output_tokens"),
        ],
    ),
    row("session_pause", 9, None, Part::Event, SESSION),
    row("session_resume", 9, None, Part::Event, SESSION),
    row("hook_execute", 5, None, Part::Event, HOOK),
    row("hook_error", 13, None, Part::Event, HOOK),
    row("system_error", 17, None, Part::Event, PROBLEM),
    row("system_warning", 13, None, Part::Event, PROBLEM),
];

/// The row of an action type; `None` for a name that is none.
#[must_use]
pub fn mapping(action_type: &str) -> Option<&'static Mapping> {
    TABLE.iter().find(|row| row.action_type == action_type)
}

impl Mapping {
    /// The attribute for a field of this type; `None` for a field that the type does not have.
    #[must_use]
    pub fn attribute(&self, field: &str) -> Option<&'static str> {
        let all = COMMON.iter().chain(self.attributes);
        all.clone().find(|(known, _)| *known == field).map(|(_, attribute)| *attribute)
    }

    /// The field that an attribute stands for.
    #[must_use]
    pub fn field(&self, attribute: &str) -> Option<&'static str> {
        let all = COMMON.iter().chain(self.attributes);
        all.clone().find(|(_, known)| *known == attribute).map(|(field, _)| *field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_again_by_its_attribute() {
        for row in TABLE {
            for (field, attribute) in COMMON.iter().chain(row.attributes) {
                assert_eq!(row.attribute(field), Some(*attribute));
                assert_eq!(row.field(attribute), Some(*field), "{} {attribute}", row.action_type);
            }
            assert_eq!(mapping(row.action_type), Some(row));
        }
        assert_eq!((TABLE.len(), mapping("tool_cal")), (19, None));
    }

    #[test]
    fn what_the_conventions_name_has_their_name() {
        let attribute = |kind, field| mapping(kind).and_then(|row| row.attribute(field));
        assert_eq!(attribute("tool_call", "args"), Some("gen_ai.tool.call.arguments"));
        assert_eq!(attribute("llm_response", "input_tokens"), Some("gen_ai.usage.input_tokens"));
        assert_eq!(attribute("llm_request", "model"), Some("gen_ai.request.model"));
        assert_eq!(attribute("tool_error", "error_type"), Some("error.type"));
        assert_eq!(attribute("user_input", "session_id"), Some("session.id"));
    }
}
