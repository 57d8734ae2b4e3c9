//! The beginning of the chunk of xz that a file was cut in.
//!
//! The decoder takes a chunk (up to 64 KiB packed, 2 MiB unpacked) only when all of it is there. So
//! it is given the missing bytes twice, once all zeros and once all ones: what comes out alike both
//! times follows from the bytes that are there, as every other continuation lies between the two.

use std::io::{self, Read};

use super::{Packing, UnpackLimits, unpacker};

/// More than a chunk lacks at most.
const PADDING_BYTES: u64 = 128 << 10;

/// More than a chunk holds.
const REST_BYTES_MAX: usize = 4 << 20;

/// What a file of xz that is cut short holds behind the `position` unpacked bytes that
/// [`super::unpack`] gives. `open` opens the packed file anew; it is read twice. Gives at most
/// 4 MiB.
///
/// # Errors
/// The file cannot be opened.
pub fn rest_of_cut_xz<R: Read>(
    mut open: impl FnMut() -> io::Result<R>,
    position: u64,
    limits: UnpackLimits,
) -> io::Result<Vec<u8>> {
    let mut padded = |byte| -> io::Result<_> {
        let whole = open()?.chain(io::repeat(byte).take(PADDING_BYTES));
        Ok(skipped(unpacker(io::BufReader::new(whole), Packing::Xz, limits)?, position))
    };
    let (Some(mut low), Some(mut high)) = (padded(0)?, padded(0xff)?) else {
        return Ok(Vec::new());
    };
    let mut rest = Vec::new();
    while rest.len() < REST_BYTES_MAX {
        match (next(&mut low), next(&mut high)) {
            (Some(one), Some(other)) if one == other => rest.push(one),
            _ => break,
        }
    }
    Ok(rest)
}

/// The reader behind the bytes up to `position`.
fn skipped<R: Read>(mut reader: R, position: u64) -> Option<R> {
    let mut left = position;
    let mut into = vec![0; 64 << 10];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
        match reader.read(&mut into[..most]) {
            Ok(0) => return None,
            Ok(read) => left -= read as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    Some(reader)
}

/// One byte at a time, so that nothing is decoded beyond what is asked for.
fn next(reader: &mut impl Read) -> Option<u8> {
    let mut byte = [0];
    matches!(reader.read(&mut byte), Ok(1)).then_some(byte[0])
}
