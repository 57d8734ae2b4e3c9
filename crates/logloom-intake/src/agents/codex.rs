//! Codex: `~/.codex/sessions/YYYY/MM/DD/rollout-*.jsonl`, one `{timestamp, type, payload}` a line.
//!
//! Two logs stand side by side there: what the model sees (`response_item`) and what the terminal
//! shows (`event_msg`). What stands in both is told once, by whichever comes first; the second one
//! is left out where its text is the same. Token counts are sums of the whole session there: each
//! is told as what came on top of the one before. Files of early versions have the items without
//! their envelope.

use std::collections::VecDeque;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use logloom_record::Value;
use logloom_record::time::parse_timestamp;

use super::draft::Draft;
use super::object::{Object, array_of, text_of};

/// Texts that were told and may come a second time.
const TOLD_MAX: usize = 16;

/// What was told before.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    session_id: Option<String>,
    turn: u64,
    model: Option<String>,
    tokens: Tokens,
    told: VecDeque<u64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tokens {
    input: u64,
    cached: u64,
    output: u64,
    reasoning: u64,
}

pub(super) fn read(line: &Object<'_>, state: &mut State) -> Vec<Draft> {
    let kind = line.text("type").unwrap_or_default();
    let payload = line.object("payload");
    if kind == "session_meta" || (kind.is_empty() && line.raw("id").is_some()) {
        return vec![start(line, payload.as_ref().unwrap_or(line), state)];
    }
    let base = base(line, state);
    match (kind.as_str(), payload) {
        ("response_item", Some(item)) => item_drafts(&item, &base, state),
        ("event_msg", Some(event)) => event_drafts(&event, &base, state),
        ("turn_context", Some(context)) => {
            state.model = context.text("model").or(state.model.take());
            vec![
                Draft::other(&base, "turn_context", context.without(&["model"]))
                    .text("model", context.text("model")),
            ]
        }
        ("compacted", Some(compacted)) => vec![
            Draft::other(&base, "compacted", compacted.without(&["message"]))
                .text("content", compacted.text("message")),
        ],
        ("", _) => vec![Draft::other(&base, "state", line.without(&[]))],
        (other, Some(payload)) => vec![Draft::other(&base, other, payload.without(&[]))],
        (_, None) => item_drafts(line, &base, state),
    }
}

fn base(line: &Object<'_>, state: &State) -> Draft {
    let time = line.text("timestamp");
    Draft {
        time_ns: time.and_then(|time| parse_timestamp(&time)),
        session_id: state.session_id.clone(),
        execution_id: (state.turn > 0).then(|| format!("turn-{}", state.turn)),
        ..Draft::default()
    }
}

fn start(line: &Object<'_>, meta: &Object<'_>, state: &mut State) -> Draft {
    state.session_id = meta.text("id").or(state.session_id.take());
    let project = meta.text("cwd").and_then(|path| {
        path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().map(str::to_owned)
    });
    Draft::new(&base(line, state), "session_start")
        .status("success")
        .text("project_name", project)
        .raw("metadata", meta.without(&["id", "timestamp", "type"]).as_deref())
}

/// Whether a text was told already; notes it where it was not.
fn is_told(state: &mut State, kind: &str, text: &str) -> bool {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one((kind, text.trim()));
    if let Some(place) = state.told.iter().position(|told| *told == hash) {
        // The same may be said once more later.
        state.told.remove(place);
        return true;
    }
    if state.told.len() >= TOLD_MAX {
        state.told.pop_front();
    }
    state.told.push_back(hash);
    false
}

fn item_drafts(item: &Object<'_>, base: &Draft, state: &mut State) -> Vec<Draft> {
    let kind = item.text("type").unwrap_or_default();
    let draft = match kind.as_str() {
        "message" => return message(item, base, state),
        "reasoning" => {
            let text = item.raw("summary").map(texts).unwrap_or_default();
            let extra = item.without(&["type", "summary"]);
            if !text.is_empty() && is_told(state, "reasoning", &text) {
                // What stands here alone, the encrypted form among it, is kept.
                let rest = extra.map(|extra| Draft::other(base, "reasoning", Some(extra)));
                return rest.into_iter().collect();
            }
            Draft::new(base, "agent_thinking").text("thinking_content", Some(text)).extra(extra)
        }
        "function_call" | "custom_tool_call" => call(item, base, item.text("name")),
        _ if kind.ends_with("_call") => {
            let name = kind.trim_end_matches("_call").to_owned();
            call(item, base, item.text("name").or(Some(name)))
        }
        _ if kind.ends_with("_output") => output(item, base),
        other => Draft::other(base, other, item.without(&["type"])),
    };
    vec![draft]
}

