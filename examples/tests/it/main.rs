//! Runs each example as a process of its own and checks the files it leaves.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs an example with a log directory of its own; what it printed and the records it left.
fn run(program: &str) -> (Output, Vec<Value>) {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(program)
        .current_dir(dir.path())
        .env("LOGLOOM__STORE__DIR", dir.path().join("log"))
        .env_remove("LOGLOOM_CONFIG")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    (output, records(&dir.path().join("log")))
}

fn records(dir: &Path) -> Vec<Value> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let days = files.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    let text: String = days.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The one record with this message.
fn with_message<'r>(records: &'r [Value], message: &str) -> &'r Value {
    let found: Vec<&Value> = records.iter().filter(|record| record["message"] == message).collect();
    assert_eq!(found.len(), 1, "{message}: {records:?}");
    found[0]
}

#[test]
fn hello() {
    let (_, records) = run(env!("CARGO_BIN_EXE_01_hello"));
    assert_eq!(records.len(), 7, "{records:?}");
    let record = with_message(&records, "signed in");
    assert_eq!((&record["user_id"], &record["latency_ms"]), (&42.into(), &7.5.into()));
    assert_eq!((&record["service"], &record["level"]), (&"01_hello".into(), &"INFO".into()));
    let record = with_message(&records, "user 42 waited 7.5 ms");
    assert_eq!(record["template"], "user {user_id} waited {latency_ms} ms");
    let record = with_message(&records, "not read");
    assert_eq!((&record["http.status"], &record["any key"]), (&503.into(), &"Some(\"x\")".into()));
    let message = "cannot read the number of items: invalid digit found in string";
    assert!(with_message(&records, message)["error"].is_object());
    assert_eq!(with_message(&records, "changed")["password"], "[MASKED]");
    assert_eq!(with_message(&records, "recorded from now on")["level"], "DEBUG");
}

#[test]
fn context_and_async() {
    let (_, records) = run(env!("CARGO_BIN_EXE_02_context_and_async"));
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    for message in ["request begins", "looking at the stock", "packing on another thread", "paid"] {
        let record = with_message(&records, message);
        assert_eq!((&record["trace_id"], &record["user_id"]), (&trace.into(), &42.into()));
        assert_eq!(record["session_id"], "s-17");
    }
    assert_eq!(with_message(&records, "looking at the stock")["step"], "stock");
    let sent = with_message(&records, "asking the bank")["traceparent"].as_str().unwrap();
    assert!(sent.starts_with(&format!("00-{trace}-")), "{sent}");
    assert!(with_message(&records, "outside every scope").get("trace_id").is_none());
}

#[test]
fn tracing_and_log() {
    let (_, records) = run(env!("CARGO_BIN_EXE_03_tracing_and_log"));
    let record = with_message(&records, "found 7 orders");
    assert_eq!((&record["user_id"], &record["table"]), (&42.into(), &"orders".into()));
    assert_eq!((&record["span"], &record["rows"]), (&"query".into(), &7.into()));
    let record = with_message(&records, "answer not delivered");
    assert_eq!(record["outcome"], "served");
    assert!(record["error"].to_string().contains("connection reset"), "{record}");
    let record = with_message(&records, "the cache is cold");
    assert_eq!((&record["module"], &record["attempts"]), (&"old_library".into(), &3.into()));
}

#[test]
fn survive_kill() {
    let (output, records) = run(env!("CARGO_BIN_EXE_04_survive_kill"));
    let printed = String::from_utf8(output.stdout).unwrap();
    let acknowledged: u64 = printed
        .strip_prefix("acknowledged ")
        .and_then(|rest| rest.split(',').next())
        .and_then(|count| count.parse().ok())
        .unwrap_or_else(|| panic!("{printed}"));
    let mut numbers: Vec<u64> =
        records.iter().filter_map(|record| record["number"].as_u64()).collect();
    numbers.sort_unstable();
    // One more may have been logged and not yet acknowledged when the kill came.
    let logged = numbers.len() as u64;
    assert!((acknowledged..=acknowledged + 1).contains(&logged), "{logged} of {acknowledged}");
    assert!(numbers.iter().copied().eq(0..logged), "lost or doubled");
}

/// The agent with a log directory of its own.
fn agent(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_05_agent"));
    command
        .args(arguments)
        .current_dir(dir)
        .env("HOME", dir)
        .env("LOGLOOM__STORE__DIR", dir.join("log"))
        .env_remove("LOGLOOM_SETTINGS");
    command
}

/// The actions in the order of their numbers, which are 1, 2, 3 …
fn actions(dir: &Path) -> Vec<Value> {
    let mut actions = records(&dir.join("log"));
    actions.retain(|record| record["action_type"].is_string());
    actions.sort_by_key(|action| action["action_number"].as_u64());
    for (index, action) in actions.iter().enumerate() {
        assert_eq!(action["action_number"], index + 1, "{actions:?}");
    }
    actions
}

fn types(actions: &[Value]) -> Vec<&str> {
    actions.iter().map(|action| action["action_type"].as_str().unwrap()).collect()
}

#[test]
fn an_agent_leaves_its_whole_story() {
    let dir = tempfile::tempdir().unwrap();
    let output = agent(dir.path(), &[]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let actions = actions(dir.path());
    let types = types(&actions);
    assert_eq!((types[0], types[1]), ("session_start", "user_input"));
    assert_eq!(types.last(), Some(&"session_end"));
    let count = |kind: &str| types.iter().filter(|found| **found == kind).count();
    assert_eq!((count("llm_request"), count("llm_response"), count("llm_error")), (5, 4, 1));
    assert_eq!((count("tool_call"), count("tool_result"), count("tool_error")), (3, 2, 1));
    let session = &actions[0]["session_id"];
    assert!(actions.iter().all(|action| action["session_id"] == *session));
    assert!(actions[1]["execution_id"].as_str().unwrap().starts_with("exec-"));
    let end = actions.last().unwrap();
    assert_eq!((&end["total_errors"], &end["total_output_tokens"]), (&2.into(), &200.into()));
}

#[test]
fn an_agent_stopped_with_ctrl_c_twice_loses_nothing_and_goes_on() {
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::ExitStatusExt;

    let dir = tempfile::tempdir().unwrap();
    let mut child =
        agent(dir.path(), &["wait"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut wait_for = |wanted: &str| lines.find(|line| line.starts_with(wanted)).unwrap();
    let interrupt = |pid: u32| {
        let sent = Command::new("kill").args(["-INT", &pid.to_string()]).status().unwrap();
        assert!(sent.success());
    };
    let session = wait_for("session ").split_off("session ".len());
    wait_for("working");
    interrupt(child.id());
    wait_for("Ctrl+C once more");
    interrupt(child.id());
    assert_eq!(child.wait().unwrap().signal(), Some(2));
    // The next program that logs there writes what the killed one has left.
    let output = agent(dir.path(), &["resume", &session]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let actions = actions(dir.path());
    let types = types(&actions);
    let resumed = types.iter().position(|kind| *kind == "session_resume").unwrap();
    assert_eq!((types[0], types[resumed - 1]), ("session_start", "agent_state_change"));
    assert_eq!(types[1..resumed], types[resumed + 1..types.len() - 1], "the same turn again");
}
