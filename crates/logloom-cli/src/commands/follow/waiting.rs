//! Waits for news of the file system, for the end, or for a while.

use std::io::{self, PipeReader};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use crate::engine::STOP_WAIT;
use crate::exit::say;
use crate::signals;

/// Readable once a signal has asked for the end.
pub(super) struct Stop(PipeReader);

impl Stop {
    /// Watches signals. When the log takes nothing, so that the reader waits within a call, the
    /// process ends without it after a while, or at a second signal.
    pub(super) fn watch() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        let mut writer = Some(writer);
        signals::watch(&[SIGHUP, SIGINT, SIGQUIT, SIGTERM], move |_| {
            // Closing the other end is the message.
            if writer.take().is_none() {
                give_up();
            }
            std::thread::spawn(|| {
                std::thread::sleep(STOP_WAIT * 2);
                give_up();
            });
        })?;
        Ok(Self(reader))
    }

    /// Waits this long; `true` at once when the end was asked for, `false` at once when there are
    /// news.
    pub(super) fn wait(&self, news: Option<BorrowedFd<'_>>, timeout: Duration) -> bool {
        let start = Instant::now();
        loop {
            let left = timeout.saturating_sub(start.elapsed());
            let mut watched = vec![PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN)];
            watched.extend(news.map(|news| PollFd::from_borrowed_fd(news, PollFlags::IN)));
            let timeout = Timespec::try_from(left).ok();
            match poll(&mut watched, timeout.as_ref()) {
                Err(rustix::io::Errno::INTR) => {}
                // A wait that is impossible ends at once; the loop around it goes on.
                Err(_) => return false,
                Ok(_) => return !watched[0].revents().is_empty(),
            }
        }
    }
}

/// Ends at once. Nothing is lost by it: the next command finishes the work.
fn give_up() {
    say("ended before the log took everything; the rest waits in memory, see logloom recover");
    std::process::exit(3);
}
