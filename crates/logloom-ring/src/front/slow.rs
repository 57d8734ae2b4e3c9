//! The cold path of a call: first use, full rings, fork, signal handlers, large records.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use logloom_record::wire::dictionary::Body;
use logloom_record::wire::{self, Encoder, Fields, Header};
use logloom_record::{Level, SiteDescription};

use super::dynamic;
use super::install::{self, Front};
use super::shared::{self, Refused};
use super::thread::{self, Slot};
use super::{Call, Verdict, attach, child, group, head_length, kind_of, padded, write_head};
use crate::producer::{Lane, NoRoom, Victim, WAKE};
use crate::ring::{Ring, RingKind};
use crate::segment::Cause;
use crate::site::{INLINE, OFF, Site, UNKNOWN};
use crate::{clock, park};

/// How long a call that may not drop the oldest records, because the writer is staging them, tries
/// again before its own is dropped. A pass takes about half a millisecond of the writer, less when the
/// ring was not full; a call that does not wait at all would be dropped with thousands like it.
const STAGING_PATIENCE: Duration = Duration::from_micros(50);

/// Writes a record's bytes, given the tick count.
type Fill<'a> = &'a dyn Fn(&mut [u8], u64);

/// What is to be placed somewhere.
struct Parcel<'a> {
    level: Level,
    site: u32,
    length: usize,
    fill: Fill<'a>,
    /// The records, where they are several that become visible at once; empty for one.
    group: &'a [u8],
}

impl Parcel<'_> {
    /// Counts what is not kept.
    fn lose(&self, front: &Front, cause: Cause) {
        if self.group.is_empty() {
            return front.count_loss(self.site, self.level, cause, 1);
        }
        for (site, level) in group::each(self.group).map(group::site_and_level) {
            front.count_loss(site, level, cause, 1);
        }
    }
}

/// A macro's call that did not fit the hot path.
#[cold]
#[inline(never)]
pub(super) fn emit<F: Fields>(site: &'static Site, level: Level, call: &Call<'_, F>) {
    let Some(front) = ready(level) else { return };
    // A rule of sampling has decided before the values were looked at.
    let word = known(front, site);
    match word {
        OFF => return,
        UNKNOWN => return front.count_loss(0, level, Cause::Reentrant, 1),
        _ => {}
    }
    thread::with(|slot| {
        let mask = site.mask();
        let length = padded(head_length(slot.context()) + call.length(mask));
        if word == INLINE || length > front.sizes.record {
            return emit_cut(front, slot, site, word, call);
        }
        let fill = |bytes: &mut [u8], ticks: u64| {
            let body = write_head(bytes, word, call.flags(), ticks, slot.context());
            call.encode(mask, &mut Encoder::new(&mut bytes[body..]));
        };
        place(front, slot, &Parcel { level, site: word, length, fill: &fill, group: &[] });
    });
}

/// The word of a site that was [`UNKNOWN`], so that a call which is switched off need not evaluate
/// its values even the first time. [`OFF`] without a runtime, in which case the call is counted;
/// still [`UNKNOWN`] within a signal handler that has interrupted a slow path of its thread.
///
/// For a call that is under way, once: where a rule of sampling decides about the site, it decides about
/// this call, and [`OFF`] is its answer for one that is left out. Who only asks whether the site is on
/// takes [`known_word`].
#[cold]
#[inline(never)]
pub fn resolve(site: &'static Site) -> u32 {
    let Some(front) = ready(site.level) else { return OFF };
    let word = known(front, site);
    let rule = site.rule();
    if rule == 0 || matches!(word, OFF | UNKNOWN) {
        return word;
    }
    let is_kept = thread::with(|slot| front.hooks.samples(rule, word, slot.context()));
    if is_kept { word } else { OFF }
}

/// The word of a site without a decision about a call: [`OFF`], [`INLINE`] or its number, and what
/// [`resolve`] says of the first call otherwise.
#[must_use]
pub fn known_word(site: &'static Site) -> u32 {
    match site.known() {
        UNKNOWN => ready(site.level).map_or(OFF, |front| known(front, site)),
        word => word,
    }
}

fn known(front: &'static Front, site: &'static Site) -> u32 {
    match site.known() {
        UNKNOWN => register(front, site),
        word => word,
    }
}

/// Waits until everything logged so far is on the device.
#[cold]
pub(super) fn wait_durable() {
    if let Some(front) = install::current() {
        front.hooks.wait_durable();
    }
}

