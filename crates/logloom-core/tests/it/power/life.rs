//! A process in an earlier start of the machine, as far as its files show it: rings on a disk that
//! are filled by the drawing in `docs/format-ring.md`, and the library's own batch step.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use logloom_core::writer::{BatchLimits, Step, Writer};
use logloom_record::dialect::loom::LoomOptions;
use logloom_record::wire::{self, Encoder, SiteReference};
use logloom_record::{Level, Record};
use logloom_ring::Segment;
use logloom_ring::clock::{ClockKind, ClockPair};
use logloom_ring::memory::SharedMemory;
use logloom_ring::ring::RingKind;
use logloom_ring::segment::{Identity, SegmentOptions};
use logloom_store::sys::{LinuxPlatform, Platform};
use logloom_store::{
    Append, AppendError, Committed, Directory, FileKey, NumberRange, NumbersWanted, Options, Redo,
    Segments, SessionKey, StoreError, WriterHandle, WriterIdentity,
};
use logloom_testkit::boot::OtherBoot;

use super::disk::{Disk, open};

/// The start of the machine in which the dead process ran.
const EARLIER_BOOT: [u8; 16] = [0xEA; 16];

pub(super) const RING_TABLE: u64 = 8192;
#[cfg(target_arch = "x86_64")]
pub(super) const SECOND_CLOCK_PAIR: u64 = 2048 + 24;
pub(super) const RING_BYTES: u64 = 16 << 10;
const CONFIG: &str = "service it\ninclude \ntime_digits 6\n";

/// A record as it was put into a ring.
pub(super) struct Put {
    pub(super) ring: u32,
    pub(super) start: u64,
    pub(super) bytes: Vec<u8>,
    /// Its number; `None` for a skip mark and for lines that have none.
    pub(super) number: Option<u64>,
}

pub(super) struct Life {
    pub(super) log: PathBuf,
    segment: &'static Segment,
    writer: Writer<'static>,
    file: File,
    pub(super) puts: Vec<Put>,
    pub(super) disk: Arc<Mutex<Disk>>,
    /// Ticks of the next record.
    pub(super) now: u64,
}

/// The log, with pages going to the device at any moment of a batch.
struct Watched {
    handle: WriterHandle,
    disk: Arc<Mutex<Disk>>,
}

impl Append for Watched {
    fn append(&self, redo: &dyn Redo, segments: &dyn Segments) -> Result<Committed, AppendError> {
        self.disk.lock().unwrap().write_back();
        let committed = self.handle.append(redo, segments);
        self.disk.lock().unwrap().write_back();
        committed
    }

    fn sync(&self, file: FileKey) -> Result<(), StoreError> {
        self.handle.sync(file)
    }

    fn reserve_numbers(&self, wanted: &NumbersWanted<'_>) -> Result<Vec<NumberRange>, StoreError> {
        self.handle.reserve_numbers(wanted)
    }

    fn return_numbers(&self, session: SessionKey, staged: u64) -> Result<(), StoreError> {
        self.handle.return_numbers(session, staged)
    }
}

impl Life {
    /// Starts with rings on the device, whole and empty.
    pub(super) fn begin(root: &Path, seed: u64, rings: u32, clock: ClockKind) -> Self {
        let log = root.join("log");
        let directory =
            Directory::open(&log, Options::default(), Arc::new(OtherBoot(EARLIER_BOOT))).unwrap();
        std::fs::create_dir_all(log.join(".logloom/ring")).unwrap();
        let path = log.join(".logloom/ring/earlier.llr");
        let segment = Box::leak(Box::new(create(&log, &path, clock)));
        segment.set_home(directory.store_id().unwrap(), &log).unwrap();
        note_clocks(segment);
        for _ in 0..rings {
            segment.add_ring(RingKind::Normal, RING_BYTES).unwrap();
        }
        let handle = directory.register(registered(segment)).unwrap();
        let disk = Arc::new(Mutex::new(Disk::new(&log, &path, seed)));
        let log_of_batches = Box::new(Watched { handle, disk: disk.clone() });
        let options = LoomOptions {
            service: "it".to_owned(),
            include_template: false,
            ..LoomOptions::default()
        };
        let limits = BatchLimits { bytes: 2048 };
        let writer = Writer::new(segment, log_of_batches, options, limits, Arc::default());
        let now = 1_800_000_000_000_000_000;
        Self { log, segment, writer, file: open(&path), puts: Vec::new(), disk, now }
    }

