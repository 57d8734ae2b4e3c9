//! Rings that several threads use, one at a time: a compare-and-swap on the owner word.

use std::mem::ManuallyDrop;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use logloom_record::{Level, wire};

use super::attach::{LARGE_BYTES, SHARED_BYTES, SHARED_RINGS};
use super::install::Front;
use super::{Verdict, thread};
use crate::layout::PAGE;
use crate::producer::Lane;
use crate::ring::{Ring, RingKind};
use crate::segment::Cause;

/// How long a call yields for a ring before it asks the policy: a preempted owner is back by then.
const PATIENCE: Duration = Duration::from_millis(10);

/// A shared ring that this thread owns until the guard is dropped.
pub(super) struct Owned<'a> {
    pub(super) ring: Ring<'a>,
    pub(super) lane: Lane,
}

impl<'a> Owned<'a> {
    fn try_own(ring: Ring<'a>) -> Option<Self> {
        ring.owner_word().compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).ok()?;
        let lane = Lane::empty();
        lane.connect(ring);
        Some(Self { ring, lane })
    }
}

impl Drop for Owned<'_> {
    fn drop(&mut self) {
        self.ring.owner_word().store(0, Ordering::Release);
    }
}

/// The ring for signal handlers, if nobody is in it. Takes no lock and creates nothing.
pub(super) fn spare(front: &Front) -> Option<Owned<'_>> {
    Owned::try_own(front.ring(front.spare)?)
}

/// Why a thread gets no shared ring.
pub(super) enum Refused {
    /// The front is closed: rings are not given away any more.
    Closed,
    /// There is none, or the policy does not wait any longer for those who have them.
    Lost(Cause),
}

/// One of the shared rings; waits for one as the policy of `level` says.
pub(super) fn any(front: &'static Front, level: Level) -> Result<Owned<'static>, Refused> {
    let rings = front.shared.get_or_init(|| {
        (0..SHARED_RINGS)
            .filter_map(|_| front.segment.add_ring(RingKind::Shared, SHARED_BYTES).ok())
            .map(|ring| ring.index())
            .collect()
    });
    if rings.is_empty() {
        return wait_for(front, &[front.spare], level);
    }
    wait_for(front, rings, level)
}

/// The ring for records too large for a thread's ring; waits for it as the policy of `level` says.
pub(super) fn large(front: &'static Front, level: Level) -> Result<Owned<'static>, Refused> {
    let index = front.large.get_or_init(|| {
        front.segment.add_ring(RingKind::Large, LARGE_BYTES).ok().map(|ring| ring.index())
    });
    let index = index.ok_or(Refused::Lost(Cause::NoMemory))?;
    wait_for(front, &[index], level)
}

/// Who has a ring writes one record and leaves, unless the ring is full and its own policy waits.
/// A call that has yielded for [`PATIENCE`] therefore asks its own policy, as for a full ring.
fn wait_for(front: &'static Front, rings: &[u32], level: Level) -> Result<Owned<'static>, Refused> {
    // Each thread begins elsewhere: slots of threads lie at least a page apart.
    let mut start = std::ptr::from_ref(thread::slot()) as usize / PAGE as usize;
    let mut first_taken = None;
    while !front.is_closed() {
        for step in 0..rings.len() {
            let ring = front.ring(rings[start.wrapping_add(step) % rings.len()]);
            if let Some(owned) = ring.and_then(Owned::try_own) {
                return Ok(owned);
            }
        }
        let waited = first_taken.get_or_insert_with(Instant::now).elapsed();
        match (waited > PATIENCE).then(|| front.hooks.full(level, waited)) {
            None | Some(Verdict::Retry) => std::thread::yield_now(),
            Some(Verdict::Drop(cause)) => return Err(Refused::Lost(cause)),
            // Another call's ring: nothing in it can be dropped from here.
            Some(Verdict::DropOldest) => return Err(Refused::Lost(Cause::Discarded)),
        }
        start = start.wrapping_add(1);
    }
    Err(Refused::Closed)
}

/// Takes every shared ring for good, so that no call is in one and none comes later. `false`, and
/// none is taken, when a call stays in one for a tenth of a second.
pub(super) fn own_all(front: &Front) -> bool {
    let shared = front.shared.get().into_iter().flatten().copied();
    let large = front.large.get().copied().flatten();
    let rings = shared.chain(large).chain([front.spare]).filter_map(|index| front.ring(index));
    let deadline = Instant::now() + Duration::from_millis(100);
    let owned: Option<Vec<_>> = rings.map(|ring| own_until(ring, deadline)).collect();
    // The front owns them from here on and never gives them back.
    owned.map(ManuallyDrop::new).is_some()
}

fn own_until(ring: Ring<'_>, deadline: Instant) -> Option<Owned<'_>> {
    loop {
        let owned = Owned::try_own(ring);
        if owned.is_some() || Instant::now() > deadline {
            return owned;
        }
        std::thread::yield_now();
    }
}

/// Most bytes of a record that fits a shared ring.
pub(super) fn fits_shared(length: usize) -> bool {
    debug_assert!(length >= wire::HEADER_LEN);
    length as u64 <= SHARED_BYTES / 4
}
