//! What is known of a callsite of `tracing` before its first event: the site its records belong to
//! and the place of each field. Metadata comes in once; callsites live as long as the process.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use logloom_record::MessageKind;
use logloom_ring::site::Site;
use tracing_core::Metadata;
use tracing_core::callsite::Identifier;

/// One callsite.
pub(super) struct Callsite {
    /// The site of its records.
    pub(super) site: Site,
    /// By the index of a field of `tracing`: its place among the values, or none for the message.
    pub(super) places: Vec<Option<usize>>,
    /// Whether it stands for records of `log`, whose module and place are among the values.
    pub(super) is_from_log: bool,
}

static CALLSITES: RwLock<Option<HashMap<Identifier, &'static Callsite>>> = RwLock::new(None);

/// The callsite, if it has been registered.
pub(super) fn find(identifier: &Identifier) -> Option<&'static Callsite> {
    let callsites = CALLSITES.read().unwrap_or_else(PoisonError::into_inner);
    callsites.as_ref()?.get(identifier).copied()
}

/// The callsite, which is registered where it was not.
pub(super) fn of(metadata: &'static Metadata<'static>) -> &'static Callsite {
    find(&metadata.callsite()).unwrap_or_else(|| register(metadata))
}

/// Registers a callsite, once. A program has a fixed number of them, so that what is leaked here
/// is bounded by its size.
pub(super) fn register(metadata: &'static Metadata<'static>) -> &'static Callsite {
    let mut callsites = CALLSITES.write().unwrap_or_else(PoisonError::into_inner);
    callsites
        .get_or_insert_default()
        .entry(metadata.callsite())
        .or_insert_with(|| Box::leak(Box::new(describe(metadata))))
}

fn describe(metadata: &'static Metadata<'static>) -> Callsite {
    let mut names: Vec<&'static str> = Vec::new();
    let mut places = Vec::new();
    for field in metadata.fields() {
        let is_message = metadata.is_event() && field.name() == "message";
        places.push((!is_message).then_some(names.len()));
        if !is_message {
            names.push(field_name(field.name()));
        }
    }
    Callsite {
        site: Site::new(
            super::level_of(metadata.level()),
            metadata.target(),
            metadata.file().unwrap_or(""),
            metadata.line().unwrap_or(0),
            "",
            MessageKind::Formatted,
            names.leak(),
        ),
        places,
        is_from_log: metadata.is_event() && metadata.fields().field("log.target").is_some(),
    }
}

/// The name without the mark of a raw identifier.
pub(super) fn field_name(name: &'static str) -> &'static str {
    name.strip_prefix("r#").unwrap_or(name)
}
