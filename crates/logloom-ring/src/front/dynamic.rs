//! Sites and keys that are known at run time only, and records that arrive encoded.

use std::sync::TryLockError;
use std::sync::atomic::{AtomicU32, Ordering};

use logloom_record::wire::dictionary::{self, Body, Source};
use logloom_record::{Level, SiteDescription, wire};

use super::install::{self, Front, Names};
use super::{group, slow, thread};
use crate::clock;
use crate::park;

/// Most sites, and most keys, that enter the dictionary at run time; later ones go inline.
const MOST: usize = 4_096;

static NEXT_SOURCE: AtomicU32 = AtomicU32::new(1);

/// The number of a key, 0 when it is to be written inline: no runtime, dictionary full, or a lock
/// held by a call that this one interrupted.
#[must_use]
pub fn key_number(key: &str) -> u32 {
    let Some(front) = install::current() else { return 0 };
    if let Ok(names) = front.names.try_read()
        && let Some(number) = names.keys.get(key)
    {
        return *number;
    }
    with_names(front, |names| {
        if let Some(number) = names.keys.get(key) {
            return *number;
        }
        if names.keys.len() >= MOST || key.len() > 255 {
            return 0;
        }
        let number = install::next_number(None);
        if !front.segment.append_dictionary(&entry(number, &Body::Key(key.to_owned()))) {
            return 0;
        }
        names.keys.insert(key.into(), number);
        number
    })
}

/// The number of a site described at run time, 0 when records must describe it themselves.
#[must_use]
pub fn site_number(site: &SiteDescription) -> u32 {
    let Some(front) = install::current() else { return 0 };
    let key = entry(0, &Body::Site(site.clone()));
    if let Ok(names) = front.names.try_read()
        && let Some(number) = names.sites.get(&key)
    {
        return *number;
    }
    with_names(front, |names| {
        if let Some(number) = names.sites.get(&key) {
            return *number;
        }
        if names.sites.len() >= MOST {
            return 0;
        }
        let number = install::next_number(Some(site.level));
        if !front.segment.append_dictionary(&entry(number, &Body::Site(site.clone()))) {
            return 0;
        }
        names.sites.insert(key, number);
        number
    })
}

/// The bytes of a dictionary entry.
pub(super) fn entry(number: u32, body: &Body) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    dictionary::encode_entry(number, body, &mut bytes);
    bytes
}

/// Enters a source that lines will be taken over from. Its number stands in the records and in
/// the segment's table of positions. `None` when the table or the dictionary is full, and within a
/// call that this one interrupted.
#[must_use]
pub fn add_source(source: Source) -> Option<u32> {
    let front = install::current()?;
    let _entered = thread::slot().enter()?;
    let number = NEXT_SOURCE.fetch_add(1, Ordering::Relaxed);
    let fits = number < front.segment.source_slots();
    let added = fits && front.segment.append_dictionary(&entry(number, &Body::Source(source)));
    added.then_some(number)
}

/// Never waits for a lock that the calling thread itself may hold: 0 within a signal handler that
/// has interrupted such a call.
fn with_names(front: &Front, change: impl FnOnce(&mut Names) -> u32) -> u32 {
    let Some(_entered) = thread::slot().enter() else { return 0 };
    match front.names.try_write() {
        Ok(mut names) => change(&mut names),
        Err(TryLockError::Poisoned(names)) => change(&mut names.into_inner()),
        Err(TryLockError::WouldBlock) => 0,
    }
}

/// Hands over a record that was encoded elsewhere, with its header; the ticks are filled in.
/// The thread's context is not added: the encoder has done that. Records beyond the limit of the
/// segment must have been cut before.
///
/// Several records, one right behind the other and together no longer than
/// [`GROUP_BYTES_MAX`](super::GROUP_BYTES_MAX), become visible at once: whatever kills the process, all
/// of them are kept or none. `level` is the greatest of theirs. Only where there is no memory for the
/// ring of large records each of them is handed over by itself.
pub fn emit_encoded(level: Level, record: &[u8]) {
    let fill = |bytes: &mut [u8], ticks: u64| group::fill(bytes, record, ticks);
    debug_assert!(record.len() >= wire::HEADER_LEN && record.len().is_multiple_of(8));
    let urgent = level >= Level::Error;
    let done = thread::with(|slot| {
        let producer = slot.producer();
        let lane = if urgent { &producer.urgent } else { &producer.normal };
        let Some(mut room) = lane.take(record.len() as u64) else { return false };
        fill(room.bytes(), clock::ticks(producer.clock()));
        room.publish();
        if urgent && let Some(parked) = producer.parked() {
            park::wake(parked, park::DEEP);
        }
        true
    });
    if !done {
        slow::emit_encoded(level, record, &fill);
    }
}
