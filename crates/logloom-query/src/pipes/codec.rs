//! Bytes of states and keys in runs on disk: numbers and texts behind their lengths.
//!
//! What is read was written by this process and is checked all the same: a short record is an
//! error, never a panic.

use std::io;

use crate::Key;

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(crate) fn put_key(out: &mut Vec<u8>, key: Option<Key>) {
    let Some(key) = key else { return out.push(0) };
    out.push(1);
    out.extend_from_slice(&key.time.to_le_bytes());
    put_number(out, key.birth);
    put_number(out, key.file as u64);
    put_number(out, key.offset);
}

/// Reads what was put.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn bytes(&mut self) -> io::Result<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).map_err(|_| short())?)
    }

    pub(crate) fn text(&mut self) -> io::Result<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(io::Error::other)
    }

    pub(crate) fn number(&mut self) -> io::Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(short())
    }

    pub(crate) fn byte(&mut self) -> io::Result<u8> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| short())
    }

    pub(crate) fn key(&mut self) -> io::Result<Option<Key>> {
        if self.byte()? == 0 {
            return Ok(None);
        }
        let time = i64::from_le_bytes(self.array()?);
        let (birth, file, offset) = (self.number()?, self.number()? as usize, self.number()?);
        Ok(Some(Key { time, birth, file, offset }))
    }

    fn take(&mut self, length: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(short)?;
        self.0 = rest;
        Ok(taken)
    }
}

fn short() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a temporary file holds less than was written")
}
