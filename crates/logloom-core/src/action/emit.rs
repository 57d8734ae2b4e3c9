//! Actions whose fields are known at run time only: further fields, importers, other languages.

use std::time::Duration;

use logloom_record::wire::{self, SiteReference};
use logloom_record::{Encode, MessageKind, Record, SiteDescription, Value};
use logloom_ring::front;

use super::{ActionType, MODULE, Status, handling};
use crate::settings::Settings;
use crate::{emit, runtime};

/// Whether actions of this type are recorded.
#[must_use]
pub fn enabled(kind: ActionType) -> bool {
    runtime::current().is_some_and(|handle| handle.settings().actions.records(kind))
}

/// Hands over an action whose fields stand in `record`: `session_id` in its place, `execution_id`,
/// `status` and the type's own among the fields, which are written in their order. One that brings an
/// `action_number` keeps it. A type that is switched off is left out; the level is the record's.
///
/// May block, and cuts, as [`crate::emit::record`] does.
pub fn record(kind: ActionType, record: &Record) {
    let Some(handle) = runtime::current() else { return };
    let settings = handle.settings();
    if !settings.actions.records(kind) {
        return;
    }
    let mut masked = emit::masked(record, &handle);
    if record.fields.iter().any(|(name, _)| is_masked(&settings, name)) {
        mask_own(masked.get_or_insert_with(|| record.clone()), &settings);
    }
    let record = masked.as_ref().unwrap_or(record);
    let mut bytes = Vec::with_capacity(512);
    let budget = settings.ring.record_bytes();
    let site = site(kind, record);
    wire::encode_record(record, site, 0, &mut front::key_number, budget, &mut bytes);
    let handling = handling(kind, status(record));
    let lane = if handling.is_critical { logloom_record::Level::Error } else { record.level };
    front::emit_encoded(lane, &bytes);
    if handling.waits || settings.store.durability.waits(record.level) {
        let _ = handle.flush(Duration::MAX);
    }
}

/// Whether a field of an action is masked beside those whose names are secret: tracebacks show what
/// their program worked on, and so may thoughts.
pub(crate) fn is_masked(settings: &Settings, field: &str) -> bool {
    match field {
        "traceback" => settings.mask.enabled,
        "thinking_content" => settings.actions.mask_thinking,
        _ => false,
    }
}

fn mask_own(record: &mut Record, settings: &Settings) {
    let own = record.fields.iter_mut().filter(|(name, _)| is_masked(settings, name));
    for (_, value) in own.filter(|(_, value)| *value != Value::Null) {
        *value = Value::Masked(value.hidden_chars());
    }
}

fn status(record: &Record) -> Option<Status> {
    let field = record.fields.iter().find(|(name, _)| name == "status")?;
    match &field.1 {
        Value::Text(name) => Status::parse(name).ok(),
        _ => None,
    }
}

/// The site of such actions. Without room in the dictionary each would describe it itself, as a record
/// that is no action: the few types always have their room before others take it.
fn site(kind: ActionType, record: &Record) -> SiteReference {
    let number = front::site_number(&SiteDescription {
        level: record.level,
        module: MODULE.into(),
        file: "".into(),
        line: 0,
        template: kind.name().into(),
        message_kind: MessageKind::Action,
        fields: Vec::new(),
    });
    if number == 0 { SiteReference::Inline } else { SiteReference::Known(number) }
}
