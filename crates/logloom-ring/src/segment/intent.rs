//! The intent of a batch: everything that must happen together, written before `staged`.
//!
//! ```text
//!    0 u64 batch      8 u64 file (0 none)   16 u64 length   24 u32 crc   28 u32 lines
//!   32 i64 least time                       40 i64 greatest time
//!   48 u32 day       52 u32 x 6 lines by level
//!   76 u32 rings     80 u32 losses          84 u32 sources  88 u32 sessions
//!   96 rings:   (u32 index, u32 0, u64 read position) each
//!      losses:  (u32 slot,  u32 0, u64 reported)      each
//!      sources: (u32 source,u32 0, u64 end)           each
//! 25,696     sessions: 16 bytes each, as many as 88 u32 says
//! ```

use std::sync::atomic::Ordering;

use super::Segment;

/// Most rings an intent carries: all of a segment's.
pub const MAX_RINGS: usize = 512;
/// Most loss counters reported by one batch.
pub const MAX_LOSSES: usize = 64;
/// Most sources advanced by one batch.
pub const MAX_SOURCES: usize = 1_024;

/// Most sessions whose actions one batch numbers.
pub const MAX_SESSIONS: usize = 256;

const ENTRY: u64 = 16;
const LISTS: u64 = 96;
const SESSIONS: u64 = LISTS + ENTRY * (MAX_RINGS + MAX_LOSSES + MAX_SOURCES) as u64;

/// What batch `batch` does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intent {
    /// The batch's number, counting up from 1.
    pub batch: u64,
    /// Bytes staged.
    pub length: u64,
    /// CRC-32 of the staged bytes.
    pub crc: u32,
    /// Lines staged.
    pub lines: u32,
    /// Least time of a line, nanoseconds since 1970.
    pub least: i64,
    /// Greatest time of a line.
    pub greatest: i64,
    /// The day that all lines belong to, in the store's numbering of days.
    pub day: u32,
    /// Lines by level, TRACE first.
    pub levels: [u32; 6],
    /// New read position of every ring touched.
    pub rings: Vec<(u32, u64)>,
    /// New reported count of every loss slot reported.
    pub losses: Vec<(u32, u64)>,
    /// New end position of every source touched.
    pub sources: Vec<(u32, u64)>,
}

/// One of the two places for an intent and its staged bytes.
#[derive(Clone, Copy)]
pub struct IntentSlot<'a> {
    segment: &'a Segment,
    which: usize,
}

impl Segment {
    /// The place of batch `batch`: even and odd batches alternate.
    #[must_use]
    pub fn intent_slot(&self, batch: u64) -> IntentSlot<'_> {
        IntentSlot { segment: self, which: (batch & 1) as usize }
    }
}

impl<'a> IntentSlot<'a> {
    fn base(&self) -> u64 {
        self.segment.areas.intent[self.which]
    }

    /// Writes the staged bytes and the intent, with no file chosen yet. The batch becomes valid
    /// only by [`Segment::set_staged`].
    ///
    /// # Panics
    /// When the bytes exceed [`Segment::staging_capacity`] or a list its maximum: the writer cuts
    /// batches before that.
    pub fn fill(&self, intent: &Intent, bytes: &[u8]) {
        assert!(bytes.len() as u64 <= self.segment.areas.staging_capacity, "batch too large");
        assert!(intent.rings.len() <= MAX_RINGS && intent.losses.len() <= MAX_LOSSES);
        assert!(intent.sources.len() <= MAX_SOURCES);
        self.segment.write(self.segment.areas.staging[self.which], bytes);
        let base = self.base();
        let segment = self.segment;
        let put64 = |at: u64, value: u64| segment.word64(base + at).store(value, Ordering::Relaxed);
        let put32 = |at: u64, value: u32| segment.word32(base + at).store(value, Ordering::Relaxed);
        put64(0, intent.batch);
        put64(8, 0);
        put64(16, intent.length);
        put32(24, intent.crc);
        put32(28, intent.lines);
        put64(32, intent.least.cast_unsigned());
        put64(40, intent.greatest.cast_unsigned());
        put32(48, intent.day);
        for (index, count) in intent.levels.iter().enumerate() {
            put32(52 + 4 * index as u64, *count);
        }
        put32(76, intent.rings.len() as u32);
        put32(80, intent.losses.len() as u32);
        put32(84, intent.sources.len() as u32);
        let lists = intent.rings.iter().chain(&intent.losses).chain(&intent.sources);
        for (index, (number, value)) in lists.enumerate() {
            let at = LISTS + ENTRY * index as u64;
            put32(at, *number);
            put64(at + 8, *value);
        }
    }

