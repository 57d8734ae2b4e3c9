//! Takes where records shall be kept and how firmly, hands it to the store and the ring; refuses
//! nothing (see `validate`).

use std::path::PathBuf;

use logloom_record::Level;
use logloom_store::Codec;
use logloom_store::index::IndexSettings;
use logloom_store::life::{DeleteRule, LifeSettings};

use super::directory::default_log_directory;

/// Where records are kept and how firmly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// Directories for the day files: the first that can be used is, the next one when it fails
    /// later; after the last one records go to stderr and are counted. 1 to 16 paths, used as they
    /// stand (no `~`). Default: [`default_log_directory`].
    pub dir: Vec<PathBuf>,
    /// Where the shared memory that takes the records first lies. Default [`RingDir::Auto`].
    pub ring_dir: RingDir,
    /// What a committed record survives. Default [`Durability::Process`].
    pub durability: Durability,
    /// Size in bytes from which a new part of the day's file is begun. Default 1 GiB, 1 MiB to
    /// 1 TiB. A batch is never divided, so a file may end up longer by one batch.
    pub max_file_size: u64,
    /// What is deleted, and when. Default: nothing.
    pub retention: Retention,
    /// Age in days from which a finished file is compressed. Default 7, up to 36,500; 0: as soon
    /// as it is finished. `None`: never.
    pub compress_after_days: Option<u32>,
    /// How finished files are compressed. Default gzip; zstd needs the feature `zstd`.
    pub codec: Codec,
    /// Whether finished files get an index, how large it may be in thousandths of the lines (up to 1,000), and
    /// which fields it leaves out. Default: yes, 39, none.
    pub index: IndexSettings,
    /// Further rules by which finished files are deleted. Default none, up to 64.
    pub delete: Vec<DeleteRule>,
    /// When this program sees to finished files. Default [`Housekeeping::Always`].
    pub housekeeping: Housekeeping,
}

impl Default for StoreSettings {
    fn default() -> Self {
        StoreSettings {
            dir: vec![default_log_directory()],
            ring_dir: RingDir::Auto,
            durability: Durability::Process,
            max_file_size: 1 << 30,
            retention: Retention::default(),
            compress_after_days: Some(7),
            codec: Codec::Gzip,
            index: IndexSettings::default(),
            delete: Vec::new(),
            housekeeping: Housekeeping::Always,
        }
    }
}

impl StoreSettings {
    /// What is done to finished files, as the store takes it.
    pub fn life(&self) -> LifeSettings {
        LifeSettings {
            retention_days: self.retention.days,
            max_total_size: self.retention.max_total_size,
            compress_after_days: self.compress_after_days,
            codec: self.codec,
            index: self.index.clone(),
            delete: self.delete.clone(),
        }
    }
}

/// When a program seals, compresses and deletes finished files. Of several programs on one directory one
/// does it at a time, and none more often than hourly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Housekeeping {
    /// At its start and each hour.
    #[default]
    Always,
    /// Each hour, not at its start.
    Hourly,
    /// Never: another program or `logloom clean` does.
    Never,
}

impl Housekeeping {
    /// The words for it in `logloom.yaml`.
    pub const NAMES: [&'static str; 3] = ["always", "hourly", "never"];

    /// Its word in `logloom.yaml`.
    pub fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The inverse of [`Housekeeping::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Always, Self::Hourly, Self::Never].into_iter().find(|one| one.as_str() == text)
    }
}

/// Where the ring segment of a process lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RingDir {
    /// A memory file system of this machine; in a container a directory beneath the log directory
    /// when that is a mount, so that the records outlive the container.
    #[default]
    Auto,
    /// This directory, whatever its file system is. On a disk, write-back can stall callers for
    /// microseconds to hundreds of milliseconds.
    Path(PathBuf),
}

/// What a committed record survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The death of the process at any instruction, but not of the machine. Costs nothing.
    #[default]
    Process,
    /// Also the death of the machine, the last interval excepted.
    Interval {
        /// Milliseconds between two syncs, 1 to 3,600,000.
        ms: u64,
    },
    /// Callers of this level and above wait until their record is on the device.
    Level {
        /// The lowest level that waits.
        at_least: Level,
    },
    /// Every batch is synced before its records count as written. Callers do not wait for it.
    Every,
}

impl Durability {
    /// Whether a batch with so many lines of each level is synced before it counts as written.
    pub(crate) fn syncs(self, levels: &[u32; 6]) -> bool {
        match self {
            Durability::Process | Durability::Interval { .. } => false,
            Durability::Level { at_least } => {
                levels[usize::from(at_least as u8 - Level::Trace as u8)..].iter().any(|n| *n > 0)
            }
            Durability::Every => true,
        }
    }

    /// Whether a call of this level waits until its record is on the device.
    pub(crate) fn waits(self, level: Level) -> bool {
        matches!(self, Durability::Level { at_least } if level >= at_least)
    }
}

/// Which finished files are deleted; first by age, then by size, the oldest first. An open file never is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Files whose day ended at least this many days ago are deleted, 1 to 36,500. Imported ones count from
    /// their import. `None` (the default): none are.
    pub days: Option<u32>,
    /// When all files together take more than this many bytes on the disk, the oldest are deleted. At least
    /// 1 MiB. `None` (the default): no limit.
    pub max_total_size: Option<u64>,
}
