//! Actions as they stand in the file: each type with its fields, in the order of the document.

use std::process::Command;
use std::time::Duration;

use logloom::action::{
    ActionType, AgentState, AgentStateChange, AgentThinking, Decision, HookError, HookExecute,
    HookType, InputMode, LlmError, LlmRequest, LlmResponse, NoSession, Outcome, PermissionLevel,
    ResponseType, Session, Status, SystemError, SystemWarning, TokenUsage, ToolCall, ToolError,
    ToolPermission, ToolResult, ToolUse, UserCommand, UserInput,
};
use serde_json::Value;

use super::day_file::{lines, log};

const WAY: &str = "LOGLOOM_TEST_ACTION_WAY";
const DIR: &str = "LOGLOOM_TEST_ACTION_DIR";

/// What a line says behind its time.
fn rest(line: &str) -> &str {
    line.split_once("Z\",").unwrap().1
}

/// Every action of the child's log, without its time.
fn all(dir: &std::path::Path) -> Vec<String> {
    lines(dir).iter().map(|line| rest(line).to_owned()).collect()
}

/// Runs a child of this binary that logs to `dir`.
fn child_in(way: &str, dir: &std::path::Path) -> std::process::Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "action::child", "--nocapture", "--test-threads=1"])
        .env(WAY, way)
        .env(DIR, dir)
        .env("LOGLOOM_SETTINGS", dir.join("settings.json"))
        .env("LOGLOOM__STORE__RING_DIR", dir.join("ring"))
        .current_dir(dir)
        .output()
        .unwrap()
}

#[test]
fn child() {
    let Ok(way) = std::env::var(WAY) else { return };
    let dir = std::env::var(DIR).unwrap();
    let builder = || logloom::builder().without_config_file().dir(&dir);
    match &*way {
        "types" => {
            let all_on = |settings: &mut logloom::settings::Settings| settings.actions.off.clear();
            let _log = builder().settings(all_on).init().unwrap();
            every_type();
        }
        "settings" => {
            let _log = logloom::builder().settings_json(None).init().unwrap();
            let session = Session::builder().id("s").start();
            UserInput::new("kept").log(&session);
            ToolCall::new("bash", "toolu_1").log(&session);
            AgentThinking::new("hunter8").log(&session);
            UserInput::new("kept as well").log(&session);
            let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
            println!("threads={threads}");
        }
        other => panic!("no way {other}"),
    }
}

fn every_type() {
    let session = Session::builder().id("s").project("p").metadata("platform", "darwin").start();
    let turn = session.execution_of("e");
    UserInput::new("hi").input_mode(InputMode::Interactive).log(&turn);
    UserCommand::new("/status", &[]).log(&turn);
    AgentStateChange::new(AgentState::Idle, AgentState::UsingTool).reason("").log(&turn);
    AgentThinking::new("hm").duration(Duration::from_millis(1234)).log(&turn);
    LlmRequest::new("anthropic", "m", "req-1")
        .messages_count(5)
        .tools_count(8)
        .temperature(0.7)
        .max_tokens(4000)
        .log(&turn);
    LlmResponse::new("req-1")
        .response_type(ResponseType::ToolUse)
        .tool_calls(&[ToolUse { tool: "read_file", tool_use_id: "toolu_1" }])
        .usage(TokenUsage::new(1234, 567))
        .duration(Duration::from_millis(2345))
        .status(Status::Success)
        .log(&turn);
    LlmError::new("req-1", "rate_limit_error", "slow down")
        .retry_after(Duration::from_millis(59_001))
        .log(&turn);
    ToolCall::new("bash", "toolu_1")
        .arguments(&[("command", &"ls"), ("deep", &[1_u32, 2])])
        .permission_level(PermissionLevel::Normal)
        .log(&turn);
    ToolResult::new("toolu_1", Outcome::Timeout)
        .output("")
        .duration(Duration::from_millis(123))
        .log(&turn);
    ToolError::new("toolu_1", "execution_error", "no xyz").log(&turn);
    ToolPermission::new("toolu_1", PermissionLevel::Dangerous, Decision::Approved)
        .decision_time(Duration::from_millis(5678))
        .log(&turn);
    HookExecute::new("on_tool_execute", HookType::Command).status(Status::Success).log(&turn);
    HookError::new("h", HookType::Other("python"), "E", "m").log(&turn);
    SystemError::new("mcp_server", "no server").traceback("hunter9").log(&turn);
    SystemWarning::new("disk", "nearly full").field("free", 7).field("component", "x").log(&turn);
    session.pause("away");
    session.resume("back");
    session.end("user_exit");
    SystemWarning::new("disk", "no session").log(&NoSession);
}

