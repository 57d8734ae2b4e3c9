//! Offsets and sizes of the segment file, version 1. The drawing is `docs/format-ring.md`.
//!
//! All numbers are little endian. A reader takes the offsets of the areas from the header, so that
//! another version can read an older file, and from here only where the header is damaged.

/// First eight bytes of a segment. Stored inverted so that a scan of memory has no false hits.
pub(crate) const MAGIC: u64 = !u64::from_le_bytes(*b"LLRING01");
/// Version of the layout that this code writes and the only one it reads.
pub(crate) const VERSION: u32 = 1;
/// Written as a number, so that a reader of the other byte order notices.
pub(crate) const ENDIAN_MARK: u32 = 0x0102_0304;
/// Pages are assumed to be this large for the alignment of areas.
pub(crate) const PAGE: u64 = 4096;

/// Offsets within the header page.
pub(crate) mod header {
    pub(crate) const MAGIC: u64 = 0;
    pub(crate) const VERSION: u64 = 8;
    pub(crate) const ENDIAN: u64 = 12;
    pub(crate) const LENGTH: u64 = 16;
    pub(crate) const UUID: u64 = 24;
    pub(crate) const BOOT_ID: u64 = 40;
    pub(crate) const PID: u64 = 56;
    pub(crate) const CLOCK_KIND: u64 = 60;
    pub(crate) const START_TIME: u64 = 64;
    pub(crate) const PID_NAMESPACE: u64 = 72;
    pub(crate) const CREATED: u64 = 80;
    pub(crate) const STATE: u64 = 88;
    pub(crate) const RING_COUNT: u64 = 92;
    pub(crate) const RING_TABLE: u64 = 96;
    pub(crate) const RING_MAX: u64 = 104;
    pub(crate) const DESCRIPTOR_LENGTH: u64 = 108;
    pub(crate) const DICTIONARY: u64 = 112;
    pub(crate) const DICTIONARY_CAPACITY: u64 = 120;
    pub(crate) const CONFIG: u64 = 128;
    pub(crate) const CONFIG_CAPACITY: u64 = 136;
    pub(crate) const LOSS: u64 = 144;
    pub(crate) const LOSS_SLOTS: u64 = 152;
    pub(crate) const SOURCES: u64 = 160;
    pub(crate) const SOURCE_SLOTS: u64 = 168;
    pub(crate) const INTENT: u64 = 176;
    pub(crate) const INTENT_LENGTH: u64 = 192;
    pub(crate) const STAGING: u64 = 200;
    pub(crate) const STAGING_CAPACITY: u64 = 216;
    pub(crate) const LOG_DIR_LENGTH: u64 = 224;
    pub(crate) const LOG_DIR: u64 = 228;
    /// Longest path of the log directory, in bytes.
    pub(crate) const LOG_DIR_MAX: usize = 1500;
    /// Identity of the catalogue that names this segment, 16 bytes; zero before the registration.
    pub(crate) const HOME: u64 = 1744;
    /// Two clock pairs: generation, ticks, nanoseconds, each u64.
    pub(crate) const CLOCK_PAIRS: u64 = 2048;
    pub(crate) const CLOCK_PAIR_LENGTH: u64 = 24;
}

/// Offsets within the control page; each word has a cache line of its own.
pub(crate) mod control {
    pub(crate) const STAGED: u64 = 4096;
    pub(crate) const APPLIED: u64 = 4096 + 64;
    pub(crate) const PARKED: u64 = 4096 + 128;
    pub(crate) const HEARTBEAT: u64 = 4096 + 192;
    pub(crate) const DICTIONARY_LENGTH: u64 = 4096 + 256;
    pub(crate) const CONFIG_LENGTH: u64 = 4096 + 320;
}

