//! How a log directory is opened. In: the caller's wishes; out: the same with defaults. Nothing is
//! refused here; `Directory::open` does.

use std::time::Duration;

use crate::head::slot::StoreSettings;
use crate::survey::DamagedLines;

/// What a process wants of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Register writers, append, recover, repair.
    Append,
    /// As `Append`, for a fork child whose parent has the directory open: what opening checks and mends
    /// was done by the parent, and is done again only where the head was lost since.
    Join,
    /// Read only: nothing is made, locked or repaired; a missing directory is an error.
    Read,
}

/// Options of [`Directory::open`](crate::Directory::open).
#[derive(Debug, Clone)]
pub struct Options {
    /// Default: [`Access::Append`].
    pub access: Access,
    /// Settings for a directory that is made now. A directory that exists keeps its own, and a
    /// difference is reported as a [`Warning`].
    pub settings: StoreSettings,
    /// How long a lock held by another process is tried before the next split is taken, or the
    /// operation fails as busy. Default 250 ms.
    pub lock_deadline: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            access: Access::Append,
            settings: StoreSettings::default(),
            lock_deadline: Duration::from_millis(250),
        }
    }
}

impl Options {
    /// Options of a reader.
    pub fn reader() -> Options {
        Options { access: Access::Read, ..Options::default() }
    }
}

/// Something that opening a directory found and dealt with, worth telling the user once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The directory keeps another setting than this process asked for; the directory's holds.
    SettingDiffers {
        /// Name of the setting.
        setting: &'static str,
        /// The directory's value, which is followed.
        store: String,
        /// The value asked for.
        asked: String,
    },
    /// A damaged `head` was moved to `.logloom/aside/` under this name and made anew.
    HeadSetAside {
        /// Name beneath `.logloom/aside`.
        name: String,
    },
    /// A day file unknown to the catalogue was registered as sealed.
    FileRegistered {
        /// Name of the file.
        name: String,
        /// Bytes up to its last line end.
        bytes: u64,
    },
    /// A closed day file that was changed by hand was looked through anew.
    FileChanged {
        /// Name of the file.
        name: String,
        /// Bytes up to its last line end.
        bytes: u64,
    },
    /// Lines behind the end of a closed day file that the catalogue knows. They are not read, for a writer
    /// that has lost its catalogue may have left them and written them again.
    BehindEnd {
        /// Name of the file.
        name: String,
        /// Bytes behind that end.
        bytes: u64,
    },
    /// Lines of a day file that are no records. The file is not changed, and all its other lines are read.
    LinesDamaged {
        /// Name of the file.
        name: String,
        /// Which, and what is wrong with them.
        lines: DamagedLines,
    },
    /// The last line of a day file has no end and is not read. The file is not changed.
    LineCut {
        /// Name of the file.
        name: String,
        /// Number of the line, counted from 1.
        line: u64,
        /// Its bytes.
        bytes: u64,
    },
    /// After a new boot, bytes that are no whole valid lines were moved to `.logloom/aside/`.
    TailSetAside {
        /// Name of the day file.
        name: String,
        /// Name beneath `.logloom/aside`.
        aside: String,
        /// Number of bytes moved.
        bytes: u64,
    },
    /// As above, but the bytes could not be moved: they stay in the file, where nobody reads them.
    TailLeft {
        /// Name of the day file.
        name: String,
        /// Number of bytes.
        bytes: u64,
        /// Why.
        reason: String,
    },
    /// A `sources.json` that cannot be read was moved to `.logloom/aside/` under this name. Sources are
    /// read from their beginning again.
    SourcesSetAside {
        /// Name beneath `.logloom/aside`.
        name: String,
    },
    /// A file of `.logloom/sessions/` whose two copies cannot be read was moved to `.logloom/aside/` under
    /// this name. The actions of its session are counted from the writer's own last number on.
    SessionSetAside {
        /// Name beneath `.logloom/aside`.
        name: String,
    },
    /// Both copies of the identity or done word of writer slots are unreadable. Lines are neither lost nor
    /// written twice by that.
    WriterSlotsDamaged {
        /// Numbers of the slots; at least one.
        slots: Vec<u32>,
        /// Whether they were written anew. If not, each is when its writer, or who recovers it, appends
        /// next; a slot that does not tell whose it is stays unused.
        is_mended: bool,
    },
    /// Lines of a compressed file cannot be had. All others are read.
    Damaged {
        /// Name of the file.
        name: String,
        /// Which, and why.
        reason: String,
    },
    /// A file could not be repaired or registered. One that was registered takes no more lines; others are
    /// tried again by the next opener.
    Postponed {
        /// Name of the file.
        name: String,
        /// Why.
        reason: String,
    },
}

impl std::fmt::Display for Warning {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Warning::SettingDiffers { setting, store, asked } => write!(
                formatter,
                "{setting} is {store} in this log directory, not {asked}: the directory's value holds"
            ),
            Warning::HeadSetAside { name } => {
                write!(formatter, "the damaged catalogue was moved to .logloom/aside/{name}")
            }
            Warning::FileRegistered { name, bytes } => {
                write!(formatter, "{name} was unknown and is sealed at {bytes} bytes")
            }
            Warning::FileChanged { name, bytes } => {
                write!(formatter, "{name} was changed by hand and is sealed at {bytes} bytes now")
            }
            Warning::BehindEnd { name, bytes } => write!(
                formatter,
                "{bytes} bytes were added to {name}, which is closed, and are not read: to have them \
                 read, copy the file and move the copy over it"
            ),
            Warning::LinesDamaged { name, lines } => write!(
                formatter,
                "{} of {name} left out, all others are read: {lines}; correct or delete them in the \
                 file, if they matter",
                counted(lines.count)
            ),
            Warning::LineCut { name, line, bytes } => write!(
                formatter,
                "the last line of {name}, line {line}, has no line feed at its end and is left out \
                 ({bytes} bytes), all others are read: to have it read, end it in a copy of the file and \
                 move the copy over the file"
            ),
            Warning::TailSetAside { name, aside, bytes } => {
                write!(
                    formatter,
                    "{bytes} damaged bytes of {name} were moved to .logloom/aside/{aside}"
                )
            }
            Warning::TailLeft { name, bytes, reason } => write!(
                formatter,
                "{bytes} damaged bytes at the end of {name} are not read and stay there, since they \
                 could not be moved to .logloom/aside: {reason}"
            ),
            Warning::SourcesSetAside { name } => write!(
                formatter,
                "the unreadable .logloom/sources.json was moved to .logloom/aside/{name}: files of \
                 other programs are read from their beginning again"
            ),
            Warning::SessionSetAside { name } => write!(
                formatter,
                "the unreadable numbers of a session were moved to .logloom/aside/{name}: numbers of \
                 its actions may stand twice in the log"
            ),
            Warning::WriterSlotsDamaged { slots, is_mended: true } => {
                write!(formatter, "damaged writer slots of .logloom/head were mended: {slots:?}")
            }
            Warning::WriterSlotsDamaged { slots, is_mended: false } => write!(
                formatter,
                "writer slots of .logloom/head are damaged: {slots:?}; no new writer takes them, and \
                 nothing in the log is lost by that"
            ),
            Warning::Damaged { name, reason } => {
                write!(formatter, "{name} is damaged, what can be read of it is: {reason}")
            }
            Warning::Postponed { name, reason } => {
                write!(formatter, "{name} is left as it is: {reason}")
            }
        }
    }
}

fn counted(lines: u64) -> String {
    if lines == 1 { "1 damaged line".to_owned() } else { format!("{lines} damaged lines") }
}
