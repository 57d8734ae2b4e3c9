//! Slots as bytes. In come slot values or 512 bytes of any content; out go 512 bytes or a value.
//! A copy is refused when its checksum is wrong or a field holds a value that has no meaning.

use super::slot::{
    BatchId, Catalogue, FileSlot, FileState, Packed, Pending, StoreSettings, Tally, WriterIdentity,
};
use super::{COPY_SIZE, FILE_SLOTS, FILE_SLOTS_FIRST, FORMAT_VERSION, MAGIC, WRITER_SLOTS};
use crate::key::{Day, FileKey};
use crate::packed::Codec;

pub(crate) const COPY_BYTES: usize = COPY_SIZE as usize;
const COPY: usize = COPY_BYTES;
const CRC_AT: usize = COPY - 4;
/// Longest segment path that a writer slot holds, in bytes.
pub(crate) const SEGMENT_PATH_MAX: usize = 384;
const DIALECT_MAX: usize = 15;
const NO_WRITER: u32 = u32::MAX;

/// One copy of a slot as it stands in the file.
pub(crate) type CopyBytes = [u8; COPY];

/// A value with two copies in `head`. `None` stands for an empty slot.
pub(crate) trait Slot: Sized {
    fn encode(&self, bytes: &mut CopyBytes);
    /// `None` when a field has no meaning; the checksum is already right.
    fn decode(bytes: &CopyBytes) -> Option<Option<Self>>;
}

/// What one copy holds.
pub(crate) enum Read<T> {
    /// Never written.
    Blank,
    /// Generation and value (`None`: a slot that was freed).
    Valid(u64, Option<T>),
    /// Torn or damaged.
    Bad,
}

pub(crate) fn seal_copy<T: Slot>(generation: u64, value: Option<&T>) -> CopyBytes {
    let mut bytes = [0; COPY];
    if let Some(value) = value {
        value.encode(&mut bytes);
    }
    put_u64(&mut bytes, 0, generation);
    let crc = crc32fast::hash(&bytes[..CRC_AT]);
    put_u32(&mut bytes, CRC_AT, crc);
    bytes
}

pub(crate) fn open_copy<T: Slot>(bytes: &CopyBytes) -> Read<T> {
    let generation = get_u64(bytes, 0);
    // The last number leaves none for the next write.
    let is_counted = (1..u64::MAX).contains(&generation);
    if crc32fast::hash(&bytes[..CRC_AT]) != get_u32(bytes, CRC_AT) || !is_counted {
        let blank = bytes.iter().all(|byte| *byte == 0);
        return if blank { Read::Blank } else { Read::Bad };
    }
    match T::decode(bytes) {
        Some(value) => Read::Valid(generation, value),
        None => Read::Bad,
    }
}

impl Slot for FileSlot {
    fn encode(&self, bytes: &mut CopyBytes) {
        bytes[8] = state_code(self.state);
        put_u32(bytes, 12, self.key.day.number());
        put_u32(bytes, 16, self.key.split);
        put_u64(bytes, 24, self.birth);
        put_u64(bytes, 32, self.inode);
        put_u64(bytes, 40, self.committed);
        put_tally(bytes, 48, &self.tally);
        put_batch(bytes, 128, self.last.as_ref());
        put_batch(bytes, 160, self.pending.as_ref().map(|pending| &pending.id));
        if let Some(pending) = &self.pending {
            put_u64(bytes, 192, pending.offset);
            put_u64(bytes, 200, pending.length);
            put_u32(bytes, 208, pending.crc32);
            put_tally(bytes, 216, &pending.tally);
        }
        put_u64(bytes, 296, self.created_ns.cast_unsigned());
        if let Some(packed) = &self.packed {
            bytes[9] = 1 + packed.codec as u8;
            put_u64(bytes, 304, packed.bytes);
        }
    }

    fn decode(bytes: &CopyBytes) -> Option<Option<FileSlot>> {
        if bytes[8] == 0 {
            return Some(None);
        }
        let pending = get_batch(bytes, 160)?.map(|id| Pending {
            id,
            offset: get_u64(bytes, 192),
            length: get_u64(bytes, 200),
            crc32: get_u32(bytes, 208),
            tally: get_tally(bytes, 216),
        });
        let slot = FileSlot {
            state: state_of(bytes[8])?,
            key: FileKey { day: Day::from_number(get_u32(bytes, 12))?, split: get_u32(bytes, 16) },
            birth: get_u64(bytes, 24),
            inode: get_u64(bytes, 32),
            committed: get_u64(bytes, 40),
            tally: get_tally(bytes, 48),
            last: get_batch(bytes, 128)?,
            pending,
            created_ns: get_u64(bytes, 296).cast_signed(),
            packed: get_packed(bytes)?,
        };
        // Offsets are signed for the system; a pending batch always begins where commits end.
        let end = slot.pending.map_or(Some(slot.committed), |p| p.offset.checked_add(p.length))?;
        let fits = slot.pending.is_none_or(|p| p.offset == slot.committed);
        (fits && slot.birth > 0 && i64::try_from(end).is_ok()).then_some(Some(slot))
    }
}

