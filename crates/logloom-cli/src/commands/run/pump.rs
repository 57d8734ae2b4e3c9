//! One stream of the program: copied through at once, unfinished lines too, and kept line by line.
//!
//! Reads until the pipe is closed by all who hold it. Once the program has ended, something that
//! it left behind may hold it for ever: then silence is waited for no longer than the linger, all
//! waits together. When nobody takes the copy any more, the pipe is closed as well, so that the
//! program learns of it as it would without us.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use logloom_intake::LineAssembler;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::capture::Capture;

const CHUNK_BYTES: usize = 64 << 10;

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pumped {
    /// Everything was read.
    All,
    /// Somebody still holds the pipe open.
    LeftOpen,
    /// Whoever took the copy is gone.
    Unwanted,
}

/// Tells pumps that the program has ended: the other end of this pipe is closed then.
pub(super) struct Ended(PipeReader);

impl Ended {
    /// The pair; dropping the second tells everybody who has a clone of the first.
    pub(super) fn pair() -> io::Result<(Ended, PipeWriter)> {
        let (reader, writer) = io::pipe()?;
        Ok((Ended(reader), writer))
    }

    pub(super) fn clone(&self) -> io::Result<Ended> {
        self.0.try_clone().map(Ended)
    }
}

/// Takes one stream over.
pub(super) struct Pump {
    pipe: File,
    copy: Option<File>,
    capture: Capture,
    lines: LineAssembler,
    ended: Ended,
    /// What is left of the linger; `None` while the program runs.
    patience: Option<Duration>,
    linger: Duration,
}

/// What a wait found.
enum Waited {
    Readable,
    OutOfPatience,
}

impl Pump {
    pub(super) fn new(
        pipe: OwnedFd,
        copy: Option<File>,
        capture: Capture,
        ended: Ended,
        linger: Duration,
    ) -> Self {
        let lines = LineAssembler::new(0);
        Self { pipe: File::from(pipe), copy, capture, lines, ended, patience: None, linger }
    }

    /// Runs until the stream has ended in one way or another.
    pub(super) fn run(mut self) -> Pumped {
        let mut chunk = vec![0; CHUNK_BYTES];
        let pumped = loop {
            match self.wait() {
                Ok(Waited::Readable) => {}
                Ok(Waited::OutOfPatience) => break Pumped::LeftOpen,
                // A pipe that cannot be waited for can still be read.
                Err(_) => {}
            }
            let read = match self.pipe.read(&mut chunk) {
                Ok(0) => break Pumped::All,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => break Pumped::All,
            };
            let is_wanted = self.pass_through(&chunk[..read]);
            let capture = &mut self.capture;
            self.lines.push(&chunk[..read], &mut |line| capture.take(line));
            capture.end();
            if !is_wanted {
                break Pumped::Unwanted;
            }
        };
        if let Some(line) = self.lines.finish() {
            self.capture.take(line);
        }
        self.capture.end();
        pumped
    }

    /// Waits for bytes, or for the end of all patience once the program has ended.
    fn wait(&mut self) -> io::Result<Waited> {
        loop {
            let Some(patience) = self.patience else {
                if is_ready(self.pipe.as_fd(), Some(self.ended.0.as_fd()), None)? {
                    return Ok(Waited::Readable);
                }
                self.patience = Some(self.linger);
                continue;
            };
            let start = Instant::now();
            let is_readable = is_ready(self.pipe.as_fd(), None, Some(patience))?;
            self.patience = Some(patience.saturating_sub(start.elapsed()));
            let waited = if is_readable { Waited::Readable } else { Waited::OutOfPatience };
            return Ok(waited);
        }
    }

    /// Writes a copy; `false` when there is nobody to take it any more.
    fn pass_through(&mut self, bytes: &[u8]) -> bool {
        let Some(copy) = &mut self.copy else { return true };
        match write_through(copy, bytes) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => false,
            // A terminal that is gone or a full disk behind a redirection: the log goes on.
            Err(_) => {
                self.copy = None;
                true
            }
        }
    }
}

/// Writes everything, also where somebody made the other side not wait.
fn write_through(copy: &mut File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match copy.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                poll(&mut [PollFd::new(copy, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Waits until `pipe` can be read; `false` when `other` is ready first or the time is over.
fn is_ready(
    pipe: BorrowedFd<'_>,
    other: Option<BorrowedFd<'_>>,
    timeout: Option<Duration>,
) -> io::Result<bool> {
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    let mut waited = vec![PollFd::from_borrowed_fd(pipe, PollFlags::IN)];
    waited.extend(other.map(|other| PollFd::from_borrowed_fd(other, PollFlags::IN)));
    loop {
        match poll(&mut waited, timeout.as_ref()) {
            Ok(_) => return Ok(!waited[0].revents().is_empty()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
