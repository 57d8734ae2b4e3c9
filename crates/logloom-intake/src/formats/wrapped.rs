//! What the message of a system log may hold: a line of another format.
//!
//! Takes the message and the tag, gives what is inside: CEF, JSON (with the mark `@cee:` or without)
//! and the log of HAProxy. Everything else is a message.

use super::{Defaults, Parsed, cef, haproxy};
use crate::clock::Time;
use crate::recognise::recognise_json;

/// The parts of what the message holds; its time is that of the system log.
pub(super) fn inside(message: &str, tag: &str, defaults: &Defaults) -> Option<Parsed> {
    let json = message.strip_prefix("@cee:").map_or(message, str::trim_start);
    if json.starts_with('{') {
        let record = recognise_json(json, defaults)?;
        return Some(Parsed::around(record, Time::Absent));
    }
    if message.starts_with("CEF:") {
        return cef::parse(message, defaults);
    }
    (tag == "haproxy").then(|| haproxy::parse(message, defaults)).flatten()
}

impl Parsed {
    /// Replaces the message by what it holds, if it holds anything known.
    pub(super) fn unwrapped(mut self, tag: &str, defaults: &Defaults) -> Self {
        let Some(inner) = inside(&self.message, tag, defaults) else { return self };
        self.message = inner.message;
        self.level = inner.level.or(self.level);
        // The name of the program stays where the record inside names nobody.
        let is_named = inner.inner.as_ref().is_some_and(|record| !record.module.is_empty());
        self.module = inner.module.or(self.module).filter(|_| !is_named);
        self.fields.extend(inner.fields);
        self.inner = inner.inner;
        self
    }
}
