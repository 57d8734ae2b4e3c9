//! The unpacked bytes of one file, chunk by chunk, with the position and the digest behind each.
//!
//! Takes a place, gives its bytes. What was read can be read again from the start: a file is opened
//! anew, and of a pipe those bytes that may be wanted again are kept in an unnamed file of the log
//! directory. What was read before a failure is given before the failure.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use logloom_intake::unpack::{Packing, UnpackError, UnpackLimits, unpack_error};
use rustix::fs::{MemfdFlags, Mode, OFlags};

use super::identity::{ContentHash, Digest, HEAD_BYTES};
use super::origin::{Container, Opened, Place};

/// Bytes read at once.
const CHUNK_BYTES: usize = 256 << 10;

/// Bytes that are kept of what is skipped: as many as a private key has at most.
const TAIL_BYTES: usize = 32 << 10;

/// One file that is being read.
pub(super) struct Content<'a> {
    place: &'a Place,
    limits: UnpackLimits,
    reader: Box<dyn Read>,
    /// What of a pipe has to be read again.
    spool: Option<File>,
    container: Container,
    buffer: Vec<u8>,
    /// The bytes of the buffer that were not given yet.
    waiting: std::ops::Range<usize>,
    hash: ContentHash,
    position: u64,
    /// The two bytes before the position.
    last: [u8; 2],
    head: Vec<u8>,
    /// The bytes before the position that was skipped to, at most [`TAIL_BYTES`].
    tail: Vec<u8>,
    /// Bytes that the reader gave.
    given: u64,
    /// Whether it was found to be cut short within a chunk of xz.
    is_cut: bool,
}

impl<'a> Content<'a> {
    /// Opens it and reads its head.
    pub(super) fn open(
        place: &'a Place,
        limits: UnpackLimits,
        read: &Arc<AtomicU64>,
    ) -> io::Result<Self> {
        let Opened { reader, container } = place.open(limits, read)?;
        let mut content = Self {
            place,
            limits,
            reader,
            spool: None,
            container,
            buffer: vec![0; CHUNK_BYTES],
            waiting: 0..0,
            hash: ContentHash::default(),
            position: 0,
            head: Vec::new(),
            tail: Vec::new(),
            last: [0; 2],
            given: 0,
            is_cut: false,
        };
        let length = content.fill_head()?;
        content.waiting = 0..length;
        content.head = content.buffer[..length].to_vec();
        Ok(content)
    }

    /// Reads into a part of the buffer. The beginning of a chunk of xz that is cut short is got in
    /// its own way.
    fn read(&mut self, part: std::ops::Range<usize>) -> io::Result<usize> {
        let result = self.reader.read(&mut self.buffer[part.clone()]);
        let cut_xz = UnpackError::CutShort { packing: Packing::Xz };
        let read = match result {
            Err(error) if !self.is_cut && unpack_error(&error) == Some(&cut_xz) => {
                self.is_cut = true;
                let rest = self.place.rest_of_xz(self.given, self.limits)?;
                self.reader = Box::new(io::Cursor::new(rest).chain(Failed(error)));
                self.reader.read(&mut self.buffer[part])?
            }
            other => other?,
        };
        self.given += read as u64;
        Ok(read)
    }

