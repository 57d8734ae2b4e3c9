//! One member: raw lines to packed bytes and back. In come whole lines, out goes a whole member, checked by
//! unpacking it again before it is trusted; or raw bytes whose length and checksum fit. Everything else is
//! refused with its reason. Memory: one member each way.

use std::io;

use super::Codec;
use super::member::{Member, frame, write_head};
use crate::head::slot::Tally;

/// The level of libdeflate whose ratio is that of `gzip -6`, three times as fast.
const GZIP_LEVEL: i32 = 5;
/// The zstd level: packs as fast as gzip and a fifth smaller.
#[cfg(feature = "zstd")]
const ZSTD_LEVEL: i32 = 6;

/// Makes members.
pub(crate) struct Packer {
    codec: Codec,
    gzip: libdeflater::Compressor,
    #[cfg(feature = "zstd")]
    zstd: zstd::bulk::Compressor<'static>,
    check: Unpacker,
    checked: Vec<u8>,
}

impl Packer {
    pub(crate) fn new(codec: Codec) -> io::Result<Packer> {
        let level = libdeflater::CompressionLvl::new(GZIP_LEVEL)
            .map_err(|_| io::Error::other("no such level"))?;
        Ok(Packer {
            codec,
            gzip: libdeflater::Compressor::new(level),
            #[cfg(feature = "zstd")]
            zstd: zstd_packer()?,
            check: Unpacker::new(codec)?,
            checked: Vec::new(),
        })
    }

    /// The member of `raw`, whole lines that begin at `offset` of the plain file, into `out`.
    ///
    /// # Errors
    /// The codec is not part of this program, `raw` is 4 GiB or longer, or what came out does not
    /// unpack to what went in.
    pub(crate) fn pack(
        &mut self,
        raw: &[u8],
        offset: u64,
        tally: Tally,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let (head, tail) = frame(self.codec);
        let length = self.code(raw, head, tail, out)?;
        let whole = head + length + tail;
        let size = |length: usize| u32::try_from(length).map_err(|_| too_long());
        let member = Member { packed: size(whole)?, raw: size(raw.len())?, offset, tally };
        out.truncate(whole);
        write_head(self.codec, &member, out);
        if self.codec == Codec::Gzip {
            out[head + length..][..4].copy_from_slice(&crc32fast::hash(raw).to_le_bytes());
            out[head + length + 4..].copy_from_slice(&member.raw.to_le_bytes());
        }
        // A fault of memory or processor must show now, while the plain lines are still there.
        self.check.unpack(out, raw.len(), &mut self.checked).map_err(io::Error::other)?;
        match self.checked == raw {
            true => Ok(()),
            false => Err(io::Error::other("the packed lines do not unpack to what was packed")),
        }
    }

    /// Packs `raw` behind room for the head; returns the packed length.
    fn code(
        &mut self,
        raw: &[u8],
        head: usize,
        tail: usize,
        out: &mut Vec<u8>,
    ) -> io::Result<usize> {
        match self.codec {
            Codec::Gzip => {
                let bound = self.gzip.deflate_compress_bound(raw.len());
                out.resize(head + bound + tail, 0);
                let packed = self.gzip.deflate_compress(raw, &mut out[head..head + bound]);
                packed.map_err(|_| io::Error::other("the packed lines do not fit"))
            }
            #[cfg(feature = "zstd")]
            Codec::Zstd => {
                out.resize(head + zstd::zstd_safe::compress_bound(raw.len()) + tail, 0);
                self.zstd.compress_to_buffer(raw, &mut out[head..])
            }
            #[cfg(not(feature = "zstd"))]
            Codec::Zstd => Err(no_zstd()),
        }
    }
}

#[cfg(feature = "zstd")]
fn zstd_packer() -> io::Result<zstd::bulk::Compressor<'static>> {
    let mut packer = zstd::bulk::Compressor::new(ZSTD_LEVEL)?;
    packer.include_checksum(true)?;
    packer.include_contentsize(true)?;
    Ok(packer)
}

fn too_long() -> io::Error {
    io::Error::other("a member cannot hold a line of 4 GiB or more")
}

/// Why a zstd file cannot be handled.
#[cfg(not(feature = "zstd"))]
pub(crate) fn no_zstd() -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        "this program was built without zstd (cargo feature `zstd` of logloom): the logloom command reads it",
    )
}

/// Unpacks members.
pub(crate) struct Unpacker {
    codec: Codec,
    gzip: libdeflater::Decompressor,
    /// Made for files that need it: it is large.
    #[cfg(feature = "zstd")]
    zstd: Option<zstd::bulk::Decompressor<'static>>,
}

impl Unpacker {
    pub(crate) fn new(codec: Codec) -> io::Result<Unpacker> {
        Ok(Unpacker {
            codec,
            gzip: libdeflater::Decompressor::new(),
            #[cfg(feature = "zstd")]
            zstd: match codec {
                Codec::Gzip => None,
                Codec::Zstd => Some(zstd::bulk::Decompressor::new()?),
            },
        })
    }

    /// Unpacks a whole member of `length` raw bytes into `raw`; the error says what is wrong with it.
    pub(crate) fn unpack(
        &mut self,
        member: &[u8],
        length: usize,
        raw: &mut Vec<u8>,
    ) -> Result<(), String> {
        let (head, tail) = frame(self.codec);
        let (packed, trailer) = match member.len().checked_sub(tail).filter(|end| *end > head) {
            Some(end) => (&member[head..end], &member[end..]),
            None => return Err("it is too short".to_owned()),
        };
        raw.resize(length, 0);
        let unpacked = match self.codec {
            Codec::Gzip => self
                .gzip
                .deflate_decompress(packed, raw)
                .map_err(|error| format!("its packed bytes are no deflate data: {error:?}"))?,
            #[cfg(feature = "zstd")]
            Codec::Zstd => self
                .zstd
                .as_mut()
                .ok_or("it cannot be unpacked")?
                .decompress_to_buffer(packed, raw.as_mut_slice())
                .map_err(|error| error.to_string())?,
            #[cfg(not(feature = "zstd"))]
            Codec::Zstd => return Err(no_zstd().to_string()),
        };
        if unpacked != length {
            return Err(format!("it holds {unpacked} bytes instead of {length}"));
        }
        let crc32 = || crc32fast::hash(raw).to_le_bytes();
        match self.codec == Codec::Gzip && trailer[..4] != crc32() {
            true => Err("its checksum does not fit".to_owned()),
            false => Ok(()),
        }
    }
}
