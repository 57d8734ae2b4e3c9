//! One stream of the program: kept line by line, and passed through behind that.
//!
//! A line is in the log before its copy goes on, so that no kill loses what was shown. Bytes of an
//! unfinished line go on at once. Only lines that others may belong to, such as the beginning of a
//! trace, are held back, as long as they are joined.
//!
//! Reads until the stream is closed by all who hold it. Once the program has ended, something that
//! it left behind may hold it for ever: then silence is waited for no longer than the linger, all
//! waits together. When nobody takes the copy any more, the stream is closed as well, so that the
//! program learns of it as it would without us.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::kept::Kept;

const CHUNK_BYTES: usize = 64 << 10;

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pumped {
    /// Everything was read.
    All,
    /// Somebody still holds the stream open.
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

    /// Waits for the end, no longer than this.
    pub(super) fn is_within(&self, limit: Duration) -> bool {
        wait_for(self.0.as_fd(), None, Some(limit)).is_ok_and(|ready| ready == Ready::Stream)
    }
}

/// Takes one stream over.
pub(super) struct Pump {
    reader: File,
    copy: Option<File>,
    kept: Kept,
    /// What was read and not passed through yet.
    held: Vec<u8>,
    ended: Ended,
    /// What is left of the linger; `None` while the program runs.
    patience: Option<Duration>,
    linger: Duration,
}

/// What a wait found.
enum Waited {
    Readable,
    /// What is held has waited long enough.
    Due,
    OutOfPatience,
}

impl Pump {
    pub(super) fn new(
        reader: OwnedFd,
        copy: Option<File>,
        kept: Kept,
        ended: Ended,
        linger: Duration,
    ) -> Self {
        Self {
            reader: File::from(reader),
            copy,
            kept,
            held: Vec::new(),
            ended,
            patience: None,
            linger,
        }
    }

    /// Runs until the stream has ended in one way or another.
    pub(super) fn run(mut self) -> Pumped {
        let mut chunk = vec![0; CHUNK_BYTES];
        let pumped = loop {
            match self.wait() {
                Ok(Waited::Readable) => {}
                Ok(Waited::Due) => {
                    self.kept.settle();
                    if !self.release() {
                        break Pumped::Unwanted;
                    }
                    continue;
                }
                Ok(Waited::OutOfPatience) => break Pumped::LeftOpen,
                // What cannot be waited for can still be read.
                Err(_) => {}
            }
            let read = match self.reader.read(&mut chunk) {
                Ok(0) => break Pumped::All,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // A pseudo-terminal says so when all writers are gone.
                Err(_) => break Pumped::All,
            };
            if !self.take(&chunk[..read]) {
                break Pumped::Unwanted;
            }
        };
        self.kept.finish();
        if pumped != Pumped::Unwanted && !self.release() {
            return Pumped::Unwanted;
        }
        pumped
    }

    /// Keeps the lines of a chunk, then passes through what may be; `false` when nobody takes it.
    fn take(&mut self, chunk: &[u8]) -> bool {
        self.held.extend_from_slice(chunk);
        self.kept.push(chunk);
        let more = wait_for(self.reader.as_fd(), None, Some(Duration::ZERO));
        if !matches!(more, Ok(Ready::Stream)) {
            self.kept.settle();
        }
        self.release()
    }

    /// Passes through what is in the log, and the unfinished line behind it; `false` when there is
    /// nobody to take it any more.
    fn release(&mut self) -> bool {
        let waiting = usize::try_from(self.kept.waiting()).unwrap_or(usize::MAX);
        let count = self.held.len().saturating_sub(waiting);
        if count == 0 {
            return true;
        }
        let is_wanted = pass_through(&mut self.copy, &self.held[..count]);
        self.held.drain(..count);
        is_wanted
    }

    /// Waits for bytes, for the time when held ones have to go on, or for the end of all patience
    /// once the program has ended.
    fn wait(&mut self) -> io::Result<Waited> {
        let due = self.kept.wait();
        loop {
            let Some(patience) = self.patience else {
                match wait_for(self.reader.as_fd(), Some(self.ended.0.as_fd()), due)? {
                    Ready::Stream => return Ok(Waited::Readable),
                    Ready::Nothing => return Ok(Waited::Due),
                    Ready::Other => self.patience = Some(self.linger),
                }
                continue;
            };
            let start = Instant::now();
            let is_due_first = due.is_some_and(|due| due < patience);
            let limit = due.map_or(patience, |due| due.min(patience));
            let ready = wait_for(self.reader.as_fd(), None, Some(limit))?;
            self.patience = Some(patience.saturating_sub(start.elapsed()));
            return Ok(match ready {
                Ready::Stream | Ready::Other => Waited::Readable,
                Ready::Nothing if is_due_first => Waited::Due,
                Ready::Nothing => Waited::OutOfPatience,
            });
        }
    }
}

/// Writes a copy; `false` when there is nobody to take it any more.
fn pass_through(copy: &mut Option<File>, bytes: &[u8]) -> bool {
    let Some(file) = copy else { return true };
    match write_through(file, bytes) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => false,
        // A terminal that is gone or a full disk behind a redirection: the log goes on.
        Err(_) => {
            *copy = None;
            true
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

/// What can be read first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ready {
    Stream,
    Other,
    /// Neither within the time.
    Nothing,
}

/// Waits until `stream` or `other` can be read, or is closed by the other side.
fn wait_for(
    stream: BorrowedFd<'_>,
    other: Option<BorrowedFd<'_>>,
    timeout: Option<Duration>,
) -> io::Result<Ready> {
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    let mut waited = vec![PollFd::from_borrowed_fd(stream, PollFlags::IN)];
    waited.extend(other.map(|other| PollFd::from_borrowed_fd(other, PollFlags::IN)));
    loop {
        match poll(&mut waited, timeout.as_ref()) {
            Ok(0) => return Ok(Ready::Nothing),
            Ok(_) if waited[0].revents().is_empty() => return Ok(Ready::Other),
            Ok(_) => return Ok(Ready::Stream),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