    /// Reads the intent back. `None` when its counts make no sense (a damaged segment).
    #[must_use]
    pub fn read(&self) -> Option<Intent> {
        let base = self.base();
        let segment = self.segment;
        let get64 = |at: u64| segment.word64(base + at).load(Ordering::Acquire);
        let get32 = |at: u64| segment.word32(base + at).load(Ordering::Acquire);
        let counts = [76, 80, 84].map(|at| get32(at) as usize);
        let [rings, losses, sources] = counts;
        if rings > MAX_RINGS || losses > MAX_LOSSES || sources > MAX_SOURCES {
            return None;
        }
        let list = |from: usize, count: usize| -> Vec<(u32, u64)> {
            let at = |index: usize| LISTS + ENTRY * index as u64;
            (from..from + count).map(|i| (get32(at(i)), get64(at(i) + 8))).collect()
        };
        let mut levels = [0; 6];
        for (index, count) in levels.iter_mut().enumerate() {
            *count = get32(52 + 4 * index as u64);
        }
        Some(Intent {
            batch: get64(0),
            length: get64(16),
            crc: get32(24),
            lines: get32(28),
            least: get64(32).cast_signed(),
            greatest: get64(40).cast_signed(),
            day: get32(48),
            levels,
            rings: list(0, rings),
            losses: list(rings, losses),
            sources: list(rings + losses, sources),
        })
    }

    /// Says of which sessions numbers are about to be taken for the batch of this place. It stays there
    /// when the batch is filled in, and after: a session that is named without need does no harm.
    ///
    /// # Panics
    /// When there are more than [`MAX_SESSIONS`].
    pub fn note_sessions(&self, sessions: &[[u8; 16]]) {
        assert!(sessions.len() <= MAX_SESSIONS, "too many sessions in a batch");
        let base = self.base();
        for (index, key) in sessions.iter().enumerate() {
            self.segment.write(base + SESSIONS + ENTRY * index as u64, key);
        }
        let count = sessions.len() as u32;
        self.segment.word32(base + 88).store(count, Ordering::Release);
    }

    /// The sessions noted last in this place; none when their count makes no sense.
    #[must_use]
    pub fn sessions(&self) -> Vec<[u8; 16]> {
        let base = self.base();
        let count = self.segment.word32(base + 88).load(Ordering::Acquire) as usize;
        let count = if count > MAX_SESSIONS { 0 } else { count };
        let bytes = self.segment.read(base + SESSIONS, count * ENTRY as usize);
        bytes.as_chunks().0.to_vec()
    }

    /// The file chosen for the batch, 0 for none.
    #[must_use]
    pub fn file(&self) -> u64 {
        self.segment.word64(self.base() + 8).load(Ordering::Acquire)
    }

    /// Notes the file chosen for the batch.
    pub fn set_file(&self, file: u64) {
        self.segment.word64(self.base() + 8).store(file, Ordering::Release);
    }

    /// The first `length` staged bytes, or fewer when the buffer is smaller.
    #[must_use]
    pub fn bytes(&self, length: u64) -> &'a [u8] {
        let length = length.min(self.segment.areas.staging_capacity);
        self.segment.bytes(self.segment.areas.staging[self.which], length)
    }
}

const _: () = assert!(SESSIONS + ENTRY * MAX_SESSIONS as u64 <= crate::layout::INTENT_LENGTH);
