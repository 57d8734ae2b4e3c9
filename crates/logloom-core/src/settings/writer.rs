//! Takes how records shall pass through memory and what a line shall carry, hands it to the ring,
//! the writer and the encoder; refuses nothing (see `validate`).

use std::time::Duration;

/// Most bytes of [`BatchSettings::max_batch_bytes`], and of [`RingSettings::max_record`]: a staging
/// buffer of a segment holds one such batch with one such line behind it, and no more.
pub(crate) const BATCH_BYTES_MAX: u32 = 256 << 10;
pub(crate) const RECORD_BYTES_MAX: u64 = 1 << 20;

/// When the writer thread writes: every few milliseconds while the program logs, within 100 ms after
/// silence, at once when a ring fills. Under load batches grow to `max_batch_bytes`, and no record
/// waits longer than `batch_timeout`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchSettings {
    /// Records that make the writer write at once. Default 100, 1 to 1,000,000. Without effect in
    /// this version, which counts bytes: the callers' rings wake the writer when a quarter is full.
    pub batch_size: u32,
    /// Longest time a record waits for others, 1 ms to 60 s. Default 1 s. The writer is usually
    /// much quicker: within 5 ms while the program logs steadily.
    pub batch_timeout: Duration,
    /// Bytes of lines from which a write takes no further line. Default 256 KiB, which is also the
    /// limit; at least 4 KiB.
    pub max_batch_bytes: u32,
}

impl Default for BatchSettings {
    fn default() -> Self {
        BatchSettings {
            batch_size: 100,
            batch_timeout: Duration::from_secs(1),
            max_batch_bytes: 256 << 10,
        }
    }
}

/// Which day file takes a record that came with a time of its own from another program.
///
/// No key of the configuration: whoever takes over foreign records decides it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForeignDay {
    /// That of its time when this lies from 48 hours before to 10 minutes after its arrival, else
    /// that of its arrival: a clock gone wrong must not spread records over a thousand files.
    #[default]
    NearArrival,
    /// That of its time, however old, from 1970 on; of an earlier one that of its arrival. For
    /// the import of old files.
    Own,
}

impl BatchSettings {
    /// [`BatchSettings::max_batch_bytes`] within its limit, whatever the field holds.
    pub(crate) fn bytes(&self) -> usize {
        self.max_batch_bytes.min(BATCH_BYTES_MAX) as usize
    }
}

impl RingSettings {
    /// [`RingSettings::max_record`] within its limit, whatever the field holds.
    pub(crate) fn record_bytes(&self) -> usize {
        self.max_record.min(RECORD_BYTES_MAX) as usize
    }
}

/// Sizes of the shared memory that takes the records first. All in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingSettings {
    /// Ring of one thread. Default 512 KiB, 16 KiB to 1 GiB; rounded up to a power of two.
    pub bytes_per_thread: u64,
    /// Second ring of a thread, for ERROR and FATAL. Default 64 KiB, 16 KiB to 1 GiB; rounded up
    /// to a power of two.
    pub error_bytes_per_thread: u64,
    /// All rings of the process. Default 64 MiB, 1 MiB to 64 GiB. Threads beyond it share rings.
    pub total: u64,
    /// One record. Default 1 MiB, which is also the limit; at least 1 KiB. A longer one is cut with
    /// a mark that says so; a line of another program becomes numbered parts.
    pub max_record: u64,
}

impl Default for RingSettings {
    fn default() -> Self {
        RingSettings {
            bytes_per_thread: 512 << 10,
            error_bytes_per_thread: 64 << 10,
            total: 64 << 20,
            max_record: 1 << 20,
        }
    }
}

/// Which optional fields each line carries. Default: `template` only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncludeSettings {
    /// `file`: source file of the call. Default false.
    pub file: bool,
    /// `line`: source line of the call. Default false.
    pub line: bool,
    /// `thread`: name of the calling thread. Default false.
    pub thread: bool,
    /// `pid`: process id. Default false.
    pub pid: bool,
    /// `host`: name of the machine. Default false.
    pub host: bool,
    /// `template`: the message before its holes were filled, where it has any. Default true.
    pub template: bool,
}

impl Default for IncludeSettings {
    fn default() -> Self {
        IncludeSettings {
            file: false,
            line: false,
            thread: false,
            pid: false,
            host: false,
            template: true,
        }
    }
}
