//! Packed files as the bytes they were packed from.
//!
//! Takes a reader and its first bytes, tells by these alone what it is packed with ([`Packing`]),
//! and gives a reader of the unpacked bytes: gzip with any number of members, zstd, bzip2 and xz
//! with any number of frames or streams. Archives of several files are told apart from these; see
//! [`zip`].
//!
//! Refuses what would cost too much, by [`UnpackLimits`]: more unpacked bytes than the packed ones
//! can honestly stand for, more than a total, a window larger than the memory it may take. What
//! was given before a refusal or a damage is as it was packed, and all that could be unpacked before
//! it is given (of xz whole chunks, at most
//! 64 KiB packed and 2 MiB unpacked each, the rest by [`rest_of_cut_xz`]). Every error of the returned readers
//! that comes from unpacking carries an [`UnpackError`]; other errors are those of the reader.

mod guard;
mod gzip;
mod salvage;
#[cfg(test)]
mod tests;
mod xz_rest;
pub mod zip;

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

pub(crate) use guard::Unpacked;
use guard::{Counted, Guarded};
pub(crate) use gzip::{Gzip, MemberEnd};
use salvage::Salvaged;
pub use xz_rest::rest_of_cut_xz;

/// Bytes that are read ahead of an unpacker.
const READ_AHEAD: usize = 64 << 10;

/// What a file is packed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Nothing.
    Plain,
    /// gzip, RFC 1952.
    Gzip,
    /// Zstandard, RFC 8878.
    Zstd,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// A zip archive, which holds files of its own.
    Zip,
}

impl Packing {
    /// Tells it by the first bytes; six are enough.
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            _ => Self::Plain,
        }
    }

    /// The name people call it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zip => "zip",
        }
    }
}

/// How much unpacking may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnpackLimits {
    /// Most unpacked bytes for each packed one, counted once 16 MiB have been unpacked. Default
    /// 500: logs reach 10 to 200, a bomb 1,000 and more. Lines are bounded by a twentieth of it, once
    /// there are 262,144: a record takes more room in a log than the line end it stands for.
    pub ratio: u64,
    /// Most unpacked bytes of one file. Default 1 TiB.
    pub total: u64,
    /// Most bytes of history that an unpacker may keep in memory. Default 64 MiB, which is what
    /// `xz -9` asks for; `zstd --ultra -22` and `zstd --long` ask for more. Memory is taken as the
    /// unpacked bytes come, never more than this by one unpacker ([`rest_of_cut_xz`] has two).
    pub window: u64,
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self { ratio: 500, total: 1 << 40, window: 64 << 20 }
    }
}

/// Why a packed file is not unpacked any further.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnpackError {
    /// Its bytes are not what its packing asks for.
    Damaged {
        /// The packing.
        packing: Packing,
        /// What the unpacker found.
        text: String,
    },
    /// It ends in the middle.
    CutShort {
        /// The packing.
        packing: Packing,
    },
    /// Something else stands behind its end. All of it was given.
    Trailing {
        /// The packing.
        packing: Packing,
    },
    /// It grows beyond [`UnpackLimits::ratio`].
    Ratio {
        /// Unpacked bytes so far.
        unpacked: u64,
        /// Packed bytes they came from.
        packed: u64,
        /// The limit.
        limit: u64,
    },
    /// It has more lines than its packed bytes can honestly stand for.
    Lines {
        /// Lines so far.
        lines: u64,
        /// Packed bytes they came from.
        packed: u64,
        /// Most lines for each packed byte.
        limit: u64,
    },
    /// It grows beyond [`UnpackLimits::total`].
    Total {
        /// The limit.
        limit: u64,
    },
    /// It asks for more memory than [`UnpackLimits::window`].
    Window {
        /// The packing.
        packing: Packing,
        /// The limit.
        limit: u64,
    },
}

impl fmt::Display for UnpackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { packing, text } => {
                write!(f, "damaged {}: {text}", packing.name())
            }
            Self::CutShort { packing } => {
                write!(f, "cut short: the {} data ends in the middle", packing.name())
            }
            Self::Trailing { packing } => write!(
                f,
                "something else stands behind the end of the {} data and is left",
                packing.name()
            ),
            Self::Ratio { unpacked, packed, limit } => write!(
                f,
                "unpacks to {unpacked} bytes from {packed}, more than {limit} to 1, as a bomb does"
            ),
            Self::Lines { lines, packed, limit } => write!(
                f,
                "unpacks to {lines} lines from {packed} bytes, more than {limit} to 1, as a bomb does"
            ),
            Self::Total { limit } => write!(f, "unpacks to more than {limit} bytes"),
            Self::Window { packing, limit } => write!(
                f,
                "needs more than {} MiB of memory to unpack: unpack it with {} itself",
                limit >> 20,
                packing.name()
            ),
        }
    }
}

impl std::error::Error for UnpackError {}

impl From<UnpackError> for io::Error {
    fn from(error: UnpackError) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}

/// The [`UnpackError`] that an error of a reader carries.
#[must_use]
pub fn unpack_error(error: &io::Error) -> Option<&UnpackError> {
    error.get_ref()?.downcast_ref()
}

/// Gives the unpacked bytes of `packed`. A zip archive is given as it is.
///
/// # Errors
/// No memory for the unpacker.
pub fn unpack<'a>(
    packed: impl Read + 'a,
    packing: Packing,
    limits: UnpackLimits,
) -> io::Result<Box<dyn Read + 'a>> {
    if matches!(packing, Packing::Plain | Packing::Zip) {
        return Ok(Box::new(packed));
    }
    let (counted, count) = Counted::new(packed);
    let ahead = BufReader::with_capacity(READ_AHEAD, counted);
    let unpacked = unpacker(ahead, packing, limits)?;
    Ok(Box::new(Guarded::new(unpacked, count, packing, limits)))
}

fn unpacker<'a>(
    ahead: impl BufRead + 'a,
    packing: Packing,
    limits: UnpackLimits,
) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match packing {
        Packing::Plain | Packing::Zip => Box::new(ahead),
        Packing::Gzip => Box::new(Gzip::new(ahead)),
        Packing::Bzip2 => Box::new(Salvaged::new(bzip2::bufread::MultiBzDecoder::new(ahead))),
        Packing::Xz => {
            // The dictionary and what the decoder itself needs.
            let kibibytes = (limits.window >> 10).saturating_add(256);
            let kibibytes = u32::try_from(kibibytes).unwrap_or(u32::MAX);
            let decoder = lzma_rust2::XzReader::new_mem_limit(ahead, true, kibibytes);
            Box::new(Salvaged::new(decoder))
        }
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(ahead)?;
            decoder.window_log_max(limits.window.max(1 << 10).ilog2().min(31))?;
            Box::new(Salvaged::new(decoder))
        }
    })
}
