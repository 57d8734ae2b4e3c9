//! A plain file into a compressed one. In come an open file and an end, out go members of about 256 KiB of
//! whole lines. Memory: one member, and with it the longest line. May be told to stop between two members. Each
//! member is shown to whoever makes an index of the file.

use std::io;
use std::ops::Range;

use super::Codec;
use super::coder::Packer;
use super::member::RAW_MAX;
use crate::scan::quick_tally;
use crate::sys::File;

/// Raw bytes of a member, if no line is longer and nothing else is wanted.
pub(crate) const MEMBER: usize = 256 * 1024;

/// A member that was packed.
pub(crate) struct Packing<'a> {
    /// Its lines, and where they stand in the plain file.
    pub(crate) raw: &'a [u8],
    pub(crate) offset: u64,
    /// The member, and where it stands in the packed one.
    pub(crate) packed: &'a [u8],
    pub(crate) at: u64,
}

/// Packs the first `end` bytes of `source` into `target`, from its start on, `member` bytes at a time. Returns the packed length, or
/// `None` when `is_ending` said to stop; the target is of no use then.
pub(crate) fn pack_file(
    source: &File,
    (end, member): (u64, usize),
    target: &File,
    codec: Codec,
    is_ending: &dyn Fn() -> bool,
    shown: &mut dyn FnMut(Packing<'_>),
) -> io::Result<Option<u64>> {
    let mut packer = Packer::new(codec)?;
    let (mut raw, mut packed) = (Vec::new(), Vec::new());
    let (mut offset, mut written) = (0, 0);
    while offset < end {
        if is_ending() {
            return Ok(None);
        }
        read_lines(source, offset..end, member, &mut raw)?;
        packer.pack(&raw, offset, quick_tally(&raw), &mut packed)?;
        target.write_at(&packed, written)?;
        shown(Packing { raw: &raw, offset, packed: &packed, at: written });
        offset += raw.len() as u64;
        written += packed.len() as u64;
    }
    Ok(Some(written))
}

/// Whole lines of this range, from its start on: as many as fit into a member, at least one.
pub(crate) fn read_lines(
    source: &File,
    Range { start: offset, end }: Range<u64>,
    member: usize,
    raw: &mut Vec<u8>,
) -> io::Result<()> {
    let rest = usize::try_from(end - offset).unwrap_or(usize::MAX);
    let mut wanted = member.max(1).min(rest);
    loop {
        raw.resize(wanted, 0);
        if source.read_at(raw, offset)? < wanted {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file is shorter than its catalogue says",
            ));
        }
        if let Some(at) = memchr::memrchr(b'\n', raw) {
            raw.truncate(at + 1);
            return Ok(());
        }
        if wanted == rest {
            return Ok(());
        }
        if wanted >= RAW_MAX {
            return Err(io::Error::other("a line is longer than 256 MiB"));
        }
        wanted = wanted.saturating_mul(2).min(rest).min(RAW_MAX);
    }
}