fn get_packed(bytes: &CopyBytes) -> Option<Option<Packed>> {
    let Some(number) = bytes[9].checked_sub(1) else { return Some(None) };
    let codec = *Codec::ALL.get(usize::from(number))?;
    Some(Some(Packed { codec, bytes: get_u64(bytes, 304) }))
}

impl Slot for WriterIdentity {
    fn encode(&self, bytes: &mut CopyBytes) {
        let path = self.segment_path.as_bytes();
        let length = path.len().min(SEGMENT_PATH_MAX);
        bytes[8] = 1;
        put_u32(bytes, 12, self.pid);
        bytes[16..32].copy_from_slice(&self.uuid);
        bytes[32..48].copy_from_slice(&self.boot_id);
        put_u64(bytes, 48, self.start_time);
        put_u64(bytes, 56, self.pid_namespace);
        put_u64(bytes, 64, self.segment_inode);
        put_u32(bytes, 72, length as u32);
        bytes[80..80 + length].copy_from_slice(&path[..length]);
    }

    fn decode(bytes: &CopyBytes) -> Option<Option<WriterIdentity>> {
        if bytes[8] == 0 {
            return Some(None);
        }
        let length = get_u32(bytes, 72) as usize;
        if bytes[8] != 1 || length > SEGMENT_PATH_MAX {
            return None;
        }
        Some(Some(WriterIdentity {
            uuid: get_id(bytes, 16),
            boot_id: get_id(bytes, 32),
            pid: get_u32(bytes, 12),
            start_time: get_u64(bytes, 48),
            pid_namespace: get_u64(bytes, 56),
            segment_path: std::str::from_utf8(&bytes[80..80 + length]).ok()?.to_owned(),
            segment_inode: get_u64(bytes, 64),
        }))
    }
}

/// A writer's last committed batch. Belongs to the writer with that uuid only: a value left over
/// from an earlier writer in the same slot counts as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) uuid: [u8; 16],
    pub(crate) batch: u64,
}

impl Slot for Done {
    fn encode(&self, bytes: &mut CopyBytes) {
        bytes[8..24].copy_from_slice(&self.uuid);
        put_u64(bytes, 24, self.batch);
    }

    fn decode(bytes: &CopyBytes) -> Option<Option<Done>> {
        Some(Some(Done { uuid: get_id(bytes, 8), batch: get_u64(bytes, 24) }))
    }
}

impl Slot for Catalogue {
    fn encode(&self, bytes: &mut CopyBytes) {
        bytes[8..24].copy_from_slice(&self.boot_id);
        put_u64(bytes, 24, self.next_birth);
        put_u32(bytes, 32, self.files_used);
        put_u32(bytes, 36, self.writers_used);
    }

    fn decode(bytes: &CopyBytes) -> Option<Option<Catalogue>> {
        let catalogue = Catalogue {
            boot_id: get_id(bytes, 8),
            next_birth: get_u64(bytes, 24),
            files_used: get_u32(bytes, 32),
            writers_used: get_u32(bytes, 36),
        };
        let fits = catalogue.files_used <= FILE_SLOTS
            && catalogue.writers_used <= WRITER_SLOTS
            && (1..u64::MAX).contains(&catalogue.next_birth);
        fits.then_some(Some(catalogue))
    }
}

/// The fixed first bytes of `head`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) store_id: [u8; 16],
    pub(crate) settings: StoreSettings,
}

/// Why the first bytes of `head` cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    /// A later version: hands off.
    Newer(u32),
    /// Not a header, or damaged.
    Damaged,
}

