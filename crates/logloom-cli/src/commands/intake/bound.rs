//! How long something may be read: until a moment, or until somebody ends it.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How often it is looked whether the end has come while nothing can be read.
const TICK: Duration = Duration::from_millis(50);

/// The end of reading; none by default.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bound {
    pub(crate) until: Option<Instant>,
    pub(crate) cancel: Option<Arc<AtomicBool>>,
}

impl Bound {
    /// An error once the end has come.
    pub(crate) fn check(&self) -> io::Result<()> {
        let is_cancelled = self.cancel.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed));
        let is_late = self.until.is_some_and(|until| Instant::now() >= until);
        let why = match (is_cancelled, is_late) {
            (true, _) => "it was cancelled before it was read to its end",
            (_, true) => "the time was over before it was read to its end",
            _ => return Ok(()),
        };
        Err(io::Error::new(io::ErrorKind::TimedOut, why))
    }
}

/// An input that may give nothing for long, as the standard input does, with an end.
pub(crate) struct Bounded<R> {
    pub(crate) input: R,
    pub(crate) bound: Bound,
}

impl<R: Read + AsFd> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let tick = Timespec { tv_sec: 0, tv_nsec: TICK.subsec_nanos().into() };
        loop {
            self.bound.check()?;
            let mut polled = [PollFd::new(&self.input, PollFlags::IN)];
            match poll(&mut polled, Some(&tick)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return self.input.read(buffer),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
