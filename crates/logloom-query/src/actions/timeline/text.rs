//! Entries of a timeline as lines for a terminal.
//!
//! Takes an entry, gives one line: time, time since the start, what it is, what it says, what came
//! of it, how long it took. The line is cut to the terminal; nothing in it is obeyed there.

use jiff::tz::TimeZone;

use super::entry::Entry;
use crate::actions::lang::Lang;
use crate::actions::screen::Screen;
use crate::actions::sessions::Session;
use crate::actions::table::RowClock;
use crate::show::{columns, counted, grouped, padded, safe_line, shortened};

/// Columns of the time since the start.
const SINCE_COLUMNS: usize = 12;

/// How lines of a timeline are shown.
#[derive(Clone, Debug)]
pub struct EntryLine {
    /// The zone of times.
    pub zone: TimeZone,
    /// The language.
    pub lang: Lang,
    /// Where it is shown.
    pub screen: Screen,
}

/// One entry as one line, its line feed included. `start_ns` is the first moment of the session.
#[must_use]
pub fn entry_line(entry: &Entry, start_ns: i64, style: &EntryLine) -> String {
    let clock = RowClock { zone: style.zone.clone(), is_one_day: true, says_utc: false };
    let time = clock.show(entry.time_ns);
    let since = entry.time_ns.saturating_sub(start_ns) as f64 / 1e6;
    let since = format!("+{}", style.lang.duration(since.max(0.0)));
    let gap = SINCE_COLUMNS.saturating_sub(columns(&since));
    let head = format!("{time} {:gap$}{since}  ", "");
    let label = format!("{:1$}{2}", "", 2 * usize::from(entry.depth), label(entry, style.lang));
    let tail = tail(entry, style.lang);
    let gaps = if tail.is_empty() { 2 } else { 4 };
    let room = style.screen.columns.map(|columns_max| {
        columns_max.saturating_sub(columns(&head) + columns(&label) + columns(&tail) + gaps)
    });
    let said = said(entry, room.map_or(usize::MAX, |room| room.max(1)));
    let (bold, dim, off) = (style.screen.bold(), style.screen.dim(), style.screen.off());
    let state = style.screen.state(entry.shown_status(), entry.is_error);
    let label_colour = if entry.is_error { state } else { bold };
    let line = format!(
        "{dim}{head}{off}{label_colour}{label}{off}  {said}{}{off}",
        if tail.is_empty() { String::new() } else { format!("  {state}{tail}") }
    );
    let line = match style.screen.columns {
        Some(_) if !style.screen.colours => {
            shortened(&line, style.screen.columns.unwrap_or(usize::MAX)).into_owned()
        }
        _ => line,
    };
    line.trim_end().to_owned() + "\n"
}

/// The sums of a session, one line.
#[must_use]
pub fn totals_line(session: &Session, lang: Lang) -> String {
    let duration = lang.duration(session.duration_ms());
    let tokens = match (session.input_tokens, session.output_tokens) {
        (None, None) => String::new(),
        (input, output) => {
            let (input, output) = (input.unwrap_or(0), output.unwrap_or(0));
            match lang {
                Lang::English => {
                    format!(", {} in, {} out", counted(input, "token"), grouped(output))
                }
                Lang::Chinese => {
                    format!("，输入 {} 令牌，输出 {} 令牌", grouped(input), grouped(output))
                }
            }
        }
    };
    match lang {
        Lang::English => {
            let (state, actions) = (session.state.as_str(), counted(session.actions, "action"));
            let calls = counted(session.tool_calls, "tool call");
            let errors = counted(session.errors, "error");
            format!("{actions}, {calls}, {errors} in {duration}{tokens}; {state}\n")
        }
        Lang::Chinese => {
            let state = session.state.text(lang);
            let counts = [session.actions, session.tool_calls, session.errors].map(grouped);
            let [actions, calls, errors] = counts;
            format!(
                "{actions} 个行动，{calls} 次工具调用，{errors} 个错误，历时 {duration}{tokens}；\
                 {state}\n"
            )
        }
    }
}

