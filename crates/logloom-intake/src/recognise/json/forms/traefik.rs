//! Traefik's access log as JSON: what happened is in its members, and its `msg` is empty.
//!
//! The message becomes the request and its status, as in other access logs; answers of 500 and
//! above are errors, 400 and above warnings.

use logloom_record::Level;

use super::super::generic;
use super::{Defaults, Member, Outcome, find};

pub(super) fn read<'a>(members: Vec<Member<'a>>, defaults: &Defaults) -> Outcome<'a> {
    let words = |name: &str| find(&members, name).and_then(Member::words);
    let parts = ["RequestMethod", "RequestPath", "RequestProtocol", "DownstreamStatus"].map(words);
    let [Some(method), Some(path), Some(protocol), Some(status)] = parts else {
        return Err(members);
    };
    let message = format!("{method} {path} {protocol} {status}");
    let level = match status.as_bytes().first() {
        Some(b'5') => Some(Level::Error),
        Some(b'4') => Some(Level::Warn),
        _ => None,
    };
    let mut record = generic(members, 0, defaults);
    if let Some(record) = &mut record {
        if record.message.is_empty() {
            record.message = message;
        }
        record.level = level.unwrap_or(record.level);
    }
    Ok(record)
}
