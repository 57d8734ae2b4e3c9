//! One open file: the next lines of it, and what happened to it.
//!
//! Takes an open file and a position, gives lines with the position after each. Reads no more
//! than it is asked for, so that the caller's pace is the reader's pace. A line without its line
//! feed is held back, since the rest of it may still be written, until [`SourceReader::finish`].

use std::io;

use memchr::memmem;

use super::{SourceFile, SourceIdentity, SourceStat};
use crate::{Ansi, Encoding, Line, LineAssembler};

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// Bytes before a position that are looked through for a key that is begun there; as many as a key has
/// at most.
const BEFORE_BYTES: usize = 32 << 10;

/// How a key begins.
const KEY_BEGIN: &[u8] = b"-----BEGIN ";

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
    /// The position behind the last line that was given.
    line_end: u64,
    /// Whether parts of a long line were given, but not its end.
    is_within_line: bool,
    /// The beginning of a line that a truncation took the rest of, and a line before it that ended
    /// with a carriage return alone.
    cut_off: Vec<Line>,
    /// When the file was last written, at the last look.
    written_ns: i64,
    ansi: Ansi,
}

impl<F: SourceFile> SourceReader<F> {
    /// Reads from this position on.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn new(file: F, position: u64) -> io::Result<Self> {
        let identity = SourceIdentity::of(&file)?;
        let written_ns = file.stat()?.written_ns;
        let mut head = [0; 3];
        let length = if position > 0 { file.read_at(&mut head, 0)? } else { 0 };
        let mut assembler = LineAssembler::new(position);
        if length > 0 {
            let encoding = Encoding::of_head(&head[..length]).0;
            assembler = assembler.with_encoding(encoding);
            assembler = assembler.within_line(!ends_line(&file, position, encoding));
        }
        let (line_end, is_within_line, cut_off) = (position, false, Vec::new());
        Ok(Self {
            file,
            identity,
            assembler,
            line_end,
            is_within_line,
            cut_off,
            written_ns,
            ansi: Ansi::default(),
        })
    }

    /// The same with another treatment of escape sequences.
    #[must_use]
    pub fn with_ansi(mut self, ansi: Ansi) -> Self {
        self.assembler = self.assembler.with_ansi(ansi);
        self.ansi = ansi;
        self
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

    /// The position behind the last line that was given: where a reader that replaces this one
    /// goes on. `None` within a line that is given in parts.
    #[must_use]
    pub fn line_end(&self) -> Option<u64> {
        (!self.is_within_line).then_some(self.line_end)
    }

    /// When the file was last written, nanoseconds since 1970, at the last look.
    #[must_use]
    pub fn written_ns(&self) -> i64 {
        self.written_ns
    }

    /// The open file.
    pub fn file(&self) -> &F {
        &self.file
    }

    /// What the file system says of the open file.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn stat(&self) -> io::Result<SourceStat> {
        self.file.stat()
    }

    /// Looks whether there is more to read. After [`Change::Truncated`] the reader stands at the
    /// start of the file; [`SourceReader::cut_off`] has a beginning of a line that was read before.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn look(&mut self) -> io::Result<Change> {
        let SourceStat { size, written_ns, .. } = self.file.stat()?;
        self.written_ns = written_ns;
        // A file that was cut and has grown past the old position again looks like any other
        // growth; only its beginning gives it away.
        if size < self.position() || !self.identity.still_begins(&self.file)? {
            self.start_again()?;
            return Ok(Change::Truncated);
        }
        if size == self.position() {
            return Ok(Change::None);
        }
        if !self.identity.is_complete() {
            self.identity = SourceIdentity::of(&self.file)?;
        }
        Ok(Change::Grown)
    }

    /// The beginning of a line whose rest was cut off by a truncation; before it the line that a
    /// carriage return alone ends, if there was one.
    pub fn cut_off(&mut self) -> Vec<Line> {
        std::mem::take(&mut self.cut_off)
    }

    /// Reads up to this many bytes and gives the lines they complete; gives how many were read.
    ///
    /// # Errors
    /// Those of the file system; lines given before stay given.
    pub fn read(&mut self, bytes_max: usize, give: &mut dyn FnMut(Line)) -> io::Result<usize> {
        let mut buffer = vec![0; CHUNK_BYTES.min(bytes_max)];
        self.read_with(&mut buffer, bytes_max, &mut |_, line| give(line))
    }

    /// The same with the caller's buffer, which is not kept, and with the identity that the file
    /// had when the bytes were there.
    pub(super) fn read_with(
        &mut self,
        buffer: &mut [u8],
        bytes_max: usize,
        give: &mut dyn FnMut(SourceIdentity, Line),
    ) -> io::Result<usize> {
        let Self { file, assembler, line_end, is_within_line, identity, .. } = self;
        let mut total = 0;
        while total < bytes_max {
            let room = buffer.len().min(bytes_max - total);
            let read = file.read_at(&mut buffer[..room], assembler.position())?;
            if read > 0 && !identity.is_complete() {
                *identity = SourceIdentity::of(file)?;
            }
            assembler.push(&buffer[..read], &mut |line| {
                *line_end = line.end;
                *is_within_line = line.part.is_some_and(|part| part.total.is_none());
                give(*identity, line);
            });
            total += read;
            // A short read is the end for now; the next look tells if it was not.
            if read < room {
                break;
            }
        }
        Ok(total)
    }

    /// Gives the last line, when the file ended without a line feed and nothing more will come: none,
    /// one, or two with a carriage return between.
    pub fn finish(&mut self, give: &mut dyn FnMut(Line)) {
        let Self { assembler, line_end, is_within_line, .. } = self;
        assembler.finish_each(&mut |line| {
            *line_end = line.end;
            *is_within_line = false;
            give(line);
        });
    }

    fn start_again(&mut self) -> io::Result<()> {
        let mut lines = Vec::new();
        self.assembler.finish_each(&mut |line| lines.push(line));
        self.cut_off = lines;
        self.identity = SourceIdentity::of(&self.file)?;
        self.assembler = LineAssembler::new(0).with_ansi(self.ansi);
        self.line_end = 0;
        self.is_within_line = false;
        Ok(())
    }
}

/// The lines right before the position, where a private key may be begun in them; else none. What
/// cannot be read holds none.
pub(super) fn lines_before(file: &dyn SourceFile, position: u64) -> Box<[Line]> {
    let mut head = [0; 3];
    let length = file.read_at(&mut head, 0).unwrap_or(0);
    let encoding = Encoding::of_head(&head[..length]).0;
    let from = position.saturating_sub(BEFORE_BYTES as u64);
    let mut before = vec![0; (position - from) as usize];
    let mut filled = 0;
    while let Ok(read @ 1..) = file.read_at(&mut before[filled..], from + filled as u64) {
        filled += read;
    }
    let before = &before[..filled];
    let may_begin = encoding != Encoding::Bytes || memmem::find(before, KEY_BEGIN).is_some();
    let mut lines = Vec::new();
    if may_begin {
        let mut assembler = LineAssembler::new(from.max(1)).with_encoding(encoding);
        assembler.push(before, &mut |line| lines.push(line));
    }
    lines.into()
}

/// Whether a line ends right before the position. What cannot be read says nothing against it.
fn ends_line(file: &dyn SourceFile, position: u64, encoding: Encoding) -> bool {
    let mut before = Vec::new();
    for position in position.saturating_sub(2)..position {
        let mut byte = [0];
        match file.read_at(&mut byte, position) {
            Ok(1) => before.extend(byte),
            _ => return true,
        }
    }
    encoding.ends_line(&before)
}