fn message(item: &Object<'_>, base: &Draft, state: &mut State) -> Vec<Draft> {
    let text = item.raw("content").map(texts).unwrap_or_default();
    let extra = item.without(&["type", "role", "content"]);
    let draft = match item.text("role").as_deref() {
        Some("assistant") if is_told(state, "assistant", &text) => return Vec::new(),
        Some("assistant") => answer(base, state, text).extra(extra),
        Some("user") if !is_context(&text) => return said(base, state, text, extra),
        role => {
            let reason =
                role.map_or_else(|| "message".to_owned(), |role| format!("{role} context"));
            Draft::other(base, &reason, extra).text("content", Some(text))
        }
    };
    vec![draft]
}

/// Whether a text of the user's role was written by the program.
fn is_context(text: &str) -> bool {
    text.starts_with('<') || text.starts_with("# AGENTS.md")
}

fn said(base: &Draft, state: &mut State, text: String, extra: Option<String>) -> Vec<Draft> {
    if is_told(state, "user", &text) {
        return Vec::new();
    }
    state.turn += 1;
    let base = Draft { execution_id: Some(format!("turn-{}", state.turn)), ..base.clone() };
    let draft = Draft::new(&base, "user_input").status("success");
    let mode = Some("interactive".to_owned());
    vec![draft.text("content", Some(text)).text("input_mode", mode).extra(extra)]
}

fn answer(base: &Draft, state: &State, text: String) -> Draft {
    Draft::new(base, "llm_response")
        .status("success")
        .text("provider", Some("openai".to_owned()))
        .text("model", state.model.clone())
        .text("response_type", Some("message".to_owned()))
        .text("content", Some(text))
}

fn call(item: &Object<'_>, base: &Draft, name: Option<String>) -> Draft {
    let arguments = ["arguments", "input", "action"].into_iter().find_map(|name| item.raw(name));
    let draft = Draft::new(base, "tool_call")
        .text("tool_name", name)
        .text("tool_use_id", item.text("call_id").or_else(|| item.text("id")));
    // Arguments are JSON within a text.
    let inner = arguments.and_then(text_of).filter(|inner| Object::parse(inner).is_some());
    let draft = match &inner {
        Some(inner) => draft.raw("args", Some(inner)),
        None => draft.raw("args", arguments),
    };
    draft.extra(item.without(&["type", "name", "call_id", "arguments", "input", "action"]))
}

fn output(item: &Object<'_>, base: &Draft) -> Draft {
    let raw = item.raw("output").unwrap_or_default();
    let text = text_of(raw);
    // Newer versions write an object, older ones the same within a text.
    let object = Object::parse(raw).or_else(|| Object::parse(text.as_deref()?));
    let inner = object.as_ref().and_then(|object| object.text("output"));
    let content = inner.or_else(|| text.clone()).unwrap_or_else(|| texts(raw));
    let metadata = object.as_ref().and_then(|object| object.object("metadata"));
    let exit = metadata.as_ref().and_then(|told| told.number("exit_code"));
    let exit = exit.or_else(|| exit_code(&content));
    let took = metadata.as_ref().and_then(|told| told.number("duration_seconds"));
    let has_failed = exit.is_some_and(|code| code != 0.0) || item.raw("success") == Some("false");
    let draft = Draft::new(base, if has_failed { "tool_error" } else { "tool_result" });
    let draft = draft
        .status(if has_failed { "error" } else { "success" })
        .text("tool_use_id", item.text("call_id").or_else(|| item.text("id")));
    let draft = match has_failed {
        true => draft
            .text("error_type", Some("execution_error".to_owned()))
            .text("error_message", Some(content)),
        false => draft.field("success", Some(Value::Bool(true))).text("output", Some(content)),
    };
    draft
        .number("exit_code", exit)
        .number("duration_ms", took.map(|seconds| seconds * 1e3))
        .extra(item.without(&["type", "call_id", "output", "success"]))
}

/// The code in the head of an output that is text: `Process exited with code 1`, `Exit code: 1`.
fn exit_code(text: &str) -> Option<f64> {
    let after = |mark: &str| text.lines().take(8).find_map(|line| line.strip_prefix(mark));
    let told = after("Process exited with code ").or_else(|| after("Exit code: "))?;
    told.trim().parse().ok()
}