    /// Reads the first bytes. A failure behind some of them is kept for the read after them.
    fn fill_head(&mut self) -> io::Result<usize> {
        let mut length = 0;
        while length < HEAD_BYTES {
            match self.read(length..HEAD_BYTES) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if length == 0 => return Err(error),
                Err(error) => {
                    self.reader = Box::new(Failed(error));
                    break;
                }
            }
        }
        Ok(length)
    }

    /// The first bytes, all of them when they are fewer than [`HEAD_BYTES`].
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// What the file system says of the file.
    pub(super) fn container(&self) -> Container {
        self.container
    }

    /// The position behind what was given.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// The two bytes before the position; zeros where there are none.
    pub(super) fn last(&self) -> [u8; 2] {
        self.last
    }

    /// The digest of everything up to the position.
    pub(super) fn digest(&self) -> Digest {
        self.hash.digest()
    }

    /// The next bytes, at most `most`; none at the end.
    pub(super) fn next(&mut self, most: u64) -> io::Result<&[u8]> {
        self.await_bytes()?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let from = self.waiting.start;
        let end = from + self.waiting.len().min(most);
        self.waiting.start = end;
        let bytes = &self.buffer[from..end];
        self.hash.update(bytes);
        self.position += bytes.len() as u64;
        for byte in &bytes[bytes.len().saturating_sub(2)..] {
            self.last = [self.last[1], *byte];
        }
        Ok(bytes)
    }

    fn await_bytes(&mut self) -> io::Result<()> {
        while self.waiting.is_empty() {
            match self.read(0..CHUNK_BYTES) {
                Ok(0) => return Ok(()),
                Ok(read) => self.waiting = 0..read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether nothing follows.
    pub(super) fn is_at_end(&mut self) -> io::Result<bool> {
        self.await_bytes()?;
        Ok(self.waiting.is_empty())
    }

    /// Reads on up to `position`; `false` when the file ends before it.
    pub(super) fn skip_to(&mut self, position: u64) -> io::Result<bool> {
        let mut tail = std::mem::take(&mut self.tail);
        while self.position < position {
            let bytes = self.next(position - self.position)?;
            if bytes.is_empty() {
                return Ok(false);
            }
            let kept = &bytes[bytes.len().saturating_sub(TAIL_BYTES)..];
            tail.drain(..(tail.len() + kept.len()).saturating_sub(TAIL_BYTES).min(tail.len()));
            tail.extend_from_slice(kept);
        }
        self.tail = tail;
        Ok(true)
    }

    /// What stands right before the position that was skipped to.
    pub(super) fn tail(&self) -> &[u8] {
        &self.tail
    }

    /// Prepares for reading up to `position` and then again from the start. Only a pipe needs it,
    /// whose bytes are kept in a file of `folder` that has no name.
    pub(super) fn keep_up_to(&mut self, position: u64, folder: &Path) -> io::Result<()> {
        if self.place.is_lasting() {
            return Ok(());
        }
        let mut spool = unnamed_file(folder)?;
        spool.write_all(&self.buffer[self.waiting.clone()])?;
        let mut left = position.saturating_sub(self.waiting.len() as u64);
        self.waiting = 0..0;
        while left > 0 {
            match self.await_bytes() {
                Ok(()) if self.waiting.is_empty() => break,
                Ok(()) => {}
                Err(error) => {
                    self.reader = Box::new(Failed(error));
                    break;
                }
            }
            spool.write_all(&self.buffer[self.waiting.clone()])?;
            left = left.saturating_sub(self.waiting.len() as u64);
            self.waiting = 0..0;
        }
        self.spool = Some(spool);
        self.rewind()
    }

    /// Goes back to the start.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        if let Some(spool) = &self.spool {
            let mut kept = spool.try_clone()?;
            kept.seek(SeekFrom::Start(0))?;
            let rest = std::mem::replace(&mut self.reader, Box::new(io::empty()));
            self.reader = Box::new(Kept { kept, rest, is_through: false });
        } else {
            let unmetered = Arc::default();
            let opened = self.place.open(self.limits, &unmetered)?;
            self.reader = opened.reader;
            self.container = opened.container;
            (self.given, self.is_cut) = (0, false);
        }
        self.waiting = 0..0;
        self.hash = ContentHash::default();
        self.position = 0;
        self.last = [0; 2];
        self.tail.clear();
        Ok(())
    }
}

/// A reader that has failed and goes on failing.
struct Failed(io::Error);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(match (unpack_error(&self.0), self.0.raw_os_error()) {
            (Some(error), _) => error.clone().into(),
            (None, Some(code)) => io::Error::from_raw_os_error(code),
            (None, None) => io::Error::new(self.0.kind(), self.0.to_string()),
        })
    }
}

/// Bytes that were kept, and the pipe behind them.
struct Kept {
    kept: File,
    rest: Box<dyn Read>,
    is_through: bool,
}

impl Read for Kept {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.is_through {
            match self.kept.read(into)? {
                0 => self.is_through = true,
                read => return Ok(read),
            }
        }
        self.rest.read(into)
    }
}

/// A file without a name, gone with the process: in this folder, or in memory where its file system
/// has no such files.
pub(super) fn unnamed_file(folder: &Path) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let on_disk = rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR);
    let in_memory = || rustix::fs::memfd_create("logloom-import", MemfdFlags::CLOEXEC);
    Ok(on_disk.or_else(|_| in_memory())?.into())
}
