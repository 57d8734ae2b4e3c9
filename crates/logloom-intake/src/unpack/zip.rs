//! The members of a zip archive, from its directory at the end.
//!
//! Takes a reader that can seek, gives the members one after the other ([`Archive::next`]) and the
//! unpacked bytes of each ([`open`]). Nothing is kept of the directory but the member under the
//! hand, so a million members cost no memory. Stored, deflated, bzip2, zstd and xz members are
//! read, with ZIP64 sizes; encrypted ones and other methods are refused by name. A member that
//! does not have the length and the checksum that the directory states is damaged.
//!
//! Names are labels only: nothing is ever written under them.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::{Packing, UnpackError, UnpackLimits, unpack};

const END: &[u8; 4] = b"PK\x05\x06";
const END_BYTES: u64 = 22;
const COMMENT_BYTES_MAX: u64 = 65_535;
const LOCATOR: &[u8; 4] = b"PK\x06\x07";
const END64: &[u8; 4] = b"PK\x06\x06";
const ENTRY: &[u8; 4] = b"PK\x01\x02";
const LOCAL: &[u8; 4] = b"PK\x03\x04";
const ZIP64: u16 = 1;
const ENCRYPTED: u16 = 1;

/// One member as the directory states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name as text; bytes that are no UTF-8 became U+FFFD.
    pub name: String,
    /// Bytes in the archive.
    pub packed: u64,
    /// Bytes when unpacked.
    pub unpacked: u64,
    method: u16,
    flags: u16,
    crc: u32,
    at: u64,
}

impl Member {
    /// Whether it is a folder, which holds nothing.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.name.ends_with('/') && self.unpacked == 0
    }
}

/// The directory of an archive.
pub struct Archive<R> {
    directory: BufReader<R>,
    left: u64,
    /// Bytes of the archive.
    pub length: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// Finds the directory.
    ///
    /// # Errors
    /// There is none, or the archive cannot be read.
    pub fn open(mut archive: R) -> io::Result<Self> {
        let length = archive.seek(SeekFrom::End(0))?;
        let tail = length.min(END_BYTES + COMMENT_BYTES_MAX);
        archive.seek(SeekFrom::Start(length - tail))?;
        let mut bytes = Vec::new();
        archive.by_ref().take(tail).read_to_end(&mut bytes)?;
        let end = (0..bytes.len().saturating_sub(END_BYTES as usize - 1))
            .rev()
            .find(|at| bytes[*at..].starts_with(END))
            .ok_or_else(|| damaged("it has no directory at its end"))?;
        let mut place = Place { entries: short(&bytes[end..], 10).into(), at: 0 };
        place.at = word(&bytes[end..], 16).into();
        if place.entries == 0xffff || place.at == 0xffff_ffff {
            place = place64(&mut archive, &bytes[..end], place)?;
        }
        if place.at > length {
            return Err(damaged("its directory lies behind its end"));
        }
        archive.seek(SeekFrom::Start(place.at))?;
        Ok(Self { directory: BufReader::new(archive), left: place.entries, length })
    }

    /// The next member; `None` behind the last one.
    ///
    /// # Errors
    /// The directory is damaged or cannot be read.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot fail and end")]
    pub fn next(&mut self) -> io::Result<Option<Member>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut head = [0; 46];
        fill(&mut self.directory, &mut head)?;
        if !head.starts_with(ENTRY) {
            return Err(damaged("an entry of its directory does not begin as one"));
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(short(&head, at)));
        let mut rest = vec![0; name + extra + comment];
        fill(&mut self.directory, &mut rest)?;
        let mut member = Member {
            name: String::from_utf8_lossy(&rest[..name]).into_owned(),
            packed: word(&head, 20).into(),
            unpacked: word(&head, 24).into(),
            method: short(&head, 10),
            flags: short(&head, 8),
            crc: word(&head, 16),
            at: word(&head, 42).into(),
        };
        widen(&mut member, &rest[name..name + extra]);
        Ok(Some(member))
    }
}

/// Where the directory is.
struct Place {
    entries: u64,
    at: u64,
}

