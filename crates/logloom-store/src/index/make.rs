//! Makes, replaces and removes index files. In come files of the directory; out go indexes beside them, each whole or
//! not there: written under `.logloom/`, forced to the device, renamed. A file under the name of an index that is none
//! of ours is never touched. Takes as long as reading the file does, with unpacking and about 2 s a GiB of lines.

use std::io;

use super::build::{BlockPlace, Builder};
use super::footer::START;
use super::open::identity;
use super::reader::crc_of;
use super::settings::IndexSettings;
use super::{NoIndex, SUFFIX, index_name};
use crate::directory::{Directory, Shared};
use crate::error::StoreError;
use crate::head::lock::{Region, try_acquire};
use crate::head::slot::FileState;
use crate::packed::coder::Unpacker;
use crate::packed::pack::read_lines;
use crate::packed::table::Table;
use crate::packed::{Codec, form_of_name};
use crate::read::FileSnapshot;
use crate::steps::{Step, reached};
use crate::sys::{File, OpenMode};

/// What became of a request for an index.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Made {
    /// It was made.
    Done {
        /// Name of the index.
        name: String,
        /// Its length.
        bytes: u64,
        /// Length of the plain lines.
        raw: u64,
    },
    /// There is a good one.
    Present,
    /// There is none, for this reason.
    Not(String),
    /// The program ends, or another process is keeping house.
    Later,
}

impl Directory {
    /// Makes the index of a closed file, if it has no good one. `is_ending` is asked about each millisecond.
    ///
    /// # Errors
    /// The catalogue cannot be read or locked, or the index cannot be written.
    pub fn make_index(
        &self,
        file: &FileSnapshot,
        settings: &IndexSettings,
        is_ending: &dyn Fn() -> bool,
    ) -> Result<Made, StoreError> {
        let head = self.shared.head()?;
        let Some(_house) = try_acquire(&head, Region::House)? else { return Ok(Made::Later) };
        if file.state == FileState::Open {
            return Ok(Made::Not("it is open".to_owned()));
        }
        if file.committed == 0 {
            return Ok(Made::Not("it is empty".to_owned()));
        }
        if self.open_index(file).is_ok() {
            return Ok(Made::Present);
        }
        self.shared.make_index(file, settings, is_ending)
    }

    /// Removes the index of a file in its present form; whether there was one of ours.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove_index(&self, file: &FileSnapshot) -> Result<bool, StoreError> {
        self.shared.remove_index(&index_name(file.key, file.codec))
    }
}

impl Shared {
    pub(crate) fn make_index(
        &self,
        file: &FileSnapshot,
        settings: &IndexSettings,
        is_ending: &dyn Fn() -> bool,
    ) -> Result<Made, StoreError> {
        let Some(data) = self.open_form(file.key, file.codec)? else {
            return Ok(Made::Not("it is gone".to_owned()));
        };
        let name = index_name(file.key, file.codec);
        let doing = || format!("make {name}");
        let mut builder = Builder::new(settings, self.seed());
        let fed = match file.codec {
            None => {
                let amount = (file.committed, settings.block_bytes);
                feed_plain(&data, amount, &mut builder, is_ending)
            }
            Some(codec) => feed_packed(&data, codec, file.committed, &mut builder, is_ending),
        };
        match fed.map_err(StoreError::io(doing()))? {
            Fed::All => {}
            Fed::Ending => return Ok(Made::Later),
            Fed::Not(reason) => return Ok(Made::Not(reason)),
        }
        let bytes = self.place_index(file, &data, builder)?;
        Ok(Made::Done { name, bytes, raw: file.committed })
    }

    /// A random number for an index.
    pub(crate) fn seed(&self) -> u64 {
        u64::from_le_bytes(self.platform.random()[..8].try_into().unwrap_or([0; 8]))
    }

