//! Making a segment and adding rings at its end.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::rings::is_capacity;
use super::{Areas, STATE_LIVE, Segment};
use crate::clock::ClockKind;
use crate::layout::{self, control, descriptor, header};
use crate::memory::MemorySystem;
use crate::ring::{Ring, RingKind};

/// Who owns a segment: kernel facts that tell a dead process from a living one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Identity {
    /// Random, never used twice.
    pub uuid: [u8; 16],
    /// The kernel's boot id.
    pub boot_id: [u8; 16],
    /// Process id within its pid namespace.
    pub pid: u32,
    /// Inode of the pid namespace.
    pub pid_namespace: u64,
    /// Start time of the process in clock ticks since boot (field 22 of its stat).
    pub start_time: u64,
}

/// What a new segment is made of.
#[derive(Debug, Clone)]
pub struct SegmentOptions {
    /// Full name of the file; it must not exist.
    pub path: PathBuf,
    /// The log directory that its records belong to.
    pub log_dir: PathBuf,
    /// Its owner.
    pub identity: Identity,
    /// Stage configuration, so that a recovery applies the same masks. At most 64 KiB.
    pub config: String,
    /// Most bytes the file may grow to. Default 64 MiB; never less than the fixed part and one ring of
    /// 64 KiB.
    pub total_bytes: u64,
    /// What ticks are.
    pub clock: ClockKind,
    /// Dictionary bytes to begin with: a fork child takes its parent's. At most 512 KiB.
    pub dictionary: Vec<u8>,
}

pub(super) const AREAS: Areas = Areas {
    ring_table: layout::RING_TABLE,
    ring_max: layout::RING_MAX as u32,
    descriptor_length: layout::DESCRIPTOR_LENGTH,
    dictionary: layout::DICTIONARY,
    dictionary_capacity: layout::DICTIONARY_CAPACITY,
    config: layout::CONFIG,
    config_capacity: layout::CONFIG_CAPACITY,
    loss: layout::LOSS,
    loss_slots: layout::LOSS_SLOTS,
    sources: layout::SOURCES,
    source_slots: layout::SOURCE_SLOTS,
    intent: [layout::INTENT, layout::INTENT + layout::INTENT_LENGTH],
    intent_length: layout::INTENT_LENGTH,
    staging: [layout::STAGING, layout::STAGING + layout::STAGING_CAPACITY],
    staging_capacity: layout::STAGING_CAPACITY,
};

impl Segment {
    /// Creates the file with everything but rings. It is complete when this returns.
    ///
    /// # Errors
    /// When the file exists, the file system has no room, or the configuration or the dictionary is
    /// too large; no file is left behind then.
    pub fn create(memory: &dyn MemorySystem, options: &SegmentOptions) -> io::Result<Self> {
        let segment = Self::create_without_staging(memory, options)?;
        segment.take_staging().inspect_err(|_| {
            // The error of the creation is the one to report, not that of tidying up.
            let _ = memory.remove(&options.path);
        })?;
        Ok(segment)
    }

    /// As [`Segment::create`], in a third of the time: the staging buffers have no memory yet.
    /// [`Segment::take_staging`] comes before the first batch.
    ///
    /// # Errors
    /// When the file exists, the file system has no room, or the configuration or the dictionary is
    /// too large; no file is left behind then.
    pub fn create_without_staging(
        memory: &dyn MemorySystem,
        options: &SegmentOptions,
    ) -> io::Result<Self> {
        let path = &options.path;
        let reserve = options.total_bytes.max(layout::FIXED_LENGTH + layout::SPARE_BYTES);
        let backing = memory.create(path, reserve)?;
        let (path, clock) = (path.clone(), options.clock);
        let segment = Self::new(backing, path, clock);
        segment.fill(options).inspect_err(|_| {
            // The error of the creation is the one to report, not that of tidying up.
            let _ = memory.remove(&options.path);
        })?;
        Ok(segment)
    }

    fn fill(&self, options: &SegmentOptions) -> io::Result<()> {
        // In this order: whoever looks at the file meanwhile finds memory as far as it is long.
        self.backing.take(0, layout::STAGING)?;
        self.backing.lengthen(layout::FIXED_LENGTH)?;
        self.backing.populate(0, layout::RING_TABLE + 16 * layout::DESCRIPTOR_LENGTH);
        self.write_header(options)?;
        if options.config.len() as u64 > layout::CONFIG_CAPACITY {
            return Err(io::Error::other("the stage configuration is larger than 64 KiB"));
        }
        if options.dictionary.len() as u64 > layout::DICTIONARY_CAPACITY {
            return Err(io::Error::other("the dictionary is larger than 512 KiB"));
        }
        self.set_config(&options.config);
        self.write(self.areas.dictionary, &options.dictionary);
        self.word64(control::DICTIONARY_LENGTH)
            .store(options.dictionary.len() as u64, Ordering::Release);
        // The magic comes last: a file without it was never finished and holds no record.
        self.word64(header::MAGIC).store(layout::MAGIC, Ordering::Release);
        Ok(())
    }

