//! Reading a compressed file at offsets of the plain one. In come offsets, out go bytes; the member that
//! holds them is unpacked and kept until another one is asked for. Memory: the table (24 bytes a member) and
//! one member. Members that cannot be unpacked are an error, or, on request, blank lines.

use std::io;
use std::sync::Mutex;

use super::Codec;
use super::coder::Unpacker;
use super::table::{Damage, Place, Table};
use crate::directory::lock;
use crate::sys::File;

/// What a member that cannot be had is filled with: no line of a record begins with it.
const FILLER: u8 = 0;

/// A compressed file of ours, open for reading.
pub(crate) struct PackedReader {
    file: File,
    codec: Codec,
    members: Vec<Place>,
    /// Where the lines end, as far as the catalogue knows.
    end: u64,
    state: Mutex<State>,
}

/// The member unpacked last, and what was found damaged.
struct State {
    unpacker: Unpacker,
    packed: Vec<u8>,
    raw: Vec<u8>,
    held: Option<usize>,
    damage: Vec<Damage>,
}

/// Where an offset lies.
enum Spot {
    /// In a member.
    Member(usize),
    /// Up to this offset there is nothing to be had.
    Gap(u64),
    /// Behind all lines.
    End,
}

impl PackedReader {
    /// A reader of the lines up to `end`.
    pub(crate) fn new(
        file: File,
        codec: Codec,
        mut table: Table,
        end: u64,
    ) -> io::Result<PackedReader> {
        let held = table.raw_size();
        if held < end && table.damage.last().is_none_or(|last| last.offset != held) {
            let reason = "the file holds less than its catalogue says".to_owned();
            table.damage.push(Damage { offset: held, length: end - held, reason });
        }
        let state = State {
            unpacker: Unpacker::new(codec)?,
            packed: Vec::new(),
            raw: Vec::new(),
            held: None,
            damage: table.damage,
        };
        Ok(PackedReader { file, codec, members: table.members, end, state: Mutex::new(state) })
    }

    /// Reads until `buffer` is full, the lines end, or a damaged place is met; there it fails when
    /// nothing was read before. Blocks for the device and for unpacking one member at a time.
    pub(crate) fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = lock(&self.state);
        let mut done = 0;
        while done < buffer.len() {
            let at = offset + done as u64;
            match self.copy(&mut state, &mut buffer[done..], at) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(_) if done > 0 => break,
                Err(damage) => {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, damage.to_string()));
                }
            }
        }
        Ok(done)
    }

    /// As above, but lines that cannot be had are filled: one line of zeros for each damaged place.
    pub(crate) fn read_over(&self, buffer: &mut [u8], offset: u64) -> usize {
        let mut state = lock(&self.state);
        let mut done = 0;
        while done < buffer.len() {
            let at = offset + done as u64;
            let count = match self.copy(&mut state, &mut buffer[done..], at) {
                Ok(0) => break,
                Ok(count) => count,
                Err(_) => fill(&mut buffer[done..], at, self.after_damage(at)),
            };
            done += count;
        }
        done
    }

    /// What was found damaged so far, in order of place.
    pub(crate) fn damage(&self) -> Vec<Damage> {
        let mut damage = lock(&self.state).damage.clone();
        damage.sort_by_key(|one| one.offset);
        damage
    }

    /// Whether the bytes at `offset` were filled in.
    pub(crate) fn is_filled(&self, offset: u64) -> bool {
        match self.spot(offset) {
            Spot::Gap(_) => true,
            Spot::Member(index) => {
                let place = self.members[index];
                lock(&self.state).damage.iter().any(|one| one.offset == place.offset)
            }
            Spot::End => false,
        }
    }

    /// Where the lines behind a damaged place begin.
    pub(crate) fn after_damage(&self, offset: u64) -> u64 {
        match self.spot(offset) {
            Spot::Member(index) => self.members[index].end(),
            Spot::Gap(end) => end,
            Spot::End => offset,
        }
    }

    fn spot(&self, offset: u64) -> Spot {
        let index = self.members.partition_point(|place| place.end() <= offset);
        match self.members.get(index) {
            Some(place) if place.offset <= offset => Spot::Member(index),
            Some(place) => Spot::Gap(place.offset),
            None if offset < self.end => Spot::Gap(self.end),
            None => Spot::End,
        }
    }

    /// Bytes of the member at `at`; 0 behind the end.
    fn copy(&self, state: &mut State, buffer: &mut [u8], at: u64) -> Result<usize, Damage> {
        let index = match self.spot(at) {
            Spot::Member(index) => index,
            Spot::Gap(end) => {
                let known = state.damage.iter().find(|one| one.offset <= at && at < end);
                let reason = known.map_or_else(String::new, |one| one.reason.clone());
                return Err(Damage { offset: at, length: end - at, reason });
            }
            Spot::End => return Ok(0),
        };
        self.load(state, index)?;
        let from = (at - self.members[index].offset) as usize;
        let count = buffer.len().min(state.raw.len() - from);
        buffer[..count].copy_from_slice(&state.raw[from..from + count]);
        Ok(count)
    }

    fn load(&self, state: &mut State, index: usize) -> Result<(), Damage> {
        if state.held == Some(index) {
            return Ok(());
        }
        let place = self.members[index];
        let damage = |reason| Damage { offset: place.offset, length: place.raw.into(), reason };
        if let Some(known) = state.damage.iter().find(|one| one.offset == place.offset) {
            return Err(known.clone());
        }
        state.held = None;
        state.packed.resize(place.packed as usize, 0);
        let read = self.file.read_at(&mut state.packed, place.at);
        let outcome = match read {
            Ok(length) if length == state.packed.len() => {
                let State { unpacker, packed, raw, .. } = state;
                unpacker.unpack(packed, place.raw as usize, raw)
            }
            Ok(_) => Err("the file was shortened while it was read".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        match outcome {
            Ok(()) => {
                state.held = Some(index);
                Ok(())
            }
            Err(reason) => {
                let damage = damage(format!(
                    "the {} member at byte {} is damaged ({reason})",
                    self.codec.name(),
                    place.at
                ));
                state.damage.push(damage.clone());
                Err(damage)
            }
        }
    }
}

/// Fills `buffer`, which begins at `at`, up to `end`, whose last byte is a line feed.
pub(crate) fn fill(buffer: &mut [u8], at: u64, end: u64) -> usize {
    let count = (end - at).min(buffer.len() as u64) as usize;
    buffer[..count].fill(FILLER);
    if count > 0 && at + count as u64 == end {
        buffer[count - 1] = b'\n';
    }
    count
}
