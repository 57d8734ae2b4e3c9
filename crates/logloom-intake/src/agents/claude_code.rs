//! Claude Code: `~/.claude/projects/PROJECT/SESSION.jsonl`, one object a line with its `type`.
//!
//! An answer of the model is written as one line for each of its blocks, each with the usage of the
//! whole answer: tokens are told with the first, and later only what came on top. Its input tokens
//! leave out what came from a cache; here they include it, as other providers do. Lines of agents
//! within the agent (`isSidechain`) belong to the session of the outer one and have its id.

use logloom_record::time::parse_timestamp;

use super::draft::Draft;
use super::object::{Object, text_of, with_member};

/// Members of every line that have a place of their own.
const COMMON: [&str; 4] = ["type", "timestamp", "sessionId", "message"];

/// What the user's refusal of a call begins with in its result.
const REFUSAL: &str = "The user doesn't want to proceed with this tool use";

/// What was told before.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    session_id: Option<String>,
    /// The line with the last thing that the user said.
    prompt: Option<String>,
    /// The answer under way and what was told of its tokens.
    answer: Option<(String, Usage)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Usage {
    input: u64,
    cached: u64,
    cache_written: u64,
    output: u64,
}

pub(super) fn read(line: &Object<'_>, state: &mut State) -> Vec<Draft> {
    let kind = line.text("type").unwrap_or_default();
    let mut base = base(line, state);
    let mut drafts = Vec::new();
    if base.session_id.is_some() && base.session_id != state.session_id {
        state.session_id.clone_from(&base.session_id);
        if !base.is_sidechain {
            drafts.push(start(line, &base));
        }
    }
    if kind == "user" && !base.is_sidechain && is_prompt(line) {
        state.prompt = line.text("uuid");
        base.execution_id.clone_from(&state.prompt);
    }
    let from = drafts.len();
    match kind.as_str() {
        "user" => user(line, &base, &mut drafts),
        "assistant" => assistant(line, &base, state, &mut drafts),
        "system" => drafts.push(system(line, &base)),
        "progress" => drafts.push(progress(line, &base)),
        "" => drafts.push(Draft::other(&base, "unknown", line.without(&[]))),
        other => drafts.push(
            Draft::other(
                &base,
                other,
                line.without(&["content", "summary", "timestamp", "sessionId", "type"]),
            )
            .raw("content", line.raw("content").or_else(|| line.raw("summary"))),
        ),
    }
    if matches!(kind.as_str(), "user" | "assistant")
        && let Some(first) = drafts.get_mut(from)
    {
        *first = std::mem::take(first).extra(rest(line));
    }
    drafts
}

/// What of a message's line has no place of its own. The usage is among it, since it says more than
/// the tokens that are told.
fn rest(line: &Object<'_>) -> Option<String> {
    let taken = [&COMMON[..], &["costUSD", "requestId"]].concat();
    let message = line.object("message");
    let message = message
        .and_then(|message| message.without(&["content", "role", "type", "model", "stop_reason"]));
    with_member(line.without(&taken), "message", message)
}

/// Times and ids of a line.
fn base(line: &Object<'_>, state: &State) -> Draft {
    let snapshot = || line.object("snapshot")?.text("timestamp");
    let time = line.text("timestamp").or_else(snapshot);
    let agent = line.text("agentId");
    Draft {
        time_ns: time.and_then(|time| parse_timestamp(&time)),
        session_id: line.text("sessionId").or_else(|| state.session_id.clone()),
        is_sidechain: line.is_true("isSidechain"),
        execution_id: agent.or_else(|| state.prompt.clone()),
        ..Draft::default()
    }
}

fn start(line: &Object<'_>, base: &Draft) -> Draft {
    let project = line.text("cwd").and_then(|path| {
        path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().map(str::to_owned)
    });
    let mut metadata = Vec::new();
    for name in ["cwd", "version", "gitBranch"] {
        metadata.extend(line.raw(name).map(|raw| format!("\"{name}\":{raw}")));
    }
    Draft::new(base, "session_start")
        .status("success")
        .text("project_name", project)
        .raw("metadata", Some(&format!("{{{}}}", metadata.join(","))))
}

/// Whether the line is something that the user said, and no result or note of the program.
fn is_prompt(line: &Object<'_>) -> bool {
    let has_results = line.raw("message").is_some_and(|raw| raw.contains("\"tool_result\""));
    !has_results && !line.is_true("isMeta") && !line.is_true("isCompactSummary")
}