    /// Writes the finished index of `data`, which is the file, and gives it its name; returns its length.
    pub(crate) fn place_index(
        &self,
        file: &FileSnapshot,
        data: &File,
        builder: Builder,
    ) -> Result<u64, StoreError> {
        let name = index_name(file.key, file.codec);
        let failed = |error| StoreError::io(format!("make {name}"))(error);
        let mut identity = identity(data, file.codec, file.committed).map_err(failed)?;
        identity.birth = file.birth;
        identity.store = self.head().map_or([0; 16], |head| head.store_id);
        let bytes = builder.finish(identity);
        let temporary = format!("{name}.life-{:016x}", self.seed());
        let (control, root) = (&self.control, &self.root);
        let written = || -> io::Result<()> {
            let target = control.open(&temporary, OpenMode::CreateNew)?;
            target.write_at(&bytes, 0)?;
            self.platform.copy_attributes(target.handle(), &data.stat()?)?;
            target.sync_data()?;
            reached(Step::LifeIndexWritten);
            Ok(())
        };
        let outcome = written().map_err(failed).and_then(|()| {
            self.remove_index(&name)?;
            let (from, to) = ((control.handle(), &*temporary), (root.handle(), &*name));
            self.platform.rename_new(from, to).map_err(failed)
        });
        if outcome.is_err() {
            let _ = self.platform.unlink_at(control.handle(), &temporary);
        }
        outcome?;
        reached(Step::LifeIndexed);
        Ok(bytes.len() as u64)
    }

    /// Removes an index by its name; whether there was one of ours.
    pub(crate) fn remove_index(&self, name: &str) -> Result<bool, StoreError> {
        let Ok(file) = self.root.open(name, OpenMode::Read) else { return Ok(false) };
        let mut start = [0; START.len()];
        let is_ours = file.read_at(&mut start, 0).is_ok_and(|length| start[..length] == START[..]);
        if !is_ours {
            return Ok(false);
        }
        let removed = self.platform.unlink_at(self.root.handle(), name);
        removed.map_err(StoreError::io(format!("delete {name}")))?;
        Ok(true)
    }

    /// Removes the indexes of files that are not there any more.
    pub(crate) fn remove_orphans(&self) {
        for name in self.platform.list(self.root.handle()).unwrap_or_default() {
            let Some((key, codec)) = name.strip_suffix(SUFFIX).and_then(form_of_name) else {
                continue;
            };
            if self.stat_form(key, codec).is_ok_and(|stat| stat.is_none()) {
                let _ = self.remove_index(&name);
            }
        }
    }
}

enum Fed {
    All,
    Ending,
    Not(String),
}

fn feed_plain(
    data: &File,
    (end, block_bytes): (u64, usize),
    builder: &mut Builder,
    is_ending: &dyn Fn() -> bool,
) -> io::Result<Fed> {
    if data.stat()?.size != end {
        return Ok(Fed::Not("it is longer or shorter than its catalogue says".to_owned()));
    }
    let mut lines = Vec::new();
    let mut offset = 0;
    while offset < end {
        if is_ending() {
            return Ok(Fed::Ending);
        }
        read_lines(data, offset..end, block_bytes, &mut lines)?;
        let stored = lines.len() as u32;
        let crc32 = crc32fast::hash(&lines);
        builder.block(&lines, BlockPlace { at: offset, stored, offset, crc32 });
        offset += u64::from(stored);
    }
    Ok(Fed::All)
}

fn feed_packed(
    data: &File,
    codec: Codec,
    end: u64,
    builder: &mut Builder,
    is_ending: &dyn Fn() -> bool,
) -> io::Result<Fed> {
    let Some(table) = Table::read(data, codec)? else {
        return Ok(Fed::Not("it was compressed by another program".to_owned()));
    };
    let mut unpacker = Unpacker::new(codec)?;
    let (mut packed, mut lines) = (Vec::new(), Vec::new());
    let mut next = 0;
    for place in &table.members {
        if is_ending() {
            return Ok(Fed::Ending);
        }
        packed.resize(place.packed as usize, 0);
        let is_whole = data.read_at(&mut packed, place.at)? == packed.len();
        let unpacked = unpacker.unpack(&packed, place.raw as usize, &mut lines);
        if !is_whole || unpacked.is_err() || place.offset != next {
            return Ok(Fed::Not(format!("it is damaged at byte {}", place.at)));
        }
        let (at, stored, offset) = (place.at, place.packed, place.offset);
        let crc32 = crc_of(codec, &packed, &lines);
        builder.block(&lines, BlockPlace { at, stored, offset, crc32 });
        next = place.end();
    }
    match next == end && table.damage.is_empty() {
        true => Ok(Fed::All),
        false => Ok(Fed::Not("it is damaged, or not as long as its catalogue says".to_owned())),
    }
}

impl NoIndex {
    /// Whether there is none at all.
    pub fn is_missing(&self) -> bool {
        *self == NoIndex::Missing
    }
}
