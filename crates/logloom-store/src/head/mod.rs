//! `.logloom/head`: the catalogue of files and writers.
//!
//! In come slot numbers and slot values; out go bytes in one file of fixed layout, and locks on it.
//! It refuses to guess: a copy whose checksum is wrong does not exist. `docs/format-store.md` draws
//! every byte.

pub(crate) mod codec;
mod create;
mod grow;
pub(crate) mod io;
pub(crate) mod lock;
pub(crate) mod slot;

pub(crate) use create::{open_aside, open_for_append, open_for_reading};
pub(crate) use io::{Copies, Head};
pub use lock::short_lock;

/// Version of the layout of a `head` that was made longer; a directory of a later version is refused.
pub const FORMAT_VERSION: u32 = 2;
/// Number of day files a directory can hold.
pub const FILE_SLOTS: u32 = 65_536;
/// Number of processes that can be registered at once, dead ones not yet recovered included.
pub const WRITER_SLOTS: u32 = 1024;

/// Version of a `head` as it is made: programs that know no longer one may use it.
pub(crate) const FORMAT_VERSION_SHORT: u32 = 1;
/// File slots that stand before the writers' from the start on; further ones are added behind the writers'.
pub(crate) const FILE_SLOTS_FIRST: u32 = 4096;

pub(crate) const MAGIC: [u8; 8] = *b"LOGLOOM\n";
pub(crate) const COPY_SIZE: u64 = 512;
pub(crate) const CATALOGUE_OFFSET: u64 = 4096;
pub(crate) const FILES_OFFSET: u64 = 8192;
pub(crate) const FILE_STRIDE: u64 = 2 * COPY_SIZE;
pub(crate) const WRITERS_OFFSET: u64 = FILES_OFFSET + FILE_SLOTS_FIRST as u64 * FILE_STRIDE;
// Two copies of the identity, then two copies of `done`.
pub(crate) const WRITER_STRIDE: u64 = 4 * COPY_SIZE;
/// Length of a `head` as it is made. Later it may be longer: see `grow.rs`.
pub(crate) const HEAD_SIZE: u64 = WRITERS_OFFSET + WRITER_SLOTS as u64 * WRITER_STRIDE;

/// Where a file slot stands.
pub(crate) fn file_offset(number: u32) -> u64 {
    match number.checked_sub(FILE_SLOTS_FIRST) {
        None => FILES_OFFSET + u64::from(number) * FILE_STRIDE,
        Some(further) => HEAD_SIZE + u64::from(further) * FILE_STRIDE,
    }
}
