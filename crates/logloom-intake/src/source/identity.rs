//! What makes a file the same file after a restart: device, inode and how it begins.
//!
//! An inode number is used again after its file is gone, and a file that was truncated and
//! written anew keeps its number; the fingerprint of the first bytes tells both apart.

use std::io;

use super::SourceFile;

/// How much of the beginning goes into a fingerprint, in bytes.
const FINGERPRINT_BYTES: usize = 256;

/// Low bits of a fingerprint that hold the number of bytes it covers.
const LENGTH_BITS: u32 = 9;

/// Identity of a file that survives renames and restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SourceIdentity {
    /// The device.
    pub device: u64,
    /// The file's number on that device.
    pub inode: u64,
    /// Hash of the first bytes (at most 256) in the upper 55 bits, their number in the lower 9.
    /// A file that was shorter when first seen keeps matching after it has grown.
    pub fingerprint: u64,
}

impl SourceIdentity {
    /// Reads the identity of an open file as it is now.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn of(file: &dyn SourceFile) -> io::Result<Self> {
        let stat = file.stat()?;
        let mut head = [0; FINGERPRINT_BYTES];
        let length = read_head(file, &mut head)?;
        let fingerprint = fingerprint(&head[..length]);
        Ok(Self { device: stat.device, inode: stat.inode, fingerprint })
    }

    /// Whether this open file is the one that had this identity: same device and inode, and it
    /// still begins with the bytes that the fingerprint covers.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn is(&self, file: &dyn SourceFile) -> io::Result<bool> {
        let stat = file.stat()?;
        Ok((stat.device, stat.inode) == (self.device, self.inode) && self.still_begins(file)?)
    }

    /// Whether the file begins with the bytes that the fingerprint covers, whichever file it is.
    pub(super) fn still_begins(&self, file: &dyn SourceFile) -> io::Result<bool> {
        let covered = self.covers() as usize;
        let mut head = [0; FINGERPRINT_BYTES];
        let covered = covered.min(FINGERPRINT_BYTES);
        let length = read_head(file, &mut head[..covered])?;
        Ok(fingerprint(&head[..length]) == self.fingerprint)
    }

    /// How many bytes the fingerprint covers.
    pub(super) fn covers(&self) -> u64 {
        self.fingerprint & ((1 << LENGTH_BITS) - 1)
    }

    /// Whether the fingerprint covers all that it can; a shorter one may be taken again later.
    pub(super) fn is_complete(&self) -> bool {
        self.covers() == FINGERPRINT_BYTES as u64
    }
}

fn read_head(file: &dyn SourceFile, head: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < head.len() {
        match file.read_at(&mut head[length..], length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            // A packed file that is still being written: what there is of it so far tells it apart.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// FNV-1a over the bytes, shifted to make room for their number. The value is kept on disk, so
/// the function may never change.
fn fingerprint(head: &[u8]) -> u64 {
    let hash = head.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash << LENGTH_BITS) | head.len() as u64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::fingerprint;

    #[test]
    fn fingerprints_never_change() {
        assert_eq!(fingerprint(b""), 0xe539_c908_4446_4a00);
        assert_eq!(fingerprint(b"a") & 0x1ff, 1);
        assert_eq!(fingerprint(&[7; 256]) & 0x1ff, 256);
        assert_ne!(fingerprint(b"a"), fingerprint(b"b"));
    }
}
