//! Counts what goes into an unpacker and what comes out, and stops it where its limits say.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::{Packing, UnpackError, UnpackLimits, unpack_error};

/// Unpacked bytes up to which the ratio is not looked at: a file of a few blanks packs very well.
const RATIO_FREE_BYTES: u64 = 16 << 20;

/// Unpacked bytes that an honest line stands for at least, where much is packed into little: a line
/// end is a byte in the file, but a record in the log.
const LINE_BYTES_LEAST: u64 = 20;

/// Lines up to which they are not compared with the packed bytes.
const FREE_LINES: u64 = 1 << 18;

/// What was read from the packed side, and whether that failed.
#[derive(Clone, Default)]
pub(super) struct Count {
    bytes: Rc<Cell<u64>>,
    has_failed: Rc<Cell<bool>>,
}

/// The packed side.
pub(super) struct Counted<R> {
    inner: R,
    count: Count,
}

impl<R> Counted<R> {
    pub(super) fn new(inner: R) -> (Self, Count) {
        let count = Count::default();
        (Self { inner, count: count.clone() }, count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let result = self.inner.read(into);
        match &result {
            Ok(read) => self.count.bytes.set(self.count.bytes.get() + *read as u64),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => self.count.has_failed.set(true),
        }
        result
    }
}

/// What was unpacked so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unpacked {
    bytes: u64,
    /// Line feeds, and carriage returns, which end lines too.
    line_ends: [u64; 2],
}

impl Unpacked {
    /// With so many bytes before those that are counted.
    pub(crate) fn behind(bytes: u64) -> Self {
        Self { bytes, line_ends: [0; 2] }
    }

    /// Counts more.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        for (count, end) in self.line_ends.iter_mut().zip(*b"\n\r") {
            *count += memchr::memchr_iter(end, bytes).count() as u64;
        }
    }

    /// Whether it is no more than so many packed bytes may hold.
    pub(crate) fn check(&self, packed: u64, limits: &UnpackLimits) -> Result<(), UnpackError> {
        let UnpackLimits { ratio, total, .. } = *limits;
        if self.bytes > total {
            return Err(UnpackError::Total { limit: total });
        }
        if self.bytes > RATIO_FREE_BYTES && self.bytes / ratio.max(1) > packed {
            return Err(UnpackError::Ratio { unpacked: self.bytes, packed, limit: ratio });
        }
        let lines = self.line_ends[0].max(self.line_ends[1]);
        let limit = (ratio / LINE_BYTES_LEAST).max(1);
        if lines > FREE_LINES && lines / limit > packed {
            return Err(UnpackError::Lines { lines, packed, limit });
        }
        Ok(())
    }
}

/// The unpacked side.
pub(super) struct Guarded<R> {
    inner: R,
    packed: Count,
    unpacked: Unpacked,
    packing: Packing,
    limits: UnpackLimits,
}

impl<R> Guarded<R> {
    pub(super) fn new(inner: R, packed: Count, packing: Packing, limits: UnpackLimits) -> Self {
        Self { inner, packed, unpacked: Unpacked::default(), packing, limits }
    }

    /// What the unpacker complains of; errors of the packed side stay as they are.
    fn sort(&self, error: io::Error) -> io::Error {
        if self.packed.has_failed.get() || error.kind() == io::ErrorKind::Interrupted {
            return error;
        }
        if unpack_error(&error).is_some() {
            return error;
        }
        let packing = self.packing;
        let text = error.to_string();
        let wants_memory = text.contains("too much memory") || text.contains("mem_limit");
        match error.kind() {
            io::ErrorKind::UnexpectedEof => UnpackError::CutShort { packing },
            _ if text.contains("incomplete frame") => UnpackError::CutShort { packing },
            _ if wants_memory => UnpackError::Window { packing, limit: self.limits.window },
            _ => UnpackError::Damaged { packing, text },
        }
        .into()
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into).map_err(|error| self.sort(error))?;
        self.unpacked.add(&into[..read]);
        self.unpacked.check(self.packed.bytes.get(), &self.limits)?;
        Ok(read)
    }
}
