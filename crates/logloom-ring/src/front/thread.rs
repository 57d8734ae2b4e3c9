//! The state of a thread: its producer and its context. No destructor, so it can be used at any
//! time of a thread's life; a second object with one gives the rings back at the thread's end.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering, compiler_fence};

use logloom_record::Level;

use super::install::Front;
use super::{install, kind_of};
use crate::clock::ClockKind;
use crate::producer::Lane;
use crate::ring::RingKind;

/// The rings of a thread as it sees them. Lives on a page that is zero in a fork child.
#[derive(Debug)]
pub(super) struct Producer {
    pub(super) normal: Lane,
    pub(super) urgent: Lane,
    clock: AtomicU32,
    parked: AtomicPtr<u32>,
    /// Numbers of the two rings, plus one.
    pub(super) rings: [AtomicU32; 2],
    /// The slot of the thread that has it. Set and cleared under the pool's lock, which a thread takes before it ends.
    owner: AtomicPtr<Slot>,
}

impl Producer {
    pub(super) const fn empty() -> Self {
        Self {
            normal: Lane::empty(),
            urgent: Lane::empty(),
            clock: AtomicU32::new(0),
            parked: AtomicPtr::new(std::ptr::null_mut()),
            rings: [AtomicU32::new(0), AtomicU32::new(0)],
            owner: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// Notes that no thread has it any more. The pool's lock is held.
    pub(super) fn is_free(&self) {
        self.owner.store(std::ptr::null_mut(), Ordering::Relaxed);
    }

    /// Takes it away from the thread that has it, whose next call finds no rings. A call that is under way goes
    /// on in these ones. The pool's lock is held.
    pub(super) fn take_away(&self) {
        let owner = self.owner.swap(std::ptr::null_mut(), Ordering::Relaxed);
        if !owner.is_null() {
            // SAFETY: the slot of a thread that lives: before it ends it clears the word, under the lock that is held.
            unsafe { &*owner }.producer.store((&raw const EMPTY).cast_mut(), Ordering::SeqCst);
        }
    }

    /// Whether a call on one of its rings is under way.
    pub(super) fn is_taken(&self) -> bool {
        self.normal.is_taken() || self.urgent.is_taken()
    }

    #[inline(always)]
    pub(super) fn clock(&self) -> ClockKind {
        ClockKind::from_number(self.clock.load(Ordering::Relaxed))
    }

    #[inline(always)]
    pub(super) fn parked(&self) -> Option<&AtomicU32> {
        let word = self.parked.load(Ordering::Relaxed);
        // SAFETY: null, or a word of the segment, which stays mapped while producers point to it.
        (!word.is_null()).then(|| unsafe { AtomicU32::from_ptr(word) })
    }

    pub(super) fn prepare(&self, clock: ClockKind, parked: &AtomicU32) {
        self.clock.store(clock as u32, Ordering::Relaxed);
        self.parked.store(parked.as_ptr(), Ordering::Relaxed);
    }

    /// Whether it is connected to rings of this runtime: not to none, as in a fork child, whose page
    /// is zero, and not to those of a runtime that was stopped before this one began and whose
    /// segment stays for recovery.
    pub(super) fn belongs_to(&self, front: &Front) -> bool {
        self.parked().is_some_and(|word| std::ptr::eq(word, front.segment.parked()))
    }
}

static EMPTY: Producer = Producer::empty();

pub(super) struct Slot {
    /// Written by other threads only when a runtime stops.
    producer: AtomicPtr<Producer>,
    context: Cell<*const u8>,
    /// Bytes of the context; 0 also while it is being replaced.
    context_length: Cell<usize>,
    /// A slow path of this thread is under way.
    is_busy: Cell<bool>,
}

/// A slow path under way; see [`Slot::enter`].
pub(super) struct Entered<'slot>(&'slot Slot);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        compiler_fence(Ordering::SeqCst);
        self.0.is_busy.set(false);
    }
}

thread_local! {
    static SLOT: Slot = const {
        Slot {
            producer: AtomicPtr::new((&raw const EMPTY).cast_mut()),
            context: Cell::new(std::ptr::null()),
            context_length: Cell::new(0),
            is_busy: Cell::new(false),
        }
    };
    static EXIT: Exit = const { Exit };
}

struct Exit;

impl Drop for Exit {
    fn drop(&mut self) {
        detach();
    }
}