fn event_drafts(event: &Object<'_>, base: &Draft, state: &mut State) -> Vec<Draft> {
    let kind = event.text("type").unwrap_or_default();
    let rest = || event.without(&["type", "message", "text"]);
    let content = event.text("message").or_else(|| event.text("text"));
    let draft = match kind.as_str() {
        "user_message" => return said(base, state, content.unwrap_or_default(), rest()),
        "agent_message" => {
            let text = content.unwrap_or_default();
            if is_told(state, "assistant", &text) {
                return Vec::new();
            }
            answer(base, state, text).extra(rest())
        }
        "agent_reasoning" => {
            let text = content.unwrap_or_default();
            if is_told(state, "reasoning", &text) {
                return Vec::new();
            }
            Draft::new(base, "agent_thinking").text("thinking_content", Some(text)).extra(rest())
        }
        "token_count" => return tokens(event, base, state),
        "task_started" | "turn_started" => changed(base, "IDLE", "THINKING", &kind, rest()),
        "task_complete" | "turn_complete" => changed(base, "THINKING", "IDLE", &kind, rest()),
        "turn_aborted" => changed(base, "THINKING", "IDLE", &kind, rest()).status("cancelled"),
        "error" | "stream_error" => Draft::new(base, "llm_error")
            .status("error")
            .text("error_type", Some(kind))
            .text("error_message", content)
            .extra(rest()),
        "exec_approval_request" | "apply_patch_approval_request" => {
            Draft::new(base, "tool_permission")
                .status("pending")
                .text("tool_use_id", event.text("call_id"))
                .text("permission_level", Some(kind))
                .extra(rest())
        }
        other => Draft::other(base, other, rest()).text("content", content),
    };
    vec![draft]
}

fn changed(base: &Draft, from: &str, to: &str, reason: &str, extra: Option<String>) -> Draft {
    Draft::new(base, "agent_state_change")
        .text("from_state", Some(from.to_owned()))
        .text("to_state", Some(to.to_owned()))
        .text("reason", Some(reason.to_owned()))
        .extra(extra)
}

/// What came on top of the sums that were told before. A sum that did not grow tells nothing but
/// the limits of the account.
fn tokens(event: &Object<'_>, base: &Draft, state: &mut State) -> Vec<Draft> {
    let total = event.object("info").and_then(|info| info.object("total_token_usage"));
    let Some(total) = total else {
        return vec![Draft::other(base, "token_count", event.without(&["type"]))];
    };
    let count = |name: &str| total.count(name).unwrap_or(0);
    let now = Tokens {
        input: count("input_tokens"),
        cached: count("cached_input_tokens"),
        output: count("output_tokens"),
        reasoning: count("reasoning_output_tokens"),
    };
    let before = std::mem::replace(&mut state.tokens, now);
    // After a compaction the sums may begin anew.
    let is_anew = now.input < before.input || now.output < before.output;
    let before = if is_anew { Tokens::default() } else { before };
    let more = [
        now.input - before.input,
        now.cached.saturating_sub(before.cached),
        now.output - before.output,
        now.reasoning.saturating_sub(before.reasoning),
    ];
    let extra = event.without(&["type"]);
    if more == [0; 4] {
        return vec![Draft::other(base, "token_count", extra)];
    }
    let draft = Draft::new(base, "llm_response")
        .status("success")
        .text("provider", Some("openai".to_owned()))
        .text("model", state.model.clone())
        .text("response_type", Some("usage".to_owned()))
        .count("input_tokens", Some(more[0]))
        .count("cache_read_tokens", Some(more[1]))
        .count("output_tokens", Some(more[2]))
        .count("reasoning_tokens", Some(more[3]));
    vec![draft.extra(extra)]
}

/// The texts of content blocks, one below the other; what has none stays as it was written.
fn texts(raw: &str) -> String {
    if let Some(text) = text_of(raw) {
        return text;
    }
    let Some(blocks) = array_of(raw) else { return raw.to_owned() };
    let text = |raw: &str| Object::parse(raw)?.text("text").or_else(|| text_of(raw));
    let texts: Vec<String> =
        blocks.iter().map(|raw| text(raw).unwrap_or_else(|| (*raw).to_owned())).collect();
    texts.join("\n")
}
