//! One log directory as it is kept up with, also when it is deleted and made again.
//!
//! Takes a directory and a query, gives matching lines as they are committed. A directory that
//! stands under the same path later is another one: it is read from its beginning once everything
//! of the old one was given. Nothing is lost by it but what was deleted before it was read.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use logloom_query::{Query, Tail, TailedLine};
use logloom_store::read::{Cursor, Start};
use logloom_store::{Directory, StoreError};

use crate::place;

/// Device and inode.
type Identity = (u64, u64);

/// Keeps up with what stands under one path.
pub(in crate::commands) struct Source {
    path: PathBuf,
    identity: Option<Identity>,
    query: Query,
    tail: Tail,
}

impl Source {
    /// Begins behind everything that is committed now.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub(in crate::commands) fn new(
        directory: &Directory,
        query: &Query,
    ) -> Result<Source, StoreError> {
        let path = directory.path().to_owned();
        let tail = Tail::new(directory, Start::End, query)?;
        Ok(Source { identity: identity(&path), path, query: query.clone(), tail })
    }

    /// Where the directory is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The place behind the last line that was looked at.
    pub(super) fn cursor(&self) -> Cursor {
        self.tail.cursor()
    }

    /// Gives the matching lines that come within this time.
    ///
    /// # Errors
    /// A file or the directory cannot be read; the next call goes on at the same place.
    pub(in crate::commands) fn next(
        &mut self,
        timeout: Duration,
        give: &mut dyn FnMut(TailedLine<'_>),
    ) -> Result<(), StoreError> {
        let outcome = self.tail.next(timeout, give);
        match outcome {
            Ok(1..) => Ok(()),
            Ok(0) => self.look_again().map(drop),
            // What can no longer be read may be gone as a whole.
            Err(error) => self.look_again()?.then_some(()).ok_or(error),
        }
    }

    /// Goes over to the directory that stands under the path now; `false` when it is still the same
    /// or there is none.
    fn look_again(&mut self) -> Result<bool, StoreError> {
        let found = identity(&self.path);
        if found.is_none() || found == self.identity {
            return Ok(false);
        }
        let directory = place::open_reader(&self.path)?;
        self.tail = Tail::new(&directory, Start::Beginning, &self.query)?;
        self.identity = found;
        Ok(true)
    }
}

fn identity(path: &Path) -> Option<Identity> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}
