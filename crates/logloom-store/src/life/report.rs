//! What a pass did. Plain data: nothing comes in but what happened, nothing is refused.

use crate::key::FileKey;

/// What was done to the files of a directory, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LifeReport {
    /// Another process is doing it: nothing was done here.
    pub is_busy: bool,
    /// Nothing that is due was left for a later pass because the program ends.
    pub is_complete: bool,
    /// Files that take no more lines from now on.
    pub sealed: Vec<FileKey>,
    /// Files that were compressed.
    pub compressed: Vec<Compressed>,
    /// Indexes that were made. Not in a plan.
    pub indexed: Vec<Indexed>,
    /// Files that were deleted.
    pub deleted: Vec<Deleted>,
    /// Files to which something was due that could not be done.
    pub kept: Vec<Kept>,
    /// Full texts that were deleted, since no record is left that could need them.
    pub texts_deleted: u64,
}

/// A file that was compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compressed {
    /// Its name before.
    pub name: String,
    /// Its bytes before.
    pub before: u64,
    /// Its bytes after; 0 in a plan.
    pub after: u64,
}

/// An index that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
    /// Bytes of the plain lines that it is of.
    pub raw: u64,
}

/// A file that was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// Its name.
    pub name: String,
    /// The bytes it took.
    pub bytes: u64,
    /// The conditions that chose it.
    pub reason: String,
    /// Chosen by a rule in test mode: it is still there.
    pub is_test: bool,
}

/// A file that stays as it is although something is due to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// Why it stays.
    pub reason: String,
}

impl LifeReport {
    pub(super) fn keep(&mut self, name: &str, reason: String) {
        self.kept.push(Kept { name: name.to_owned(), reason });
    }
}