/// Gives the calling thread's rings back.
pub(super) fn detach() {
    with(|slot| {
        // The pool's lock is taken for it, which a signal handler must not ask for meanwhile.
        let _entered = slot.enter();
        let producer = slot.producer.swap((&raw const EMPTY).cast_mut(), Ordering::Relaxed);
        install::give_back(producer);
    });
}

#[inline(always)]
pub(super) fn with<R>(use_slot: impl FnOnce(&Slot) -> R) -> R {
    SLOT.with(use_slot)
}

/// The calling thread's slot. Unlike [`with`], nothing of the caller goes through a closure, so the
/// values of a call stay in registers.
#[inline(always)]
pub(super) fn slot<'thread>() -> &'thread Slot {
    let slot = SLOT.with(std::ptr::from_ref);
    // SAFETY: the slot has no destructor, so it lives as long as its thread; it is not `Sync`, so
    // the reference cannot reach another one.
    unsafe { &*slot }
}

impl Producer {
    /// The lane that records of `level` go to.
    pub(super) fn lane(&self, level: Level) -> &Lane {
        match kind_of(level) {
            RingKind::Urgent => &self.urgent,
            _ => &self.normal,
        }
    }
}

impl Slot {
    #[inline(always)]
    pub(super) fn producer(&self) -> &'static Producer {
        // SAFETY: the pointer is to a static or to a page of producers that is never freed.
        unsafe { &*self.producer.load(Ordering::Relaxed) }
    }

    #[inline(always)]
    pub(super) fn context(&self) -> &[u8] {
        let length = self.context_length.get();
        if length == 0 {
            return &[];
        }
        // SAFETY: the slot owns a count of the block; see `replace_context`.
        unsafe { std::slice::from_raw_parts(self.context.get(), length) }
    }

    /// Begins a slow path, which may hold locks. `None` when one of this thread is under way: a
    /// signal handler has interrupted it, or one of its hooks logs; what it holds would never be
    /// released to a call that waits for it here.
    pub(super) fn enter(&self) -> Option<Entered<'_>> {
        if self.is_busy.replace(true) {
            return None;
        }
        compiler_fence(Ordering::SeqCst);
        Some(Entered(self))
    }

    /// Forgets the thread's rings, which are those of a fork's parent.
    pub(super) fn forget_rings(&self) {
        self.producer.store((&raw const EMPTY).cast_mut(), Ordering::Relaxed);
    }

    /// Connects the thread to a producer. `false` when the thread is ending and could not give
    /// its rings back any more. The pool's lock is held.
    pub(super) fn attach(&self, producer: &'static Producer) -> bool {
        if EXIT.try_with(|_| ()).is_err() {
            return false;
        }
        producer.owner.store(std::ptr::from_ref(self).cast_mut(), Ordering::Relaxed);
        self.producer.store(std::ptr::from_ref(producer).cast_mut(), Ordering::Relaxed);
        true
    }
}

/// Makes `block` the context of this thread and hands back the one before. The slot owns a count of
/// the block, so that guards dropped in any order never leave it pointing to freed memory. A signal
/// handler that logs in between finds the old context, none, or the new one.
pub(crate) fn replace_context(block: Option<Arc<[u8]>>) -> Option<Arc<[u8]>> {
    let (start, length) = match block {
        Some(block) => {
            let length = block.len();
            (Arc::into_raw(block).cast::<u8>(), length)
        }
        None => (std::ptr::null(), 0),
    };
    let (start, length) = with(|slot| {
        let length_before = slot.context_length.replace(0);
        compiler_fence(Ordering::SeqCst);
        let start_before = slot.context.replace(start);
        compiler_fence(Ordering::SeqCst);
        slot.context_length.set(length);
        (start_before, length_before)
    });
    if start.is_null() {
        return None;
    }
    // SAFETY: what is not null came from `Arc::into_raw` of a slice of this length, and has just
    // been taken out of the slot.
    Some(unsafe { Arc::from_raw(std::ptr::slice_from_raw_parts(start, length)) })
}

pub(crate) fn with_context<R>(use_block: impl FnOnce(&[u8]) -> R) -> R {
    with(|slot| use_block(slot.context()))
}

/// In a fork child: the surviving thread has no rings and no slow path under way.
pub(crate) fn reset_after_fork() {
    with(|slot| {
        slot.forget_rings();
        slot.is_busy.set(false);
    });
}
