//! The journal of systemd as `journalctl -o json` writes it.
//!
//! A message that is no text stands there as the numbers of its bytes. The priority is the level,
//! the identifier the module; all other members are fields under their own names.

use logloom_record::Record;

use super::super::generic;
use super::{Defaults, Member, Outcome, find};

pub(super) fn read<'a>(members: Vec<Member<'a>>, defaults: &Defaults) -> Outcome<'a> {
    let bytes = find(&members, "MESSAGE").filter(|message| message.raw.starts_with('['));
    let Some(text) = bytes.and_then(|message| text_of(message.raw)) else { return Err(members) };
    let rest = members.into_iter().filter(|member| member.name != "MESSAGE").collect();
    Ok(generic(rest, 0, defaults).map(|record| Record { message: text, ..record }))
}

fn text_of(raw: &str) -> Option<String> {
    let bytes = serde_json::from_str::<Vec<u8>>(raw).ok()?;
    Some(crate::text::decoded(bytes))
}