/// The same from the ZIP64 record, which the locator before the end points to.
fn place64<R: Read + Seek>(archive: &mut R, before: &[u8], place: Place) -> io::Result<Place> {
    let Some(locator) = before.len().checked_sub(20).map(|at| &before[at..]) else {
        return Ok(place);
    };
    if !locator.starts_with(LOCATOR) {
        return Ok(place);
    }
    archive.seek(SeekFrom::Start(long(locator, 8)))?;
    let mut end = [0; 56];
    fill(archive, &mut end)?;
    if !end.starts_with(END64) {
        return Err(damaged("its ZIP64 directory is not where it says"));
    }
    Ok(Place { entries: long(&end, 32), at: long(&end, 48) })
}

/// Sizes and place of more than 32 bits stand in an extra field, in this order.
fn widen(member: &mut Member, mut extra: &[u8]) {
    while extra.len() >= 4 {
        let (tag, length) = (short(extra, 0), usize::from(short(extra, 2)));
        let Some(body) = extra.get(4..4 + length) else { return };
        if tag == ZIP64 {
            let wanted = [&mut member.unpacked, &mut member.packed, &mut member.at];
            let narrow = wanted.into_iter().filter(|value| **value == 0xffff_ffff);
            for (value, wide) in narrow.zip(body.chunks_exact(8)) {
                *value = long(wide, 0);
            }
        }
        extra = &extra[4 + length..];
    }
}

/// Gives the unpacked bytes of a member.
///
/// # Errors
/// The member is encrypted, packed by a method that is not known here, or not where the directory
/// says; the archive cannot be read.
pub fn open<'a, R: Read + Seek + 'a>(
    mut archive: R,
    member: &Member,
    limits: UnpackLimits,
) -> io::Result<Box<dyn Read + 'a>> {
    if member.flags & ENCRYPTED != 0 {
        return Err(damaged("the member is encrypted"));
    }
    archive.seek(SeekFrom::Start(member.at))?;
    let mut head = [0; 30];
    fill(&mut archive, &mut head)?;
    if !head.starts_with(LOCAL) {
        return Err(damaged("the member is not where the directory says"));
    }
    let skipped = i64::from(short(&head, 26)) + i64::from(short(&head, 28));
    archive.seek(SeekFrom::Current(skipped))?;
    let packed = archive.take(member.packed);
    let unpacked: Box<dyn Read + 'a> = match member.method {
        0 => Box::new(packed),
        8 => inflate(packed, limits),
        12 => unpack(packed, Packing::Bzip2, limits)?,
        93 => unpack(packed, Packing::Zstd, limits)?,
        95 => unpack(packed, Packing::Xz, limits)?,
        other => {
            return Err(damaged(&format!(
                "the member is packed by method {other}, not known here"
            )));
        }
    };
    Ok(Box::new(Checked {
        inner: unpacked,
        left: member.unpacked,
        crc: crc32fast::Hasher::new(),
        expected: member.crc,
    }))
}

fn inflate<'a>(packed: impl Read + 'a, limits: UnpackLimits) -> Box<dyn Read + 'a> {
    let (counted, count) = super::Counted::new(packed);
    let ahead = BufReader::with_capacity(super::READ_AHEAD, counted);
    let inflated = super::gzip::Inflated::new(ahead);
    Box::new(super::Guarded::new(inflated, count, Packing::Zip, limits))
}

/// Holds a member to its length and checksum.
struct Checked<R> {
    inner: R,
    left: u64,
    crc: crc32fast::Hasher,
    expected: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.crc.update(&into[..read]);
        let Some(left) = self.left.checked_sub(read as u64) else {
            return Err(damaged("the member is longer than the directory says"));
        };
        self.left = left;
        if read == 0 && !into.is_empty() {
            if left > 0 {
                return Err(UnpackError::CutShort { packing: Packing::Zip }.into());
            }
            if self.crc.clone().finalize() != self.expected {
                return Err(damaged("the member's checksum does not fit its bytes"));
            }
        }
        Ok(read)
    }
}

fn damaged(text: &str) -> io::Error {
    UnpackError::Damaged { packing: Packing::Zip, text: text.to_owned() }.into()
}

/// Reads exactly as much; an earlier end is damage.
fn fill(from: &mut impl Read, into: &mut [u8]) -> io::Result<()> {
    from.read_exact(into).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => UnpackError::CutShort { packing: Packing::Zip }.into(),
        _ => error,
    })
}

/// Little-endian numbers; callers pass slices that hold them.
fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from(short(bytes, at)) | u32::from(short(bytes, at + 2)) << 16
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from(word(bytes, at)) | u64::from(word(bytes, at + 4)) << 32
}
