//! What an unpacker had unpacked when it came upon a damage.
//!
//! Takes an unpacker that writes where it is told to and, when it fails, does not say how much it
//! has written. Gives what was written, then the failure. A NUL byte right before a damage is not
//! told from nothing and is lost.

use std::io::{self, Read};

/// Bytes asked for at once: they are wiped before each read.
const BYTES_AT_ONCE: usize = 64 << 10;

/// Gives everything before a failure, and the failure with the read after it.
pub(super) struct Salvaged<R> {
    inner: R,
    failure: Option<io::Error>,
}

impl<R> Salvaged<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, failure: None }
    }
}

impl<R: Read> Read for Salvaged<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let most = into.len().min(BYTES_AT_ONCE);
        let into = &mut into[..most];
        into.fill(0);
        let failure = match self.inner.read(into) {
            Ok(read) => return Ok(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => error,
        };
        match into.iter().rposition(|byte| *byte != 0) {
            None => Err(failure),
            Some(last) => {
                self.failure = Some(failure);
                Ok(last + 1)
            }
        }
    }
}
