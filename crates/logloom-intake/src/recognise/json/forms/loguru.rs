//! Python's loguru with `serialize=True`: `{"text": "...", "record": {...}}`.
//!
//! What is in `record` is taken; `text` is the same once more as a person would read it, and is
//! left out. `extra` becomes fields. Refuses a `record` without message and level.

use std::borrow::Cow;

use super::super::{Member, exception_of, generic, scan};
use super::{Defaults, Outcome, find, object, renamed, sound_object};

pub(super) fn read<'a>(members: Vec<Member<'a>>, defaults: &Defaults) -> Outcome<'a> {
    let record = sound_object(&members, "record").filter(|_| members.len() <= 2);
    let record = record.filter(|record| find(record, "message").is_some());
    let level = record.as_ref().and_then(|record| object(record, "level"));
    let (Some(record), Some(level)) = (record, level) else { return Err(members) };
    let mut flat = Vec::with_capacity(record.len() + 4);
    place_level(&level, &mut flat);
    let mut exception = None;
    for member in &record {
        let inner = |name: &str| {
            object(&record, &member.name).and_then(|inner| find(&inner, name).cloned())
        };
        match &*member.name {
            "level" => {}
            "elapsed" => {
                flat.extend(inner("seconds").map(|part| renamed(&part, "elapsed_seconds")))
            }
            "extra" => flat.extend(scan::members(member.raw).unwrap_or_default()),
            "file" => flat.extend(inner("path").map(|part| renamed(&part, "file"))),
            "process" => flat.extend(inner("id").map(|part| renamed(&part, "pid"))),
            "thread" => flat.extend(inner("name").map(|part| renamed(&part, "thread"))),
            "time" => flat.extend(inner("repr").map(|part| renamed(&part, "time"))),
            "name" if member.raw != "null" => flat.push(renamed(member, "logger")),
            "name" => {}
            // The name of the file once more, without its ending.
            "module" => {}
            "exception" => exception = inner("type").zip(inner("value")),
            _ => flat.push(member.clone()),
        }
    }
    let mut record = generic(flat, 0, defaults);
    if let (Some(record), Some((kind, value))) = (&mut record, exception) {
        let text = |member: Member<'_>| member.words().map(Cow::into_owned).unwrap_or_default();
        record.exception = Some(exception_of(text(kind), text(value)));
    }
    Ok(record)
}

/// The name of the level where it means one, else its number.
fn place_level<'a>(level: &[Member<'a>], flat: &mut Vec<Member<'a>>) {
    let name = find(level, "name");
    let is_known = name
        .and_then(Member::text)
        .is_some_and(|name| logloom_record::Level::from_name(&name).is_some());
    match (name, find(level, "no")) {
        (Some(name), _) if is_known => flat.push(renamed(name, "level")),
        (_, Some(number)) => flat.push(renamed(number, "levelno")),
        _ => {}
    }
}
