//! Loggers whose JSON does not say everything by the names of its members.
//!
//! Takes the members of a line and the signs that they carry, gives its record: each form moves its
//! own members to where the table of names finds them, or places them itself. A form that the
//! members do not really have leaves the line to the table of names.

mod docker;
mod ecs;
mod gelf;
mod journal;
mod loguru;
mod mongodb;
mod mysql;
pub(super) mod otlp;
mod postgresql;
mod table;
mod traefik;

use std::borrow::Cow;

use logloom_record::{Record, json};

use super::super::Defaults;
use super::super::names::sign;
use super::{Member, generic, scan};
pub(crate) use table::{FORMS, form_of};

/// What a form makes of the members; `Err` gives them back where they are not of this form.
type Outcome<'a> = Result<Option<Record>, Vec<Member<'a>>>;

/// The record of members of which some are a sign.
pub(super) fn read(members: Vec<Member<'_>>, signs: u32, defaults: &Defaults) -> Option<Record> {
    type Reader = for<'a> fn(Vec<Member<'a>>, &Defaults) -> Outcome<'a>;
    const READERS: &[(u32, Reader)] = &[
        (sign::DOCKER, docker::read),
        (sign::ECS, ecs::read),
        (sign::FIELDS, spliced_fields),
        (sign::GELF, gelf::read),
        (sign::JOURNAL, journal::read),
        (sign::LOGURU, loguru::read),
        (sign::MONGODB, mongodb::read),
        (sign::MYSQL, mysql::read),
        (sign::OTLP, otlp::read),
        (sign::POSTGRESQL, postgresql::read),
        (sign::TRAEFIK, traefik::read),
    ];
    let mut members = members;
    for (sign, reader) in READERS.iter().filter(|(sign, _)| sign & signs != 0) {
        let _ = sign;
        match reader(members, defaults) {
            Ok(record) => return record,
            Err(back) => members = back,
        }
    }
    generic(members, signs, defaults)
}

/// Rust's `tracing` with its JSON format: the message and the fields are members of `fields`.
fn spliced_fields<'a>(mut members: Vec<Member<'a>>, defaults: &Defaults) -> Outcome<'a> {
    let place = members.iter().position(|member| member.name == "fields" && member.is_object());
    let inner = place.and_then(|place| scan::members(members[place].raw));
    match (place, inner) {
        (Some(place), Some(inner)) if inner.iter().any(|member| member.name == "message") => {
            members.splice(place..=place, inner);
            Ok(generic(members, 0, defaults))
        }
        _ => Err(members),
    }
}

/// The first member of this name.
fn find<'m, 'a>(members: &'m [Member<'a>], name: &str) -> Option<&'m Member<'a>> {
    members.iter().find(|member| member.name == name)
}

/// The members of the object of this name.
fn object<'a>(members: &[Member<'a>], name: &str) -> Option<Vec<Member<'a>>> {
    scan::members(find(members, name)?.raw)
}

/// The members of the object of this name, all of which are sound, so that some may be left out.
fn sound_object<'a>(members: &[Member<'a>], name: &str) -> Option<Vec<Member<'a>>> {
    let raw = find(members, name)?.raw;
    json::validate(raw).ok().and_then(|()| scan::members(raw))
}

/// The same value under another name.
fn renamed<'a>(member: &Member<'a>, name: &str) -> Member<'a> {
    Member::new(Cow::Owned(name.to_owned()), member.raw)
}
