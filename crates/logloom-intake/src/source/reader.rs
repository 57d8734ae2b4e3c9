//! One open file: the next lines of it, and what happened to it.
//!
//! Takes an open file and a position, gives lines with the position after each. Reads no more
//! than it is asked for, so that the caller's pace is the reader's pace. A line without its line
//! feed is held back, since the rest of it may still be written, until [`SourceReader::finish`].

use std::io;

use super::{SourceFile, SourceIdentity, SourceStat};
use crate::{Line, LineAssembler};

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// What a look at the file found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// There are bytes that were not read yet.
    Grown,
    /// Everything was read.
    None,
    /// The file was cut, or written anew in place; what it holds now will be read from its start.
    Truncated,
}

/// Reads one file as it grows.
#[derive(Debug)]
pub struct SourceReader<F> {
    file: F,
    identity: SourceIdentity,
    assembler: LineAssembler,
    /// Size at the last look that found the file as expected.
    size: u64,
}

impl<F: SourceFile> SourceReader<F> {
    /// Reads from this position on.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn new(file: F, position: u64) -> io::Result<Self> {
        let identity = SourceIdentity::of(&file)?;
        Ok(Self { file, identity, assembler: LineAssembler::new(position), size: position })
    }

    /// Identity of the file; the fingerprint covers more once the file has grown.
    #[must_use]
    pub fn identity(&self) -> SourceIdentity {
        self.identity
    }

    /// The position after the last byte that was read, a held-back beginning of a line included.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.assembler.position()
    }

    /// What the file system says of the open file.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn stat(&self) -> io::Result<SourceStat> {
        self.file.stat()
    }

    /// Looks whether there is more to read. After [`Change::Truncated`] the reader stands at the
    /// start of the file; a beginning of a line that was read before is given as a line.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn look(&mut self, give: &mut dyn FnMut(Line)) -> io::Result<Change> {
        let size = self.file.stat()?.size;
        let cut = size < self.position();
        // A file that was cut and has grown past the old position again looks like any other
        // growth; only its beginning gives it away.
        if cut || (size != self.size && !self.identity.still_begins(&self.file)?) {
            self.start_again(give)?;
            return Ok(Change::Truncated);
        }
        self.size = size;
        if size == self.position() {
            return Ok(Change::None);
        }
        if !self.identity.is_complete() {
            self.identity = SourceIdentity::of(&self.file)?;
        }
        Ok(Change::Grown)
    }

    /// Reads up to this many bytes and gives the lines they complete; gives how many were read.
    ///
    /// # Errors
    /// Those of the file system; lines given before stay given.
    pub fn read(&mut self, bytes_max: usize, give: &mut dyn FnMut(Line)) -> io::Result<usize> {
        let mut buffer = vec![0; CHUNK_BYTES.min(bytes_max)];
        let mut total = 0;
        while total < bytes_max {
            let room = buffer.len().min(bytes_max - total);
            match self.file.read_at(&mut buffer[..room], self.position())? {
                0 => break,
                read => {
                    self.assembler.push(&buffer[..read], give);
                    total += read;
                }
            }
        }
        Ok(total)
    }

    /// The last line, when the file ended without a line feed and nothing more will come.
    pub fn finish(&mut self) -> Option<Line> {
        self.assembler.finish()
    }

    fn start_again(&mut self, give: &mut dyn FnMut(Line)) -> io::Result<()> {
        if let Some(line) = self.assembler.finish() {
            give(line);
        }
        self.identity = SourceIdentity::of(&self.file)?;
        self.assembler = LineAssembler::new(0);
        self.size = 0;
        Ok(())
    }
}