impl Header {
    pub(crate) fn encode(&self, version: u32) -> CopyBytes {
        let mut bytes = [0; COPY];
        let dialect = self.settings.dialect.as_bytes();
        let length = dialect.len().min(DIALECT_MAX);
        bytes[..8].copy_from_slice(&MAGIC);
        put_u32(&mut bytes, 8, version);
        put_u32(&mut bytes, 12, FILE_SLOTS_FIRST);
        put_u32(&mut bytes, 16, WRITER_SLOTS);
        put_u64(&mut bytes, 24, self.settings.max_file_size);
        bytes[32..48].copy_from_slice(&self.store_id);
        bytes[48..48 + length].copy_from_slice(&dialect[..length]);
        let crc = crc32fast::hash(&bytes[..CRC_AT]);
        put_u32(&mut bytes, CRC_AT, crc);
        bytes
    }

    pub(crate) fn decode(bytes: &CopyBytes) -> Result<Header, HeaderFault> {
        let crc_fits = crc32fast::hash(&bytes[..CRC_AT]) == get_u32(bytes, CRC_AT);
        if bytes[..8] != MAGIC || !crc_fits {
            return Err(HeaderFault::Damaged);
        }
        let version = get_u32(bytes, 8);
        if version > FORMAT_VERSION {
            return Err(HeaderFault::Newer(version));
        }
        let dialect: Vec<u8> = bytes[48..64].iter().copied().take_while(|byte| *byte > 0).collect();
        let dialect = String::from_utf8(dialect).map_err(|_| HeaderFault::Damaged)?;
        let max_file_size = get_u64(bytes, 24);
        let counts_fit =
            get_u32(bytes, 12) == FILE_SLOTS_FIRST && get_u32(bytes, 16) == WRITER_SLOTS;
        if !counts_fit || max_file_size == 0 || version == 0 {
            return Err(HeaderFault::Damaged);
        }
        Ok(Header {
            store_id: get_id(bytes, 32),
            settings: StoreSettings { dialect, max_file_size },
        })
    }
}

fn state_code(state: FileState) -> u8 {
    match state {
        FileState::Open => 1,
        FileState::Sealed => 2,
        FileState::Compressed => 3,
        FileState::Gone => 4,
        FileState::Suspect => 5,
    }
}

fn state_of(code: u8) -> Option<FileState> {
    Some(match code {
        1 => FileState::Open,
        2 => FileState::Sealed,
        3 => FileState::Compressed,
        4 => FileState::Gone,
        5 => FileState::Suspect,
        _ => return None,
    })
}

pub(crate) fn put_u32(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

pub(crate) fn put_u64(bytes: &mut [u8], at: usize, value: u64) {
    bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

pub(crate) fn get_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

pub(crate) fn get_u64(bytes: &[u8], at: usize) -> u64 {
    u64::from(get_u32(bytes, at)) | u64::from(get_u32(bytes, at + 4)) << 32
}

fn get_id(bytes: &[u8], at: usize) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&bytes[at..at + 16]);
    id
}

// 8 bytes lines, 48 bytes levels, 16 bytes times, 8 bytes whether there are times.
fn put_tally(bytes: &mut [u8], at: usize, tally: &Tally) {
    put_u64(bytes, at, tally.lines);
    for (index, count) in tally.levels.iter().enumerate() {
        put_u64(bytes, at + 8 + index * 8, *count);
    }
    if let Some((low, high)) = tally.times {
        put_u64(bytes, at + 56, low as u64);
        put_u64(bytes, at + 64, high as u64);
        put_u64(bytes, at + 72, 1);
    }
}

fn get_tally(bytes: &[u8], at: usize) -> Tally {
    let mut levels = [0; 6];
    for (index, count) in levels.iter_mut().enumerate() {
        *count = get_u64(bytes, at + 8 + index * 8);
    }
    let times = (get_u64(bytes, at + 72) == 1)
        .then(|| (get_u64(bytes, at + 56) as i64, get_u64(bytes, at + 64) as i64));
    Tally { lines: get_u64(bytes, at), levels, times }
}

// 4 bytes slot, 4 bytes zero, 16 bytes uuid, 8 bytes batch.
pub(crate) fn put_batch(bytes: &mut [u8], at: usize, batch: Option<&BatchId>) {
    put_u32(bytes, at, batch.map_or(NO_WRITER, |batch| batch.writer));
    if let Some(batch) = batch {
        bytes[at + 8..at + 24].copy_from_slice(&batch.uuid);
        put_u64(bytes, at + 24, batch.batch);
    }
}

pub(crate) fn get_batch(bytes: &[u8], at: usize) -> Option<Option<BatchId>> {
    let writer = get_u32(bytes, at);
    if writer == NO_WRITER {
        return Some(None);
    }
    let batch = BatchId { writer, uuid: get_id(bytes, at + 8), batch: get_u64(bytes, at + 24) };
    (writer < WRITER_SLOTS).then_some(Some(batch))
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
