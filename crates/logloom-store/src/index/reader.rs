//! Reading single blocks of a file, each thread for itself. In comes a block of the index, out go its lines, checked
//! against it. A block that is not what the index says makes the index of no use: the caller reads the file without.

use std::io;
use std::sync::Arc;

use super::blocks::Block;
use crate::packed::Codec;
use crate::packed::coder::Unpacker;
use crate::packed::member::read_head;
use crate::sys::File;

/// Why a block was not read.
#[derive(Debug)]
#[non_exhaustive]
pub enum BlockError {
    /// The file is not the one that the index is of, or is damaged here: read it without the index.
    Differs(String),
    /// The device failed.
    Io(io::Error),
}

impl std::fmt::Display for BlockError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BlockError::Differs(reason) => formatter.write_str(reason),
            BlockError::Io(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for BlockError {}

/// Reads blocks of one file. One for each thread; all read the file as it was when its index was opened, also when
/// it was deleted since. Memory: a packed block.
pub struct BlockReader {
    file: Arc<File>,
    form: Form,
    packed: Vec<u8>,
}

enum Form {
    Plain,
    Packed(Codec, Box<Unpacker>),
}

impl BlockReader {
    pub(super) fn new(file: Arc<File>, codec: Option<Codec>) -> io::Result<BlockReader> {
        let form = match codec {
            None => Form::Plain,
            Some(codec) => Form::Packed(codec, Box::new(Unpacker::new(codec)?)),
        };
        Ok(BlockReader { file, form, packed: Vec::new() })
    }

    /// The lines of a block, in place of what `lines` holds. Blocks for the device and for unpacking.
    ///
    /// # Errors
    /// The device failed, or the block is not what the index says.
    pub fn read(&mut self, block: &Block, lines: &mut Vec<u8>) -> Result<(), BlockError> {
        let size = self.file.stat().map_err(BlockError::Io)?.size;
        // No index makes a reader take more memory than its file has bytes.
        if block.at.checked_add(block.stored.into()).is_none_or(|end| end > size) {
            return Err(BlockError::Differs("the file is shorter than its index says".to_owned()));
        }
        match &mut self.form {
            Form::Plain => {
                lines.resize(block.stored as usize, 0);
                fill(&self.file, lines, block.at)?;
                check(crc32fast::hash(lines) == block.crc32 && block.raw == block.stored)
            }
            Form::Packed(codec, unpacker) => {
                self.packed.resize(block.stored as usize, 0);
                fill(&self.file, &mut self.packed, block.at)?;
                let head = read_head(*codec, &self.packed).filter(|head| {
                    (head.packed, head.raw, head.offset) == (block.stored, block.raw, block.offset)
                });
                check(head.is_some())?;
                let raw = block.raw as usize;
                unpacker.unpack(&self.packed, raw, lines).map_err(BlockError::Differs)?;
                check(crc_of(*codec, &self.packed, lines) == block.crc32)
            }
        }
    }
}

/// The checksum of the lines of a member that was unpacked.
pub(crate) fn crc_of(codec: Codec, member: &[u8], lines: &[u8]) -> u32 {
    match (codec, member.last_chunk::<8>()) {
        // Compared with the lines when they were unpacked.
        (Codec::Gzip, Some([a, b, c, d, ..])) => u32::from_le_bytes([*a, *b, *c, *d]),
        _ => crc32fast::hash(lines),
    }
}

fn fill(file: &File, buffer: &mut [u8], at: u64) -> Result<(), BlockError> {
    let length = file.read_at(buffer, at).map_err(BlockError::Io)?;
    check(length == buffer.len())
}

fn check(fits: bool) -> Result<(), BlockError> {
    let differs = || BlockError::Differs("the file is not the one that its index is of".to_owned());
    if fits { Ok(()) } else { Err(differs()) }
}
