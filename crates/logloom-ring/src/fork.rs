//! What a fork child needs: pages that are zero there, and a call-back that runs there.

use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use crate::front::thread;

const PAGE: usize = crate::layout::PAGE as usize;

/// A page of `T`s that reads as zero bytes in a fork child, where zero must be a valid `T` that
/// means "empty". Never freed. `None` when there is no memory.
pub(crate) fn page_of<T>(make: impl Fn() -> T) -> Option<Vec<&'static T>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_POPULATE;
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a fresh anonymous mapping.
    let page = unsafe { libc::mmap(std::ptr::null_mut(), PAGE, protection, flags, -1, 0) };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the range was just mapped. Without the advice (Linux before 4.14) the call-back in
    // the child still resets the thread.
    unsafe { libc::madvise(page, PAGE, libc::MADV_WIPEONFORK) };
    let size = size_of::<T>().next_multiple_of(64);
    let items = (0..PAGE / size).map(|index| {
        // SAFETY: within the page, aligned to 64, written once before it is shared.
        unsafe {
            let item = page.cast::<u8>().add(index * size).cast::<T>();
            item.write(make());
            &*item
        }
    });
    Some(items.collect())
}

static IN_CHILD: Mutex<Vec<fn()>> = Mutex::new(Vec::new());
static FIRST: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());
static WATCH: Once = Once::new();

/// Adds a function that runs in every fork child before `fork` returns there. It may only close
/// descriptors and set atomics: other threads' locks may be held for ever in the child.
pub fn in_child(call: fn()) {
    let mut calls = IN_CHILD.lock().unwrap_or_else(PoisonError::into_inner);
    calls.push(call);
    let copy: &'static [fn()] = Box::leak(calls.clone().into_boxed_slice());
    let boxed: &'static &'static [fn()] = Box::leak(Box::new(copy));
    FIRST.store(std::ptr::from_ref(boxed).cast_mut().cast(), Ordering::Release);
}

/// Installs the handler, once a process.
pub(crate) fn watch() {
    WATCH.call_once(|| {
        // SAFETY: the handler is an ordinary function of this program.
        unsafe { libc::pthread_atfork(None, None, Some(child)) };
    });
}

extern "C" fn child() {
    thread::reset_after_fork();
    let calls: *const &'static [fn()] = FIRST.load(Ordering::Acquire).cast();
    // SAFETY: null, or a leaked box that `in_child` stored.
    if let Some(calls) = unsafe { calls.as_ref() } {
        calls.iter().for_each(|call| call());
    }
}
