//! Records that are built at run time: foreign lines, bindings, the `log` facade.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use logloom_record::wire::{self, SiteReference};
use logloom_record::{Encode, Level, MessageKind, Record, SiteDescription, Value, json};
use logloom_ring::front;

use crate::runtime;

/// Most (level, module) pairs that a thread remembers.
const REMEMBERED: usize = 256;

thread_local! {
    static SITES: RefCell<HashMap<(Level, String, String), u32>> = RefCell::default();
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Hands a record over, as a macro would. Fields whose names are secret are masked before they are
/// copied. Levels are not filtered here: the caller asks [`enabled`] first where that is wanted.
///
/// May block only when the ring is full and the level's overflow policy says so. A record beyond
/// the size limit is cut with a mark.
pub fn record(record: &Record) {
    together(std::slice::from_ref(record));
}

/// Hands several records over, so that all of them are kept or none, whatever kills the process. For
/// records of one source that is read again from before all of them unless the last one is kept.
///
/// As for [`record`] otherwise; none is dropped for another of them. Records that together take more
/// than [`GROUP_BYTES_MAX`](front::GROUP_BYTES_MAX) (2 MiB) are handed over in parts, the last of them last.
pub fn together(records: &[Record]) {
    let Some(handle) = runtime::current() else { return };
    let settings = handle.settings();
    // A record that is built while another is (a value's conversion logs) gets its own bytes.
    let mut bytes = SCRATCH.with(|scratch| scratch.take());
    bytes.clear();
    let mut level = Level::Trace;
    for record in records {
        let start = bytes.len();
        encode(record, &handle, settings.ring.record_bytes(), &mut bytes);
        if start > 0 && bytes.len() > front::GROUP_BYTES_MAX {
            front::emit_encoded(level, &bytes[..start]);
            bytes.drain(..start);
            level = Level::Trace;
        }
        level = level.max(record.level);
    }
    if !bytes.is_empty() {
        front::emit_encoded(level, &bytes);
    }
    SCRATCH.with(|scratch| scratch.replace(bytes));
    if records.iter().any(|record| settings.store.durability.waits(record.level)) {
        let _ = handle.flush(Duration::MAX);
    }
}

/// Appends the bytes of a record.
fn encode(record: &Record, handle: &runtime::Handle, budget: usize, bytes: &mut Vec<u8>) {
    let masked = masked(record, handle);
    let record = masked.as_ref().unwrap_or(record);
    let (site, start) = (site(record), bytes.len());
    wire::encode_record(record, site, 0, &mut front::key_number, budget, bytes);
    if bytes.len() - start > budget {
        // So many fields that their names and numbers alone exceed the limit: they are kept as one.
        bytes.truncate(start);
        let folded = folded(record);
        wire::encode_record(&folded, site, 0, &mut front::key_number, budget, bytes);
    }
}

/// The record with all its fields as one object under the name `fields`.
fn folded(record: &Record) -> Record {
    let mut copy = record.clone();
    let fields = Value::Object(std::mem::take(&mut copy.fields));
    copy.fields = vec![("fields".to_owned(), Value::Json(json::to_json(&fields)))];
    copy
}

/// Whether records of this level and module are kept.
#[must_use]
pub fn enabled(level: Level, module: &str) -> bool {
    runtime::current().is_some_and(|handle| level >= handle.settings().levels.level_for(module))
}

/// A copy with the values of secret names masked; `None` when there are none.
pub(crate) fn masked(record: &Record, handle: &runtime::Handle) -> Option<Record> {
    let secrets = handle.secret_names();
    if !record.fields.iter().any(|(name, _)| secrets.is_secret(name)) {
        return None;
    }
    let mut copy = record.clone();
    for (name, value) in &mut copy.fields {
        if secrets.is_secret(name) {
            *value = Value::Masked(value.hidden_chars());
        }
    }
    Some(copy)
}

/// The number of the site of such a record; 0 where it describes itself.
pub(crate) fn site_number(record: &Record) -> u32 {
    match site(record) {
        SiteReference::Known(number) => number,
        SiteReference::Inline => 0,
    }
}

/// The site of such records.
pub(crate) fn site(record: &Record) -> SiteReference {
    let template = record.template.clone().unwrap_or_default();
    let key = (record.level, record.module.clone(), template);
    let known = SITES.with(|sites| sites.borrow().get(&key).copied());
    let number = known.unwrap_or_else(|| {
        let number = front::site_number(&SiteDescription {
            level: record.level,
            module: key.1.clone().into(),
            file: "".into(),
            line: 0,
            template: key.2.clone().into(),
            message_kind: MessageKind::Formatted,
            fields: Vec::new(),
        });
        SITES.with(|sites| {
            let mut sites = sites.borrow_mut();
            if sites.len() >= REMEMBERED {
                sites.clear();
            }
            sites.insert(key, number);
        });
        number
    });
    if number == 0 { SiteReference::Inline } else { SiteReference::Known(number) }
}