/// Offsets within a ring descriptor of [`DESCRIPTOR_LENGTH`] bytes.
pub(crate) mod descriptor {
    /// Written by the producer only.
    pub(crate) const WRITE: u64 = 0;
    /// Written by the writer, and by a full producer that drops the oldest.
    pub(crate) const READ: u64 = 64;
    pub(crate) const DATA: u64 = 128;
    pub(crate) const CAPACITY: u64 = 136;
    pub(crate) const KIND: u64 = 144;
    pub(crate) const OWNER: u64 = 148;
    pub(crate) const THREAD_ID: u64 = 152;
    pub(crate) const THREAD_NAME_LENGTH: u64 = 160;
    pub(crate) const THREAD_NAME: u64 = 164;
    pub(crate) const THREAD_NAME_MAX: usize = 28;
    /// What a full producer is about to drop: the read position it will set.
    pub(crate) const DROP_TO: u64 = 192;
    /// Where that drop begins.
    pub(crate) const DROP_FROM: u64 = 200;
    /// The last drop whose records have all been counted, by its end.
    pub(crate) const DROP_COUNTED: u64 = 208;
}

/// Bytes of a ring descriptor.
pub(crate) const DESCRIPTOR_LENGTH: u64 = 256;
/// Most rings of a segment.
pub(crate) const RING_MAX: u64 = 512;
/// Offset of the ring table.
pub(crate) const RING_TABLE: u64 = 2 * PAGE;
/// Bytes of the stage configuration area.
pub(crate) const CONFIG_CAPACITY: u64 = 64 * 1024;
/// Slots of the loss table, 64 bytes each.
pub(crate) const LOSS_SLOTS: u64 = 512;
/// Bytes of a loss slot.
pub(crate) const LOSS_SLOT_LENGTH: u64 = 64;
/// Slots of the source table, 16 bytes each; slot 0 is not used.
pub(crate) const SOURCE_SLOTS: u64 = 16 * 1024;
/// Bytes of a source slot.
pub(crate) const SOURCE_SLOT_LENGTH: u64 = 16;
/// Bytes of the dictionary.
pub(crate) const DICTIONARY_CAPACITY: u64 = 512 * 1024;
/// Bytes of an intent.
pub(crate) const INTENT_LENGTH: u64 = 32 * 1024;
/// Bytes of a staging buffer: a batch of 256 KiB and one more line of 1 MiB.
pub(crate) const STAGING_CAPACITY: u64 = (1024 + 320) * 1024;

/// Bytes of the ring that signal handlers use, which every segment has.
pub(crate) const SPARE_BYTES: u64 = 64 << 10;

/// Offset of the stage configuration.
pub(crate) const CONFIG: u64 = RING_TABLE + RING_MAX * DESCRIPTOR_LENGTH;
/// Offset of the loss table.
pub(crate) const LOSS: u64 = CONFIG + CONFIG_CAPACITY;
/// Offset of the source table.
pub(crate) const SOURCES: u64 = LOSS + LOSS_SLOTS * LOSS_SLOT_LENGTH;
/// Offset of the first intent; the second follows.
pub(crate) const INTENT: u64 = SOURCES + SOURCE_SLOTS * SOURCE_SLOT_LENGTH;
/// Offset of the dictionary.
pub(crate) const DICTIONARY: u64 = INTENT + 2 * INTENT_LENGTH;
/// Offset of the first staging buffer; the second follows.
pub(crate) const STAGING: u64 = DICTIONARY + DICTIONARY_CAPACITY;
/// Length of a segment before its first ring.
pub(crate) const FIXED_LENGTH: u64 = STAGING + 2 * STAGING_CAPACITY;

const _: () = assert!(
    FIXED_LENGTH.is_multiple_of(PAGE)
        && DICTIONARY.is_multiple_of(PAGE)
        && STAGING.is_multiple_of(PAGE)
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_shows_these_offsets() {
        let drawing = include_str!("../../../docs/format-ring.md");
        let offsets =
            [RING_TABLE, CONFIG, LOSS, SOURCES, INTENT, DICTIONARY, STAGING, FIXED_LENGTH];
        for offset in offsets {
            let digits = offset.to_string();
            let (head, tail) = digits.split_at(digits.len() - 3);
            let text = match head.len() {
                0..=3 => format!("\n{head},{tail} "),
                length => format!("\n{},{},{tail} ", &head[..length - 3], &head[length - 3..]),
            };
            assert!(drawing.contains(&text), "docs/format-ring.md does not show {text:?}");
        }
    }
}
