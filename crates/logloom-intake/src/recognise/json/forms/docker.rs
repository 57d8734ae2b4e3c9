//! Docker's `json-file`: `{"log":"text\n","stream":"stdout","time":"..."}`.
//!
//! The text inside is recognised again, whatever its format; the time is that of Docker, which
//! always has its zone. A time inside that no rule settles stays as a field. Text without a line feed at its end is the first part of a longer line and
//! has the field `partial`. Refuses objects without these three members.

use super::super::super::{Defaults, inside};
use super::super::{push_text, time_of};
use super::{Member, Outcome, find};
use crate::clock::Time;

/// Members that the driver may write; labels and tags of the container are in `attrs`.
const NAMES: &[&str] = &["log", "stream", "time", "attrs"];

pub(super) fn read<'a>(members: Vec<Member<'a>>, defaults: &Defaults) -> Outcome<'a> {
    let is_docker = members.iter().all(|member| NAMES.contains(&&*member.name));
    let text = |name: &str| find(&members, name).and_then(Member::text);
    let (true, Some(log), Some(stream)) = (is_docker, text("log"), text("stream")) else {
        return Err(members);
    };
    let Some(Time::Known(time_ns)) = find(&members, "time").map(|time| time_of(time, defaults))
    else {
        return Err(members);
    };
    let line = log.strip_suffix('\n');
    let is_partial = line.is_none();
    let line = line.map_or(log.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    let mut record = inside(line, defaults);
    record.fields.pop_if(|(name, _)| name == "time_source");
    record.time_ns = Some(time_ns);
    push_text(&mut record, "stream", &stream);
    if is_partial {
        push_text(&mut record, "partial", "yes");
    }
    for member in members.iter().filter(|member| member.name == "attrs") {
        let Some(value) = member.typed() else { return Ok(None) };
        record.fields.push(("attrs".to_owned(), value));
    }
    Ok(Some(record))
}
