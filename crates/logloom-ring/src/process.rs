//! The few process-wide calls that the core needs and that are unsafe in Rust.

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

/// Runs `call` when the process ends by `exit` or by returning from `main`. `false` when the
/// system has no room for another such function.
pub fn at_exit(call: extern "C" fn()) -> bool {
    // SAFETY: an ordinary function of this program.
    unsafe { libc::atexit(call) == 0 }
}
