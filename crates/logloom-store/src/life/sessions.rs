//! Sessions that have been silent for long: their files become entries of one, so that a directory does not
//! fill with them. In come the files of `.logloom/sessions/`; out goes `sessions.past`, and fewer files.
//!
//! A session keeps its file while numbers of it may not be in the log, and while it is written to. The new
//! file of all is on the device before the first of the others is removed; a kill in between leaves both,
//! which say the same. A session that comes back goes on from its entry.

use super::NS_A_DAY;
use super::Pass;
use super::compress::TEMPORARY;
use crate::error::StoreError;
use crate::head::codec::COPY_BYTES;
use crate::head::io::newest;
use crate::head::lock::{Region, try_acquire};
use crate::head::open_aside;
use crate::options::Warning;
use crate::session::past::{self, PastSession};
use crate::session::slot::SessionSlot;
use crate::session::{self, SessionKey};
use crate::steps::{Step, reached};
use crate::sys::{File, OpenMode};

/// A session to which nothing was written for so long gives up its file.
const SILENT_NS: i64 = 7 * NS_A_DAY;
/// Fewer than these stay as they are: `sessions.past` is written as a whole.
const SILENT_MIN: usize = 256;

/// A file that is to be removed if it still reads like this.
struct Silent {
    entry: PastSession,
    bytes: Vec<u8>,
}

impl Pass<'_> {
    /// Packs silent sessions, where there are enough of them.
    pub(super) fn pack_sessions(&mut self) {
        if let Err(error) = self.try_pack_sessions() {
            self.report.keep(session::DIRECTORY, error.to_string());
        }
    }

    fn try_pack_sessions(&mut self) -> Result<(), StoreError> {
        let control = &self.shared.control;
        let Ok(directory) = control.open(session::DIRECTORY, OpenMode::Directory) else {
            return Ok(());
        };
        let doing = "look at .logloom/sessions";
        let names = self.shared.platform.list(directory.handle()).map_err(StoreError::io(doing))?;
        if names.len() < SILENT_MIN {
            return Ok(());
        }
        let mut silent = Vec::new();
        for key in names.iter().filter_map(|name| SessionKey::of_file_name(name)) {
            if (self.is_ending)() {
                return Ok(());
            }
            silent.extend(self.silent(&directory, key)?);
        }
        if silent.len() < SILENT_MIN {
            return Ok(());
        }
        self.write_past(&silent)?;
        reached(Step::NumbersPacked);
        for one in &silent {
            if (self.is_ending)() {
                return Ok(());
            }
            self.remove_session(&directory, one)?;
            reached(Step::NumbersForgotten);
        }
        Ok(())
    }

    /// The session of this file, if it is silent and all its numbers are in the log.
    fn silent(&self, directory: &File, key: SessionKey) -> Result<Option<Silent>, StoreError> {
        let name = key.file_name();
        let stat = directory.stat_at(&name).ok().filter(|stat| stat.is_regular());
        let is_silent =
            stat.is_some_and(|stat| self.now_ns.saturating_sub(stat.modified_ns) >= SILENT_NS);
        // One that cannot be read is set aside by who counts in it next.
        let Some(bytes) = is_silent.then(|| read_file(directory, &name)).flatten() else {
            return Ok(None);
        };
        let copies = newest::<SessionSlot>(&bytes, 0, false);
        let Some(slot) = copies.and_then(|copies| copies.value) else { return Ok(None) };
        let head = self.head()?;
        for share in &slot.shares {
            let Some(batch) = share.batch else { return Ok(None) };
            if !session::is_in_log(&head, &batch)? {
                return Ok(None);
            }
        }
        Ok(Some(Silent { entry: PastSession::of(key, &slot), bytes }))
    }

    /// Replaces `sessions.past` by one with these sessions as well.
    fn write_past(&self, silent: &[Silent]) -> Result<(), StoreError> {
        let control = &self.shared.control;
        let doing = || format!("write .logloom/{}", past::NAME);
        let known = past::read_all(control).map_err(StoreError::io(doing()))?;
        if known.damaged > 0 {
            self.keep_damaged(known.damaged)?;
        }
        let entries = known.entries.into_iter().chain(silent.iter().map(|one| one.entry));
        let bytes = past::encode(entries.collect());
        let temporary = format!("{}{TEMPORARY}{:016x}", past::NAME, self.unique());
        let write = || {
            let file = control.open(&temporary, OpenMode::CreateNew)?;
            file.write_at(&bytes, 0)?;
            file.sync_data()?;
            self.shared.platform.rename_at(control.handle(), &temporary, past::NAME)?;
            self.sync(control)
        };
        write().map_err(|error| {
            let _ = self.shared.platform.unlink_at(control.handle(), &temporary);
            StoreError::io(doing())(error)
        })
    }

    /// What is damaged is kept, and told.
    fn keep_damaged(&self, damaged: usize) -> Result<(), StoreError> {
        let aside = open_aside(&self.shared.control)?;
        let name = format!("{}.{}", past::NAME, self.now_ns);
        let copied = self
            .shared
            .control
            .read_whole(past::NAME, u64::MAX)
            .and_then(|bytes| aside.replace(&name, &bytes));
        copied.map_err(StoreError::io(format!("set aside .logloom/{}", past::NAME)))?;
        let reason = format!("{damaged} of its entries; it was copied to .logloom/aside/{name}");
        self.shared.warn(Warning::Damaged { name: past::NAME.to_owned(), reason });
        Ok(())
    }

    /// Removes a session's file, unless it has come back meanwhile.
    fn remove_session(&self, directory: &File, one: &Silent) -> Result<(), StoreError> {
        let name = one.entry.key.file_name();
        let region: Region = one.entry.key.region();
        let Some(_session) = try_acquire(&self.head()?, region)? else { return Ok(()) };
        if read_file(directory, &name).as_ref() != Some(&one.bytes) {
            return Ok(());
        }
        let unlinked = self.shared.platform.unlink_at(directory.handle(), &name);
        unlinked.map_err(StoreError::io(format!("remove .logloom/sessions/{name}")))
    }
}

/// Both copies of a session; `None` when they cannot be read.
fn read_file(directory: &File, name: &str) -> Option<Vec<u8>> {
    let file = directory.open(name, OpenMode::Read).ok()?;
    let mut bytes = vec![0; 2 * COPY_BYTES];
    let length = file.read_at(&mut bytes, 0).ok()?;
    (length == bytes.len()).then_some(bytes)
}
