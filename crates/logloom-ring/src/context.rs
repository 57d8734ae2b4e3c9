//! The scoped context of a thread: a block of encoded fields, copied into each record.
//!
//! A block is encoded once, when its scope is made. Entering a scope on a thread is three stores.

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
    let taken = (!block.is_empty() && block.len() <= MAX_BLOCK).then_some(block);
    ContextGuard { before: thread::replace_context(taken), not_send: PhantomData }
}

/// A copy of this thread's context, to be entered on another thread.
#[must_use]
pub fn current() -> Vec<u8> {
    thread::with_context(<[u8]>::to_vec)
}

/// Restores the context that was there before; not to be sent to another thread. Guards dropped in
/// another order than the reverse of their making leave a context of the wrong scope, nothing worse.
pub struct ContextGuard {
    before: Option<Arc<[u8]>>,
    not_send: PhantomData<*const ()>,
}

impl Drop for ContextGuard {
    fn drop(&mut self) {
        drop(thread::replace_context(self.before.take()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_dropped_in_any_order_leave_no_freed_block() {
        let outer = enter(Arc::from(&b"outer"[..]));
        let inner = enter(Arc::from(&b"inner"[..]));
        assert_eq!(current(), b"inner");
        drop(outer);
        assert_eq!(current(), b"");
        drop(inner);
        assert_eq!(current(), b"outer");
        drop(thread::replace_context(None));
        assert_eq!(current(), b"");
    }

    #[test]
    fn a_block_that_is_too_long_is_not_taken_over() {
        let _guard = enter(Arc::from(vec![1; MAX_BLOCK + 1]));
        assert_eq!(current(), b"");
    }
}
