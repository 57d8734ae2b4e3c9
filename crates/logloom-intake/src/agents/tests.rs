//! Every kind of line that `docs/importers.md` names, and what becomes of it.

#![allow(clippy::unwrap_used)]

use logloom_record::{Record, Value, json};

use super::AgentReader;
use crate::Defaults;

const CLAUDE: &str = include_str!("../../tests/agents/claude-code.jsonl");
const CODEX: &str = include_str!("../../tests/agents/codex.jsonl");

fn actions(name: &str, lines: &str) -> Vec<Record> {
    let mut reader = AgentReader::named(name).unwrap();
    let read = |line| reader.records(line, &Defaults::default()).unwrap();
    lines.lines().flat_map(read).collect()
}

fn field(record: &Record, name: &str) -> String {
    let found = record.fields.iter().find(|(known, _)| known == name);
    match found.map(|(_, value)| value) {
        Some(Value::Text(text)) => text.clone(),
        Some(value) => json::to_json(value),
        None => String::new(),
    }
}

/// The type, and these fields where they are there.
fn shown(record: &Record, names: &[&str]) -> String {
    let mut text = field(record, "action_type");
    for name in names {
        let value = field(record, name);
        if !value.is_empty() {
            text.push_str(&format!(" {name}={}", value.replace('\n', "|")));
        }
    }
    text
}

#[test]
fn sessions_of_claude_code() {
    let records = actions("claude-code", CLAUDE);
    let names = [
        "status",
        "reason",
        "content",
        "thinking_content",
        "command",
        "args",
        "tool_name",
        "output",
        "error_type",
        "error_message",
        "hook_name",
        "input_tokens",
        "cache_read_tokens",
        "output_tokens",
        "cost_usd",
        "duration_ms",
    ];
    let found: Vec<String> = records.iter().map(|record| shown(record, &names)).collect();
    let expect = [
        "agent_state_change reason=summary content=Adding a test",
        "agent_state_change reason=file-history-snapshot",
        "session_start status=success",
        "user_input status=success content=Add a test",
        "llm_response status=success input_tokens=1210 cache_read_tokens=1000 output_tokens=3",
        "agent_thinking thinking_content=Look first.",
        "llm_response status=success content=I look at the files.",
        "llm_response status=success output_tokens=54",
        r#"tool_call args={"command":"ls -la","description":"List files"} tool_name=Bash"#,
        "hook_execute hook_name=PreToolUse:Bash",
        "agent_state_change reason=progress",
        "tool_result status=success output=total 12|src duration_ms=812",
        "tool_error status=error error_type=execution_error error_message=no such file",
        "tool_error status=denied error_type=refused error_message=The user doesn't want to \
         proceed with this tool use. The tool use was rejected.",
        "user_input status=success content=see this",
        "user_input status=success content=[image]",
        "agent_state_change reason=meta content=Caveat: the messages below were generated",
        r#"user_command status=success command=/model args=["opus","fast"]"#,
        "agent_state_change reason=command output content=<local-command-stdout>Set model to \
         opus</local-command-stdout>",
        "agent_state_change reason=compact summary content=This session is being continued",
        "llm_error status=error error_type=rate_limit error_message=API Error: 429",
        r#"llm_error status=error error_type=api_error error_message={"status":529}"#,
        "user_command status=success command=/cost args=[]",
        "agent_state_change reason=turn_duration duration_ms=12345",
        "hook_execute status=success hook_name=Stop",
        r#"hook_error status=error error_message=["lint failed"] hook_name=Stop"#,
        "agent_state_change reason=compact_boundary content=Conversation compacted",
        "system_warning error_message=Disk is almost full",
        "agent_state_change reason=queue-operation content=and lint it",
        "agent_state_change reason=ai-title",
        "agent_state_change reason=attachment",
        "agent_state_change reason=pr-link",
        "user_input status=success content=Find the tests",
        "agent_state_change reason=something-new",
        "llm_response status=success content=Done. input_tokens=5 cache_read_tokens=0 output_tokens=2 \
         cost_usd=0.0123 duration_ms=2100",
        "agent_state_change reason=unknown block",
    ];
    for (found, expect) in found.iter().zip(expect) {
        assert_eq!(found, expect);
    }
    assert_eq!(found.len(), expect.len());
}

