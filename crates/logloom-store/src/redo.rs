//! What the store needs of the rings, as traits the caller implements. In come a batch's bytes and
//! the facts about them; out goes the name of the file the batch may stand in. The store trusts
//! neither: bytes that do not fit their length and checksum are refused.

use std::path::Path;

use crate::head::slot::Tally;
use crate::key::{Day, FileKey};

/// One staged batch: whole lines of one day that outlive this process until `append` succeeded.
///
/// The caller keeps the bytes unchanged and the batch number the same until then. One thread at a time
/// calls `append` for one writer.
pub trait Redo {
    /// Number of the batch: 1 for a writer's first, then one more each.
    fn batch(&self) -> u64;
    /// The lines, each ended by a newline.
    fn bytes(&self) -> &[u8];
    /// Length of `bytes` as noted in the intent.
    fn length(&self) -> u64;
    /// CRC-32 (IEEE) of `bytes` as noted in the intent.
    fn crc32(&self) -> u32;
    /// Lines, levels and times of the batch.
    fn tally(&self) -> Tally;
    /// The UTC day all its records belong to.
    fn day(&self) -> Day;
    /// The file named by the intent: where a part of this batch may already stand.
    fn file(&self) -> Option<FileKey>;
    /// Writes the intent's file word. Must be a release store that another process sees
    /// if this one is killed right after; see [`FileKey::to_word`].
    fn set_file(&self, file: Option<FileKey>);
}

/// Which batch of another writer is wanted.
#[derive(Debug, Clone, Copy)]
pub struct StagedBatch<'a> {
    /// Where that writer's segment is, as it registered it.
    pub segment_path: &'a Path,
    /// Inode of that segment; another file at the path is not it.
    pub segment_inode: u64,
    /// The writer.
    pub writer_uuid: [u8; 16],
    /// Number of the batch.
    pub batch: u64,
    /// Length of the batch in bytes.
    pub length: u64,
    /// CRC-32 of the batch.
    pub crc32: u32,
}

/// Finds batches that other writers, perhaps dead ones, have staged.
pub trait Segments {
    /// The staged bytes of that batch, when the segment can be opened and its intent has that number,
    /// length and checksum; `None` otherwise. Must not block on the other process.
    fn staged(&self, wanted: &StagedBatch<'_>) -> Option<Vec<u8>>;
}

/// No segment can be had: what a dead writer left half written is cut, and appended again by its
/// recovery.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoSegments;

impl Segments for NoSegments {
    fn staged(&self, _wanted: &StagedBatch<'_>) -> Option<Vec<u8>> {
        None
    }
}
