//! What is done around the waits of a call for room in its ring: a program in which a call holds something that others
//! need, such as the lock of an interpreter, gives it back meanwhile.

use std::sync::OnceLock;

/// Runs a wait. It must run it exactly once, and may not log.
pub type Around = fn(&mut dyn FnMut());

static AROUND: OnceLock<Around> = OnceLock::new();

/// Sets what is done around the waits of all calls of this process; the first one stays.
pub fn set_around_waits(around: Around) {
    let _ = AROUND.set(around);
}

/// Runs a wait of a calling thread.
pub(super) fn around(wait: &mut dyn FnMut()) {
    match AROUND.get() {
        Some(around) => around(wait),
        None => wait(),
    }
}
