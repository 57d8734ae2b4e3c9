//! A gzip file, read as the text that is packed in it.
//!
//! Takes an open file, gives its unpacked bytes at positions that grow; going back begins anew, but
//! for the first bytes, which are kept. Memory is bounded whatever is packed. A file that ends too
//! early or is damaged ends where it can be unpacked to; the rest is an error.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use flate2::read::MultiGzDecoder;

use super::SourceStat;
use super::file::stat_of;

/// Bytes of the beginning that are kept: as many as are looked at to tell a file from others.
const HEAD_BYTES: usize = 512;

/// Bytes that are skipped at once.
const SKIP_BYTES: usize = 64 * 1024;

/// What is larger than any file: the size while it is not known.
const UNKNOWN_SIZE: u64 = u64::MAX / 2;

/// An open gzip file.
#[derive(Debug)]
pub(super) struct Packed {
    file: File,
    head: Vec<u8>,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    decoder: MultiGzDecoder<io::BufReader<File>>,
    position: u64,
    /// Where it ends, once that was reached.
    end: Option<u64>,
}

impl Packed {
    pub(super) fn open(file: File) -> io::Result<Self> {
        let mut state = State::begin(&file)?;
        let mut head = vec![0; HEAD_BYTES];
        let length = state.fill(&mut head)?;
        head.truncate(length);
        Ok(Self { file, head, state: RefCell::new(state) })
    }

    pub(super) fn stat(&self) -> io::Result<SourceStat> {
        let size = self.state.borrow().end.unwrap_or(UNKNOWN_SIZE);
        Ok(SourceStat { size, ..stat_of(&self.file.metadata()?) })
    }

    pub(super) fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let from_head = usize::try_from(position).ok().and_then(|start| self.head.get(start..));
        if let Some(head) = from_head.filter(|head| !head.is_empty()) {
            let length = head.len().min(buffer.len());
            buffer[..length].copy_from_slice(&head[..length]);
            return Ok(length);
        }
        let mut state = self.state.borrow_mut();
        if position < state.position {
            *state = State::begin(&self.file)?;
        }
        state.skip_to(position)?;
        if state.position < position { Ok(0) } else { state.fill(buffer) }
    }
}

impl State {
    fn begin(file: &File) -> io::Result<Self> {
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        let decoder = MultiGzDecoder::new(io::BufReader::new(file));
        Ok(Self { decoder, position: 0, end: None })
    }

    fn skip_to(&mut self, position: u64) -> io::Result<()> {
        let mut skipped = vec![0; SKIP_BYTES];
        while self.position < position && self.end.is_none() {
            let length = (position - self.position).min(SKIP_BYTES as u64) as usize;
            self.fill(&mut skipped[..length])?;
        }
        Ok(())
    }

    /// Reads until the buffer is full or the end is reached.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut length = 0;
        while length < buffer.len() {
            match self.decoder.read(&mut buffer[length..]) {
                Ok(0) => {
                    self.end = Some(self.position);
                    break;
                }
                Ok(read) => {
                    length += read;
                    self.position += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What came before the damage is kept; it is told of when nothing else is left.
                Err(_) if length > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn packed(members: &[&[u8]]) -> Vec<u8> {
        let pack = |bytes: &&[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        members.iter().flat_map(pack).collect()
    }

    fn open(bytes: &[u8]) -> Packed {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Packed::open(file).unwrap()
    }

    fn read(packed: &Packed, position: u64, length: usize) -> Vec<u8> {
        let mut buffer = vec![0; length];
        let read = packed.read_at(&mut buffer, position).unwrap();
        buffer.truncate(read);
        buffer
    }

    #[test]
    fn every_position_can_be_read() {
        let text: Vec<u8> = (0..200_000u32).flat_map(|n| (n % 251).to_le_bytes()).collect();
        let packed = open(&packed(&[&text[..300_000], &text[300_000..]]));
        assert_eq!(packed.stat().unwrap().size, UNKNOWN_SIZE);
        for position in [0, 100, 511, 512, 70_000, 300_001, 299_990, 799_999, 5] {
            let found = read(&packed, position as u64, 400);
            assert!(!found.is_empty());
            assert_eq!(found, text[position..position + found.len()], "{position}");
        }
        assert!(read(&packed, 800_000, 1).is_empty());
        assert!(read(&packed, 900_000, 1).is_empty());
        assert_eq!(packed.stat().unwrap().size, 800_000);
    }

    #[test]
    fn damaged_files_end_with_an_error() {
        let text = vec![b'x'; 100_000];
        let whole = packed(&[&text]);
        let cut = open(&whole[..whole.len() - 20]);
        let mut position = 0;
        let error = loop {
            match cut.read_at(&mut [0; 4_096], position) {
                Ok(0) => panic!("it ends as if nothing were wrong"),
                Ok(read) => position += read as u64,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"no gzip").unwrap();
        assert!(Packed::open(file).is_err());
    }
}
