//! MongoDB 4.4 and later: `{"t":{"$date":"..."},"s":"I","c":"NETWORK","id":1,"ctx":"x","msg":"m"}`.
//!
//! The letter is the level (`D1` to `D5` are DEBUG), the component the module. Refuses objects
//! without time, severity and component.

use logloom_record::Level;

use super::super::generic;
use super::{Defaults, Member, Outcome, find, renamed, sound_object};

pub(super) fn read<'a>(members: Vec<Member<'a>>, defaults: &Defaults) -> Outcome<'a> {
    let time = sound_object(&members, "t").and_then(|time| find(&time, "$date").cloned());
    let level = find(&members, "s").and_then(Member::text).and_then(|letter| level_of(&letter));
    let (Some(time), Some(level), true) = (time, level, find(&members, "c").is_some()) else {
        return Err(members);
    };
    let part = |member: Member<'a>| match &*member.name {
        "t" => Some(renamed(&time, "time")),
        "s" => None,
        "c" => Some(renamed(&member, "logger")),
        _ => Some(member),
    };
    let members = members.into_iter().filter_map(part).collect();
    Ok(generic(members, 0, &Defaults { level, ..defaults.clone() }))
}

fn level_of(letter: &str) -> Option<Level> {
    Some(match letter {
        "F" => Level::Fatal,
        "E" => Level::Error,
        "W" => Level::Warn,
        "I" => Level::Info,
        "D" | "D1" | "D2" | "D3" | "D4" | "D5" => Level::Debug,
        _ => return None,
    })
}
