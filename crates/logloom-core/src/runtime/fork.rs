//! Fork children: the parent's descriptor is closed at once, a runtime of their own comes with the
//! first record.

use std::sync::atomic::Ordering;

use super::open::{self, Beginning};
use super::{Inner, thread};
use crate::alert::{Alert, Alerts};

/// Runs within `fork` in the child: closes the catalogue's descriptor, so that the parent's locks
/// are the parent's alone. Waits for nothing: a lock held by a thread that is not here would never
/// be released.
pub(super) fn in_child(parent: &Inner) {
    parent.thread_runs.store(false, Ordering::Release);
    if let Ok(handle) = parent.handle.try_read()
        && let Some(handle) = handle.as_ref()
    {
        handle.abandon_in_fork_child();
    }
}

/// Stops a child that has no runtime of its own: what it logs is refused and counted, and it may
/// start anew. The parent's memory is another one and learns nothing of it.
pub(super) fn refuse_in_child(parent: &Inner) {
    parent.stopped.store(true, Ordering::Release);
    if let Some(front) = parent.front.get() {
        front.refuse();
    }
}

/// Builds the child's runtime, with the parent's settings and dictionary: the numbers that call
/// sites have already stay valid.
pub(super) fn after_fork(parent: &Inner) -> bool {
    crate::sampling::forget_counts();
    let settings = parent.settings();
    let dictionary = parent.segment().map(|segment| segment.dictionary(0).to_vec());
    match open::open(settings, Beginning::ForkChild(dictionary.unwrap_or_default())) {
        Ok(inner) => {
            thread::spawn(&inner);
            true
        }
        Err(error) => {
            // The parent's own would need locks whose holders are not here.
            let text = format!("{error}; the parent counts what this fork child logs until then");
            Alerts::default().raise(Alert::Store { text });
            false
        }
    }
}