fn user(line: &Object<'_>, base: &Draft, drafts: &mut Vec<Draft>) {
    let from = drafts.len();
    let message = line.object("message").unwrap_or_default();
    if let Some(text) = message.text("content") {
        return drafts.push(said(line, base, text));
    }
    for raw in message.array("content").unwrap_or_default() {
        let block = Object::parse(raw).unwrap_or_default();
        let draft = match block.text("type").as_deref() {
            Some("text") => said(line, base, block.text("text").unwrap_or_default()),
            Some("tool_result") => result(line, base, &block),
            Some(kind) => Draft::new(base, "user_input")
                .status("success")
                .text("content", Some(format!("[{kind}]")))
                .raw("block", Some(raw)),
            None => Draft::other(base, "unknown block", None).raw("block", Some(raw)),
        };
        drafts.push(draft);
    }
    if drafts.len() == from {
        drafts.push(Draft::other(base, "user", line.without(&["type", "timestamp", "sessionId"])));
    }
}

/// A text of the user: a prompt, a command, or a note of the program in the user's name.
fn said(line: &Object<'_>, base: &Draft, text: String) -> Draft {
    if line.is_true("isCompactSummary") || line.is_true("isMeta") {
        let reason = if line.is_true("isMeta") { "meta" } else { "compact summary" };
        return Draft::other(base, reason, None).text("content", Some(text));
    }
    if let Some(command) = tagged(&text, "command-name") {
        let arguments = tagged(&text, "command-args").unwrap_or_default();
        let words = arguments.split_whitespace().map(text_value).collect();
        return Draft::new(base, "user_command")
            .status("success")
            .text("command", Some(command))
            .field("args", Some(logloom_record::Value::Array(words)));
    }
    if text.starts_with("<local-command-stdout>") {
        return Draft::other(base, "command output", None).text("content", Some(text));
    }
    let mode = if base.is_sidechain { "agent" } else { "interactive" };
    Draft::new(base, "user_input")
        .status("success")
        .text("content", Some(text))
        .text("input_mode", Some(mode.to_owned()))
}

fn text_value(text: &str) -> logloom_record::Value {
    logloom_record::Value::Text(text.to_owned())
}

/// What stands between `<name>` and `</name>`.
fn tagged(text: &str, name: &str) -> Option<String> {
    let after = text.split_once(&format!("<{name}>"))?.1;
    Some(after.split_once(&format!("</{name}>"))?.0.trim().to_owned())
}

fn result(line: &Object<'_>, base: &Draft, block: &Object<'_>) -> Draft {
    let content = block.raw("content").map(block_text).unwrap_or_default();
    let is_error = block.is_true("is_error");
    let told = line.object("toolUseResult");
    let took =
        told.and_then(|told| told.number("durationMs").or_else(|| told.number("totalDurationMs")));
    let id = block.text("tool_use_id");
    if is_error {
        let is_refused = content.starts_with(REFUSAL);
        let kind = if is_refused { "refused" } else { "execution_error" };
        return Draft::new(base, "tool_error")
            .status(if is_refused { "denied" } else { "error" })
            .text("tool_use_id", id)
            .text("error_type", Some(kind.to_owned()))
            .text("error_message", Some(content))
            .number("duration_ms", took);
    }
    Draft::new(base, "tool_result")
        .status("success")
        .text("tool_use_id", id)
        .field("success", Some(logloom_record::Value::Bool(true)))
        .text("output", Some(content))
        .number("duration_ms", took)
}

/// The text of a content: itself, or its blocks one below the other.
fn block_text(raw: &str) -> String {
    if let Some(text) = text_of(raw) {
        return text;
    }
    let Some(blocks) = super::object::array_of(raw) else { return raw.to_owned() };
    let text = |raw: &str| {
        let block = Object::parse(raw)?;
        block.text("text").or_else(|| text_of(raw))
    };
    let texts: Vec<String> =
        blocks.iter().map(|raw| text(raw).unwrap_or_else(|| (*raw).to_owned())).collect();
    texts.join("\n")
}

fn assistant(line: &Object<'_>, base: &Draft, state: &mut State, drafts: &mut Vec<Draft>) {
    let message = line.object("message").unwrap_or_default();
    let blocks = message.array("content").unwrap_or_default();
    if line.is_true("isApiErrorMessage") {
        let text = message.raw("content").map(block_text);
        drafts.push(
            Draft::new(base, "llm_error")
                .status("error")
                .text("request_id", line.text("requestId"))
                .text("error_type", line.text("error").or_else(|| Some("api_error".to_owned())))
                .text("error_message", text),
        );
        return;
    }
    let mut texts = Vec::new();
    for raw in blocks {
        let block = Object::parse(raw).unwrap_or_default();
        match block.text("type").as_deref() {
            Some("text") => texts.extend(block.text("text")),
            Some("thinking") => drafts.push(
                Draft::new(base, "agent_thinking")
                    .text("thinking_content", block.text("thinking"))
                    .extra(block.without(&["type", "thinking"])),
            ),
            Some("tool_use" | "server_tool_use" | "mcp_tool_use") => drafts.push(
                Draft::new(base, "tool_call")
                    .text("tool_name", block.text("name"))
                    .text("tool_use_id", block.text("id"))
                    .raw("args", block.raw("input"))
                    .extra(block.without(&["type", "name", "id", "input"])),
            ),
            _ => drafts.push(Draft::other(base, "unknown block", None).raw("block", Some(raw))),
        }
    }
    if let Some(answer) = answer(line, base, &message, texts.join("\n"), state) {
        // The answer was there before what came of it.
        drafts.insert(drafts.iter().take_while(|draft| draft.is_start()).count(), answer);
    }
}