#[test]
fn every_type_is_written_in_the_order_of_the_document() {
    let dir = tempfile::tempdir().unwrap();
    let output = child_in("types", dir.path());
    assert!(output.status.success(), "{output:?}");
    let mut found = all(dir.path());
    // Errors go by a ring of their own; the order in time is that of the numbers.
    found.sort_by_key(|line| {
        let value: Value = serde_json::from_str(&format!("{{{line}")).unwrap();
        value["action_number"].as_u64().unwrap_or(99)
    });
    let ids = "\"session_id\":\"s\",\"execution_id\":\"e\"";
    let expected = [
        "\"level\":\"INFO\",\"action_number\":1,\"action_type\":\"session_start\",\"session_id\":\"s\",\"status\":\"success\",\"project_name\":\"p\",\"metadata\":{\"platform\":\"darwin\"}}".to_owned(),
        format!("\"level\":\"INFO\",\"action_number\":2,\"action_type\":\"user_input\",{ids},\"status\":\"success\",\"content\":\"hi\",\"input_mode\":\"interactive\"}}"),
        format!("\"level\":\"INFO\",\"action_number\":3,\"action_type\":\"user_command\",{ids},\"status\":\"success\",\"command\":\"/status\",\"args\":[]}}"),
        format!("\"level\":\"DEBUG\",\"action_number\":4,\"action_type\":\"agent_state_change\",{ids},\"status\":\"success\",\"from_state\":\"IDLE\",\"to_state\":\"USING_TOOL\",\"reason\":\"\"}}"),
        format!("\"level\":\"DEBUG\",\"action_number\":5,\"action_type\":\"agent_thinking\",{ids},\"status\":\"success\",\"thinking_content\":\"hm\",\"duration_ms\":1234}}"),
        format!("\"level\":\"INFO\",\"action_number\":6,\"action_type\":\"llm_request\",{ids},\"status\":\"success\",\"provider\":\"anthropic\",\"model\":\"m\",\"messages_count\":5,\"tools_count\":8,\"temperature\":0.7,\"max_tokens\":4000,\"request_id\":\"req-1\"}}"),
        format!("\"level\":\"INFO\",\"action_number\":7,\"action_type\":\"llm_response\",{ids},\"status\":\"success\",\"request_id\":\"req-1\",\"response_type\":\"tool_use\",\"tool_calls\":[{{\"tool\":\"read_file\",\"tool_use_id\":\"toolu_1\"}}],\"input_tokens\":1234,\"output_tokens\":567,\"duration_ms\":2345}}"),
        format!("\"level\":\"ERROR\",\"action_number\":8,\"action_type\":\"llm_error\",{ids},\"status\":\"error\",\"request_id\":\"req-1\",\"error_type\":\"rate_limit_error\",\"error_message\":\"slow down\",\"retry_after\":60}}"),
        format!("\"level\":\"INFO\",\"action_number\":9,\"action_type\":\"tool_call\",{ids},\"status\":\"success\",\"tool_name\":\"bash\",\"tool_use_id\":\"toolu_1\",\"args\":{{\"command\":\"ls\",\"deep\":[1,2]}},\"permission_level\":\"NORMAL\"}}"),
        format!("\"level\":\"WARN\",\"action_number\":10,\"action_type\":\"tool_result\",{ids},\"status\":\"timeout\",\"tool_use_id\":\"toolu_1\",\"success\":false,\"output\":\"\",\"duration_ms\":123}}"),
        format!("\"level\":\"ERROR\",\"action_number\":11,\"action_type\":\"tool_error\",{ids},\"status\":\"error\",\"tool_use_id\":\"toolu_1\",\"error_type\":\"execution_error\",\"error_message\":\"no xyz\"}}"),
        format!("\"level\":\"INFO\",\"action_number\":12,\"action_type\":\"tool_permission\",{ids},\"status\":\"success\",\"tool_use_id\":\"toolu_1\",\"permission_level\":\"DANGEROUS\",\"user_decision\":\"approved\",\"decision_time_ms\":5678}}"),
        format!("\"level\":\"DEBUG\",\"action_number\":13,\"action_type\":\"hook_execute\",{ids},\"status\":\"success\",\"hook_name\":\"on_tool_execute\",\"hook_type\":\"command\"}}"),
        format!("\"level\":\"ERROR\",\"action_number\":14,\"action_type\":\"hook_error\",{ids},\"status\":\"error\",\"hook_name\":\"h\",\"hook_type\":\"python\",\"error_type\":\"E\",\"error_message\":\"m\"}}"),
        format!("\"level\":\"ERROR\",\"action_number\":15,\"action_type\":\"system_error\",{ids},\"status\":\"error\",\"component\":\"mcp_server\",\"error_message\":\"no server\",\"traceback\":\"[MASKED]\"}}"),
        format!("\"level\":\"WARN\",\"action_number\":16,\"action_type\":\"system_warning\",{ids},\"status\":\"success\",\"component\":\"disk\",\"error_message\":\"nearly full\",\"free\":7,\"component_\":\"x\"}}"),
        "\"level\":\"INFO\",\"action_number\":17,\"action_type\":\"session_pause\",\"session_id\":\"s\",\"status\":\"success\",\"project_name\":\"p\",\"reason\":\"away\"}".to_owned(),
        "\"level\":\"INFO\",\"action_number\":18,\"action_type\":\"session_resume\",\"session_id\":\"s\",\"status\":\"success\",\"project_name\":\"p\",\"reason\":\"back\"}".to_owned(),
    ];
    for (line, expected) in found.iter().zip(&expected) {
        assert_eq!(line, expected);
    }
    assert_eq!(found.len(), expected.len() + 2, "{found:?}");
    let end = &found[18];
    assert!(end.contains("\"action_number\":19,\"action_type\":\"session_end\",\"session_id\":\"s\",\"status\":\"success\",\"project_name\":\"p\",\"reason\":\"user_exit\",\"duration_ms\":"), "{end}");
    assert!(end.ends_with("\"total_actions\":18,\"total_errors\":4,\"total_input_tokens\":1234,\"total_output_tokens\":567}"), "{end}");
    assert_eq!(
        found[19],
        "\"level\":\"WARN\",\"action_type\":\"system_warning\",\"status\":\"success\",\"component\":\"disk\",\"error_message\":\"no session\"}"
    );
}

