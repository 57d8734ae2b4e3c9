//! The action log over real directories: `/log`, sessions, timelines, reports, pages.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use logloom_query::LogFile;
use logloom_query::actions::timeline::{Telling, Timeline, write_html};
use logloom_query::actions::{
    ActionFilter, Days, Lang, LogAnswer, LogQueryEngine, Report, Screen, SessionState, Sessions,
    answer_log_line,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::open;

/// A directory with the actions of two days, in the document's schemas.
struct Log {
    directory: TempDir,
}

/// Writes the actions of one session, a second apart.
struct Session {
    id: String,
    day: &'static str,
    second: u32,
    number: u32,
    text: String,
}

impl Session {
    fn new(id: &str, day: &'static str, hour: u32) -> Self {
        Self { id: id.to_owned(), day, second: hour * 3600, number: 0, text: String::new() }
    }

    /// An action; `fields` follow the common ones.
    fn act(&mut self, action_type: &str, status: &str, fields: &str) -> &mut Self {
        self.number += 1;
        self.second += 1;
        let (hour, minute, second) =
            (self.second / 3600, self.second % 3600 / 60, self.second % 60);
        let status = match status {
            "" => String::new(),
            status => format!(",\"status\":\"{status}\""),
        };
        let comma = if fields.is_empty() { "" } else { "," };
        writeln!(
            self.text,
            "{{\"timestamp\":\"{}T{hour:02}:{minute:02}:{second:02}.000000Z\",\"level\":\"INFO\",\
             \"session_id\":\"{}\",\"execution_id\":\"exec-abc123\",\"action_type\":\
             \"{action_type}\",\"action_number\":{}{status}{comma}{fields}}}",
            self.day, self.id, self.number
        )
        .unwrap();
        self
    }

    /// A request, its answer, a call with a permission, and its end.
    fn round(&mut self, tool: &str, failure: Option<&str>) -> &mut Self {
        let id = self.number;
        self.act("llm_request", "", &format!(r#""model":"m-1","request_id":"req-{id}""#));
        self.act(
            "llm_response",
            "success",
            &format!(r#""request_id":"req-{id}","response_type":"tool_use","input_tokens":100,"output_tokens":20,"duration_ms":900"#),
        );
        self.act(
            "tool_call",
            "",
            &format!(
                r#""tool_name":"{tool}","tool_use_id":"toolu_{}_{id}","args":{{"command":"ls"}}"#,
                self.id
            ),
        );
        self.act(
            "tool_permission",
            "success",
            &format!(r#""tool_use_id":"toolu_{}_{id}","permission_level":"DANGEROUS","user_decision":"approved","decision_time_ms":5678"#, self.id),
        );
        match failure {
            Some(message) => self.act(
                "tool_error",
                "error",
                &format!(r#""tool_use_id":"toolu_{}_{id}","error_type":"execution_error","error_message":"{message}""#, self.id),
            ),
            None => self.act(
                "tool_result",
                "success",
                &format!(r#""tool_use_id":"toolu_{}_{id}","success":true,"output":"a <b>c</b>","duration_ms":123"#, self.id),
            ),
        }
    }
}

impl Log {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut first = Session::new("session-20251120143210-000001", "2025-11-20", 14);
        first
            .act("session_start", "success", r#""project_name":"shop""#)
            .act(
                "user_input",
                "success",
                r#""content":"帮我实现一个登录功能","input_mode":"interactive""#,
            )
            .round("bash", None)
            .round("read_file", None)
            .act("session_end", "success", "");
        let mut second = Session::new("session-20251121143210-000002", "2025-11-21", 14);
        second.act("session_start", "success", r#""project_name":"bank""#).act(
            "user_command",
            "success",
            r#""command":"/status","args":[]"#,
        );
        for _ in 0..4 {
            second.round("bash", Some("Command not found: xyz"));
        }
        second.round("read_file", None);
        let log = Self { directory };
        log.write("2025-11-20.jsonl", &first.text);
        log.write("2025-11-21.jsonl", &second.text);
        log
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(name), text).unwrap();
    }

    fn append(&self, name: &str, text: &str) {
        let path = self.directory.path().join(name);
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        std::fs::write(path, before + text).unwrap();
    }

    fn files(&self) -> Vec<LogFile> {
        LogFile::of_directory(&open(&self.directory)).unwrap()
    }

    /// Answers a `/log` line in the evening of the second day.
    fn answer(&self, line: &str) -> LogAnswer {
        let now: Timestamp = "2025-11-21T20:00:00Z".parse().unwrap();
        answer_log_line(line, &self.files(), now, &TimeZone::UTC, &Screen::default()).unwrap()
    }

    /// The rows of a line as JSON.
    fn rows(&self, line: &str) -> Vec<Value> {
        let answer = self.answer(&format!("{line} --format json"));
        serde_json::from_str(&answer.text).unwrap()
    }
}

fn types(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["action_type"].as_str().unwrap()).collect()
}

#[test]
fn each_flag_chooses_its_actions() {
    let log = Log::new();
    let count = |line: &str, expect: usize| {
        assert_eq!(log.rows(line).len(), expect, "{line}");
    };
    count("/log", 27);
    count("/log --date 2025-11-20", 13);
    count("/log --date-range 2025-11-20:2025-11-21", 40);
    count("/log --date yesterday --action-type tool_call", 2);
    count("/log --action-type llm_request,llm_response", 10);
    count("/log --date-range : --session-id session-20251120143210-000001", 13);
    count("/log --status error", 4);
    count("/log --status error --tool-name bash", 4);
    count("/log --tool-name read_file", 3);
    count("/log --date-range : --keyword 登录", 1);
    count("/log --keyword xyz", 4);
    count("/log --content-match xyz", 4);
    count("/log --content-match bash", 0);
    count("/log --date 2025-11-19", 0);
    count("/log --limit 3", 3);
    count("/log --limit 0", 0);
    assert_eq!(types(&log.rows("/log --limit 2")), ["session_start", "user_command"]);
    assert_eq!(types(&log.rows("/log --tail 2")), ["tool_permission", "tool_result"]);
    assert_eq!(
        types(&log.rows("/log --tool-name read_file")),
        ["tool_call", "tool_permission", "tool_result"]
    );
}

#[test]
fn a_call_before_midnight_lends_its_tool_to_a_result_after_it() {
    let log = Log::new();
    let call = r#"{"timestamp":"2025-11-20T23:59:59Z","action_type":"tool_call","tool_name":"make","tool_use_id":"late"}"#;
    let result = r#"{"timestamp":"2025-11-21T00:00:01Z","action_type":"tool_result","tool_use_id":"late","output":"x"}"#;
    log.append("2025-11-20.jsonl", &format!("{call}\n"));
    log.append("2025-11-21.jsonl", &format!("{result}\n"));
    assert_eq!(types(&log.rows("/log --tool-name make")), ["tool_result"]);
    let text = log.answer("/log --limit 1").text;
    assert!(text.contains("│ tool_result │ make │"), "{text}");
}

#[test]
fn the_last_line_counts_all_actions_of_the_days() {
    let log = Log::new();
    log.append("2025-11-21.jsonl", "{\"timestamp\":\"2025-11-21T15:00:00Z\",\"message\":\"x\"}\n");
    let last = |line: &str| log.answer(line).text.lines().last().unwrap().to_owned();
    assert_eq!(last("/log --status error --limit 2"), "Showing 2 of 27 total actions");
    assert_eq!(last("/log --date-range : --keyword none"), "Showing 0 of 40 total actions");
    assert_eq!(last("/log --lang zh --tail 3"), "显示 3 条，共 27 条行动");
}

#[test]
fn days_are_those_of_the_viewer() {
    let log = Log::new();
    log.write(
        "2025-11-22.jsonl",
        "{\"timestamp\":\"2025-11-22T01:00:00Z\",\"action_type\":\"a\"}\n",
    );
    let files = log.files();
    let zone = TimeZone::fixed(jiff::tz::offset(-3));
    let now: Timestamp = "2025-11-22T02:00:00Z".parse().unwrap();
    let total = |line: &str| {
        let answer = answer_log_line(line, &files, now, &zone, &Screen::default()).unwrap();
        answer.outcome.total
    };
    assert_eq!(total("/log"), 28, "for the viewer it is still the 21st");
    assert_eq!(total("/log --utc"), 1);
}

#[test]
fn a_table_shows_the_tool_of_results() {
    let log = Log::new();
    let text = log.answer("/log --status error --limit 1").text;
    let expect = "\
┏━━━━━━━━━━━━━━┳━━━━━━━━━━━━━┳━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ Timestamp    ┃ Action Type ┃ Tool ┃ Status ┃ Message                ┃
┡━━━━━━━━━━━━━━╇━━━━━━━━━━━━━╇━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━┩
│ 14:00:07.000 │ tool_error  │ bash │ error  │ Command not found: xyz │
└──────────────┴─────────────┴──────┴────────┴────────────────────────┘

Showing 1 of 27 total actions
";
    assert_eq!(text, expect);
}

#[test]
fn broken_lines_are_told_and_the_good_part_is_shown() {
    let log = Log::new();
    log.append(
        "2025-11-21.jsonl",
        "{\"timestamp\":\"2025-11-21T15:00:00Z\",\"action_type\":\"tool_c\nno json\n\n\
         {\"timestamp\":\"2025-11-21T15:00:00Z\",\"action_type\":\"tool_call\" \"x\":1}\n\
         {\"timestamp\":\"2025-11-21T15:00:01Z\",\"action_type\":\"late\"}\n",
    );
    let answer = log.answer("/log");
    assert_eq!((answer.outcome.shown, answer.outcome.total), (28, 28));
    assert_eq!(answer.outcome.problems.len(), 1, "{:?}", answer.outcome.problems);
    let problem = &answer.outcome.problems[0];
    assert!(
        problem.contains("2025-11-21.jsonl: 4 damaged lines left out: lines 28, 29, 30, 31;"),
        "{problem}"
    );
    assert!(!answer.outcome.is_incomplete);
    let strange = log.answer("/log --action-type tool_eror,tool_error");
    assert_eq!(strange.outcome.shown, 4);
    assert!(strange.outcome.problems[0].contains("Did you mean tool_error?"));
}

#[test]
fn strange_files_do_no_harm() {
    let log = Log::new();
    log.write(
        "2099-01-01.jsonl",
        "{\"timestamp\":\"2099-01-01T00:00:00Z\",\"action_type\":\"x\"}\n",
    );
    for number in 0..1_000 {
        log.write(&format!("strange {number}.jsonl.bak"), "{}\n");
    }
    assert_eq!(log.rows("/log --date 2099-01-01").len(), 1);
    assert_eq!(log.answer("/log --date-range :").outcome.total, 41);
}

#[test]
fn the_summary_adds_up() {
    let log = Log::new();
    let text = log.answer("/log --format summary --lang zh").text;
    for part in [
        "=== 日志统计摘要 (2025-11-21) ===\n\n总行动数: 27\n会话数: 1\n错误数: 4\n",
        "按类型分布:\n- llm_request: 5 (19%)\n",
        "按状态分布:\n- success: 13 (48%)\n- -: 10 (37%)\n- error: 4 (15%)\n",
        "错误类型:\n- tool_error: 4\n",
        "磁盘使用:\n- 今日日志大小: ",
        " (2 天)\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let text = log.answer("/log --date-range : --format summary --status success").text;
    assert!(text.contains("Total actions: 22\nSessions: 2\nErrors: 0\n"), "{text}");
}

#[test]
fn a_program_asks_for_a_list_or_one_after_the_other() {
    let log = Log::new();
    let engine = LogQueryEngine::open(log.directory.path()).unwrap();
    let day = |day: i8| jiff::civil::date(2025, 11, day);
    let days = Days { first: Some(day(20)), last: Some(day(21)) };
    let filter = ActionFilter {
        action_types: vec!["tool_call".into(), "tool_error".into()],
        statuses: vec!["error".into()],
        ..ActionFilter::default()
    };
    let errors = engine.clone().filter(filter).days(days, TimeZone::UTC).limit(100);
    let found = errors.execute().unwrap();
    assert_eq!((found.actions.len(), found.total), (4, 40));
    assert_eq!(found.actions[0].text("status"), "error");
    assert!(found.actions.windows(2).all(|pair| pair[0].time_ns < pair[1].time_ns));
    let all: Vec<String> =
        engine.iter().unwrap().map(|action| action.text("action_type")).collect();
    assert_eq!((all.len(), all[0].as_str()), (40, "session_start"));
    let now: Timestamp = "2025-11-21T20:00:00Z".parse().unwrap();
    let line = "/log --status error";
    let answer = engine.answer(line, now, &TimeZone::UTC, &Screen::default()).unwrap();
    assert_eq!(answer.text, log.answer(line).text);
    let last = engine.tail(1).execute().unwrap();
    assert_eq!(last.actions[0].text("output"), "a <b>c</b>");
}

#[test]
fn lists_end_at_a_thousand_and_iterators_do_not() {
    let log = Log::new();
    let line = |n: u32| {
        format!("{{\"timestamp\":\"2025-11-21T15:00:00Z\",\"action_type\":\"n\",\"n\":{n}}}\n")
    };
    log.append("2025-11-21.jsonl", &(0..1_500).map(line).collect::<String>());
    let engine = LogQueryEngine::open(log.directory.path()).unwrap();
    assert_eq!(engine.execute().unwrap().actions.len(), 1_000);
    let mut all = engine.iter().unwrap();
    assert_eq!(all.total(), 1_540);
    let numbers: Vec<String> =
        all.by_ref().filter(|a| a.text("action_type") == "n").map(|a| a.text("n")).collect();
    assert!(numbers.iter().enumerate().all(|(n, text)| *text == n.to_string()));
    assert_eq!((numbers.len(), all.problems().len()), (1_500, 0));
}

fn find_sessions(files: &[LogFile]) -> Sessions {
    Sessions::find(files, &Days::ALL, &TimeZone::UTC, &ActionFilter::default(), Lang::English)
}

fn report_of(files: &[LogFile], filter: &ActionFilter) -> Report {
    Report::of(files, &Days::ALL, &TimeZone::UTC, filter, Lang::English)
}

fn advice_of(report: &Report, lang: Lang) -> String {
    let sentences: Vec<String> = report.advice.iter().map(|advice| advice.text(lang)).collect();
    sentences.join("\n")
}

/// Words of a text that are neither data of the log nor the same in every language.
fn english_words(text: &str, data: &[&str]) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"_-+./".contains(c));
    let is_english = |word: &&str| {
        word.len() > 1
            && word.chars().any(|c| c.is_ascii_alphabetic())
            && !data.iter().any(|known| known.contains(*word))
    };
    words.filter(is_english).map(str::to_owned).collect()
}

#[test]
fn in_chinese_only_data_is_left_in_other_words() {
    let log = Log::new();
    let files = log.files();
    let data = [
        "bash read_file m-1 bank shop p50 p95 --tool-name bash --status error logloom log",
        "session-20251121143210-000002 session-20251120143210-000001 Command not found xyz",
    ];
    let days = Days::ALL;
    let report = report_of(&files, &ActionFilter::default());
    let text = report.text(&days, Lang::Chinese, &Screen::default());
    assert!(
        text.starts_with("报告 (全部日期)：2 个会话中的 40 个行动，4 个错误 (10.0%)"),
        "{text}"
    );
    assert!(text.contains("总用时") && text.contains("\n建议\n- "), "{text}");
    assert_eq!(english_words(&text, &data), Vec::<String>::new(), "{text}");
    let json: Value = serde_json::from_str(&report.json(&days, Lang::Chinese)).unwrap();
    assert!(json["suggestions"][0].as_str().unwrap().contains("连续失败 4 次"), "{json}");
    let text = find_sessions(&files).text(9, &TimeZone::UTC, Lang::Chinese, &Screen::default());
    assert_eq!(english_words(&text, &data), Vec::<String>::new(), "{text}");
    let timeline = Timeline::find(&files, "session-20251121143210-000002", Lang::Chinese);
    let mut page = Vec::new();
    write_html(timeline, &TimeZone::UTC, &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("<html lang=\"zh\">") && page.contains("模型"), "{page}");
    assert!(page.contains("输入 100，输出 20") && page.contains("900 毫秒"), "{page}");
}

#[test]
fn sessions_are_listed_with_their_sums() {
    let log = Log::new();
    let found = find_sessions(&log.files());
    let [second, first] = found.sessions.as_slice() else { panic!("{found:?}") };
    assert_eq!((first.actions, first.errors, first.tool_calls), (13, 0, 2));
    assert_eq!((first.state, second.state), (SessionState::Ended, SessionState::Open));
    assert_eq!(
        (second.errors, second.input_tokens, second.output_tokens),
        (4, Some(500), Some(100))
    );
    assert_eq!((second.project.as_str(), second.duration_ms()), ("bank", 26_000.0));
    let json: Value = serde_json::from_str(&second.json()).unwrap();
    assert_eq!((&json["state"], &json["errors"]), (&"open".into(), &4.into()));
    assert!(json.get("cost_usd").is_none(), "what was not measured is absent");
    let text = found.text(1, &TimeZone::UTC, Lang::English, &Screen::default());
    assert!(text.ends_with("Showing 1 of 2 sessions\n"), "{text}");
    assert!(text.contains("500 + 100"), "{text}");
}

#[test]
fn a_timeline_joins_what_belongs_together() {
    let log = Log::new();
    let files = log.files();
    let tell = |telling: Telling| {
        let mut entries = Vec::new();
        let told = Timeline::find(&files, "session-20251121143210-000002", Lang::English).tell(
            telling,
            &mut |entry, _| {
                entries.push(entry.clone());
                ControlFlow::Continue(())
            },
        );
        assert!(told.problems.is_empty());
        (entries, told.session)
    };
    let (joined, session) = tell(Telling::Joined);
    assert_eq!((joined.len(), session.actions), (12, 27));
    let (model, tool) = (&joined[2], &joined[3]);
    assert_eq!((model.depth, model.duration_ms, model.input_tokens), (1, Some(900.0), Some(100)));
    assert_eq!((tool.depth, tool.tool.as_str(), tool.status.as_str()), (2, "bash", "error"));
    assert_eq!(tool.outcome, "Command not found: xyz");
    assert!(tool.is_error);
    assert_eq!(tool.duration_ms, Some(2_000.0), "measured where it is not told");
    let permission = tool.permission.as_ref().unwrap();
    assert_eq!((permission.decision.as_str(), permission.waited_ms), ("approved", Some(5_678.0)));
    for entry in &joined {
        assert!(serde_json::from_str::<Value>(&entry.json()).unwrap().is_object());
    }
    assert_eq!(tell(Telling::Apart).0.len(), 27);
}

#[test]
fn a_call_without_an_end_says_so() {
    let log = Log::new();
    let mut session = Session::new("s-3", "2025-11-21", 16);
    session.act("tool_call", "", r#""tool_name":"sleep","tool_use_id":"t""#);
    for _ in 0..2_000 {
        session.act("agent_state_change", "", r#""from_state":"IDLE","to_state":"THINKING""#);
    }
    session.act("tool_result", "success", r#""tool_use_id":"t","output":"late""#);
    log.append("2025-11-21.jsonl", &session.text);
    let mut types = Vec::new();
    Timeline::find(&log.files(), "s-3", Lang::English).tell(Telling::Joined, &mut |entry, _| {
        types.push((entry.action_type.clone(), entry.outcome.clone()));
        ControlFlow::Continue(())
    });
    assert_eq!(types.len(), 2_002, "too late to be joined, and not lost");
    assert_eq!(types[0], ("tool_call".to_owned(), String::new()));
    assert_eq!(types[2_001].0, "tool_result");
}

#[test]
fn a_permission_before_its_call_is_told_with_it_and_a_denial_by_itself() {
    let log = Log::new();
    let mut session = Session::new("s-5", "2025-11-21", 18);
    let asked = |id: &str, decision: &str| {
        format!(
            r#""tool_use_id":"{id}","permission_level":"DANGEROUS","user_decision":"{decision}""#
        )
    };
    session
        .act("tool_permission", "success", &asked("t1", "approved"))
        .act("agent_state_change", "success", r#""from_state":"IDLE","to_state":"USING_TOOL""#)
        .act("tool_call", "success", r#""tool_name":"bash","tool_use_id":"t1""#)
        .act("tool_result", "success", r#""tool_use_id":"t1","output":"x""#)
        .act("tool_permission", "denied", &asked("t2", "denied"))
        .act("tool_call", "success", r#""tool_name":"sleep","tool_use_id":"t3""#);
    log.append("2025-11-21.jsonl", &session.text);
    let mut told = Vec::new();
    Timeline::find(&log.files(), "s-5", Lang::English).tell(Telling::Joined, &mut |entry, _| {
        told.push((entry.action_type.clone(), entry.permission.is_some(), entry.json()));
        ControlFlow::Continue(())
    });
    let kinds: Vec<(&str, bool)> =
        told.iter().map(|(kind, asked, _)| (&kind[..], *asked)).collect();
    assert_eq!(
        kinds,
        [
            ("agent_state_change", false),
            ("tool_call", true),
            ("tool_permission", true),
            ("tool_call", false),
        ]
    );
    let last = &told[3].2;
    assert!(last.contains("\"is_open\":true") && !last.contains("\"status\""), "{last}");
}

#[test]
fn a_report_finds_what_is_slow_and_what_fails() {
    let log = Log::new();
    let report = report_of(&log.files(), &ActionFilter::default());
    assert_eq!((report.actions, report.sessions, report.errors), (40, 2, 4));
    let bash = report.tools.iter().find(|tool| tool.name == "bash").unwrap();
    assert_eq!((bash.calls, bash.errors, bash.asked, bash.denied), (5, 4, 5, 0));
    let model = &report.models[0];
    assert_eq!((model.name.as_str(), model.responses, model.input_tokens), ("m-1", 7, Some(700)));
    assert!((model.durations.quantile_ms(0.5).unwrap() / 900.0 - 1.0).abs() < 0.04);
    assert_eq!(report.storms.len(), 1);
    assert_eq!((report.storms[0].failures, report.storms[0].what.as_str()), (4, "bash"));
    assert_eq!((report.permissions.asked, report.permissions.denied), (7, 0));
    let advice = advice_of(&report, Lang::English);
    for part in ["failed 4 times in a row", "bash fails in 4 of 5 calls", "always agreed"] {
        assert!(advice.contains(part), "{advice}");
    }
    let json: Value = serde_json::from_str(&report.json(&Days::ALL, Lang::English)).unwrap();
    assert_eq!(json["tools"][0]["tool"], "bash");
    let text =
        report.text(&Days::ALL, Lang::English, &Screen { columns: Some(80), colours: false });
    assert!(text.contains("Suggestions\n- "), "{text}");
    let calm = ActionFilter {
        session_id: Some("session-20251120143210-000001".into()),
        ..ActionFilter::default()
    };
    let report = report_of(&log.files(), &calm);
    assert!(report.storms.is_empty() && report.advice.is_empty(), "{:?}", report.advice);
}

#[test]
fn a_page_holds_data_as_text_only() {
    let log = Log::new();
    let evil = r#""content":"</pre><script>alert('1')</script>\u202e<img src=x onerror=y>","input_mode":"x""#;
    let mut session = Session::new("s-4\\\"><script>", "2025-11-21", 17);
    session.act("user_input", "success", evil).round("<u>tool</u>", None);
    log.append("2025-11-21.jsonl", &session.text);
    let files = log.files();
    let timeline = Timeline::find(&files, "s-4\"><script>", Lang::English);
    assert_eq!(timeline.actions(), 6);
    let mut page = Vec::new();
    write_html(timeline, &TimeZone::UTC, &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<u>"));
    assert!(!page.contains('\u{202e}'));
    assert!(page.contains("&lt;script&gt;alert(&#39;1&#39;)"), "{page}");
    assert!(page.contains("default-src 'none'") && page.ends_with("</html>\n"));
    // Elements are closed in the order in which they were opened.
    let count = |part: &str| page.matches(part).count();
    for name in ["details", "summary", "pre", "div", "body", "html", "head"] {
        assert_eq!(count(&format!("<{name}")), count(&format!("</{name}>")), "{name}");
    }
}
