//! The Elastic Common Schema, with dotted names or with objects within objects.
//!
//! Objects of the schema are written out to dotted names, which the table of names knows; what the
//! schema nests deeper becomes a dotted field. Refuses objects without a sign of the schema.

use std::borrow::Cow;

use super::super::{exception_of, generic, scan};
use super::{Defaults, Member, Outcome, find};

/// Objects of the schema that hold what every record has.
const OBJECTS: &[&str] = &["ecs", "error", "event", "log", "process", "service", "span", "trace"];

/// Objects within objects that are written out.
const DEPTH_MAX: usize = 8;

pub(super) fn read<'a>(members: Vec<Member<'a>>, defaults: &Defaults) -> Outcome<'a> {
    let is_ecs = members.iter().any(|member| member.name == "ecs.version")
        || find(&members, "ecs").is_some_and(Member::is_object)
        || find(&members, "@timestamp").is_some()
            && find(&members, "log").is_some_and(Member::is_object);
    if !is_ecs {
        return Err(members);
    }
    let mut flat = Vec::with_capacity(members.len() + 8);
    for member in members {
        let is_of_schema = OBJECTS.contains(&&*member.name) && member.is_object();
        if is_of_schema { flatten(member, DEPTH_MAX, &mut flat) } else { flat.push(member) }
    }
    let text = |name: &str| find(&flat, name).and_then(Member::text);
    let error = (text("error.type"), text("error.message"));
    let mut record = generic(flat, 0, defaults);
    if let (Some(record), (Some(_), _) | (_, Some(_))) = (&mut record, &error) {
        let (type_name, message) = error;
        let found = exception_of(type_name.unwrap_or_default(), message.unwrap_or_default());
        record.exception.get_or_insert(found);
    }
    Ok(record)
}

fn flatten<'a>(member: Member<'a>, depth: usize, flat: &mut Vec<Member<'a>>) {
    let inner = (depth > 0 && member.is_object()).then(|| scan::members(member.raw)).flatten();
    let Some(inner) = inner.filter(|inner| !inner.is_empty()) else { return flat.push(member) };
    for part in inner {
        let name = format!("{}.{}", member.name, part.name);
        flatten(Member::new(Cow::Owned(name), part.raw), depth - 1, flat);
    }
}
