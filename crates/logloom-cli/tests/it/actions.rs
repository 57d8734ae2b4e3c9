//! `logloom log`, `sessions`, `show`, `replay`, `report`, `export`, and session files of agents that
//! are imported: what is printed, with which status.

use std::process::Output;

use serde_json::Value;

use crate::support::{Place, errors, printed};

const DAY: &str = r#"
{"timestamp":"2025-11-21T14:32:10.000000Z","level":"INFO","session_id":"session-1","action_type":"session_start","action_number":1,"status":"success","project_name":"shop"}
{"timestamp":"2025-11-21T14:32:11.000000Z","level":"INFO","session_id":"session-1","action_type":"user_input","action_number":2,"status":"success","content":"帮我实现一个登录功能"}
{"timestamp":"2025-11-21T14:32:12.000000Z","level":"INFO","session_id":"session-1","action_type":"tool_call","action_number":3,"tool_name":"bash","tool_use_id":"toolu_1","args":{"command":"xyz"}}
{"timestamp":"2025-11-21T14:32:15.123456Z","level":"ERROR","session_id":"session-1","action_type":"tool_error","action_number":4,"status":"error","tool_use_id":"toolu_1","error_message":"Command not found"}
{"timestamp":"2025-11-21T14:33:00.000000Z","level":"INFO","session_id":"session-1","action_type":"session_end","action_number":5,"status":"success"}
"#;

