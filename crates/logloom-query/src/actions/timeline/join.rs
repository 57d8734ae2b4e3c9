//! Puts what belongs together into one entry.
//!
//! Takes entries in the order of their times, gives them in the order in which they began, with
//! their results. An entry waits until its result has come, or until too many wait.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::entry::Entry;
use crate::actions::sessions::Session;

/// Adds an entry, to the one that it belongs to where that waits.
pub(super) fn add(waiting: &mut VecDeque<Entry>, mut entry: Entry) {
    if entry.link.is_empty() {
        return waiting.push_back(entry);
    }
    match entry.action_type.as_str() {
        "tool_result" | "tool_error" => end(waiting, "tool_call", entry),
        "llm_response" | "llm_error" => end(waiting, "llm_request", entry),
        "tool_permission" => match call(waiting, "tool_call", &entry.link) {
            Some(call) => call.permission = entry.permission,
            None => {
                // What was allowed will be called, and is told with the call.
                entry.awaits_call = entry.status != "denied";
                waiting.push_back(entry);
            }
        },
        "tool_call" => {
            // Permission may have been asked before the call was noted.
            let is_its =
                |other: &Entry| other.action_type == "tool_permission" && other.link == entry.link;
            if let Some(asked) = waiting.iter().position(is_its) {
                entry.permission = waiting.remove(asked).and_then(|asked| asked.permission);
            }
            waiting.push_back(entry);
        }
        _ => waiting.push_back(entry),
    }
}

/// Gives the entries at the front that wait for nothing, and more while more than `most` wait.
pub(super) fn give_ready(
    waiting: &mut VecDeque<Entry>,
    most: usize,
    session: &Session,
    give: &mut dyn FnMut(&Entry, &Session) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let is_ready = |entry: &Entry| !entry.is_open && !entry.awaits_call;
    while waiting.front().is_some_and(is_ready) || waiting.len() > most {
        let Some(entry) = waiting.pop_front() else { break };
        give(&entry, session)?;
    }
    ControlFlow::Continue(())
}

fn call<'a>(waiting: &'a mut VecDeque<Entry>, kind: &str, link: &str) -> Option<&'a mut Entry> {
    waiting.iter_mut().rev().find(|entry| entry.action_type == kind && entry.link == link)
}

/// The end of a call or a request.
fn end(waiting: &mut VecDeque<Entry>, kind: &str, result: Entry) {
    let Some(call) = call(waiting, kind, &result.link) else {
        return waiting.push_back(result);
    };
    call.is_open = false;
    call.outcome = result.text;
    call.output = if result.output.is_empty() { result.body } else { result.output };
    call.is_error |= result.is_error;
    if !result.status.is_empty() {
        call.status = result.status;
    } else if result.is_error {
        call.status = "error".to_owned();
    }
    let measured = (result.time_ns.saturating_sub(call.time_ns)) as f64 / 1e6;
    call.duration_ms = result.duration_ms.or(Some(measured.max(0.0)));
    call.input_tokens = result.input_tokens;
    call.output_tokens = result.output_tokens;
}
