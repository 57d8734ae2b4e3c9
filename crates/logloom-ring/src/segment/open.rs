//! Opening another process's segment, whose bytes are not to be trusted.

use std::fmt;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::create::AREAS;
use super::{Areas, Identity, Segment};
use crate::clock::ClockKind;
use crate::layout::{self, control, header};
use crate::memory::MemorySystem;

/// Why a segment cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The file cannot be opened or mapped.
    Io(io::Error),
    /// The file is shorter than a header, or its creation was never finished: it holds no record.
    Unfinished,
    /// Another version of Logloom wrote it; that version can read it.
    Version {
        /// The version that the file states.
        found: u32,
    },
    /// An area lies outside the file.
    Damaged {
        /// Which area.
        area: &'static str,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(formatter, "{error}"),
            Self::Unfinished => write!(formatter, "the segment was never finished"),
            Self::Version { found } => write!(
                formatter,
                "the segment has format version {found}, this program reads {}; recover it with \
                 the version that wrote it",
                layout::VERSION
            ),
            Self::Damaged { area } => {
                write!(formatter, "the segment is damaged: its {area} lies outside the file")
            }
        }
    }
}

impl std::error::Error for OpenError {}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Areas {
    /// Name, offset and length of each area, in the order in which they lie in the file.
    fn in_order(&self) -> [(&'static str, u64, u64); 9] {
        let rings = u64::from(self.ring_max) * self.descriptor_length;
        let losses = self.loss_slots.saturating_mul(layout::LOSS_SLOT_LENGTH);
        let sources = self.source_slots.saturating_mul(layout::SOURCE_SLOT_LENGTH);
        [
            ("ring table", self.ring_table, rings),
            ("configuration", self.config, self.config_capacity),
            ("loss table", self.loss, losses),
            ("source table", self.sources, sources),
            ("first intent", self.intent[0], self.intent_length),
            ("second intent", self.intent[1], self.intent_length),
            ("dictionary", self.dictionary, self.dictionary_capacity),
            ("first staging buffer", self.staging[0], self.staging_capacity),
            ("second staging buffer", self.staging[1], self.staging_capacity),
        ]
    }

    fn is_possible(&self) -> bool {
        let mut end = Some(layout::RING_TABLE);
        let is_gapless = self.in_order().into_iter().all(|(_, offset, length)| {
            let follows = offset % 8 == 0 && length > 0 && end == Some(offset);
            end = offset.checked_add(length);
            follows
        });
        is_gapless
            && end.is_some()
            && self.descriptor_length == layout::DESCRIPTOR_LENGTH
            && self.intent_length == layout::INTENT_LENGTH
            && u64::from(self.ring_max) <= layout::RING_MAX
            && self.source_slots <= layout::SOURCE_SLOTS
    }

    /// Where the areas end and the rings may begin.
    pub(super) fn end(&self) -> u64 {
        self.staging[1] + self.staging_capacity
    }
}

impl Segment {
    /// Opens a segment that another process made.
    ///
    /// # Errors
    /// See [`OpenError`]; the file is left as it is.
    pub fn open(memory: &dyn MemorySystem, path: &Path) -> Result<Self, OpenError> {
        let backing = memory.open(path)?;
        // Its maker may be at it just now, or have died: an access to what has no memory yet would be
        // SIGBUS where there is no room. With the magic all has memory but the staging buffers.
        let magic = backing.peek(header::MAGIC)?;
        if backing.length() < layout::RING_TABLE || magic != layout::MAGIC {
            return Err(OpenError::Unfinished);
        }
        // In a copy it may be otherwise.
        backing.fill_holes(layout::STAGING..layout::FIXED_LENGTH)?;
        let mut segment = Self::new(backing, path.to_owned(), ClockKind::RealTime);
        segment.check_version()?;
        segment.areas = segment.read_areas()?;
        segment.found = Some(segment.find_rings());
        segment.clock =
            ClockKind::from_number(segment.word32(header::CLOCK_KIND).load(Ordering::Relaxed));
        Ok(segment)
    }

    fn check_version(&self) -> Result<(), OpenError> {
        if self.word64(header::MAGIC).load(Ordering::Acquire) != layout::MAGIC {
            return Err(OpenError::Unfinished);
        }
        let found = self.word32(header::VERSION).load(Ordering::Relaxed);
        let endian = self.word32(header::ENDIAN).load(Ordering::Relaxed);
        if found != layout::VERSION || endian != layout::ENDIAN_MARK {
            return Err(OpenError::Version { found });
        }
        Ok(())
    }

    /// The areas that the header names. They lie one behind the other without gaps; a header that
    /// says otherwise is damaged, and the drawing of its version counts instead.
    fn read_areas(&self) -> Result<Areas, OpenError> {
        let number = |offset| self.word64(offset).load(Ordering::Relaxed);
        let small = |offset| self.word32(offset).load(Ordering::Relaxed);
        let stated = Areas {
            ring_table: number(header::RING_TABLE),
            ring_max: small(header::RING_MAX),
            descriptor_length: u64::from(small(header::DESCRIPTOR_LENGTH)),
            dictionary: number(header::DICTIONARY),
            dictionary_capacity: number(header::DICTIONARY_CAPACITY),
            config: number(header::CONFIG),
            config_capacity: number(header::CONFIG_CAPACITY),
            loss: number(header::LOSS),
            loss_slots: number(header::LOSS_SLOTS),
            sources: number(header::SOURCES),
            source_slots: number(header::SOURCE_SLOTS),
            intent: [number(header::INTENT), number(header::INTENT + 8)],
            intent_length: number(header::INTENT_LENGTH),
            staging: [number(header::STAGING), number(header::STAGING + 8)],
            staging_capacity: number(header::STAGING_CAPACITY),
        };
        let areas = if stated.is_possible() { stated } else { AREAS };
        let beyond = areas.in_order().into_iter().find(|area| area.1 + area.2 > self.length());
        beyond.map_or(Ok(areas), |(area, ..)| Err(OpenError::Damaged { area }))
    }

    /// Who owns the segment.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let mut identity = Identity {
            pid: self.word32(header::PID).load(Ordering::Relaxed),
            start_time: self.word64(header::START_TIME).load(Ordering::Relaxed),
            pid_namespace: self.word64(header::PID_NAMESPACE).load(Ordering::Relaxed),
            ..Identity::default()
        };
        identity.uuid.copy_from_slice(self.bytes(header::UUID, 16));
        identity.boot_id.copy_from_slice(self.bytes(header::BOOT_ID, 16));
        identity
    }

    /// Identity of the catalogue that names this segment; zero before the registration.
    #[must_use]
    pub fn home(&self) -> [u8; 16] {
        let mut catalogue = [0; 16];
        catalogue.copy_from_slice(self.bytes(header::HOME, 16));
        catalogue
    }

    /// The log directory that the segment's records belong to.
    #[must_use]
    pub fn log_dir(&self) -> PathBuf {
        let length = self.word32(header::LOG_DIR_LENGTH).load(Ordering::Relaxed) as usize;
        let length = length.min(header::LOG_DIR_MAX);
        std::ffi::OsString::from_vec(self.read(header::LOG_DIR, length)).into()
    }

    /// The stage configuration that the owner ran with.
    #[must_use]
    pub fn config(&self) -> String {
        let length = self.word64(control::CONFIG_LENGTH).load(Ordering::Acquire);
        let length = length.min(self.areas.config_capacity) as usize;
        String::from_utf8_lossy(&self.read(self.areas.config, length)).into_owned()
    }
}