/// A call whose record is too large, or that has to describe its site itself.
fn emit_cut<F: Fields>(
    front: &'static Front,
    slot: &Slot,
    site: &'static Site,
    word: u32,
    call: &Call<'_, F>,
) {
    let number = if word == INLINE { wire::SITE_INLINE } else { word };
    let mut record = vec![0; wire::HEADER_LEN];
    if word == INLINE {
        let described = description(site);
        record.resize(wire::HEADER_LEN + wire::inline_site_len(&described), 0);
        let mut out = Encoder::new(&mut record[wire::HEADER_LEN..]);
        wire::encode_inline_site(&described, &mut out);
    }
    let mut flags = 0;
    if !slot.context().is_empty() {
        flags |= wire::CONTEXT;
        record.extend_from_slice(&(slot.context().len() as u16).to_le_bytes());
        record.extend_from_slice(slot.context());
    }
    let budget = front.sizes.record.saturating_sub(record.len() + 8);
    let body = wire::encode_cut(&call.fields, site.mask(), call.message, budget);
    record.extend_from_slice(&body.bytes);
    record.resize(padded(record.len()), 0);
    let length = record.len() as u32;
    let header = Header { length, flags: flags | body.flags, site: number, ticks: 0 };
    record[..wire::HEADER_LEN].copy_from_slice(&header.to_bytes());
    let fill = |bytes: &mut [u8], ticks: u64| {
        bytes.copy_from_slice(&record);
        bytes[8..16].copy_from_slice(&ticks.to_le_bytes());
    };
    let (level, length) = (site.level, record.len());
    let parcel = Parcel { level, site: number, length, fill: &fill, group: &[] };
    place(front, slot, &parcel);
}

/// A record, or several, that arrive encoded and did not fit the hot path.
#[cold]
#[inline(never)]
pub(super) fn emit_encoded(level: Level, record: &[u8], fill: Fill<'_>) {
    let Some(front) = ready(level) else { return };
    let site = u32::from_le_bytes([record[4], record[5], record[6], record[7]]);
    let is_group = group::each(record).nth(1).is_some();
    let group = if is_group { record } else { &[] };
    thread::with(|slot| {
        place(front, slot, &Parcel { level, site, length: record.len(), fill, group });
    });
}

/// The runtime of this very process, for a record of `level`: a fork child makes its own first.
fn ready(level: Level) -> Option<&'static Front> {
    let Some(front) = install::current() else {
        install::count_before_init();
        return None;
    };
    let own = crate::fork::process_id();
    let front = if front.process == own { Some(front) } else { child::runtime(level) };
    let open = front.filter(|front| !front.is_closed());
    if open.is_none() {
        install::count_before_init();
    }
    open
}

/// Gives a site its number, once, and asks the core whether it is switched on. [`UNKNOWN`] within a
/// signal handler that has interrupted a slow path, whose locks this would wait for.
fn register(front: &'static Front, site: &'static Site) -> u32 {
    let Some(_entered) = thread::slot().enter() else { return UNKNOWN };
    if site.number() == 0 {
        let number = install::next_number(Some(site.level));
        let entry = dynamic::entry(number, &Body::Site(description(site)));
        let fits = number <= crate::site::MAX_SITE && front.segment.append_dictionary(&entry);
        site.register(if fits { number } else { INLINE });
    }
    // The settings may change between the question and its use. A state that is the same when asked
    // for again is either the newest or one that the change, coming after, replaces.
    let mut state = front.hooks.site_state(site);
    loop {
        site.apply(state);
        let again = front.hooks.site_state(site);
        if again == state {
            return site.known();
        }
        state = again;
    }
}

fn description(site: &'static Site) -> SiteDescription {
    SiteDescription {
        level: site.level,
        module: site.module.into(),
        file: site.file.into(),
        line: site.line,
        template: site.template.into(),
        message_kind: site.kind,
        fields: site.fields.iter().map(|name| (*name).into()).collect(),
    }
}

/// Finds room for a record and writes it, or counts it as lost.
fn place(front: &'static Front, slot: &Slot, parcel: &Parcel<'_>) {
    if slot.producer().lane(parcel.level).is_taken() {
        return interrupted(front, parcel);
    }
    match slot.enter() {
        Some(_entered) => place_once(front, slot, parcel),
        None => interrupted(front, parcel),
    }
}

