//! The state of a thread: its producer and its context. No destructor, so it can be used at any
//! time of a thread's life; a second object with one gives the rings back at the thread's end.

use std::cell::Cell;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use crate::clock::ClockKind;
use crate::producer::Lane;

use super::install;

/// The rings of a thread as it sees them. Lives on a page that is zero in a fork child.
#[derive(Debug)]
pub(super) struct Producer {
    pub(super) normal: Lane,
    pub(super) urgent: Lane,
    clock: AtomicU32,
    parked: AtomicPtr<u32>,
    /// Numbers of the two rings, plus one.
    pub(super) rings: [AtomicU32; 2],
}

impl Producer {
    pub(super) const fn empty() -> Self {
        Self {
            normal: Lane::empty(),
            urgent: Lane::empty(),
            clock: AtomicU32::new(0),
            parked: AtomicPtr::new(std::ptr::null_mut()),
            rings: [AtomicU32::new(0), AtomicU32::new(0)],
        }
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

    /// Not attached to rings: never was, or the page was zeroed by a fork.
    pub(super) fn is_empty(&self) -> bool {
        self.rings[0].load(Ordering::Relaxed) == 0
    }
}

static EMPTY: Producer = Producer::empty();

pub(super) struct Slot {
    producer: Cell<*const Producer>,
    context: Cell<(*const u8, usize)>,
    /// How many slow paths of this thread are under way: more than one means that a signal
    /// handler has interrupted one.
    pub(super) depth: Cell<u32>,
}

thread_local! {
    static SLOT: Slot = const {
        Slot {
            producer: Cell::new(&raw const EMPTY),
            context: Cell::new((std::ptr::null(), 0)),
            depth: Cell::new(0),
        }
    };
    static EXIT: Exit = const { Exit };
}

struct Exit;

impl Drop for Exit {
    fn drop(&mut self) {
        with(|slot| {
            let producer = slot.producer.replace(&raw const EMPTY);
            install::give_back(producer);
        });
    }
}

#[inline(always)]
pub(super) fn with<R>(use_slot: impl FnOnce(&Slot) -> R) -> R {
    SLOT.with(use_slot)
}

impl Slot {
    #[inline(always)]
    pub(super) fn producer(&self) -> &'static Producer {
        // SAFETY: the pointer is to a static or to a page of producers that is never freed.
        unsafe { &*self.producer.get() }
    }

    #[inline(always)]
    pub(super) fn context(&self) -> &[u8] {
        let (start, length) = self.context.get();
        if length == 0 {
            return &[];
        }
        // SAFETY: the guard that set the context owns its bytes and resets it when it is dropped.
        unsafe { std::slice::from_raw_parts(start, length) }
    }

    /// Connects the thread to a producer. `false` when the thread is ending and could not give
    /// its rings back any more.
    pub(super) fn attach(&self, producer: *const Producer) -> bool {
        if EXIT.try_with(|_| ()).is_err() {
            return false;
        }
        self.producer.set(producer);
        true
    }
}

pub(crate) fn set_context(block: &[u8]) -> (*const u8, usize) {
    with(|slot| slot.context.replace((block.as_ptr(), block.len())))
}

pub(crate) fn restore_context(before: (*const u8, usize)) {
    with(|slot| slot.context.set(before));
}

pub(crate) fn with_context<R>(use_block: impl FnOnce(&[u8]) -> R) -> R {
    with(|slot| use_block(slot.context()))
}

/// In a fork child: the surviving thread has no rings and no slow path under way.
pub(crate) fn reset_after_fork() {
    with(|slot| {
        slot.producer.set(&raw const EMPTY);
        slot.depth.set(0);
    });
}