/// The answer as far as this line adds to it; `None` where it adds nothing.
fn answer(
    line: &Object<'_>,
    base: &Draft,
    message: &Object<'_>,
    text: String,
    state: &mut State,
) -> Option<Draft> {
    let id = message.text("id").unwrap_or_default();
    let usage = usage(message);
    let before = state.answer.take().filter(|(known, _)| *known == id).map(|(_, usage)| usage);
    let is_first = before.is_none();
    let before = before.unwrap_or_default();
    state.answer = Some((id, Usage { output: usage.output.max(before.output), ..usage }));
    let more =
        |now: u64, before: u64| (is_first || now > before).then(|| now.saturating_sub(before));
    let output = more(usage.output, before.output);
    if !is_first && output.is_none() && text.is_empty() {
        return None;
    }
    let kind = message.text("stop_reason");
    let draft = Draft::new(base, "llm_response")
        .status("success")
        .text("request_id", line.text("requestId"))
        .text("provider", Some("anthropic".to_owned()))
        .text("model", message.text("model"))
        .text("response_type", kind)
        .text("content", Some(text).filter(|text| !text.is_empty()))
        .count("input_tokens", more(usage.input, before.input).filter(|_| is_first))
        .count("cache_read_tokens", is_first.then_some(usage.cached))
        .count("cache_creation_tokens", is_first.then_some(usage.cache_written))
        .count("output_tokens", output)
        .number("cost_usd", line.number("costUSD").filter(|_| is_first))
        .number("duration_ms", line.number("durationMs").filter(|_| is_first));
    Some(draft)
}

fn usage(message: &Object<'_>) -> Usage {
    let usage = message.object("usage").unwrap_or_default();
    let count = |name: &str| usage.count(name).unwrap_or(0);
    let (cached, cache_written) =
        (count("cache_read_input_tokens"), count("cache_creation_input_tokens"));
    let input = count("input_tokens").saturating_add(cached).saturating_add(cache_written);
    Usage { input, cached, cache_written, output: count("output_tokens") }
}

fn system(line: &Object<'_>, base: &Draft) -> Draft {
    let subtype = line.text("subtype").unwrap_or_default();
    let rest =
        || line.without(&["type", "timestamp", "sessionId", "subtype", "content", "durationMs"]);
    let content = line.text("content");
    match (subtype.as_str(), line.text("level").as_deref()) {
        ("api_error", _) => Draft::new(base, "llm_error")
            .status("error")
            .text("error_type", Some("api_error".to_owned()))
            .text("error_message", content.or_else(|| line.raw("error").map(str::to_owned)))
            .extra(rest()),
        ("local_command", _) => {
            let text = content.unwrap_or_default();
            said(line, base, text).extra(rest())
        }
        ("stop_hook_summary", _) => {
            let has_errors = line.array("hookErrors").is_some_and(|errors| !errors.is_empty());
            let kind = if has_errors { "hook_error" } else { "hook_execute" };
            Draft::new(base, kind)
                .status(if has_errors { "error" } else { "success" })
                .text("hook_name", Some("Stop".to_owned()))
                .text("hook_type", Some("command".to_owned()))
                .raw("error_message", line.raw("hookErrors").filter(|_| has_errors))
                .number("duration_ms", line.number("durationMs"))
                .extra(rest())
        }
        (_, Some("error")) => Draft::new(base, "system_error")
            .status("error")
            .text("component", Some(subtype))
            .text("error_message", content)
            .extra(rest()),
        (_, Some("warn" | "warning")) => Draft::new(base, "system_warning")
            .text("component", Some(subtype))
            .text("error_message", content)
            .extra(rest()),
        _ => Draft::other(base, if subtype.is_empty() { "system" } else { &subtype }, rest())
            .text("content", content)
            .number("duration_ms", line.number("durationMs")),
    }
}

fn progress(line: &Object<'_>, base: &Draft) -> Draft {
    let data = line.object("data").unwrap_or_default();
    if data.text("type").as_deref() == Some("hook_progress") {
        return Draft::new(base, "hook_execute")
            .text("hook_name", data.text("hookName"))
            .text("hook_type", data.text("hookEvent"))
            .text("tool_use_id", line.text("toolUseID"))
            .extra(line.without(&["type", "timestamp", "sessionId", "toolUseID"]));
    }
    Draft::other(base, "progress", line.without(&["type", "timestamp", "sessionId"]))
}
