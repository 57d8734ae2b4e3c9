//! Graylog's GELF: `{"version":"1.1","host":"h","short_message":"m","level":6,"_user":7}`.
//!
//! The level is a severity of the system log; the underscore before additional fields is left out.
//! Refuses objects without `version` and `short_message`.

use std::borrow::Cow;

use super::super::super::level;
use super::super::generic;
use super::{Defaults, Member, Outcome, find};

pub(super) fn read<'a>(members: Vec<Member<'a>>, defaults: &Defaults) -> Outcome<'a> {
    let has_words = |name: &str| find(&members, name).and_then(Member::words).is_some();
    if !has_words("version") || !has_words("short_message") {
        return Err(members);
    }
    let level = find(&members, "level").and_then(Member::words);
    let level = level.and_then(|words| level::from_member("PRIORITY", &words));
    let fields = members.into_iter().filter(|member| member.name != "version");
    let fields = fields.filter(|member| level.is_none() || member.name != "level");
    let members = fields.map(without_underscore).collect();
    let record = generic(
        members,
        0,
        &Defaults { level: level.unwrap_or(defaults.level), ..defaults.clone() },
    );
    Ok(record)
}

/// An additional field never becomes one of the names that the table knows.
fn without_underscore(member: Member<'_>) -> Member<'_> {
    match member.name.strip_prefix('_').filter(|name| !name.is_empty()) {
        Some(name) => Member { name: Cow::Owned(name.to_owned()), ..member },
        None => member,
    }
}