    fn word(&self, offset: u64) -> u64 {
        let mut bytes = [0; 8];
        self.file.read_exact_at(&mut bytes, offset).unwrap();
        u64::from_le_bytes(bytes)
    }

    /// Puts a record into a ring, if it has room.
    pub(super) fn put(
        &mut self,
        ring: u32,
        ticks: u64,
        message: &str,
        number: Option<u64>,
    ) -> bool {
        let record = Record::new(Level::Info, "it::power", message);
        let record = match number {
            Some(number) => record.with("number", number),
            None => record,
        };
        let mut bytes = Vec::new();
        let site = SiteReference::Inline;
        wire::encode_record(&record, site, ticks, &mut |_| 0, 4096, &mut bytes);
        let at = RING_TABLE + u64::from(ring) * 256;
        let (mut written, read) = (self.word(at), self.word(at + 64) & !(1 << 63));
        let rest = RING_BYTES - written % RING_BYTES;
        let skipped = if (bytes.len() as u64) > rest { rest } else { 0 };
        if written + skipped + bytes.len() as u64 - read > RING_BYTES {
            return false;
        }
        if skipped > 0 {
            let mut mark = vec![0; 16];
            wire::encode_lap_end(skipped as u32, &mut Encoder::new(&mut mark));
            mark.truncate(skipped.min(16) as usize);
            self.write(ring, written, mark, None);
            written += skipped;
        }
        let end = written + bytes.len() as u64;
        self.write(ring, written, bytes, number);
        self.file.write_all_at(&end.to_le_bytes(), at).unwrap();
        true
    }

    fn write(&mut self, ring: u32, start: u64, bytes: Vec<u8>, number: Option<u64>) {
        let data = self.word(RING_TABLE + u64::from(ring) * 256 + 128);
        self.file.write_all_at(&bytes, data + start % RING_BYTES).unwrap();
        self.puts.push(Put { ring, start, bytes, number });
    }

    /// One batch into the log; `false` when nothing waits.
    pub(super) fn step(&mut self) -> bool {
        self.writer.step(false).unwrap() != Step::Idle
    }

    /// The power is gone, and back. Gives the log directory.
    pub(super) fn lost(self) -> PathBuf {
        self.disk.lock().unwrap().restore();
        self.log
    }

    pub(super) fn clock(&self) -> ClockKind {
        self.segment.clock()
    }
}

fn create(log: &Path, path: &Path, clock: ClockKind) -> Segment {
    let options = SegmentOptions {
        path: path.to_owned(),
        log_dir: log.to_owned(),
        identity: Identity {
            uuid: LinuxPlatform.random(),
            boot_id: EARLIER_BOOT,
            pid: std::process::id(),
            pid_namespace: LinuxPlatform.pid_namespace(),
            start_time: 1,
        },
        config: CONFIG.to_owned(),
        total_bytes: 8 << 20,
        clock,
        dictionary: Vec::new(),
    };
    Segment::create(&SharedMemory, &options).unwrap()
}

/// Two clock pairs far enough apart for a rate, where one is needed.
fn note_clocks(segment: &Segment) {
    let first = ClockPair::read(segment.clock());
    let mut second = first;
    while segment.clock() == ClockKind::Cycles
        && second.nanoseconds - first.nanoseconds < 20_000_000
    {
        std::hint::spin_loop();
        second = ClockPair::read(segment.clock());
    }
    segment.note_clock(first);
    segment.note_clock(second);
}

fn registered(segment: &Segment) -> WriterIdentity {
    let own = segment.identity();
    WriterIdentity {
        uuid: own.uuid,
        boot_id: own.boot_id,
        pid: own.pid,
        start_time: own.start_time,
        pid_namespace: own.pid_namespace,
        segment_path: segment.path().to_string_lossy().into_owned(),
        segment_inode: segment.inode(),
    }
}
