//! What an action says, on one line.
//!
//! Takes an action, gives a sentence for the message column of tables and timelines: what a person
//! would want to read of an action of this type. Bounded: long texts are cut, since a table shows
//! no more of them. Never empty where the action says anything.

use std::borrow::Cow;

use logloom_filter::{Kind, RawValue};

use super::lang::Lang;
use super::view::ActionView;

/// Characters of a text that are looked at.
const TEXT_CHARACTERS_MAX: usize = 400;

/// Fields of every action, and such that other columns show.
const COMMON: [&str; 12] = [
    "timestamp",
    "level",
    "service",
    "module",
    "trace_id",
    "span_id",
    "session_id",
    "execution_id",
    "action_type",
    "action_number",
    "status",
    "tool_use_id",
];

/// What the action says.
#[must_use]
pub fn message(action: &ActionView<'_>, lang: Lang) -> String {
    let own = action.text("message");
    if !own.is_empty() && own != action.action_type() {
        return cut(&own);
    }
    let said = match action.action_type().as_ref() {
        "user_input" => cut(&action.text("content")),
        "user_command" => command(action),
        "agent_state_change" => state_change(action),
        "agent_thinking" => cut(&action.text("thinking_content")),
        "llm_request" => request(action, lang),
        "llm_response" => response(action, lang),
        "tool_call" => call(action),
        "tool_result" => cut(&action.text("output")),
        "tool_permission" => permission(action, lang),
        "hook_execute" => joined(&[action.text("hook_name"), action.text("hook_type")], " "),
        "system_error" | "system_warning" => problem(action, "component"),
        "hook_error" => problem(action, "hook_name"),
        "llm_error" | "tool_error" => cut(&action.text("error_message")),
        "session_start" | "session_end" | "session_pause" | "session_resume" => {
            joined(&[action.text("project_name"), action.text("reason")], ": ")
        }
        _ => String::new(),
    };
    if said.is_empty() { rest(action) } else { said }
}

/// A text cut to what anybody shows of it.
fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text.to_owned(),
    }
}

