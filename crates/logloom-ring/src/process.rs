//! The few process-wide calls that the core needs and that are unsafe in Rust.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Blocks every signal on the calling thread, so that the application's handlers run on its own
/// threads and a file-size limit is an error of the write, not a death.
pub fn block_signals() {
    let mut all = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: the set is filled before it is used; only this thread's mask changes.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), std::ptr::null_mut());
    }
}

/// Forks, runs `run` in the child, ends the child without its parent's exit handlers, and returns
/// the child's wait status (0: it ran to its end). For tests and benchmarks of what a fork does
/// to logging.
///
/// # Errors
/// As `fork` and `waitpid` report it.
pub fn run_in_fork(run: impl FnOnce()) -> std::io::Result<i32> {
    // SAFETY: the child runs the closure and ends; other threads' locks that it could meet are the
    // subject of the tests that call this.
    match unsafe { libc::fork() } {
        -1 => Err(std::io::Error::last_os_error()),
        0 => {
            let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err();
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(i32::from(panicked)) }
        }
        child => {
            let mut status = 0;
            // SAFETY: the child is ours and the status outlives the call.
            if unsafe { libc::waitpid(child, &raw mut status, 0) } != child {
                return Err(std::io::Error::last_os_error());
            }
            Ok(status)
        }
    }
}

/// Closes every descriptor from `first` on, whoever opened it, as daemons do at their start. For
/// tests of what that does to logging.
///
/// # Errors
/// As the system reports it; Linux before 5.9 does not have the call.
pub fn close_descriptors(first: u32) -> std::io::Result<()> {
    // SAFETY: closing descriptor numbers touches no memory of this process.
    if unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) } == 0 {
        return Ok(());
    }
    Err(std::io::Error::last_os_error())
}

static HANG_UP: AtomicBool = AtomicBool::new(false);
/// The handler that was there before, and whether it takes what comes with a signal.
static BEFORE: AtomicUsize = AtomicUsize::new(libc::SIG_DFL);
static BEFORE_TAKES_INFO: AtomicBool = AtomicBool::new(false);

type Handler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);

/// From here on SIGHUP is noted instead of ending the process; a handler that was installed
/// before is called too. Only on request: see [`take_hang_up`].
///
/// # Errors
/// As the system reports it.
pub fn note_hang_ups() -> std::io::Result<()> {
    let handler: Handler = hang_up;
    // SAFETY: all-zero is a valid action.
    let (mut own, mut before) = unsafe { std::mem::zeroed::<(libc::sigaction, libc::sigaction)>() };
    own.sa_sigaction = handler as libc::sighandler_t;
    own.sa_flags = libc::SA_RESTART | libc::SA_SIGINFO;
    // SAFETY: both outlive the calls; the handler only touches atomics and calls the one before.
    unsafe {
        if libc::sigaction(libc::SIGHUP, std::ptr::null(), &raw mut before) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        // Noted first, for a signal that comes as soon as ours is installed.
        if before.sa_sigaction != own.sa_sigaction {
            BEFORE_TAKES_INFO.store(before.sa_flags & libc::SA_SIGINFO != 0, Ordering::Release);
            BEFORE.store(before.sa_sigaction, Ordering::Release);
        }
        if libc::sigaction(libc::SIGHUP, &raw const own, std::ptr::null_mut()) != 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Whether a SIGHUP has come since the last time.
#[must_use]
pub fn take_hang_up() -> bool {
    HANG_UP.swap(false, Ordering::AcqRel)
}

extern "C" fn hang_up(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    HANG_UP.store(true, Ordering::Release);
    let before = BEFORE.load(Ordering::Acquire);
    if before == libc::SIG_DFL || before == libc::SIG_IGN {
        return;
    }
    if BEFORE_TAKES_INFO.load(Ordering::Acquire) {
        // SAFETY: the address was a handler of this signature before ours was installed.
        let before: Handler = unsafe { std::mem::transmute(before) };
        before(signal, info, context);
    } else {
        // SAFETY: as above.
        let before: extern "C" fn(libc::c_int) = unsafe { std::mem::transmute(before) };
        before(signal);
    }
}

/// Runs `work` on this thread with SIGXFSZ held back, so that a limit on the size of files is an
/// error of the write and not the death of the program. A signal that came meanwhile is dropped.
pub fn with_size_limit_as_error<R>(work: impl FnOnce() -> R) -> R {
    // Dropped also when the work panics.
    let _held_back = SizeLimitHeldBack::begin();
    work()
}

struct SizeLimitHeldBack {
    limit: libc::sigset_t,
    /// The thread's mask before.
    before: libc::sigset_t,
}

impl SizeLimitHeldBack {
    fn begin() -> Self {
        // SAFETY: all-zero is a valid set; both are filled before they are used, and only this
        // thread's mask changes.
        unsafe {
            let (mut limit, mut before) = std::mem::zeroed::<(libc::sigset_t, libc::sigset_t)>();
            libc::sigemptyset(&raw mut limit);
            libc::sigaddset(&raw mut limit, libc::SIGXFSZ);
            libc::pthread_sigmask(libc::SIG_BLOCK, &raw const limit, &raw mut before);
            Self { limit, before }
        }
    }
}

impl Drop for SizeLimitHeldBack {
    fn drop(&mut self) {
        let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the sets were filled at the beginning; the old mask is put back.
        unsafe {
            if libc::sigismember(&raw const self.before, libc::SIGXFSZ) == 0 {
                libc::sigtimedwait(&raw const self.limit, std::ptr::null_mut(), &raw const at_once);
                let before = &raw const self.before;
                libc::pthread_sigmask(libc::SIG_SETMASK, before, std::ptr::null_mut());
            }
        }
    }
}

/// Runs `call` when the process ends by `exit` or by returning from `main`. `false` when the
/// system has no room for another such function.
pub fn at_exit(call: extern "C" fn()) -> bool {
    // SAFETY: an ordinary function of this program.
    unsafe { libc::atexit(call) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PROCESS: AtomicUsize = AtomicUsize::new(0);

    extern "C" fn earlier(_: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
        // SAFETY: installed with SA_SIGINFO, so the kernel's information must arrive.
        PROCESS.store(unsafe { (*info).si_pid() } as usize, Ordering::Release);
    }

    #[test]
    fn a_handler_that_was_there_before_gets_all_that_came_with_the_signal() {
        let handler: Handler = earlier;
        // SAFETY: all-zero is a valid action; it outlives the call.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler as libc::sighandler_t;
            action.sa_flags = libc::SA_SIGINFO;
            libc::sigaction(libc::SIGHUP, &raw const action, std::ptr::null_mut());
        }
        assert!(note_hang_ups().is_ok() && note_hang_ups().is_ok());
        // SAFETY: a signal to this very thread.
        unsafe { libc::raise(libc::SIGHUP) };
        assert!(take_hang_up() && !take_hang_up());
        assert_eq!(PROCESS.load(Ordering::Acquire), std::process::id() as usize);
    }
}
