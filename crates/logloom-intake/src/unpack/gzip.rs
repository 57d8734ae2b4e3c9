//! gzip, member by member.
//!
//! Takes packed bytes, gives every byte that can be unpacked, also where damage or an end in the
//! middle follows at once; that is told by the read after it. Behind the last whole member zero
//! bytes, with which tapes and disks fill up, are passed over; anything else is told as
//! [`UnpackError::Trailing`], and nothing of the file is lost by it.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

use super::{Packing, UnpackError};

/// The first byte of a member.
const MAGIC: u8 = 0x1f;

/// Bytes behind the data of a member: its checksum and its length.
const TAIL_BYTES: usize = 8;

/// The unpacked bytes of all members.
pub(crate) struct Gzip<R> {
    body: Inflated<Counted<R>>,
    crc: crc32fast::Hasher,
    state: State,
    /// Bytes that were given.
    given: u64,
    member_end: Option<MemberEnd>,
}

/// Where a member has ended, counted from where reading began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemberEnd {
    /// Packed bytes up to there.
    pub(crate) packed: u64,
    /// Unpacked bytes up to there.
    pub(crate) unpacked: u64,
}

/// What comes next.
enum State {
    First,
    Body,
    Tail,
    /// Another member, or the end.
    Next,
}

impl<R: BufRead> Gzip<R> {
    pub(crate) fn new(packed: R) -> Self {
        let packed = Counted { packed, count: 0 };
        Self {
            body: Inflated::new(packed),
            crc: crc32fast::Hasher::new(),
            state: State::First,
            given: 0,
            member_end: None,
        }
    }

    /// For what stands behind a whole member, which may be nothing.
    pub(crate) fn behind_member(packed: R) -> Self {
        Self { state: State::Next, ..Self::new(packed) }
    }

    /// The packed side.
    pub(crate) fn get_ref(&self) -> &R {
        &self.body.packed.packed
    }

    /// Where the last whole member ended; `None` where none has.
    pub(crate) fn member_end(&self) -> Option<MemberEnd> {
        self.member_end
    }

    fn begin(&mut self) -> io::Result<()> {
        let mut head = GzDecoder::new(&mut self.body.packed);
        if head.header().is_none() {
            // The decoder gives its complaint to whoever reads.
            head.read_exact(&mut [0])?;
        }
        self.body.reset();
        self.crc.reset();
        self.state = State::Body;
        Ok(())
    }

    fn check(&mut self) -> io::Result<()> {
        let mut tail = [0; TAIL_BYTES];
        self.body.packed.read_exact(&mut tail)?;
        let sum = self.crc.clone().finalize().to_le_bytes();
        // The length is kept in 32 bits.
        let length = (self.body.inflate.total_out() as u32).to_le_bytes();
        self.state = State::Next;
        if tail != [sum, length].concat()[..] {
            return Err(io::Error::other("the checksum of its data does not fit"));
        }
        self.member_end = Some(MemberEnd { packed: self.body.packed.count, unpacked: self.given });
        Ok(())
    }

    /// Whether another member follows.
    fn find_next(&mut self) -> io::Result<bool> {
        loop {
            let ahead = self.body.packed.fill_buf()?;
            let zeros = ahead.iter().take_while(|byte| **byte == 0).count();
            match ahead.get(zeros) {
                None if ahead.is_empty() => return Ok(false),
                None => self.body.packed.consume(zeros),
                Some(&MAGIC) => {
                    self.body.packed.consume(zeros);
                    return Ok(true);
                }
                Some(_) => return Err(UnpackError::Trailing { packing: Packing::Gzip }.into()),
            }
        }
    }
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            match self.state {
                State::First => self.begin()?,
                State::Body => match self.body.read(into)? {
                    0 => self.state = State::Tail,
                    read => {
                        self.crc.update(&into[..read]);
                        self.given += read as u64;
                        return Ok(read);
                    }
                },
                State::Tail => self.check()?,
                State::Next => {
                    if !self.find_next()? {
                        return Ok(0);
                    }
                    self.begin()?;
                }
            }
        }
    }
}

/// Counts what is taken from it.
struct Counted<R> {
    packed: R,
    count: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.packed.read(into)?;
        self.count += read as u64;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.packed.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.packed.consume(amount);
        self.count += amount as u64;
    }
}

/// The bytes that are packed in one stream of deflate. Unlike the decoder of the library it gives
/// what was unpacked before a damage.
pub(super) struct Inflated<R> {
    packed: R,
    inflate: Decompress,
    is_through: bool,
}

impl<R: BufRead> Inflated<R> {
    pub(super) fn new(packed: R) -> Self {
        Self { packed, inflate: Decompress::new(false), is_through: false }
    }

    fn reset(&mut self) {
        self.inflate.reset(false);
        self.is_through = false;
    }
}

impl<R: BufRead> Read for Inflated<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while !self.is_through && !into.is_empty() {
            let ahead = self.packed.fill_buf()?;
            let is_last = ahead.is_empty();
            let (taken, given) = (self.inflate.total_in(), self.inflate.total_out());
            let result = self.inflate.decompress(ahead, into, FlushDecompress::None);
            let read = (self.inflate.total_out() - given) as usize;
            self.packed.consume((self.inflate.total_in() - taken) as usize);
            self.is_through = matches!(result, Ok(Status::StreamEnd));
            match result {
                // A damage is met again by the next read.
                _ if read > 0 => return Ok(read),
                Ok(Status::StreamEnd) => {}
                Ok(_) if is_last => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                // A second complaint of the library is of itself, not of the data.
                Err(_) => {
                    let text = "its deflate data is broken";
                    return Err(io::Error::new(io::ErrorKind::InvalidData, text));
                }
            }
        }
        Ok(0)
    }
}