/// The parts that are not empty.
fn joined(parts: &[Cow<'_, str>], between: &str) -> String {
    let parts: Vec<&str> = parts.iter().map(Cow::as_ref).filter(|part| !part.is_empty()).collect();
    cut(&parts.join(between))
}

fn command(action: &ActionView<'_>) -> String {
    let mut words = vec![action.text("command")];
    if let Some(arguments) = action.get("args").and_then(|args| args.elements()) {
        words.extend(arguments.map(|argument| argument.text()));
    }
    joined(&words, " ")
}

fn state_change(action: &ActionView<'_>) -> String {
    let states = joined(&[action.text("from_state"), action.text("to_state")], " \u{2192} ");
    match action.text("reason") {
        reason if reason.is_empty() => states,
        reason => cut(&format!("{states} ({reason})")),
    }
}

fn request(action: &ActionView<'_>, lang: Lang) -> String {
    let messages = action.count("messages_count").map(|count| match (lang, count) {
        (Lang::English, 1) => "1 message".to_owned(),
        (Lang::English, count) => format!("{count} messages"),
        (Lang::Chinese, count) => format!("{count} 条消息"),
    });
    joined(&[action.text("model"), messages.unwrap_or_default().into()], ", ")
}

fn response(action: &ActionView<'_>, lang: Lang) -> String {
    let mut tools = Vec::new();
    if let Some(calls) = action.get("tool_calls").and_then(|calls| calls.elements()) {
        for call in calls.take(8) {
            let mut members = call.members().into_iter().flatten();
            tools.extend(members.find(|(key, _)| key.text() == "tool").map(|(_, v)| v.text()));
        }
    }
    let kind = joined(&[action.text("response_type"), joined(&tools, " ").into()], ": ");
    let tokens = match (action.shown_count("input_tokens"), action.shown_count("output_tokens")) {
        (None, None) => String::new(),
        (input, output) => {
            let text =
                |count: Option<String>| count.map_or_else(|| "?".to_owned(), |text| cut(&text));
            let (input, output) = (text(input), text(output));
            match lang {
                Lang::English => format!("{input} in, {output} out"),
                Lang::Chinese => format!("输入 {input}，输出 {output}"),
            }
        }
    };
    joined(&[action.text("content"), kind.into(), tokens.into()], ", ")
}

/// What the call is for, else the argument that says most, else all of them.
fn call(action: &ActionView<'_>) -> String {
    const TELLING: [&str; 9] = [
        "args.description",
        "args.command",
        "args.file_path",
        "args.path",
        "args.pattern",
        "args.query",
        "args.url",
        "args.prompt",
        "args.cmd",
    ];
    for path in TELLING {
        let text = action.text(path);
        if !text.is_empty() {
            return cut(&text);
        }
    }
    let arguments = action.text("args");
    if arguments.is_empty() || arguments == "{}" {
        return action.text("tool_name").into_owned();
    }
    cut(&arguments)
}

fn permission(action: &ActionView<'_>, lang: Lang) -> String {
    let asked = joined(&[action.text("permission_level"), action.text("user_decision")], ": ");
    match action.number("decision_time_ms") {
        Some(waited) => format!("{asked} ({})", lang.duration(waited)),
        None => asked,
    }
}

fn problem(action: &ActionView<'_>, who: &str) -> String {
    joined(&[action.text(who), action.text("error_message")], ": ")
}

/// Everything that is no common field, for types of a program's own.
fn rest(action: &ActionView<'_>) -> String {
    let mut text = String::new();
    for (key, value) in action.line_view().members() {
        let key = key.text();
        if COMMON.contains(&key.as_ref()) || value.equals_text("") {
            continue;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&key);
        text.push('=');
        text.push_str(&shown(&value));
        if text.len() > 4 * TEXT_CHARACTERS_MAX {
            break;
        }
    }
    cut(&text)
}

fn shown<'a>(value: &RawValue<'a>) -> Cow<'a, str> {
    match value.kind() {
        Kind::Text if value.text().contains(' ') => String::from_utf8_lossy(value.raw()),
        _ => value.text(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_type_says_what_matters() {
        let check = |fields: &str, expect: &str| {
            let line = format!("{{\"timestamp\":\"2025-11-21T00:00:00Z\",{fields}}}");
            let action = ActionView::of(line.as_bytes()).unwrap();
            assert_eq!(message(&action, Lang::English), expect, "{line}");
        };
        check(r#""action_type":"user_input","content":"帮我","input_mode":"x""#, "帮我");
        check(
            r#""action_type":"user_command","command":"/status","args":["a","b"]"#,
            "/status a b",
        );
        check(
            r#""action_type":"agent_state_change","from_state":"IDLE","to_state":"THINKING","reason":"user_request""#,
            "IDLE \u{2192} THINKING (user_request)",
        );
        check(
            r#""action_type":"llm_request","provider":"a","model":"m","messages_count":5"#,
            "m, 5 messages",
        );
        check(
            r#""action_type":"llm_response","response_type":"tool_use","tool_calls":[{"tool":"read_file","tool_use_id":"t"}],"input_tokens":1234,"output_tokens":567"#,
            "tool_use: read_file, 1,234 in, 567 out",
        );
        check(
            r#""action_type":"llm_response","input_tokens":1e30,"output_tokens":18446744073709551615"#,
            "1e30 in, 18,446,744,073,709,551,615 out",
        );
        check(
            r#""action_type":"llm_response","input_tokens":2.5e3,"output_tokens":99999999999999999999"#,
            "2,500 in, 99999999999999999999 out",
        );
        check(
            r#""action_type":"tool_call","tool_name":"bash","args":{"command":"ls -la","description":"List files"}"#,
            "List files",
        );
        check(r#""action_type":"tool_call","tool_name":"x","args":{"n":1}"#, r#"{"n":1}"#);
        check(r#""action_type":"tool_call","tool_name":"x","args":{}"#, "x");
        check(
            r#""action_type":"tool_permission","permission_level":"DANGEROUS","user_decision":"approved","decision_time_ms":5678"#,
            "DANGEROUS: approved (5.7 s)",
        );
        check(
            r#""action_type":"system_error","component":"mcp","error_message":"Failed""#,
            "mcp: Failed",
        );
        check(r#""action_type":"own_type","n":1,"text":"a b","status":"x""#, r#"n=1 text="a b""#);
        check(r#""action_type":"tool_result","message":"said","output":"x""#, "said");
    }
}