/// What the entry is.
pub(super) fn label(entry: &Entry, lang: Lang) -> String {
    let (english, chinese) = match entry.action_type.as_str() {
        "user_input" => ("user", "用户"),
        "user_command" => ("command", "命令"),
        "agent_state_change" => ("state", "状态"),
        "agent_thinking" => ("thinking", "思考"),
        "llm_request" => ("model", "模型"),
        "llm_response" => ("model answer", "模型回答"),
        "llm_error" => ("model error", "模型错误"),
        "tool_call" => ("tool", "工具"),
        "tool_result" => ("tool result", "工具结果"),
        "tool_error" => ("tool error", "工具错误"),
        "tool_permission" => ("permission", "权限"),
        "session_start" => ("session start", "会话开始"),
        "session_end" => ("session end", "会话结束"),
        "session_pause" => ("session pause", "会话暂停"),
        "session_resume" => ("session resume", "会话恢复"),
        "hook_execute" => ("hook", "钩子"),
        "hook_error" => ("hook error", "钩子错误"),
        "system_error" => ("system error", "系统错误"),
        "system_warning" => ("system warning", "系统警告"),
        other => (other, other),
    };
    let name = safe_line(lang.pick(english, chinese)).into_owned();
    match entry.tool.is_empty() {
        true => name,
        false => format!("{name} {}", safe_line(&entry.tool)),
    }
}

/// What it says and what came of it, in so many columns. Each keeps half of them where both are long; an error
/// keeps two thirds, for the call can be told from its beginning.
fn said(entry: &Entry, room: usize) -> String {
    const ARROW: &str = " \u{21d2} ";
    let (text, outcome) = (safe_line(&entry.text), safe_line(&entry.outcome));
    let rest = room.saturating_sub(columns(ARROW));
    if outcome.is_empty() || rest < 2 {
        let only = if entry.is_error && !outcome.is_empty() { outcome } else { text };
        return shortened(&only, room).into_owned();
    }
    let share = if entry.is_error { rest - rest / 3 } else { rest - rest / 2 };
    let for_outcome = columns(&outcome).min(share.max(rest.saturating_sub(columns(&text))));
    let text = shortened(&text, rest - for_outcome);
    format!("{text}{ARROW}{}", shortened(&outcome, for_outcome))
}

/// What stands behind the text: status, duration, permission.
fn tail(entry: &Entry, lang: Lang) -> String {
    let mut parts = Vec::new();
    if entry.is_open {
        parts.push(lang.pick("no result", "无结果").to_owned());
    } else if !matches!(entry.status.as_str(), "" | "success") {
        parts.push(safe_line(&entry.status).into_owned());
    }
    parts.extend(entry.duration_ms.map(|time| lang.duration(time)));
    if let Some(permission) = entry.permission.as_ref().filter(|_| entry.depth < 3) {
        let (level, decision) = (safe_line(&permission.level), safe_line(&permission.decision));
        let waited = permission.waited_ms.map(|waited| format!(" {}", lang.duration(waited)));
        parts.push(format!("[{level}: {decision}{}]", waited.unwrap_or_default()));
    }
    parts.join("  ")
}

/// The head of a timeline.
#[must_use]
pub(crate) fn heading(session: &Session, lang: Lang) -> String {
    let id = safe_line(&session.id);
    let name = lang.pick("Session", "会话");
    match session.project.is_empty() {
        true => format!("{name} {id}"),
        false => format!("{name} {}", padded(&id, columns(&id) + 2)) + &safe_line(&session.project),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_of(text: &str, outcome: &str, is_error: bool, room: usize) -> String {
        let (text, outcome) = (text.to_owned(), outcome.to_owned());
        said(&Entry { text, outcome, is_error, ..Entry::default() }, room)
    }

    #[test]
    fn an_outcome_is_shown_beside_a_text_of_any_length() {
        let (call, error) = ("cargo test --workspace ".repeat(9), "error: no such file ".repeat(9));
        for (text, outcome) in [(&*call, &*error), (&call, "failed"), ("ls", &error)] {
            for room in [1, 3, 9, 30, 60, 5_000] {
                for is_error in [false, true] {
                    let said = said_of(text, outcome, is_error, room);
                    assert!(columns(&said) <= room, "{room}: {said}");
                    let begin: String = outcome.chars().take(5).collect();
                    assert!(room < 30 || said.contains(&begin), "{room}: {said}");
                }
            }
        }
        assert_eq!(said_of("ls", "failed", true, 12), "ls \u{21d2} failed");
        assert_eq!(said_of("a long call", "failed", true, 12), "a \u{2026} \u{21d2} failed");
        assert_eq!(said_of("a long call", "", false, 6), "a lon\u{2026}");
    }
}
