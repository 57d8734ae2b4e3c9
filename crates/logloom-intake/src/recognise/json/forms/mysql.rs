//! The error log of MySQL 8 and later with `log_sink_json`: `{"prio":3,"err_code":10051,"msg":"m",
//! "time":"...","subsystem":"Server","label":"Note"}`.
//!
//! `label` is the level, as in the lines of the usual error log, and `prio` where a filter has taken the
//! label out; the subsystem is the module. Refuses objects with neither of the two.

use logloom_record::Level;

use super::super::generic;
use super::{Defaults, Member, Outcome, find, renamed};

pub(super) fn read<'a>(members: Vec<Member<'a>>, defaults: &Defaults) -> Outcome<'a> {
    let has_code = find(&members, "err_code").and_then(Member::words).is_some();
    let text = |name: &str| find(&members, name).and_then(Member::words);
    let level = match text("label") {
        Some(label) => of_label(&label),
        None => text("prio").and_then(|prio| of_priority(&prio)),
    };
    let (Some(level), true) = (level, has_code) else { return Err(members) };
    let part = |member: Member<'a>| match &*member.name {
        "label" | "prio" => None,
        "subsystem" => Some(renamed(&member, "logger")),
        _ => Some(member),
    };
    let members = members.into_iter().filter_map(part).collect();
    Ok(generic(members, 0, &Defaults { level, ..defaults.clone() }))
}

fn of_label(label: &str) -> Option<Level> {
    Some(match label {
        "System" | "Note" => Level::Info,
        "Warning" => Level::Warn,
        "Error" => Level::Error,
        _ => return None,
    })
}

/// Priorities as the server numbers them: the lower, the more severe, but for 0, which is a word of the
/// system that is written whatever is left out.
fn of_priority(prio: &str) -> Option<Level> {
    Some(match prio {
        "0" | "3" => Level::Info,
        "1" => Level::Error,
        "2" => Level::Warn,
        _ => return None,
    })
}
