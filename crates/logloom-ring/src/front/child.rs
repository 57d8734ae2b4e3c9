//! The first record of a fork child: one of its threads builds a runtime of its own, the others wait
//! for it. What could not be built is tried again by the next record.

use std::sync::atomic::{AtomicU32, Ordering};

use logloom_record::Level;

use super::install::{self, Front};
use super::thread;
use crate::segment::Cause;

/// The process in which a thread is building. A child that is forked meanwhile finds its parent's
/// number here and does not wait for a thread that it does not have.
static BUILDING: AtomicU32 = AtomicU32::new(0);

struct Building;

impl Drop for Building {
    fn drop(&mut self) {
        BUILDING.store(0, Ordering::Release);
    }
}

/// The child's own runtime. `None` when logging was stopped, when it could not be built, and within a
/// signal handler that has interrupted the building. A record of `level` that gets no runtime because there
/// is no memory for one is counted in the parent's segment: the loss table is shared, and the parent's
/// writer tells it, while it lives.
#[cold]
#[inline(never)]
pub(super) fn runtime(level: Level) -> Option<&'static Front> {
    let slot = thread::slot();
    let _entered = slot.enter()?;
    slot.forget_rings();
    let own = std::process::id();
    loop {
        let parent = match install::current()? {
            front if front.process == own => return Some(front),
            // Logging was stopped, before the fork or in the child.
            front if front.is_closed() => return None,
            parent => parent,
        };
        let found = BUILDING.load(Ordering::Acquire);
        let is_free = found != own;
        if is_free
            && BUILDING.compare_exchange(found, own, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        {
            let _building = Building;
            let built = build(parent, own);
            if built.is_none() {
                parent.count_loss(0, level, Cause::NoMemory, 1);
            }
            return built;
        }
        std::thread::yield_now();
    }
}

/// Another thread may have been ready between the look at `parent` and the turn of this one.
fn build(parent: &Front, own: u32) -> Option<&'static Front> {
    let is_own = |front: &&Front| front.process == own;
    install::current().filter(is_own).or_else(|| {
        let built = parent.hooks.after_fork();
        built.then(install::current).flatten()
    })
}
