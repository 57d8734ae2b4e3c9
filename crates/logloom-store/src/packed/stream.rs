//! A file that somebody else compressed: no heads tell where its lines are, so it is unpacked from its start
//! on. In come offsets, out go bytes. What was unpacked last is kept; going further back begins anew, which
//! takes as long as reading up to there. Memory: 8 MiB. The readable part of a damaged file is given. Nobody adds to
//! such a file, so that a last line without a line feed is over all the same: it is given with one.

use std::io::{self, Read};
use std::sync::{Arc, Mutex};

use super::Codec;
use super::reader::fill;
use super::table::Damage;
use crate::directory::lock;
use crate::sys::File;

const CHUNK: usize = 256 * 1024;
const KEPT: usize = 8 << 20;
/// How far behind the last known line damage is looked for.
const BEHIND: u64 = 1 << 20;

/// A foreign compressed file, open for reading.
pub(crate) struct StreamReader {
    file: Arc<File>,
    codec: Codec,
    /// Where the lines end, as far as the catalogue knows.
    end: u64,
    state: Mutex<State>,
}

struct State {
    decoder: Option<Box<dyn Read + Send>>,
    /// The bytes unpacked last, up to `position`.
    kept: Vec<u8>,
    position: u64,
    damage: Option<Damage>,
}

impl StreamReader {
    pub(crate) fn new(file: File, codec: Codec, end: u64) -> StreamReader {
        let state = State { decoder: None, kept: Vec::new(), position: 0, damage: None };
        StreamReader { file: Arc::new(file), codec, end, state: Mutex::new(state) }
    }

    /// Reads until `buffer` is full or the lines end; fails at a damaged place when nothing was read
    /// before.
    pub(crate) fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = lock(&self.state);
        let done = self.copy(&mut state, buffer, offset)?;
        match &state.damage {
            Some(damage) if done == 0 && !buffer.is_empty() && offset < self.end => {
                Err(io::Error::new(io::ErrorKind::InvalidData, damage.to_string()))
            }
            _ => Ok(done),
        }
    }

    /// As above; what cannot be had is filled with zeros and a line feed.
    pub(crate) fn read_over(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = lock(&self.state);
        let done = self.copy(&mut state, buffer, offset)?;
        let at = offset + done as u64;
        match state.damage.is_some() && self.end != u64::MAX && at < self.end {
            true => Ok(done + fill(&mut buffer[done..], at, self.end)),
            false => Ok(done),
        }
    }

    /// What was found damaged; after all lines were read, also what lies behind them.
    pub(crate) fn damage(&self) -> Option<Damage> {
        let mut state = lock(&self.state);
        // Part of a line may stand between the last whole one and the damage.
        let reach = self.end.saturating_add(BEHIND);
        while state.decoder.is_some() && (self.end..reach).contains(&state.position) {
            if !self.advance(&mut state).unwrap_or(false) {
                break;
            }
        }
        state.damage.clone()
    }

    pub(crate) fn is_filled(&self, offset: u64) -> bool {
        lock(&self.state).damage.as_ref().is_some_and(|damage| offset >= damage.offset)
    }

    fn copy(&self, state: &mut State, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = state.position - state.kept.len() as u64;
        if offset < start {
            (state.decoder, state.position) = (None, 0);
            state.kept.clear();
        }
        let mut done = 0;
        while done < buffer.len() {
            let at = offset + done as u64;
            if at >= state.position {
                if !self.advance(state)? {
                    break;
                }
                continue;
            }
            let start = state.position - state.kept.len() as u64;
            let kept = &state.kept[(at - start) as usize..];
            let count = kept.len().min(buffer.len() - done);
            buffer[done..done + count].copy_from_slice(&kept[..count]);
            done += count;
        }
        Ok(done)
    }

    /// Unpacks some more; `false` at the end, or where it is damaged.
    fn advance(&self, state: &mut State) -> io::Result<bool> {
        if state.damage.as_ref().is_some_and(|damage| damage.offset <= state.position) {
            return Ok(false);
        }
        let decoder = match &mut state.decoder {
            Some(decoder) => decoder,
            missing => missing.insert(decoder(self.codec, self.file.clone())?),
        };
        if state.kept.len() + CHUNK > KEPT {
            state.kept.drain(..KEPT / 2);
        }
        let before = state.kept.len();
        state.kept.resize(before + CHUNK, 0);
        let read = read_some(decoder.as_mut(), &mut state.kept[before..]);
        state.kept.truncate(before + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) if state.kept.last().is_some_and(|last| *last != b'\n') => {
                state.kept.push(b'\n');
                state.position += 1;
                Ok(true)
            }
            Ok(0) if state.position < self.end && self.end != u64::MAX => {
                let (offset, length) = (state.position, self.end - state.position);
                let reason = "the file holds less than its catalogue says".to_owned();
                state.damage = Some(Damage { offset, length, reason });
                Ok(false)
            }
            Ok(count) => {
                state.position += count as u64;
                Ok(count > 0)
            }
            Err(error) => {
                state.damage = Some(self.damage_at(state.position, &error));
                Ok(false)
            }
        }
    }

    fn damage_at(&self, offset: u64, error: &io::Error) -> Damage {
        let length = if self.end == u64::MAX { 0 } else { self.end.saturating_sub(offset) };
        let reason = match error.kind() {
            io::ErrorKind::UnexpectedEof => "its compressed data ends in the middle".to_owned(),
            _ => format!("its compressed data is damaged ({error})"),
        };
        Damage { offset, length, reason }
    }
}

fn read_some(decoder: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match decoder.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn decoder(codec: Codec, file: Arc<File>) -> io::Result<Box<dyn Read + Send>> {
    let source = io::BufReader::with_capacity(CHUNK / 4, Source { file, position: 0 });
    match codec {
        Codec::Gzip => Ok(Box::new(flate2::bufread::MultiGzDecoder::new(source))),
        #[cfg(feature = "zstd")]
        Codec::Zstd => Ok(Box::new(zstd::stream::read::Decoder::with_buffer(source)?)),
        #[cfg(not(feature = "zstd"))]
        Codec::Zstd => Err(super::coder::no_zstd()),
    }
}

/// The packed bytes, one after the other.
struct Source {
    file: Arc<File>,
    position: u64,
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}
