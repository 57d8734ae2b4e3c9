//! What a fork child needs: pages that are zero there, and a handler that runs there.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Once, OnceLock};

use crate::front::thread;

const PAGE: usize = crate::layout::PAGE as usize;

/// A page of `T`s that reads as zero bytes in a fork child, where zero must be a valid `T` that
/// means "empty". Never freed. `None` when there is no memory.
pub(crate) fn page_of<T>(make: impl Fn() -> T) -> Option<Vec<&'static T>> {
    const { assert!(align_of::<T>() <= 64 && size_of::<T>() <= PAGE) };
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

/// A word that reads zero in a fork child until that has a runtime of its own; else the process id.
static KNOWN: OnceLock<Option<&'static AtomicU32>> = OnceLock::new();

fn known() -> Option<&'static AtomicU32> {
    *KNOWN.get_or_init(|| page_of(|| AtomicU32::new(0)).and_then(|words| words.first().copied()))
}

/// Notes that this process has a runtime.
pub(crate) fn note_process() {
    if let Some(word) = known() {
        word.store(std::process::id(), Ordering::Release);
    }
}

/// The id of this process, without a system call unless it is a fork child.
pub(crate) fn process_id() -> u32 {
    match known().map(|word| word.load(Ordering::Acquire)) {
        None | Some(0) => std::process::id(),
        Some(id) => id,
    }
}

static WATCH: Once = Once::new();

/// Installs the handler, once a process.
pub(crate) fn watch() {
    WATCH.call_once(|| {
        // SAFETY: the handler is an ordinary function of this program.
        unsafe { libc::pthread_atfork(None, None, Some(child)) };
    });
}

extern "C" fn child() {
    thread::reset_after_fork();
    crate::front::tell_child();
}
