//! How the writer sleeps and how a caller wakes it: one word in the segment and a futex.
//!
//! The word is 0 while the writer runs, [`NAP`] while it sleeps a few milliseconds and
//! [`DEEP`] while it sleeps longer because nothing has been logged. A caller looks at the word
//! only after an ERROR and when a quarter of its ring waits, so the line stays unshared. A wake that
//! falls between the writer's last look at the rings and its sleep is missed: the limit of the sleep
//! bounds what that costs, and a ring that goes on to fill asks again.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The writer is running.
pub const AWAKE: u32 = 0;
/// The writer sleeps for a few milliseconds: only a ring that fills wakes it.
pub const NAP: u32 = 1;
/// The writer sleeps for up to a tenth of a second: an ERROR wakes it too.
pub const DEEP: u32 = 2;

/// Sleeps until woken or until `limit` has passed. Spurious returns are possible.
pub fn sleep(word: &AtomicU32, depth: u32, limit: Duration) {
    word.store(depth, Ordering::SeqCst);
    wait(word, depth, limit);
    word.store(AWAKE, Ordering::SeqCst);
}

fn wait(word: &AtomicU32, expected: u32, limit: Duration) {
    let time = libc::timespec {
        tv_sec: limit.as_secs().cast_signed(),
        tv_nsec: i64::from(limit.subsec_nanos()),
    };
    // SAFETY: the word and the time outlive the call.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
            expected,
            &raw const time,
        );
    }
}

/// Wakes a writer that sleeps at least `depth` deep; one system call then, none otherwise.
pub fn wake(word: &AtomicU32, depth: u32) {
    let found = word.load(Ordering::Relaxed);
    if found < depth || word.swap(AWAKE, Ordering::SeqCst) == AWAKE {
        return;
    }
    // SAFETY: the word outlives the call.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG,
            1,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_sleeper_is_woken_before_its_limit() {
        let word = AtomicU32::new(AWAKE);
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| {
                let start = Instant::now();
                sleep(&word, DEEP, Duration::from_secs(20));
                start.elapsed()
            });
            while word.load(Ordering::SeqCst) != DEEP {
                std::thread::yield_now();
            }
            // The word is set just before the futex is entered; wake until the sleeper is out.
            while !sleeper.is_finished() {
                wake(&word, NAP);
                std::thread::yield_now();
            }
            assert!(sleeper.join().unwrap() < Duration::from_secs(10));
        });
    }

    #[test]
    fn a_nap_is_not_ended_by_an_error() {
        let word = AtomicU32::new(NAP);
        wake(&word, DEEP);
        assert_eq!(word.load(Ordering::SeqCst), NAP);
        wake(&word, NAP);
        assert_eq!(word.load(Ordering::SeqCst), AWAKE);
    }
}
