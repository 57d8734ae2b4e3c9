//! PostgreSQL's `jsonlog`: the severity is `error_severity`, with the server's own names.
//!
//! Refuses severities that the server does not write.

use std::borrow::Cow;

use super::super::generic;
use super::{Defaults, Member, Outcome, find};
use crate::formats::postgresql_level;

pub(super) fn read<'a>(members: Vec<Member<'a>>, defaults: &Defaults) -> Outcome<'a> {
    let severity = find(&members, "error_severity").and_then(Member::text);
    let Some(level) = severity.and_then(|severity| postgresql_level(&severity)) else {
        return Err(members);
    };
    // The kind of the line, under the name that the text format gives it.
    let part = |member: Member<'a>| match &*member.name {
        "error_severity" => Member { name: Cow::Borrowed("kind"), ..member },
        _ => member,
    };
    let members = members.into_iter().map(part).collect();
    Ok(generic(members, 0, &Defaults { level, ..defaults.clone() }))
}