/// A directory with one session.
fn filled() -> Place {
    let place = Place::new();
    std::fs::create_dir(place.log()).unwrap();
    std::fs::write(place.log().join("2025-11-21.jsonl"), DAY.trim_start()).unwrap();
    place
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn the_log_is_shown_and_its_status_tells_what_was_found() {
    let place = filled();
    let log = |flags: &[&str]| place.logloom("log", flags);
    let output = log(&["--date", "2025-11-21", "--status", "error"]);
    let text = printed(&output);
    assert_eq!(status(&output), 0, "{}", errors(&output));
    assert!(text.contains("│ 14:32:15.123 │ tool_error  │ bash │ error  │ Command not found │"));
    assert!(text.ends_with("\nShowing 1 of 5 total actions\n"), "{text}");
    let output = log(&["--date", "2025-11-21", "--keyword", "登录", "--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows[0]["action_number"], 2);
    let output = log(&["--date", "2025-11-21", "--format", "summary", "--lang", "zh"]);
    assert!(printed(&output).starts_with("=== 日志统计摘要 (2025-11-21) ===\n\n总行动数: 5\n"));
    let output = log(&["--date", "2025-11-20"]);
    assert_eq!((status(&output), printed(&output).as_str()), (1, "Showing 0 of 0 total actions\n"));
    let output = log(&["--date", "2025-11-20", "--json"]);
    assert_eq!((status(&output), printed(&output).as_str()), (1, "[]\n"));
}

#[test]
fn what_makes_no_sense_is_refused_and_what_is_strange_is_told() {
    let place = filled();
    let check = |flags: &[&str], expected: i32, part: &str| {
        let output = place.logloom("log", flags);
        assert_eq!(status(&output), expected, "{flags:?} {}", errors(&output));
        assert!(errors(&output).contains(part), "{flags:?}: {}", errors(&output));
    };
    check(&["--date-range", "2025-11-21:2025-11-15"], 2, "write 2025-11-15:2025-11-21");
    check(&["--date", "2025-02-30"], 2, "there is no day 2025-02-30");
    check(&["--limit", "1", "--tail", "1"], 2, "--tail");
    check(&["--format", "xml"], 2, "summary");
    check(&["--lang", "fr"], 2, "en and zh");
    check(&["--date-range", ":", "--action-type", "tool_eror"], 1, "Did you mean tool_error?");
    let day = place.log().join("2025-11-21.jsonl");
    let broken = std::fs::read_to_string(&day).unwrap() + "{\"action_type\":\"tool\n";
    std::fs::write(&day, broken).unwrap();
    check(&["--date-range", ":"], 0, "1 damaged line left out");
    let nowhere = Place::new();
    let output = nowhere.logloom("log", &[] as &[&str]);
    assert_eq!(status(&output), 3, "{}", errors(&output));
}

#[test]
fn a_file_that_is_not_what_its_name_says_is_told_and_the_rest_is_shown() {
    let place = filled();
    std::fs::write(place.log().join("2025-11-20.jsonl.gz"), "no gzip").unwrap();
    for command in ["log", "sessions", "report"] {
        let days = ["--date-range", ":2025-11-21"];
        let output = place.logloom(command, &days);
        let told = errors(&output);
        assert_eq!(status(&output), 3, "{command}: {told}");
        assert!(told.contains("2025-11-20.jsonl.gz: nothing in it can be unpacked"), "{told}");
        assert!(!printed(&output).is_empty(), "{command}");
        let output = place.logloom(command, &[&days[..], &["--lang", "zh"]].concat());
        assert!(errors(&output).contains("无法读取"), "{}", errors(&output));
    }
}

#[test]
fn an_agent_without_settings_is_found_where_its_document_says() {
    let place = Place::new();
    let logs = place.path(".tiny-claude-code/logs");
    std::fs::create_dir_all(&logs).unwrap();
    std::fs::write(logs.join("2025-11-21.jsonl"), DAY.trim_start()).unwrap();
    let log = |flags: &[&str]| place.command().arg("log").args(flags).output().unwrap();
    let output = log(&["--date", "2025-11-21"]);
    assert!(printed(&output).ends_with("Showing 5 of 5 total actions\n"), "{}", errors(&output));
    // What somebody says counts alone.
    std::fs::write(place.path("logloom.yaml"), "store: { dir: ./elsewhere }\n").unwrap();
    assert_eq!(status(&log(&["--date", "2025-11-21"])), 3);
}

#[test]
fn a_query_explains_itself_without_a_log() {
    let place = Place::new();
    let flags = ["--utc", "--date", "2025-11-21", "--status", "error", "--limit", "5", "--explain"];
    let output = place.logloom("log", &flags);
    assert_eq!(
        printed(&output),
        "_time:[2025-11-21T00:00:00.000000000Z, 2025-11-22T00:00:00.000000000Z) action_type:* \
         status:=\"error\" | sort by (_time) limit 5\n"
    );
}

#[test]
fn sessions_are_told_in_every_form() {
    let place = filled();
    let json = |command: &str, flags: &[&str]| -> Vec<Value> {
        let output = place.logloom(command, &[flags, &["--json"]].concat());
        assert_eq!(status(&output), 0, "{command}: {}", errors(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let sessions = json("sessions", &[]);
    assert_eq!(
        (&sessions[0]["session_id"], &sessions[0]["errors"]),
        (&"session-1".into(), &1.into())
    );
    let shown = json("show", &["last"]);
    assert_eq!(json("show", &[]), shown, "the last one is meant without a name");
    assert_eq!(shown.len(), 4, "a call and its end are one");
    assert_eq!(
        (&shown[2]["outcome"], &shown[2]["depth"]),
        (&"Command not found".into(), &2.into())
    );
    assert_eq!(json("replay", &["session-1", "--speed", "0"]).len(), 5);
    assert_eq!(json("report", &[])[0]["tools"][0]["errors"], 1);
    let text = printed(&place.logloom("show", &["session"]));
    assert!(text.contains("tool bash  xyz \u{21d2} Command not found  error  3.1 s\n"), "{text}");
    assert!(text.ends_with("\n5 actions, 1 tool call, 1 error in 50.0 s; ended\n"), "{text}");
    for command in ["show", "replay"] {
        let output = place.logloom(command, &["nobody"]);
        assert_eq!(status(&output), 1);
        assert!(errors(&output).contains("there is no session `nobody`"), "{}", errors(&output));
    }
    let output = place.logloom("replay", &["last", "--speed", "-1"]);
    assert_eq!(status(&output), 2);
    for (flags, expect) in [(&[] as &[&str], "报告"), (&["--lang", "en"], "Report")] {
        let output = place.ready("report", flags).env("LANG", "zh_CN.UTF-8").output().unwrap();
        assert!(printed(&output).starts_with(expect), "{}", printed(&output));
    }
    for command in ["show", "replay"] {
        let output = place.ready(command, &["nobody"]).env("LANG", "zh_CN.UTF-8").output().unwrap();
        assert!(errors(&output).contains("没有会话 `nobody`"), "{}", errors(&output));
    }
    let text = printed(&place.logloom("report", &["--lang", "zh"]));
    assert!(text.starts_with("报告 (全部日期)：1 个会话中的 5 个行动"), "{text}");
    let output = place.logloom("show", &["nobody", "--lang", "zh"]);
    assert!(errors(&output).contains("没有会话 `nobody`"), "{}", errors(&output));
    let output = place.logloom("report", &["--date", "2025-02-30", "--lang", "zh"]);
    assert!(errors(&output).contains("日历中没有 2025-02-30"), "{}", errors(&output));
}

#[test]
fn a_session_becomes_a_file_of_its_own_and_none_is_written_over() {
    let place = filled();
    let page = place.path("session.html");
    let path = page.to_str().unwrap();
    let output = place.logloom("export", &["last", "--html", "--output", path]);
    assert_eq!(status(&output), 0, "{}", errors(&output));
    let text = std::fs::read_to_string(&page).unwrap();
    assert!(text.starts_with("<!DOCTYPE html>") && text.contains("Command not found"));
    let output = place.logloom("export", &["last", "--html", "--output", path]);
    assert_eq!(status(&output), 3);
    assert_eq!(std::fs::read_to_string(&page).unwrap(), text);
    let output = place.logloom("export", &["last", "--jsonl"]);
    assert_eq!(printed(&output), DAY.trim_start());
    assert_eq!(status(&place.logloom("export", &["last"])), 2);
}

/// A session file of an agent, cut to so many lines.
fn session_file(name: &str, lines: usize) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../logloom-intake/tests");
    let text = std::fs::read_to_string(folder.join("agents").join(name)).unwrap();
    text.lines().take(lines).map(|line| format!("{line}\n")).collect()
}

#[test]
fn sessions_of_other_agents_are_imported_as_actions() {
    for (format, file, session) in
        [("claude-code", "claude-code.jsonl", "4f35e220"), ("codex", "codex.jsonl", "019a2d7a")]
    {
        let place = Place::new();
        let path = place.path(file);
        let import = || {
            let path = path.to_str().unwrap();
            let output = place.logloom("import", &["--quiet", "--input-format", format, path]);
            assert_eq!(status(&output), 0, "{format}: {}", errors(&output));
        };
        // The file grows between two imports: the second one goes on with the numbers.
        std::fs::write(&path, session_file(file, 7)).unwrap();
        import();
        std::fs::write(&path, session_file(file, usize::MAX)).unwrap();
        import();
        import();
        let flags = ["--date-range", ":", "--session-id", session, "--limit", "1000", "--json"];
        let output = place.logloom("log", &flags);
        let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        let numbers: Vec<u64> =
            rows.iter().filter_map(|row| row["action_number"].as_u64()).collect();
        let expect: Vec<u64> = (1..=numbers.len() as u64).collect();
        assert_eq!(numbers, expect, "{format}");
        assert!(numbers.len() > 20, "{format}");
        assert!(rows.iter().all(|row| row["service"] == format), "{:?}", rows[0]);
        let output = place.logloom("sessions", &["--json"]);
        let sessions: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(sessions[0]["project_name"], "shop", "{format}");
        let expect = if format == "codex" { 6_000 } else { 1_215 };
        assert_eq!(sessions[0]["input_tokens"], expect, "{format}: each token once");
    }
}