    /// Takes memory for the staging buffers, unless that was done: without it a full memory file
    /// system would end the process with a signal. Called by the one writer of the segment.
    ///
    /// # Errors
    /// When the file system has no room.
    pub fn take_staging(&self) -> io::Result<()> {
        if !self.has_staging() {
            let end = self.areas.staging[1] + self.areas.staging_capacity;
            self.backing.take(self.areas.staging[0], end)?;
            self.has_staging.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// Whether a batch can be staged.
    #[must_use]
    pub fn has_staging(&self) -> bool {
        self.has_staging.load(Ordering::Acquire)
    }

    fn write_header(&self, options: &SegmentOptions) -> io::Result<()> {
        let identity = &options.identity;
        let numbers64 = [
            (header::START_TIME, identity.start_time),
            (header::PID_NAMESPACE, identity.pid_namespace),
            (header::CREATED, crate::clock::real_time().cast_unsigned()),
            (header::RING_TABLE, layout::RING_TABLE),
            (header::DICTIONARY, layout::DICTIONARY),
            (header::DICTIONARY_CAPACITY, layout::DICTIONARY_CAPACITY),
            (header::CONFIG, layout::CONFIG),
            (header::CONFIG_CAPACITY, layout::CONFIG_CAPACITY),
            (header::LOSS, layout::LOSS),
            (header::LOSS_SLOTS, layout::LOSS_SLOTS),
            (header::SOURCES, layout::SOURCES),
            (header::SOURCE_SLOTS, layout::SOURCE_SLOTS),
            (header::INTENT, AREAS.intent[0]),
            (header::INTENT + 8, AREAS.intent[1]),
            (header::INTENT_LENGTH, layout::INTENT_LENGTH),
            (header::STAGING, AREAS.staging[0]),
            (header::STAGING + 8, AREAS.staging[1]),
            (header::STAGING_CAPACITY, layout::STAGING_CAPACITY),
        ];
        for (offset, number) in numbers64 {
            self.word64(offset).store(number, Ordering::Relaxed);
        }
        let numbers32 = [
            (header::VERSION, layout::VERSION),
            (header::ENDIAN, layout::ENDIAN_MARK),
            (header::PID, identity.pid),
            (header::CLOCK_KIND, options.clock as u32),
            (header::STATE, STATE_LIVE),
            (header::RING_MAX, layout::RING_MAX as u32),
            (header::DESCRIPTOR_LENGTH, layout::DESCRIPTOR_LENGTH as u32),
        ];
        for (offset, number) in numbers32 {
            self.word32(offset).store(number, Ordering::Relaxed);
        }
        self.write(header::UUID, &identity.uuid);
        self.write(header::BOOT_ID, &identity.boot_id);
        self.set_log_dir(&options.log_dir)
    }

    /// Notes the catalogue that names this segment and the directory that it lies in. The identity
    /// counts, because a directory may be moved; the path tells a copy from it.
    ///
    /// # Errors
    /// The path is longer than 1,500 bytes; nothing has changed then.
    pub fn set_home(&self, catalogue: [u8; 16], log_dir: &Path) -> io::Result<()> {
        self.set_log_dir(log_dir)?;
        self.write(header::HOME, &catalogue);
        Ok(())
    }

    /// Notes the log directory that the segment's records belong to.
    ///
    /// # Errors
    /// The path is longer than 1,500 bytes.
    fn set_log_dir(&self, log_dir: &Path) -> io::Result<()> {
        let bytes = log_dir.as_os_str().as_bytes();
        if bytes.len() > header::LOG_DIR_MAX {
            return Err(io::Error::other(format!(
                "the path of the log directory is longer than {} bytes",
                header::LOG_DIR_MAX
            )));
        }
        self.write(header::LOG_DIR, bytes);
        self.word32(header::LOG_DIR_LENGTH).store(bytes.len() as u32, Ordering::Relaxed);
        Ok(())
    }

    /// Adds a ring of `capacity` bytes (a power of two) at the end of the file.
    ///
    /// # Errors
    /// When the segment or its file system has no room for it, or the capacity is no power of two
    /// of at least 64; nothing has changed then.
    pub fn add_ring(&self, kind: RingKind, capacity: u64) -> io::Result<Ring<'_>> {
        if !is_capacity(capacity) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let _growing = self.growth.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let index = self.ring_count();
        if index >= self.areas.ring_max {
            return Err(io::Error::other("the segment holds its largest number of rings"));
        }
        let data = self.backing.length();
        self.backing.grow(data + capacity, true)?;
        let at = self.descriptor_offset(index);
        self.backing.populate(at & !(layout::PAGE - 1), (at & !(layout::PAGE - 1)) + layout::PAGE);
        self.word64(at + descriptor::DATA).store(data, Ordering::Relaxed);
        self.word64(at + descriptor::CAPACITY).store(capacity, Ordering::Relaxed);
        self.word32(at + descriptor::KIND).store(kind as u32, Ordering::Relaxed);
        self.word64(header::LENGTH).store(data + capacity, Ordering::Relaxed);
        self.word32(header::RING_COUNT).store(index + 1, Ordering::Release);
        self.ring(index).ok_or_else(|| io::Error::other("the new ring is not readable"))
    }

    pub(super) fn descriptor_offset(&self, index: u32) -> u64 {
        self.areas.ring_table + u64::from(index) * self.areas.descriptor_length
    }
}
