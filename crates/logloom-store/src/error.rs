//! What can go wrong, one type for each kind of operation. Every message tells what happened, where,
//! and what to do about it.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::key::FileKey;

/// Why an operation on a log directory failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The system refused a file operation.
    Io {
        /// What was being done, to which file.
        doing: String,
        /// The system's error.
        source: io::Error,
    },
    /// Others could replace files in the directory; nothing is written there.
    Unsafe {
        /// The directory or file, and the command that mends it.
        message: String,
    },
    /// The directory was written by a newer version.
    Version {
        /// Version found in the directory.
        found: u32,
        /// Newest version this program reads.
        supported: u32,
    },
    /// Both copies of a slot are unreadable. The rest of the directory stays usable.
    Damaged {
        /// Which slot.
        what: String,
    },
    /// The catalogue itself is unreadable. Opening the directory again, to append, sets the head aside and
    /// makes a new one.
    CatalogueDamaged,
    /// Every slot of the catalogue is in use.
    Full {
        /// Which table is full, and what makes room.
        what: &'static str,
    },
    /// Another process holds what is needed for longer than the deadline. Try again later.
    Busy {
        /// The lock that was wanted.
        what: String,
        /// How long it was tried.
        waited: Duration,
    },
    /// `.logloom/head` is another file than the one opened. Open the directory and register again.
    HeadReplaced,
    /// The writer has no place in the catalogue yet. Register again.
    NotRegistered,
    /// The caller asked for something that makes no sense.
    Invalid {
        /// What is wrong.
        message: String,
    },
}

impl StoreError {
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> StoreError {
        let doing = doing.into();
        move |source| StoreError::Io { doing, source }
    }

    /// The system's error number, where there is one (`ENOSPC` for a full disk).
    pub fn system_error(&self) -> Option<i32> {
        match self {
            StoreError::Io { source, .. } => source.raw_os_error(),
            _ => None,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Io { doing, source } => write!(formatter, "cannot {doing}: {source}"),
            StoreError::Unsafe { message } | StoreError::Invalid { message } => {
                formatter.write_str(message)
            }
            StoreError::Version { found, supported } => write!(
                formatter,
                "the log directory has format version {found}, this program knows up to \
                 {supported}: use a newer logloom"
            ),
            StoreError::Damaged { what } => write!(
                formatter,
                "{what} is damaged in both copies: opening the log directory again, to append, \
                 mends it or sets it aside"
            ),
            StoreError::CatalogueDamaged => formatter.write_str(
                "the catalogue in .logloom/head is damaged: opening the log directory again, to \
                 append, sets it aside and makes a new one",
            ),
            StoreError::Full { what } => formatter.write_str(what),
            StoreError::Busy { what, waited } => write!(
                formatter,
                "{what} is held by another process, or by another thread of this one (waited {} ms): \
                 try again",
                waited.as_millis()
            ),
            StoreError::NotRegistered => formatter.write_str(
                "the catalogue in .logloom/head is held by others for so long that this process is \
                 not registered there yet: registering is tried again",
            ),
            StoreError::HeadReplaced => formatter.write_str(
                ".logloom/head was replaced while it was open: open the log directory again",
            ),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StoreError::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Why a batch was not appended. The batch is in no file, or settling finds it there: calling
/// `append` again with the same batch is right after every one of these.
#[derive(Debug)]
#[non_exhaustive]
pub enum AppendError {
    /// The disk is full, or a quota or size limit is reached. The file was cut back.
    NoSpace {
        /// The file that was written to.
        file: FileKey,
        /// The system's error.
        source: io::Error,
    },
    /// The device failed. The file was cut back where the device still allowed it.
    Device {
        /// The file that was written to.
        file: FileKey,
        /// The system's error.
        source: io::Error,
    },
    /// The file this batch may already stand in is locked by another process, and no other file may
    /// be taken before it is settled.
    IntentBusy {
        /// The file named by the batch's intent.
        file: FileKey,
        /// How long it was tried.
        waited: Duration,
    },
    /// The batch does not describe its own bytes; nothing was done. A bug of the caller.
    Invalid {
        /// What does not fit.
        message: String,
    },
    /// Anything that is not about this batch.
    Store(StoreError),
}

impl AppendError {
    /// Error of the write itself, sorted by what the caller may hope for.
    pub(crate) fn write(file: FileKey, source: io::Error) -> AppendError {
        if is_no_room(&source) {
            return AppendError::NoSpace { file, source };
        }
        AppendError::Device { file, source }
    }

    /// The system's error number, where there is one.
    pub fn system_error(&self) -> Option<i32> {
        match self {
            AppendError::NoSpace { source, .. } | AppendError::Device { source, .. } => {
                source.raw_os_error()
            }
            AppendError::Store(error) => error.system_error(),
            _ => None,
        }
    }

    /// Whether the directory must be opened and the writer registered again.
    pub fn needs_reopen(&self) -> bool {
        use StoreError::{CatalogueDamaged, HeadReplaced, NotRegistered};
        matches!(self, AppendError::Store(HeadReplaced | CatalogueDamaged | NotRegistered))
    }
}

/// A full disk, a quota or a limit on the size of files.
pub(crate) fn is_no_room(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOSPC | libc::EDQUOT | libc::EFBIG))
}

impl From<StoreError> for AppendError {
    fn from(error: StoreError) -> AppendError {
        AppendError::Store(error)
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppendError::NoSpace { file, source } => {
                write!(formatter, "no room for {file}: {source}: free some disk space")
            }
            AppendError::Device { file, source } => {
                write!(formatter, "cannot write {file}: {source}: check the device")
            }
            AppendError::IntentBusy { file, waited } => write!(
                formatter,
                "{file} may already hold this batch and is locked by another process (waited \
                 {} ms): try again, or end the process that holds it",
                waited.as_millis()
            ),
            AppendError::Invalid { message } => formatter.write_str(message),
            AppendError::Store(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for AppendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            AppendError::NoSpace { source, .. } | AppendError::Device { source, .. } => {
                Some(source)
            }
            AppendError::Store(error) => Some(error),
            _ => None,
        }
    }
}
