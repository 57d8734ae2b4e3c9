//! The values that stand in `head`. In and out: plain data. Refuses nothing; the codec does.

use crate::key::FileKey;
use crate::packed::Codec;

/// What a day file is at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileState {
    /// Takes records.
    Open,
    /// Complete: never appended to again.
    Sealed,
    /// Complete and compressed.
    Compressed,
    /// Deleted.
    Gone,
    /// Not to be trusted further than `committed`: replaced, cut from outside, or a failed sync.
    /// Never appended to again.
    Suspect,
}

impl FileState {
    /// The word used in `metadata.json`.
    pub fn name(self) -> &'static str {
        match self {
            FileState::Open => "open",
            FileState::Sealed => "sealed",
            FileState::Compressed => "gz",
            FileState::Gone => "gone",
            FileState::Suspect => "suspect",
        }
    }
}

/// What is counted of a range of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Number of lines.
    pub lines: u64,
    /// Lines by level: TRACE, DEBUG, INFO, WARN, ERROR, FATAL.
    pub levels: [u64; 6],
    /// Least and greatest time of a line, nanoseconds since 1970; `None` without lines. Those of each
    /// line lie between them: one without a time in the usual form makes them [`Tally::ANY_TIME`].
    pub times: Option<(i64, i64)>,
}

impl Tally {
    /// Times of lines that may have any: no other ones come of it by adding further lines.
    pub const ANY_TIME: (i64, i64) = (i64::MIN, i64::MAX);

    /// Adds the lines of `other`. Saturates at the largest number.
    pub fn add(&mut self, other: &Tally) {
        self.lines = self.lines.saturating_add(other.lines);
        for (sum, count) in self.levels.iter_mut().zip(other.levels) {
            *sum = sum.saturating_add(count);
        }
        self.times = match (self.times, other.times) {
            (Some((low, high)), Some((other_low, other_high))) => {
                Some((low.min(other_low), high.max(other_high)))
            }
            (mine, others) => mine.or(others),
        };
    }
}

/// A writer's batch, as a file slot names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchId {
    /// Slot of the writer.
    pub(crate) writer: u32,
    /// Tells that writer from a later one in the same slot.
    pub(crate) uuid: [u8; 16],
    /// Number of the batch, from 1.
    pub(crate) batch: u64,
}

/// A batch that is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(crate) id: BatchId,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) crc32: u32,
    pub(crate) tally: Tally,
}

/// One file slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileSlot {
    pub(crate) state: FileState,
    pub(crate) key: FileKey,
    pub(crate) birth: u64,
    pub(crate) inode: u64,
    pub(crate) committed: u64,
    pub(crate) tally: Tally,
    pub(crate) last: Option<BatchId>,
    pub(crate) pending: Option<Pending>,
    /// When the file was made, nanoseconds since 1970; 0 for one that was found.
    pub(crate) created_ns: i64,
    /// Its compressed form; `None` unless it is compressed.
    pub(crate) packed: Option<Packed>,
}

/// The compressed form of a day file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packed {
    pub(crate) codec: Codec,
    /// Its length on the disk.
    pub(crate) bytes: u64,
}

/// Who a writer is: enough to tell whether it lives, and to find what it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterIdentity {
    /// Random, one for each registration.
    pub uuid: [u8; 16],
    /// The boot in which the process runs.
    pub boot_id: [u8; 16],
    /// Number of the process in its pid namespace.
    pub pid: u32,
    /// Start time of the process, clock ticks since boot.
    pub start_time: u64,
    /// Inode of the pid namespace; 0 where it is unknown.
    pub pid_namespace: u64,
    /// Absolute path of the ring segment, UTF-8, at most 384 bytes; empty for a writer without one.
    pub segment_path: String,
    /// Inode of the ring segment.
    pub segment_inode: u64,
}

/// Facts about the directory as a whole; changed under the catalogue lock only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Catalogue {
    /// The boot in which files were last appended.
    pub(crate) boot_id: [u8; 16],
    /// Birth number of the next file.
    pub(crate) next_birth: u64,
    /// File slots from here on were never used.
    pub(crate) files_used: u32,
    /// Writer slots from here on were never used.
    pub(crate) writers_used: u32,
}

/// What must be the same for all writers of a directory. Fixed when the directory is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSettings {
    /// Name of the JSON dialect of the lines, at most 15 bytes of ASCII. Default `loom`.
    pub dialect: String,
    /// A file that has reached this many bytes gets a following split. Default 1 GiB, at least 1.
    /// A single batch larger than this still goes into one file.
    pub max_file_size: u64,
}

impl Default for StoreSettings {
    fn default() -> StoreSettings {
        StoreSettings { dialect: "loom".to_owned(), max_file_size: 1 << 30 }
    }
}
