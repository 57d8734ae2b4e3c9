//! The scoped context of a thread: a block of encoded fields, copied into each record.
//!
//! A block is encoded once, when its scope is made. Entering a scope on a thread is two stores.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::front::thread;

/// Longest block that a record takes over, in bytes; a longer one is cut at a whole field by the
/// one who makes it, and counted.
pub const MAX_BLOCK: usize = 512;

/// Makes `block` the context of this thread until the returned guard is dropped.
///
/// A block longer than [`MAX_BLOCK`] is not taken over at all.
#[must_use = "the context ends when the guard is dropped"]
pub fn enter(block: Arc<[u8]>) -> ContextGuard {
    let taken = if block.len() <= MAX_BLOCK { &block[..] } else { &[] };
    let before = thread::set_context(taken);
    ContextGuard { before, _block: block, not_send: PhantomData }
}

/// A copy of this thread's context, to be entered on another thread.
#[must_use]
pub fn current() -> Vec<u8> {
    thread::with_context(<[u8]>::to_vec)
}

/// Restores the context that was there before; not to be sent to another thread.
pub struct ContextGuard {
    before: (*const u8, usize),
    _block: Arc<[u8]>,
    not_send: PhantomData<*const ()>,
}

impl Drop for ContextGuard {
    fn drop(&mut self) {
        thread::restore_context(self.before);
    }
}