fn place_once(front: &'static Front, slot: &Slot, parcel: &Parcel<'_>) {
    let attached = slot.producer().belongs_to(front) || attach::attach(front, slot);
    let producer = slot.producer();
    let urgent = kind_of(parcel.level) == RingKind::Urgent;
    let limit = if urgent { front.sizes.urgent / 4 } else { front.sizes.normal / 4 };
    if attached && parcel.length as u64 <= limit {
        let index = producer.rings[usize::from(urgent)].load(Ordering::Relaxed).wrapping_sub(1);
        if let Some(ring) = front.ring(index) {
            // Half of the ring is twice what is asked for.
            let _ = place_in(front, ring, producer.lane(parcel.level), parcel);
            return;
        }
    }
    let owned = if shared::fits_shared(parcel.length) {
        shared::any(front, parcel.level)
    } else {
        shared::large(front, parcel.level)
    };
    // The ring is given back before the records of a group are placed by themselves.
    let placed = match owned {
        Ok(owned) => place_in(front, owned.ring, &owned.lane, parcel),
        Err(Refused::Closed) => return install::count_before_init(),
        Err(Refused::Lost(Cause::NoMemory)) => Err(TooLarge),
        Err(Refused::Lost(cause)) => return parcel.lose(front, cause),
    };
    match placed {
        Ok(()) => {}
        Err(TooLarge) if parcel.group.is_empty() => parcel.lose(front, Cause::NoMemory),
        Err(TooLarge) => place_each(front, slot, parcel.group),
    }
}

/// Places records one by one that cannot be placed at once.
#[cold]
fn place_each(front: &'static Front, slot: &Slot, records: &[u8]) {
    for record in group::each(records) {
        let (site, level) = group::site_and_level(record);
        let fill = |bytes: &mut [u8], ticks: u64| group::fill(bytes, record, ticks);
        let length = record.len();
        place_once(front, slot, &Parcel { level, site, length, fill: &fill, group: &[] });
    }
}

/// A signal handler has interrupted a call of this thread: only the spare ring can be used, and
/// nothing may wait.
fn interrupted(front: &'static Front, parcel: &Parcel<'_>) {
    if let Some(owned) = shared::spare(front) {
        let length = parcel.length as u64;
        if owned.lane.make_room(owned.ring, length).is_ok() && write(front, &owned.lane, parcel) {
            return;
        }
    }
    parcel.lose(front, Cause::Reentrant);
}

/// No ring is large enough; nothing is written or counted.
struct TooLarge;

/// Writes a parcel, or counts it as lost.
fn place_in(
    front: &'static Front,
    ring: Ring<'_>,
    lane: &Lane,
    parcel: &Parcel<'_>,
) -> Result<(), TooLarge> {
    let mut first_full = None;
    loop {
        match lane.make_room(ring, parcel.length as u64) {
            Ok(()) if write(front, lane, parcel) => break,
            // A signal handler has used the room in between.
            Ok(()) => continue,
            Err(NoRoom::TooLarge) => return Err(TooLarge),
            Err(NoRoom::Full) => {}
        }
        park::wake(front.segment.parked(), park::NAP);
        let waited = first_full.get_or_insert_with(Instant::now).elapsed();
        let cause = match front.hooks.full(parcel.level, waited) {
            Verdict::Retry => None,
            Verdict::Drop(cause) => Some(cause),
            Verdict::DropOldest => {
                let dropped = lane.drop_oldest(ring, parcel.length as u64, |victim| {
                    count_dropped(front, victim);
                });
                let gives_up = !dropped && waited >= STAGING_PATIENCE;
                std::hint::spin_loop();
                gives_up.then_some(Cause::Staging)
            }
        };
        if let Some(cause) = cause {
            parcel.lose(front, cause);
            return Ok(());
        }
    }
    if ring.waiting() > ring.capacity() / WAKE {
        park::wake(front.segment.parked(), park::NAP);
    } else if parcel.level >= Level::Error {
        park::wake(front.segment.parked(), park::DEEP);
    }
    Ok(())
}

/// Counts a record that was dropped for a newer one.
fn count_dropped(front: &Front, bytes: &Victim) {
    let flags = bytes[3];
    if flags & wire::CONTROL != 0 {
        return;
    }
    let (site, level) = group::site_and_level(bytes);
    front.count_loss(site, level, Cause::DroppedOldest, 1);
}

fn write(front: &Front, lane: &Lane, parcel: &Parcel<'_>) -> bool {
    let Some(mut room) = lane.take(parcel.length as u64) else { return false };
    let ticks = clock::ticks(front.segment.clock());
    (parcel.fill)(room.bytes(), ticks);
    room.publish();
    true
}