#[test]
fn sessions_of_codex() {
    let records = actions("codex", CODEX);
    let names = [
        "status",
        "reason",
        "content",
        "thinking_content",
        "tool_name",
        "tool_use_id",
        "args",
        "output",
        "error_message",
        "from_state",
        "to_state",
        "model",
        "input_tokens",
        "output_tokens",
        "duration_ms",
        "exit_code",
    ];
    let found: Vec<String> = records.iter().map(|record| shown(record, &names)).collect();
    let expect = [
        "session_start status=success",
        "agent_state_change reason=user context content=<environment_context>|<cwd>/home/ann/shop\
         </cwd>|</environment_context>",
        "user_input status=success content=Add a test",
        "agent_state_change reason=task_started from_state=IDLE to_state=THINKING",
        "agent_state_change reason=turn_context model=gpt-5-codex",
        "agent_thinking thinking_content=**Looking first**",
        "agent_state_change reason=reasoning",
        r#"tool_call tool_name=exec_command tool_use_id=call_1 args={"cmd":"ls -la","workdir":"/home/ann/shop"}"#,
        "tool_result status=success tool_use_id=call_1 output=Chunk ID: 1|Wall time: 0.1 seconds|\
         Process exited with code 0|Output:|src exit_code=0",
        r#"tool_call tool_name=shell tool_use_id=call_2 args={"command":["false"]}"#,
        "tool_error status=error tool_use_id=call_2 error_message=nothing there duration_ms=250 \
         exit_code=1",
        "tool_call tool_name=apply_patch tool_use_id=call_3 args=*** Begin Patch|*** End Patch",
        "tool_result status=success tool_use_id=call_3 output=Success. duration_ms=500 exit_code=0",
        r#"tool_call tool_name=local_shell tool_use_id=call_4 args={"type":"exec","command":["pwd"]}"#,
        r#"tool_call tool_name=web_search args={"type":"search","query":"rust tests"}"#,
        "agent_state_change reason=token_count",
        "llm_response status=success model=gpt-5-codex input_tokens=2946 output_tokens=70",
        "agent_state_change reason=token_count",
        "llm_response status=success model=gpt-5-codex input_tokens=3054 output_tokens=30",
        "tool_permission status=pending tool_use_id=call_5",
        "agent_state_change reason=exec_command_end",
        "llm_error status=error error_message=stream disconnected; retrying 1/5",
        "llm_response status=success content=The test is there. model=gpt-5-codex",
        "agent_state_change reason=task_complete from_state=THINKING to_state=IDLE",
        "agent_state_change status=cancelled reason=turn_aborted from_state=THINKING to_state=IDLE",
        "agent_state_change reason=compacted content=Summary so far",
        "agent_state_change reason=context_compacted",
        "agent_state_change reason=ghost_snapshot",
        "agent_state_change reason=something_new",
    ];
    for (found, expect) in found.iter().zip(expect) {
        assert_eq!(found, expect);
    }
    assert_eq!(found.len(), expect.len());
}

#[test]
fn numbers_count_up_and_nothing_is_lost() {
    for (name, lines) in [("claude-code", CLAUDE), ("codex", CODEX)] {
        let records = actions(name, lines);
        let session = |record: &&Record| record.session_id.is_some();
        let numbers: Vec<String> = records
            .iter()
            .filter(session)
            .map(|record| field(record, "action_number"))
            .filter(|number| !number.is_empty())
            .collect();
        let expect: Vec<String> = (1..=numbers.len()).map(|n| n.to_string()).collect();
        assert_eq!(numbers, expect, "{name}");
        let times = records.iter().filter(|record| record.time_ns.is_some()).count();
        assert!(times + 1 >= records.len(), "{name}: a line without a time has that before it");
    }
    // What has no place stays whole.
    let records = actions("claude-code", CLAUDE);
    let all: String = records.iter().map(|record| format!("{:?}", record.fields)).collect();
    for kept in [
        "c2ln",
        "iVBORw0KGgo=",
        "parentUuid",
        "trackedFileBackups",
        "preTokens",
        "cache_creation_input_tokens",
        "msg_1",
        "deep",
    ] {
        assert!(all.contains(kept), "{kept} is lost");
    }
    let records = actions("codex", CODEX);
    let all: String = records.iter().map(|record| format!("{:?}", record.fields)).collect();
    for kept in ["approval_policy", "used_percent", "ghost_commit", "gAAAA", "deep", "source"] {
        assert!(all.contains(kept), "{kept} is lost");
    }
}

#[test]
fn what_is_no_object_is_refused_and_what_is_odd_is_kept() {
    for name in ["claude-code", "codex"] {
        let mut reader = AgentReader::named(name).unwrap();
        for text in ["", "text", "[1]", "{\"a\":"] {
            assert!(reader.records(text, &Defaults::default()).is_none(), "{text}");
        }
        for odd in [
            "{}",
            r#"{"type":7}"#,
            r#"{"type":"user"}"#,
            r#"{"type":"user","message":7}"#,
            r#"{"type":"assistant","message":{"content":"x","usage":-1}}"#,
            r#"{"type":"event_msg"}"#,
            r#"{"type":"response_item","payload":{}}"#,
            r#"{"type":"response_item","payload":{"type":"function_call_output","output":7}}"#,
            r#"{"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":-5}}}}"#,
            r#"{"id":"old","timestamp":"2025-05-01T00:00:00Z","instructions":null}"#,
        ] {
            assert!(reader.records(odd, &Defaults::default()).is_some(), "{odd}");
        }
    }
    assert!(AgentReader::named("other").is_none());
}
