//! Giving a thread its rings: from the pool, or new ones at the end of the segment.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use logloom_record::wire::{self, Encoder};

use super::install::{Front, Pool};
use super::thread::{Producer, Slot};
use crate::clock;
use crate::producer::Lane;
use crate::ring::{Ring, RingKind};

/// Rings that threads without rings of their own share.
pub(super) const SHARED_RINGS: u64 = 8;
/// Bytes of each; a quarter is the most that a record of theirs may take.
pub(super) const SHARED_BYTES: u64 = 256 << 10;
/// Bytes of the one ring for larger records, of up to a quarter of it, and for several at once, of up to
/// half of it.
pub(super) const LARGE_BYTES: u64 = 4 << 20;

/// Attaches the thread to rings of its own. `false` when the segment has no room for more: the
/// thread then shares.
pub(super) fn attach(front: &'static Front, slot: &Slot) -> bool {
    let mut pool = front.pool.lock().unwrap_or_else(PoisonError::into_inner);
    if front.is_closed() {
        return false;
    }
    let Some(producer) = pool.free.pop().or_else(|| add_pair(front, &mut pool)) else {
        return false;
    };
    if !slot.attach(producer) {
        pool.free.push(producer);
        return false;
    }
    front.attached.fetch_add(1, Ordering::SeqCst);
    drop(pool);
    mark_thread(front, producer);
    true
}

fn add_pair(front: &'static Front, pool: &mut Pool) -> Option<&'static Producer> {
    // Room for the shared rings, which are made when they are first needed.
    let kept = SHARED_RINGS * SHARED_BYTES + LARGE_BYTES;
    let needed = front.sizes.normal + front.sizes.urgent;
    if front.segment.length() + needed + kept > front.sizes.total {
        return None;
    }
    let producer = unused_producer(pool)?;
    let normal = front.segment.add_ring(RingKind::Normal, front.sizes.normal).ok();
    let urgent = front.segment.add_ring(RingKind::Urgent, front.sizes.urgent).ok();
    let (Some(normal), Some(urgent)) = (normal, urgent) else {
        pool.unused.push(producer);
        return None;
    };
    producer.prepare(front.segment.clock(), front.segment.parked());
    producer.normal.connect(normal);
    producer.urgent.connect(urgent);
    producer.rings[1].store(urgent.index() + 1, Ordering::Relaxed);
    producer.rings[0].store(normal.index() + 1, Ordering::Relaxed);
    pool.made.push(producer);
    Some(producer)
}

fn unused_producer(pool: &mut Pool) -> Option<&'static Producer> {
    if pool.unused.is_empty() {
        pool.unused = crate::fork::page_of(Producer::empty)?;
    }
    pool.unused.pop()
}

/// Tells the reader which thread writes from here on. Left out when the ring has no room.
fn mark_thread(front: &'static Front, producer: &Producer) {
    let id = thread_id();
    let mut bytes = [0; 96];
    let name = thread_name();
    let length = wire::encode_thread_marker(id, &name, 0, &mut Encoder::new(&mut bytes));
    let marker = &bytes[..length];
    for (lane, ring) in [&producer.normal, &producer.urgent].into_iter().zip(&producer.rings) {
        let index = ring.load(Ordering::Relaxed).wrapping_sub(1);
        if let Some(ring) = front.ring(index) {
            write_marker(lane, ring, marker, clock::ticks(producer.clock()));
        }
    }
}

fn write_marker(lane: &Lane, ring: Ring<'_>, marker: &[u8], ticks: u64) {
    if lane.make_room(ring, marker.len() as u64).is_err() {
        return;
    }
    if let Some(mut room) = lane.take(marker.len() as u64) {
        let bytes = room.bytes();
        bytes.copy_from_slice(marker);
        bytes[8..16].copy_from_slice(&ticks.to_le_bytes());
        room.publish();
    }
}

/// The calling thread's name as the kernel knows it, at most 15 bytes. The standard library's own
/// name is not asked for: that would set up a handle, which a thread that is just starting must not
/// have yet, and a signal handler may log on such a thread.
fn thread_name() -> String {
    let mut name = [0_u8; 16];
    // SAFETY: the call writes at most 16 bytes, with a NUL at the end.
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    let length = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    String::from_utf8_lossy(&name[..length]).into_owned()
}

/// The kernel's id of the calling thread.
fn thread_id() -> u64 {
    // SAFETY: no arguments, no failure.
    unsafe { libc::syscall(libc::SYS_gettid) }.unsigned_abs()
}