#[test]
fn the_table_of_conventions_has_every_type_and_field() {
    for kind in ActionType::ALL {
        assert!(logloom_record::genai::mapping(kind.name()).is_some(), "{kind}");
    }
}

#[test]
fn names_that_are_secret_and_scopes_count_for_actions_as_well() {
    let log = log();
    let context = logloom::context::Context::new().trace_id("t-action").field("user_id", 42);
    let session = Session::builder().id("session-masked").start();
    context.in_scope(|| {
        ToolCall::new("login", "toolu_mask").field("password", "hunter7").log(&session);
    });
    let found = log.find("toolu_mask");
    assert_eq!((&found["password"], &found["user_id"]), (&"[MASKED]".into(), &42.into()));
    assert_eq!(found["trace_id"], "t-action");
}

fn with_settings(logging: &str) -> (tempfile::TempDir, std::process::Output) {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let text = format!("{{\"logging\":{{\"log_dir\":{log:?},{logging}}}}}");
    std::fs::write(dir.path().join("settings.json"), text).unwrap();
    let output = child_in("settings", dir.path());
    (dir, output)
}

#[test]
fn settings_json_switches_types_and_masks_thoughts() {
    let (dir, output) = with_settings(
        "\"mask_thinking\":true,\"async_logging\":false,\"nonsense\":1,\
         \"action_types\":{\"tool_call\":false,\"agent_thinking\":true}",
    );
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("nonsense"), "{told}");
    let found: Vec<Value> = lines(&dir.path().join("log"))
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let actions: Vec<&Value> =
        found.iter().filter(|line| line["action_type"].is_string()).collect();
    let types: Vec<&Value> = actions.iter().map(|line| &line["action_type"]).collect();
    assert_eq!(types, ["session_start", "user_input", "agent_thinking", "user_input"]);
    let numbers: Vec<u64> =
        actions.iter().filter_map(|line| line["action_number"].as_u64()).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert_eq!(actions[2]["thinking_content"], "[MASKED]");
}

#[test]
fn a_log_that_is_switched_off_leaves_nothing_behind() {
    let (dir, output) = with_settings("\"enabled\":false");
    assert!(output.status.success(), "{output:?}");
    let names: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["settings.json"], "no log and no ring");
    // The test harness has its main thread and the one of the test.
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("threads=1") || printed.contains("threads=2"), "{printed}");
}
